//! What the service needs of a database.
//!
//! Reading is one method a question. Submissions are stored by [`Store::accept`], many in one
//! transaction; everything else that writes is a [`Change`], committed with the reply to a retry and
//! only if what it was planned on is still so.

pub mod sqlite;

use async_trait::async_trait;
use folkmoot_core::{Code, Fault, Item, Reason, Sha256Hash, View};

use crate::model::{Batch, ErasedReceipt, Refusal, Round, SealedSnapshot, StoredAnswer, StoredItem, StoredParticipant};

/// A failure of the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It has no room.
    #[error("the survey store is full: {0}")]
    Full(String),
    /// It does not answer.
    #[error("the survey store does not answer: {0}")]
    Unavailable(String),
    /// It holds what this version did not write.
    #[error("the survey store holds {0}")]
    Corrupt(String),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let (code, reason) = match error {
            StoreError::Full(_) => (Code::ResourceExhausted, Reason::StorageFull),
            StoreError::Unavailable(_) => (Code::Unavailable, Reason::StorageUnavailable),
            StoreError::Corrupt(_) => (Code::DataLoss, Reason::DataCorrupt),
        };
        Fault::new(code, reason, error.to_string())
    }
}

/// A request that was answered, so that a retry gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The caller's request id.
    pub request_id: String,
    /// What was asked.
    pub fingerprint: Sha256Hash,
    /// The answer's bytes.
    pub bytes: Vec<u8>,
}

/// One write, with what it was planned on.
#[derive(Clone, Debug)]
pub enum Change {
    /// Adds a round.
    AddRound(Round),
    /// Replaces a round's own fields (never its counts) if its version is still `round.version`.
    SetRound(Round),
    /// Deletes a round and its items.
    DeleteRound(Place),
    /// Adds items.
    AddItems(Place, Vec<Item>),
    /// Replaces the item of that id.
    SetItem(Place, Item),
    /// Deletes the item of that id.
    DeleteItem(Place, String),
    /// Deletes everything a participant said, which must be `answers` answers that count.
    Withdraw {
        /// Key of the round, which must not be sealed.
        round: i64,
        /// The pseudonym.
        participant: String,
        /// How many there are.
        answers: i64,
        /// What is left of a receipt.
        erase: fn(&[u8]) -> ErasedReceipt,
    },
    /// Moves a closed round to sealed, if nothing changed since `changes`.
    Seal {
        /// Key of the round.
        round: i64,
        /// The round's changes when it was read.
        changes: i64,
        /// What it became.
        snapshot: SealedSnapshot,
    },
}

/// A round at a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Key of the round.
    pub round: i64,
    /// The version it was read at.
    pub version: i64,
}

/// What came of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// All of it is durable.
    Done,
    /// Nothing was done: what it was planned on, or the request id, is not what it was.
    Stale,
    /// Nothing was done: a round of that id exists.
    Exists,
}

/// A stored receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReceipt {
    /// What was asked; `None` once withdrawn.
    pub fingerprint: Option<Sha256Hash>,
    /// The receipt as it was sent.
    pub bytes: Vec<u8>,
}

/// Place of an answer in the order that [`Store::answers`] reads.
pub type AnswerPlace = (i64, i64, View);

/// Where rounds are kept. Everything belongs to a tenant, and what belongs to another is not there;
/// keys come from rounds that were read for a tenant. Lists return at most `limit` entries behind
/// `after`.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Does all of it with its reply, or nothing.
    async fn commit(&self, tenant: &str, change: Change, reply: Option<Reply>) -> Result<Committed, StoreError>;

    /// Stores submissions in one synced transaction, each or not; an outcome for each, in order: the
    /// bytes of the receipt, the first one's for a retry.
    async fn accept(&self, batch: Batch) -> Result<Vec<Result<Vec<u8>, Refusal>>, StoreError>;

    /// The reply stored for `request_id`.
    async fn reply(&self, tenant: &str, request_id: &str) -> Result<Option<Reply>, StoreError>;

    /// A round.
    async fn round(&self, tenant: &str, id: &str) -> Result<Option<Round>, StoreError>;

    /// Rounds, newest first; `after` is a key.
    async fn rounds(&self, tenant: &str, after: Option<i64>, limit: usize) -> Result<Vec<Round>, StoreError>;

    /// An item.
    async fn item(&self, round: i64, id: &str) -> Result<Option<StoredItem>, StoreError>;

    /// Items in the order of creation; `after` is a key.
    async fn items(&self, round: i64, after: Option<i64>, limit: usize) -> Result<Vec<StoredItem>, StoreError>;

    /// A receipt.
    async fn receipt(&self, round: i64, request_id: &str) -> Result<Option<StoredReceipt>, StoreError>;

    /// Keys of the items a participant answered, an entry for each answer.
    async fn answered(&self, round: i64, participant: &str) -> Result<Vec<i64>, StoreError>;

    /// Participants by key.
    async fn participants(&self, round: i64, after: i64, limit: usize) -> Result<Vec<StoredParticipant>, StoreError>;

    /// Answers that count, by participant, item and view.
    async fn answers(
        &self,
        round: i64,
        after: Option<AnswerPlace>,
        limit: usize,
    ) -> Result<Vec<StoredAnswer>, StoreError>;

    /// A snapshot of a round, or of any of the tenant's rounds.
    async fn snapshot(
        &self,
        tenant: &str,
        round: Option<&str>,
        sha256: &str,
    ) -> Result<Option<SealedSnapshot>, StoreError>;

    /// A round's snapshots, newest first; `after` is a key.
    async fn snapshots(&self, round: i64, after: Option<i64>, limit: usize) -> Result<Vec<SealedSnapshot>, StoreError>;
}
