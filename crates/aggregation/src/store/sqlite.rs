//! The store on SQLite: one writer, a few readers.

mod plugins;

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use async_trait::async_trait;
use folkmoot_core::{Reason, Sha256Hash, Timestamp, canonical};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous};
use sqlx::{Row, Sqlite, SqlitePool, Transaction};
use std::pin::Pin;
use tokio_stream::{Stream, StreamExt};

use super::{Created, Listed, RequestKey, Slice, Store, StoreError, code_from_name, code_name};
use crate::model::{Analysis, Class, Failure, Found, SnapshotName, Spec, State};

const READERS: u32 = 4;
const BUSY: Duration = Duration::from_secs(10);
/// Results of a page are cut off behind this many bytes, so that a page fits a gRPC message.
const PAGE_BYTES: usize = 2 << 20;

const ANALYSIS: &str =
    "SELECT key, id, spec, state, result, error_code, error_reason, error, created, ended FROM analyses";
const FOUND: &str = "SELECT r.key, a.id, a.round, a.snapshot, r.sha256, c.json, r.method, r.method_version, \
     r.component, r.engine_version, r.class, r.created \
     FROM results r JOIN analyses a ON a.key = r.analysis JOIN contents c ON c.sha256 = r.sha256";

type Rows<'a> = Pin<Box<dyn Stream<Item = Result<SqliteRow, sqlx::Error>> + Send + 'a>>;

/// Analyses and results in one SQLite file.
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
        .busy_timeout(BUSY);
    let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    sqlx::migrate!("../../migrations/aggregation/sqlite").run(&writer).await?;
    let readers = SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true)).await?;
    Ok(SqliteStore { writer, readers })
}

impl SqliteStore {
    async fn begin(&self) -> Result<Transaction<'static, Sqlite>, StoreError> {
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(failed)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn create(
        &self,
        tenant: &str,
        analysis: &Analysis,
        request: Option<RequestKey<'_>>,
    ) -> Result<Created, StoreError> {
        let mut tx = self.begin().await?;
        if let Some(request) = request {
            let before = sqlx::query("SELECT fingerprint, analysis FROM requests WHERE tenant = ? AND request_id = ?");
            if let Some(row) = before.bind(tenant).bind(request.id).fetch_optional(&mut *tx).await.map_err(failed)? {
                if row.try_get::<String, _>("fingerprint")? != request.fingerprint.to_string() {
                    return Ok(Created::Conflict);
                }
                let key: i64 = row.try_get("analysis")?;
                let query = format!("{ANALYSIS} WHERE key = ?");
                let row =
                    sqlx::query(sqlx::AssertSqlSafe(query)).bind(key).fetch_one(&mut *tx).await.map_err(failed)?;
                return Ok(Created::Before(Box::new(read_analysis(&row)?)));
            }
        }
        let insert = sqlx::query(
            "INSERT INTO analyses (tenant, id, round, snapshot, spec, state, created) \
             VALUES (?, ?, ?, ?, ?, 'running', ?) ON CONFLICT (tenant, id) DO NOTHING RETURNING key",
        );
        let inserted = insert
            .bind(tenant)
            .bind(&analysis.id)
            .bind(&analysis.spec.snapshot.round)
            .bind(analysis.spec.snapshot.hash.to_string())
            .bind(canonical::json(&analysis.spec))
            .bind(analysis.created.as_millis())
            .fetch_optional(&mut *tx)
            .await
            .map_err(failed)?;
        let Some(row) = inserted else { return Ok(Created::Taken) };
        if let Some(request) = request {
            let remember = "INSERT INTO requests (tenant, request_id, fingerprint, analysis) VALUES (?, ?, ?, ?)";
            sqlx::query(remember)
                .bind(tenant)
                .bind(request.id)
                .bind(request.fingerprint.to_string())
                .bind(row.try_get::<i64, _>("key")?)
                .execute(&mut *tx)
                .await
                .map_err(failed)?;
        }
        tx.commit().await.map_err(failed)?;
        Ok(Created::New)
    }

    async fn asked(&self, tenant: &str, request_id: &str) -> Result<Option<(Sha256Hash, Analysis)>, StoreError> {
        let request = sqlx::query("SELECT fingerprint, analysis FROM requests WHERE tenant = ? AND request_id = ?");
        let request = request.bind(tenant).bind(request_id).fetch_optional(&self.readers).await.map_err(failed)?;
        let Some(request) = request else { return Ok(None) };
        let query = format!("{ANALYSIS} WHERE key = ?");
        let query = sqlx::query(sqlx::AssertSqlSafe(query)).bind(request.try_get::<i64, _>("analysis")?);
        let row = query.fetch_one(&self.readers).await.map_err(failed)?;
        Ok(Some((read(&request, "fingerprint")?, read_analysis(&row)?)))
    }

