//! Bootstrap intervals: whole participants are drawn again and again, by weights that are Poisson
//! with mean 1 and come from a hash, so that no draw depends on the order of rows.
//!
//! [`draws`] and [`draw_all`] are the one place that says what a participant weighs in a replicate. Weights
//! that were made to meet targets are made again in each, from its draws.

use std::collections::HashMap;
use std::ops::Range;

use folkmoot_methods::Report;
use folkmoot_methods::replicated::{Draws, fill, outside, poisson};
use folkmoot_methods::report::{Cell, Column, Table};

/// How often `participant` is drawn in `replicate`; the same for all answers of the participant.
pub(crate) fn draws(seed: u64, replicate: u32, participant: u32) -> i64 {
    poisson(seed, replicate, participant).into()
}

/// The draws of `replicates` for each of so many participants, made on `threads` threads.
pub(crate) fn draw_all(seed: u64, replicates: &Range<u32>, participants: u32, threads: usize) -> Draws {
    let mut draws = Draws::none(participants, replicates.len());
    std::thread::scope(|scope| {
        for (first, lines) in draws.parts(threads) {
            scope.spawn(move || fill(seed, replicates.clone(), first, lines));
        }
    });
    draws
}

/// Adds `<id>_low` and `<id>_high` beside every estimate that has none, from the same rows of the
/// replicates: percentiles, over the replicates where the estimate is defined.
pub(crate) fn attach_intervals(report: &mut Report, replicates: &[Report]) {
    attach_with(report, |table, id| ends_of_reports(table, id, replicates));
}

/// Adds `<id>_low` and `<id>_high` beside every estimate that has none; `ends` gives those of the rows of
/// a table's column.
pub(crate) fn attach_with(report: &mut Report, ends: impl Fn(&Table, &str) -> Vec<Option<(f64, f64)>>) {
    for table in &mut report.tables {
        let estimates: Vec<String> = table.columns.iter().filter(|c| c.estimate).map(|c| c.id.clone()).collect();
        for id in estimates {
            if table.column(&format!("{id}_low")).is_none() {
                let ends = ends(table, &id);
                attach(table, &id, ends);
            }
        }
    }
}

fn ends_of_reports(table: &Table, id: &str, replicates: &[Report]) -> Vec<Option<(f64, f64)>> {
    let mut values: HashMap<Vec<String>, Vec<f64>> = HashMap::new();
    for replicate in replicates.iter().filter_map(|report| report.table(&table.id)) {
        for row in &replicate.rows {
            if let Some(value) = replicate.cell(row, id).and_then(Cell::as_f64) {
                values.entry(key(replicate, row)).or_default().push(value);
            }
        }
    }
    values.values_mut().for_each(|values| values.sort_by(f64::total_cmp));
    table.rows.iter().map(|row| values.get(&key(table, row)).map(|sorted| percentiles(sorted))).collect()
}

fn attach(table: &mut Table, id: &str, ends: Vec<Option<(f64, f64)>>) {
    let Some(place) = table.column(id) else { return };
    let column = table.columns[place].clone();
    for (row, ends) in table.rows.iter_mut().zip(ends) {
        row.insert(place + 1, ends.map(|ends| ends.0).into());
        row.insert(place + 2, ends.map(|ends| ends.1).into());
    }
    let end =
        |suffix, words| Column::new(&format!("{id}_{suffix}"), &format!("{}, {words}", column.label), column.unit);
    table.columns.insert(place + 1, end("low", "lower end"));
    table.columns.insert(place + 2, end("high", "upper end"));
}

/// What makes a row the same row in every replicate: its words.
pub(crate) fn key(table: &Table, row: &[Cell]) -> Vec<String> {
    let words = table.columns.iter().zip(row).filter(|(column, _)| !column.estimate);
    words.filter_map(|(_, cell)| cell.as_str()).map(str::to_owned).collect()
}

/// The ends of the middle of sorted values, by nearest rank.
fn percentiles(sorted: &[f64]) -> (f64, f64) {
    let last = sorted.len() - 1;
    let outside = outside(sorted.len()).min(last);
    (sorted[outside], sorted[last - outside])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_hold_the_middle() {
        let values: Vec<f64> = (0..200).map(f64::from).collect();
        assert_eq!(percentiles(&values), (5.0, 194.0));
        assert_eq!(percentiles(&[3.0]), (3.0, 3.0));
    }
}
