use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Postgres, SqlStr, Sqlite};

/// What stands for a parameter. A missing value still has its type.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// A whole number, a key, a time or a flag.
    Int(Option<i64>),
    /// A number.
    Real(Option<f64>),
    /// Words.
    Text(Option<&'a str>),
    /// Bytes.
    Bytes(Option<&'a [u8]>),
    /// Numbers for [`Transaction::each`](crate::Transaction::each).
    Ints(&'a [i64]),
    /// Words for [`Transaction::each`](crate::Transaction::each).
    Texts(&'a [&'a str]),
}

macro_rules! from {
    ($($type:ty => |$value:ident| $kind:ident($inner:expr);)*) => {$(
        impl<'a> From<$type> for Value<'a> {
            fn from($value: $type) -> Self {
                Self::$kind($inner)
            }
        }
    )*};
}

from! {
    i64 => |value| Int(Some(value));
    bool => |value| Int(Some(i64::from(value)));
    Option<i64> => |value| Int(value);
    f64 => |value| Real(Some(value));
    Option<f64> => |value| Real(value);
    &'a str => |value| Text(Some(value));
    &'a String => |value| Text(Some(value));
    Option<&'a str> => |value| Text(value);
    &'a Option<String> => |value| Text(value.as_deref());
    &'a [u8] => |value| Bytes(Some(value));
    &'a Vec<u8> => |value| Bytes(Some(value));
    Option<&'a [u8]> => |value| Bytes(value);
}

pub(crate) fn sqlite(sql: SqlStr, values: &[Value<'_>]) -> Query<'static, Sqlite, SqliteArguments> {
    values.iter().fold(sqlx::query(sql), |query, value| match *value {
        Value::Int(value) => query.bind(value),
        Value::Real(value) => query.bind(value),
        Value::Text(value) => query.bind(value.map(str::to_owned)),
        Value::Bytes(value) => query.bind(value.map(<[u8]>::to_vec)),
        // SQLite has no lists: json_each takes this one apart again.
        Value::Ints(values) => query.bind(folkmoot_core::canonical::json(&values)),
        Value::Texts(values) => query.bind(folkmoot_core::canonical::json(&values)),
    })
}

pub(crate) fn postgres(sql: SqlStr, values: &[Value<'_>]) -> Query<'static, Postgres, PgArguments> {
    values.iter().fold(sqlx::query(sql), |query, value| match *value {
        Value::Int(value) => query.bind(value),
        Value::Real(value) => query.bind(value),
        Value::Text(value) => query.bind(value.map(str::to_owned)),
        Value::Bytes(value) => query.bind(value.map(<[u8]>::to_vec)),
        Value::Ints(values) => query.bind(values.to_vec()),
        Value::Texts(values) => query.bind(values.iter().map(|&value| value.to_owned()).collect::<Vec<_>>()),
    })
}

pub(crate) fn each_sqlite(place: usize) -> String {
    format!("SELECT value FROM json_each(${place})")
}

pub(crate) fn each_postgres(place: usize) -> String {
    format!("SELECT unnest(${place})")
}