    async fn analysis(&self, tenant: &str, id: &str) -> Result<Option<Analysis>, StoreError> {
        let query = format!("{ANALYSIS} WHERE tenant = ? AND id = ?");
        let query = sqlx::query(sqlx::AssertSqlSafe(query)).bind(tenant).bind(id);
        let row = query.fetch_optional(&self.readers).await.map_err(failed)?;
        row.as_ref().map(read_analysis).transpose()
    }

    async fn analyses(
        &self,
        tenant: &str,
        snapshot: Option<&SnapshotName>,
        slice: Slice,
    ) -> Result<Listed<Analysis>, StoreError> {
        let of_snapshot = if snapshot.is_some() { " AND round = ? AND snapshot = ?" } else { "" };
        let query = format!("{ANALYSIS} WHERE tenant = ? AND key < ?{of_snapshot} ORDER BY key DESC LIMIT ?");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(query)).bind(tenant).bind(slice.before.unwrap_or(i64::MAX));
        if let Some(snapshot) = snapshot {
            query = query.bind(&snapshot.round).bind(snapshot.hash.to_string());
        }
        list(query.bind(one_more(slice)).fetch(&self.readers), slice, read_analysis, |_| 0).await
    }

    async fn set_spec(&self, tenant: &str, id: &str, spec: &Spec) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE analyses SET spec = ? WHERE tenant = ? AND id = ? AND state = 'running'");
        query.bind(canonical::json(spec)).bind(tenant).bind(id).execute(&self.writer).await.map_err(failed)?;
        Ok(())
    }

    async fn end(&self, tenant: &str, id: &str, state: &State, at: Timestamp) -> Result<(), StoreError> {
        let (name, failure) = match state {
            State::Failed(failure) => ("failed", failure),
            State::Cancelled(failure) => ("cancelled", failure),
            State::Running | State::Succeeded(_) => {
                return Err(StoreError::Corrupt(format!("{state:?} is no end without a result")));
            }
        };
        let query = sqlx::query(
            "UPDATE analyses SET state = ?, error_code = ?, error_reason = ?, error = ?, ended = ? \
             WHERE tenant = ? AND id = ? AND state = 'running'",
        );
        query
            .bind(name)
            .bind(code_name(failure.code))
            .bind(failure.reason.as_str())
            .bind(&failure.message)
            .bind(at.as_millis())
            .bind(tenant)
            .bind(id)
            .execute(&self.writer)
            .await
            .map_err(failed)?;
        Ok(())
    }

    async fn succeed(&self, tenant: &str, found: &Found) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let hash = found.hash.to_string();
        sqlx::query("INSERT INTO contents (sha256, json) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(&hash)
            .bind(found.json.as_bytes())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        let query = sqlx::query(
            "INSERT INTO results (tenant, analysis, sha256, method, method_version, component, engine_version, class, \
             created) SELECT tenant, key, ?, ?, ?, ?, ?, ?, ? FROM analyses WHERE tenant = ? AND id = ? ON CONFLICT DO NOTHING",
        );
        query
            .bind(&hash)
            .bind(&found.method)
            .bind(&found.method_version)
            .bind(found.component.map(|component| component.to_string()))
            .bind(&found.engine_version)
            .bind(class_name(found.class))
            .bind(found.created.as_millis())
            .bind(tenant)
            .bind(&found.analysis)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        sqlx::query("UPDATE analyses SET state = 'succeeded', result = ?, ended = ? WHERE tenant = ? AND id = ?")
            .bind(&hash)
            .bind(found.created.as_millis())
            .bind(tenant)
            .bind(&found.analysis)
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        tx.commit().await.map_err(failed)
    }

    async fn interrupt(&self, failure: &Failure, at: Timestamp) -> Result<u64, StoreError> {
        let query = sqlx::query(
            "UPDATE analyses SET state = 'failed', error_code = ?, error_reason = ?, error = ?, ended = ? \
             WHERE state = 'running'",
        );
        let query = query.bind(code_name(failure.code)).bind(failure.reason.as_str()).bind(&failure.message);
        let done = query.bind(at.as_millis()).execute(&self.writer).await.map_err(failed)?;
        Ok(done.rows_affected())
    }

    async fn result(
        &self,
        tenant: &str,
        analysis: Option<&str>,
        hash: Sha256Hash,
    ) -> Result<Option<Found>, StoreError> {
        let of_analysis = if analysis.is_some() { " AND a.id = ?" } else { "" };
        let query = format!("{FOUND} WHERE r.tenant = ? AND r.sha256 = ?{of_analysis} ORDER BY r.key DESC LIMIT 1");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(query)).bind(tenant).bind(hash.to_string());
        if let Some(analysis) = analysis {
            query = query.bind(analysis);
        }
        let row = query.fetch_optional(&self.readers).await.map_err(failed)?;
        row.as_ref().map(read_found).transpose()
    }

    async fn results(&self, tenant: &str, analysis: Option<&str>, slice: Slice) -> Result<Listed<Found>, StoreError> {
        let of_analysis = if analysis.is_some() { " AND a.id = ?" } else { "" };
        let query = format!("{FOUND} WHERE r.tenant = ? AND r.key < ?{of_analysis} ORDER BY r.key DESC LIMIT ?");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(query)).bind(tenant).bind(slice.before.unwrap_or(i64::MAX));
        if let Some(analysis) = analysis {
            query = query.bind(analysis);
        }
        list(query.bind(one_more(slice)).fetch(&self.readers), slice, read_found, |found| found.json.len()).await
    }
}

