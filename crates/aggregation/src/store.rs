//! What the service needs kept. One implementation a database, one conformance suite for all.

#[cfg(test)]
mod conformance;
pub mod plugins;
pub mod sqlite;

use async_trait::async_trait;
use folkmoot_core::{Code, Fault, Reason, Sha256Hash, Timestamp};

use crate::model::{Analysis, Failure, Found, SnapshotName, Spec, State};
pub use plugins::PluginStore;

/// The request id an analysis was asked for with, and what it asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestKey<'a> {
    /// The caller's id, not empty.
    pub id: &'a str,
    /// Fingerprint of the request.
    pub fingerprint: Sha256Hash,
}

/// What came of creating an analysis.
#[derive(Clone, Debug, PartialEq)]
pub enum Created {
    /// It is there now.
    New,
    /// The same request created this one before.
    Before(Box<Analysis>),
    /// The request id came before with another body.
    Conflict,
    /// Another analysis has this id.
    Taken,
}

/// Which part of a list, newest first, is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Most entries to return.
    pub limit: usize,
    /// Only entries older than this place.
    pub before: Option<i64>,
}

/// A part of a list, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed<T> {
    /// The entries.
    pub entries: Vec<T>,
    /// Place to go on behind, where there are more.
    pub next: Option<i64>,
}

/// Keeps analyses and results, and [`PluginStore`] the plugins. Nothing of one tenant is seen by another;
/// what does not exist is `None`, not an error.
#[async_trait]
pub trait Store: PluginStore {
    /// Adds a running analysis and remembers the request, both or neither.
    async fn create(
        &self,
        tenant: &str,
        analysis: &Analysis,
        request: Option<RequestKey<'_>>,
    ) -> Result<Created, StoreError>;

    /// The analysis that a request of before started, and the request's fingerprint.
    async fn asked(&self, tenant: &str, request_id: &str) -> Result<Option<(Sha256Hash, Analysis)>, StoreError>;

    /// The analysis `id`.
    async fn analysis(&self, tenant: &str, id: &str) -> Result<Option<Analysis>, StoreError>;

    /// The tenant's analyses, all or those over one snapshot.
    async fn analyses(
        &self,
        tenant: &str,
        snapshot: Option<&SnapshotName>,
        slice: Slice,
    ) -> Result<Listed<Analysis>, StoreError>;

    /// Replaces the spec of a running analysis by the one with its positions filled in.
    async fn set_spec(&self, tenant: &str, id: &str, spec: &Spec) -> Result<(), StoreError>;

    /// Ends a running analysis without a result: `state` is failed or cancelled.
    async fn end(&self, tenant: &str, id: &str, state: &State, at: Timestamp) -> Result<(), StoreError>;

    /// Stores a result and ends its analysis with it, both or neither.
    async fn succeed(&self, tenant: &str, found: &Found) -> Result<(), StoreError>;

    /// Ends every analysis of every tenant that is still running; returns how many there were.
    async fn interrupt(&self, failure: &Failure, at: Timestamp) -> Result<u64, StoreError>;

    /// The result of that hash, of one analysis or, with `None`, of the newest that found it.
    async fn result(&self, tenant: &str, analysis: Option<&str>, hash: Sha256Hash)
    -> Result<Option<Found>, StoreError>;

    /// The tenant's results, all or those of one analysis. Returns fewer than asked, but at least one
    /// where there is one, when the results are large.
    async fn results(&self, tenant: &str, analysis: Option<&str>, slice: Slice) -> Result<Listed<Found>, StoreError>;
}

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database does not answer or refuses.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the migration failed: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The database has no room.
    #[error("the database has no room")]
    Full,
    /// A row that this service did not write.
    #[error("a row is corrupt: {0}")]
    Corrupt(String),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let (code, reason) = match &error {
            StoreError::Full => (Code::ResourceExhausted, Reason::StorageFull),
            StoreError::Corrupt(_) => (Code::DataLoss, Reason::DataCorrupt),
            StoreError::Database(_) | StoreError::Migration(_) => (Code::Unavailable, Reason::StorageUnavailable),
        };
        if code == Code::Unavailable {
            tracing::error!(%error, "the store failed");
        }
        Fault::new(code, reason, error.to_string())
    }
}

const CODES: [(Code, &str); 11] = [
    (Code::InvalidArgument, "invalid_argument"),
    (Code::NotFound, "not_found"),
    (Code::AlreadyExists, "already_exists"),
    (Code::FailedPrecondition, "failed_precondition"),
    (Code::Aborted, "aborted"),
    (Code::ResourceExhausted, "resource_exhausted"),
    (Code::Unavailable, "unavailable"),
    (Code::DeadlineExceeded, "deadline_exceeded"),
    (Code::Cancelled, "cancelled"),
    (Code::DataLoss, "data_loss"),
    (Code::Internal, "internal"),
];

/// The code's name in a database.
fn code_name(code: Code) -> &'static str {
    CODES.iter().find(|(other, _)| *other == code).map_or("internal", |(_, name)| name)
}

/// The code of that name.
fn code_from_name(name: &str) -> Option<Code> {
    CODES.iter().find(|(_, other)| *other == name).map(|(code, _)| *code)
}
