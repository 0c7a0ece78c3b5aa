//! `folkmoot analyze`: a method over a file, offline, or over a sealed snapshot, on the server.

mod drawn;
mod offline;
mod online;
mod options;
mod show;

use std::path::PathBuf;

use crate::commands::spec::OfSpec;
use crate::failure::{End, Failure};
use crate::out::Session;
use crate::plugins::Methods;

pub(crate) use offline::{freeze, over_files};
pub(crate) use online::sealed;
pub(crate) use options::{Files, How};

/// What to analyse, and how.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  folkmoot analyze --method borda --responses responses.csv --items items.json
  folkmoot analyze --method agreement --responses r.csv --participants p.csv --by region --format json
  folkmoot analyze --method turnout --plugin turnout.wasm --responses responses.csv
  folkmoot analyze --method disagreement --round r1 --by age --replicates 1000
  folkmoot analyze --method borda --round r1 --replicates jkn --strata region --clusters village

With --responses nothing leaves this machine; with --round or --snapshot the server runs it and keeps
the result. The same snapshot, method, parameters and seed give the same result anywhere.
The exit code is 3 where the method is undefined on the data, and 1 where a plugin breaks off or
reaches a limit.")]
#[command(group(clap::ArgGroup::new("data").required(true).args(["responses", "round", "snapshot"])))]
#[command(group(clap::ArgGroup::new("here").multiple(true).conflicts_with_all(["round", "snapshot"])
    .args(["plugin", "participants", "items", "keep_good", "threads", "limits"])))]
pub struct Analyze {
    /// Id of the method, or id@version: see `folkmoot methods list`. A plugin also by its hash.
    #[arg(long, value_name = "ID")]
    method: String,
    /// A plugin that --method may name, beside the built-in methods; may be given again.
    #[arg(long, value_name = "FILE")]
    plugin: Vec<PathBuf>,
    #[command(flatten)]
    files: Files,
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
    #[command(flatten)]
    how: How,
}

pub(crate) fn run(analyze: &Analyze, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    if analyze.files.responses.is_none() {
        online::run(analyze, session)?;
        return Ok(End::Done);
    }
    let methods = Methods::with(&analyze.plugin, &analyze.files.limits, session)?;
    over_files(methods.get(&analyze.method)?, &analyze.files, &analyze.how, session)?;
    Ok(End::Done)
}
