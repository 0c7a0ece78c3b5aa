//! Responses collected a second through gRPC over TCP with every commit synced, against the same rows
//! inserted bare into the same kind of file, in one run. Prints ratios.

#![allow(missing_docs, clippy::disallowed_methods)] // a benchmark measures real time

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use folkmoot_proto::response::answer::Value;
use folkmoot_proto::response::{IngestResponsesRequest, SubmitResponsesRequest};
use folkmoot_proto::survey::{ItemKind, Round};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use support::{Home, answer, item, start, submission};

const ITEMS: usize = 10;
const STREAMED: usize = 10_000;
const UNARY: usize = 3_000;
const CALLERS: usize = 64;
const SINGLE: usize = 1_000;
const GROUP: usize = 512;

#[tokio::main]
async fn main() {
    let home = Home::embedded();
    let mut running = start(&home).await;
    let ids: Vec<String> = (0..ITEMS).map(|place| format!("i{place}")).collect();
    for round in ["stream", "unary"] {
        let items = ids.iter().map(|id| (id.as_str(), item(ItemKind::Rank, &["A", "B", "C", "D"]))).collect();
        running.draft(round, Round::default(), items).await;
        running.open(&format!("rounds/{round}")).await;
    }
    let make = |round: &str, place: usize| -> SubmitResponsesRequest {
        let order =
            || Value::Ranking(folkmoot_proto::response::Ranking { order: "B>A=C>D".into(), unacceptable: None });
        let answers = ids.iter().map(|id| answer(id, order())).collect();
        let id = format!("participant-{place:08}");
        submission(&format!("rounds/{round}"), &id, &id, answers)
    };

    let messages: Vec<_> = (0..STREAMED)
        .map(|place| IngestResponsesRequest { sequence: place as i64 + 1, submission: Some(make("stream", place)) })
        .collect();
    let began = Instant::now();
    let mut acks = running.responses.ingest_responses(tokio_stream::iter(messages)).await.unwrap().into_inner();
    let mut accepted = 0;
    while let Some(ack) = acks.message().await.unwrap() {
        accepted = ack.accepted_count;
    }
    assert_eq!(accepted as usize, STREAMED);
    let stream = rate(STREAMED * ITEMS, began);

    let messages: Vec<_> = (0..UNARY).map(|place| make("unary", place)).collect();
    let began = Instant::now();
    let callers: Vec<_> = messages
        .chunks(UNARY.div_ceil(CALLERS))
        .map(|part| {
            let (part, mut client) = (part.to_vec(), running.responses.clone());
            tokio::spawn(async move {
                for message in part {
                    client.submit_responses(message).await.unwrap();
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    let unary = rate(UNARY * ITEMS, began);

    let mut db = bare(&home.folder().join("single.db")).await;
    let began = Instant::now();
    for place in 0..SINGLE {
        insert(&mut db, place).await;
    }
    let single = rate(SINGLE, began);

    let mut db = bare(&home.folder().join("group.db")).await;
    let began = Instant::now();
    let rows: Vec<usize> = (0..STREAMED * ITEMS).collect();
    for group in rows.chunks(GROUP) {
        sqlx::query("BEGIN IMMEDIATE").execute(&mut db).await.unwrap();
        for &place in group {
            insert(&mut db, place).await;
        }
        sqlx::query("COMMIT").execute(&mut db).await.unwrap();
    }
    let group = rate(STREAMED * ITEMS, began);

    println!("answers a second, every commit synced, {ITEMS} answers a submission");
    println!("  stream                       {stream:>10.0}");
    println!("  unary, {CALLERS} callers            {unary:>10.0}");
    println!("  bare inserts, one a commit   {single:>10.0}");
    println!("  bare inserts, {GROUP} a commit   {group:>10.0}");
    println!("stream / bare grouped {:.2}, stream / bare single {:.1}", stream / group, stream / single);
    println!("unary / bare grouped {:.2}, unary / bare single {:.1}", unary / group, unary / single);
}

fn rate(answers: usize, began: Instant) -> f64 {
    answers as f64 / began.elapsed().as_secs_f64()
}

async fn bare(path: &std::path::Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut db = options.connect().await.unwrap();
    let table = "CREATE TABLE answers (round INTEGER NOT NULL, participant INTEGER NOT NULL, item INTEGER NOT NULL, \
         view INTEGER NOT NULL, answer BLOB NOT NULL, rationale TEXT, weight REAL, duration_ms INTEGER, \
         sequence INTEGER NOT NULL, PRIMARY KEY (round, participant, item, view)) STRICT, WITHOUT ROWID";
    sqlx::query(table).execute(&mut db).await.unwrap();
    db.ping().await.unwrap();
    db
}

async fn insert(db: &mut SqliteConnection, place: usize) {
    let query = sqlx::query("INSERT INTO answers VALUES (1, ?, ?, 0, ?, NULL, NULL, NULL, ?)");
    let participant = (place / ITEMS) as i64;
    let query = query.bind(participant).bind((place % ITEMS) as i64).bind(vec![1u8, 0, 1, 2]).bind(participant);
    query.execute(db).await.unwrap();
}