/// The first `slice.limit` rows, or fewer where they grow over [`PAGE_BYTES`].
async fn list<T>(
    mut rows: Rows<'_>,
    slice: Slice,
    read: fn(&SqliteRow) -> Result<T, StoreError>,
    size: fn(&T) -> usize,
) -> Result<Listed<T>, StoreError> {
    let mut listed = Listed { entries: Vec::new(), next: None };
    let mut bytes = 0;
    let mut last = None;
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        let entry = read(&row)?;
        bytes += size(&entry);
        let full = listed.entries.len() == slice.limit || (bytes > PAGE_BYTES && !listed.entries.is_empty());
        if full {
            listed.next = last;
            break;
        }
        last = Some(row.try_get("key")?);
        listed.entries.push(entry);
    }
    Ok(listed)
}

fn read_analysis(row: &SqliteRow) -> Result<Analysis, StoreError> {
    let spec: String = row.try_get("spec")?;
    let state: String = row.try_get("state")?;
    let ended: Option<i64> = row.try_get("ended")?;
    Ok(Analysis {
        id: row.try_get("id")?,
        spec: serde_json::from_str(&spec).map_err(|error| StoreError::Corrupt(format!("a spec: {error}")))?,
        state: match state.as_str() {
            "running" => State::Running,
            "succeeded" => State::Succeeded(read(row, "result")?),
            "failed" => State::Failed(read_failure(row)?),
            "cancelled" => State::Cancelled(read_failure(row)?),
            other => return Err(StoreError::Corrupt(format!("the state {other:?}"))),
        },
        created: Timestamp::from_millis(row.try_get("created")?),
        ended: ended.map(Timestamp::from_millis),
    })
}

fn read_failure(row: &SqliteRow) -> Result<Failure, StoreError> {
    let (code, reason): (String, String) = (row.try_get("error_code")?, row.try_get("error_reason")?);
    Ok(Failure {
        code: code_from_name(&code).ok_or_else(|| StoreError::Corrupt(format!("the code {code:?}")))?,
        reason: Reason::from_wire(&reason).ok_or_else(|| StoreError::Corrupt(format!("the reason {reason:?}")))?,
        message: row.try_get("error")?,
    })
}

fn read_found(row: &SqliteRow) -> Result<Found, StoreError> {
    let json: Vec<u8> = row.try_get("json")?;
    let class: String = row.try_get("class")?;
    Ok(Found {
        analysis: row.try_get("id")?,
        snapshot: SnapshotName { round: row.try_get("round")?, hash: read(row, "snapshot")? },
        hash: read(row, "sha256")?,
        json: String::from_utf8(json).map_err(|_| StoreError::Corrupt("a result is not UTF-8".into()))?,
        method: row.try_get("method")?,
        method_version: row.try_get("method_version")?,
        component: match row.try_get::<Option<String>, _>("component")? {
            Some(_) => Some(read(row, "component")?),
            None => None,
        },
        engine_version: row.try_get("engine_version")?,
        class: class_from_name(&class).ok_or_else(|| StoreError::Corrupt(format!("the class {class:?}")))?,
        created: Timestamp::from_millis(row.try_get("created")?),
    })
}

fn read<T: FromStr>(row: &SqliteRow, column: &str) -> Result<T, StoreError> {
    let text: String = row.try_get(column)?;
    text.parse().map_err(|_| StoreError::Corrupt(format!("{column} is {text:?}")))
}

fn class_name(class: Class) -> &'static str {
    match class {
        Class::Public => "public",
        Class::Auditor => "auditor",
        Class::Suppressed => "suppressed",
    }
}

fn class_from_name(name: &str) -> Option<Class> {
    [Class::Public, Class::Auditor, Class::Suppressed].into_iter().find(|class| class_name(*class) == name)
}

fn one_more(slice: Slice) -> i64 {
    i64::try_from(slice.limit).map_or(i64::MAX, |limit| limit.saturating_add(1))
}

/// `SQLITE_FULL` (13) has its own answer.
fn failed(error: sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned());
    match code.as_deref() {
        Some("13") => StoreError::Full,
        _ => StoreError::Database(error),
    }
}
