//! What the store does on either database.

mod plugins;
mod races;

use folkmoot_core::{Code, Reason, Sha256Hash, Timestamp, View};
use folkmoot_database::Place;
use folkmoot_engine::{Cells, Design, MethodRef, Quality, Weighting};
use serde_json::json;

use super::{Created, RequestKey, Slice, Store};
use crate::model::{Analysis, Class, Failure, Found, SnapshotName, Spec, State};

const ALL: Slice = Slice { limit: 1000, before: None };

fn analysis(id: &str, round: &str) -> Analysis {
    let spec = Spec {
        snapshot: SnapshotName { round: round.to_owned(), hash: Sha256Hash::of(round.as_bytes()) },
        method: "borda".to_owned(),
        resolved: Some(MethodRef {
            id: "borda".into(),
            version: "1.0.0".into(),
            component: Some(Sha256Hash::of(b"wasm")),
        }),
        parameters: json!({"a": 1, "b": 0.5}),
        seed: u64::MAX,
        by: Some("region".to_owned()),
        also_by: vec!["age".to_owned()],
        targets: [("region".to_owned(), [("north".to_owned(), 0.1)].into())].into(),
        cells: vec![Cells { attributes: vec!["age".to_owned()], shares: vec![(vec!["old".to_owned()], 1.0)] }],
        weighting: Weighting::read(&json!({"method": "rake"})).ok(),
        quality: Some(Quality { speeding: None, ..Quality::default() }),
        design: Some(Design { strata: Some("region".to_owned()), ..Design::default() }),
        view: View::World,
        positions: [("q/importance".to_owned(), "A>B".to_owned())].into(),
        positions_of: Some("specs/s/revisions/1".to_owned()),
        items: vec!["q".to_owned()],
        replicates: 10,
        suppress_below: 10,
    };
    let created = Timestamp::from_millis(1000);
    Analysis { id: id.to_owned(), spec, state: State::Running, created, ended: None }
}

fn found(analysis: &Analysis, json: &str) -> Found {
    Found {
        analysis: analysis.id.clone(),
        snapshot: analysis.spec.snapshot.clone(),
        hash: Sha256Hash::of(json.as_bytes()),
        json: json.to_owned(),
        method: "borda".to_owned(),
        method_version: "1.0.0".to_owned(),
        component: json.ends_with(' ').then(|| Sha256Hash::of(b"wasm")),
        engine_version: "0.1.0".to_owned(),
        class: Class::Public,
        created: Timestamp::from_millis(2000),
    }
}

/// Runs the whole suite over an empty store.
async fn suite(store: &Store) {
    analyses_are_kept_once_and_for_their_tenant(store).await;
    requests_are_remembered_with_their_body(store).await;
    results_share_their_bytes(store).await;
    a_result_names_the_component_that_found_it(store).await;
    large_results_come_in_shorter_pages(store).await;
    large_specs_come_in_shorter_pages(store).await;
    what_ended_stays_as_it_ended(store).await;
    plugins::suite(store).await;
}

async fn analyses_are_kept_once_and_for_their_tenant(store: &Store) {
    let first = analysis("one", "r1");
    assert_eq!(store.create("t1", &first, None).await.unwrap(), Created::New);
    assert_eq!(store.create("t1", &first, None).await.unwrap(), Created::Taken);
    assert_eq!(store.create("t2", &first, None).await.unwrap(), Created::New);
    assert_eq!(store.analysis("t1", "one").await.unwrap(), Some(first.clone()));
    assert_eq!(store.analysis("t3", "one").await.unwrap(), None);

    let second = analysis("two", "r2");
    store.create("t1", &second, None).await.unwrap();
    let listed = store.analyses("t1", None, ALL).await.unwrap();
    assert_eq!(listed.entries, [second.clone(), first.clone()]);
    assert_eq!(listed.next, None);
    let of_r1 = store.analyses("t1", Some(&first.spec.snapshot), ALL).await.unwrap();
    assert_eq!(of_r1.entries, vec![first.clone()]);
    let page = store.analyses("t1", None, Slice { limit: 1, before: None }).await.unwrap();
    assert_eq!(page.entries, [second]);
    let rest = store.analyses("t1", None, Slice { limit: 1, before: page.next }).await.unwrap();
    assert_eq!((rest.entries, rest.next), (vec![first.clone()], None));

    let spec = Spec { positions: [("q".to_owned(), "B>A".to_owned())].into(), ..first.spec.clone() };
    store.set_spec("t1", "one", &spec).await.unwrap();
    assert_eq!(store.analysis("t1", "one").await.unwrap().unwrap().spec, spec);
    assert_eq!(store.analysis("t2", "one").await.unwrap().unwrap().spec, first.spec);
}

async fn requests_are_remembered_with_their_body(store: &Store) {
    let (asked, retried) = (analysis("asked", "r"), analysis("retried", "r"));
    let key = RequestKey { id: "once", fingerprint: Sha256Hash::of(b"body") };
    let other = RequestKey { id: "once", fingerprint: Sha256Hash::of(b"other") };
    assert_eq!(store.create("t4", &asked, Some(key)).await.unwrap(), Created::New);
    assert_eq!(store.create("t4", &retried, Some(key)).await.unwrap(), Created::Before(Box::new(asked.clone())));
    assert_eq!(store.create("t4", &retried, Some(other)).await.unwrap(), Created::Conflict);
    assert_eq!(store.analysis("t4", "retried").await.unwrap(), None);
    assert_eq!(store.create("t5", &asked, Some(other)).await.unwrap(), Created::New);
    let before = store.asked("t4", "once").await.unwrap();
    assert_eq!(before, Some((key.fingerprint, asked.clone())));
    assert_eq!(store.asked("t4", "twice").await.unwrap(), None);
    assert_eq!(store.asked("t6", "once").await.unwrap(), None);

    let taken = RequestKey { id: "taken", fingerprint: Sha256Hash::of(b"body") };
    assert_eq!(store.create("t4", &asked, Some(taken)).await.unwrap(), Created::Taken);
    assert_eq!(store.create("t4", &retried, Some(taken)).await.unwrap(), Created::New, "a refusal is not remembered");
}

