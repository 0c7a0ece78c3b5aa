//! Rows lowered to distinct answers: how often each was given in each stratum, and with what weight.
//!
//! People repeat each other (four candidates have 75 orders), so a method that works on distinct
//! answers does its arithmetic a few dozen times a batch instead of once a row.

use std::collections::BTreeMap;

use crate::contract::{Batch, MethodError, NO_STRATUM, Values};
use crate::fold::small::{CHUNK, SmallTables};

/// What the rows of one answer add up to, exactly. Rows of weight 0 are as if they were not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Rows.
    pub(crate) rows: u64,
    /// Sum of weights, in units of [`crate::WEIGHT_ONE`].
    pub(crate) weight: i64,
    /// Sum of squared weights, in squared units.
    pub(crate) squares: u128,
}

impl Tally {
    /// One row.
    pub(crate) fn of(weight: i64) -> Self {
        let mut tally = Self::default();
        tally.add(weight);
        tally
    }

    /// The rows of both; `None` where a sum overflows.
    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            rows: self.rows.checked_add(other.rows)?,
            weight: self.weight.checked_add(other.weight)?,
            squares: self.squares.checked_add(other.squares)?,
        })
    }

    #[inline(always)]
    pub(super) fn add(&mut self, weight: i64) {
        let magnitude = weight.unsigned_abs();
        self.rows += u64::from(magnitude != 0);
        self.weight += weight;
        self.squares += u128::from(magnitude) * u128::from(magnitude);
    }
}

/// Hears of the rows that gave one answer in one stratum.
pub(super) type Lower<'a> = &'a mut dyn FnMut(u16, &[u8], &Tally);

/// Widest answer that fits a table's key.
const KEY_BYTES: usize = 8;
const SLOTS: usize = 1024;
const MOST_USED: usize = SLOTS / 2;

/// Stratum of a slot that holds nothing.
const EMPTY: u32 = u32::MAX;

/// The distinct answers of one batch. Empty between batches.
pub(crate) struct Patterns {
    small: SmallTables,
    keys: Vec<(u64, u32)>,
    tallies: Vec<Tally>,
    used: Vec<u16>,
    wide: BTreeMap<(u32, Vec<u8>), Tally>,
}

impl Patterns {
    pub(crate) fn new() -> Self {
        Self {
            small: SmallTables::new(),
            keys: vec![(0, EMPTY); SLOTS],
            tallies: vec![Tally::default(); SLOTS],
            used: Vec::with_capacity(MOST_USED),
            wide: BTreeMap::new(),
        }
    }

    /// Calls `lower(stratum, answer, tally)` for the distinct answers of `batch`; an answer may come
    /// more than once, each time with other rows. A score is its eight bytes, little endian.
    ///
    /// # Errors
    /// [`MethodError::Internal`] for columns of unequal length and for rubrics, which hardly repeat.
    pub(crate) fn lower(&mut self, batch: &Batch<'_>, lower: Lower<'_>) -> Result<(), MethodError> {
        let (bytes, width) = match batch.values {
            Values::Ranks(bytes) | Values::Approvals(bytes) => (bytes, batch.width),
            Values::Votes(bytes) | Values::Choices(bytes) => (bytes, 1),
            Values::Scores(scores) => {
                check(batch, scores.len(), 1)?;
                self.narrow(batch, scores.iter().map(|score| score.to_bits()), KEY_BYTES, lower);
                return Ok(());
            }
            Values::Rubrics(_) => return Err(MethodError::Internal("the method did not ask for rubrics".to_owned())),
        };
        check(batch, bytes.len(), width)?;
        match width {
            1 => self.short(bytes.as_chunks::<1>().0, batch, lower),
            2 => self.short(bytes.as_chunks::<2>().0, batch, lower),
            3 => self.short(bytes.as_chunks::<3>().0, batch, lower),
            4 => self.short(bytes.as_chunks::<4>().0, batch, lower),
            5..=KEY_BYTES => self.narrow(batch, bytes.chunks_exact(width).map(key), width, lower),
            _ => self.wide(batch, bytes, width, lower),
        }
        Ok(())
    }

    /// Answers of up to four bytes, which the tables of small weights take chunk by chunk.
    fn short<const N: usize>(&mut self, answers: &[[u8; N]], batch: &Batch<'_>, lower: Lower<'_>) {
        let mut strata = batch.strata.chunks(CHUNK);
        for (answers, weights) in answers.chunks(CHUNK).zip(batch.weight.chunks(CHUNK)) {
            let strata = strata.next().unwrap_or_default();
            if self.small.lower(answers, strata, weights, lower) {
                continue;
            }
            for (row, (answer, &weight)) in answers.iter().zip(weights).enumerate() {
                let stratum = strata.get(row).copied().unwrap_or(NO_STRATUM);
                self.count(key(answer), stratum, weight, N, lower);
            }
            self.flush(N, lower);
        }
    }

    fn narrow(&mut self, batch: &Batch<'_>, keys: impl Iterator<Item = u64>, width: usize, lower: Lower<'_>) {
        if batch.strata.is_empty() {
            for (key, &weight) in keys.zip(batch.weight) {
                self.count(key, NO_STRATUM, weight, width, lower);
            }
        } else {
            for ((key, &weight), &stratum) in keys.zip(batch.weight).zip(batch.strata) {
                self.count(key, stratum, weight, width, lower);
            }
        }
        self.flush(width, lower);
    }

