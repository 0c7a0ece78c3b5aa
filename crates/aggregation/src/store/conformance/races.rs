//! What two processes do to one database at once.

use folkmoot_core::Sha256Hash;

use super::{ALL, analysis, found, plugins};
use crate::model::{Failure, State};
use crate::store::plugins::Registered;
use crate::store::{Created, RequestKey, Store};

/// How often each race is run: who wins is chance.
const RACES: usize = 12;

pub(super) async fn suite(left: &Store, right: &Store) {
    for race in 0..RACES {
        let tenant = &format!("race-{race}");
        a_request_starts_one_analysis(left, right, tenant).await;
        an_id_is_given_once(left, right, tenant).await;
        the_same_bytes_are_stored_once(left, right, tenant).await;
        an_analysis_ends_once(left, right, tenant).await;
        a_method_and_version_are_registered_once(left, right, tenant).await;
    }
}

async fn a_request_starts_one_analysis(left: &Store, right: &Store, tenant: &str) {
    let (one, two) = (analysis("asked-left", "r"), analysis("asked-right", "r"));
    let key = RequestKey { id: "asked", fingerprint: Sha256Hash::of(b"body") };
    let created = tokio::join!(left.create(tenant, &one, Some(key)), right.create(tenant, &two, Some(key)));
    match (created.0.unwrap(), created.1.unwrap()) {
        (Created::New, Created::Before(before)) => assert_eq!(*before, one),
        (Created::Before(before), Created::New) => assert_eq!(*before, two),
        both => panic!("{both:?}"),
    }
    assert_eq!(left.analyses(tenant, None, ALL).await.unwrap().entries.len(), 1);

    // With an id of the caller's choice the retry still meets itself, not a stranger.
    let chosen = analysis("chosen", "r");
    let key = RequestKey { id: "chosen", ..key };
    let created = tokio::join!(left.create(tenant, &chosen, Some(key)), right.create(tenant, &chosen, Some(key)));
    let before = Created::Before(Box::new(chosen));
    let both = (created.0.unwrap(), created.1.unwrap());
    assert!(both == (Created::New, before.clone()) || both == (before, Created::New), "{both:?}");
}

async fn an_id_is_given_once(left: &Store, right: &Store, tenant: &str) {
    let one = analysis("taken", "r");
    let created = tokio::join!(left.create(tenant, &one, None), right.create(tenant, &one, None));
    let both = (created.0.unwrap(), created.1.unwrap());
    assert!([(Created::New, Created::Taken), (Created::Taken, Created::New)].contains(&both), "{both:?}");
}

async fn the_same_bytes_are_stored_once(left: &Store, right: &Store, tenant: &str) {
    let (one, two) = (analysis("same-left", "r"), analysis("same-right", "r"));
    for analysis in [&one, &two] {
        left.create(tenant, analysis, None).await.unwrap();
    }
    let json = format!("{{\"tenant\":\"{tenant}\"}}");
    let (one, two) = (found(&one, &json), found(&two, &json));
    let stored = tokio::join!(left.succeed(tenant, &one), right.succeed(tenant, &two));
    assert!(stored.0.is_ok() && stored.1.is_ok(), "{stored:?}");
    for found in [one, two] {
        assert_eq!(left.result(tenant, Some(&found.analysis), found.hash).await.unwrap(), Some(found));
    }
}

async fn an_analysis_ends_once(left: &Store, right: &Store, tenant: &str) {
    let one = analysis("ended", "r");
    left.create(tenant, &one, None).await.unwrap();
    let (found, failed) = (found(&one, "{}"), State::Failed(Failure::interrupted()));
    let ended = tokio::join!(left.succeed(tenant, &found), right.end(tenant, "ended", &failed, found.created));
    assert!(ended.0.is_ok() && ended.1.is_ok(), "{ended:?}");
    let results = left.results(tenant, Some("ended"), ALL).await.unwrap().entries;
    match left.analysis(tenant, "ended").await.unwrap().unwrap().state {
        State::Succeeded(hash) => assert_eq!((hash, results), (found.hash, vec![found])),
        state => assert_eq!((state, results), (failed, vec![])),
    }
}

async fn a_method_and_version_are_registered_once(left: &Store, right: &Store, tenant: &str) {
    let (one, two) = (plugins::plugin("mean", "1.0.0", b"left"), plugins::plugin("mean", "1.0.0", b"right"));
    let done = tokio::join!(left.register_plugin(tenant, &one, None), right.register_plugin(tenant, &two, None));
    match (done.0.unwrap(), done.1.unwrap()) {
        (Registered::Done, Registered::Conflict(other)) => assert_eq!(other, one.component),
        (Registered::Conflict(other), Registered::Done) => assert_eq!(other, two.component),
        both => panic!("{both:?}"),
    }
    assert_eq!(left.plugins_of_id(tenant, "mean").await.unwrap().len(), 1);
}
