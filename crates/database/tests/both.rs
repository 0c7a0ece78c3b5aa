//! What stores may rely on, on both databases.

#![allow(missing_docs)]

use folkmoot_database::{
    AssertSqlSafe, Column, Database, DatabaseError, FromRow, Migrator, Place, Row, Schema, Transaction, Value, copy,
};
use tempfile::TempDir;

static SQLITE: Migrator = sqlx::migrate!("tests/schema/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("tests/schema/postgres");
const SCHEMA: Schema = Schema { name: "kept", tables: &["boxes", "things"], sqlite: &SQLITE, postgres: &POSTGRES };

struct Home {
    database: Database,
    _folder: TempDir,
    _server: Option<folkmoot_test_postgres::Database>,
}

async fn home(place: Option<folkmoot_test_postgres::Database>) -> Home {
    let folder = tempfile::tempdir().unwrap();
    let at = match &place {
        Some(server) => server.address().parse().unwrap(),
        None => Place::Folder(folder.path().to_owned()),
    };
    Home { database: Database::open(&at, &SCHEMA).await.unwrap(), _folder: folder, _server: place }
}

async fn homes() -> [Home; 2] {
    [home(None).await, home(Some(folkmoot_test_postgres::database())).await]
}

/// Number, size, words and bytes of a thing.
#[derive(Debug, PartialEq)]
struct Thing(String, Option<i64>, Option<f64>, Option<String>, Option<Vec<u8>>);

impl FromRow for Thing {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self(row.get("id")?, row.get("number")?, row.get("size")?, row.get("words")?, row.get("bytes")?))
    }
}

async fn add_box(db: &mut Transaction, id: &str) -> i64 {
    let sql = "INSERT INTO boxes (id, held) VALUES ($1, 0) RETURNING key";
    db.first(sql, &[id.into()]).await.unwrap().unwrap()
}

#[tokio::test]
async fn every_value_comes_back_and_so_does_none() {
    for Home { database, .. } in &homes().await {
        let mut db = database.begin().await.unwrap();
        let key = add_box(&mut db, "a").await;
        let put = "INSERT INTO things (box, id, number, size, words, bytes) VALUES ($1, $2, $3, $4, $5, $6)";
        let full: [Value<'_>; 6] = [
            key.into(),
            "full".into(),
            i64::MIN.into(),
            f64::MIN_POSITIVE.into(),
            "é'\"\u{1F600}".into(),
            [0_u8, 255].as_slice().into(),
        ];
        db.execute(put, &full).await.unwrap();
        let none = [
            key.into(),
            "none".into(),
            None::<i64>.into(),
            None::<f64>.into(),
            None::<&str>.into(),
            None::<&[u8]>.into(),
        ];
        db.execute(put, &none).await.unwrap();
        db.commit().await.unwrap();
        let found: Vec<Thing> = database.all("SELECT * FROM things ORDER BY id", &[]).await.unwrap();
        let want = [
            Thing(
                "full".into(),
                Some(i64::MIN),
                Some(f64::MIN_POSITIVE),
                Some("é'\"\u{1F600}".into()),
                Some(vec![0, 255]),
            ),
            Thing("none".into(), None, None, None, None),
        ];
        assert_eq!(found, want);
        let error = database.first::<Thing>("SELECT * FROM boxes", &[]).await.unwrap_err();
        assert!(matches!(error, DatabaseError::Corrupt(_)), "{error}");
    }
}

#[tokio::test]
async fn what_is_not_committed_is_as_if_it_had_never_been() {
    for Home { database, .. } in &homes().await {
        let mut db = database.begin().await.unwrap();
        add_box(&mut db, "lost").await;
        drop(db);
        let mut db = database.begin().await.unwrap();
        add_box(&mut db, "kept").await;
        db.commit().await.unwrap();
        let found: Vec<String> = database.all("SELECT id FROM boxes", &[]).await.unwrap();
        assert_eq!(found, ["kept"]);
    }
}

