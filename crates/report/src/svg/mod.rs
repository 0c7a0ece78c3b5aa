//! Pictures of tables, drawn from what a report declares and nothing else. The classes inside are
//! coloured by [`STYLE`], in light and dark.

mod canvas;
mod heat;
mod hull;
mod rows;
mod scale;
mod scatter;

pub(crate) use scatter::is_map;

use folkmoot_methods::report::{Cell, Chart, ChartKind, Table, Unit};

use crate::{number, text};

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

/// Longest label, in characters.
const MAX_LABEL: usize = 200;

/// Beyond this, places in a picture could not be computed.
const LARGEST: f64 = 1e100;

/// What a picture says where it leaves something out.
fn not_drawn(hidden: usize, one: &str, more: &str) -> String {
    let number = number::grouped(i64::try_from(hidden).unwrap_or(i64::MAX));
    if hidden == 1 { format!("1 more {one} is not drawn") } else { format!("{number} more {more} are not drawn") }
}

/// The number of a cell, if it has one that can be drawn.
fn drawable(cell: &Cell) -> Option<f64> {
    cell.as_f64().filter(|x| x.abs() < LARGEST)
}

/// The words of a cell, cut short.
fn label(cell: &Cell, unit: Unit) -> String {
    text::short(&number::cell(cell, unit), MAX_LABEL)
}

fn draw(chart: &Chart, table: &Table, width: f64) -> Option<canvas::Canvas> {
    match chart.kind {
        ChartKind::Bar | ChartKind::DotInterval | ChartKind::DivergingBar => rows::draw(chart, table, width),
        ChartKind::HeatMap => heat::draw(chart, table, width),
        ChartKind::Scatter => scatter::draw(chart, table, width),
        // Not drawn yet: its table says it all.
        ChartKind::Flow => None,
    }
}
