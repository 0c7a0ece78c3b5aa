//! `folkmoot spec` over files.

use crate::common::folkmoot;
use serde_json::json;

#[test]
fn the_difference_is_one_object() {
    let ran = folkmoot("spec diff {f}/old.md {f}/new.md --format json");
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let json = ran.json();
    let keys: Vec<&String> = json.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["clauses", "summary"]);
    let want = json!({"added": 1, "removed": 1, "changed": 1, "authority_changed": 1, "moved": 0, "retitled": 1});
    assert_eq!(json["summary"], want);
    let anchors: Vec<&str> =
        json["clauses"].as_array().into_iter().flatten().filter_map(|clause| clause["anchor"].as_str()).collect();
    assert_eq!(anchors, ["help", "tone", "fees", "privacy"]);
}

#[test]
fn people_read_a_redline() {
    insta::assert_snapshot!("diff", folkmoot("spec diff {f}/old.md {f}/new.md").stdout);
    assert_eq!(folkmoot("spec diff {f}/old.md {f}/old.md").stdout, "no clause differs\n");
}

#[test]
fn spreadsheets_read_rows() {
    insta::assert_snapshot!("diff_csv", folkmoot("spec diff {f}/old.md {f}/new.md --format csv").stdout);
}

#[test]
fn clauses_are_listed_in_every_format() {
    insta::assert_snapshot!("show", folkmoot("spec show {f}/old.md").stdout);
    let csv = folkmoot("spec show {f}/old.md --format csv").stdout;
    assert_eq!(csv.lines().nth(2), Some("help,· Help,user,5"));
    let json = folkmoot("spec show {f}/old.md --format json").json();
    assert_eq!(json[1]["anchor"], "help");
    assert_eq!(json[1]["authority"], "user");
    let source = folkmoot("spec show {f}/old.md --source").stdout;
    assert_eq!(source, include_str!("../fixtures/old.md"));
}
