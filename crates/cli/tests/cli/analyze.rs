//! `folkmoot analyze` offline, over every format.

use std::path::Path;

use folkmoot_formats::{Policy, Source};
use folkmoot_snapshot::Meta;
use serde_json::Value;

use crate::common::folkmoot;

#[test]
fn every_format_is_analysed() {
    let check = |line: &str, winner: &str| {
        let ran = folkmoot(&format!("analyze {line} --format json"));
        assert_eq!(ran.code, 0, "{line}: {ran:?}");
        let json = ran.json();
        for key in ["method", "snapshot", "params", "seed", "by", "view", "report", "notes"] {
            assert!(json.get(key).is_some(), "{line}: {key}");
        }
        assert!(json["method"]["id"].is_string() && json["method"]["version"].is_string(), "{json}");
        assert!(json["report"].to_string().contains(winner), "{line}: {json}");
    };
    check("--method borda --responses {f}/responses.csv --items {f}/items.json", "\"A\"");
    check("--method borda --responses {f}/responses.jsonl", "\"A\"");
    check("--method borda --responses {f}/responses.csv", "\"A\"");
    check("--method borda --responses {f}/fixture.toc", "\"1\"");
    check("--method borda --responses {f}/alignment --view world", "\"A\"");
    check("--method shares --responses {f}/polis", "agree");
}

#[test]
fn parquet_is_read_like_csv() {
    let folder = tempfile::tempdir().expect("a folder");
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    let source = Source::detect(Path::new(fixtures).join("responses.csv").as_path()).expect("a format");
    let import = folkmoot_formats::open(source).expect("an import");
    let (snapshot, _) =
        folkmoot_formats::snapshot(import, folder.path(), Policy::Strict, Meta::default()).expect("a snapshot");
    let file = folder.path().join("responses.parquet");
    folkmoot_formats::export::responses(&snapshot, &file).expect("a file");
    let parquet = folkmoot(&format!("analyze --method borda --responses {} --format json", file.display())).json();
    let csv = folkmoot("analyze --method borda --responses {f}/responses.csv --format json").json();
    assert_eq!(parquet["report"], csv["report"]);
}

#[test]
fn segments_come_from_the_participants_file() {
    let line = "analyze --method borda --responses {f}/responses.csv --items {f}/items.json \
        --participants {f}/participants.csv --by region --format json";
    let ran = folkmoot(line);
    assert_eq!(ran.code, 0, "{ran:?}");
    let json = ran.json();
    assert_eq!(json["by"], "region");
    let report = json["report"].to_string();
    assert!(report.contains("north") && report.contains("south"), "{report}");
}

#[test]
fn the_same_run_gives_the_same_bytes_and_another_view_others() {
    let line = "analyze --method borda --responses {f}/responses.csv --items {f}/items.json --format json";
    let (first, again) = (folkmoot(line), folkmoot(line));
    assert_eq!(first.stdout, again.stdout);
    let world = folkmoot(&format!("{line} --view world"));
    assert_eq!(world.json()["view"], "world");
    assert_ne!(first.json()["report"], world.json()["report"]);
}

#[test]
fn what_was_inferred_or_left_out_is_said_in_the_data() {
    let inferred = folkmoot("analyze --method borda --responses {f}/responses.jsonl --format json").json();
    let notes = inferred["notes"].to_string();
    assert!(notes.contains("inferred"), "{notes}");

    let ran = folkmoot("analyze --method borda --responses {f}/bad_rows.csv --keep-good --format json");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.json()["notes"].to_string().contains("2 of 3 rows are left out"), "{ran:?}");
    assert!(ran.stderr.contains("bad_rows.csv:3: answer: "), "{ran:?}");
}

#[test]
fn csv_holds_one_table_with_its_columns() {
    let line = "analyze --method borda --responses {f}/responses.csv --items {f}/items.json";
    let json = folkmoot(&format!("{line} --format json")).json();
    let tables = json["report"]["tables"].as_array().expect("tables");
    for table in tables {
        let id = table["id"].as_str().expect("an id");
        let ran = folkmoot(&format!("{line} --format csv --table {id}"));
        assert_eq!(ran.code, 0, "{ran:?}");
        let ids = table["columns"].as_array().into_iter().flatten().filter_map(|column| column["id"].as_str());
        assert_eq!(ran.stdout.lines().next(), Some(ids.collect::<Vec<_>>().join(",").as_str()));
        assert_eq!(ran.stdout.lines().count(), 1 + table["rows"].as_array().map_or(0, Vec::len));
    }
}

#[test]
fn people_read_tables_and_notes() {
    let ran = folkmoot("analyze --method borda --responses {f}/responses.csv --items {f}/items.json");
    assert_eq!(ran.code, 0, "{ran:?}");
    insta::assert_snapshot!("borda", ran.stdout);
    assert!(ran.stderr.starts_with("result ") && ran.stderr.contains(" over snapshot "), "{ran:?}");
}

#[test]
fn methods_say_what_they_are() {
    let list = folkmoot("methods list --format json").json();
    let methods = list.as_array().expect("a list");
    assert!(methods.len() >= 5);
    for method in methods {
        let id = method["id"].as_str().expect("an id");
        let described = folkmoot(&format!("methods describe {id}"));
        assert_eq!(described.code, 0, "{described:?}");
        let json = folkmoot(&format!("methods describe {id} --format json")).json();
        assert_eq!(&json, method);
        let answers = json["answers"].as_str().unwrap_or_default();
        let first_words: Vec<&str> = answers.split_whitespace().take(3).collect();
        assert!(!first_words.is_empty() && described.stdout.contains(&first_words.join(" ")), "{described:?}");
    }
    let csv = folkmoot("methods list --format csv").stdout;
    assert_eq!(csv.lines().next(), Some("id,version,kinds,answers"));
    assert_eq!(Value::from(csv.lines().count() - 1), Value::from(methods.len()));
}
