//! How long `plackett-luce` and `bradley-terry` take over whole rankings, from the rows to the report.

use std::hint::black_box;
use std::time::{Duration, Instant};

use folkmoot_methods::contract::{Batch, Config, ItemInfo, Outcome, Values};
use folkmoot_methods::{Registry, WEIGHT_ONE, schema};
use serde_json::Value;

const BATCH: usize = 65_536;
const ROUNDS: usize = 5;

/// Rankings drawn from worths 1, 2 and so on by a fixed generator (Marsaglia's xorshift).
fn rankings(rows: usize, width: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut tiers = vec![0; rows * width];
    for ranking in tiers.chunks_exact_mut(width) {
        let mut left: Vec<usize> = (0..width).collect();
        for tier in 0..width {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let total: u64 = left.iter().map(|candidate| *candidate as u64 + 1).sum();
            let mut point = state % total;
            let chosen = left.iter().position(|&candidate| {
                let worth = candidate as u64 + 1;
                let here = point < worth;
                point = point.saturating_sub(worth);
                here
            });
            ranking[left.remove(chosen.expect("the point is within the total"))] = tier as u8;
        }
    }
    tiers
}

fn report(method: &str, tiers: &[u8], width: usize) -> Outcome {
    let rows = tiers.len() / width;
    let registry = Registry::builtin();
    let method = registry.get(method).expect("the method is built in");
    let item = ItemInfo {
        id: "i".into(),
        kind: "rank".into(),
        candidates: (0..width).map(|c| c.to_string()).collect(),
        position: None,
    };
    let config = Config {
        parameters: schema::check(&method.describe().parameters, &Value::Null).expect("defaults are valid"),
        items: vec![item],
        dimensions: Vec::new(),
        participants: rows as u32,
        seed: 1,
    };
    let participant: Vec<u32> = (0..rows as u32).collect();
    let weight = vec![WEIGHT_ONE; rows];
    let mut accumulator = method.open(&config, 0, None).expect("the configuration is valid");
    for start in (0..rows).step_by(BATCH) {
        let end = (start + BATCH).min(rows);
        let batch = Batch {
            item: 0,
            width,
            participant: &participant[start..end],
            weight: &weight[start..end],
            strata: &[],
            values: Values::Ranks(&tiers[start * width..end * width]),
        };
        accumulator.update(&batch).expect("the batch is sound");
    }
    accumulator.finish().expect("there are worths")
}

/// The fastest of some rounds.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn fastest(mut work: impl FnMut()) -> Duration {
    let time = |()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    std::iter::repeat_n((), ROUNDS).map(time).min().unwrap_or_default()
}

fn main() {
    for method in ["plackett-luce", "bradley-terry"] {
        for (rows, width) in [(25_000, 10), (100_000, 10), (400_000, 10), (25_000, 20), (25_000, 40)] {
            let tiers = rankings(rows, width);
            let time = fastest(|| drop(black_box(report(method, &tiers, width))));
            println!("{method}: {rows} rankings of {width} in {:.1} ms", time.as_secs_f64() * 1e3);
        }
    }
}
