use folkmoot_core::{Code, Fault, Reason};

/// A failure of a database. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// It has no room.
    #[error("the database is full: {0}")]
    Full(String),
    /// It does not answer, or gave up waiting for another writer.
    #[error("the database does not answer: {0}")]
    Unavailable(String),
    /// It holds what this version did not write.
    #[error("the database holds {0}")]
    Corrupt(String),
}

/// SQLITE_FULL, and PostgreSQL's `disk_full`.
const FULL: [&str; 2] = ["13", "53100"];

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        let words = error.to_string();
        match &error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::ColumnNotFound(_) | sqlx::Error::Decode(_) => {
                Self::Corrupt(words)
            }
            sqlx::Error::Database(database) if database.code().is_some_and(|code| FULL.contains(&&*code)) => {
                Self::Full(words)
            }
            _ => Self::Unavailable(words),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for DatabaseError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError;
        match error {
            MigrateError::Execute(error) => error.into(),
            // Of a newer version, or changed since.
            error => Self::Corrupt(format!("another schema: {error}")),
        }
    }
}

impl From<DatabaseError> for Fault {
    fn from(error: DatabaseError) -> Self {
        let (code, reason) = match error {
            DatabaseError::Full(_) => (Code::ResourceExhausted, Reason::StorageFull),
            DatabaseError::Unavailable(_) => (Code::Unavailable, Reason::StorageUnavailable),
            DatabaseError::Corrupt(_) => (Code::DataLoss, Reason::DataCorrupt),
        };
        tracing::error!(%error, "the store failed");
        Fault::new(code, reason, error.to_string())
    }
}
