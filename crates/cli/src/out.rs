//! Where a verb's words go: data to one writer, talk to the other.

use std::io::{self, IsTerminal, Write};

use folkmoot_formats::export::neutralised;
use folkmoot_methods::report::{Cell, Column, Table, Unit};
use folkmoot_report::{number, terminal, text};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::failure::Failure;
use crate::machine::Machine;
use crate::{Format, Global};

/// The two writers, and what the eyes behind them can see.
pub struct Out<'a> {
    /// Data, and nothing else.
    pub stdout: &'a mut dyn Write,
    /// Talk: what was done, what was noticed, what went wrong.
    pub stderr: &'a mut dyn Write,
    /// Columns of the terminal; none where the data goes elsewhere.
    pub width: Option<usize>,
    /// Whether the data may be coloured.
    pub colour: bool,
    /// Whether progress is drawn, straight on the process's own stderr.
    pub progress: bool,
}

impl<'a> Out<'a> {
    /// Writers that are no terminal.
    pub fn plain(stdout: &'a mut dyn Write, stderr: &'a mut dyn Write) -> Self {
        Self { stdout, stderr, width: None, colour: false, progress: false }
    }

    /// The process's own streams, and whether they are a terminal.
    pub(crate) fn of_process(stdout: &'a mut dyn Write, stderr: &'a mut dyn Write) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        // An empty table knows the width of the terminal it would stand on.
        let width = comfy_table::Table::new().width().map(usize::from);
        Self { stdout, stderr, width, colour: is_terminal && !no_colour, progress: io::stderr().is_terminal() }
    }
}

/// One verb on its way: what every verb takes, and where its words go.
pub(crate) struct Session<'a, 'b> {
    pub(crate) global: &'a Global,
    pub(crate) machine: &'a Machine,
    out: &'a mut Out<'b>,
}

impl<'a, 'b> Session<'a, 'b> {
    pub(crate) fn new(global: &'a Global, machine: &'a Machine, out: &'a mut Out<'b>) -> Self {
        Self { global, machine, out }
    }

    pub(crate) fn format(&self) -> Format {
        self.global.format
    }

    pub(crate) fn colour(&self) -> bool {
        self.out.colour
    }

    pub(crate) fn width(&self) -> Option<usize> {
        self.out.width
    }

    /// Data: `table` for people and spreadsheets, `json` for programs.
    pub(crate) fn show(&mut self, table: &Table, json: &Value) -> Result<(), Failure> {
        match self.format() {
            Format::Table => {
                let words = terminal::table(table, self.out.width, self.out.colour);
                self.print(&words)
            }
            Format::Json => self.json(json),
            Format::Csv => self.csv(table),
        }
    }

    /// Data as it stands, with its line end.
    pub(crate) fn print(&mut self, words: &str) -> Result<(), Failure> {
        self.out.stdout.write_all(words.as_bytes()).map_err(Failure::stdout)
    }

    /// Lets readers see what was printed so far.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        self.out.stdout.flush().map_err(Failure::stdout)
    }

    /// One JSON value, indented.
    pub(crate) fn json(&mut self, value: &Value) -> Result<(), Failure> {
        // Written whole: a value cut in the middle would be no JSON.
        let words = format!("{value:#}\n");
        self.print(&words)
    }

    /// A table with its columns' ids as heading.
    pub(crate) fn csv(&mut self, table: &Table) -> Result<(), Failure> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let written = write_csv(&mut writer, table);
        let bytes = writer.into_inner().map_err(|error| Failure::stdout(error.into_error()))?;
        written.map_err(|error| Failure::stdout(error.into()))?;
        self.out.stdout.write_all(&bytes).map_err(Failure::stdout)
    }

    /// Talk. What cannot be said is no reason to stop.
    pub(crate) fn say(&mut self, words: impl AsRef<str>) {
        let _ = writeln!(self.out.stderr, "{}", text::visible(words.as_ref()));
    }

    /// A bar for work whose extent is known, `words` before it; nothing where nobody looks.
    pub(crate) fn bar(&self, words: &str) -> Bar {
        if !self.out.progress || self.global.quiet {
            return Bar(None);
        }
        let bar = ProgressBar::new(Bar::STEPS);
        if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:30} {percent}% {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(words.to_owned());
        Bar(Some(bar))
    }
}

/// Progress on a terminal, or nothing.
pub(crate) struct Bar(Option<ProgressBar>);

impl Bar {
    const STEPS: u64 = 1000;

    /// Shows how far the work is, from 0 to 1, and what is being done.
    pub(crate) fn set(&self, fraction: f64, words: impl Into<String>) {
        let Some(bar) = &self.0 else { return };
        bar.set_position((fraction.clamp(0.0, 1.0) * Self::STEPS as f64) as u64);
        bar.set_message(words.into());
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// A table of resources: `columns` are headings, their ids the same in small letters.
pub(crate) fn table(title: &str, columns: &[(&str, Unit)], rows: Vec<Vec<Cell>>) -> Table {
    let column = |(label, unit): &(&str, Unit)| Column {
        id: label.to_lowercase().replace([' ', '-'], "_"),
        label: (*label).to_owned(),
        unit: *unit,
        estimate: false,
    };
    let id = title.to_lowercase().replace(' ', "_");
    Table { id, title: title.to_owned(), columns: columns.iter().map(column).collect(), rows }
}

/// One resource, a row for each of its fields.
pub(crate) fn fields(title: &str, fields: Vec<(&str, Cell)>) -> Table {
    let rows = fields.into_iter().map(|(name, value)| vec![name.into(), value]).collect();
    table(title, &[("Field", Unit::None), ("Value", Unit::None)], rows)
}

fn write_csv(writer: &mut csv::Writer<Vec<u8>>, table: &Table) -> csv::Result<()> {
    writer.write_record(table.columns.iter().map(|column| &column.id))?;
    for row in &table.rows {
        writer.write_record(row.iter().map(plain))?;
    }
    Ok(())
}

/// A cell as programs read it. Words that a spreadsheet would take for a formula get a quote in front.
fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Suppressed(_) => number::SUPPRESSED.to_owned(),
        Cell::Bool(value) => value.to_string(),
        Cell::Int(value) => value.to_string(),
        Cell::Float(value) => value.to_string(),
        Cell::Text(words) => neutralised(words),
    }
}
