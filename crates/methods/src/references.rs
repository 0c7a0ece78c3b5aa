//! Published examples, each named with its source.

use folkmoot_fold::rows::{Row, run};
use serde_json::json;

use crate::contract::{ItemInfo, MethodError, WEIGHT_ONE};
use crate::registry::Registry;
use crate::report::{Cell, Report};
use crate::testing::{config, item, report};

/// The answers of a profile such as `5 ACBED, 3 CAB`, one after the other; who is not named is left out.
fn profile(candidates: &[String], text: &str) -> Vec<u8> {
    let mut answers = Vec::new();
    for line in text.split(',') {
        let (count, order) = line.trim().split_once(' ').unwrap();
        let tiers = candidates.iter().map(|c| order.find(c.as_str()).map_or(0xFE, |place| place as u8));
        let tiers: Vec<u8> = tiers.collect();
        (0..count.parse().unwrap()).for_each(|_| answers.extend(&tiers));
    }
    answers
}

fn ranked(method: &str, candidates: &str, text: &str) -> Report {
    let item = item("i", "rank", candidates, None);
    let answers = profile(&item.candidates, text);
    report(method, json!({}), &[item], &[(0, &answers)])
}

fn word(report: &Report, table: &str, column: &str) -> String {
    let table = report.table(table).unwrap();
    table.cell(&table.rows[0], column).and_then(Cell::as_str).unwrap_or("none").to_owned()
}

/// Schulze 2011, Social Choice and Welfare 36, example of section 3 with 45 voters.
const SCHULZE: &str = "5 ACBED, 5 ADECB, 8 BEDAC, 3 CABED, 7 CAEBD, 2 CBADE, 7 DCEBA, 8 EBADC";
/// The capital of Tennessee, the common teaching example: Memphis 42, Nashville 26, Chattanooga 15, Knoxville 17.
const TENNESSEE: &str = "42 MNCK, 26 NCKM, 15 CKNM, 17 KCNM";
/// Condorcet's paradox.
const CIRCLE: &str = "1 ABC, 1 BCA, 1 CAB";

#[test]
fn published_orders() {
    let check = |method: &str, candidates: &str, profile: &str, want: &str| {
        assert_eq!(word(&ranked(method, candidates, profile), "orders", "order"), want, "{method} {profile}");
    };
    check("schulze", "A B C D E", SCHULZE, "E>A>C>B>D");
    check("schulze", "M N C K", TENNESSEE, "N>C>K>M");
    check("copeland", "M N C K", TENNESSEE, "N>C>K>M");
    check("ranked-pairs", "M N C K", TENNESSEE, "N>C>K>M");
    check("kemeny", "M N C K", TENNESSEE, "N>C>K>M");
    // Chattanooga goes out first, then Nashville, whose voters turn to Knoxville.
    check("irv", "M N C K", TENNESSEE, "K>M>N>C");
    check("borda", "M N C K", TENNESSEE, "N>C>M>K");
    check("borda", "A B C", CIRCLE, "A=B=C");
    check("copeland", "A B C", CIRCLE, "A=B=C");
    check("schulze", "A B C", CIRCLE, "A=B=C");
}

#[test]
fn borda_scores_of_tennessee_are_the_published_points() {
    // Points 0 to 3 a ballot: Memphis 126, Nashville 194, Chattanooga 173, Knoxville 107, of 300.
    let report = ranked("borda", "M N C K", TENNESSEE);
    let table = report.table("candidates").unwrap();
    let share: Vec<_> = table.rows.iter().map(|row| table.cell(row, "share").unwrap().as_f64().unwrap()).collect();
    assert_eq!(share, [126.0 / 300.0, 194.0 / 300.0, 173.0 / 300.0, 107.0 / 300.0]);
    let rank = |row: usize| table.cell(&table.rows[row], "mean_rank").unwrap().as_f64().unwrap();
    assert!((rank(1) - (4.0 - 1.94)).abs() < 1e-12);
}

#[test]
fn condorcet_winners_and_smith_sets() {
    let check = |candidates: &str, profile: &str, winner: &str, smith: &str| {
        let report = ranked("pairwise", candidates, profile);
        assert_eq!(word(&report, "winners", "winner"), winner, "{profile}");
        assert_eq!(word(&report, "winners", "smith_set"), smith, "{profile}");
    };
    check("M N C K", TENNESSEE, "N", "N");
    check("A B C", CIRCLE, "none", "A=B=C");
    check("A B C D", "1 ABCD, 1 BCAD, 1 CABD", "none", "A=B=C");
    check("A B", "1 AB, 1 BA", "none", "A=B");
}

