//! Shares that are too imprecise to be read, by the presentation standards for proportions of the US
//! National Center for Health Statistics: Parker, Talih, Malec et al. 2017, Vital and Health Statistics
//! 2(175).
//!
//! A share p with the interval from l to u is flagged where
//! * its base or its effective number of answers is below 30, or
//! * u - l is at least 0.30, or
//! * u - l is above 0.05 and the relative width (u - l) / p above 1.30.
//!
//! The standard is written for Korn-Graubard intervals at 95 % and has such figures left out, or reviewed by
//! hand. Here the interval is the one that stands in the table, at its own level, and the figure stays with
//! a note. Its rules for few degrees of freedom and for shares of 0 and 1 are not applied.

use folkmoot_methods::report::{Cell, Note, Table, Unit};

use super::sheet::{Hidden, Sheet};

/// Fewest answers, also effective ones.
const FEWEST: f64 = 30.0;
/// An interval so wide says too little.
const WIDEST: f64 = 0.30;
/// An interval up to this wide says enough, whatever the share.
const NARROW: f64 = 0.05;
/// Largest width in shares.
const RELATIVE: f64 = 1.30;
/// Most rows that a note names.
const NAMED: usize = 10;

/// The note that names the rows with imprecise shares, if there are any.
pub(super) fn note(tables: &[Table], sheets: &[Sheet]) -> Option<Note> {
    let rows: Vec<String> = tables.iter().zip(sheets).flat_map(|(table, sheet)| imprecise_rows(table, sheet)).collect();
    let more = match rows.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let words = format!(
        "shares of {} are imprecise (fewer than 30 answers or effective answers, or an interval 30 points wide, or \
         wider than 5 points and than 130 % of the share): {}{more}",
        super::count(rows.len(), "row", "rows"),
        rows[..rows.len().min(NAMED)].join("; ")
    );
    (!rows.is_empty()).then(|| Note::warning("imprecise", words))
}

/// The names of the rows that are told and have an imprecise share.
fn imprecise_rows(table: &Table, sheet: &Sheet) -> Vec<String> {
    let with_ends = |place: &usize| {
        let id = &table.columns[*place].id;
        let end = |which: &str| table.column(&format!("{id}_{which}"));
        Some([*place, end("low")?, end("high")?])
    };
    let shares = (0..table.columns.len()).filter(|&place| table.columns[place].unit == Unit::Share);
    let shares: Vec<[usize; 3]> = shares.filter_map(|place| with_ends(&place)).collect();
    let named = |row: &[Cell]| {
        let words: Vec<&str> = sheet.keys.iter().filter_map(|&key| row[key].as_str()).collect();
        format!("{} {}", table.id, words.join(" "))
    };
    let is_flagged = |row: &[Cell]| {
        let answers = ["n", "n_eff"].iter().filter_map(|id| table.cell(row, id)?.as_f64());
        let answers = answers.fold(f64::INFINITY, f64::min);
        shares.iter().any(|places| {
            let [share, low, high] = places.map(|place| row[place].as_f64());
            matches!((share, low, high), (Some(p), Some(l), Some(u)) if is_imprecise(p, u - l, answers))
        })
    };
    let told = table.rows.iter().zip(&sheet.hidden).filter(|(_, hidden)| **hidden == Hidden::Nothing);
    told.filter(|(row, _)| is_flagged(row)).map(|(row, _)| named(row)).collect()
}

/// Whether the share `p` from so many answers with an interval of this `width` is imprecise.
pub(super) fn is_imprecise(p: f64, width: f64, answers: f64) -> bool {
    answers < FEWEST || width >= WIDEST || (width > NARROW && width > RELATIVE * p)
}
