//! Monotonicity: who rates a candidate higher never moves it below another that it was level with or above.

use folkmoot_fold::rows::{Row, run};
use proptest::prelude::{Strategy, any, prop, prop_assert, proptest};
use serde_json::{Value, json};

use crate::contract::{ItemInfo, WEIGHT_ONE};
use crate::registry::Registry;
use crate::testing::{config, item};

const CANDIDATES: [&str; 4] = ["A", "B", "C", "D"];

/// Weight of a person, and their rating of each candidate from 0 to 3, the best.
type Person = (i64, [u8; 4]);

fn rows(kind: &str, people: &[Person]) -> Vec<Row> {
    let row = |item: usize, participant: usize, weight: i64, answer: Vec<u8>| Row {
        item: item as u32,
        participant: participant as u32,
        strata: Vec::new(),
        weight: weight * WEIGHT_ONE,
        answer,
    };
    let each = people.iter().enumerate();
    match kind {
        "scale" => (0..CANDIDATES.len())
            .flat_map(|at| each.clone().map(move |(person, (weight, ratings))| (at, person, *weight, ratings[at])))
            .map(|(at, person, weight, rating)| row(at, person, weight, f64::from(rating).to_le_bytes().to_vec()))
            .collect(),
        "approve" => each
            .map(|(person, (weight, ratings))| row(0, person, *weight, ratings.map(|r| u8::from(r > 1)).to_vec()))
            .collect(),
        _ => each.map(|(person, (weight, ratings))| row(0, person, *weight, ratings.map(tier).to_vec())).collect(),
    }
}

/// A rating as a tier; 0 leaves the candidate out.
fn tier(rating: u8) -> u8 {
    if rating == 0 { 0xFE } else { 3 - rating }
}

fn places(method: &str, parameters: &Value, people: &[Person]) -> Vec<f64> {
    let registry = Registry::builtin();
    let method = registry.get(method).unwrap();
    let kind = method.describe().kinds[0].clone();
    let items: Vec<ItemInfo> = match kind.as_str() {
        "scale" => CANDIDATES.iter().map(|id| item(id, "scale", "", None)).collect(),
        _ => vec![item("i", &kind, &CANDIDATES.join(" "), None)],
    };
    let report = run(method, &config(method, parameters, &items, 0), &rows(&kind, people)).unwrap();
    let table = &report.tables[0];
    table.rows.iter().map(|row| table.cell(row, "place").unwrap().as_f64().unwrap()).collect()
}

fn people() -> impl Strategy<Value = Vec<Person>> {
    prop::collection::vec((1..5_i64, prop::array::uniform4(0..4_u8)), 1..9)
}

proptest! {
    #[test]
    fn who_rises_falls_behind_nobody(people in people(), who in any::<prop::sample::Index>(), raised in 0..4_usize) {
        let who = who.index(people.len());
        let rating = people[who].1[raised];
        let mut after = people.clone();
        after[who].1[raised] = (rating + 1).min(3);
        let check = |method: &str, parameters: Value| {
            let (before, after) = (places(method, &parameters, &people), places(method, &parameters, &after));
            for other in 0..4 {
                let kept = before[raised] > before[other] || after[raised] <= after[other];
                prop_assert!(kept, "{method} {parameters}: {before:?} became {after:?}");
            }
            Ok(())
        };
        for method in ["approval", "score", "majority-judgment", "borda"] {
            check(method, json!({}))?;
        }
        for variant in ["tournament", "average"] {
            check("borda", json!({"variant": variant}))?;
        }
        // Who ranks one more candidate gives all above it one point more too, so that it may fall behind them.
        if rating > 0 {
            check("borda", json!({"variant": "modified"}))?;
        }
    }
}
