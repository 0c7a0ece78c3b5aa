//! What every store must do, whatever the database.

#![allow(missing_docs)]

mod support;

use std::collections::BTreeMap;

use folkmoot_core::{Sha256Hash, Timestamp, View};
use folkmoot_survey::model::*;
use folkmoot_survey::store::{Change, Committed, Place, Reply, Store};
use support::homes;

fn round(id: &str, state: RoundState) -> Round {
    Round {
        key: 0,
        id: id.into(),
        title: String::new(),
        description: String::new(),
        spec_revision: String::new(),
        spec_text_hash: String::new(),
        state,
        simulated: false,
        supersede_allowed: true,
        disclosure: BTreeMap::new(),
        created: Timestamp::from_millis(1),
        opened: None,
        closed: None,
        item_count: 0,
        participant_count: 0,
        response_count: 0,
        snapshot: None,
        version: 1,
        changes: 1,
    }
}

fn vote(round: &Round, request_id: &str, participant: &str, answer: &[u8]) -> Submission {
    let answer = NewAnswer {
        item: 1,
        view: View::World,
        answer: answer.into(),
        rationale: None,
        weight: None,
        duration_ms: None,
    };
    Submission {
        round: round.key,
        round_id: round.id.clone(),
        request_id: request_id.into(),
        fingerprint: Sha256Hash::of(request_id.as_bytes()),
        participant: participant.into(),
        attributes: BTreeMap::new(),
        weight: None,
        answers: vec![answer],
        missing: Vec::new(),
        salt: [0; 32],
        commitment: Sha256Hash::of(b""),
    }
}

/// In [`conforms`] a receipt is its sequence.
fn erased(receipt: &[u8]) -> ErasedReceipt {
    let sequence = u64::from_be_bytes(receipt.try_into().unwrap());
    ErasedReceipt { request_id: format!("withdrawn/{sequence}"), bytes: b"gone".to_vec() }
}

async fn conforms(store: Store) {
    let commit = async |change, reply| store.commit("t", change, reply).await.unwrap();
    let reply = Reply { request_id: "q".into(), fingerprint: Sha256Hash::of(b"q"), bytes: vec![1] };
    assert_eq!(commit(Change::AddRound(round("r", RoundState::Draft)), Some(reply.clone())).await, Committed::Done);
    assert_eq!(commit(Change::AddRound(round("r", RoundState::Draft)), None).await, Committed::Exists);
    assert_eq!(store.reply("t", "q").await.unwrap(), Some(reply.clone()));
    assert_eq!(store.reply("u", "q").await.unwrap(), None);
    assert!(store.round("u", "r").await.unwrap().is_none());

    // A request id that is taken undoes the change that came with it.
    assert_eq!(commit(Change::AddRound(round("other", RoundState::Draft)), Some(reply)).await, Committed::Stale);
    assert!(store.round("t", "other").await.unwrap().is_none());

    let draft = store.round("t", "r").await.unwrap().unwrap();
    let old = Place { round: draft.key, version: draft.version + 1 };
    assert_eq!(commit(Change::DeleteRound(old), None).await, Committed::Stale);
    let accept = async |submissions| {
        let encode = |receipt: &Receipt<'_>| receipt.sequence.to_be_bytes().to_vec();
        store.accept(Batch { submissions, at: Timestamp::from_millis(2), encode }).await.unwrap()
    };
    assert_eq!(accept(vec![vote(&draft, "a", "p", b"A")]).await, [Err(Refusal::State(RoundState::Draft))]);
    assert_eq!(commit(Change::SetRound(Round { state: RoundState::Open, ..draft }), None).await, Committed::Done);

    let open = store.round("t", "r").await.unwrap().unwrap();
    let conflict = Submission { fingerprint: Sha256Hash::of(b"?"), ..vote(&open, "a", "p", b"A") };
    let one = |n: u64| Ok(n.to_be_bytes().to_vec());
    let batch = vec![
        vote(&open, "a", "p", b"A"),
        vote(&open, "a", "p", b"A"),
        conflict,
        vote(&open, "b", "p", b"D"),
        vote(&open, "c", "q", b"P"),
        Submission { missing: vec!["must".into()], ..vote(&open, "d", "new", b"A") },
    ];
    let want = [one(1), one(1), Err(Refusal::Conflict), one(2), one(3), Err(Refusal::Missing(vec!["must".into()]))];
    assert_eq!(accept(batch).await, want);

    let counted = store.round("t", "r").await.unwrap().unwrap();
    assert_eq!((counted.participant_count, counted.response_count), (2, 2));
    assert_eq!(counted.version, open.version);
    assert!(counted.changes > open.changes);
    let answers = store.answers(open.key, None, 10).await.unwrap();
    assert_eq!(answers.iter().map(|stored| stored.answer.answer.as_slice()).collect::<Vec<_>>(), [b"D", b"P"]);
    let first = &answers[0];
    let behind = store.answers(open.key, Some((first.participant, 1, View::World)), 10).await.unwrap();
    assert_eq!(behind, answers[1..]);

    let withdraw = |answers| Change::Withdraw { round: open.key, participant: "p".into(), answers, erase: erased };
    assert_eq!(commit(withdraw(2), None).await, Committed::Stale);
    assert_eq!(commit(withdraw(1), None).await, Committed::Done);
    assert_eq!(store.receipt(open.key, "a").await.unwrap(), None);
    let receipt = store.receipt(open.key, "withdrawn/1").await.unwrap().unwrap();
    assert_eq!((receipt.fingerprint, receipt.bytes), (None, b"gone".to_vec()));
    assert_eq!(store.round("t", "r").await.unwrap().unwrap().participant_count, 1);
}

#[tokio::test]
async fn both_databases_conform() {
    for home in homes() {
        conforms(Store::open(&home.database).await.unwrap()).await;
    }
}
