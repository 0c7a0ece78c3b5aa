//! Counts of elections by `stv` and `irv` against published ones.

use folkmoot_fold::rows::{Row, run};
use serde_json::{Value, json};

use crate::contract::WEIGHT_ONE;
use crate::registry::Registry;
use crate::report::{Cell, Report};
use crate::testing::{config, item};

/// Dennistoun, Glasgow City Council, 5 May 2022, 3 seats: the council's preference profile, as
/// `glasgow_2022_ward22.blt` in the collection scot-elex. Candidates: 1 Carroll, 2 Casey, 3 Connelly, 4 Duncan,
/// 5 Finn, 6 McCann, 7 McDougall.
const DENNISTOUN: &str = include_str!("../fixtures/dennistoun-2022.txt");

/// Na Hearadh agus Ceann a Deas nan Loch, Comhairle nan Eilean Siar, 3 May 2012, 3 seats, as it comes with
/// VoteKit 3.5.0 (`eilean_siar_2012_ward3.csv`). Candidates: 1 Macdonald, 2 Macrae, 3 Mclean, 4 Wilson.
const NA_HEARADH: &str = "155 1, 52 12, 29 123, 17 1234, 15 124, 8 1243, 63 13, 27 132, 11 1324, 74 134, 22 1342, 4 14, \
    2 142, 4 1423, 7 143, 8 1432, 9 2, 18 21, 5 213, 8 2134, 1 214, 1 2143, 4 23, 5 231, 2 2314, 4 234, 3 2341, 2 24, \
    1 241, 1 2413, 5 243, 24 3, 36 31, 6 312, 4 3124, 17 314, 2 3142, 1 32, 3 321, 2 3214, 1 324, 1 3241, 48 34, 31 341, \
    11 3412, 8 342, 7 3421, 5 4, 2 41, 2 4123, 1 413, 1 42, 1 4213, 12 43, 5 431, 3 4312, 1 432";

/// One row for each order of a profile such as `5 213, 3 2`, weighing as many as gave it.
fn rows(width: usize, text: &str) -> Vec<Row> {
    let row = |(participant, line): (u32, &str)| {
        let (count, order) = line.trim().split_once(' ').unwrap();
        let tier = |c: usize| order.find(&c.to_string()).map_or(0xFE, |place| place as u8);
        let weight = count.parse::<i64>().unwrap() * WEIGHT_ONE;
        Row { item: 0, participant, strata: Vec::new(), weight, answer: (1..=width).map(tier).collect() }
    };
    (0..).zip(text.trim().split(',')).map(row).collect()
}

fn count(method: &str, parameters: &Value, width: usize, text: &str) -> Report {
    let registry = Registry::builtin();
    let method = registry.get(method).unwrap();
    let ids: Vec<String> = (1..=width).map(|c| c.to_string()).collect();
    let items = [item("ward", "rank", &ids.join(" "), None)];
    let report = run(method, &config(method, parameters, &items, 0), &rows(width, text)).unwrap();
    assert_eq!(report.defects(), Vec::<String>::new());
    report
}

/// Candidate, votes and status of each row of a round.
fn round(report: &Report, number: i64) -> Vec<(String, f64, String)> {
    let table = report.table("rounds").unwrap();
    let of_round = table.rows.iter().filter(|row| table.cell(row, "round") == Some(&Cell::Int(number)));
    let word = |row: &[Cell], column| table.cell(row, column).unwrap().as_str().unwrap_or_default().to_owned();
    let row = |row: &Vec<Cell>| {
        (word(row, "candidate"), table.cell(row, "votes").unwrap().as_f64().unwrap(), word(row, "status"))
    };
    of_round.map(row).collect()
}

fn votes(report: &Report, number: i64) -> Vec<f64> {
    round(report, number).into_iter().map(|(_, votes, _)| votes).collect()
}

fn cell(report: &Report, table: &str, column: &str) -> Cell {
    let table = report.table(table).unwrap();
    table.cell(&table.rows[0], column).unwrap().clone()
}

#[test]
fn a_council_election_is_counted_as_the_returning_officer_did() {
    let report = count("stv", &json!({"seats": 3}), 7, DENNISTOUN);
    assert_eq!(cell(&report, "winners", "quota"), Cell::Float(1367.0));
    assert_eq!(cell(&report, "winners", "valid"), Cell::Float(5464.0));
    assert_eq!(cell(&report, "winners", "elected"), "7>1>2".into());
    // Published in whole votes: https://en.wikipedia.org/wiki/Dennistoun_(ward), counts 1 to 3.
    let published = |number: i64, want: [f64; 7]| {
        let got: Vec<f64> = votes(&report, number).iter().take(7).map(|votes| votes.round()).collect();
        assert_eq!(got, want, "count {number}");
    };
    published(1, [1431.0, 1337.0, 339.0, 84.0, 582.0, 96.0, 1595.0]);
    published(2, [1431.0, 1362.0, 370.0, 109.0, 609.0, 143.0, 1367.0]);
    published(3, [1367.0, 1388.0, 370.0, 117.0, 626.0, 148.0, 1367.0]);
    // To five decimals by hand: 228/1595 of a paper is 0.14294, 64/1431 of one is 0.04472.
    assert_eq!(votes(&report, 2)[1], 1361.72862);
    assert_eq!(votes(&report, 3), [1367.0, 1387.8451, 370.30468, 116.64406, 626.39418, 147.61586, 1367.0, 81.19612]);
    assert!(report.notes.is_empty());
}

