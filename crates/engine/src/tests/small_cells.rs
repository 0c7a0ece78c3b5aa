//! Suppression of small cells in whole runs.

use folkmoot_core::canonical;
use folkmoot_methods::Registry;
use folkmoot_methods::report::{Cell, Unit};

use super::{go, snapshot, spec};
use crate::{EngineError, Quality, RunResult, RunSpec};

/// Every count of people or answers that is told, with the base of its row.
fn told(result: &RunResult) -> Vec<(i64, i64)> {
    let mut found = Vec::new();
    for table in &result.report.tables {
        let place = |id: &str| table.column(id).filter(|&place| place > 0 && table.columns[place].unit == Unit::Count);
        for row in &table.rows {
            let number = |id: &str| match row[place(id)?] {
                Cell::Int(n) => Some(n),
                _ => None,
            };
            let Some(n) = number("n") else { continue };
            found.extend([Some(n), number("count")].into_iter().flatten().map(|told| (told, n)));
        }
    }
    found
}

#[test]
fn no_method_tells_a_small_cell_and_each_runs_again_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = snapshot(folder.path());
    let mut suppressed = 0;
    for descriptor in Registry::builtin().list() {
        for suppress_below in [0, 10, 110, 1000] {
            let quality = (suppress_below == 10).then(Quality::default);
            let by = Some("region".to_owned());
            let run = RunSpec { by, replicates: 20, seed: 5, suppress_below, quality, ..spec(&descriptor.id) };
            let result = match go(&snapshot, &run) {
                Ok(result) => result,
                Err(EngineError::Undefined(_)) => continue,
                Err(error) => panic!("{}: {error}", descriptor.id),
            };
            let text = canonical::json(&result);
            let read: RunResult = serde_json::from_str(&text).unwrap();
            assert_eq!(canonical::json(&read), text, "{}", descriptor.id);
            assert_eq!(go(&snapshot, &read.spec()).unwrap().hash(), result.hash(), "{}", descriptor.id);
            assert_eq!(text.contains("suppress"), suppress_below > 0, "{}", descriptor.id);
            let small = |(told, n): &(i64, i64)| *n > 0 && *told < i64::from(suppress_below);
            let found: Vec<_> = told(&result).into_iter().filter(small).collect();
            assert_eq!(found, [], "{} below {suppress_below}", descriptor.id);
            suppressed += usize::from(text.contains("\"suppressed\""));
        }
    }
    assert!(suppressed > 20, "{suppressed}");
}
