//! A client in another language, from the contracts alone.

use std::process::Command;

use folkmoot_testkit as testkit;

/// `cargo xtask test` makes a Python with grpcio and names it here.
const PYTHON: &str = "FOLKMOOT_PYTHON";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_client_runs_a_round_from_the_contracts_alone() {
    let Some(python) = std::env::var_os(PYTHON) else {
        println!("skipped: {PYTHON} names no Python with grpcio; `cargo xtask test` makes one");
        return;
    };
    let running = testkit::together().await;
    let address = running.address().trim_start_matches("http://").to_owned();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/client.py");
    let client = tokio::task::spawn_blocking(move || Command::new(python).args([script, &address]).output());
    let output = client.await.expect("the client ends").expect("the client starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the client failed: {errors}");

    let result: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the result is JSON");
    assert_eq!(result["method"]["id"], "shares");
    let table = &result["report"]["tables"][0];
    let columns: Vec<&str> = table["columns"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap()).collect();
    let place = |id: &str| {
        columns.iter().position(|column| *column == id).unwrap_or_else(|| panic!("no column {id}: {columns:?}"))
    };
    let agree =
        table["rows"].as_array().unwrap().iter().find(|row| row[place("option")] == "agree").expect("a row for agree");
    // 120 of the 200 who answered: fewer than ten of a kind would be suppressed.
    assert_eq!(agree[place("share")], 0.6);
}
