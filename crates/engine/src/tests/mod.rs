//! Runs over small sealed snapshots.

mod designs;
mod quality;
mod replicates;
mod small_cells;
mod weighting;

use std::ops::ControlFlow;

use folkmoot_core::{Answer, Code, Fault, Item, Reason, View};
use folkmoot_methods::Registry;
use folkmoot_methods::report::Cell;
use folkmoot_snapshot::{Meta, Participant, Row, Snapshot, Writer};
use serde_json::json;

use crate::{EngineError, RunResult, RunSpec, Runnable, run, run_method};

/// 300 people in two regions: an order that most share, one statement, a choice nobody made.
fn snapshot(folder: &std::path::Path) -> Snapshot {
    let items: Vec<Item> = serde_json::from_value(json!([
        {"id": "order", "kind": "rank", "candidates": [{"id": "A"}, {"id": "B"}, {"id": "C"}], "position": "A>B>C"},
        {"id": "yes", "kind": "vote", "position": "agree"},
        {"id": "empty", "kind": "choose", "candidates": [{"id": "x"}, {"id": "y"}]},
        {"id": "why", "kind": "text"},
    ]))
    .unwrap();
    let id = |n: usize| format!("p{n:03}");
    let region = |n: usize| (n % 10 != 9).then(|| ("region".to_owned(), ["north", "south"][n % 2].to_owned()));
    let others = |n: usize| {
        [("reach".to_owned(), ["all", "some"][n % 2].to_owned()), ("street".to_owned(), (n % 201).to_string())]
    };
    let person = |n: usize| Participant {
        id: id(n),
        attributes: region(n).into_iter().chain(others(n)).collect(),
        weight: Some([1.0, 0.5, 2.0][n % 3]),
    };
    let mut writer = Writer::create(folder, items.clone(), (0..300).map(person), Meta::default()).unwrap();
    let mut push = |item: usize, n: usize, view, text: &str, unacceptable: Option<&str>| {
        let answer = Answer::parse(&items[item], text, unacceptable).unwrap().encode();
        let row = Row {
            item: &items[item].id,
            participant: &id(n),
            view,
            answer: &answer,
            rationale: None,
            weight: None,
            duration_ms: None,
        };
        writer.push(row).unwrap();
    };
    for n in 0..300 {
        let flags = (n % 4 == 0).then_some("C");
        push(0, n, View::Personal, ["B>A>C", "B>A=C", "A>B>C", "C -A"][n % 4], flags);
        push(0, n, View::World, "C>B>A", None);
        if n % 3 > 0 {
            push(1, n, View::Personal, ["agree", "disagree", "pass"][n % 7 % 3], None);
        }
    }
    writer.seal().unwrap()
}

fn spec(method: &str) -> RunSpec {
    RunSpec { method: method.into(), ..RunSpec::default() }
}

fn go(snapshot: &Snapshot, spec: &RunSpec) -> Result<RunResult, EngineError> {
    run(snapshot, spec, &mut |_| ControlFlow::Continue(()))
}

#[test]
fn every_method_runs_again_from_its_result_to_the_same_hash_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = snapshot(folder.path());
    let registry = Registry::builtin();
    for descriptor in registry.list() {
        for by in [None, Some("region".to_owned())] {
            let spec = RunSpec { by, replicates: 20, seed: 5, ..spec(&descriptor.id) };
            let result = match go(&snapshot, &spec) {
                Ok(result) => result,
                // One statement makes no groups, and nobody was asked to approve, to grade or to weigh.
                Err(EngineError::Undefined(_))
                    if !descriptor.kinds.iter().any(|kind| kind == "rank" || kind == "unacceptable") =>
                {
                    continue;
                }
                Err(error) => panic!("{}: {error}", descriptor.id),
            };
            let read: RunResult = serde_json::from_str(&serde_json::to_string(&result).unwrap()).unwrap();
            assert_eq!(read, result, "{}", descriptor.id);
            assert_eq!(go(&snapshot, &result.spec()).unwrap().hash(), result.hash(), "{}", descriptor.id);
            let method = registry.get(&descriptor.id).unwrap();
            for threads in [1, 2, 3, 7] {
                let runnable = Runnable { method, component: None };
                let again =
                    run_method(runnable, &snapshot, &spec, threads, &mut |_| ControlFlow::Continue(())).unwrap();
                assert_eq!(again.hash(), result.hash(), "{} on {threads} threads", descriptor.id);
            }
        }
    }
}