#[tokio::test]
async fn columns_of_any_length_become_rows() {
    for Home { database, .. } in &homes().await {
        for rows in [0_usize, 1, 3, 4, 37, 300, 1000] {
            let mut db = database.begin().await.unwrap();
            let key = add_box(&mut db, &rows.to_string()).await;
            let ids: Vec<String> = (0..rows).map(|row| format!("{row:04}")).collect();
            let columns = [
                ("box", Column::ints(ids.iter().map(|_| key))),
                ("id", Column::texts(ids.iter().map(String::as_str))),
                ("number", Column::Ints((0..rows).map(|row| (row % 2 == 0).then_some(row as i64)).collect())),
                ("size", Column::Reals((0..rows).map(|row| (row % 3 == 0).then_some(row as f64 / 2.0)).collect())),
                ("words", Column::Texts(ids.iter().map(|id| id.ends_with('1').then_some(id.as_str())).collect())),
                ("bytes", Column::bytes(ids.iter().map(|id| id.as_bytes()))),
            ];
            assert_eq!(db.insert("things", &columns).await.unwrap(), rows as u64);
            let found: Vec<Thing> =
                db.all("SELECT * FROM things WHERE box = $1 ORDER BY id", &[key.into()]).await.unwrap();
            db.commit().await.unwrap();
            let want = ids.iter().enumerate().map(|(row, id)| {
                let number = (row % 2 == 0).then_some(row as i64);
                let size = (row % 3 == 0).then_some(row as f64 / 2.0);
                let words = id.ends_with('1').then(|| id.clone());
                Thing(id.clone(), number, size, words, Some(id.clone().into_bytes()))
            });
            assert!(found.into_iter().eq(want), "{rows} rows");
        }
    }
}

#[tokio::test]
async fn a_list_of_any_length_is_searched_for() {
    for Home { database, .. } in &homes().await {
        let mut db = database.begin().await.unwrap();
        for id in ["a", "b", "c"] {
            add_box(&mut db, id).await;
        }
        for (list, want) in [(vec![], vec![]), (vec!["c", "x", "a"], vec!["a", "c"])] {
            let sql = format!("SELECT id FROM boxes WHERE id IN ({}) ORDER BY id", db.each(1));
            let found: Vec<String> = db.all(AssertSqlSafe(sql), &[Value::Texts(&list)]).await.unwrap();
            assert_eq!(found, want);
        }
    }
}

#[tokio::test]
async fn nobody_changes_what_is_locked() {
    for Home { database, .. } in &homes().await {
        let mut db = database.begin().await.unwrap();
        let key = add_box(&mut db, "counter").await;
        db.commit().await.unwrap();
        let one_more = |database: Database| async move {
            let mut db = database.begin().await.unwrap();
            let sql = format!("SELECT held FROM boxes WHERE key = $1{}", db.locking());
            let held: i64 = db.first(AssertSqlSafe(sql), &[key.into()]).await.unwrap().unwrap();
            tokio::task::yield_now().await;
            db.execute("UPDATE boxes SET held = $2 WHERE key = $1", &[key.into(), (held + 1).into()]).await.unwrap();
            db.commit().await.unwrap();
        };
        let all: Vec<_> = (0..100).map(|_| tokio::spawn(one_more(database.clone()))).collect();
        for one in all {
            one.await.unwrap();
        }
        let held: Option<i64> = database.first("SELECT held FROM boxes", &[]).await.unwrap();
        assert_eq!(held, Some(100));
    }
}

#[tokio::test]
async fn a_copy_has_every_row_and_the_source_takes_no_more() {
    for to in homes().await {
        let from = home(None).await;
        let mut db = from.database.begin().await.unwrap();
        let keys = [add_box(&mut db, "a").await, add_box(&mut db, "b").await];
        let ids: Vec<String> = (0..2500).map(|row| format!("{row}")).collect();
        let columns = [
            ("box", Column::ints(ids.iter().map(|_| keys[1]))),
            ("id", Column::texts(ids.iter().map(String::as_str))),
            ("size", Column::Reals(ids.iter().map(|id| id.parse().ok()).collect())),
        ];
        db.insert("things", &columns).await.unwrap();
        db.commit().await.unwrap();

        let moved = copy(&from.database, &to.database, &SCHEMA).await.unwrap();
        assert_eq!(moved.tables.iter().map(|table| table.rows).collect::<Vec<_>>(), [2, 2500]);
        moved.finish().await.unwrap();
        for write in ["DELETE FROM things", "UPDATE boxes SET held = 1", "INSERT INTO boxes (id, held) VALUES ('z', 0)"]
        {
            let error = from.database.execute(write, &[]).await.unwrap_err();
            assert!(error.to_string().contains("copied to another"), "{write}: {error}");
        }
        // Keys go on behind those that were copied.
        let mut db = to.database.begin().await.unwrap();
        assert!(add_box(&mut db, "c").await > keys[1]);
        db.commit().await.unwrap();
        let again = copy(&home(None).await.database, &to.database, &SCHEMA).await.unwrap_err();
        assert!(again.to_string().contains("must be empty"), "{again}");
    }
}
