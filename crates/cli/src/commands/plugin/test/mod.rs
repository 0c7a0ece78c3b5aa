//! `folkmoot plugin test`: a plugin against its cases and against the laws of the fold.

mod case;
mod difference;
mod judge;
mod subject;

use std::path::PathBuf;

use folkmoot_fold::laws::{self, Outcome, try_all};
use folkmoot_methods::report::{Cell, Unit};
use folkmoot_plugin_host::Plugin;
use folkmoot_report::text;
use serde_json::{Value, json};

use crate::Format;
use crate::failure::{End, Failure};
use crate::input;
use crate::out::{Session, table};
use crate::plugins::{self, PluginLimits};
use case::Case;
use judge::Judgement;

/// What to test.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  folkmoot plugin test
  folkmoot plugin test turnout --bless
  folkmoot plugin test turnout/dist/turnout.wasm --cases 100

A case is a folder in `tests/` of the plugin's folder:
  responses.csv        the answers, in any format of `folkmoot analyze`
  participants.csv, items.json, targets.json
                       what goes with them, where there is any
  run.json             {\"params\", \"by\", \"also_by\", \"seed\", \"view\", \"items\", \"replicates\"}, all optional
  expected.json        the report it must give, or
  expected-error.txt   the words it must be refused with

Each case is run with 1, 2 and 8 threads, which must agree to the last bit. Then the laws of the fold are
tried on made-up people. The exit code is 1 where a case fails or a law is broken.")]
pub struct Test {
    /// Folder of the plugin, which is built first; or a component, whose cases lie beside it.
    #[arg(value_name = "FOLDER|FILE", default_value = ".")]
    plugin: PathBuf,
    /// Test what was built before.
    #[arg(long)]
    no_build: bool,
    /// Take what the failing cases give for right: show it and write it down.
    #[arg(long)]
    bless: bool,
    /// How often each law is tried, with other people every time.
    #[arg(long, value_name = "N", default_value_t = laws::CASES, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    cases: u64,
    /// Parameters to try the laws with, as a JSON object or @FILE; those of the first case where absent
    /// and needed.
    #[arg(long, value_name = "JSON")]
    params: Option<String>,
    #[command(flatten)]
    limits: PluginLimits,
}

/// A line of the outcome.
struct Line {
    /// `case` or `law`.
    kind: &'static str,
    name: String,
    outcome: &'static str,
    details: Vec<String>,
}

const FAILED: &str = "FAILED";
const BROKEN: &str = "BROKEN";

pub(super) fn run(test: &Test, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    let subject = subject::find(test, session)?;
    let plugin = plugins::load(&test.limits.host(session)?, &subject.component)?;
    let name = plugins::name(plugin.descriptor());
    if session.format() == Format::Table {
        session.print(&format!("{name}  {}\n", plugin.hash()))?;
    }
    let cases = match &subject.tests {
        Some(tests) => case::find(tests)?,
        None => Vec::new(),
    };
    if cases.is_empty() {
        session.say("there are no cases; a folder in `tests/` with responses.csv in it is one");
    }
    let mut lines = Vec::new();
    for case in &cases {
        let line = of_case(case, judge::judge(case, plugins::runnable(&plugin), test.bless, session)?);
        print(&line, session)?;
        lines.push(line);
    }
    let parameters = parameters_of_laws(test, &plugin, &cases)?;
    for verdict in try_all(&plugin, &parameters, test.cases) {
        let line = of_law(verdict);
        print(&line, session)?;
        lines.push(line);
    }
    finish(&plugin, &lines, session)
}

/// What the laws are tried with.
///
/// # Errors
/// Parameters that the method's schema refuses.
fn parameters_of_laws(test: &Test, plugin: &Plugin, cases: &[Case]) -> Result<Value, Failure> {
    let given = input::json_object("--params", test.params.as_deref())?;
    let refused = match plugins::parameters(plugin.descriptor(), &given) {
        Ok(parameters) => return Ok(parameters),
        Err(fault) => fault,
    };
    let mut of_cases = cases.iter().filter_map(|case| case.params().ok().flatten());
    let fitting = of_cases.find_map(|params| plugins::parameters(plugin.descriptor(), &params).ok());
    fitting.filter(|_| test.params.is_none()).ok_or_else(|| refused.into())
}

fn of_case(case: &Case, judgement: Judgement) -> Line {
    let (outcome, details) = match judgement {
        Judgement::Passed(words) => ("passed", vec![words]),
        Judgement::Failed(words) => (FAILED, words),
        Judgement::Blessed(words) => ("blessed", words),
    };
    Line { kind: "case", name: case.name.clone(), outcome, details }
}

fn of_law(verdict: laws::Verdict) -> Line {
    let (outcome, details) = match verdict.outcome {
        Outcome::Held => ("held", Vec::new()),
        Outcome::Broken(words) => (BROKEN, vec![words]),
        Outcome::NotTried(words) => ("not tried", vec![words]),
    };
    Line { kind: "law", name: verdict.law.to_owned(), outcome, details }
}

/// A line for people, as soon as it is known.
fn print(line: &Line, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    if session.format() != Format::Table {
        return Ok(());
    }
    let mut words = format!("{:<10} {}  {}", line.outcome, line.kind, line.name);
    let is_fine = !matches!(line.outcome, FAILED | BROKEN | "blessed");
    match line.details.as_slice() {
        [one] if is_fine => words.push_str(&format!(": {one}")),
        several => several.iter().flat_map(|words| words.lines()).for_each(|detail| {
            words.push_str(&format!("\n{:<17}{detail}", ""));
        }),
    }
    for line in words.lines() {
        session.print(&format!("{}\n", text::visible(line)))?;
    }
    session.flush()
}

fn finish(plugin: &Plugin, lines: &[Line], session: &mut Session<'_, '_>) -> Result<End, Failure> {
    let is_fine = lines.iter().all(|line| !matches!(line.outcome, FAILED | BROKEN));
    match session.format() {
        Format::Table => {}
        Format::Json => session.json(&as_json(plugin, lines, is_fine))?,
        Format::Csv => {
            let columns = ["Kind", "Name", "Outcome", "Detail"].map(|label| (label, Unit::None));
            let row = |line: &Line| -> Vec<Cell> {
                vec![line.kind.into(), line.name.as_str().into(), line.outcome.into(), line.details.join("; ").into()]
            };
            session.csv(&table("Tests", &columns, lines.iter().map(row).collect()))?;
        }
    }
    session.say(summary(lines));
    Ok(if is_fine { End::Done } else { End::DataFails })
}

fn summary(lines: &[Line]) -> String {
    let count = |outcome: &str| lines.iter().filter(|line| line.outcome == outcome).count();
    let cases = lines.iter().filter(|line| line.kind == "case").count();
    format!(
        "{} of {cases} cases failed; {} laws held, {} broken, {} not tried",
        count(FAILED),
        count("held"),
        count(BROKEN),
        count("not tried")
    )
}

fn as_json(plugin: &Plugin, lines: &[Line], is_fine: bool) -> Value {
    let of_kind = |kind: &str| -> Vec<Value> {
        let lines = lines.iter().filter(|line| line.kind == kind);
        lines
            .map(|line| json!({"name": line.name, "outcome": line.outcome.to_lowercase(), "details": line.details}))
            .collect()
    };
    let said = plugin.descriptor();
    json!({
        "plugin": {"id": said.id, "version": said.version, "component": plugin.hash()},
        "cases": of_kind("case"),
        "laws": of_kind("law"),
        "passed": is_fine,
    })
}
