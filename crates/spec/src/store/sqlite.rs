//! Specs in SQLite: one writer, a pool of readers, and a write-ahead log that is synced at every commit.

mod rows;
mod write;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use folkmoot_rpc::page::Page;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use super::{Commit, Committed, Place, Reply, Store, StoreError};
use crate::model::{Change, Clause, Decision, Event, Finding, FindingClass, Position, Proposal, Revision, Spec};

const READERS: u32 = 4;
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Specs in one SQLite file.
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

/// Opens the file at `path`, creates it where there is none, and brings its schema up to date.
///
/// # Errors
/// The file cannot be opened, or was made by a newer version.
pub async fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT);
    let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    let migrations = sqlx::migrate!("../../migrations/spec/sqlite");
    migrations.run(&writer).await.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let readers = SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true)).await?;
    Ok(SqliteStore { writer, readers })
}

impl SqliteStore {
    /// Writes what is pending and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
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

/// One entry more than asked for, so that the caller sees whether there are more.
fn limit(page: &Page) -> i64 {
    i64::try_from(page.limit).map_or(i64::MAX, |limit| limit.saturating_add(1))
}

/// Runs a query of rows that belong to a spec: binds tenant and spec as `?1` and `?2`.
macro_rules! of_spec {
    ($type:ty, $tenant:expr, $spec:expr, $sql:literal) => {
        sqlx::query_as::<_, $type>(concat!("WITH s AS (SELECT key FROM specs WHERE tenant = ?1 AND id = ?2) ", $sql))
            .bind($tenant)
            .bind($spec)
    };
}

/// Runs a query of rows that belong to a revision: binds tenant, spec and revision as `?1` to `?3`.
macro_rules! of_revision {
    ($type:ty, $place:expr, $sql:literal) => {
        sqlx::query_as::<_, $type>(concat!(
            "WITH s AS (SELECT key FROM specs WHERE tenant = ?1 AND id = ?2), ",
            "r AS (SELECT key FROM revisions WHERE spec = (SELECT key FROM s) AND id = ?3) ",
            $sql
        ))
        .bind($place.tenant)
        .bind($place.spec)
        .bind($place.revision)
    };
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, tenant: &str, commit: Commit) -> Result<Committed, StoreError> {
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        let committed = write::commit(&mut transaction, tenant, &commit).await?;
        match committed {
            Committed::Done => transaction.commit().await?,
            Committed::Stale => transaction.rollback().await?,
        }
        Ok(committed)
    }

    async fn reply(&self, tenant: &str, request_id: &str) -> Result<Option<Reply>, StoreError> {
        let sql = "SELECT * FROM requests WHERE tenant = ?1 AND request_id = ?2";
        Ok(sqlx::query_as(sql).bind(tenant).bind(request_id).fetch_optional(&self.readers).await?)
    }

    async fn spec(&self, tenant: &str, spec: &str) -> Result<Option<Spec>, StoreError> {
        let sql = "SELECT * FROM specs WHERE tenant = ?1 AND id = ?2";
        Ok(sqlx::query_as(sql).bind(tenant).bind(spec).fetch_optional(&self.readers).await?)
    }

    async fn specs(&self, tenant: &str, page: &Page) -> Result<Vec<Spec>, StoreError> {
        let sql = "SELECT * FROM specs WHERE tenant = ?1 AND (?2 IS NULL OR id > ?2) ORDER BY id LIMIT ?3";
        let query = sqlx::query_as(sql).bind(tenant).bind(&page.after).bind(limit(page));
        Ok(query.fetch_all(&self.readers).await?)
    }

    async fn revision(&self, tenant: &str, spec: &str, id: &str) -> Result<Option<Revision>, StoreError> {
        let query = of_spec!(
            Revision,
            tenant,
            spec,
            "SELECT id, text_hash, parent, clause_count, warnings, proposals, note, created FROM revisions
             WHERE spec = (SELECT key FROM s) AND id = ?3"
        );
        Ok(query.bind(id).fetch_optional(&self.readers).await?)
    }

    async fn source(&self, tenant: &str, spec: &str, revision: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT revisions.source FROM revisions JOIN specs ON specs.key = revisions.spec
                   WHERE specs.tenant = ?1 AND specs.id = ?2 AND revisions.id = ?3";
        let query = sqlx::query_scalar(sql).bind(tenant).bind(spec).bind(revision);
        Ok(query.fetch_optional(&self.readers).await?)
    }

