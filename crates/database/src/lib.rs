//! One way to SQLite and PostgreSQL for every store.
//!
//! A store writes its SQL once, in what both databases understand: parameters `$1`, `$2`, ...;
//! `ON CONFLICT`; `RETURNING`; row values; no function of time or chance. What they do differently is
//! here and nowhere else: how a writer waits for another ([`Transaction::locking`]), how a list becomes
//! rows ([`Transaction::each`]) and how many rows are inserted at once ([`Transaction::insert`]).
//!
//! SQLite: a file a schema, one writer, a few readers, a write-ahead log that is synced at every commit.
//! PostgreSQL: a database for all, a schema of that name for each; transactions read what others
//! committed before each statement, so whoever reads what a write depends on reads it locked.
//!
//! To add a store: write its migrations for both, name them in a [`Schema`], and [`Database::open`] it.
//!
//! # Invariants
//! - No table, column or resource is known here.
//! - What is committed is synced.
//! - Nothing of sqlx is seen by a store but its migrations.

mod columns;
mod copy;
mod error;
mod place;
mod row;
mod transaction;
mod value;

pub use columns::Column;
pub use copy::{Copied, Moved, copy};
pub use error::DatabaseError;
pub use place::Place;
pub use row::{FromRow, Row};
pub use sqlx::AssertSqlSafe;
pub use sqlx::migrate::{MigrateError, Migrator};
pub use transaction::Transaction;
pub use value::Value;

use std::time::Duration;

use sqlx::SqlSafeStr;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

/// Readers of a file, beside its one writer.
const READERS: u32 = 4;
/// Connections to a server.
const CONNECTIONS: u32 = 16;
/// How long a statement waits for others.
const PATIENCE: Duration = Duration::from_secs(10);
/// Pages of SQLite's log before it is copied into the database: about 16 MiB.
const CHECKPOINT_PAGES: &str = "4000";

/// What a store keeps, and how it came to that.
#[derive(Clone, Copy, Debug)]
pub struct Schema {
    /// Name of its file (`{name}.db`) and of its schema.
    pub name: &'static str,
    /// Its tables, each behind those it refers to.
    pub tables: &'static [&'static str],
    /// Its migrations on SQLite.
    pub sqlite: &'static Migrator,
    /// Its migrations on PostgreSQL, of the same numbers.
    pub postgres: &'static Migrator,
}

/// A schema's connections. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database(Pools);

#[derive(Clone, Debug)]
enum Pools {
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    Postgres(PgPool),
}

impl Database {
    /// Opens what is at `place`, makes it where absent and brings it up to date.
    ///
    /// # Errors
    /// A place that cannot be opened, and a schema of a newer version.
    pub async fn open(place: &Place, schema: &Schema) -> Result<Self, DatabaseError> {
        match place {
            Place::Folder(folder) => sqlite(&folder.join(format!("{}.db", schema.name)), schema.sqlite).await,
            Place::Server(options) => postgres(options, schema).await,
        }
    }

    /// The rows that a query finds.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn all<T: FromRow>(&self, sql: impl SqlSafeStr, values: &[Value<'_>]) -> Result<Vec<T>, DatabaseError> {
        let sql = sql.into_sql_str();
        match &self.0 {
            Pools::Sqlite { readers, .. } => {
                read_all(value::sqlite(sql, values).fetch_all(readers).await?.into_iter().map(Row::Sqlite))
            }
            Pools::Postgres(pool) => {
                read_all(value::postgres(sql, values).fetch_all(pool).await?.into_iter().map(Row::Postgres))
            }
        }
    }

    /// As [`Transaction::each`].
    pub fn each(&self, place: usize) -> String {
        match &self.0 {
            Pools::Sqlite { .. } => value::each_sqlite(place),
            Pools::Postgres(_) => value::each_postgres(place),
        }
    }

    /// The first row that a query finds.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn first<T: FromRow>(
        &self,
        sql: impl SqlSafeStr,
        values: &[Value<'_>],
    ) -> Result<Option<T>, DatabaseError> {
        let sql = sql.into_sql_str();
        let row = match &self.0 {
            Pools::Sqlite { readers, .. } => value::sqlite(sql, values).fetch_optional(readers).await?.map(Row::Sqlite),
            Pools::Postgres(pool) => value::postgres(sql, values).fetch_optional(pool).await?.map(Row::Postgres),
        };
        row.as_ref().map(T::from_row).transpose()
    }

    /// Does one statement, durably; how many rows it touched.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn execute(&self, sql: impl SqlSafeStr, values: &[Value<'_>]) -> Result<u64, DatabaseError> {
        let mut transaction = self.begin().await?;
        let touched = transaction.execute(sql, values).await?;
        transaction.commit().await?;
        Ok(touched)
    }

    /// Begins to write. What is not committed is as if it had never been.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn begin(&self) -> Result<Transaction, DatabaseError> {
        match &self.0 {
            Pools::Sqlite { writer, .. } => Ok(Transaction::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?)),
            Pools::Postgres(pool) => Ok(Transaction::Postgres(pool.begin().await?)),
        }
    }

    /// Ends all connections, once those in use are given back.
    pub async fn close(&self) {
        match &self.0 {
            Pools::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
    }
}

fn read_all<T: FromRow>(rows: impl Iterator<Item = Row>) -> Result<Vec<T>, DatabaseError> {
    rows.map(|row| T::from_row(&row)).collect()
}

async fn sqlite(path: &std::path::Path, migrations: &Migrator) -> Result<Database, DatabaseError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
        .busy_timeout(PATIENCE);
    let writer = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
    migrations.run(&writer).await?;
    let readers = SqlitePoolOptions::new().max_connections(READERS).connect_with(options.read_only(true)).await?;
    Ok(Database(Pools::Sqlite { writer, readers }))
}

async fn postgres(options: &PgConnectOptions, schema: &Schema) -> Result<Database, DatabaseError> {
    let wait = PATIENCE.as_millis().to_string();
    let options = options.clone().options([
        ("search_path", schema.name),
        // An acknowledgement means that a crash of the server takes nothing away, whatever it is set to.
        ("synchronous_commit", "on"),
        ("lock_timeout", wait.as_str()),
        ("idle_in_transaction_session_timeout", wait.as_str()),
    ]);
    let pool =
        PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(PATIENCE).connect_with(options).await?;
    // Names of schemas are our own words. Two servers that start at once both may try to make it.
    let make = format!("CREATE SCHEMA IF NOT EXISTS {}", schema.name);
    let mut making = pool.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock(hashtext('folkmoot'))").execute(&mut *making).await?;
    sqlx::query(AssertSqlSafe(make)).execute(&mut *making).await?;
    making.commit().await?;
    schema.postgres.run(&pool).await?;
    Ok(Database(Pools::Postgres(pool)))
}
