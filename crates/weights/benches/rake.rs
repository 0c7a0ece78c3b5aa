//! How fast a million people are raked to 4 margins, and re-weighted from other base weights. The numpy
//! peer is `benches/peer.py`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use folkmoot_weights::{Attribute, Method, People, Plan, Targets, Weighting};

const ROWS: usize = 1_000_000;
const ROUNDS: usize = 15;
const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const LEVELS: [u64; 4] = [5, 4, 6, 10];

/// Codes from a fixed generator (Marsaglia's xorshift), low ones more often.
fn codes() -> Vec<Vec<u16>> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let column = |&levels: &u64| (0..ROWS).map(|_| (next() % levels).min(next() % levels) as u16).collect();
    LEVELS.iter().map(column).collect()
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
    let codes = codes();
    let levels: Vec<Vec<String>> =
        LEVELS.iter().map(|&n| (0..n).map(|level| format!("l{level:02}")).collect()).collect();
    let base: Vec<f64> = (0..ROWS).map(|row| 0.5 + (row * 7919 % 1000) as f64 / 1000.0).collect();
    let attributes: Vec<Attribute<'_>> =
        (0..4).map(|at| Attribute { name: NAMES[at], levels: &levels[at], codes: &codes[at] }).collect();
    let even = |at: usize| levels[at].iter().map(|level| (level.clone(), 1.0 / LEVELS[at] as f64)).collect();
    let margins = (0..4).map(|at| (NAMES[at].to_owned(), even(at))).collect();
    let targets = Targets { margins, ..Targets::default() };
    let weighting = Weighting::new(Method::Rake);
    for (name, base) in [("equal base weights", None), ("base weights", Some(base.as_slice()))] {
        let people = People { base, attributes: attributes.clone() };
        let plan = || Plan::new(&people, &targets, &weighting).expect("targets and people go together");
        let ready = plan();
        let iterations = ready.fit(None).expect("the targets can be met").iterations;
        let all = fastest(|| drop(black_box(plan().fit(None))));
        let again = fastest(|| drop(black_box(ready.fit(base))));
        println!("{name}: collapse and fit {all:.1?}, fit again {again:.1?}, {iterations} rounds");
    }
}
