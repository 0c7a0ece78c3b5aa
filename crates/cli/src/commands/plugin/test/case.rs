//! A case: a folder with answers and what a plugin must make of them.
//!
//! | file | what |
//! |---|---|
//! | `responses.csv` (or `.jsonl`, `.parquet`) | the answers; any format of `folkmoot analyze` will do |
//! | `participants.csv`, `items.json`, `targets.json` | what goes with them, where there is any |
//! | `run.json` | parameters and the rest of the run, where the defaults will not do |
//! | `expected.json` | the report |
//! | `expected-error.txt` | instead of a report: the words of the refusal |

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use folkmoot_core::{Fault, Sha256Hash, View};
use folkmoot_engine::{RunSpec, Runnable, run_method};
use folkmoot_formats::{Policy, Source};
use folkmoot_methods::Report;
use serde::Deserialize;
use serde_json::Value;

use crate::commands::analyze::freeze;
use crate::failure::{Failure, words};
use crate::input;

/// Every case is run with each of these numbers of threads.
pub(super) const THREADS: [usize; 3] = [1, 2, 8];

/// The file of the report a case must give.
pub(super) const EXPECTED: &str = "expected.json";
/// The file of the words a case must be refused with.
pub(super) const EXPECTED_ERROR: &str = "expected-error.txt";
const RUN: &str = "run.json";
const TARGETS: &str = "targets.json";

/// A folder with answers and what a plugin must make of them.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) folder: PathBuf,
}

/// The rest of a case's run, beside its files.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    params: Value,
    by: Option<String>,
    also_by: Vec<String>,
    seed: u64,
    view: View,
    items: Vec<String>,
    replicates: u32,
}

/// What a plugin made of a case.
pub(super) enum Outcome {
    /// A report, and the hash of the whole result.
    Report(Box<Report>, Sha256Hash),
    /// No report, and why.
    Refusal(String),
}

/// The cases in `tests`, by name: the folders in it that have a file of a case.
pub(super) fn find(tests: &Path) -> Result<Vec<Case>, Failure> {
    let entries = fs::read_dir(tests).map_err(|error| Failure::file(tests, error))?;
    let mut cases = Vec::new();
    for entry in entries {
        let folder = entry.map_err(|error| Failure::file(tests, error))?.path();
        let is_case = [EXPECTED, EXPECTED_ERROR, RUN, TARGETS].iter().any(|name| folder.join(name).is_file())
            || (folder.is_dir() && Source::detect(&folder).is_ok());
        if is_case {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            cases.push(Case { name, folder });
        }
    }
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(cases)
}

impl Case {
    /// The parameters of its run, where it gives any.
    pub(super) fn params(&self) -> Result<Option<Value>, Failure> {
        Ok(self.settings()?.params).map(|params| Some(params).filter(|params| !params.is_null()))
    }

    /// Runs the case with each number of [`THREADS`].
    ///
    /// # Errors
    /// Files that cannot be used, in words.
    pub(super) fn run(&self, runnable: Runnable<'_>) -> Result<Vec<Outcome>, Failure> {
        let spec = self.spec()?;
        let frozen = freeze(Source::detect(&self.folder)?, Policy::Strict)?;
        let run = |threads: usize| {
            let result = run_method(runnable, &frozen.snapshot, &spec, threads, &mut |_| ControlFlow::Continue(()));
            match result {
                Ok(result) => Outcome::Report(Box::new(result.report.clone()), result.hash()),
                Err(error) => Outcome::Refusal(words(&Fault::from(error), "").join("\n")),
            }
        };
        Ok(THREADS.map(run).into())
    }

    fn spec(&self) -> Result<RunSpec, Failure> {
        let Settings { params, by, also_by, seed, view, items, replicates } = self.settings()?;
        let targets = self.folder.join(TARGETS);
        let targets = match targets.is_file() {
            true => folkmoot_formats::targets::read(&targets)?,
            false => Default::default(),
        };
        let (targets, cells) = (targets.margins, targets.cells);
        Ok(RunSpec { params, by, also_by, targets, cells, seed, view, items, replicates, ..RunSpec::default() })
    }

    fn settings(&self) -> Result<Settings, Failure> {
        let file = self.folder.join(RUN);
        match file.is_file() {
            true => input::json_file(&file),
            false => Ok(Settings::default()),
        }
    }
}
