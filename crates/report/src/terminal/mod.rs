//! Reports on a terminal: charts in characters, tables with right-aligned numbers, notes, nothing that
//! moves a cursor.

mod chart;

pub use chart::chart;

use comfy_table::{Attribute, Cell as Field, CellAlignment, ContentArrangement, LineStyle, presets};
use folkmoot_methods::report::{Cell, Column, Report, Severity, Table, Unit};
use unicode_width::UnicodeWidthStr;

use crate::{number, text};

/// Most rows of a report's table on a terminal.
const MAX_ROWS: usize = 200;

/// What a column takes beside its words.
const PADDING: usize = 2;

/// Words are broken over lines rather than left out, down to this width.
const NARROW_WORDS: usize = 8;

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

/// How many columns of the table stand side by side in `width` without breaking their numbers.
fn fitting(table: &Table, width: usize) -> usize {
    let needed = |(place, column): (usize, &Column)| {
        let cells = table.rows.iter().take(MAX_ROWS).filter_map(|row| row.get(place));
        let words = cells.map(|cell| number::cell(cell, column.unit).width());
        let widest = words.max().unwrap_or(0);
        PADDING + if column.unit == Unit::None { widest.min(NARROW_WORDS) } else { widest }
    };
    let mut used = 0;
    let fit = table.columns.iter().enumerate().take_while(|column| {
        used += needed(*column);
        used <= width
    });
    fit.count().max(1).min(table.columns.len())
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
