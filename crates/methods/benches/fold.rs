//! How fast rows are folded, against a plain loop over the same arrays in the same run.

use std::hint::black_box;
use std::time::{Duration, Instant};

use folkmoot_methods::contract::{Batch, Config, ItemInfo, Values};
use folkmoot_methods::{Registry, WEIGHT_ONE, schema};
use serde_json::Value;

const ROWS: usize = 1_000_000;
const BATCH: usize = 65_536;
const ROUNDS: usize = 15;

struct Data {
    participant: Vec<u32>,
    weight: Vec<i64>,
    votes: Vec<u8>,
    /// Orders of four.
    ranks: Vec<u8>,
    /// Orders of twenty, hardly any twice.
    wide: Vec<u8>,
}

const WIDE: usize = 20;

/// Answers from a fixed generator (Marsaglia's xorshift).
fn data() -> Data {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut orders = |width: usize| {
        let mut orders = Vec::with_capacity(width * ROWS);
        for _ in 0..ROWS {
            let mut order: Vec<u8> = (0..width as u8).collect();
            (1..width).for_each(|at| order.swap(at, next() as usize % (at + 1)));
            orders.extend(order);
        }
        orders
    };
    let (ranks, wide) = (orders(4), orders(WIDE));
    Data {
        participant: (0..ROWS as u32).collect(),
        weight: (0..ROWS).map(|_| WEIGHT_ONE / 2 + (next() % WEIGHT_ONE as u64) as i64).collect(),
        votes: (0..ROWS).map(|_| b"AADDP"[next() as usize % 5]).collect(),
        ranks,
        wide,
    }
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

fn fold(method: &str, kind: &str, width: usize, data: &Data) -> Duration {
    let registry = Registry::builtin();
    let method = registry.get(method).expect("the method is built in");
    let item = ItemInfo {
        id: "i".into(),
        kind: kind.into(),
        candidates: (0..width).map(|c| c.to_string()).collect(),
        position: None,
    };
    let config = Config {
        parameters: schema::check(&method.describe().parameters, &Value::Null).expect("defaults are valid"),
        items: vec![item],
        dimensions: Vec::new(),
        participants: ROWS as u32,
        seed: 1,
    };
    fastest(|| {
        let mut accumulator = method.open(&config, 0, None).expect("the configuration is valid");
        for start in (0..ROWS).step_by(BATCH) {
            let end = (start + BATCH).min(ROWS);
            let values = match kind {
                "vote" => Values::Votes(&data.votes[start..end]),
                _ if width == WIDE => Values::Ranks(&data.wide[WIDE * start..WIDE * end]),
                _ => Values::Ranks(&data.ranks[4 * start..4 * end]),
            };
            let batch = Batch {
                item: 0,
                width,
                participant: &data.participant[start..end],
                weight: &data.weight[start..end],
                strata: &[],
                values,
            };
            accumulator.update(&batch).expect("the batch is sound");
        }
        black_box(accumulator.save().expect("the state is saved"));
    })
}

fn plain_votes(data: &Data) -> Duration {
    fastest(|| {
        let mut sums = [0_i64; 256];
        data.votes.iter().zip(&data.weight).for_each(|(&vote, &weight)| sums[usize::from(vote)] += weight);
        black_box(sums);
    })
}

fn plain_borda(data: &Data) -> Duration {
    fastest(|| {
        let mut points = [0_i64; 4];
        for (tiers, &weight) in data.ranks.as_chunks::<4>().0.iter().zip(&data.weight) {
            for (point, &tier) in points.iter_mut().zip(tiers) {
                *point += weight * (3 - i64::from(tier));
            }
        }
        black_box(points);
    })
}

/// Weight of those who put each candidate above each other, by a plain loop.
fn plain_pairs(ranks: &[u8], width: usize, weights: &[i64]) -> Duration {
    fastest(|| {
        let mut above = vec![0_i64; width * width];
        for (tiers, &weight) in ranks.chunks_exact(width).zip(weights) {
            for (a, tier) in tiers.iter().enumerate() {
                for (sum, other) in above[a * width..].iter_mut().zip(tiers) {
                    *sum += if tier < other { weight } else { 0 };
                }
            }
        }
        black_box(above);
    })
}

fn main() {
    let data = data();
    let rate = |time: Duration| ROWS as f64 / time.as_secs_f64() / 1e6;
    let line = |name: &str, fold: Duration, plain: Duration| {
        let ratio = plain.as_secs_f64() / fold.as_secs_f64();
        println!("{name}: {:.0} Mrow/s, plain loop {:.0} Mrow/s, ratio {ratio:.2}", rate(fold), rate(plain));
    };
    line("weighted votes (shares)", fold("shares", "vote", 0, &data), plain_votes(&data));
    line("orders of 4 (borda)", fold("borda", "rank", 4, &data), plain_borda(&data));
    line("pairs of 4 (pairwise)", fold("pairwise", "rank", 4, &data), plain_pairs(&data.ranks, 4, &data.weight));
    let wide = fold("pairwise", "rank", WIDE, &data);
    line("pairs of 20 (pairwise)", wide, plain_pairs(&data.wide, WIDE, &data.weight));
}
