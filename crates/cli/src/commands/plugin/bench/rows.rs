//! Made-up rows of one item, as columns.

use folkmoot_fold::WEIGHT_ONE;
use folkmoot_fold::contract::{Batch, Category, Config, Descriptor, Dimension, ItemInfo, Segments, Values};
use serde_json::Value;

/// Most rows a batch.
pub(super) const BATCH: usize = 65_536;

/// Candidates of an item that has any.
const CANDIDATES: usize = 4;
/// Levels of the attribute that methods of their own strata tell apart.
const LEVELS: u16 = 4;

/// Rows of one item, as columns.
pub(super) struct Rows {
    item: ItemInfo,
    dimensions: Vec<Dimension>,
    participant: Vec<u32>,
    weight: Vec<i64>,
    strata: Vec<u16>,
    values: Made,
}

/// Answers of one kind.
enum Made {
    Bytes(Vec<u8>),
    Scores(Vec<f64>),
    Rubrics(Vec<i8>),
}

/// Numbers from a fixed generator (Marsaglia's xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

impl Rows {
    /// `count` rows of the first kind that the method folds, the same every time.
    pub(super) fn new(method: &Descriptor, count: u32) -> Self {
        let kind = method.kinds.first().map_or("vote", String::as_str);
        let width = match kind {
            "vote" | "scale" => 0,
            "pair" => 2,
            _ => CANDIDATES,
        };
        let mut numbers = Numbers(0x2545_F491_4F6C_DD1D);
        let rows = 0..count;
        let by_method = method.segments == Segments::Method;
        Self {
            item: ItemInfo {
                id: "made-up".to_owned(),
                kind: kind.to_owned(),
                candidates: (0..width).map(|place| format!("c{place}")).collect(),
                position: None,
            },
            dimensions: if by_method { vec![dimension()] } else { Vec::new() },
            participant: rows.clone().collect(),
            weight: rows.clone().map(|_| WEIGHT_ONE / 2 + numbers.below(WEIGHT_ONE as usize) as i64).collect(),
            strata: match by_method {
                true => rows.clone().map(|_| numbers.below(usize::from(LEVELS)) as u16).collect(),
                false => Vec::new(),
            },
            values: match kind {
                "scale" => Made::Scores(rows.map(|_| numbers.below(11) as f64 / 2.0).collect()),
                "rubric" => {
                    let weights = 0..count as usize * width;
                    Made::Rubrics(weights.map(|_| numbers.below(21) as i8 - 10).collect())
                }
                _ => Made::Bytes(rows.flat_map(|_| answer(kind, width, &mut numbers)).collect()),
            },
        }
    }

    pub(super) fn count(&self) -> usize {
        self.weight.len()
    }

    pub(super) fn kind(&self) -> &str {
        &self.item.kind
    }

    /// A run over these rows, with parameters that the method's schema has filled in.
    pub(super) fn config(&self, parameters: Value) -> Config {
        Config {
            parameters,
            items: vec![self.item.clone()],
            dimensions: self.dimensions.clone(),
            participants: self.count() as u32,
            seed: 1,
        }
    }

    /// The rows from `start`, a batch of them.
    pub(super) fn batch(&self, start: usize) -> Batch<'_> {
        let end = (start + BATCH).min(self.count());
        let width = self.item.candidates.len();
        let values = match (&self.values, self.item.kind.as_str()) {
            (Made::Scores(scores), _) => Values::Scores(&scores[start..end]),
            (Made::Rubrics(weights), _) => Values::Rubrics(&weights[start * width..end * width]),
            (Made::Bytes(bytes), "vote") => Values::Votes(&bytes[start..end]),
            (Made::Bytes(bytes), "choose") => Values::Choices(&bytes[start..end]),
            (Made::Bytes(bytes), "approve") => Values::Approvals(&bytes[start * width..end * width]),
            (Made::Bytes(bytes), _) => Values::Ranks(&bytes[start * width..end * width]),
        };
        Batch {
            item: 0,
            width,
            participant: &self.participant[start..end],
            weight: &self.weight[start..end],
            strata: self.strata.get(start..end).unwrap_or_default(),
            values,
        }
    }
}

fn dimension() -> Dimension {
    let level = |place: u16| Category { label: format!("l{place}"), target: Some(1.0 / f64::from(LEVELS)) };
    Dimension { name: "made-up".to_owned(), categories: (0..LEVELS).map(level).collect() }
}

/// The bytes of one answer.
fn answer(kind: &str, width: usize, numbers: &mut Numbers) -> Vec<u8> {
    match kind {
        "vote" => vec![b"AADDP"[numbers.below(5)]],
        "choose" => vec![numbers.below(width) as u8],
        "approve" => (0..width).map(|_| numbers.below(2) as u8).collect(),
        _ => order(width, numbers),
    }
}

/// A full order of the candidates without ties.
fn order(width: usize, numbers: &mut Numbers) -> Vec<u8> {
    let mut tiers: Vec<u8> = (0..width).map(|tier| tier as u8).collect();
    (1..width).for_each(|at| tiers.swap(at, numbers.below(at + 1)));
    tiers
}