async fn results_share_their_bytes(store: &Store) {
    let (one, two) = (analysis("one", "r"), analysis("two", "r"));
    for analysis in [&one, &two] {
        store.create("t6", analysis, None).await.unwrap();
        store.succeed("t6", &found(analysis, "{}")).await.unwrap();
    }
    // Storing it again changes nothing, nor does another result.
    for json in ["{}", "[]"] {
        store.succeed("t6", &found(&one, json)).await.unwrap();
    }
    let hash = Sha256Hash::of(b"{}");
    assert_eq!(store.result("t6", Some("one"), hash).await.unwrap(), Some(found(&one, "{}")));
    assert_eq!(store.result("t6", None, hash).await.unwrap(), Some(found(&two, "{}")), "the newest that found it");
    assert_eq!(store.result("t7", None, hash).await.unwrap(), None);
    assert_eq!(store.result("t6", Some("one"), Sha256Hash::of(b"")).await.unwrap(), None);
    assert_eq!(store.results("t6", None, ALL).await.unwrap().entries, [found(&two, "{}"), found(&one, "{}")]);
    assert_eq!(store.results("t6", Some("one"), ALL).await.unwrap().entries, [found(&one, "{}")]);
    let ended = store.analysis("t6", "one").await.unwrap().unwrap();
    assert_eq!(ended.state, State::Succeeded(hash));
    assert_eq!(ended.ended, Some(Timestamp::from_millis(2000)));
}

async fn a_result_names_the_component_that_found_it(store: &Store) {
    let analysis = analysis("by-plugin", "r");
    store.create("t6", &analysis, None).await.unwrap();
    let by_plugin = found(&analysis, "{} ");
    assert!(by_plugin.component.is_some());
    store.succeed("t6", &by_plugin).await.unwrap();
    assert_eq!(store.result("t6", None, by_plugin.hash).await.unwrap(), Some(by_plugin));
}

async fn large_results_come_in_shorter_pages(store: &Store) {
    for place in 0..4 {
        let analysis = analysis(&format!("large-{place}"), "r");
        store.create("t8", &analysis, None).await.unwrap();
        let json = format!("{place}{}", " ".repeat(1_500_000));
        store.succeed("t8", &found(&analysis, &json)).await.unwrap();
    }
    let (mut seen, mut slice) = (Vec::new(), ALL);
    loop {
        let page = store.results("t8", None, slice).await.unwrap();
        assert_eq!(page.entries.len(), 1, "two would not fit a message");
        seen.push(page.entries[0].analysis.clone());
        if page.next.is_none() {
            break;
        }
        slice.before = page.next;
    }
    assert_eq!(seen, ["large-3", "large-2", "large-1", "large-0"]);
}

async fn large_specs_come_in_shorter_pages(store: &Store) {
    for place in 0..3 {
        let mut analysis = analysis(&format!("large-{place}"), "r");
        analysis.spec.parameters = json!("p".repeat(1_500_000));
        store.create("t10", &analysis, None).await.unwrap();
    }
    let page = store.analyses("t10", None, ALL).await.unwrap();
    assert_eq!((page.entries.len(), page.next.is_some()), (1, true), "two would not fit a message");
}

async fn what_ended_stays_as_it_ended(store: &Store) {
    let failure = Failure { code: Code::NotFound, reason: Reason::ResourceNotFound, message: "gone".to_owned() };
    let at = Timestamp::from_millis(3000);
    for (id, state) in [("f", State::Failed(failure.clone())), ("c", State::Cancelled(failure.clone()))] {
        store.create("t9", &analysis(id, "r"), None).await.unwrap();
        store.end("t9", id, &state, at).await.unwrap();
        store.end("t9", id, &State::Failed(Failure::interrupted()), Timestamp::from_millis(4000)).await.unwrap();
        store.succeed("t9", &found(&analysis(id, "r"), "{}")).await.unwrap();
        let ended = store.analysis("t9", id).await.unwrap().unwrap();
        assert_eq!((ended.state, ended.ended), (state, Some(at)));
    }
    assert_eq!(store.results("t9", None, ALL).await.unwrap().entries, [], "a result that came too late");
    store.create("t9", &analysis("running", "r"), None).await.unwrap();
    assert!(store.end("t9", "running", &State::Running, at).await.is_err());
    assert!(store.interrupt(&Failure::interrupted(), at).await.unwrap() >= 1);
    assert_eq!(store.interrupt(&Failure::interrupted(), at).await.unwrap(), 0);
    let state = |id: &'static str| async move { store.analysis("t9", id).await.unwrap().unwrap().state };
    assert_eq!(state("running").await, State::Failed(Failure::interrupted()));
    assert_eq!(state("f").await, State::Failed(failure.clone()));
    assert_eq!(state("c").await, State::Cancelled(failure));
}

#[tokio::test]
async fn it_does_the_same_on_either_database() {
    let folder = tempfile::tempdir().unwrap();
    let server = folkmoot_test_postgres::database();
    for place in [Place::Folder(folder.path().to_owned()), server.address().parse().unwrap()] {
        let store = Store::open(&place).await.unwrap();
        suite(&store).await;
        races::suite(&store, &Store::open(&place).await.unwrap()).await;
        store.close().await;
    }
}
