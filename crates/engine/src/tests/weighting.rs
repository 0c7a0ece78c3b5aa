//! Participants weighted to targets, for every method.

use folkmoot_core::{Fault, Reason};
use folkmoot_methods::report::{Cell, Table};
use serde_json::json;

use super::*;
use crate::{Cells, Weighting};

/// 300 people of whom 3 in 10 are of the north and 1 in 3 old; those of the north agree.
fn uneven(folder: &std::path::Path) -> Snapshot {
    let items: Vec<Item> = serde_json::from_value(json!([
        {"id": "yes", "kind": "vote"},
        {"id": "order", "kind": "rank", "candidates": [{"id": "A"}, {"id": "B"}], "position": "A>B"},
    ]))
    .unwrap();
    let north = |n: usize| n % 10 < 3;
    let id = |n: usize| format!("p{n:03}");
    let person = |n: usize| Participant {
        id: id(n),
        attributes: [("region", if north(n) { "north" } else { "south" }), ("age", ["old", "mid", "young"][n % 3])]
            .map(|(name, level)| (name.to_owned(), level.to_owned()))
            .into(),
        weight: None,
    };
    let mut writer = Writer::create(folder, items.clone(), (0..300).map(person), Meta::default()).unwrap();
    for n in 0..300 {
        let texts = if north(n) { ["agree", "A>B"] } else { ["disagree", "B>A"] };
        for (item, text) in items.iter().zip(texts) {
            let answer = Answer::parse(item, text, None).unwrap().encode();
            let (item, participant, view) = (item.id.as_str(), &id(n)[..], View::Personal);
            let row =
                Row { item, participant, view, answer: &answer, rationale: None, weight: None, duration_ms: None };
            writer.push(row).unwrap();
        }
    }
    writer.seal().unwrap()
}

fn half() -> RunSpec {
    let shares = [("north".to_owned(), 0.5), ("south".to_owned(), 0.5)];
    RunSpec { targets: [("region".to_owned(), shares.into())].into(), ..spec("shares") }
}

fn agree(table: &Table) -> f64 {
    table.cell(&table.rows[0], "share").and_then(Cell::as_f64).unwrap()
}

#[test]
fn targets_are_raked_to_and_every_method_counts_the_weights() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = uneven(folder.path());
    let plain = go(&snapshot, &spec("shares")).unwrap();
    assert_eq!(agree(plain.report.table("shares").unwrap()), 0.3);
    let raked = go(&snapshot, &half()).unwrap();
    assert!((agree(raked.report.table("shares").unwrap()) - 0.5).abs() < 1e-6);
    assert_eq!(raked.weighting, Some(Weighting::new(folkmoot_weights::Method::Rake)));
    assert!(raked.report.tables.iter().any(|table| table.id.starts_with("weights")), "{:?}", raked.report.tables);
    assert_eq!(go(&snapshot, &raked.spec()).unwrap().hash(), raked.hash());

    let borda = go(&snapshot, &RunSpec { method: "borda".into(), ..half() }).unwrap();
    let table = borda.report.table("candidates").unwrap();
    assert!((agree(table) - 0.5).abs() < 1e-6, "{table:?}");
}

#[test]
fn methods_that_read_strata_are_weighted_too() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = uneven(folder.path());
    let run = RunSpec { method: "disagreement".into(), by: Some("age".into()), ..half() };
    let delta = |run: &RunSpec| {
        let table = go(&snapshot, run).unwrap().report.table("items").unwrap().clone();
        table.cell(&table.rows[0], "delta").and_then(Cell::as_f64).unwrap()
    };
    // Seven in ten are against the position; half of the population are.
    assert!((delta(&RunSpec { targets: Default::default(), ..run.clone() }) - 0.4).abs() < 1e-6);
    assert!(delta(&run).abs() < 1e-5);
}

#[test]
fn replicates_and_trimming_do_not_go_together() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = uneven(folder.path());
    let weighting = Some(Weighting { trim: Some(2.0), ..Weighting::new(folkmoot_weights::Method::Rake) });
    let run = RunSpec { method: "borda".into(), weighting, ..half() };
    assert!(go(&snapshot, &run).is_ok());
    let jackknife = Some(crate::Design { scheme: crate::Scheme::Jk1, ..Default::default() });
    for refused in [RunSpec { replicates: 50, ..run.clone() }, RunSpec { design: jackknife, ..run }] {
        let fault = Fault::from(go(&snapshot, &refused).unwrap_err());
        assert_eq!((fault.reason, fault.violations[0].field.as_str()), (Reason::BadField, "weighting/trim"));
    }
}

