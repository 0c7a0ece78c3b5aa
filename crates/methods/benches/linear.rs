//! How the cost of each method grows with the answers: the time of an answer at three sizes.

use std::hint::black_box;
use std::time::Instant;

use folkmoot_methods::contract::{Batch, Category, Config, Dimension, ItemInfo, Method, Outcome, Segments, Values};
use folkmoot_methods::{Registry, WEIGHT_ONE, schema};
use serde_json::Value;

/// Answers.
const SIZES: [usize; 3] = [100_000, 300_000, 1_000_000];
const ITEMS: usize = 20;
const CANDIDATES: usize = 4;
const BATCH: usize = 65_536;
const ROUNDS: usize = 3;
/// An answer of the largest size may cost this many times one of the smallest: caches and machines vary.
const SLACK: f64 = 1.5;

/// Methods whose cost is stated to grow otherwise, and how.
const OTHERWISE: [(&str, &str); 2] = [
    ("opinion-groups", "as many passes over the votes as the components need to settle"),
    ("group-consensus", "the groups are opinion groups here"),
];

fn main() {
    println!("{:<20}{:>12}{:>12}{:>12}{:>8}", "ns an answer of", "100,000", "300,000", "1,000,000", "ratio");
    let registry = Registry::builtin();
    let mut grown = Vec::new();
    for descriptor in registry.list() {
        let method = registry.get(&descriptor.id).expect("it is listed");
        let [small, middle, large] = SIZES.map(|answers| nanoseconds(method, answers));
        let ratio = large / small;
        let otherwise = OTHERWISE.iter().find(|(id, _)| *id == descriptor.id).map(|(_, words)| *words);
        let mark = otherwise.or((ratio > SLACK).then_some("grows faster than the answers")).unwrap_or_default();
        println!("{:<20}{small:>12.1}{middle:>12.1}{large:>12.1}{ratio:>8.2}  {mark}", descriptor.id);
        if otherwise.is_none() && ratio > SLACK {
            grown.push(descriptor.id);
        }
    }
    assert!(grown.is_empty(), "the cost of {} grows faster than the answers", grown.join(", "));
}

/// The least time of a few runs, for each answer.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn nanoseconds(method: &dyn Method, answers: usize) -> f64 {
    let kind = method.describe().kinds[0].clone();
    let config = config(method, &kind, answers / ITEMS);
    let columns = Columns::new(&config, answers / ITEMS);
    let time = || {
        let start = Instant::now();
        columns.run(method, &config);
        start.elapsed().as_secs_f64()
    };
    let fastest = (0..ROUNDS).map(|_| time()).fold(f64::INFINITY, f64::min);
    fastest * 1e9 / answers as f64
}

fn config(method: &dyn Method, kind: &str, participants: usize) -> Config {
    let width = match kind {
        "pair" => 2,
        "vote" | "scale" => 0,
        _ => CANDIDATES,
    };
    let item = |place: usize| ItemInfo {
        id: place.to_string(),
        kind: kind.to_owned(),
        candidates: (0..width).map(|candidate| candidate.to_string()).collect(),
        position: Some(match kind {
            "vote" => b"A".to_vec(),
            "choose" => vec![0],
            "scale" => 1.0_f64.to_le_bytes().to_vec(),
            _ => (0..width as u8).collect(),
        }),
    };
    let category = |label: &str| Category { label: label.to_owned(), target: None };
    let dimension = Dimension { name: "s".to_owned(), categories: vec![category("a"), category("b")] };
    let descriptor = method.describe();
    // Groups are to be made from the votes.
    let reads_strata = descriptor.segments == Segments::Method && descriptor.kinds != ["vote"];
    Config {
        parameters: schema::check(&descriptor.parameters, &Value::Null).expect("defaults are valid"),
        items: (0..ITEMS).map(item).collect(),
        dimensions: reads_strata.then_some(dimension).into_iter().collect(),
        participants: participants as u32,
        seed: 1,
    }
}

/// Every participant's answer to every item, the items one after the other.
struct Columns {
    width: usize,
    participant: Vec<u32>,
    weight: Vec<i64>,
    strata: Vec<u16>,
    bytes: Vec<u8>,
    scores: Vec<f64>,
    rubrics: Vec<i8>,
}

impl Columns {
    fn new(config: &Config, participants: usize) -> Self {
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        let mut next = move || {
            // Marsaglia's xorshift.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let kind = config.items[0].kind.as_str();
        let width = config.items[0].candidates.len();
        let mut bytes = Vec::new();
        for answer in 0..ITEMS * participants {
            // Two camps, so that there are groups to find.
            let camp = (answer % participants % 2) as u64;
            let chance = next();
            match kind {
                "vote" => bytes.push(b"ADPADA"[((chance % 4 + 2 * camp) % 6) as usize]),
                "choose" => bytes.push((chance % width as u64) as u8),
                "approve" => (0..width).for_each(|place| bytes.push((chance >> place & 1) as u8)),
                "rubric" => (0..width).for_each(|place| bytes.push((chance >> (8 * place) & 7) as u8)),
                "scale" => bytes.push((chance % 7) as u8),
                _ => {
                    let start = bytes.len();
                    bytes.extend(0..width as u8);
                    (1..width).for_each(|at| bytes.swap(start + at, start + (next() as usize) % (at + 1)));
                }
            }
        }
        Self {
            width,
            participant: (0..participants as u32).collect(),
            weight: (0..participants).map(|_| WEIGHT_ONE / 2 + (next() % WEIGHT_ONE as u64) as i64).collect(),
            strata: if config.dimensions.is_empty() {
                Vec::new()
            } else {
                (0..participants).map(|participant| (participant % 2) as u16).collect()
            },
            scores: bytes.iter().map(|byte| f64::from(*byte)).collect(),
            rubrics: bytes.iter().map(|byte| byte.cast_signed()).collect(),
            bytes,
        }
    }

    /// All passes of a method.
    fn run(&self, method: &dyn Method, config: &Config) {
        let mut model = None;
        for pass in 0.. {
            let mut accumulator = method.open(config, pass, model.as_deref()).expect("the configuration is valid");
            for item in 0..ITEMS {
                for start in (0..self.weight.len()).step_by(BATCH) {
                    let end = (start + BATCH).min(self.weight.len());
                    let batch = self.batch(&config.items[item].kind, item, start, end);
                    accumulator.update(&batch).expect("the batch is sound");
                }
            }
            match accumulator.finish().expect("the data has an answer") {
                Outcome::Done(report) => {
                    black_box(report);
                    return;
                }
                Outcome::Again(next) => model = Some(next),
            }
        }
    }

    fn batch(&self, kind: &str, item: usize, start: usize, end: usize) -> Batch<'_> {
        let wide = self.width.max(1);
        let row = item * self.weight.len();
        let one = row + start..row + end;
        let all = (row + start) * wide..(row + end) * wide;
        Batch {
            item: item as u32,
            width: self.width,
            participant: &self.participant[start..end],
            weight: &self.weight[start..end],
            strata: self.strata.get(start..end).unwrap_or_default(),
            values: match kind {
                "vote" => Values::Votes(&self.bytes[one]),
                "choose" => Values::Choices(&self.bytes[one]),
                "scale" => Values::Scores(&self.scores[one]),
                "approve" => Values::Approvals(&self.bytes[all]),
                "rubric" => Values::Rubrics(&self.rubrics[all]),
                _ => Values::Ranks(&self.bytes[all]),
            },
        }
    }
}
