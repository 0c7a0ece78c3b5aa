//! The table of how often each number was given.

use crate::contract::ItemInfo;
use crate::fold::Histogram;
use crate::report::{Chart, ChartKind, Column, Note, Report, Table, Unit};
use crate::stats::{people, ratio};

/// A scale from 0 to 100 has as many; numbers that differ more are measurements, which a table of
/// single numbers does not show.
const MOST_VALUES: usize = 101;

/// Adds the table `values` with its chart, and a note of the items that it leaves out.
pub(super) fn add_values(report: &mut Report, items: &[ItemInfo], histograms: &[Histogram]) {
    let mut rows = Vec::new();
    let mut cut = Vec::new();
    for histogram in histograms {
        let id = items[histogram.item].id.as_str();
        if histogram.values.len() > MOST_VALUES {
            cut.push(id);
            continue;
        }
        let total = histogram.total().weight;
        rows.extend(histogram.values.iter().map(|(value, count)| {
            vec![
                id.into(),
                (*value).into(),
                (count.rows as i64).into(),
                people(count.weight).into(),
                ratio(count.weight, total).into(),
            ]
        }));
    }
    report.tables.push(Table {
        id: "values".into(),
        title: "How often each number was given".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("value", "Number", Unit::Score),
            Column::new("count", "Gave it", Unit::Count),
            Column::new("weight", "Gave it, weighted", Unit::Weight),
            Column::new("share", "Share", Unit::Share),
        ],
        rows,
    });
    report.charts.push(Chart {
        id: "values".into(),
        title: "How often each number was given".into(),
        kind: ChartKind::Bar,
        table: "values".into(),
        x: "share".into(),
        y: "value".into(),
        group: Some("item".into()),
        value: None,
    });
    if !cut.is_empty() {
        let words = format!("the table of numbers leaves out {}: over {MOST_VALUES} different ones", cut.join(", "));
        report.notes.push(Note::info("values_cut", words));
    }
}
