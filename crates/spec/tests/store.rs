//! What the store keeps to on either database.

use std::collections::BTreeSet;
use std::time::Duration;

use folkmoot_core::{Sha256Hash, Timestamp};
use folkmoot_database::Place as Database;
use folkmoot_rpc::page::Page;
use folkmoot_spec::model::{Change, Clause, Event, Revision, Spec};
use folkmoot_spec::store::{Commit, Committed, Effect, Place, Reply, Store};

/// How long two processes may take for all that they do at once.
const PATIENCE: Duration = Duration::from_secs(120);

fn at_noon() -> Timestamp {
    Timestamp::from_millis(1_763_884_800_000)
}

fn spec(title: &str, head: Option<&str>) -> Effect {
    let head = head.map(str::to_owned);
    Effect::SetSpec(Spec { id: "s".into(), title: title.into(), head, version: 0, created: at_noon() })
}

fn commit(version: Option<i64>, effects: Vec<Effect>) -> Commit {
    Commit { spec: "s".into(), version, effects, changed: vec!["specs/s".into()], reply: None, at: at_noon() }
}

fn revision(id: &str) -> Effect {
    let revision = Revision {
        id: id.into(),
        text_hash: "0".repeat(64),
        parent: None,
        clause_count: 1,
        warnings: Vec::new(),
        proposals: Vec::new(),
        note: String::new(),
        created: at_noon(),
    };
    let clause = Clause {
        anchor: "a".into(),
        title: "A".into(),
        level: 1,
        authority: None,
        parent: None,
        line: 1,
        body: format!("The words of {id}."),
        text_hash: Sha256Hash::of(id.as_bytes()).to_string(),
    };
    let changes = vec![Change { anchor: "a".into(), kinds: vec!["changed".into()] }];
    Effect::AddRevision {
        revision,
        source: format!("# A {{#a}}\nThe words of {id}.\n"),
        clauses: vec![clause],
        changes,
    }
}

/// Holds for a store that starts empty.
async fn keeps_its_promises(store: &Store) {
    // A spec is created once, and only the newest version of it is changed.
    assert_eq!(store.commit("t", commit(None, vec![spec("One", None)])).await.unwrap(), Committed::Done);
    assert_eq!(store.commit("t", commit(None, vec![spec("Other", None)])).await.unwrap(), Committed::Stale);
    assert_eq!(store.commit("t", commit(Some(7), vec![spec("Other", None)])).await.unwrap(), Committed::Stale);
    let kept = store.spec("t", "s").await.unwrap().unwrap();
    assert_eq!((kept.title.as_str(), kept.version), ("One", 1));
    for (version, id) in [(1, "r1"), (2, "r2")] {
        let effects = vec![revision(id), spec("One", Some(id))];
        assert_eq!(store.commit("t", commit(Some(version), effects)).await.unwrap(), Committed::Done);
    }

    // A request id is used once, with its effects or not at all.
    let reply = Reply { request_id: "q".into(), fingerprint: Sha256Hash::of(b"body"), bytes: vec![0, 1, 255] };
    let with_reply =
        |version, title| Commit { reply: Some(reply.clone()), ..commit(Some(version), vec![spec(title, None)]) };
    assert_eq!(store.commit("t", with_reply(99, "Lost")).await.unwrap(), Committed::Stale);
    assert_eq!(store.reply("t", "q").await.unwrap(), None);
    assert_eq!(store.commit("t", with_reply(3, "Two")).await.unwrap(), Committed::Done);
    assert_eq!(store.commit("t", with_reply(4, "Three")).await.unwrap(), Committed::Stale);
    assert_eq!(store.reply("t", "q").await.unwrap(), Some(reply));
    assert_eq!(store.spec("t", "s").await.unwrap().unwrap().title, "Two");

    // A commit that fails half way leaves nothing.
    assert!(store.commit("t", commit(Some(4), vec![revision("r3"), revision("r3")])).await.is_err());
    assert_eq!(store.revision("t", "s", "r3").await.unwrap(), None);

    // Lists show one entry more than asked for and go on behind an id.
    let page = |after: Option<&str>| Page { limit: 1, after: after.map(str::to_owned) };
    let ids = async |after| {
        let revisions = store.revisions("t", "s", &page(after)).await.unwrap();
        revisions.into_iter().map(|revision| revision.id).collect::<Vec<_>>()
    };
    assert_eq!(
        (ids(None).await, ids(Some("r2")).await),
        (vec!["r2".to_owned(), "r1".to_owned()], vec!["r1".to_owned()])
    );
    let at = |revision| Place { tenant: "t", spec: "s", revision };
    let behind = async |revision| store.changes(at(revision), "a").await.unwrap().len();
    assert_eq!((behind("r1").await, behind("r2").await), (1, 2));
    let old = Sha256Hash::of(b"r1").to_string();
    assert_eq!(store.clause_of_hash(at("r2"), "a", &old).await.unwrap().unwrap().body, "The words of r1.");

    // Events stand in the order of commits.
    let events = store.events("t", "s", 0, 10).await.unwrap();
    assert!(events.len() == 4 && events.is_sorted_by_key(|event| event.sequence));
    assert_eq!(store.last_event("t", "s").await.unwrap(), events[3].sequence);

    // Nothing is another tenant's.
    assert_eq!(store.spec("u", "s").await.unwrap(), None);
    assert_eq!(store.reply("u", "q").await.unwrap(), None);
    assert_eq!(store.source("u", "s", "r1").await.unwrap(), None);
    assert_eq!(store.clause(Place { tenant: "u", spec: "s", revision: "r1" }, "a").await.unwrap(), None);
    assert_eq!(store.events("u", "s", 0, 10).await.unwrap(), []);
}

