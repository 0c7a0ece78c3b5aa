//! Reports on a terminal: charts in characters, tables with right-aligned numbers, notes, nothing that
//! moves a cursor.

mod chart;

pub use chart::chart;

use comfy_table::{
    Attribute, Cell as Field, CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Width, presets,
};
use folkmoot_methods::report::{Cell, Report, Severity, Table, Unit};
use unicode_width::UnicodeWidthStr;

use crate::{number, text};

/// Most rows of a report's table on a terminal.
const MAX_ROWS: usize = 200;

/// What a column takes beside its words.
const PADDING: usize = 2;

/// What stands between two columns.
const BETWEEN: usize = 1;

/// Longer words are broken rather than a column left out.
const LONGEST_WORD: usize = 24;

/// The table as lines of text, at most `width` columns wide where one is given. Colour means bold
/// headings and dimmed unknowns, by ANSI sequences; without it the text is plain.
pub fn table(table: &Table, width: Option<usize>, colour: bool) -> String {
    let mut grid = comfy_table::Table::new();
    grid.load_style(presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    if colour {
        grid.enforce_styling();
    } else {
        grid.force_no_tty();
    }
    if let Some(width) = width {
        grid.set_content_arrangement(ContentArrangement::Dynamic);
        grid.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    }
    grid.set_header(table.columns.iter().map(|column| {
        let heading = Field::new(one_line(&text::visible(&column.label))).set_alignment(alignment(column.unit));
        if colour { heading.add_attribute(Attribute::Bold) } else { heading }
    }));
    for row in &table.rows {
        grid.add_row(row.iter().zip(&table.columns).map(|(cell, column)| {
            let field = Field::new(one_line(&number::cell(cell, column.unit))).set_alignment(alignment(column.unit));
            let is_unknown = matches!(cell, Cell::Null | Cell::Suppressed(_));
            if colour && is_unknown { field.add_attribute(Attribute::Dim) } else { field }
        }));
    }
    if let Some(width) = width {
        keep_words(&mut grid, table, width);
    }
    format!("{}\n{}\n", one_line(&text::visible(&table.title)), grid.trim_fmt())
}

/// The whole report: single figures, tables and notes; on a terminal, charts above their tables and the
/// start of very large ones.
pub fn report(report: &Report, width: Option<usize>, colour: bool) -> String {
    let mut out = String::new();
    for scalar in &report.scalars {
        let label = one_line(&text::visible(&scalar.label));
        out.push_str(&format!("{label}: {}\n", one_line(&number::cell(&scalar.value, scalar.unit))));
    }
    for one in &report.tables {
        if !out.is_empty() {
            out.push('\n');
        }
        let charts = report.charts.iter().filter(|declared| declared.table == one.id);
        for drawn in charts.filter_map(|declared| chart(declared, one, width?)) {
            out.push_str(&format!("{drawn}\n"));
        }
        out.push_str(&match width {
            _ if one.rows.is_empty() => format!("{}: no rows\n", one_line(&text::visible(&one.title))),
            None => table(one, width, colour),
            Some(width) => start_of(one, width, colour),
        });
    }
    for note in &report.notes {
        let mark = match note.severity {
            Severity::Info => "note",
            Severity::Warning => "warning",
        };
        out.push_str(&format!("{mark}: {}\n", one_line(&text::visible(&note.text))));
    }
    out
}

/// As much of the table as people read on a terminal, and how much more there is.
fn start_of(whole: &Table, width: usize, colour: bool) -> String {
    let (rows, columns) = (whole.rows.len().min(MAX_ROWS), fitting(whole, width));
    let mut shown = Table { columns: whole.columns[..columns].to_vec(), rows: Vec::new(), ..whole.clone() };
    shown.rows = whole.rows[..rows].iter().map(|row| row.iter().take(columns).cloned().collect()).collect();
    let left_out = [(rows, whole.rows.len(), "rows"), (columns, whole.columns.len(), "columns")]
        .into_iter()
        .filter(|(shown, all, _)| shown < all)
        .map(|(shown, all, what)| {
            format!("{shown} of {} {what}", number::grouped(i64::try_from(all).unwrap_or(i64::MAX)))
        });
    let left_out: Vec<String> = left_out.collect();
    let words = match left_out.is_empty() {
        true => String::new(),
        false => format!("the first {}; --format json gives all of them\n", left_out.join(" and ")),
    };
    table(&shown, Some(width), colour) + &words
}

/// How many columns of the table stand side by side in `width` without breaking their numbers and words.
fn fitting(table: &Table, width: usize) -> usize {
    let mut used = 0;
    let fit = (0..table.columns.len()).take_while(|&place| {
        used += needed(table, place) + usize::from(place > 0) * BETWEEN;
        used <= width
    });
    fit.count().max(1).min(table.columns.len())
}

/// How wide a column must be: a number is never broken, and of words only very long ones.
fn needed(table: &Table, place: usize) -> usize {
    let longest_word = |text: &str| text.split_whitespace().map(UnicodeWidthStr::width).max().unwrap_or(0);
    let column = &table.columns[place];
    let heading = longest_word(&text::visible(&column.label)).min(LONGEST_WORD);
    let cells = table.rows.iter().take(MAX_ROWS).filter_map(|row| row.get(place));
    let widths = cells.map(|cell| match (number::cell(cell, column.unit), column.unit) {
        (words, Unit::None) => longest_word(&words).min(LONGEST_WORD),
        (number, _) => number.width(),
    });
    PADDING + widths.fold(heading, usize::max)
}

/// Lines break between words where the columns leave room for that: what they do not need they share out, one
/// after the other, to those whose cells have more on a line.
fn keep_words(grid: &mut comfy_table::Table, table: &Table, width: usize) {
    let mut widths: Vec<usize> = (0..table.columns.len()).map(|place| needed(table, place)).collect();
    let gaps = table.columns.len().saturating_sub(1) * BETWEEN;
    let Some(mut left) = width.checked_sub(widths.iter().sum::<usize>() + gaps) else { return };
    let whole: Vec<usize> = (0..table.columns.len()).map(|place| whole(table, place)).collect();
    while left > 0 && widths.iter().zip(&whole).any(|(width, whole)| width < whole) {
        for (width, whole) in widths.iter_mut().zip(&whole) {
            let more = usize::from(*width < *whole && left > 0);
            *width += more;
            left -= more;
        }
    }
    let fixed = |width: usize| Width::Fixed(u16::try_from(width).unwrap_or(u16::MAX));
    grid.set_constraints(widths.into_iter().map(|width| ColumnConstraint::Absolute(fixed(width))));
}

/// How wide a column is on whose lines nothing is broken.
fn whole(table: &Table, place: usize) -> usize {
    let column = &table.columns[place];
    let cells = table.rows.iter().take(MAX_ROWS).filter_map(|row| row.get(place));
    let widths = cells.map(|cell| one_line(&number::cell(cell, column.unit)).width());
    PADDING + widths.fold(one_line(&text::visible(&column.label)).width(), usize::max)
}

fn alignment(unit: Unit) -> CellAlignment {
    match unit {
        Unit::None => CellAlignment::Left,
        _ => CellAlignment::Right,
    }
}

fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
