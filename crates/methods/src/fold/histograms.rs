//! The fold of methods over numbers that people give: how often each number was given to each thing.
//!
//! Its state grows with the distinct numbers, which are few for grades and as many as answers for
//! measurements.

use std::collections::BTreeMap;

use folkmoot_fold::state::{body, header};

use crate::ballot::NO_SCORE;
use crate::contract::{Accumulator, Batch, Config, ItemInfo, MethodError, Outcome, Values};
use crate::fold::Tally;
use crate::fold::sums::with_patterns;
use crate::report::Report;

/// What the rows that gave one number add up to, as a [`Tally`] of any number of batches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) rows: i128,
    pub(crate) weight: i128,
    pub(crate) squares: i128,
}

/// The numbers given to one thing, ascending; at least one row of weight gave each.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Histogram {
    /// Place of the item.
    pub(crate) item: usize,
    /// Place of the candidate or criterion within the item; 0 where the item itself is what was judged.
    pub(crate) place: usize,
    pub(crate) values: Vec<(f64, Count)>,
}

impl Histogram {
    /// The sum over all numbers.
    pub(crate) fn total(&self) -> Count {
        self.values.iter().fold(Count::default(), |sum, (_, count)| Count {
            rows: sum.rows + count.rows,
            weight: sum.weight + count.weight,
            squares: sum.squares + count.squares,
        })
    }
}

/// What becomes of the histograms of everything that anybody judged, by item, then place.
pub(crate) type Finish = Box<dyn Fn(&[ItemInfo], &[Histogram]) -> Result<Report, MethodError> + Send>;

/// The empty accumulator of the method that writes `tag` into its states.
pub(crate) fn open_histograms(tag: &str, config: &Config, finish: Finish) -> Box<dyn Accumulator> {
    Box::new(Histograms { tag: tag.to_owned(), items: config.items.clone(), cells: BTreeMap::new(), finish })
}

/// Item, place within it, and the number as [`ordered`] bits.
type Key = (u32, u32, u64);

struct Histograms {
    tag: String,
    items: Vec<ItemInfo>,
    cells: BTreeMap<Key, Count>,
    finish: Finish,
}

/// Bytes of a saved cell: its key and three sums.
const BYTES: usize = 64;

impl Accumulator for Histograms {
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        let cells = &mut self.cells;
        let mut add = |place: usize, value: f64, tally: &Tally| {
            let cell = cells.entry((batch.item, place as u32, ordered(value))).or_default();
            cell.rows += i128::from(tally.rows);
            cell.weight += i128::from(tally.weight);
            cell.squares += tally.squares as i128;
        };
        match batch.values {
            Values::Rubrics(weights) => add_criteria(batch, weights, add),
            Values::Ranks(_) => Err(MethodError::Internal("the method did not ask for orders".to_owned())),
            _ => with_patterns(batch, &mut |_, answer, tally| {
                for (place, value) in numbers(batch.values, answer) {
                    add(place, value, tally);
                }
            }),
        }
    }

    fn save(&mut self) -> Result<Vec<u8>, MethodError> {
        let mut bytes = header(&self.tag);
        bytes.reserve(self.cells.len() * BYTES);
        for ((item, place, value), count) in &self.cells {
            bytes.extend(item.to_le_bytes());
            bytes.extend(place.to_le_bytes());
            bytes.extend(value.to_le_bytes());
            [count.rows, count.weight, count.squares].iter().for_each(|sum| bytes.extend(sum.to_le_bytes()));
        }
        Ok(bytes)
    }

    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
        let (cells, rest) = body(&self.tag, partial)?.as_chunks::<BYTES>();
        if !rest.is_empty() {
            return Err(MethodError::BadState("the state ends in the middle of a number".to_owned()));
        }
        for bytes in cells {
            let (key, count) = read(bytes);
            self.check(key)?;
            let cell = self.cells.entry(key).or_default();
            let sum =
                |a: i128, b: i128| a.checked_add(b).ok_or_else(|| MethodError::BadState("a sum overflows".to_owned()));
            *cell = Count {
                rows: sum(cell.rows, count.rows)?,
                weight: sum(cell.weight, count.weight)?,
                squares: sum(cell.squares, count.squares)?,
            };
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Outcome, MethodError> {
        let mut histograms: Vec<Histogram> = Vec::new();
        for (&(item, place, value), &count) in &self.cells {
            let (item, place) = (item as usize, place as usize);
            let value = (number(value), count);
            match histograms.last_mut().filter(|last| (last.item, last.place) == (item, place)) {
                Some(last) => last.values.push(value),
                None => histograms.push(Histogram { item, place, values: vec![value] }),
            }
        }
        (self.finish)(&self.items, &histograms).map(Outcome::Done)
    }
}

