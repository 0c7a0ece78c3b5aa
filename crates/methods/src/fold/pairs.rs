//! Weighted comparisons of many candidates, row by row: rankings of more than a few candidates hardly
//! repeat, so that there are no patterns to count.
//!
//! Rows go in blocks of columns, and the loop over a block has no branches: the compiler makes vectors of
//! it. Weights are taken 23 bits at a time, so that the sums of a block fit 32 bits.

use crate::ballot::NOT_SHOWN;
use crate::contract::{Batch, Values};

/// Fewer candidates are counted by patterns.
const LEAST_WIDTH: usize = 5;
/// Rows of a block.
const BLOCK: usize = 256;
/// Bits of a weight in one pass: a block of them adds up to less than 2^31.
const LIMB_BITS: u32 = 23;
const LIMBS: u32 = 3;

type Column = [i32; BLOCK];

/// What the rows of a batch add up to.
pub(crate) struct Comparisons {
    width: usize,
    pub(crate) rows: i128,
    pub(crate) weight: i128,
    pub(crate) squares: i128,
    /// Weight of those who put `a` above `b`, at `a * width + b`.
    above: Vec<i128>,
    /// Weight of those who were shown both; of those who were shown `a`, at `a * width + a`.
    shown: Vec<i128>,
}

impl Comparisons {
    /// Weight of those who put `a` above `b`.
    pub(crate) fn above(&self, a: usize, b: usize) -> i128 {
        self.above[a * self.width + b]
    }

    /// Weight of those who were shown `a`, where `b` is above or is `a` itself in the list, and `b`.
    pub(crate) fn shown(&self, a: usize, b: usize) -> i128 {
        self.shown[a * self.width + b]
    }
}

/// The comparisons of a batch of rankings, if it is wide enough and its columns fit each other.
pub(crate) fn compare_rows(batch: &Batch<'_>) -> Option<Comparisons> {
    let Values::Ranks(tiers) = batch.values else { return None };
    let width = batch.width;
    if width < LEAST_WIDTH || tiers.len() != batch.rows() * width || batch.weight.iter().any(|weight| *weight < 0) {
        return None;
    }
    let mut sums = Comparisons {
        width,
        rows: batch.weight.iter().filter(|weight| **weight > 0).count() as i128,
        weight: batch.weight.iter().map(|weight| i128::from(*weight)).sum(),
        squares: batch.weight.iter().map(|weight| i128::from(*weight) * i128::from(*weight)).sum(),
        above: vec![0; width * width],
        shown: vec![0; width * width],
    };
    let mut block = Block::new(width);
    for (tiers, weights) in tiers.chunks(BLOCK * width).zip(batch.weight.chunks(BLOCK)) {
        block.fill(tiers);
        for limb in 0..LIMBS {
            if block.weigh(weights, limb) {
                block.add(&mut sums, limb * LIMB_BITS);
            }
        }
    }
    Some(sums)
}

/// Rows as columns. A candidate that was not shown is below all in one copy and above all in the other, so
/// that it is never above another nor another above it.
struct Block {
    width: usize,
    upper: Vec<Column>,
    lower: Vec<Column>,
    shown: Vec<Column>,
    all_shown: bool,
    weight: Column,
}

impl Block {
    fn new(width: usize) -> Self {
        let columns = || vec![[0; BLOCK]; width];
        Self { width, upper: columns(), lower: columns(), shown: columns(), all_shown: true, weight: [0; BLOCK] }
    }

    fn fill(&mut self, tiers: &[u8]) {
        self.all_shown = !tiers.contains(&NOT_SHOWN);
        for (row, tiers) in tiers.chunks_exact(self.width).enumerate() {
            for (column, &tier) in self.upper.iter_mut().zip(tiers) {
                column[row] = i32::from(tier);
            }
        }
        if self.all_shown {
            return;
        }
        for ((upper, lower), shown) in self.upper.iter().zip(&mut self.lower).zip(&mut self.shown) {
            for row in 0..BLOCK {
                let is_shown = upper[row] != i32::from(NOT_SHOWN);
                lower[row] = if is_shown { upper[row] } else { -1 };
                shown[row] = if is_shown { -1 } else { 0 };
            }
        }
    }

    /// Takes a limb of the weights; rows without one weigh nothing. Whether anything weighs anything.
    fn weigh(&mut self, weights: &[i64], limb: u32) -> bool {
        self.weight = [0; BLOCK];
        for (of_row, weight) in self.weight.iter_mut().zip(weights) {
            // The cast is exact: it keeps 23 bits.
            *of_row = ((weight >> (limb * LIMB_BITS)) & ((1 << LIMB_BITS) - 1)) as i32;
        }
        self.weight.iter().any(|weight| *weight != 0)
    }

    fn add(&self, sums: &mut Comparisons, shift: u32) {
        let width = self.width;
        let total = self.weight.iter().sum();
        let lower = if self.all_shown { &self.upper } else { &self.lower };
        for a in 0..width {
            for b in 0..a {
                let [above, below] = weigh_pair(&self.upper[a], &lower[a], &self.upper[b], &lower[b], &self.weight);
                sums.above[a * width + b] += i128::from(above) << shift;
                sums.above[b * width + a] += i128::from(below) << shift;
            }
            for b in 0..=a {
                let shown =
                    if self.all_shown { total } else { weigh_both(&self.shown[a], &self.shown[b], &self.weight) };
                sums.shown[a * width + b] += i128::from(shown) << shift;
            }
        }
    }
}

/// Weight of the rows with `a` above `b`, and of those with `b` above `a`.
#[inline(never)]
fn weigh_pair(upper_a: &Column, lower_a: &Column, upper_b: &Column, lower_b: &Column, weight: &Column) -> [i32; 2] {
    let mut sums = [0; 2];
    for row in 0..BLOCK {
        sums[0] += if upper_a[row] < lower_b[row] { weight[row] } else { 0 };
        sums[1] += if upper_b[row] < lower_a[row] { weight[row] } else { 0 };
    }
    sums
}

/// Weight of the rows that both columns mark.
#[inline(never)]
fn weigh_both(a: &Column, b: &Column, weight: &Column) -> i32 {
    (0..BLOCK).map(|row| a[row] & b[row] & weight[row]).sum()
}
