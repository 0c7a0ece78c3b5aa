//! The pairwise matrix of rankings of many candidates, hardly any two of which are alike: many rows of
//! two candidates are compared at once.

use crate::ballot::NOT_SHOWN;
use crate::contract::{Batch, Values};

/// Rows of a block.
const ROWS: usize = 128;
/// Rows compared at once.
const LANES: usize = 8;
/// Weights below this are small: those of a block add up to 31 bits.
const SMALL_WEIGHT: u64 = 1 << 23;
/// Fewer candidates have so few orders that counting those is faster.
const LEAST_WIDTH: usize = 6;

type Lanes<T> = [[T; LANES]; ROWS / LANES];

/// Integers of an item, whose places are [`super::matrix::Matrix`]'s.
pub(crate) struct Sums<'a> {
    pub(crate) rows: &'a mut i128,
    pub(crate) weight: &'a mut i128,
    pub(crate) squares: &'a mut i128,
    /// Support of the first candidate over the second.
    pub(crate) support: &'a mut [i128],
    /// Weight of those who were shown a candidate, and below it of those who tie it with an earlier one.
    pub(crate) shown: &'a mut [i128],
}

/// Adds a batch, if it is of the kind that is faster so; whether it was.
pub(crate) fn add(sums: &mut Sums<'_>, batch: &Batch<'_>) -> bool {
    let Values::Ranks(tiers) = batch.values else { return false };
    let (rows, width) = (batch.rows(), batch.width);
    let small = || batch.weight.iter().all(|weight| weight.cast_unsigned() < SMALL_WEIGHT);
    if width < LEAST_WIDTH || rows < ROWS || tiers.len() != rows * width || !small() {
        return false;
    }
    let mut block = Block::new(width);
    for (tiers, weights) in tiers.chunks(ROWS * width).zip(batch.weight.chunks(ROWS)) {
        block.read(tiers, weights);
        block.add(sums);
    }
    true
}

/// Some rows, candidate by candidate.
struct Block {
    width: usize,
    weights: Lanes<i32>,
    weight: i32,
    rows: i128,
    squares: i128,
    /// The tiers of each candidate; not shown, it stands above nobody.
    tiers: Vec<Lanes<i32>>,
    /// The same; not shown, it stands below nobody.
    others: Vec<Lanes<i32>>,
    everything_shown: bool,
    no_ties: bool,
}

impl Block {
    fn new(width: usize) -> Self {
        let empty = vec![[[0; LANES]; ROWS / LANES]; width];
        Self {
            width,
            weights: [[0; LANES]; ROWS / LANES],
            weight: 0,
            rows: 0,
            squares: 0,
            tiers: empty.clone(),
            others: empty,
            everything_shown: true,
            no_ties: true,
        }
    }

    fn read(&mut self, tiers: &[u8], weights: &[i64]) {
        let to = self.weights.as_flattened_mut();
        to.fill(0);
        // The cast is exact: the weights are small.
        to.iter_mut().zip(weights).for_each(|(to, &weight)| *to = weight as i32);
        self.weight = to.iter().sum();
        self.rows = weights.iter().filter(|weight| **weight > 0).count() as i128;
        self.squares = weights.iter().map(|weight| i128::from(weight * weight)).sum();
        self.everything_shown = !tiers.contains(&NOT_SHOWN);
        self.no_ties = self.everything_shown && tiers.chunks_exact(self.width).all(is_strict);
        for candidate in 0..self.width {
            let of_candidate = tiers[candidate..].iter().step_by(self.width);
            let left = self.tiers[candidate].as_flattened_mut().iter_mut();
            let right = self.others[candidate].as_flattened_mut().iter_mut();
            for ((left, right), &tier) in left.zip(right).zip(of_candidate) {
                let shown = tier != NOT_SHOWN;
                *left = if shown { i32::from(tier) } else { i32::MAX };
                *right = if shown { i32::from(tier) } else { i32::MIN };
            }
        }
    }

