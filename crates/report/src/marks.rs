//! The rows of a table that a chart draws as marks, whatever they are drawn on.

use std::borrow::Cow;
use std::collections::HashMap;

use folkmoot_methods::report::{Cell, Chart, ChartKind, Table, Unit};

use crate::{number, text};

/// Longest label, in characters.
const MAX_LABEL: usize = 200;

/// Beyond this, places in a picture could not be computed.
const LARGEST: f64 = 1e100;

/// A mark with its label.
pub(crate) struct Row {
    pub(crate) label: String,
    pub(crate) value: Option<f64>,
    pub(crate) interval: Option<(f64, f64)>,
    pub(crate) group: Option<String>,
}

/// How a mark stands to the reference: clearly on one side, or neither.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Side {
    Above,
    Below,
    Unclear,
}

/// The number of a cell, if it has one that can be drawn.
pub(crate) fn drawable(cell: &Cell) -> Option<f64> {
    cell.as_f64().filter(|x| x.abs() < LARGEST)
}

/// The words of a cell, cut short.
pub(crate) fn label(cell: &Cell, unit: Unit) -> String {
    text::short(&number::cell(cell, unit), MAX_LABEL)
}

/// The segment and the item of a row, where they are columns beside `others`: what a picture of one thing
/// only is drawn for again and again.
pub(crate) fn facet(table: &Table, row: &[Cell], others: &[usize]) -> String {
    let columns = ["segment", "item"].into_iter().filter_map(|id| table.column(id));
    let names = columns.filter(|column| !others.contains(column)).filter_map(|column| row.get(column));
    names.map(|cell| label(cell, Unit::None)).collect::<Vec<_>>().join(" · ")
}

/// The rows of which the chart may tell all it draws, and how many others there are.
pub(crate) fn told<'a>(chart: &Chart, table: &'a Table) -> (Cow<'a, Table>, usize) {
    let drawn = [Some(&chart.x), Some(&chart.y), chart.group.as_ref(), chart.value.as_ref()];
    let drawn: Vec<usize> = drawn.into_iter().flatten().filter_map(|id| table.column(id)).collect();
    let is_told = |row: &&Vec<Cell>| !drawn.iter().any(|&column| matches!(row.get(column), Some(Cell::Suppressed(_))));
    let untold = table.rows.iter().filter(|row| !is_told(row)).count();
    if untold == 0 {
        return (Cow::Borrowed(table), 0);
    }
    let rows = table.rows.iter().filter(is_told).cloned().collect();
    (
        Cow::Owned(Table { id: table.id.clone(), title: table.title.clone(), columns: table.columns.clone(), rows }),
        untold,
    )
}

/// The words for rows that are not [`told`].
pub(crate) const UNTOLD: (&str, &str) = ("suppressed row", "suppressed rows");

/// What a picture says where it leaves something out.
pub(crate) fn not_drawn(hidden: usize, one: &str, more: &str) -> String {
    let number = number::grouped(i64::try_from(hidden).unwrap_or(i64::MAX));
    if hidden == 1 { format!("1 more {one} is not drawn") } else { format!("{number} more {more} are not drawn") }
}

/// The rows, those of one group together in the order groups first appear.
pub(crate) fn read(chart: &Chart, table: &Table) -> Option<Vec<Row>> {
    let value = table.column(&chart.x)?;
    let name = table.column(&chart.y)?;
    let end = |which: &str| table.column(&format!("{}_{which}", chart.x)).or_else(|| own_interval(chart, table, which));
    let (low, high) = (end("low"), end("high"));
    let group = chart.group.as_deref().and_then(|id| table.column(id));
    // Rows of several segments look alike where the chart is not grouped by them.
    let segment = table.column("segment").filter(|column| Some(*column) != group && *column != name);
    let number = |row: &[Cell], column: Option<usize>| row.get(column?).and_then(drawable);
    let words = |row: &[Cell], column: usize| {
        row.get(column).map(|cell| label(cell, table.columns[column].unit)).unwrap_or_default()
    };
    let mut rows: Vec<Row> = table
        .rows
        .iter()
        .map(|row| Row {
            label: match segment {
                Some(segment) => format!("{} · {}", words(row, name), words(row, segment)),
                None => words(row, name),
            },
            value: number(row, Some(value)),
            interval: number(row, low).zip(number(row, high)).filter(|(low, high)| low <= high),
            group: group.map(|column| words(row, column)),
        })
        .collect();
    let mut groups: HashMap<String, usize> = HashMap::new();
    for name in rows.iter().filter_map(|row| row.group.as_ref()) {
        let next = groups.len();
        groups.entry(name.clone()).or_insert(next);
    }
    if groups.len() < 2 || groups.len() == rows.len() {
        if groups.len() == rows.len() && groups.len() > 1 {
            for row in &mut rows {
                let group = row.group.take().unwrap_or_default();
                if group != row.label {
                    row.label = format!("{} · {group}", row.label);
                }
            }
        }
        for row in &mut rows {
            row.group = None;
        }
    }
    rows.sort_by_key(|row| row.group.as_ref().and_then(|name| groups.get(name)));
    Some(rows)
}

/// The column `low` or `high` of a table with one interval only, that of the value drawn.
fn own_interval(chart: &Chart, table: &Table, which: &str) -> Option<usize> {
    let place = table.column(which).filter(|_| chart.kind == ChartKind::DotInterval)?;
    let value = table.column(&chart.x)?;
    (table.columns[place].unit == table.columns[value].unit).then_some(place)
}

/// The middle that a reader compares with: nothing for differences, half for shares. Shares whose
/// intervals alone go below nothing may be either.
pub(crate) fn reference(kind: ChartKind, unit: Unit, low: f64, has_negative: bool) -> Option<f64> {
    match (kind, unit) {
        (ChartKind::Bar, _) => None,
        (_, Unit::Correlation) => Some(0.0),
        (ChartKind::DotInterval, Unit::Share) if low < 0.0 && !has_negative => None,
        (_, Unit::Share) => Some(if low < 0.0 { 0.0 } else { 0.5 }),
        (ChartKind::DivergingBar, _) => Some(0.0),
        _ => None,
    }
}

/// What a mark on each side of the reference says, of the sides there are.
pub(crate) fn sides(rows: &[Row], reference: f64, unit: Unit) -> Vec<(Side, String)> {
    let middle = number::number(reference, unit);
    let has = |which: Side| rows.iter().any(|row| row.value.is_some() && side(row, Some(reference)) == which);
    let all = [
        (Side::Below, format!("clearly below {middle}")),
        (Side::Unclear, "not clear either way".to_owned()),
        (Side::Above, format!("clearly above {middle}")),
    ];
    all.into_iter().filter(|(which, _)| has(*which)).collect()
}

pub(crate) fn side(row: &Row, reference: Option<f64>) -> Side {
    match (reference, row.interval, row.value) {
        (None, ..) => Side::Above,
        (Some(middle), Some((low, _)), _) if low > middle => Side::Above,
        (Some(middle), Some((_, high)), _) if high < middle => Side::Below,
        (Some(_), Some(_), _) => Side::Unclear,
        (Some(middle), None, Some(value)) if value < middle => Side::Below,
        _ => Side::Above,
    }
}
