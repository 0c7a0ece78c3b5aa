//! Who is flagged, and what becomes of the figures.

use folkmoot_core::{Fault, Reason};
use folkmoot_methods::Report;
use folkmoot_methods::report::{Cell, Note, Scalar, Table, Unit};
use serde_json::{Value, json};

use super::*;
use crate::Quality;
use crate::quality::beside;

/// Ten votes of each of 40 people, and one ranking. p00 to p03 are as the rules say; p04 and p05 agree
/// with each other in everything; the others differ.
fn careless(folder: &std::path::Path) -> Snapshot {
    let votes = (0..10).map(|n| json!({"id": format!("v{n}"), "kind": "vote"}));
    let order = json!({"id": "order", "kind": "rank", "candidates": [{"id": "A"}, {"id": "B"}]});
    let items: Vec<Item> = votes.chain([order]).map(|item| serde_json::from_value(item).unwrap()).collect();
    let id = |n: usize| format!("p{n:02}");
    let people = (0..40).map(|n| Participant { id: id(n), ..Participant::default() });
    let mut writer = Writer::create(folder, items.clone(), people, Meta::default()).unwrap();
    for n in 0..40 {
        for (place, item) in items.iter().enumerate() {
            // The digits of n to base 3 first, so that nobody answers like another.
            let own = if place < 4 { n / 3_usize.pow(place as u32) } else { n + place * place };
            let (text, flags) = match (place, n) {
                (10, 2) => ("A>B", Some("A;B")),
                (10, 3) => ("A>B", Some("B")),
                (10, _) => (["A>B", "B>A"][n % 2], None),
                (_, 1) => ("agree", None),
                (_, 4 | 5) => (["agree", "disagree"][place % 2], None),
                _ => (["agree", "pass", "disagree"][own % 3], None),
            };
            let answer = Answer::parse(item, text, flags).unwrap().encode();
            let duration_ms = match n {
                0 => Some(900),
                6 if place > 5 => Some(900),
                7 => None,
                _ => Some(5_000),
            };
            let (item, participant, view) = (item.id.as_str(), &id(n)[..], View::Personal);
            let row = Row { item, participant, view, answer: &answer, rationale: None, weight: None, duration_ms };
            writer.push(row).unwrap();
        }
    }
    writer.seal().unwrap()
}

fn flagged(table: &Table) -> Vec<(&str, i64)> {
    let row = |row: &'_ [Cell]| match &row[2] {
        Cell::Int(n) => *n,
        other => panic!("{other:?}"),
    };
    table.rows.iter().map(|cells| (cells[0].as_str().unwrap(), row(cells))).collect()
}

fn with(rules: Value) -> RunSpec {
    RunSpec { quality: Some(Quality::read(&rules).unwrap()), ..spec("shares") }
}

#[test]
fn participants_are_flagged_by_the_rules_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = careless(folder.path());
    let check = |rules: Value, want: &[(&str, i64)]| {
        let result = go(&snapshot, &with(rules.clone())).unwrap();
        assert_eq!(flagged(result.report.table("quality").unwrap()), want, "{rules}");
    };
    let usual = [("speeding", 1), ("straight_lining", 1), ("duplicates", 0), ("contradictions", 1), ("any", 3)];
    check(json!({}), &usual);
    let only = |rule: &str, value: Value| {
        let mut rules = json!({"speeding": null, "straight_lining": null, "duplicates": null, "contradictions": null});
        rules[rule] = value;
        rules
    };
    // p04 ranks A first and p05 B, so that they differ in one answer of eleven.
    check(only("duplicates", json!({"answers": 11})), &[("duplicates", 0), ("any", 0)]);
    check(only("speeding", json!({"below_ms": 900, "answers": 5})), &[("speeding", 0), ("any", 0)]);
    check(only("straight_lining", json!({"answers": 11})), &[("straight_lining", 0), ("any", 0)]);
    check(only("contradictions", json!({"answers": 2})), &[("contradictions", 0), ("any", 0)]);
}

