//! Checks a release offline: everything that can be recomputed is recomputed.

use std::fmt;

mod figures;
mod file;
mod files;
mod plugins;
mod release;
mod spec;
mod verifier;

pub use verifier::Verifier;

/// What came of checking a release or a result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Every check, in the order of the work.
    pub checks: Vec<Check>,
}

/// One line of a verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was checked, such as `sums` or `figure results/<hash>.json`.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The same in words: the file and place of what is wrong, or what was compared.
    pub detail: String,
}

/// What came of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is as it should be.
    Pass,
    /// It is not.
    Fail,
    /// It could not be checked.
    NotChecked,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::NotChecked => "NOT CHECKED",
        })
    }
}

/// The one check that no release of this format claims to pass: they are not signed yet.
const SIGNATURE: &str = "signature";

impl Verification {
    /// Whether no check failed.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.outcome != Outcome::Fail)
    }

    /// What a program should end with: 0 where all that the release claims was checked and is right,
    /// 1 where a check failed, 2 where none failed but something claimed could not be checked. The
    /// signature does not count: a release of this format claims none.
    pub fn exit_code(&self) -> u8 {
        let open = |check: &Check| check.outcome == Outcome::NotChecked && check.name != SIGNATURE;
        match () {
            () if !self.passed() => 1,
            () if self.checks.iter().any(open) => 2,
            () => 0,
        }
    }

    /// The checks that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.outcome == Outcome::Fail)
    }

    fn add(&mut self, name: impl Into<String>, outcome: Outcome, detail: impl Into<String>) {
        self.checks.push(Check { name: name.into(), outcome, detail: detail.into() });
    }

    /// Adds a check that passes with words, or fails with every complaint.
    fn settle(&mut self, name: impl Into<String>, passed: impl Into<String>, complaints: Vec<String>) {
        match complaints.is_empty() {
            true => self.add(name, Outcome::Pass, passed),
            false => self.add(name, Outcome::Fail, listed(complaints)),
        }
    }
}

/// At most ten complaints in a line, and how many more there are.
fn listed(complaints: Vec<String>) -> String {
    let more = complaints.len().saturating_sub(10);
    let shown = complaints.into_iter().take(10).collect::<Vec<_>>().join("; ");
    if more == 0 { shown } else { format!("{shown}; and {more} more") }
}