    async fn revisions(&self, tenant: &str, spec: &str, page: &Page) -> Result<Vec<Revision>, StoreError> {
        let query = of_spec!(
            Revision,
            tenant,
            spec,
            "SELECT id, text_hash, parent, clause_count, warnings, proposals, note, created FROM revisions
             WHERE spec = (SELECT key FROM s)
             AND (?3 IS NULL OR key < (SELECT key FROM revisions WHERE spec = (SELECT key FROM s) AND id = ?3))
             ORDER BY key DESC LIMIT ?4"
        );
        Ok(query.bind(&page.after).bind(limit(page)).fetch_all(&self.readers).await?)
    }

    async fn clause(&self, at: Place<'_>, anchor: &str) -> Result<Option<Clause>, StoreError> {
        let query =
            of_revision!(Clause, at, "SELECT * FROM clauses WHERE revision = (SELECT key FROM r) AND anchor = ?4");
        Ok(query.bind(anchor).fetch_optional(&self.readers).await?)
    }

    async fn clause_of_hash(&self, at: Place<'_>, anchor: &str, hash: &str) -> Result<Option<Clause>, StoreError> {
        let query = of_spec!(
            Clause,
            at.tenant,
            at.spec,
            "SELECT * FROM clauses WHERE anchor = ?3 AND text_hash = ?4
             AND revision IN (SELECT key FROM revisions WHERE spec = (SELECT key FROM s))
             ORDER BY revision DESC LIMIT 1"
        );
        Ok(query.bind(anchor).bind(hash).fetch_optional(&self.readers).await?)
    }

    async fn clauses(&self, at: Place<'_>, page: &Page) -> Result<Vec<Clause>, StoreError> {
        let query = of_revision!(
            Clause,
            at,
            "SELECT * FROM clauses WHERE revision = (SELECT key FROM r)
             AND (?4 IS NULL OR
                  place > (SELECT place FROM clauses WHERE revision = (SELECT key FROM r) AND anchor = ?4))
             ORDER BY place LIMIT ?5"
        );
        Ok(query.bind(&page.after).bind(limit(page)).fetch_all(&self.readers).await?)
    }

    async fn hashes(&self, at: Place<'_>) -> Result<Vec<(String, String)>, StoreError> {
        let query = of_revision!(
            (String, String),
            at,
            "SELECT anchor, text_hash FROM clauses WHERE revision = (SELECT key FROM r) ORDER BY place"
        );
        Ok(query.fetch_all(&self.readers).await?)
    }

    async fn changes(&self, at: Place<'_>, anchor: &str) -> Result<Vec<(String, Change)>, StoreError> {
        let query = of_revision!(
            rows::RevisionChange,
            at,
            "SELECT revisions.id AS revision_id, changes.anchor, changes.kinds
             FROM changes JOIN revisions ON revisions.key = changes.revision
             WHERE changes.anchor = ?4 AND revisions.spec = (SELECT key FROM s)
             AND changes.revision <= (SELECT key FROM r) ORDER BY changes.revision DESC"
        );
        let rows = query.bind(anchor).fetch_all(&self.readers).await?;
        Ok(rows.into_iter().map(|row| (row.revision, row.change)).collect())
    }

    async fn position(&self, at: Place<'_>, id: &str) -> Result<Option<Position>, StoreError> {
        let query =
            of_revision!(Position, at, "SELECT * FROM positions WHERE revision = (SELECT key FROM r) AND id = ?4");
        Ok(query.bind(id).fetch_optional(&self.readers).await?)
    }

    async fn positions(&self, at: Place<'_>, round: Option<&str>, page: &Page) -> Result<Vec<Position>, StoreError> {
        let query = of_revision!(
            Position,
            at,
            "SELECT * FROM positions WHERE revision = (SELECT key FROM r)
             AND (?4 IS NULL OR round = ?4) AND (?5 IS NULL OR id > ?5) ORDER BY id LIMIT ?6"
        );
        Ok(query.bind(round).bind(&page.after).bind(limit(page)).fetch_all(&self.readers).await?)
    }