#[test]
fn figures_stand_with_and_without_those_flagged_or_without_them_alone() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = careless(folder.path());
    let all = go(&snapshot, &spec("shares")).unwrap();
    let both = go(&snapshot, &with(json!({}))).unwrap();
    assert_eq!(both.report.table("shares"), all.report.table("shares"));
    let without = both.report.table("shares_without_flagged").unwrap();
    let count = |table: &Table| table.cell(&table.rows[0], "n").and_then(Cell::as_f64).unwrap();
    assert_eq!((count(without), count(all.report.table("shares").unwrap())), (37.0, 40.0));
    assert!(both.report.notes.iter().any(|note| note.code == "quality_change"));

    let alone = go(&snapshot, &with(json!({"leave_out": true}))).unwrap();
    assert_eq!(alone.report.table("shares").unwrap().rows, without.rows);
    assert_eq!(alone.report.table("shares_without_flagged"), None);
    assert_eq!(go(&snapshot, &alone.spec()).unwrap().hash(), alone.hash());
}

#[test]
fn scalars_and_notes_without_those_flagged_are_kept() {
    let scalar = |value: f64| Scalar { id: "m".into(), label: "Mean".into(), unit: Unit::Score, value: value.into() };
    let (common, own) = (Note::info("variant", "as ever"), Note::warning("few", "few are left"));
    let mut all = Report { scalars: vec![scalar(1.0)], notes: vec![common.clone()], ..Report::default() };
    let without = Report { scalars: vec![scalar(2.0)], notes: vec![common.clone(), own.clone()], ..Report::default() };
    beside(&mut all, Ok(without)).unwrap();
    let scalars: Vec<_> = all.scalars.iter().map(|one| (one.id.as_str(), one.label.as_str())).collect();
    assert_eq!(scalars, [("m", "Mean"), ("m_without_flagged", "Mean, without flagged")]);
    let said = Note { text: "without flagged participants: few are left".into(), ..own };
    assert_eq!(all.notes, [common, said]);
}

#[test]
fn two_who_answer_alike_are_flagged_both() {
    let folder = tempfile::tempdir().unwrap();
    let items: Vec<Item> =
        serde_json::from_value(json!([{"id": "a", "kind": "vote"}, {"id": "b", "kind": "vote"}])).unwrap();
    let people = ["x", "y", "z"].map(|id| Participant { id: id.to_owned(), ..Participant::default() });
    let mut writer = Writer::create(folder.path(), items, people, Meta::default()).unwrap();
    for (item, participant, answer) in
        [("a", "x", b"A"), ("a", "y", b"A"), ("a", "z", b"A"), ("b", "x", b"D"), ("b", "y", b"D"), ("b", "z", b"A")]
    {
        let view = View::Personal;
        writer.push(Row { item, participant, view, answer, rationale: None, weight: None, duration_ms: None }).unwrap();
    }
    let result = go(&writer.seal().unwrap(), &with(json!({"duplicates": {"answers": 2}}))).unwrap();
    assert_eq!(flagged(result.report.table("quality").unwrap())[2], ("duplicates", 2));
}

#[test]
fn rules_that_cannot_be_are_refused_all_at_once() {
    let check = |rules: Value, want: &[&str]| {
        let problems = Quality::read(&rules).unwrap_err();
        assert_eq!(problems.iter().map(|problem| problem.path.as_str()).collect::<Vec<_>>(), want, "{rules}");
    };
    check(
        json!({"duplicates": {"answers": 0}, "straight_lining": {"answers": 1}}),
        &["/straight_lining/answers", "/duplicates/answers"],
    );
    check(json!({"bursts": {}}), &[""]);
    let folder = tempfile::tempdir().unwrap();
    let bad = Quality { duplicates: Some(crate::AtLeast { answers: 0 }), ..Quality::default() };
    let fault =
        Fault::from(go(&careless(folder.path()), &RunSpec { quality: Some(bad), ..spec("shares") }).unwrap_err());
    assert_eq!((fault.reason, fault.violations[0].field.as_str()), (Reason::BadField, "quality/duplicates/answers"));
}
