//! Our side of panel selection: exact leximin for forty seats.

mod ours;

use std::collections::BTreeMap;
use std::path::Path;

use folkmoot_panel::{Bounds, Method, Person, Quota, Quotas, Rule, select};
use ours::{Numbers, measure, write};

const SEATS: u32 = 40;
/// Levels of each attribute.
const LEVELS: [u64; 5] = [2, 4, 3, 5, 2];

fn main() {
    ours::main(&[("leximin-200", |folder| leximin(folder, 200)), ("leximin-2000", |folder| leximin(folder, 2000))]);
}

/// A pool in which low levels are more frequent, and quotas that want levels evenly, two seats more or less.
fn leximin(folder: &Path, size: usize) {
    let mut numbers = Numbers(7);
    let mut one = |levels: u64| numbers.below(levels).min(numbers.below(levels));
    let people: Vec<[u64; 5]> = (0..size).map(|_| LEVELS.map(&mut one)).collect();
    write(folder, "levels.u8", (0..LEVELS.len()).flat_map(|at| people.iter().map(move |person| [person[at] as u8])));
    let bounds = |levels: u64| {
        let even = SEATS / levels as u32;
        Bounds { min: even.saturating_sub(2), max: even + 2 }
    };
    let rows = (0_u32..).zip(LEVELS).flat_map(|(attribute, levels)| {
        let Bounds { min, max } = bounds(levels);
        (0..levels as u32).flat_map(move |level| [attribute, level, min, max])
    });
    write(folder, "quotas.u32", rows.map(u32::to_le_bytes));

    let name = |attribute: usize| format!("a{attribute}");
    let person = |(place, levels): (usize, &[u64; 5])| Person {
        id: format!("p{place:04}"),
        attributes: (0..LEVELS.len()).map(|at| (name(at), levels[at].to_string())).collect(),
    };
    let pool: Vec<Person> = people.iter().enumerate().map(person).collect();
    let quota = |(attribute, levels): (usize, u64)| {
        let of_levels: BTreeMap<String, Bounds> = (0..levels).map(|level| (level.to_string(), bounds(levels))).collect();
        Quota { attribute: name(attribute), rule: Rule::Bounds(of_levels) }
    };
    let quotas = Quotas { seats: SEATS, quotas: LEVELS.into_iter().enumerate().map(quota).collect(), household: None };
    let chances = || select(&pool, &quotas, Method::Leximin).expect("a panel meets the quotas").probabilities();
    measure(chances, |chances| vec![("least", chances.iter().copied().fold(1.0, f64::min))]);
}
