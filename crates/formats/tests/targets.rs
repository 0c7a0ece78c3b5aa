//! The targets file: what it says, and what is refused where.

use folkmoot_formats::targets::read;
use folkmoot_weights::Targets;

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
        let region: Vec<_> = targets.margins["region"].iter().map(|(level, share)| (level.as_str(), *share)).collect();
        assert_eq!(region, want, "{shares}");
    };
    check(r#"{"south": 0.6, "north": 0.4}"#, &[("north", 0.4), ("south", 0.6)]);
    check(r#"{"a": 0.3333333, "b": 0.6666667}"#, &[("a", 0.3333333), ("b", 0.6666667)]);
    check(r#"{"a": 1, "b": 3}"#, &[("a", 0.25), ("b", 0.75)]);
    check(r#"{"a": 120000.0, "b": 0}"#, &[("a", 1.0), ("b", 0.0)]);
    let two = r#"{"margins": [{"attribute": "a", "shares": {"x": 1}}, {"attribute": "b", "shares": {"x": 1}}]}"#;
    assert_eq!(read_text(two).unwrap().margins.keys().collect::<Vec<_>>(), ["a", "b"]);
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

#[test]
fn cells_stand_outside_or_among_the_margins() {
    let cells = r#""attributes": ["r", "s"],
        "cells": [{"values": ["a", "x"], "share": 1}, {"values": ["b", "y"], "share": 3}]"#;
    let outside = format!("{{{cells}, \"population\": 50}}");
    let among =
        format!(r#"{{"margins": [{{{cells}}}, {{"attribute": "t", "shares": {{"z": 1}}}}], "population": 50}}"#);
    for text in [&outside, &among] {
        let targets = read_text(text).unwrap();
        let shares: Vec<_> = targets.cells[0].shares.iter().map(|(levels, share)| (levels.join("/"), *share)).collect();
        assert_eq!(shares, [("a/x".to_owned(), 0.25), ("b/y".to_owned(), 0.75)]);
        assert_eq!((targets.cells[0].attributes.join("/").as_str(), targets.population), ("r/s", Some(50.0)));
    }
    assert_eq!(read_text(&among).unwrap().margins["t"]["z"], 1.0);
}

#[test]
fn cells_that_are_none_are_refused_where_they_stand() {
    let check = |attributes: &str, cells: &str, want: &[&str]| {
        let text = format!(r#"{{"margins": [{{"attributes": {attributes}, "cells": {cells}}}]}}"#);
        let error = read_text(&text).unwrap_err();
        want.iter().for_each(|want| assert!(error.contains(want), "{want:?} is not in {error:?} of {text}"));
    };
    let one = r#"[{"values": ["a", "x"], "share": 1}]"#;
    check(r#"["r", "r"]"#, one, &["$.margins[0].attributes[1]: the attribute \"r\" is given twice"]);
    check(r#"["r", ""]"#, one, &["$.margins[0].attributes[1]: the name of an attribute"]);
    check(r#"["r"]"#, one, &["$.margins[0].cells[0].values: 2 levels, there are 1 attributes"]);
    check("[]", one, &["$.margins[0].attributes: the names of the attributes are needed"]);
    check(r#"["r", "s"]"#, "[]", &["$.margins[0].cells: give each cell its share"]);
    let twice = r#"[{"values": ["a", "x"], "share": 0.5}, {"values": ["a", "x"], "share": -0.5}]"#;
    let both = [
        "cells[1].share: -0.5 is negative",
        "cells[1].values: the cell is given twice, first as $.margins[0].cells[0]",
    ];
    check(r#"["r", "s"]"#, twice, &both);
    check(
        r#"["r", "s"]"#,
        r#"[{"values": ["a", "x"], "share": 0.5}]"#,
        &["$.margins[0].cells: the shares add up to 0.5"],
    );
    check(r#"["r", "s"]"#, r#"[{"values": ["a", ""], "share": 1}]"#, &["cells[0].values: a level without a name"]);
    check(r#"["r", "s"]"#, r#"[{"values": ["a", "x"]}]"#, &["t.json:1: ", "missing field `share`"]);
    let mixed = r#"{"margins": [{"attribute": "r", "attributes": ["r"], "cells": [{"values": ["a"], "share": 1}]}]}"#;
    let error = read_text(mixed).unwrap_err();
    assert!(error.contains("$.margins[0].attribute: one attribute with shares, or attributes with cells"), "{error}");
    let cells = r#"{"attributes": ["r", "s"], "cells": [{"values": ["a", "x"], "share": 1}]}"#;
    let error = read_text(&format!(r#"{{"margins": [{cells}, {cells}]}}"#)).unwrap_err();
    assert!(error.contains("$.margins[1].attributes: there are other cells of the same attributes"), "{error}");
}
