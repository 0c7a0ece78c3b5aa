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

/// A pool in which low levels are more frequent, and quotas half way between the pool and even shares.
fn leximin(folder: &Path, size: usize) {
    let mut numbers = Numbers(7);
    let mut one = |levels: u64| numbers.below(levels).min((numbers.share() * levels as f64) as u64);
    let people: Vec<[u64; 5]> = (0..size).map(|_| LEVELS.map(&mut one)).collect();
    write(folder, "levels.u8", (0..LEVELS.len()).flat_map(|at| people.iter().map(move |person| [person[at] as u8])));
    let bounds = |attribute: usize, level: u64| {
        let count = people.iter().filter(|person| person[attribute] == level).count() as u32;
        let middle = (SEATS / LEVELS[attribute] as u32 + SEATS * count / size as u32) / 2;
        Bounds { min: middle.saturating_sub(1), max: middle + 2 }
    };
    let places = || (0..LEVELS.len()).flat_map(|attribute| (0..LEVELS[attribute]).map(move |level| (attribute, level)));
    let rows = places().flat_map(|(attribute, level)| {
        let Bounds { min, max } = bounds(attribute, level);
        [attribute as u32, level as u32, min, max]
    });
    write(folder, "quotas.u32", rows.map(u32::to_le_bytes));

    let name = |attribute: usize| format!("a{attribute}");
    let person = |(place, levels): (usize, &[u64; 5])| Person {
        id: format!("p{place:04}"),
        attributes: (0..LEVELS.len()).map(|at| (name(at), levels[at].to_string())).collect(),
    };
    let pool: Vec<Person> = people.iter().enumerate().map(person).collect();
    let quota = |attribute: usize| {
        let of_level = |level: u64| (level.to_string(), bounds(attribute, level));
        let levels: BTreeMap<String, Bounds> = (0..LEVELS[attribute]).map(of_level).collect();
        Quota { attribute: name(attribute), rule: Rule::Bounds(levels) }
    };
    let quotas = Quotas { seats: SEATS, quotas: (0..LEVELS.len()).map(quota).collect(), household: None };
    let chances = || select(&pool, &quotas, Method::Leximin).expect("a panel meets the quotas").probabilities();
    measure(chances, |chances| vec![("least", chances.iter().copied().fold(1.0, f64::min))]);
}
