//! Real conversations: consensus across the stored groups against a count by brute force, and opinion
//! groups against the stored clustering.

use std::path::PathBuf;

use folkmoot_fold::rows::{Row, run};
use serde_json::json;

use crate::contract::{Config, NO_STRATUM, WEIGHT_ONE};
use crate::registry::Registry;
use crate::report::Report;
use crate::testing::{config, votes_item};

/// A conversation's matrix of votes: for each participant the stored group and the cells.
struct Matrix {
    groups: Vec<Option<u16>>,
    cells: Vec<Vec<Option<i8>>>,
}

fn read(conversation: &str) -> Option<Matrix> {
    let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/polis"));
    let Ok(text) = std::fs::read_to_string(folder.join(conversation).join("participants-votes.csv")) else {
        println!("skipped: real data not found");
        return None;
    };
    let mut matrix = Matrix { groups: Vec::new(), cells: Vec::new() };
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        matrix.groups.push(fields[1].parse().ok());
        matrix.cells.push(fields[6..].iter().map(|cell| cell.parse().ok()).collect());
    }
    Some(matrix)
}

impl Matrix {
    fn items(&self) -> usize {
        self.cells[0].len()
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for item in 0..self.items() {
            for (participant, cells) in self.cells.iter().enumerate() {
                let Some(vote) = cells[item] else { continue };
                let byte = match vote {
                    1 => b'A',
                    -1 => b'D',
                    _ => b'P',
                };
                let stratum = self.groups[participant].unwrap_or(NO_STRATUM);
                let (item, participant) = (item as u32, participant as u32);
                rows.push(Row { item, participant, strata: vec![stratum], weight: WEIGHT_ONE, answer: vec![byte] });
            }
        }
        rows
    }

    fn run(&self, id: &str, strata: usize) -> Report {
        let registry = Registry::builtin();
        let method = registry.get(id).unwrap();
        let items: Vec<_> = (0..self.items()).map(|item| votes_item(&item.to_string())).collect();
        let config: Config = config(method, &json!({}), &items, strata);
        run(method, &config, &self.rows()).unwrap()
    }
}

#[test]
fn consensus_across_stored_groups_is_the_brute_force_count() {
    for (conversation, sizes) in [("vtaiwan.uberx", [330, 889, 702]), ("brexit-consensus", [106, 91, 7])] {
        let Some(matrix) = read(conversation) else { return };
        let size = |group: Option<u16>| matrix.groups.iter().filter(|&&g| g == group).count();
        assert_eq!([size(Some(0)), size(Some(1)), size(None)], sizes, "{conversation}");
        let report = matrix.run("group-consensus", 2);
        let table = report.table("consensus").unwrap();
        for row in &table.rows {
            let item: usize = row[0].as_str().unwrap().parse().unwrap();
            let mut want = 1.0;
            for group in [0, 1] {
                let votes = (0..matrix.cells.len()).filter(|&p| matrix.groups[p] == Some(group));
                let votes: Vec<_> = votes.filter_map(|p| matrix.cells[p][item]).collect();
                let agree = votes.iter().filter(|&&vote| vote == 1).count();
                want *= (agree as f64 + 1.0) / (votes.len() as f64 + 2.0);
            }
            let got = table.cell(row, "consensus").unwrap().as_f64().unwrap();
            assert!((got - want).abs() < 1e-15, "{conversation} {item}: {got} is not {want}");
        }
        println!("{conversation}: {} statements", table.rows.len());
    }
}

#[test]
fn opinion_groups_resemble_the_stored_ones() {
    for (conversation, least) in [("vtaiwan.uberx", 0.8), ("brexit-consensus", 0.8)] {
        let Some(matrix) = read(conversation) else { return };
        let report = matrix.run("opinion-groups", 0);
        let table = report.table("map").unwrap();
        let grouped = table.rows.iter().filter_map(|row| {
            let participant = row[0].as_f64()? as usize;
            Some((matrix.groups[participant]?, table.cell(row, "group")?.as_str()?.to_owned()))
        });
        let grouped: Vec<_> = grouped.collect();
        let rand = rand_index(&grouped);
        println!("{conversation}: {:?}, Rand index {rand:.3}", report.table("silhouettes").unwrap().rows);
        assert!(rand >= least, "{conversation}: {rand}");
    }
}

/// Share of pairs that both groupings put together or both apart (Rand 1971).
fn rand_index<A: PartialEq, B: PartialEq>(labels: &[(A, B)]) -> f64 {
    let mut same = 0_u64;
    let mut pairs = 0_u64;
    for (at, (a, b)) in labels.iter().enumerate() {
        for (x, y) in &labels[..at] {
            same += u64::from((a == x) == (b == y));
            pairs += 1;
        }
    }
    same as f64 / pairs.max(1) as f64
}
