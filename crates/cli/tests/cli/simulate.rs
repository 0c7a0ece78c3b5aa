//! `folkmoot round simulate` into files, and what it expects.

use std::fs;

use crate::common::{folkmoot, run};

fn simulate(folder: &std::path::Path, seed: u32) -> crate::common::Ran {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    let line = format!("folkmoot round simulate --items {fixtures}/items.json --participants 40 --seed {seed} --out");
    run(line.split_whitespace().map(str::to_owned).chain([folder.display().to_string()]))
}

#[test]
fn simulated_files_are_analysed_like_any_others() {
    let folder = tempfile::tempdir().expect("a folder");
    let ran = simulate(folder.path(), 1);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran:?}");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("a file");
    assert!(read("README.md").contains("Nobody is behind these files"));
    assert_eq!(read("participants.csv").lines().count(), 41);
    assert!(read("participants.csv").contains("sim-000039"));

    let path = folder.path().display();
    let analysed = folkmoot(&format!("analyze --method borda --responses {path} --view world --by age --format json"));
    assert_eq!(analysed.code, 0, "{analysed:?}");
    assert!(!analysed.json()["notes"].to_string().contains("left_out"), "{analysed:?}");
}

#[test]
fn the_seed_decides_everything() {
    let folders = [1, 1, 2].map(|seed| {
        let folder = tempfile::tempdir().expect("a folder");
        simulate(folder.path(), seed);
        fs::read(folder.path().join("responses.csv")).expect("a file")
    });
    assert_eq!(folders[0], folders[1]);
    assert_ne!(folders[0], folders[2]);
}

#[test]
fn a_dry_run_says_what_to_expect() {
    let line = "round simulate --items {f}/items.json --participants 1000 --dry-run";
    let json = folkmoot(&format!("{line} --format json")).json();
    let tables = json["tables"].as_array().expect("tables");
    let rows = |id: &str| tables.iter().find(|table| table["id"] == id).expect("the table")["rows"].clone();
    let people: f64 = rows("segments")
        .as_array()
        .into_iter()
        .flatten()
        .filter(|row| row[1] == "q1")
        .filter_map(|row| row[2].as_f64())
        .sum();
    assert!((people - 1000.0).abs() < 1e-6, "{people}");
    // One pair alone at 60/40: see the table of docs/calibration.md.
    assert_eq!((&rows("needed")[0][0], &rows("needed")[0][1]), (&"60/40".into(), &602.into()));
    let table = folkmoot(&line.replace("--dry-run", "--power"));
    assert_eq!(table.code, 0);
    assert!(table.stdout.contains("Power alone 60/40") && table.stdout.contains("602"), "{table:?}");
}
