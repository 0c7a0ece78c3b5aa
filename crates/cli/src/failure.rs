//! The one place where a failure becomes words and an exit code.

use std::fmt::Display;
use std::io;
use std::path::Path;

use folkmoot_core::{Code, Fault, Reason, Violation};

/// How a verb ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// All was done.
    Done,
    /// The data fails: a check, or rows that were refused.
    DataFails,
    /// Nothing fails, but not everything could be checked.
    Incomplete,
}

/// Why a verb ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    Fault(Fault),
    /// Whoever read the data has enough.
    ReaderGone,
}

impl Failure {
    /// A failure to write data.
    pub(crate) fn stdout(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ReaderGone,
            _ => Self::Fault(Fault::internal(format!("stdout: {error}"))),
        }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(path: &Path, error: impl Display) -> Self {
        Self::input(&path.display().to_string(), error.to_string())
    }

    /// Input that cannot be used, and where it stands.
    pub(crate) fn input(field: &str, message: impl Into<String>) -> Self {
        Self::Fault(Fault::field(field, Reason::BadField, message))
    }
}

impl<F: Into<Fault>> From<F> for Failure {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

/// What gRPC answered, as a failure.
pub(crate) fn from_status(status: tonic::Status) -> Failure {
    Failure::Fault(folkmoot_rpc::fault(&status))
}

/// What people read of a fault: one line, or a line for each violation.
pub(crate) fn words(fault: &Fault, server: &str) -> Vec<String> {
    let mut lines = match fault.violations.as_slice() {
        [] => vec![format!("{} ({})", fault.message, fault.reason)],
        violations => violations.iter().map(violation_words).collect(),
    };
    lines.extend(fault.metadata.iter().map(|(key, value)| format!("  {key}: {value}")));
    if fault.code == Code::Unavailable && fault.reason != Reason::Overloaded {
        lines.push(format!("is a server running at {server}? start one with: folkmoot serve"));
    }
    lines
}

/// A violation on its line: field, message and reason.
pub(crate) fn violation_words(violation: &Violation) -> String {
    let Violation { field, reason, message } = violation;
    match field.is_empty() {
        true => format!("{message} ({reason})"),
        false => format!("{field}: {message} ({reason})"),
    }
}

/// The exit code: 1 the data fails, 2 bad usage or input, 3 the method is undefined on this data.
pub(crate) fn exit_code(fault: &Fault) -> u8 {
    if fault.reason == Reason::MethodUndefined {
        return 3;
    }
    match fault.code {
        Code::InvalidArgument | Code::NotFound | Code::AlreadyExists => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_fault_has_its_exit_code() {
        let check = |code: Code, reason: Reason, want: u8| {
            assert_eq!(exit_code(&Fault::new(code, reason, "no")), want, "{code:?} {reason}");
        };
        check(Code::InvalidArgument, Reason::BadField, 2);
        check(Code::NotFound, Reason::ResourceNotFound, 2);
        check(Code::AlreadyExists, Reason::ResourceExists, 2);
        check(Code::FailedPrecondition, Reason::MethodUndefined, 3);
        check(Code::FailedPrecondition, Reason::RoundClosed, 1);
        check(Code::Aborted, Reason::EtagMismatch, 1);
        check(Code::InvalidArgument, Reason::BadPlugin, 2);
        check(Code::AlreadyExists, Reason::PluginConflict, 2);
        check(Code::FailedPrecondition, Reason::PluginTrap, 1);
        check(Code::ResourceExhausted, Reason::PluginBudget, 1);
        check(Code::FailedPrecondition, Reason::PluginDisabled, 1);
        check(Code::DataLoss, Reason::DataCorrupt, 1);
        check(Code::Unavailable, Reason::StorageUnavailable, 1);
        check(Code::Internal, Reason::InternalError, 1);
    }

    #[test]
    fn every_violation_has_its_line() {
        let violations = vec![
            Violation::new("answers[0].rank", Reason::BadRanking, "names A twice"),
            Violation::new("", Reason::BadText, "has NUL"),
        ];
        let lines = words(&Fault::invalid(violations), "http://s");
        assert_eq!(lines, ["answers[0].rank: names A twice (BAD_RANKING)", "has NUL (BAD_TEXT)"]);
    }
}
