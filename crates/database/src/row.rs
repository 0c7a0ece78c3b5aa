use folkmoot_core::{Sha256Hash, Timestamp};
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type};

use crate::DatabaseError;

/// A row of either database.
#[derive(Debug)]
pub enum Row {
    /// Of SQLite.
    Sqlite(SqliteRow),
    /// Of PostgreSQL.
    Postgres(PgRow),
}

/// What a row is read as.
pub trait FromRow: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// [`DatabaseError::Corrupt`] where it is none.
    fn from_row(row: &Row) -> Result<Self, DatabaseError>;
}

impl Row {
    /// A column of the type that both databases keep it in: `i64`, `f64`, `String`, `Vec<u8>`, or an
    /// `Option` of these.
    ///
    /// # Errors
    /// [`DatabaseError::Corrupt`] where it is absent or of another type.
    pub fn get<T>(&self, column: &str) -> Result<T, DatabaseError>
    where
        T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>,
    {
        match self {
            Self::Sqlite(row) => Ok(row.try_get(column)?),
            Self::Postgres(row) => Ok(row.try_get(column)?),
        }
    }

    fn first<T>(&self) -> Result<T, DatabaseError>
    where
        T: for<'r> Decode<'r, Sqlite> + Type<Sqlite> + for<'r> Decode<'r, Postgres> + Type<Postgres>,
    {
        match self {
            Self::Sqlite(row) => Ok(row.try_get(0)?),
            Self::Postgres(row) => Ok(row.try_get(0)?),
        }
    }

    /// A whole number in the range of its type.
    ///
    /// # Errors
    /// As [`Row::get`], and where it is out of range.
    pub fn number<T: TryFrom<i64>>(&self, column: &str) -> Result<T, DatabaseError> {
        let number: i64 = self.get(column)?;
        T::try_from(number).map_err(|_| DatabaseError::Corrupt(format!("the {column} {number}")))
    }

    /// A yes or no, kept as 1 or 0.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn flag(&self, column: &str) -> Result<bool, DatabaseError> {
        Ok(self.get::<i64>(column)? != 0)
    }

    /// A moment, kept as milliseconds since 1970.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn time(&self, column: &str) -> Result<Timestamp, DatabaseError> {
        Ok(Timestamp::from_millis(self.get(column)?))
    }

    /// A moment that may be missing.
    ///
    /// # Errors
    /// As [`Row::get`].
    pub fn maybe_time(&self, column: &str) -> Result<Option<Timestamp>, DatabaseError> {
        Ok(self.get::<Option<i64>>(column)?.map(Timestamp::from_millis))
    }

    /// What is kept as JSON.
    ///
    /// # Errors
    /// As [`Row::get`], and where it is not that.
    pub fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, DatabaseError> {
        let text: String = self.get(column)?;
        serde_json::from_str(&text).map_err(|error| DatabaseError::Corrupt(format!("a wrong {column}: {error}")))
    }

    /// A hash that is kept as its 32 bytes.
    ///
    /// # Errors
    /// As [`Row::get`], and where it has not 32 bytes.
    pub fn hash(&self, column: &str) -> Result<Sha256Hash, DatabaseError> {
        let bytes: Vec<u8> = self.get(column)?;
        let bytes: [u8; 32] =
            bytes.try_into().map_err(|_| DatabaseError::Corrupt(format!("a {column} that has not 32 bytes")))?;
        Ok(Sha256Hash::from(bytes))
    }

    /// What is kept by its name.
    ///
    /// # Errors
    /// As [`Row::get`], and where `from_name` knows no such name.
    pub fn named<T>(&self, column: &str, from_name: impl Fn(&str) -> Option<T>) -> Result<T, DatabaseError> {
        let name: String = self.get(column)?;
        from_name(&name).ok_or_else(|| DatabaseError::Corrupt(format!("the {column} {name:?}")))
    }
}

impl FromRow for i64 {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        row.first()
    }
}

impl FromRow for String {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        row.first()
    }
}
