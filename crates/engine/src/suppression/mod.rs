//! Small cells: what rests on few answers is not told, nor what would give it away.
//!
//! [`suppress`] takes a finished report and reads what it needs off the tables themselves, so that plugins
//! are treated as built-in methods are: the base `n` of a row and the `count` of its answer (see
//! [`Column`](folkmoot_methods::report::Column)).
//!
//! * A row whose base is from 1 to below the threshold loses everything but its name. A base of 0 says
//!   that nobody answered, and stays.
//! * A count below the threshold loses itself and its weight, share and estimates; so does the count of an
//!   answer that nobody gave, where enough were asked.
//! * Where rows add up to something that is told, those that are not told must be two at least and together
//!   reach the threshold: else the next smallest goes too (complementary suppression, for each sum by
//!   itself; see [`lines`]).
//! * A table without bases goes by those of another table that names its rows, and keeps nothing but that
//!   name, since its rows alone may tell what was found. Single figures go where nobody's base is enough.
//!
//! Sums of more than one line at once, and a mean beside the distribution it is the mean of, are not
//! looked into.

mod imprecise;
mod lines;
mod sheet;
#[cfg(test)]
mod tests;

use folkmoot_methods::Report;
use folkmoot_methods::report::{Cell, Note, Scalar, Table, Unit};

use crate::segments::ALL;
use lines::Lines;
use sheet::{Hidden, Sheet};

/// The smallest base and count that a public table tells.
pub const PUBLIC_THRESHOLD: u32 = 10;

/// Suppresses the cells of `report` that rest on fewer than `threshold` answers and those that would give
/// them away, and flags shares that are not precise enough to be read. A threshold of 0 leaves the report
/// as it is.
pub(crate) fn suppress(report: &mut Report, threshold: u32) {
    if threshold == 0 {
        return;
    }
    let threshold = i64::from(threshold);
    let mut sheets = sheet::read(&report.tables);
    let largest = sheets.iter().flat_map(Sheet::bases).max();
    let lines = Lines::of(&report.tables, &report.scalars, &sheets);
    let few = sheets.iter_mut().map(|sheet| sheet.hide_few(threshold)).sum::<usize>();
    lines.settle(&mut sheets, threshold);
    let all: usize = sheets.iter().map(Sheet::hidden_rows).sum();
    let imprecise = imprecise::note(&report.tables, &sheets);

    let mut cells = 0;
    for (table, sheet) in report.tables.iter_mut().zip(&sheets) {
        cells += sheet.blank(table);
    }
    if largest.is_some_and(|largest| largest < threshold) {
        cells += blank_scalars(&mut report.scalars);
    }
    drop_notes_of_hidden_segments(report, &sheets);
    report.notes.extend(imprecise);
    report.notes.extend(note(threshold, cells, few, all - few));
    if largest.is_none() {
        let words = "no table says how many answers stand behind its figures, so that nothing is suppressed";
        report.notes.push(Note::warning("base_unknown", words));
    }
}

fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn note(threshold: i64, cells: usize, few: usize, more: usize) -> Option<Note> {
    let complement = match more {
        0 => String::new(),
        more => {
            let verb = if more == 1 { "goes" } else { "go" };
            format!("; {} {verb} with them, which would give them away", count(more, "further row", "further rows"))
        }
    };
    let words = format!(
        "{} suppressed: {} on fewer than {threshold} answers{complement}",
        count(cells, "cell is", "cells are"),
        count(few, "row rests", "rows rest"),
    );
    (cells > 0).then(|| Note::info("suppressed", words))
}

fn blank_scalars(scalars: &mut [Scalar]) -> usize {
    scalars.iter_mut().for_each(|scalar| scalar.value = Cell::SUPPRESSED);
    scalars.len()
}

/// The notes of a segment speak of its figures in words.
fn drop_notes_of_hidden_segments(report: &mut Report, sheets: &[Sheet]) {
    let mut told: Vec<(&str, bool)> = Vec::new();
    for (table, sheet) in report.tables.iter().zip(sheets) {
        let Some(segment) = table.column("segment").filter(|_| sheet.base.is_some()) else { continue };
        for (row, hidden) in table.rows.iter().zip(&sheet.hidden) {
            let Some(label) = row[segment].as_str().filter(|label| *label != ALL) else { continue };
            let is_told = *hidden < Hidden::Row;
            match told.iter_mut().find(|(known, _)| *known == label) {
                Some((_, any)) => *any |= is_told,
                None => told.push((label, is_told)),
            }
        }
    }
    let hidden: Vec<String> = told.into_iter().filter(|(_, any)| !any).map(|(label, _)| format!("{label}: ")).collect();
    report.notes.retain(|note| !hidden.iter().any(|prefix| note.text.starts_with(prefix)));
}

/// Whether what a column says goes with a count that is not told.
fn says_the_count(table: &Table, column: usize) -> bool {
    let column = &table.columns[column];
    column.estimate || matches!(column.unit, Unit::Weight | Unit::Share)
}
