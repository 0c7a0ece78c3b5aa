//! A result on its way to whoever asked for it.

use folkmoot_core::Fault;
use folkmoot_engine::RunResult;
use folkmoot_methods::report::{Note, Severity, Table};
use folkmoot_report::{terminal, text};

use crate::Format;
use crate::failure::Failure;
use crate::out::Session;

/// Prints a result, and what was noticed on the way to it.
pub(super) fn show(
    result: &RunResult,
    noticed: &[Note],
    table: Option<&str>,
    session: &mut Session<'_, '_>,
) -> Result<(), Failure> {
    let notes: Vec<&Note> = noticed.iter().chain(&result.notes).collect();
    match session.format() {
        Format::Json => {
            let mut value = serde_json::to_value(result).map_err(Fault::internal)?;
            value["notes"] = serde_json::to_value(&notes).map_err(Fault::internal)?;
            session.json(&value)
        }
        Format::Csv => {
            let table = choose(result, table, session)?;
            let all = notes.into_iter().chain(&result.report.notes);
            all.for_each(|note| session.say(note_words(note)));
            session.csv(table)
        }
        Format::Table => {
            let report = terminal::report(&result.report, session.width(), session.colour());
            session.print(&report)?;
            for note in notes {
                session.print(&format!("{}\n", note_words(note)))?;
            }
            Ok(())
        }
    }
}

fn choose<'r>(
    result: &'r RunResult,
    wanted: Option<&str>,
    session: &mut Session<'_, '_>,
) -> Result<&'r Table, Failure> {
    let tables = &result.report.tables;
    let ids = tables.iter().map(|table| table.id.as_str()).collect::<Vec<_>>().join(", ");
    let Some(wanted) = wanted else {
        let first = tables.first().ok_or_else(|| Failure::input("--format", "the report has no table"))?;
        if tables.len() > 1 {
            session.say(format!("printed the table {:?}; there are {ids}: choose with --table", first.id));
        }
        return Ok(first);
    };
    let message = || Failure::input("--table", format!("the report has no table {wanted:?}; it has {ids}"));
    result.report.table(wanted).ok_or_else(message)
}

fn note_words(note: &Note) -> String {
    let mark = match note.severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
    };
    format!("{mark}: {}", text::visible(&note.text))
}
