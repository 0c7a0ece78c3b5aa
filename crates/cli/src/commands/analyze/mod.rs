//! `folkmoot analyze`: a method over a file, offline, or over a sealed snapshot, on the server.

mod offline;
mod online;

use std::path::PathBuf;

use folkmoot_core::{Fault, View};
use folkmoot_engine::RunResult;
use folkmoot_methods::report::{Note, Severity, Table};
use folkmoot_report::{terminal, text};
use serde_json::Value;

use crate::Format;
use crate::commands::spec::OfSpec;
use crate::failure::{End, Failure};
use crate::out::Session;

pub(crate) use online::sealed;

/// What to analyse, and how.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  folkmoot analyze --method borda --responses responses.csv --items items.json
  folkmoot analyze --method agreement --responses r.csv --participants p.csv --by region --format json
  folkmoot analyze --method disagreement --round r1 --by age --replicates 1000

With --responses nothing leaves this machine; with --round or --snapshot the server runs it and keeps
the result. The same snapshot, method, parameters and seed give the same result anywhere.
The exit code is 3 where the method is undefined on the data.")]
#[command(group(clap::ArgGroup::new("data").required(true).args(["responses", "round", "snapshot"])))]
pub struct Analyze {
    /// Id of the method, or id@version: see `folkmoot methods list`.
    #[arg(long, value_name = "ID")]
    method: String,
    /// Responses: tidy CSV, JSON lines or Parquet, a PrefLib file, or the folder of a Polis export, of
    /// a collective-alignment release or of tidy files.
    #[arg(long, value_name = "PATH")]
    responses: Option<PathBuf>,
    /// Participants with their attributes, beside tidy responses.
    #[arg(long, value_name = "FILE", requires = "responses")]
    participants: Option<PathBuf>,
    /// Items, beside tidy responses; inferred where absent.
    #[arg(long, value_name = "FILE", requires = "responses")]
    items: Option<PathBuf>,
    /// Shares of the population; weighting to them is not there yet, and says so.
    #[arg(long, hide = true, value_name = "FILE", requires = "responses")]
    targets: Option<PathBuf>,
    /// Leave out participants with a row that cannot be kept, rather than refuse the file.
    #[arg(long, requires = "responses")]
    keep_good: bool,
    /// The newest snapshot of this round, on the server.
    #[arg(long, value_name = "ID")]
    round: Option<String>,
    /// This snapshot, on the server: rounds/R/snapshots/HASH.
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,
    /// Revision whose positions are compared with; on the server. The round's own where absent.
    #[arg(long, value_name = "REVISION", conflicts_with = "responses")]
    positions_of: Option<String>,
    #[command(flatten)]
    of: OfSpec,
    /// Parameters of the method as a JSON object, or @FILE: see `folkmoot methods describe`.
    #[arg(long, value_name = "JSON")]
    params: Option<String>,
    /// Attribute whose values make the segments.
    #[arg(long, value_name = "ATTRIBUTE")]
    by: Option<String>,
    /// The only randomness.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Whose eyes the answers take.
    #[arg(long, value_enum, default_value_t = WhoseEyes::Personal)]
    view: WhoseEyes,
    /// Bootstrap replicates behind the intervals; none where 0.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=10_000))]
    replicates: u32,
    /// Only this item; may be given again.
    #[arg(long, value_name = "ID")]
    item: Vec<String>,
    /// Which table of the report `--format csv` prints; the first where absent.
    #[arg(long, value_name = "ID")]
    table: Option<String>,
}

/// Whose eyes an answer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum WhoseEyes {
    /// The participant's own.
    Personal,
    /// What the participant thinks best for the world.
    World,
}

impl From<WhoseEyes> for View {
    fn from(eyes: WhoseEyes) -> Self {
        match eyes {
            WhoseEyes::Personal => Self::Personal,
            WhoseEyes::World => Self::World,
        }
    }
}

pub(crate) fn run(analyze: &Analyze, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    if analyze.targets.is_some() {
        return Err(Failure::input("--targets", "weighting to targets is not there yet"));
    }
    match &analyze.responses {
        Some(responses) => offline::run(analyze, responses, session)?,
        None => online::run(analyze, session)?,
    }
    Ok(End::Done)
}

/// Prints a result, and what was noticed on the way to it.
fn show(
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

/// The result as it was stored.
fn read(json: &str) -> Result<RunResult, Fault> {
    let value: Value = serde_json::from_str(json).map_err(Fault::internal)?;
    serde_json::from_value(value).map_err(Fault::internal)
}