    fn add(&self, sums: &mut Sums<'_>) {
        *sums.rows += self.rows;
        *sums.weight += i128::from(self.weight);
        *sums.squares += self.squares;
        for a in 0..self.width {
            let never = &[[i32::MAX; LANES]; ROWS / LANES];
            let hidden = if self.everything_shown { 0 } else { self.sum(&self.tiers[a], never, |a, b| a == b) };
            sums.shown[a * self.width + a] += i128::from(self.weight - hidden);
            for b in 0..a {
                let [above, below, level] = self.compare(a, b);
                sums.support[a * self.width + b] += i128::from(above);
                sums.support[b * self.width + a] += i128::from(below);
                sums.shown[a * self.width + b] += i128::from(level);
            }
        }
    }

    /// Weight of those who put `a` above `b`, below it and level with it.
    fn compare(&self, a: usize, b: usize) -> [i32; 3] {
        let above = self.sum(&self.tiers[a], &self.others[b], |a, b| a < b);
        if self.no_ties {
            return [above, self.weight - above, 0];
        }
        let below = self.sum(&self.tiers[b], &self.others[a], |b, a| b < a);
        let level = match self.everything_shown {
            true => self.weight - above - below,
            false => self.sum(&self.tiers[a], &self.others[b], |a, b| a == b),
        };
        [above, below, level]
    }

    /// Weight of the rows where `holds`.
    #[inline(always)]
    fn sum(&self, a: &Lanes<i32>, b: &Lanes<i32>, holds: impl Fn(i32, i32) -> bool) -> i32 {
        let mut sums = [0; LANES];
        for ((a, b), weights) in a.iter().zip(b).zip(&self.weights) {
            for lane in 0..LANES {
                sums[lane] += -i32::from(holds(a[lane], b[lane])) & weights[lane];
            }
        }
        sums.iter().sum()
    }
}

/// Whether no two of a row's tiers are the same, as far as can be told at once.
fn is_strict(tiers: &[u8]) -> bool {
    let mut seen = 0_u64;
    let mut all_low = true;
    for &tier in tiers {
        all_low &= tier < 64;
        seen |= 1 << (tier % 64);
    }
    all_low && seen.count_ones() as usize == tiers.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::contract::{Batch, Outcome, Values, WEIGHT_ONE};
    use crate::registry::Registry;
    use crate::report::Report;
    use crate::testing::{config, item};

    /// The report over rankings in batches of so many rows.
    fn report(width: usize, bytes: &[u8], weights: &[i64], rows: usize) -> Report {
        let registry = Registry::builtin();
        let method = registry.get("pairwise").unwrap();
        let names: Vec<String> = (0..width).map(|candidate| format!("c{candidate}")).collect();
        let config = config(method, &json!({}), &[item("i", "rank", &names.join(" "), None)], 0);
        let mut accumulator = method.open(&config, 0, None).unwrap();
        for (bytes, weight) in bytes.chunks(rows * width).zip(weights.chunks(rows)) {
            let values = Values::Ranks(bytes);
            let batch = Batch { item: 0, width, participant: &[], weight, strata: &[], values };
            accumulator.update(&batch).unwrap();
        }
        match accumulator.finish().unwrap() {
            Outcome::Done(report) => report,
            Outcome::Again(_) => unreachable!("one pass"),
        }
    }

    #[test]
    fn rows_side_by_side_and_one_by_one_give_the_same_matrix() {
        let check = |width: usize, rows: usize, tier: fn(usize, usize) -> u8| {
            // The first candidate is always shown.
            let shown = |at: usize| if at.is_multiple_of(width) { tier(at, width) % 6 } else { tier(at, width) };
            let bytes: Vec<u8> = (0..rows * width).map(shown).collect();
            let weights: Vec<i64> = (0..rows as i64).map(|row| row % 5 * WEIGHT_ONE / 3).collect();
            // Batches of a hundred are too small to be compared side by side.
            assert_eq!(report(width, &bytes, &weights, rows), report(width, &bytes, &weights, 100), "{width}, {rows}");
        };
        let strict: fn(usize, usize) -> u8 = |at, width| ((at % width + at / width) % width) as u8;
        let tied: fn(usize, usize) -> u8 = |at, _| (at * at % 7 % 5) as u8;
        let partial: fn(usize, usize) -> u8 = |at, _| [0, 0xFF, 1, 0xFE, 2, 0xFE][at * at % 11 % 6];
        for width in [6, 9, 20] {
            for rows in [128, 1000] {
                [strict, tied, partial].into_iter().for_each(|tier| check(width, rows, tier));
            }
        }
        check(70, 300, strict);
    }
}
