//! Where analyses, their results and plugins are kept, on either database.
//!
//! Nothing of one tenant is seen by another; what does not exist is `None`, not an error. What an
//! analysis ended with stays: whoever ends it does so where it still runs, or changes nothing.

mod analyses;
#[cfg(test)]
mod conformance;
pub mod plugins;
mod rows;

use folkmoot_core::Sha256Hash;
use folkmoot_database::{AssertSqlSafe, Database, DatabaseError, FromRow, Migrator, Place, Row, Schema, Value};

use crate::model::Analysis;

static SQLITE: Migrator = sqlx::migrate!("../../migrations/aggregation/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/aggregation/postgres");

/// What the store keeps.
pub const SCHEMA: Schema = Schema {
    name: "aggregation",
    tables: &["analyses", "contents", "results", "requests", "plugins", "replies"],
    sqlite: &SQLITE,
    postgres: &POSTGRES,
};

/// Pages are cut off behind this many bytes, so that one fits a gRPC message.
const PAGE_BYTES: i64 = 2 << 20;

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
    /// The entries: fewer than asked, but at least one where there is one, when they are large.
    pub entries: Vec<T>,
    /// Place to go on behind, where there are more.
    pub next: Option<i64>,
}

/// Analyses, results and plugins. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store(Database);

impl Store {
    /// Opens the database, makes it where absent and brings its schema up to date.
    ///
    /// # Errors
    /// A place that cannot be opened, or a schema that cannot be brought up to date.
    pub async fn open(place: &Place) -> Result<Self, DatabaseError> {
        Ok(Self(Database::open(place, &SCHEMA).await?))
    }

    /// Ends its connections.
    pub async fn close(&self) {
        self.0.close().await;
    }

    /// The rows of `list` that `which` holds for, which has the parameters `values`. Their sizes are
    /// read first, so that no more comes into memory than is returned.
    async fn list<T: FromRow>(
        &self,
        list: List,
        which: &str,
        values: &[Value<'_>],
        slice: Slice,
    ) -> Result<Listed<T>, DatabaseError> {
        let List { rows, columns, large } = list;
        let (before, limit) = (values.len() + 1, values.len() + 2);
        let sql = format!(
            "SELECT t.key, CAST(octet_length({large}) AS BIGINT) AS bytes FROM {rows} \
             WHERE {which} AND t.key < ${before} ORDER BY t.key DESC LIMIT ${limit}"
        );
        let one_more = i64::try_from(slice.limit).unwrap_or(i64::MAX).saturating_add(1);
        let values = [values, &[slice.before.unwrap_or(i64::MAX).into(), one_more.into()]].concat();
        let found: Vec<Size> = self.0.all(AssertSqlSafe(sql), &values).await?;

        let keys = fitting(&found, slice.limit);
        let next = keys.last().copied().filter(|_| keys.len() < found.len());
        let each = self.0.each(1);
        let sql = format!("SELECT {columns} FROM {rows} WHERE t.key IN ({each}) ORDER BY t.key DESC");
        Ok(Listed { entries: self.0.all(AssertSqlSafe(sql), &[Value::Ints(&keys)]).await?, next })
    }
}

/// What a list is read from.
#[derive(Clone, Copy)]
struct List {
    /// Table `t`, which has the keys, and what is joined to it.
    rows: &'static str,
    columns: &'static str,
    /// The column that may be large.
    large: &'static str,
}

/// A row's key and size.
struct Size {
    key: i64,
    bytes: i64,
}

impl FromRow for Size {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self { key: row.get("key")?, bytes: row.get("bytes")? })
    }
}

/// Keys of the first rows, at most `limit`, that fit a page; the first one always does.
fn fitting(found: &[Size], limit: usize) -> Vec<i64> {
    let mut bytes = 0;
    let mut keys = Vec::new();
    for row in found.iter().take(limit) {
        bytes += row.bytes;
        if bytes > PAGE_BYTES && !keys.is_empty() {
            break;
        }
        keys.push(row.key);
    }
    keys
}