    #[inline(always)]
    fn count(&mut self, key: u64, stratum: u16, weight: i64, width: usize, lower: Lower<'_>) {
        let wanted = (key, u32::from(stratum));
        let mut slot = first_slot(key, stratum);
        while self.keys[slot] != wanted {
            if self.keys[slot].1 == EMPTY {
                if self.used.len() == MOST_USED {
                    self.flush(width, lower);
                    slot = first_slot(key, stratum);
                }
                self.keys[slot] = wanted;
                // The cast is exact: there are fewer slots than u16 has values.
                self.used.push(slot as u16);
                break;
            }
            slot = (slot + 1) % SLOTS;
        }
        self.tallies[slot].add(weight);
    }

    #[cold]
    fn flush(&mut self, width: usize, lower: Lower<'_>) {
        for slot in self.used.drain(..).map(usize::from) {
            let (key, stratum) = std::mem::replace(&mut self.keys[slot], (0, EMPTY));
            let tally = std::mem::take(&mut self.tallies[slot]);
            if tally.rows > 0 {
                // The cast is exact: every stratum but EMPTY came from a u16.
                lower(stratum as u16, &key.to_le_bytes()[..width], &tally);
            }
        }
    }

    fn wide(&mut self, batch: &Batch<'_>, bytes: &[u8], width: usize, lower: Lower<'_>) {
        for (row, answer) in bytes.chunks_exact(width).enumerate() {
            let stratum = batch.strata.get(row).copied().unwrap_or(NO_STRATUM);
            self.wide.entry((u32::from(stratum), answer.to_vec())).or_default().add(batch.weight[row]);
        }
        for ((stratum, answer), tally) in std::mem::take(&mut self.wide) {
            if tally.rows > 0 {
                lower(stratum as u16, &answer, &tally);
            }
        }
    }
}

fn check(batch: &Batch<'_>, elements: usize, width: usize) -> Result<(), MethodError> {
    let rows = batch.rows();
    if elements != rows * width || width == 0 || !(batch.strata.is_empty() || batch.strata.len() == rows) {
        return Err(MethodError::Internal("columns of a batch differ in length".to_owned()));
    }
    Ok(())
}

#[inline(always)]
fn first_slot(key: u64, stratum: u16) -> usize {
    let mixed = (key ^ (u64::from(stratum) << 48)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    // The top 10 bits: as many as SLOTS needs.
    (mixed >> 54) as usize % SLOTS
}

#[inline(always)]
pub(super) fn key(answer: &[u8]) -> u64 {
    answer.iter().rev().fold(0, |key, &byte| key << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of a thousand distinct answers, any byte; of fewer, what a ranking of four can hold.
    fn tier(number: usize, distinct: usize) -> u8 {
        if distinct == 1000 { number as u8 } else { [0, 1, 2, 3, 4, 5, 0xFE, 0xFF][number % 8] }
    }

    /// Answers of `width` bytes with few distinct values, weights and strata, all from `rows`.
    fn check(width: usize, distinct: usize, rows: usize, strata: bool, unit: i64) {
        let bytes: Vec<u8> = (0..rows)
            .flat_map(|row| (0..width).map(move |place| tier((row * 7919 % distinct) >> (2 * (place % 5)), distinct)))
            .collect();
        let weight: Vec<i64> = (0..rows as i64).map(|row| row % 5 * unit).collect();
        let in_stratum = |row: usize| if row.is_multiple_of(3) || !strata { NO_STRATUM } else { (row % 3) as u16 };
        let stratum: Vec<u16> = (0..rows).map(in_stratum).collect();
        let participant: Vec<u32> = (0..rows as u32).collect();
        let batch = Batch {
            item: 0,
            width,
            participant: &participant,
            weight: &weight,
            strata: if strata { &stratum } else { &[] },
            values: Values::Ranks(&bytes),
        };
        let mut got = BTreeMap::<_, Tally>::new();
        let mut add = |stratum: u16, answer: &[u8], tally: &Tally| {
            let sum = got.entry((stratum, answer.to_vec())).or_default();
            sum.rows += tally.rows;
            sum.weight += tally.weight;
            sum.squares += tally.squares;
        };
        Patterns::new().lower(&batch, &mut add).unwrap();
        let mut want = BTreeMap::<_, Tally>::new();
        for row in (0..rows).filter(|&row| weight[row] > 0) {
            let tally = want.entry((stratum[row], bytes[row * width..][..width].to_vec())).or_default();
            tally.rows += 1;
            tally.weight += weight[row];
            tally.squares += (weight[row] as u128).pow(2);
        }
        assert_eq!(got, want, "width {width}, {distinct} distinct answers, {rows} rows");
    }

    #[test]
    fn patterns_add_up_to_their_rows() {
        for width in [1, 2, 4, 5, 8, 9, 20] {
            for distinct in [1, 3, 75, 1000] {
                for unit in [1, 1 << 40] {
                    check(width, distinct, 3001, true, unit);
                    check(width, distinct, 3001, false, unit);
                }
            }
        }
        for width in 1..=4 {
            for distinct in [3, 75, 1000] {
                check(width, distinct, (1 << 16) + 1, false, 1 << 21);
                check(width, distinct, (1 << 16) + 1, true, 1 << 21);
            }
        }
        check(4, 3, 0, false, 1);
    }
}