#[test]
fn papers_move_twice_and_the_last_left_takes_the_last_seat() {
    let report = count("stv", &json!({"seats": 3}), 4, NA_HEARADH);
    // 297/498 of a first paper is 0.59638; of 202 votes one is surplus.
    assert_eq!(votes(&report, 1), [498.0, 69.0, 202.0, 33.0, 0.0]);
    assert_eq!(votes(&report, 2), [201.0, 163.82442, 202.0, 105.16198, 130.0136]);
    assert_eq!(votes(&report, 3)[..4], [201.0, 163.91352, 201.0, 105.77578]);
    assert_eq!(votes(&report, 4)[..4], [201.0, 193.5218, 201.0, 0.0]);
    let status: Vec<String> = round(&report, 4).into_iter().map(|row| row.2).collect();
    assert_eq!(status, ["elected", "elected", "elected", "excluded", ""]);
    assert_eq!(cell(&report, "winners", "elected"), "1>3>2".into());
}

#[test]
fn bands_of_the_flow_carry_every_vote() {
    for (method, seats) in [("stv", 3), ("irv", 0)] {
        let parameters = if seats > 0 { json!({"seats": seats}) } else { json!({}) };
        let report = count(method, &parameters, 7, DENNISTOUN);
        let table = report.table("flow").unwrap();
        let rounds = report.table("rounds").unwrap().rows.last().unwrap()[1].as_f64().unwrap() as i64;
        for number in 1..rounds {
            let bands = table.rows.iter().filter(|row| table.cell(row, "round") == Some(&Cell::Int(number)));
            let sum: f64 = bands.map(|row| table.cell(row, "weight").unwrap().as_f64().unwrap()).sum();
            assert!((sum - 5464.0).abs() < 1e-9, "{method}, round {number}: {sum}");
        }
    }
}

#[test]
fn ties_and_short_papers_of_a_runoff() {
    let check = |text: &str, order: &str, codes: &[&str]| {
        let report = count("irv", &json!({}), 3, text);
        assert_eq!(cell(&report, "orders", "order"), order.into(), "{text}");
        assert_eq!(report.notes.iter().map(|note| note.code.as_str()).collect::<Vec<_>>(), codes, "{text}");
    };
    check("5 1, 4 23, 3 32", "2>1>3", &[]);
    // 3 goes out first by votes; then 1 and 2 are level, and 1 was ahead before.
    check("4 1, 3 2, 1 32", "1>2>3", &["tie_by_earlier_round"]);
    // Nobody tells the last two apart.
    check("2 1, 2 2", "1=2>3", &[]);
    check("3 1, 1 2, 1 3", "1>2>3", &["tie_by_lot"]);
}

#[test]
fn tied_candidates_of_a_paper_get_equal_parts() {
    let registry = Registry::builtin();
    for (method, first, third) in [("irv", 4.0 / 3.0, 1.0 / 3.0), ("stv", 1.33333, 0.33333)] {
        let method = registry.get(method).unwrap();
        let items = [item("ward", "rank", "1 2 3", None)];
        let row = |participant, answer: [u8; 3]| Row {
            item: 0,
            participant,
            strata: Vec::new(),
            weight: WEIGHT_ONE,
            answer: answer.into(),
        };
        let rows = [row(0, [0, 0, 0]), row(1, [0, 1, 2])];
        let report = run(method, &config(method, &json!({}), &items, 0), &rows).unwrap();
        assert_eq!(votes(&report, 1)[..3], [first, third, third]);
        assert!(report.notes.iter().any(|note| note.code == "ties_split"));
    }
}

#[test]
fn a_count_without_a_contest_says_so() {
    let report = count("stv", &json!({"seats": 3}), 3, "3 12, 2 2, 1 31");
    // The quota is 6/4 without its decimals, and one more.
    assert_eq!(cell(&report, "winners", "quota"), Cell::Float(2.0));
    assert_eq!(cell(&report, "winners", "elected"), "1>2>3".into());
    assert_eq!(report.notes[0].code, "no_contest");
}
