//! A simulated round as columns.

use folkmoot_methods::WEIGHT_ONE;
use folkmoot_methods::contract::{Category, Config, Dimension, ItemInfo};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a round is like.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) items: usize,
    /// Items that differ from the position, the first ones.
    pub(crate) differing: usize,
    /// Candidates of an item; two make a pair.
    pub(crate) width: usize,
    pub(crate) people: usize,
    /// Answers to an item, on average.
    pub(crate) answers: usize,
    /// Net preference against the position on every pair of an item that differs.
    pub(crate) delta: f64,
    /// The same on every other item.
    pub(crate) rest: f64,
    /// What each segment's net preference has beyond the whole's; none where there are no segments.
    pub(crate) segments: &'static [f64],
    /// How many communities, and the standard deviation of the net preference between them.
    pub(crate) communities: Option<(usize, f64)>,
    /// Share of answers that put all candidates level.
    pub(crate) ties: f64,
    /// Standard deviation of the logarithm of the weights.
    pub(crate) weights: f64,
}

/// A round as most are here: a hundred rankings of four, about 200 answers each.
pub(crate) const PLAIN: Shape = Shape {
    items: 100,
    differing: 0,
    width: 4,
    people: 1_000,
    answers: 200,
    delta: 0.0,
    rest: 0.1,
    segments: &[0.0; 4],
    communities: None,
    ties: 0.0,
    weights: 0.0,
};

pub(crate) struct Round {
    pub(crate) config: Config,
    pub(crate) items: Vec<Answers>,
}

/// The answers to one item.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) tiers: Vec<u8>,
    pub(crate) weight: Vec<i64>,
    pub(crate) segment: Vec<u16>,
    pub(crate) community: Vec<u16>,
}

struct Person {
    weight: i64,
    segment: u16,
    community: u16,
}

struct Chance(ChaCha8Rng);

impl Chance {
    fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() % bound as u64) as usize
    }

    /// Box and Muller (1958).
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(1.0 - self.uniform())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }
}

impl Round {
    pub(crate) fn draw(shape: &Shape, number: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(20_261);
        rng.set_stream(number);
        let mut chance = Chance(rng);
        let people: Vec<Person> = (0..shape.people).map(|_| person(shape, &mut chance)).collect();
        let items = (0..shape.items).map(|item| answers(shape, item, &people, &mut chance)).collect();
        Self { config: config(shape, number), items }
    }
}

fn person(shape: &Shape, chance: &mut Chance) -> Person {
    let weight = libm::exp(shape.weights * chance.normal()) * WEIGHT_ONE as f64;
    // The smaller of two draws: communities of unequal size.
    let community = shape.communities.map_or(0, |(count, _)| chance.below(count).min(chance.below(count)));
    Person {
        weight: weight as i64,
        segment: chance.below(shape.segments.len().max(1)) as u16,
        community: community as u16,
    }
}

/// The position is the candidates' own order. Some people give it backwards and the others any order, so
/// that every pair has the same net preference against the position; where that is below 0 some give the
/// position's.
fn answers(shape: &Shape, item: usize, people: &[Person], chance: &mut Chance) -> Answers {
    let target = if item < shape.differing { shape.delta } else { shape.rest };
    let (count, spread) = shape.communities.unwrap_or((1, 0.0));
    let of_community: Vec<f64> = (0..count).map(|_| target + spread * chance.normal()).collect();
    let share_answering = shape.answers as f64 / shape.people as f64;
    let mut answers = Answers::default();
    for person in people {
        if chance.uniform() >= share_answering {
            continue;
        }
        let beyond = shape.segments.get(usize::from(person.segment)).copied().unwrap_or(0.0);
        let leaning = (of_community[usize::from(person.community)] + beyond) / (1.0 - shape.ties);
        let mut tiers: Vec<u8> = (0..shape.width as u8).collect();
        if chance.uniform() < shape.ties {
            tiers.fill(0);
        } else if chance.uniform() < leaning.abs() {
            if leaning > 0.0 {
                tiers.reverse();
            }
        } else {
            (1..shape.width).for_each(|at| tiers.swap(at, chance.below(at + 1)));
        }
        answers.tiers.extend(tiers);
        answers.weight.push(person.weight);
        answers.segment.push(person.segment);
        answers.community.push(person.community);
    }
    answers
}

fn config(shape: &Shape, seed: u64) -> Config {
    let candidates: Vec<String> = ["A", "B", "C", "D"][..shape.width].iter().map(|id| (*id).to_owned()).collect();
    let item = |number: usize| ItemInfo {
        id: format!("i{number}"),
        kind: "rank".to_owned(),
        candidates: candidates.clone(),
        position: Some((0..shape.width as u8).collect()),
    };
    let dimension = |name: &str, count: usize| Dimension {
        name: name.to_owned(),
        categories: (0..count).map(|place| Category { label: place.to_string(), target: None }).collect(),
    };
    let segments = (!shape.segments.is_empty()).then(|| dimension("segment", shape.segments.len()));
    let communities = shape.communities.map(|(count, _)| dimension("community", count));
    Config {
        parameters: serde_json::Value::Null,
        items: (0..shape.items).map(item).collect(),
        dimensions: segments.into_iter().chain(communities).collect(),
        participants: shape.people as u32,
        seed,
    }
}
