//! The tables a story is told from, found by the ids of their columns and not by method, so that a
//! plugin that answers the same question is shown the same way.

use folkmoot_methods::report::{Cell, Chart, Table};

use crate::{
    model::{Page, ResultView},
    svg,
};

/// Names of the column that tells segments apart.
const SEGMENT: [&str; 3] = ["segment", "category", "stratum"];

/// What rows over everybody are called in the column of segments.
const EVERYBODY: [&str; 3] = ["all", "everybody", "overall"];

/// Agreement with the spec's position for each item over everybody: columns `item` and `accord`, and
/// where the only such table tells segments apart, its rows over everybody.
pub(super) fn agreement(page: &Page) -> Option<Table> {
    let mut found: Vec<&Table> = tables(page).map(|(_, table)| table).filter(|table| has_accord(table)).collect();
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
    ["delta", "accord"]
        .into_iter()
        .find_map(|value| tables(page).find_map(|(_, table)| Some((table, compared(table, value)?, value))))
}

fn has_accord(table: &Table) -> bool {
    table.column("item").is_some() && table.column("accord").is_some()
}

/// The column of segments, where the table has `value` for each item and segment.
fn compared(table: &Table, value: &str) -> Option<&'static str> {
    let segment = segment_column(table)?;
    (table.column("item").is_some() && table.column(value).is_some()).then_some(segment)
}

/// Whether a section of its own tells what the result found out.
pub(super) fn is_told(result: &ResultView) -> bool {
    let report = &result.report;
    let mapped = |chart: &Chart| report.table(&chart.table).is_some_and(|table| svg::is_map(chart, table));
    report.tables.iter().any(|table| has_accord(table) || compared(table, "delta").is_some())
        || report.charts.iter().any(mapped)
}

/// The first declared map of people and its table.
pub(super) fn map(page: &Page) -> Option<(&ResultView, &Chart, &Table)> {
    page.results.iter().find_map(|result| {
        let mut drawn =
            result.report.charts.iter().filter_map(|chart| Some((chart, result.report.table(&chart.table)?)));
        drawn.find(|(chart, table)| svg::is_map(chart, table)).map(|(chart, table)| (result, chart, table))
    })
}

fn segment_column(table: &Table) -> Option<&'static str> {
    SEGMENT.into_iter().find(|id| table.column(id).is_some())
}

fn tables(page: &Page) -> impl Iterator<Item = (&ResultView, &Table)> {
    page.results.iter().flat_map(|result| result.report.tables.iter().map(move |table| (result, table)))
}