impl Histograms {
    /// Refuses a cell of nothing that can be judged, and one that holds no number.
    fn check(&self, (item, place, value): Key) -> Result<(), MethodError> {
        let places = self.items.get(item as usize).map_or(0, |item| item.candidates.len().max(1));
        if (place as usize) < places && number(value).is_finite() {
            return Ok(());
        }
        Err(MethodError::BadState(format!("the state has a number for place {place} of item {item}")))
    }
}

/// The numbers that an answer gives, each to the place it gives it to: a vote 1, -1 or 0, a choice the
/// place of what was chosen.
fn numbers(values: Values<'_>, answer: &[u8]) -> Vec<(usize, f64)> {
    match (values, answer) {
        (Values::Scores(_), _) => {
            answer.as_chunks::<8>().0.iter().map(|bytes| (0, f64::from_le_bytes(*bytes))).collect()
        }
        (Values::Votes(_), b"A") => vec![(0, 1.0)],
        (Values::Votes(_), b"D") => vec![(0, -1.0)],
        (Values::Votes(_), _) => vec![(0, 0.0)],
        (Values::Approvals(_), flags) => flags.iter().map(|&flag| f64::from(flag)).enumerate().collect(),
        (_, bytes) => bytes.iter().map(|&byte| (0, f64::from(byte))).collect(),
    }
}

fn add_criteria(batch: &Batch<'_>, weights: &[i8], mut add: impl FnMut(usize, f64, &Tally)) -> Result<(), MethodError> {
    if weights.len() != batch.rows() * batch.width {
        return Err(MethodError::Internal("columns of a batch differ in length".to_owned()));
    }
    for place in 0..batch.width {
        let mut tallies = [Tally::default(); 256];
        for (row, &weight) in weights.chunks_exact(batch.width).zip(batch.weight) {
            tallies[usize::from(row[place].cast_unsigned())].add(weight);
        }
        let scores = (i8::MIN..=i8::MAX).filter(|&score| score != NO_SCORE);
        for (score, tally) in scores.map(|score| (score, tallies[usize::from(score.cast_unsigned())])) {
            if tally.rows > 0 {
                add(place, f64::from(score), &tally);
            }
        }
    }
    Ok(())
}

fn read(bytes: &[u8; BYTES]) -> (Key, Count) {
    let number = |from: usize, len: usize| {
        bytes[from..from + len].iter().rev().fold(0_u128, |number, &byte| number << 8 | u128::from(byte))
    };
    // The casts are exact: as many bytes as the type has.
    let key = (number(0, 4) as u32, number(4, 4) as u32, number(8, 8) as u64);
    let [rows, weight, squares] = [16, 32, 48].map(|from| number(from, 16).cast_signed());
    (key, Count { rows, weight, squares })
}

const SIGN: u64 = 1 << 63;

/// Bits that stand in the order of the numbers, 0 and -0 the same.
fn ordered(x: f64) -> u64 {
    let bits = (x + 0.0).to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

/// The number of such bits.
fn number(ordered: u64) -> f64 {
    f64::from_bits(if ordered & SIGN == 0 { !ordered } else { ordered & !SIGN })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_stand_in_the_order_of_their_numbers() {
        let ascending = [f64::MIN, -2.5, -1.0, -f64::MIN_POSITIVE, 0.0, f64::MIN_POSITIVE, 0.1, 7.0, f64::MAX];
        assert!(ascending.map(ordered).is_sorted());
        assert_eq!(ascending.map(|x| number(ordered(x))), ascending);
        assert_eq!(ordered(-0.0), ordered(0.0));
    }

    #[test]
    fn a_state_that_names_what_is_not_there_is_refused() {
        let item = crate::testing::item("r", "rubric", "a b", None);
        let check = |item_place: u32, place: u32, value: u64, want: bool| {
            let cells = BTreeMap::from([((item_place, place, value), Count::default())]);
            let finish: fn() -> Finish = || Box::new(|_, _| Ok(Report::default()));
            let tag = "t@1".to_owned();
            let mut sender = Histograms { tag: tag.clone(), items: Vec::new(), cells, finish: finish() };
            let saved = sender.save().unwrap();
            let mut taker = Histograms { tag, items: vec![item.clone()], cells: BTreeMap::new(), finish: finish() };
            assert_eq!(taker.merge(&saved).is_ok(), want, "item {item_place}, place {place}, value {value:x}");
        };
        check(0, 1, ordered(3.0), true);
        check(0, 2, ordered(3.0), false);
        check(1, 0, ordered(3.0), false);
        check(0, 0, ordered(f64::INFINITY), false);
        check(0, 0, 0, false);
    }
}
