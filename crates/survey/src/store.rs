//! Where rounds are kept.
//!
//! Reading is one method a question. Submissions are stored by [`Store::accept`], many in one
//! transaction; everything else that writes is a [`Change`], committed with the reply to a retry and
//! only if what it was planned on is still so.

mod accept;
mod change;
mod rows;

use folkmoot_core::{Item, Sha256Hash, View};
use folkmoot_database::{Database, DatabaseError, Migrator, Place as DatabasePlace, Schema};

use crate::model::{Batch, ErasedReceipt, Refusal, Round, SealedSnapshot, StoredAnswer, StoredItem, StoredParticipant};

static SQLITE: Migrator = sqlx::migrate!("../../migrations/survey/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/survey/postgres");

/// What the store keeps.
pub const SCHEMA: Schema = Schema {
    name: "survey",
    tables: &["rounds", "items", "participants", "answers", "superseded", "receipts", "snapshots", "requests"],
    sqlite: &SQLITE,
    postgres: &POSTGRES,
};

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

/// Rounds on either database. Everything belongs to a tenant, and what belongs to another is not there;
/// keys come from rounds that were read for a tenant. Lists return at most `limit` entries behind
/// `after`. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store(Database);

fn view_code(view: View) -> i64 {
    match view {
        View::Personal => 0,
        View::World => 1,
    }
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

impl Store {
    /// Opens the database, makes it where absent and brings its schema up to date.
    ///
    /// # Errors
    /// A place that cannot be opened, or a schema that cannot be brought up to date.
    pub async fn open(place: &DatabasePlace) -> Result<Self, DatabaseError> {
        Ok(Self(Database::open(place, &SCHEMA).await?))
    }

    /// Ends its connections.
    pub async fn close(&self) {
        self.0.close().await;
    }

    /// Does all of it with its reply, or nothing.
    pub async fn commit(&self, tenant: &str, change: Change, reply: Option<Reply>) -> Result<Committed, DatabaseError> {
        let mut tx = self.0.begin().await?;
        let committed = change::apply(&mut tx, tenant, change).await?;
        if committed != Committed::Done {
            return Ok(committed);
        }
        if let Some(reply) = reply
            && !change::remember(&mut tx, tenant, &reply).await?
        {
            return Ok(Committed::Stale);
        }
        tx.commit().await?;
        Ok(Committed::Done)
    }

    /// Stores submissions in one synced transaction, each or not; an outcome for each, in order: the
    /// bytes of the receipt, the first one's for a retry.
    pub async fn accept(&self, batch: Batch) -> Result<Vec<Result<Vec<u8>, Refusal>>, DatabaseError> {
        let mut tx = self.0.begin().await?;
        let outcomes = accept::accept(&mut tx, batch).await?;
        tx.commit().await?;
        Ok(outcomes)
    }

    /// The reply stored for `request_id`.
    pub async fn reply(&self, tenant: &str, request_id: &str) -> Result<Option<Reply>, DatabaseError> {
        let sql = "SELECT * FROM requests WHERE tenant = $1 AND request_id = $2";
        self.0.first(sql, &[tenant.into(), request_id.into()]).await
    }

    /// A round.
    pub async fn round(&self, tenant: &str, id: &str) -> Result<Option<Round>, DatabaseError> {
        self.0.first("SELECT * FROM rounds WHERE tenant = $1 AND id = $2", &[tenant.into(), id.into()]).await
    }

    /// Rounds, newest first; `after` is a key.
    pub async fn rounds(&self, tenant: &str, after: Option<i64>, limit: usize) -> Result<Vec<Round>, DatabaseError> {
        let sql = "SELECT * FROM rounds WHERE tenant = $1 AND key < $2 ORDER BY key DESC LIMIT $3";
        self.0.all(sql, &[tenant.into(), after.unwrap_or(i64::MAX).into(), count(limit).into()]).await
    }

    /// An item.
    pub async fn item(&self, round: i64, id: &str) -> Result<Option<StoredItem>, DatabaseError> {
        self.0.first("SELECT * FROM items WHERE round = $1 AND id = $2", &[round.into(), id.into()]).await
    }

    /// Items in the order of creation; `after` is a key.
    pub async fn items(&self, round: i64, after: Option<i64>, limit: usize) -> Result<Vec<StoredItem>, DatabaseError> {
        let sql = "SELECT * FROM items WHERE round = $1 AND key > $2 ORDER BY key LIMIT $3";
        self.0.all(sql, &[round.into(), after.unwrap_or(0).into(), count(limit).into()]).await
    }

    /// A receipt.
    pub async fn receipt(&self, round: i64, request_id: &str) -> Result<Option<StoredReceipt>, DatabaseError> {
        let sql = "SELECT * FROM receipts WHERE round = $1 AND request_id = $2";
        self.0.first(sql, &[round.into(), request_id.into()]).await
    }

    /// Keys of the items a participant answered, an entry for each answer.
    pub async fn answered(&self, round: i64, participant: &str) -> Result<Vec<i64>, DatabaseError> {
        let sql = "SELECT a.item FROM answers a JOIN participants p ON p.round = a.round AND p.key = a.participant \
                   WHERE p.round = $1 AND p.id = $2";
        self.0.all(sql, &[round.into(), participant.into()]).await
    }

    /// Participants by key.
    pub async fn participants(
        &self,
        round: i64,
        after: i64,
        limit: usize,
    ) -> Result<Vec<StoredParticipant>, DatabaseError> {
        let sql = "SELECT * FROM participants WHERE round = $1 AND key > $2 ORDER BY key LIMIT $3";
        self.0.all(sql, &[round.into(), after.into(), count(limit).into()]).await
    }

    /// Answers that count, by participant, item and view.
    pub async fn answers(
        &self,
        round: i64,
        after: Option<AnswerPlace>,
        limit: usize,
    ) -> Result<Vec<StoredAnswer>, DatabaseError> {
        let (participant, item, view) = after.map_or((0, 0, 0), |(p, i, view)| (p, i, view_code(view)));
        let sql = "SELECT * FROM answers WHERE round = $1 AND (participant, item, view) > ($2, $3, $4) \
                   ORDER BY participant, item, view LIMIT $5";
        self.0.all(sql, &[round.into(), participant.into(), item.into(), view.into(), count(limit).into()]).await
    }

    /// A snapshot of a round, or of any of the tenant's rounds.
    pub async fn snapshot(
        &self,
        tenant: &str,
        round: Option<&str>,
        sha256: &str,
    ) -> Result<Option<SealedSnapshot>, DatabaseError> {
        let sql = "SELECT s.*, r.id AS round_id FROM snapshots s JOIN rounds r ON r.key = s.round \
                   WHERE s.sha256 = $1 AND r.tenant = $2 AND ($3 IS NULL OR r.id = $3) ORDER BY s.key LIMIT 1";
        self.0.first(sql, &[sha256.into(), tenant.into(), round.into()]).await
    }

    /// A round's snapshots, newest first; `after` is a key.
    pub async fn snapshots(
        &self,
        round: i64,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<SealedSnapshot>, DatabaseError> {
        let sql = "SELECT s.*, r.id AS round_id FROM snapshots s JOIN rounds r ON r.key = s.round \
                   WHERE s.round = $1 AND s.key < $2 ORDER BY s.key DESC LIMIT $3";
        self.0.all(sql, &[round.into(), after.unwrap_or(i64::MAX).into(), count(limit).into()]).await
    }
}
