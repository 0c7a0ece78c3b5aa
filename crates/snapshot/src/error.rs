//! What can go wrong, with the file and the place in it.

use std::path::Path;

use folkmoot_core::{Code, Fault, Reason};

/// A snapshot that cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file system refused.
    #[error("{file}: {source}")]
    Io {
        /// The file or folder.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A stored file that is not what a snapshot holds.
    #[error("{file}: {place}: {message}")]
    Corrupt {
        /// The file.
        file: String,
        /// Where in it, such as `row 17`.
        place: String,
        /// What is wrong.
        message: String,
    },
    /// An item, participant or row that a snapshot cannot take.
    #[error("{place}: {message}")]
    Refused {
        /// Which one, such as `item q1, participant p7, view world`.
        place: String,
        /// Why, for programs.
        reason: Reason,
        /// Why, for people.
        message: String,
    },
    /// The receiver of a scan ended it.
    #[error(transparent)]
    Stopped(Box<Fault>),
}

impl SnapshotError {
    pub(crate) fn io(file: &Path, source: std::io::Error) -> Self {
        Self::Io { file: file.display().to_string(), source }
    }

    pub(crate) fn corrupt(file: &Path, place: impl Into<String>, message: impl std::fmt::Display) -> Self {
        Self::Corrupt { file: file.display().to_string(), place: place.into(), message: message.to_string() }
    }

    pub(crate) fn refused(place: impl Into<String>, reason: Reason, message: impl Into<String>) -> Self {
        Self::Refused { place: place.into(), reason, message: message.into() }
    }
}

impl From<Fault> for SnapshotError {
    fn from(fault: Fault) -> Self {
        Self::Stopped(Box::new(fault))
    }
}

impl From<SnapshotError> for Fault {
    fn from(error: SnapshotError) -> Self {
        let message = error.to_string();
        match error {
            SnapshotError::Io { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
                Self::new(Code::NotFound, Reason::ResourceNotFound, message)
            }
            SnapshotError::Io { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => {
                Self::new(Code::ResourceExhausted, Reason::StorageFull, message)
            }
            SnapshotError::Io { .. } => Self::new(Code::Unavailable, Reason::StorageUnavailable, message),
            SnapshotError::Corrupt { .. } => Self::new(Code::DataLoss, Reason::DataCorrupt, message),
            SnapshotError::Refused { place, reason, message } => Self::field(place, reason, message),
            SnapshotError::Stopped(fault) => *fault,
        }
    }
}
