//! Many rows at once, as columns.

use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};

use crate::DatabaseError;

/// Rows of one statement on SQLite, the largest first: few enough statements to stay prepared.
const CHUNKS: [usize; 4] = [256, 32, 4, 1];

/// A column of many rows.
#[derive(Clone, Debug)]
pub enum Column<'a> {
    /// Whole numbers, keys, times, flags.
    Ints(Vec<Option<i64>>),
    /// Numbers.
    Reals(Vec<Option<f64>>),
    /// Words.
    Texts(Vec<Option<&'a str>>),
    /// Bytes.
    Bytes(Vec<Option<&'a [u8]>>),
}

impl<'a> Column<'a> {
    /// Of whole numbers, none missing.
    pub fn ints(values: impl IntoIterator<Item = i64>) -> Self {
        Self::Ints(values.into_iter().map(Some).collect())
    }

    /// Of words, none missing.
    pub fn texts(values: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Texts(values.into_iter().map(Some).collect())
    }

    /// Of bytes, none missing.
    pub fn bytes(values: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self::Bytes(values.into_iter().map(Some).collect())
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Ints(values) => values.len(),
            Self::Reals(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::Bytes(values) => values.len(),
        }
    }

    fn postgres_type(&self) -> &'static str {
        match self {
            Self::Ints(_) => "bigint[]",
            Self::Reals(_) => "double precision[]",
            Self::Texts(_) => "text[]",
            Self::Bytes(_) => "bytea[]",
        }
    }
}

fn rows(columns: &[(&str, Column<'_>)]) -> usize {
    columns.first().map_or(0, |(_, column)| column.len())
}

fn names(columns: &[(&str, Column<'_>)]) -> String {
    columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

pub(crate) async fn insert_sqlite(
    db: &mut SqliteConnection,
    table: &str,
    columns: &[(&str, Column<'_>)],
) -> Result<u64, DatabaseError> {
    let tuple = format!("({})", vec!["?"; columns.len()].join(", "));
    let into = format!("INSERT INTO {table} ({}) VALUES ", names(columns));
    let (mut start, mut inserted) = (0, 0);
    for size in CHUNKS {
        let sql = format!("{into}{}", vec![tuple.as_str(); size].join(", "));
        while rows(columns) - start >= size {
            let mut query = sqlx::query(AssertSqlSafe(sql.clone()));
            for row in start..start + size {
                for (_, column) in columns {
                    query = match column {
                        Column::Ints(values) => query.bind(values[row]),
                        Column::Reals(values) => query.bind(values[row]),
                        Column::Texts(values) => query.bind(values[row].map(str::to_owned)),
                        Column::Bytes(values) => query.bind(values[row].map(<[u8]>::to_vec)),
                    };
                }
            }
            inserted += query.execute(&mut *db).await?.rows_affected();
            start += size;
        }
    }
    Ok(inserted)
}

pub(crate) async fn insert_postgres(
    db: &mut PgConnection,
    table: &str,
    columns: &[(&str, Column<'_>)],
) -> Result<u64, DatabaseError> {
    if rows(columns) == 0 {
        return Ok(0);
    }
    let lists = (1..).zip(columns).map(|(place, (_, column))| format!("${place}::{}", column.postgres_type()));
    let lists = lists.collect::<Vec<_>>().join(", ");
    let sql = format!("INSERT INTO {table} ({}) SELECT * FROM unnest({lists})", names(columns));
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (_, column) in columns {
        query = match column {
            Column::Ints(values) => query.bind(values.as_slice()),
            Column::Reals(values) => query.bind(values.as_slice()),
            Column::Texts(values) => query.bind(values.as_slice()),
            Column::Bytes(values) => query.bind(values.as_slice()),
        };
    }
    Ok(query.execute(db).await?.rows_affected())
}