/// Commits `times` changes of the spec `busy`, each planned anew until nobody was faster.
async fn keeps_changing(store: &Store, writer: &str, times: usize) {
    for time in 0..times {
        let name = |part: &str| format!("specs/busy/{writer}/{time}/{part}");
        loop {
            let version = store.spec("t", "busy").await.unwrap().unwrap().version;
            let changed = vec![name("first"), name("second")];
            let commit = Commit { spec: "busy".into(), changed, ..commit(Some(version), vec![]) };
            if store.commit("t", commit).await.unwrap() == Committed::Done {
                break;
            }
        }
    }
}

/// Follows a spec as a watcher does, until it has seen `wanted` events.
async fn follows(store: &Store, wanted: usize) -> Vec<Event> {
    let mut seen: Vec<Event> = Vec::new();
    while seen.len() < wanted {
        let after = seen.last().map_or(0, |event| event.sequence);
        seen.extend(store.events("t", "busy", after, 3).await.unwrap());
    }
    seen
}

/// Two processes over one database.
async fn nothing_is_lost_between(left: &Store, right: &Store) {
    const TIMES: usize = 25;
    let create = || Commit { spec: "busy".into(), ..commit(None, vec![spec("Busy", None)]) };
    let created = tokio::join!(left.commit("t", create()), right.commit("t", create()));
    let mut created = [created.0.unwrap(), created.1.unwrap()];
    created.sort_by_key(|committed| *committed == Committed::Done);
    assert_eq!(created, [Committed::Stale, Committed::Done]);

    let events = 1 + 4 * 2 * TIMES;
    let write = async |store: &Store, side: &str| {
        let (one, two) = (format!("{side}-1"), format!("{side}-2"));
        tokio::join!(keeps_changing(store, &one, TIMES), keeps_changing(store, &two, TIMES));
    };
    let (seen, ..) = tokio::time::timeout(PATIENCE, async {
        tokio::join!(follows(right, events), write(left, "left"), write(right, "right"))
    })
    .await
    .expect("a watcher that misses no event");
    assert_eq!(left.spec("t", "busy").await.unwrap().unwrap().version, 1 + 4 * TIMES as i64);
    assert_eq!(left.events("t", "busy", 0, 10_000).await.unwrap(), seen, "who looks later sees the same");
    let names: BTreeSet<&str> = seen.iter().map(|event| event.changed.as_str()).collect();
    assert_eq!(names.len(), events, "each change is told once");
    for pair in seen[1..].chunks(2) {
        assert_eq!(pair[0].changed.replace("first", "second"), pair[1].changed, "commits do not mix");
    }

    // Of one request that reaches both, one is done, and its answer is kept.
    for race in 0..TIMES {
        let version = left.spec("t", "busy").await.unwrap().unwrap().version;
        let ask = |bytes: &[u8]| {
            let reply = Reply {
                request_id: format!("race-{race}"),
                fingerprint: Sha256Hash::of(b"body"),
                bytes: bytes.to_vec(),
            };
            Commit { spec: "busy".into(), reply: Some(reply), ..commit(Some(version), vec![]) }
        };
        let done = tokio::join!(left.commit("t", ask(b"left")), right.commit("t", ask(b"right")));
        let winner: &[u8] = match (done.0.unwrap(), done.1.unwrap()) {
            (Committed::Done, Committed::Stale) => b"left",
            (Committed::Stale, Committed::Done) => b"right",
            both => panic!("{both:?}"),
        };
        assert_eq!(left.reply("t", &format!("race-{race}")).await.unwrap().unwrap().bytes, winner);
    }
}

#[tokio::test]
async fn it_keeps_its_promises_and_what_it_was_given_on_either_database() {
    let folder = tempfile::tempdir().unwrap();
    let server = folkmoot_test_postgres::database();
    for place in [Database::Folder(folder.path().to_owned()), server.address().parse().unwrap()] {
        let store = Store::open(&place).await.unwrap();
        keeps_its_promises(&store).await;
        nothing_is_lost_between(&store, &Store::open(&place).await.unwrap()).await;
        store.close().await;
        let again = Store::open(&place).await.unwrap();
        assert_eq!(again.source("t", "s", "r2").await.unwrap().unwrap(), "# A {#a}\nThe words of r2.\n");
        again.close().await;
    }
}