    async fn finding(&self, tenant: &str, spec: &str, id: &str) -> Result<Option<Finding>, StoreError> {
        let query =
            of_spec!(Finding, tenant, spec, "SELECT * FROM findings WHERE spec = (SELECT key FROM s) AND id = ?3");
        Ok(query.bind(id).fetch_optional(&self.readers).await?)
    }

    async fn findings(
        &self,
        tenant: &str,
        spec: &str,
        class: Option<FindingClass>,
        page: &Page,
    ) -> Result<Vec<Finding>, StoreError> {
        let query = of_spec!(
            Finding,
            tenant,
            spec,
            "SELECT * FROM findings WHERE spec = (SELECT key FROM s) AND (?3 IS NULL OR class = ?3)
             AND (?4 IS NULL OR key < (SELECT key FROM findings WHERE spec = (SELECT key FROM s) AND id = ?4))
             ORDER BY key DESC LIMIT ?5"
        );
        let query = query.bind(class.map(FindingClass::name)).bind(&page.after).bind(limit(page));
        Ok(query.fetch_all(&self.readers).await?)
    }

    async fn proposal(&self, tenant: &str, spec: &str, id: &str) -> Result<Option<Proposal>, StoreError> {
        let query =
            of_spec!(Proposal, tenant, spec, "SELECT * FROM proposals WHERE spec = (SELECT key FROM s) AND id = ?3");
        Ok(query.bind(id).fetch_optional(&self.readers).await?)
    }

    async fn proposals(&self, tenant: &str, spec: &str, page: &Page) -> Result<Vec<Proposal>, StoreError> {
        let query = of_spec!(
            Proposal,
            tenant,
            spec,
            "SELECT * FROM proposals WHERE spec = (SELECT key FROM s)
             AND (?3 IS NULL OR key < (SELECT key FROM proposals WHERE spec = (SELECT key FROM s) AND id = ?3))
             ORDER BY key DESC LIMIT ?4"
        );
        Ok(query.bind(&page.after).bind(limit(page)).fetch_all(&self.readers).await?)
    }

    async fn adopted(&self, tenant: &str, spec: &str) -> Result<Vec<Proposal>, StoreError> {
        let query = of_spec!(
            Proposal,
            tenant,
            spec,
            "SELECT * FROM proposals WHERE spec = (SELECT key FROM s) AND state = 'adopted' ORDER BY key"
        );
        Ok(query.fetch_all(&self.readers).await?)
    }

    async fn decision(&self, tenant: &str, spec: &str, id: &str) -> Result<Option<Decision>, StoreError> {
        let query =
            of_spec!(Decision, tenant, spec, "SELECT * FROM decisions WHERE spec = (SELECT key FROM s) AND id = ?3");
        Ok(query.bind(id).fetch_optional(&self.readers).await?)
    }

    async fn decisions(&self, tenant: &str, spec: &str, page: &Page) -> Result<Vec<Decision>, StoreError> {
        let query = of_spec!(
            Decision,
            tenant,
            spec,
            "SELECT * FROM decisions WHERE spec = (SELECT key FROM s)
             AND (?3 IS NULL OR key < (SELECT key FROM decisions WHERE spec = (SELECT key FROM s) AND id = ?3))
             ORDER BY key DESC LIMIT ?4"
        );
        Ok(query.bind(&page.after).bind(limit(page)).fetch_all(&self.readers).await?)
    }

    async fn events(&self, tenant: &str, spec: &str, after: i64, limit: usize) -> Result<Vec<Event>, StoreError> {
        let query = of_spec!(
            Event,
            tenant,
            spec,
            "SELECT sequence, changed FROM events WHERE spec = (SELECT key FROM s) AND sequence > ?3
             ORDER BY sequence LIMIT ?4"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Ok(query.bind(after).bind(limit).fetch_all(&self.readers).await?)
    }

    async fn last_event(&self, tenant: &str, spec: &str) -> Result<i64, StoreError> {
        let query = of_spec!(
            (i64,),
            tenant,
            spec,
            "SELECT coalesce(max(sequence), 0) FROM events WHERE spec = (SELECT key FROM s)"
        );
        Ok(query.fetch_one(&self.readers).await?.0)
    }
}
