//! Pictures of tables, drawn from what a report declares and nothing else. The classes inside are
//! coloured by [`STYLE`], in light and dark.

mod canvas;
pub(crate) mod flow;
pub(crate) mod heat;
mod hull;
mod rows;
pub(crate) mod scatter;

pub(crate) use scatter::is_map;

use folkmoot_methods::report::{Chart, ChartKind, Table};

use crate::marks::{UNTOLD, told};

/// The style sheet that a page with charts includes once.
pub const STYLE: &str = include_str!("style.css");

/// Width in CSS pixels of a chart in a column of text.
pub const WIDE: f64 = 760.0;

/// Width in CSS pixels of a chart on a phone.
pub const NARROW: f64 = 340.0;

/// The chart as an `<svg>` element for a page that includes [`STYLE`]; none where the table lacks
/// the columns or has no number to draw.
pub fn chart(chart: &Chart, table: &Table) -> Option<String> {
    draw(chart, table, WIDE).map(|canvas| canvas.finish(None))
}

/// The [`chart`] drawn for a phone: the same picture, labels above their rows.
pub fn narrow_chart(chart: &Chart, table: &Table) -> Option<String> {
    draw(chart, table, NARROW).map(|canvas| canvas.finish(None))
}

/// The [`chart`] as a file of its own, [`STYLE`] inside.
pub fn file(chart: &Chart, table: &Table) -> Option<String> {
    draw(chart, table, WIDE).map(|canvas| canvas.finish(Some(STYLE)))
}

fn draw(chart: &Chart, table: &Table, width: f64) -> Option<canvas::Canvas> {
    let (table, untold) = told(chart, table);
    let mut canvas = match chart.kind {
        ChartKind::Bar | ChartKind::DotInterval | ChartKind::DivergingBar => rows::draw(chart, &table, width),
        ChartKind::HeatMap => heat::draw(chart, &table, width),
        ChartKind::Scatter => scatter::draw(chart, &table, width),
        ChartKind::Flow => flow::draw(chart, &table, width),
    }?;
    canvas.leave_out(untold, UNTOLD);
    Some(canvas)
}
