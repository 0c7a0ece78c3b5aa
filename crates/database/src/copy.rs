//! Moves what a SQLite file keeps to another database, and proves that it arrived.

use folkmoot_core::Sha256Hash;
use folkmoot_core::canonical::Hasher;
use sqlx::AssertSqlSafe;
use tokio_stream::StreamExt as _;

use crate::columns::Column;
use crate::row::{FromRow, Row};
use crate::transaction::Rows;
use crate::{Database, DatabaseError, Pools, Schema, Transaction};

/// Rows on their way at once.
const PAGE: usize = 1000;

/// A table that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Its name.
    pub table: &'static str,
    /// How many rows it has.
    pub rows: u64,
    /// SHA-256 of all of them, in the order of their keys.
    pub hash: Sha256Hash,
}

/// A schema that arrived, while nobody can write to where it comes from.
#[derive(Debug)]
pub struct Moved {
    source: Transaction,
    schema: Schema,
    /// Its tables.
    pub tables: Vec<Copied>,
}

/// Copies the tables of `schema` to an empty database, and reads them there again. Nobody writes to
/// the source until what comes back is dropped or made final.
///
/// # Errors
/// A source that is no SQLite file, a target that is not empty, a table that is another on arrival.
pub async fn copy(from: &Database, to: &Database, schema: &Schema) -> Result<Moved, DatabaseError> {
    if !matches!(from.0, Pools::Sqlite { .. }) {
        return Err(DatabaseError::Corrupt("no SQLite file to copy from".to_owned()));
    }
    let mut source = from.begin().await?;
    let mut target = to.begin().await?;
    let mut tables = Vec::new();
    for table in schema.tables {
        if count(&mut target, table).await? > 0 {
            return Err(DatabaseError::Corrupt(format!("rows in {table} already: the target must be empty")));
        }
        let columns = columns(&mut source, table).await?;
        tables.push(send(&mut source, &mut target, table, &columns).await?);
        restart_keys(&mut target, table).await?;
    }
    target.commit().await?;

    let mut arrived = to.begin().await?;
    for sent in &tables {
        let columns = columns(&mut source, sent.table).await?;
        let found = read(&mut arrived, sent.table, &columns).await?;
        if found != *sent {
            let words = format!(
                "{} rows of {} with the hash {}, but {} with {} were sent",
                found.rows, sent.table, found.hash, sent.rows, sent.hash
            );
            return Err(DatabaseError::Corrupt(words));
        }
    }
    Ok(Moved { source, schema: *schema, tables })
}

impl Moved {
    /// Lets nobody ever write to the source again: what a server that still runs on it would take
    /// would be lost.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn finish(mut self) -> Result<(), DatabaseError> {
        for table in self.schema.tables {
            for write in ["INSERT", "UPDATE", "DELETE"] {
                let trigger = format!(
                    "CREATE TRIGGER moved_{table}_{write} BEFORE {write} ON {table} \
                     BEGIN SELECT RAISE(ABORT, 'this database was copied to another and takes no more writes'); END"
                );
                self.source.execute(AssertSqlSafe(trigger), &[]).await?;
            }
        }
        self.source.commit().await
    }
}

/// A column of a table.
struct Described {
    name: String,
    kind: String,
    /// Place within the primary key, from 1; 0 for none.
    key: i64,
}

impl FromRow for Described {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self { name: row.get("name")?, kind: row.get("type")?, key: row.get("pk")? })
    }
}

async fn columns(source: &mut Transaction, table: &str) -> Result<Vec<Described>, DatabaseError> {
    source.all("SELECT name, type, pk FROM pragma_table_info($1)", &[table.into()]).await
}

async fn count(db: &mut Transaction, table: &str) -> Result<i64, DatabaseError> {
    let count = db.first(AssertSqlSafe(format!("SELECT count(*) FROM {table}")), &[]).await?;
    Ok(count.unwrap_or(0))
}

/// The query for all rows, in the order of the primary key.
fn ordered(table: &str, columns: &[Described]) -> String {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let mut keys: Vec<&Described> = columns.iter().filter(|column| column.key > 0).collect();
    keys.sort_by_key(|column| column.key);
    let keys: Vec<&str> = keys.into_iter().map(|column| column.name.as_str()).collect();
    format!("SELECT {} FROM {table} ORDER BY {}", names.join(", "), keys.join(", "))
}

