//! How fast it folds, natively: `cargo test --release speed -- --ignored --nocapture`.

use std::time::Instant;

use folkmoot_plugin_sdk::{Batch, Fold, Outcome, Values};

use super::*;

const ROWS: usize = 1_000_000;
const BATCH: usize = 1 << 16;

#[test]
#[ignore = "a measurement"]
#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn speed() {
    let regions: Vec<(String, f64)> = (0..10).map(|i| (format!("r{i}"), 0.1)).collect();
    let regions: Vec<(&str, f64)> = regions.iter().map(|(label, share)| (label.as_str(), *share)).collect();
    let mut config = config(json!({"mode": "both", "trim": 3}), &[dimension("region", &regions)]);
    config.items.push(item("r", "rank", &["A", "B", "C", "D"]));
    config.participants = ROWS as u32;
    let mut numbers = Numbers(1);
    let participant: Vec<u32> = (0..ROWS as u32).collect();
    let weight: Vec<i64> = (0..ROWS).map(|_| WEIGHT_ONE / 2 + numbers.next(WEIGHT_ONE as u64) as i64).collect();
    let strata: Vec<u16> = (0..ROWS).map(|_| numbers.next(10) as u16).collect();
    let votes: Vec<u8> = (0..ROWS).map(|_| b"ADP"[numbers.next(3) as usize]).collect();
    let ranks: Vec<u8> = (0..4 * ROWS).map(|_| numbers.next(4) as u8).collect();
    let mut model: Option<Vec<u8>> = None;
    for pass in 0..2 {
        let mut fold = QuotaSampling::open(&config, pass, model.as_deref()).unwrap();
        for item in 0..2 {
            let start = Instant::now();
            for from in (0..ROWS).step_by(BATCH) {
                let to = (from + BATCH).min(ROWS);
                let values =
                    if item == 0 { Values::Votes(&votes[from..to]) } else { Values::Ranks(&ranks[4 * from..4 * to]) };
                let batch = Batch {
                    item,
                    width: 4 * item as usize,
                    participant: &participant[from..to],
                    weight: &weight[from..to],
                    strata: &strata[from..to],
                    values,
                };
                fold.update(&batch).unwrap();
            }
            let seconds = start.elapsed().as_secs_f64();
            println!("pass {pass}, {}: {:.0} Mrow/s", ["vote", "rank of 4"][item as usize], 1.0 / seconds);
        }
        let start = Instant::now();
        let bytes = fold.save().len();
        println!("pass {pass}: {bytes} bytes saved in {:.3} s", start.elapsed().as_secs_f64());
        let start = Instant::now();
        match fold.finish().unwrap() {
            Outcome::Again(next) => model = Some(next),
            Outcome::Done(report) => println!("{} tables", report.tables.len()),
        }
        println!("pass {pass}: finished in {:.3} s", start.elapsed().as_secs_f64());
    }
}
