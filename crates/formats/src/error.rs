//! What a file can be refused for, with its place.

use std::fmt;
use std::path::Path;

use folkmoot_core::{Code, Fault, Reason, Violation};
use folkmoot_snapshot::SnapshotError;

use crate::freeze::Tally;

/// One row that cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The file.
    pub file: String,
    /// The line, counted from 1; in Parquet the row.
    pub line: u64,
    /// The column, or the path in a JSON line.
    pub field: String,
    /// Why, for programs.
    pub reason: Reason,
    /// Why, for people.
    pub message: String,
    /// Whose row it is, where that could be read.
    pub participant: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.message)
    }
}

/// A file that cannot be used. The message names the file, the line and the field; on the command
/// line it is bad input (exit code 2).
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The file system refused.
    #[error("{file}: {source}")]
    Io {
        /// The file or folder.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The columns are not those of the format.
    #[error("{file}:1: columns: expected {expected}; found {found}")]
    Columns {
        /// The file.
        file: String,
        /// What the format has.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// The file as a whole is not of the format.
    #[error("{0}")]
    Bad(Refusal),
    /// Items that cannot be asked; every violation has its path.
    #[error("{file}: {}", list(violations))]
    Items {
        /// The file.
        file: String,
        /// All of them.
        violations: Vec<Violation>,
    },
    /// Targets that are no shares of a population; every violation has its path.
    #[error("{file}: {}", list(violations))]
    Targets {
        /// The file.
        file: String,
        /// All of them.
        violations: Vec<Violation>,
    },
    /// Quotas that no panel can be held to; every violation has its path.
    #[error("{file}: {}", list(violations))]
    Quotas {
        /// The file.
        file: String,
        /// All of them.
        violations: Vec<Violation>,
    },
    /// Rows that cannot be kept, where every row must be.
    #[error("{} of {} rows are refused\n{}", .0.refused, .0.read, .0.lines())]
    Refused(Box<Tally>),
    /// The path is no file or folder of a known format.
    #[error("{path}: {message}")]
    Unknown {
        /// The path.
        path: String,
        /// What was looked for.
        message: String,
    },
    /// The snapshot could not be written.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}

fn list(violations: &[Violation]) -> String {
    violations.iter().map(|v| format!("{}: {}", v.field, v.message)).collect::<Vec<_>>().join("\n")
}

impl FormatError {
    pub(crate) fn io(file: &Path, source: std::io::Error) -> Self {
        Self::Io { file: file.display().to_string(), source }
    }

    /// A row refused without a word on whose it is: it may be anybody's, so nobody is known to be whole.
    pub(crate) fn anybodys(refusal: Refusal) -> Self {
        let message = format!("{}; whose row it is cannot be read, so nobody can be kept", refusal.message);
        Self::Bad(Refusal { message, ..refusal })
    }

    pub(crate) fn bad(file: &Path, line: u64, field: &str, message: impl fmt::Display) -> Self {
        Self::Bad(refusal(&file.display().to_string(), line, field, Reason::BadRow, message.to_string()))
    }
}

pub(crate) fn refusal(file: &str, line: u64, field: &str, reason: Reason, message: impl Into<String>) -> Refusal {
    Refusal { file: file.to_owned(), line, field: field.to_owned(), reason, message: message.into(), participant: None }
}

impl From<FormatError> for Fault {
    fn from(error: FormatError) -> Self {
        let message = error.to_string();
        let of = |refusal: &Refusal| {
            let Refusal { file, line, field, .. } = refusal;
            let place = if field.is_empty() { format!("{file}:{line}") } else { format!("{file}:{line}:{field}") };
            Violation::new(place, refusal.reason, refusal.message.clone())
        };
        let violations = match error {
            FormatError::Snapshot(error) => return error.into(),
            FormatError::Io { ref source, .. } if source.kind() != std::io::ErrorKind::NotFound => {
                return Self::new(Code::Unavailable, Reason::StorageUnavailable, message);
            }
            FormatError::Bad(refusal) => vec![of(&refusal)],
            FormatError::Items { file, violations }
            | FormatError::Targets { file, violations }
            | FormatError::Quotas { file, violations } => {
                let of_file = |v: Violation| Violation { field: format!("{file}: {}", v.field), ..v };
                violations.into_iter().map(of_file).collect()
            }
            FormatError::Refused(tally) => tally.first.iter().map(of).collect(),
            FormatError::Io { file, source } => vec![Violation::new(file, Reason::BadRow, source.to_string())],
            FormatError::Columns { file, expected, found } => {
                let words = format!("expected {expected}; found {found}");
                vec![Violation::new(format!("{file}:1:columns"), Reason::BadRow, words)]
            }
            FormatError::Unknown { path, message } => vec![Violation::new(path, Reason::BadRow, message)],
        };
        Self { message, ..Self::invalid(violations) }
    }
}