async fn send(
    source: &mut Transaction,
    target: &mut Transaction,
    table: &'static str,
    columns: &[Described],
) -> Result<Copied, DatabaseError> {
    let mut rows = source.stream(AssertSqlSafe(ordered(table, columns)));
    let mut tally = Tally::new(table);
    while let Some(page) = page(&mut rows, columns).await? {
        tally.add(&page);
        let page: Vec<_> =
            columns.iter().zip(&page).map(|(column, values)| (column.name.as_str(), values.column())).collect();
        target.insert(table, &page).await?;
    }
    Ok(tally.finish())
}

async fn read(db: &mut Transaction, table: &'static str, columns: &[Described]) -> Result<Copied, DatabaseError> {
    let mut rows = db.stream(AssertSqlSafe(ordered(table, columns)));
    let mut tally = Tally::new(table);
    while let Some(page) = page(&mut rows, columns).await? {
        tally.add(&page);
    }
    Ok(tally.finish())
}

/// The values of one column of a page.
enum Values {
    Ints(Vec<Option<i64>>),
    Reals(Vec<Option<f64>>),
    Texts(Vec<Option<String>>),
    Bytes(Vec<Option<Vec<u8>>>),
}

impl Values {
    fn read(rows: &[Row], Described { name, kind, .. }: &Described) -> Result<Self, DatabaseError> {
        Ok(match kind.as_str() {
            "INTEGER" => Self::Ints(rows.iter().map(|row| row.get(name)).collect::<Result<_, _>>()?),
            "REAL" => Self::Reals(rows.iter().map(|row| row.get(name)).collect::<Result<_, _>>()?),
            "TEXT" => Self::Texts(rows.iter().map(|row| row.get(name)).collect::<Result<_, _>>()?),
            "BLOB" => Self::Bytes(rows.iter().map(|row| row.get(name)).collect::<Result<_, _>>()?),
            other => return Err(DatabaseError::Corrupt(format!("a column {name} of the type {other}"))),
        })
    }

    fn column(&self) -> Column<'_> {
        match self {
            Self::Ints(values) => Column::Ints(values.clone()),
            Self::Reals(values) => Column::Reals(values.clone()),
            Self::Texts(values) => Column::Texts(values.iter().map(Option::as_deref).collect()),
            Self::Bytes(values) => Column::Bytes(values.iter().map(Option::as_deref).collect()),
        }
    }

    fn len(&self) -> usize {
        self.column().len()
    }

    /// The value of a row: empty where it is missing, else a mark before its bytes.
    fn field(&self, row: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut add = |value: &[u8]| {
            bytes.push(1);
            bytes.extend(value);
        };
        match self {
            Self::Ints(values) => values[row].iter().for_each(|value| add(&value.to_le_bytes())),
            Self::Reals(values) => values[row].iter().for_each(|value| add(&value.to_le_bytes())),
            Self::Texts(values) => values[row].iter().for_each(|value| add(value.as_bytes())),
            Self::Bytes(values) => values[row].iter().for_each(|value| add(value)),
        }
        bytes
    }
}

/// The next rows, as columns.
async fn page(rows: &mut Rows<'_>, columns: &[Described]) -> Result<Option<Vec<Values>>, DatabaseError> {
    let mut found = Vec::new();
    while found.len() < PAGE {
        let Some(row) = rows.next().await else { break };
        found.push(row?);
    }
    if found.is_empty() {
        return Ok(None);
    }
    columns.iter().map(|column| Values::read(&found, column)).collect::<Result<_, _>>().map(Some)
}

/// Counts and hashes the rows of a table.
struct Tally {
    table: &'static str,
    rows: u64,
    hasher: Hasher,
}

impl Tally {
    fn new(table: &'static str) -> Self {
        Self { table, rows: 0, hasher: Hasher::new("folkmoot/table/v1").field(table.as_bytes()) }
    }

    fn add(&mut self, page: &[Values]) {
        let rows = page.first().map_or(0, Values::len);
        for row in 0..rows {
            for values in page {
                self.hasher = self.hasher.clone().field(&values.field(row));
            }
        }
        self.rows += rows as u64;
    }

    fn finish(self) -> Copied {
        Copied { table: self.table, rows: self.rows, hash: self.hasher.finish() }
    }
}

/// Lets PostgreSQL make keys behind those that were copied.
async fn restart_keys(target: &mut Transaction, table: &str) -> Result<(), DatabaseError> {
    let Transaction::Postgres(_) = target else { return Ok(()) };
    let sql = "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass($1) AND attidentity <> ''";
    for column in target.all::<String>(sql, &[table.into()]).await? {
        let sql = format!(
            "SELECT setval(pg_get_serial_sequence($1, $2), coalesce(max({column}), 0) + 1, false) FROM {table}"
        );
        target.first::<i64>(AssertSqlSafe(sql), &[table.into(), (&column).into()]).await?;
    }
    Ok(())
}
