//! Whether registered plugins slow an analysis that uses one of them: the same analysis on a server with
//! one plugin and with a hundred and one, in the same run.

use std::time::{Duration, Instant};

use folkmoot_client::{Folkmoot, upload_plugin};
use folkmoot_core::{Item, View};
use folkmoot_plugin_fixtures::Turnout;
use folkmoot_proto::survey::Snapshot;
use folkmoot_simulate::Plan;
use folkmoot_tests::path;

const OTHERS: usize = 100;
const ROUNDS: usize = 30;

async fn register(folkmoot: &Folkmoot, id: String) {
    let component = Turnout { id, ..Turnout::default() }.component();
    upload_plugin(&mut folkmoot.plugins.clone(), component, None, "").await.expect("the plugin is taken");
}

/// The fastest of some analyses, from the request to the result.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
async fn fastest(folkmoot: &Folkmoot, snapshot: &Snapshot, items: &[Item]) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        path::analyse(folkmoot, snapshot, path::question("turnout@1.0.0", View::Personal, "", items)).await;
        best = best.min(start.elapsed());
    }
    best
}

#[tokio::main]
async fn main() {
    let running = folkmoot_testkit::together().await;
    let folkmoot = &running.clients;
    let items: Vec<Item> = serde_json::from_value(serde_json::json!([{"id": "v", "kind": "vote", "prompt": "Well?"}]))
        .expect("the items are sound");
    path::create_spec(folkmoot, "s").await;
    let revision = path::import_revision(folkmoot, "s", "1", b"# House rules {#house}\n\nWell.\n").await;
    path::open_round(folkmoot, "r", &revision.name, &items, true).await;
    path::collect(folkmoot, "r", path::simulated(&Plan::new(items.clone(), 2000, 3))).await;
    let snapshot = path::seal(folkmoot, "r").await;

    register(folkmoot, "turnout".to_owned()).await;
    let alone = fastest(folkmoot, &snapshot, &items).await;
    for place in 0..OTHERS {
        register(folkmoot, format!("other-{place}")).await;
    }
    let among = fastest(folkmoot, &snapshot, &items).await;
    println!(
        "an analysis by one plugin: {:.1} ms where it is the only one, {:.1} ms among {}; ratio {:.2}",
        alone.as_secs_f64() * 1e3,
        among.as_secs_f64() * 1e3,
        1 + OTHERS,
        among.as_secs_f64() / alone.as_secs_f64()
    );
}