#[test]
fn cells_and_segments_and_those_left_out_go_together() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = uneven(folder.path());
    let cells = Cells {
        attributes: vec!["age".into(), "region".into()],
        shares: ["old", "mid", "young"]
            .into_iter()
            .flat_map(|age| {
                [(vec![age.to_owned(), "north".to_owned()], 0.2), (vec![age.to_owned(), "south".to_owned()], 0.4 / 3.0)]
            })
            .collect(),
    };
    let weighting = Weighting::read(&json!({"method": "poststratify"})).ok();
    let run = RunSpec { cells: vec![cells], weighting, by: Some("age".into()), ..spec("shares") };
    let table = go(&snapshot, &run).unwrap().report.table("shares").unwrap().clone();
    for row in table.rows.iter().filter(|row| table.cell(row, "option").and_then(Cell::as_str) == Some("agree")) {
        let share = table.cell(row, "share").and_then(Cell::as_f64).unwrap();
        assert!((share - 0.6).abs() < 1e-6, "{row:?}");
    }
}

#[test]
fn a_bootstrap_weights_every_replicate_anew() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = uneven(folder.path());
    let run = RunSpec { method: "borda".into(), replicates: 100, ..half() };
    let result = go(&snapshot, &run).unwrap();
    let table = result.report.table("candidates").unwrap();
    // The answer is the region's, whose share every replicate meets.
    for row in table.rows.iter().filter(|row| row.iter().any(|cell| cell.as_str() == Some("order"))) {
        let number = |id: &str| table.cell(row, id).and_then(Cell::as_f64).unwrap();
        assert!(number("share_high") - number("share_low") < 1e-5, "{row:?}");
    }
    let unweighted = go(&snapshot, &RunSpec { method: "borda".into(), replicates: 100, ..spec("borda") }).unwrap();
    let table = unweighted.report.table("candidates").unwrap();
    let number = |id: &str| table.cell(&table.rows[0], id).and_then(Cell::as_f64).unwrap();
    assert!(number("share_high") - number("share_low") > 0.05);
}

#[test]
fn weights_that_cannot_be_are_refused_and_never_made_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = uneven(folder.path());
    let check = |run: RunSpec, reason: Reason, words: &str| {
        let fault = Fault::from(go(&snapshot, &run).unwrap_err());
        let told =
            format!("{} {}", fault.message, fault.violations.iter().map(|v| v.message.clone()).collect::<String>());
        assert!(fault.reason == reason && told.contains(words), "{fault:?}");
    };
    let of = |level: &str, share: f64| {
        let shares = [("north".to_owned(), 1.0 - share), (level.to_owned(), share)];
        RunSpec { targets: [("region".to_owned(), shares.into())].into(), ..spec("shares") }
    };
    check(of("south", 1.5), Reason::WeightingFailed, "region");
    check(of("east", 0.5), Reason::WeightingFailed, "east");
    let weighting = Weighting { trim: Some(0.5), ..Weighting::new(folkmoot_weights::Method::Rake) };
    check(RunSpec { weighting: Some(weighting), ..half() }, Reason::BadField, "");
}

#[test]
fn replicates_are_weighted_alike_on_any_number_of_threads_and_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = uneven(folder.path());
    let registry = Registry::builtin();
    let runnable = Runnable { method: registry.get("agreement").unwrap(), component: None };
    let spec = RunSpec { method: "agreement".into(), replicates: 50, seed: 3, ..half() };
    let on = |threads: usize| run_method(runnable, &snapshot, &spec, threads, &mut |_| ControlFlow::Continue(()));
    let one = on(1).unwrap().hash();
    for threads in [2, 7, 64] {
        assert_eq!(on(threads).unwrap().hash(), one, "{threads} threads");
    }
    let mut told = 0;
    let stopped = run_method(runnable, &snapshot, &spec, 1, &mut |progress| {
        told += usize::from(progress.phase == "weights of replicates");
        if told == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!(stopped, Err(EngineError::Cancelled));
}