#[test]
fn ties_and_truncation_count_half() {
    // 3 put A alone (B and C left out tie below it); 1 puts B above C above A.
    let report = ranked("borda", "A B C", "3 A, 1 BCA");
    let table = report.table("candidates").unwrap();
    let column = |id: &str| -> Vec<f64> {
        table.rows.iter().map(|row| table.cell(row, id).unwrap().as_f64().unwrap()).collect()
    };
    assert_eq!(column("share"), [6.0 / 8.0, 3.5 / 8.0, 2.5 / 8.0]);
    assert_eq!(column("mean_rank"), [1.5, 2.125, 2.375]);
}

#[test]
fn a_polarised_item_shows_the_pair_that_it_is_polarised_on() {
    // Everybody puts C above B; the strata are of two minds about A and B.
    let items = [item("i", "rank", "A B C", Some(&[0, 1, 2]))];
    let registry = Registry::builtin();
    let method = registry.get("disagreement").unwrap();
    let orders = [[0, 2, 1], [2, 1, 0]].map(|order| vec![order; 100]).concat();
    let of_person = |(person, order): (usize, &[u8; 3])| -> Row { row(person as u32, &[(person / 100) as u16], order) };
    let rows: Vec<Row> = orders.iter().enumerate().map(of_person).collect();
    let report = run(method, &config(method, &json!({}), &items, 2), &rows).unwrap();
    let words = |table: &str, column: &str| {
        let table = report.table(table).unwrap();
        let cells = table.rows.iter().map(|row| table.cell(row, column).and_then(Cell::as_str).unwrap().to_owned());
        cells.collect::<Vec<_>>()
    };
    assert_eq!(words("items", "class"), ["polarised"]);
    assert_eq!(words("items", "pair"), ["B>A"]);
    assert_eq!(words("segments", "direction"), ["for", "against"]);
}

/// An answer of weight 1 to the first item.
fn row(participant: u32, strata: &[u16], answer: &[u8]) -> Row {
    Row { item: 0, participant, strata: strata.to_vec(), weight: WEIGHT_ONE, answer: answer.to_vec() }
}

/// `count` answers of each kind in each stratum to one ranked item `A B` with the position A>B.
fn verdict(strata: &[(usize, usize, usize)]) -> Result<String, MethodError> {
    let items: [ItemInfo; 1] = [item("i", "rank", "A B", Some(&[0, 1]))];
    let registry = Registry::builtin();
    let method = registry.get("disagreement").unwrap();
    let config = config(method, &json!({}), &items, strata.len());
    let mut rows: Vec<Row> = Vec::new();
    for (stratum, &(with, against, level)) in strata.iter().enumerate() {
        for (count, answer) in [(with, [0, 1]), (against, [1, 0]), (level, [0, 0])] {
            (0..count).for_each(|_| rows.push(row(rows.len() as u32, &[stratum as u16], &answer)));
        }
    }
    let report = run(method, &config, &rows)?;
    Ok(word(&report, "items", "class"))
}

#[test]
fn classes_of_disagreement() {
    let check =
        |strata: &[(usize, usize, usize)], want: &str| assert_eq!(verdict(strata).as_deref(), Ok(want), "{strata:?}");
    check(&[(30, 70, 0), (35, 75, 5)], "consensus_against");
    check(&[(20, 80, 0), (20, 80, 0), (30, 32, 0)], "majority_against");
    check(&[(10, 90, 0), (90, 10, 0)], "polarised");
    check(&[(140, 60, 0), (130, 70, 0)], "agrees");
    check(&[(45, 55, 0), (48, 52, 0)], "insufficient");
    // Unanimous, but too few people to say so.
    check(&[(0, 20, 0), (0, 20, 0)], "insufficient");
    // Carried by one segment alone: 0.5 and 0.2 against overall, nothing without the first.
    check(&[(0, 100, 0), (50, 50, 0)], "insufficient");
    check(&[(0, 100, 0), (200, 200, 0)], "insufficient");
    check(&[(0, 60, 0), (48, 52, 200)], "insufficient");
    // Too few people outside the one segment to say whether the finding stays without it.
    check(&[(0, 200, 0), (3, 7, 0)], "insufficient");
    check(&[(0, 200, 0)], "insufficient");
}

#[test]
fn a_position_is_needed() {
    let items = [item("i", "rank", "A B", None)];
    let registry = Registry::builtin();
    for id in ["disagreement", "agreement"] {
        let method = registry.get(id).unwrap();
        let rows = [row(0, &[], &[0, 1])];
        assert!(matches!(run(method, &config(method, &json!({}), &items, 0), &rows), Err(MethodError::Undefined(_))));
    }
}
