//! The tables a story is told from, found by the ids of their columns and not by method, so that a
//! plugin that answers the same question is shown the same way.

use folkmoot_methods::report::{Chart, ChartKind, Table};

use crate::model::{Page, ResultView};

/// Names of the column that tells segments apart.
const SEGMENT: [&str; 3] = ["segment", "category", "stratum"];

/// Agreement with the spec's position for each item: columns `item` and `accord`.
pub(super) fn agreement(page: &Page) -> Option<&Table> {
    tables(page).map(|(_, table)| table).find(|table| {
        table.column("item").is_some() && table.column("accord").is_some() && segment_column(table).is_none()
    })
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
