//! The store on SQLite: one writer, a few readers, and a write-ahead log that is synced at every commit.

mod accept;
mod change;
mod rows;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use folkmoot_core::View;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, Transaction};

use super::{AnswerPlace, Change, Committed, Reply, Store, StoreError, StoredReceipt};
use crate::model::{Batch, Refusal, Round, SealedSnapshot, StoredAnswer, StoredItem, StoredParticipant};

const READERS: u32 = 4;
const BUSY: Duration = Duration::from_secs(10);
/// Pages of the log before it is copied into the database: about 16 MiB.
const CHECKPOINT_PAGES: &str = "4000";

/// Rounds in one SQLite file.
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

/// Opens the database, makes it where absent and brings its schema up to date.
///
/// # Errors
/// When the file cannot be opened or the schema cannot be brought up to date.
pub async fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .busy_timeout(BUSY);
    let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    let migrations = sqlx::migrate!("../../migrations/survey/sqlite");
    migrations.run(&writer).await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let readers = SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true)).await?;
    Ok(SqliteStore { writer, readers })
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Corrupt(error.to_string()),
            // 13 is SQLITE_FULL.
            sqlx::Error::Database(database) if database.code().as_deref() == Some("13") => {
                Self::Full(error.to_string())
            }
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

impl SqliteStore {
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }
}

fn view_code(view: View) -> i64 {
    match view {
        View::Personal => 0,
        View::World => 1,
    }
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, tenant: &str, change: Change, reply: Option<Reply>) -> Result<Committed, StoreError> {
        let mut tx = self.begin().await?;
        let committed = change::apply(&mut tx, tenant, change).await?;
        if committed != Committed::Done {
            return Ok(committed);
        }
        if let Some(reply) = reply
            && !change::remember(&mut tx, tenant, reply).await?
        {
            return Ok(Committed::Stale);
        }
        tx.commit().await?;
        Ok(Committed::Done)
    }

    async fn accept(&self, batch: Batch) -> Result<Vec<Result<Vec<u8>, Refusal>>, StoreError> {
        let mut tx = self.begin().await?;
        let outcomes = accept::accept(&mut tx, batch).await?;
        tx.commit().await?;
        Ok(outcomes)
    }

    async fn reply(&self, tenant: &str, request_id: &str) -> Result<Option<Reply>, StoreError> {
        let query = sqlx::query_as("SELECT * FROM requests WHERE tenant = ? AND request_id = ?");
        Ok(query.bind(tenant).bind(request_id).fetch_optional(&self.readers).await?)
    }

    async fn round(&self, tenant: &str, id: &str) -> Result<Option<Round>, StoreError> {
        let query = sqlx::query_as("SELECT * FROM rounds WHERE tenant = ? AND id = ?");
        Ok(query.bind(tenant).bind(id).fetch_optional(&self.readers).await?)
    }

    async fn rounds(&self, tenant: &str, after: Option<i64>, limit: usize) -> Result<Vec<Round>, StoreError> {
        let query = sqlx::query_as("SELECT * FROM rounds WHERE tenant = ? AND key < ? ORDER BY key DESC LIMIT ?");
        let query = query.bind(tenant).bind(after.unwrap_or(i64::MAX)).bind(count(limit));
        Ok(query.fetch_all(&self.readers).await?)
    }

    async fn item(&self, round: i64, id: &str) -> Result<Option<StoredItem>, StoreError> {
        let query = sqlx::query_as("SELECT * FROM items WHERE round = ? AND id = ?");
        Ok(query.bind(round).bind(id).fetch_optional(&self.readers).await?)
    }

    async fn items(&self, round: i64, after: Option<i64>, limit: usize) -> Result<Vec<StoredItem>, StoreError> {
        let query = sqlx::query_as("SELECT * FROM items WHERE round = ? AND key > ? ORDER BY key LIMIT ?");
        Ok(query.bind(round).bind(after.unwrap_or(0)).bind(count(limit)).fetch_all(&self.readers).await?)
    }

    async fn receipt(&self, round: i64, request_id: &str) -> Result<Option<StoredReceipt>, StoreError> {
        let query = sqlx::query_as("SELECT * FROM receipts WHERE round = ? AND request_id = ?");
        Ok(query.bind(round).bind(request_id).fetch_optional(&self.readers).await?)
    }

    async fn answered(&self, round: i64, participant: &str) -> Result<Vec<i64>, StoreError> {
        let query = sqlx::query_scalar(
            "SELECT a.item FROM answers a JOIN participants p ON p.key = a.participant \
             WHERE a.round = ?1 AND p.round = ?1 AND p.id = ?2",
        );
        Ok(query.bind(round).bind(participant).fetch_all(&self.readers).await?)
    }

    async fn participants(&self, round: i64, after: i64, limit: usize) -> Result<Vec<StoredParticipant>, StoreError> {
        let query = sqlx::query_as("SELECT * FROM participants WHERE round = ? AND key > ? ORDER BY key LIMIT ?");
        Ok(query.bind(round).bind(after).bind(count(limit)).fetch_all(&self.readers).await?)
    }

    async fn answers(
        &self,
        round: i64,
        after: Option<AnswerPlace>,
        limit: usize,
    ) -> Result<Vec<StoredAnswer>, StoreError> {
        let (participant, item, view) = after.map_or((0, 0, 0), |(p, i, view)| (p, i, view_code(view)));
        let query = sqlx::query_as(
            "SELECT * FROM answers WHERE round = ? AND (participant, item, view) > (?, ?, ?) \
             ORDER BY participant, item, view LIMIT ?",
        );
        let query = query.bind(round).bind(participant).bind(item).bind(view).bind(count(limit));
        Ok(query.fetch_all(&self.readers).await?)
    }

    async fn snapshot(
        &self,
        tenant: &str,
        round: Option<&str>,
        sha256: &str,
    ) -> Result<Option<SealedSnapshot>, StoreError> {
        let query = sqlx::query_as(
            "SELECT s.*, r.id AS round_id FROM snapshots s JOIN rounds r ON r.key = s.round \
             WHERE s.sha256 = ?1 AND r.tenant = ?2 AND (?3 IS NULL OR r.id = ?3) ORDER BY s.key LIMIT 1",
        );
        Ok(query.bind(sha256).bind(tenant).bind(round).fetch_optional(&self.readers).await?)
    }

    async fn snapshots(&self, round: i64, after: Option<i64>, limit: usize) -> Result<Vec<SealedSnapshot>, StoreError> {
        let query = sqlx::query_as(
            "SELECT s.*, r.id AS round_id FROM snapshots s JOIN rounds r ON r.key = s.round \
             WHERE s.round = ? AND s.key < ? ORDER BY s.key DESC LIMIT ?",
        );
        Ok(query.bind(round).bind(after.unwrap_or(i64::MAX)).bind(count(limit)).fetch_all(&self.readers).await?)
    }
}