#[test]
fn views_weights_and_segments_are_the_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = snapshot(folder.path());
    let personal = go(&snapshot, &RunSpec { by: Some("region".into()), ..spec("shares") }).unwrap();
    let table = personal.report.table("shares").unwrap();
    let cell = |segment: &str, option: &str, id: &str| {
        let found = table.rows.iter().find(|row| {
            row[0].as_str() == Some(segment)
                && row[1].as_str() == Some("order")
                && table.cell(row, "option").and_then(Cell::as_str) == Some(option)
        });
        table.cell(found.unwrap(), id).and_then(Cell::as_f64).unwrap()
    };
    // Places 0 and 1 of every four put B first, whatever their region; A was not shown to place 3.
    assert_eq!(cell("all", "B", "n"), 300.0);
    assert_eq!(cell("all", "A", "n"), 225.0);
    let weight = |n: usize| [1.0, 0.5, 2.0][n % 3];
    let sum = |keep: &dyn Fn(usize) -> bool| (0..300).filter(|&n| keep(n)).map(weight).sum::<f64>();
    assert_eq!(cell("all", "B", "share"), sum(&|n| n % 4 < 2) / sum(&|_| true));
    let south = |n: usize| n % 2 == 1 && n % 10 != 9;
    assert_eq!(cell("south", "B", "share"), sum(&|n| south(n) && n % 4 < 2) / sum(&south));
    let world = go(&snapshot, &RunSpec { view: View::World, items: vec!["order".into()], ..spec("borda") }).unwrap();
    assert_eq!(world.report.table("orders").unwrap().rows[0][1].as_str(), Some("C>B>A"));
}

#[test]
fn bootstrap_intervals_hold_their_estimate() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = snapshot(folder.path());
    let result = go(&snapshot, &RunSpec { replicates: 200, ..spec("borda") }).unwrap();
    let table = result.report.table("candidates").unwrap();
    for row in &table.rows {
        let number = |id: &str| table.cell(row, id).and_then(Cell::as_f64).unwrap();
        let (low, share, high) = (number("share_low"), number("share"), number("share_high"));
        assert!(low < share && share < high && high - low < 0.2, "{low} {share} {high}");
    }
    let other = go(&snapshot, &RunSpec { replicates: 200, seed: 1, ..spec("borda") }).unwrap();
    assert_ne!(other.report, result.report);
}

#[test]
fn positions_can_be_given() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = snapshot(folder.path());
    let own = go(&snapshot, &spec("agreement")).unwrap();
    assert_eq!(own.positions["yes"], "agree");
    let positions = [("order".to_owned(), " B > A=C ".to_owned())].into();
    let given = go(&snapshot, &RunSpec { positions, ..spec("agreement") }).unwrap();
    assert_eq!(given.positions["order"], "B>A=C");
    assert_eq!(given.report.table("items").unwrap().rows.len(), 1);
}

#[test]
fn what_cannot_run_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = snapshot(folder.path());
    let check = |spec: RunSpec, code: Code, reason: Reason, fields: &[&str]| {
        let fault = Fault::from(go(&snapshot, &spec).unwrap_err());
        let got: Vec<_> = fault.violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!((fault.code, fault.reason, got.as_slice()), (code, reason, fields), "{spec:?}");
    };
    check(spec("none"), Code::NotFound, Reason::UnknownMethod, &[]);
    check(spec("borda@9.9.9"), Code::NotFound, Reason::UnknownMethod, &[]);
    let replicates = RunSpec { replicates: 2_000_000, ..spec("borda") };
    check(replicates, Code::InvalidArgument, Reason::BadField, &["replicates"]);
    let params = json!({"level": 2, "x": 1});
    let both = ["params/level", "params/x"];
    check(RunSpec { params, ..spec("shares") }, Code::InvalidArgument, Reason::BadParameter, &both);
    for by in ["age", "reach", "street"] {
        check(RunSpec { by: Some(by.into()), ..spec("borda") }, Code::InvalidArgument, Reason::BadField, &["by"]);
    }
    check(RunSpec { items: vec!["q".into()], ..spec("borda") }, Code::InvalidArgument, Reason::UnknownItem, &["items"]);
    let positions = [("order".to_owned(), "A>Z".to_owned())].into();
    let field = ["positions/order"];
    check(RunSpec { positions, ..spec("agreement") }, Code::InvalidArgument, Reason::BadField, &field);
    let world = RunSpec { view: View::World, items: vec!["yes".into()], ..spec("shares") };
    check(world, Code::FailedPrecondition, Reason::MethodUndefined, &[]);
    let none = RunSpec { items: vec!["why".into()], ..spec("borda") };
    check(none, Code::FailedPrecondition, Reason::MethodUndefined, &[]);
}

#[test]
fn a_run_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = snapshot(folder.path());
    let stopped = run(&snapshot, &spec("borda"), &mut |_| ControlFlow::Break(()));
    assert_eq!(stopped, Err(EngineError::Cancelled));
}
