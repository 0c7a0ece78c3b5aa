use std::pin::Pin;

use sqlx::{SqlSafeStr, SqlStr};
use tokio_stream::{Stream, StreamExt as _};

use crate::columns::{self, Column};
use crate::row::{FromRow, Row};
use crate::value::{self, Value};
use crate::{DatabaseError, read_all};

/// Rows as they come.
pub(crate) type Rows<'a> = Pin<Box<dyn Stream<Item = Result<Row, DatabaseError>> + Send + 'a>>;

/// A write on its way. It is undone where it is dropped instead of committed.
#[derive(Debug)]
pub enum Transaction {
    /// The only one on its file.
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>),
    /// One of many.
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
}

impl Transaction {
    /// What to add to a query whose rows this write depends on, so that no other changes them meanwhile.
    pub fn locking(&self) -> &'static str {
        match self {
            // Nobody else writes.
            Self::Sqlite(_) => "",
            Self::Postgres(_) => " FOR UPDATE",
        }
    }

    /// The query that makes a list, given as parameter `place`, into rows: for `IN (...)`.
    pub fn each(&self, place: usize) -> String {
        match self {
            Self::Sqlite(_) => value::each_sqlite(place),
            Self::Postgres(_) => value::each_postgres(place),
        }
    }

    /// As [`Database::all`](crate::Database::all), with what this transaction did.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn all<T: FromRow>(
        &mut self,
        sql: impl SqlSafeStr,
        values: &[Value<'_>],
    ) -> Result<Vec<T>, DatabaseError> {
        let sql = sql.into_sql_str();
        match self {
            Self::Sqlite(db) => {
                read_all(value::sqlite(sql, values).fetch_all(&mut **db).await?.into_iter().map(Row::Sqlite))
            }
            Self::Postgres(db) => {
                read_all(value::postgres(sql, values).fetch_all(&mut **db).await?.into_iter().map(Row::Postgres))
            }
        }
    }

    /// As [`Database::first`](crate::Database::first), with what this transaction did.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn first<T: FromRow>(
        &mut self,
        sql: impl SqlSafeStr,
        values: &[Value<'_>],
    ) -> Result<Option<T>, DatabaseError> {
        let row = self.row(sql.into_sql_str(), values).await?;
        row.as_ref().map(T::from_row).transpose()
    }

    async fn row(&mut self, sql: SqlStr, values: &[Value<'_>]) -> Result<Option<Row>, DatabaseError> {
        Ok(match self {
            Self::Sqlite(db) => value::sqlite(sql, values).fetch_optional(&mut **db).await?.map(Row::Sqlite),
            Self::Postgres(db) => value::postgres(sql, values).fetch_optional(&mut **db).await?.map(Row::Postgres),
        })
    }

    pub(crate) fn stream(&mut self, sql: impl SqlSafeStr) -> Rows<'_> {
        let sql = sql.into_sql_str();
        match self {
            Self::Sqlite(db) => Box::pin(value::sqlite(sql, &[]).fetch(&mut **db).map(|row| Ok(Row::Sqlite(row?)))),
            Self::Postgres(db) => {
                Box::pin(value::postgres(sql, &[]).fetch(&mut **db).map(|row| Ok(Row::Postgres(row?))))
            }
        }
    }

    /// Does a statement; how many rows it touched.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn execute(&mut self, sql: impl SqlSafeStr, values: &[Value<'_>]) -> Result<u64, DatabaseError> {
        let sql = sql.into_sql_str();
        Ok(match self {
            Self::Sqlite(db) => value::sqlite(sql, values).execute(&mut **db).await?.rows_affected(),
            Self::Postgres(db) => value::postgres(sql, values).execute(&mut **db).await?.rows_affected(),
        })
    }

    /// Inserts rows, given as columns of one length, into `table`; how many it inserted.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn insert(&mut self, table: &'static str, columns: &[(&str, Column<'_>)]) -> Result<u64, DatabaseError> {
        match self {
            Self::Sqlite(db) => columns::insert_sqlite(db, table, columns).await,
            Self::Postgres(db) => columns::insert_postgres(db, table, columns).await,
        }
    }

    /// Makes all of it durable, or none.
    ///
    /// # Errors
    /// [`DatabaseError`]; whether it is done is not known if the connection broke.
    pub async fn commit(self) -> Result<(), DatabaseError> {
        match self {
            Self::Sqlite(db) => db.commit().await?,
            Self::Postgres(db) => db.commit().await?,
        }
        Ok(())
    }
}
