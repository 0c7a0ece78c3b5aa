//! Made-up people and their answers.

use crate::contract::{Config, ItemInfo, NO_STRATUM, WEIGHT_ONE};
use crate::mix;
use crate::rows::{Row, answer_bytes};

/// A person is whatever their seed says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    pub(super) seed: u64,
    pub(super) weight: i64,
}

/// Numbers that look random (Steele, Lea and Flood 2014: SplitMix64).
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    pub(super) fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0) % below.max(1)
    }
}

/// Between none and sixty people, some of weight 0.
pub(super) fn people(seed: u64) -> Vec<Person> {
    let mut numbers = Numbers(seed);
    let count = numbers.next(61);
    let weight = |numbers: &mut Numbers| match numbers.next(6) {
        0 => 0,
        _ => numbers.next(3 * WEIGHT_ONE as u64) as i64,
    };
    (0..count).map(|_| Person { seed: numbers.next(u64::MAX), weight: weight(&mut numbers) }).collect()
}

/// People of weight 1.
pub(super) fn few(count: u64) -> Vec<Person> {
    (0..count).map(|seed| Person { seed, weight: WEIGHT_ONE }).collect()
}

/// The answers of `people`, sorted as a snapshot sorts them; about every fourth is missing.
pub(super) fn rows(config: &Config, people: &[Person]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (place, item) in (0_u32..).zip(&config.items) {
        for (participant, person) in (0_u32..).zip(people) {
            let mut numbers = Numbers(person.seed ^ (u64::from(place) << 32));
            if numbers.next(4) == 0 {
                continue;
            }
            // People of one camp answer alike, so that there are groups to find.
            if numbers.next(3) > 0 {
                numbers = Numbers(person.seed % 2 + 7 * u64::from(place));
            }
            let stratum = if person.seed.is_multiple_of(5) { NO_STRATUM } else { (person.seed % 2) as u16 };
            rows.push(Row {
                item: place,
                participant,
                strata: vec![stratum; config.dimensions.len()],
                weight: person.weight,
                answer: answer(item, &mut numbers),
            });
        }
    }
    rows
}

/// Everybody passes and ties everything.
pub(super) fn ties(config: &Config) -> Vec<Row> {
    let mut rows = Vec::new();
    for (place, item) in (0_u32..).zip(&config.items) {
        let answer = if item.kind == "vote" { b"P".to_vec() } else { vec![0; answer_bytes(item)] };
        for participant in 0..20_u32 {
            rows.push(Row {
                item: place,
                participant,
                strata: vec![(participant % 2) as u16; config.dimensions.len()],
                weight: WEIGHT_ONE,
                answer: answer.clone(),
            });
        }
    }
    rows
}

fn answer(item: &ItemInfo, numbers: &mut Numbers) -> Vec<u8> {
    let width = item.candidates.len();
    match item.kind.as_str() {
        "vote" => vec![b"ADP"[numbers.next(3) as usize]],
        "choose" => vec![numbers.next(width as u64) as u8],
        "approve" | "unacceptable" => (0..width).map(|_| numbers.next(2) as u8).collect(),
        "pair" => [[0, 0], [0, 1], [1, 0]][numbers.next(3) as usize].to_vec(),
        "scale" if item.id.starts_with("grade") => (numbers.next(6) as f64).to_le_bytes().to_vec(),
        "scale" => (numbers.next(9) as f64 / 2.0 - 1.0).to_le_bytes().to_vec(),
        "rubric" => (0..width).map(|place| criterion(place, numbers).cast_unsigned()).collect(),
        _ => (0..width).map(|place| tier(place, numbers)).collect(),
    }
}

/// The weight of a criterion; now and then none is given, but never for the first.
fn criterion(place: usize, numbers: &mut Numbers) -> i8 {
    match numbers.next(22) {
        21 if place > 0 => i8::MIN,
        weight => weight.min(20) as i8 - 10,
    }
}

/// A tier; now and then a candidate is left out or was not shown, but never the first.
fn tier(place: usize, numbers: &mut Numbers) -> u8 {
    match numbers.next(6) {
        4 if place > 0 => 0xFE,
        5 if place > 0 => 0xFF,
        tier => tier as u8 % 3,
    }
}
