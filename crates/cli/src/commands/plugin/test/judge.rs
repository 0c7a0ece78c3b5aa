//! What a plugin made of a case, against what the case expects.

use std::fs;
use std::path::Path;

use folkmoot_core::Fault;
use folkmoot_engine::Runnable;
use folkmoot_report::terminal;
use serde_json::Value;

use super::case::{Case, EXPECTED, EXPECTED_ERROR, Outcome, THREADS};
use super::difference;
use crate::failure::{Failure, words};
use crate::input;
use crate::out::Session;

/// How a case ended.
pub(super) enum Judgement {
    /// As expected.
    Passed(String),
    /// Not as expected, and every reason.
    Failed(Vec<String>),
    /// Not as expected, but from now on.
    Blessed(Vec<String>),
}

/// What a case expects.
enum Expectation {
    Report(Value),
    Refusal(String),
    Nothing,
}

/// Runs a case and compares; with `bless` the case expects from now on what it gave.
pub(super) fn judge(
    case: &Case,
    runnable: Runnable<'_>,
    bless: bool,
    session: &mut Session<'_, '_>,
) -> Result<Judgement, Failure> {
    match try_to(case, runnable, bless, session) {
        // What is wrong with a case's files is the case's failure, and the others are still run.
        Err(Failure::Fault(fault)) => Ok(Judgement::Failed(words(&fault, ""))),
        other => other,
    }
}

fn try_to(
    case: &Case,
    runnable: Runnable<'_>,
    bless: bool,
    session: &mut Session<'_, '_>,
) -> Result<Judgement, Failure> {
    let expected = expectation(&case.folder)?;
    let outcomes = case.run(runnable)?;
    if let Some(words) = disagreement(&outcomes) {
        return Ok(Judgement::Failed(vec![words]));
    }
    let Some(outcome) = outcomes.into_iter().next() else { return Err(Fault::internal("nothing was run").into()) };
    let problem = match (&expected, &outcome) {
        (Expectation::Report(wanted), Outcome::Report(report, _)) => {
            difference::first(wanted, &serde_json::to_value(report).map_err(Fault::internal)?)
        }
        (Expectation::Refusal(wanted), Outcome::Refusal(got)) if wanted.trim_end() == got => None,
        (Expectation::Refusal(wanted), got) => {
            Some(format!("expected the refusal {:?}, got {}", wanted.trim_end(), in_words(got)))
        }
        (Expectation::Report(_), got) => Some(format!("expected a report, got {}", in_words(got))),
        (Expectation::Nothing, _) => Some(format!("there is no {EXPECTED} and no {EXPECTED_ERROR}")),
    };
    let Some(problem) = problem else {
        let [few, more, most] = THREADS;
        let what = match outcome {
            Outcome::Report(_, hash) => format!("result {hash}"),
            Outcome::Refusal(_) => "refused as it should be".to_owned(),
        };
        return Ok(Judgement::Passed(format!("{what} with {few}, {more} and {most} threads")));
    };
    if !bless {
        let hint = "if this is right, write it down with --bless".to_owned();
        return Ok(Judgement::Failed(vec![problem, hint]));
    }
    say(&case.name, &outcome, session);
    let written = write(&case.folder, &outcome)?;
    Ok(Judgement::Blessed(vec![problem, format!("wrote {written}")]))
}

fn expectation(folder: &Path) -> Result<Expectation, Failure> {
    let (report, refusal) = (folder.join(EXPECTED), folder.join(EXPECTED_ERROR));
    match (report.is_file(), refusal.is_file()) {
        (true, true) => {
            let message = format!("there are both {EXPECTED} and {EXPECTED_ERROR}: keep one");
            Err(Failure::input(&folder.display().to_string(), message))
        }
        (true, false) => Ok(Expectation::Report(input::json_file(&report)?)),
        (false, true) => Ok(Expectation::Refusal(input::text(&refusal)?)),
        (false, false) => Ok(Expectation::Nothing),
    }
}

/// Where another number of threads gives another outcome, in words.
fn disagreement(outcomes: &[Outcome]) -> Option<String> {
    let is_same = |one: &Outcome, other: &Outcome| match (one, other) {
        (Outcome::Report(_, one), Outcome::Report(_, other)) => one == other,
        (Outcome::Refusal(one), Outcome::Refusal(other)) => one == other,
        _ => false,
    };
    let (first, others) = outcomes.split_first()?;
    let (threads, other) = THREADS[1..].iter().zip(others).find(|(_, other)| !is_same(first, other))?;
    let difference = match (first, other) {
        (Outcome::Report(one, _), Outcome::Report(other, _)) => {
            let value = |report| serde_json::to_value(report).unwrap_or_default();
            difference::first(&value(one), &value(other)).unwrap_or_else(|| "the results differ".to_owned())
        }
        _ => format!("{}, and {}", in_words(first), in_words(other)),
    };
    Some(format!("{} and {threads} threads do not agree: {difference}", THREADS[0]))
}

fn in_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Report(..) => "a report".to_owned(),
        Outcome::Refusal(words) => format!("the refusal {words:?}"),
    }
}

/// Shows people what they are about to bless.
fn say(name: &str, outcome: &Outcome, session: &mut Session<'_, '_>) {
    session.say(format!("{name} gives"));
    let words = match outcome {
        Outcome::Report(report, _) => terminal::report(report, session.width(), false),
        Outcome::Refusal(words) => words.clone(),
    };
    words.lines().for_each(|line| session.say(format!("  {line}")));
}

/// Writes what the case expects from now on; returns the file's name.
fn write(folder: &Path, outcome: &Outcome) -> Result<&'static str, Failure> {
    let (name, other, text) = match outcome {
        Outcome::Report(report, _) => {
            let value = serde_json::to_value(report).map_err(Fault::internal)?;
            (EXPECTED, EXPECTED_ERROR, format!("{value:#}\n"))
        }
        Outcome::Refusal(words) => (EXPECTED_ERROR, EXPECTED, format!("{words}\n")),
    };
    let file = folder.join(name);
    fs::write(&file, text).map_err(|error| Failure::file(&file, error))?;
    let old = folder.join(other);
    if old.is_file() {
        fs::remove_file(&old).map_err(|error| Failure::file(&old, error))?;
    }
    Ok(name)
}
