//! The tables a story is told from, found by the ids of their columns and not by method, so that a
//! plugin that answers the same question is shown the same way.

use folkmoot_methods::report::{Cell, Chart, ChartKind, Table};

use crate::model::{Page, ResultView};

/// Names of the column that tells segments apart.
const SEGMENT: [&str; 3] = ["segment", "category", "stratum"];

/// What rows over everybody are called in the column of segments.
const EVERYBODY: [&str; 3] = ["all", "everybody", "overall"];

/// Agreement with the spec's position for each item over everybody: columns `item` and `accord`, and
/// where the only such table tells segments apart, its rows over everybody.
pub(super) fn agreement(page: &Page) -> Option<Table> {
    let answers = |table: &&Table| table.column("item").is_some() && table.column("accord").is_some();
    let mut found: Vec<&Table> = tables(page).map(|(_, table)| table).filter(answers).collect();
    found.sort_by_key(|table| segment_column(table).is_some());
    let mut table = (*found.first()?).clone();
    if let Some(place) = segment_column(&table).and_then(|id| table.column(id)) {
        table.rows.retain(|row| match row.get(place) {
            Some(Cell::Null) => true,
            Some(cell) => cell.as_str().is_some_and(|name| EVERYBODY.contains(&name)),
            None => false,
        });
    }
    (!table.rows.is_empty()).then_some(table)
}

/// A comparison for each item and segment: columns `item`, a segment, and `delta` or `accord`.
pub(super) fn by_segment(page: &Page) -> Option<(&Table, &'static str, &'static str)> {
    ["delta", "accord"].into_iter().find_map(|value| {
        tables(page).map(|(_, table)| table).find_map(|table| {
            let segment = segment_column(table)?;
            (table.column("item").is_some() && table.column(value).is_some()).then_some((table, segment, value))
        })
    })
}

/// The first declared scatter plot and its table.
pub(super) fn map(page: &Page) -> Option<(&ResultView, &Chart, &Table)> {
    page.results.iter().find_map(|result| {
        let chart = result.report.charts.iter().find(|chart| chart.kind == ChartKind::Scatter)?;
        Some((result, chart, result.report.table(&chart.table)?))
    })
}

fn segment_column(table: &Table) -> Option<&'static str> {
    SEGMENT.into_iter().find(|id| table.column(id).is_some())
}

fn tables(page: &Page) -> impl Iterator<Item = (&ResultView, &Table)> {
    page.results.iter().flat_map(|result| result.report.tables.iter().map(move |table| (result, table)))
}
