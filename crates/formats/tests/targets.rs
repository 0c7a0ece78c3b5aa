//! The targets file: what it says, and what is refused where.

use folkmoot_formats::targets::{Targets, read};

fn read_text(text: &str) -> Result<Targets, String> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("t.json");
    std::fs::write(&file, text).unwrap();
    read(&file).map_err(|error| error.to_string().replace(&format!("{}/", dir.path().display()), ""))
}

#[test]
fn shares_stay_and_counts_are_divided_by_their_sum() {
    let check = |shares: &str, want: &[(&str, f64)]| {
        let text = format!(r#"{{"margins": [{{"attribute": "region", "shares": {shares}}}], "population": 1000000}}"#);
        let targets = read_text(&text).unwrap();
        let region: Vec<_> = targets["region"].iter().map(|(level, share)| (level.as_str(), *share)).collect();
        assert_eq!(region, want, "{shares}");
    };
    check(r#"{"south": 0.6, "north": 0.4}"#, &[("north", 0.4), ("south", 0.6)]);
    check(r#"{"a": 0.3333333, "b": 0.6666667}"#, &[("a", 0.3333333), ("b", 0.6666667)]);
    check(r#"{"a": 1, "b": 3}"#, &[("a", 0.25), ("b", 0.75)]);
    check(r#"{"a": 120000.0, "b": 0}"#, &[("a", 1.0), ("b", 0.0)]);
    let two = r#"{"margins": [{"attribute": "a", "shares": {"x": 1}}, {"attribute": "b", "shares": {"x": 1}}]}"#;
    assert_eq!(read_text(two).unwrap().keys().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn what_is_no_target_is_refused_where_it_stands() {
    let check = |text: &str, want: &[&str]| {
        let error = read_text(text).unwrap_err();
        for want in want {
            assert!(error.contains(want), "{want:?} is not in {error:?} of {text}");
        }
    };
    let shares = |shares: &str, want: &[&str]| {
        check(&format!(r#"{{"margins": [{{"attribute": "r", "shares": {shares}}}]}}"#), want);
    };
    check("[]", &["t.json:1: "]);
    check("{\n\"margins\": 3}", &["t.json:2: ", "invalid type"]);
    check("{\n\n\"margin\": []}", &["t.json:3: ", "unknown field `margin`"]);
    check(r#"{"margins": []}"#, &["t.json: $.margins: give at least one attribute"]);
    check("{}", &["t.json: $.margins: give at least one attribute"]);
    check(r#"{"margins": [{"attribute": "r"}]}"#, &["$.margins[0].shares: give each level its share"]);
    check(r#"{"margins": [{"shares": {"a": 1}}]}"#, &["$.margins[0].attribute: the name of an attribute"]);
    check(r#"{"margins": [{"attribute": "r", "shares": {"a": 1}, "weight": 2}]}"#, &["unknown field `weight`"]);
    check(r#"{"margins": [{"attribute": "r", "shares": {"a": 1}}], "population": 0}"#, &["$.population: 0 is no"]);
    let one = r#"{"attribute": "r", "shares": {"a": 1}}"#;
    check(
        &format!(r#"{{"margins": [{one}, {one}]}}"#),
        &["$.margins[1].attribute: the attribute \"r\" is given twice"],
    );
    let cells = r#"{"attributes": ["r", "s"], "cells": [{"values": ["a", "b"], "share": 1}]}"#;
    check(cells, &["$.cells: cells over several attributes are not there yet"]);
    check(&format!(r#"{{"margins": [{cells}]}}"#), &["$.margins[0].cells: cells over several attributes"]);
    shares("[0.4, 0.6]", &["t.json:1: ", "an object of levels and their shares"]);
    shares("{}", &["$.margins[0].shares: give each level its share"]);
    shares(r#"{"a": "0.4", "b": 0.6}"#, &["t.json:1: ", "invalid type: string"]);
    shares(r#"{"a": NaN}"#, &["t.json:1: "]);
    shares(r#"{"a": 1e999}"#, &["t.json:1: ", "out of range"]);
    shares(r#"{"a": -0.4, "b": 1.4}"#, &["$.margins[0].shares.a: -0.4 is negative"]);
    shares(r#"{"a": -1, "b": -2}"#, &["shares.a: -1 is negative", "shares.b: -2 is negative"]);
    shares(r#"{"a": 0, "b": 0}"#, &["$.margins[0].shares: the shares add up to 0"]);
    shares(r#"{"a": 0.4, "b": 0.5}"#, &["$.margins[0].shares: the shares add up to 0.9, not to 1"]);
    shares(r#"{"a": 0.4, "b": 6}"#, &["the shares add up to 6.4, not to 1 (counts are whole numbers)"]);
    shares(r#"{"a": 1e308, "b": 1e308}"#, &["too large to add up"]);
    shares(r#"{"a": 0.4, "a": 0.6}"#, &["$.margins[0].shares.a: the level is given twice"]);
    shares(r#"{"": 1}"#, &["a level without a name"]);
}
