//! Reports on a terminal: tables with right-aligned numbers, notes, nothing that moves a cursor.

use comfy_table::{Attribute, Cell as Field, CellAlignment, ContentArrangement, LineStyle, presets};
use folkmoot_methods::report::{Cell, Report, Severity, Table, Unit};

use crate::{number, text};

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
        let heading = Field::new(one_line(&column.label)).set_alignment(alignment(column.unit));
        if colour { heading.add_attribute(Attribute::Bold) } else { heading }
    }));
    for row in &table.rows {
        grid.add_row(row.iter().zip(&table.columns).map(|(cell, column)| {
            let field = Field::new(one_line(&number::cell(cell, column.unit))).set_alignment(alignment(column.unit));
            let is_unknown = matches!(cell, Cell::Null);
            if colour && is_unknown { field.add_attribute(Attribute::Dim) } else { field }
        }));
    }
    format!("{}\n{}\n", one_line(&text::visible(&table.title)), grid.trim_fmt())
}

/// The whole report: single figures, tables and notes.
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
        out.push_str(&table(one, width, colour));
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

fn alignment(unit: Unit) -> CellAlignment {
    match unit {
        Unit::None => CellAlignment::Left,
        _ => CellAlignment::Right,
    }
}

fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
