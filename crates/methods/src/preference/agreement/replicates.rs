//! The agreement tables' estimates in many replicates at once.

use std::any::Any;

use super::{FIGURES, Fold, ONE, figures, fixed};
use crate::ballot::tiers;
use crate::contract::{Batch, MethodError, Values};
use crate::fold::{Block, Figures, Rows, Totals};
use crate::replicated::{Draws, Estimates, LANES, Place, Replicated};
use crate::stats::ratio;

const N: usize = FIGURES.len();

/// Most items whose means, in units of [`ONE`], a double adds up exactly.
pub(super) const MOST_ITEMS: usize = ((1_i64 << 53) / ONE) as usize;

pub(super) struct Replicates {
    fold: Fold,
    lanes: usize,
    /// Those of the item that is open.
    rows: Rows<N>,
    pooled: Totals<N>,
    /// Sum over items of each figure's means in units of [`ONE`], and how many items have one.
    sums: [Vec<Block<f64>>; N],
    counts: [Vec<Block<f64>>; N],
    /// Scratch: the means of one item.
    means: [Vec<Block<f64>>; N],
}

impl Replicates {
    pub(super) fn new(fold: Fold, lanes: usize) -> Self {
        let blocks = lanes.div_ceil(LANES);
        let none = || std::array::from_fn(|_| vec![[0.0; LANES]; blocks]);
        let pooled = Totals::new(ONE, blocks);
        Self { fold, lanes, rows: Rows::new(), pooled, sums: none(), counts: none(), means: none() }
    }
}

impl Replicated for Replicates {
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        let place = batch.item as usize;
        let (bytes, width) = match batch.values {
            Values::Ranks(bytes) | Values::Approvals(bytes) => (bytes, batch.width),
            Values::Votes(bytes) | Values::Choices(bytes) => (bytes, 1),
            Values::Scores(_) | Values::Rubrics(_) => {
                return Err(MethodError::Internal("the method did not ask for scores".to_owned()));
            }
        };
        if bytes.len() != batch.rows() * width || batch.participant.len() != batch.rows() {
            return Err(MethodError::Internal("columns of a batch differ in length".to_owned()));
        }
        let Fold { items, positions, parameters, .. } = &self.fold;
        let Some(position) = &positions[place] else { return Ok(()) };
        let mut given = Vec::new();
        self.rows.add(batch, |row| -> Figures<N> {
            let answer = &bytes[row * width..][..width];
            match tiers(&items[place], answer, &mut given) {
                Some(()) => figures(position, &given, parameters.ties).map(|figure| figure.map(fixed)),
                None => [None; N],
            }
        });
        Ok(())
    }

    fn close(&mut self, item: u32, draws: &Draws, estimates: Estimates<'_>) {
        let (before, from) = self.fold.positions.split_at(item as usize);
        if from[0].is_none() {
            return;
        }
        let row = before.iter().filter(|position| position.is_some()).count();
        self.rows.sum(draws, &mut self.pooled, &mut self.means);
        self.rows.clear();
        for (figure, (column, ..)) in FIGURES.into_iter().enumerate() {
            let means = self.means[figure].as_flattened();
            estimates(Place { table: "items", column, row }, &means[..self.lanes]);
            let sums = self.sums[figure].as_flattened_mut().iter_mut();
            let counts = self.counts[figure].as_flattened_mut();
            for ((sum, count), &mean) in sums.zip(counts).zip(means) {
                *sum += if mean.is_nan() { 0.0 } else { rounded(mean * ONE as f64) };
                *count += if mean.is_nan() { 0.0 } else { 1.0 };
            }
        }
    }

    fn merge(&mut self, other: Box<dyn Replicated>) -> Result<(), MethodError> {
        let other: Box<dyn Any> = other;
        let other = other.downcast::<Self>().map_err(|_| MethodError::Internal("not of this method".to_owned()))?;
        self.pooled.merge(other.pooled);
        for (sums, more) in [(&mut self.sums, other.sums), (&mut self.counts, other.counts)] {
            let sums = sums.iter_mut().flat_map(|blocks| blocks.as_flattened_mut());
            sums.zip(more.iter().flat_map(|blocks| blocks.as_flattened())).for_each(|(sum, more)| *sum += more);
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, estimates: Estimates<'_>) -> usize {
        let mut defined = vec![false; self.lanes];
        for row in 0..N {
            let pooled = self.pooled.means(row);
            estimates(Place { table: "overall", column: "answers_mean", row }, &pooled[..self.lanes]);
            defined.iter_mut().zip(&pooled).for_each(|(defined, value)| *defined |= !value.is_nan());
            let sums = self.sums[row].as_flattened().iter().zip(self.counts[row].as_flattened());
            let mean = |(&sum, &count): (&f64, &f64)| ratio(sum as i128, count as i128 * i128::from(ONE));
            let means: Vec<f64> = sums.map(|sums| mean(sums).unwrap_or(f64::NAN)).collect();
            estimates(Place { table: "overall", column: "items_mean", row }, &means[..self.lanes]);
        }
        defined.into_iter().filter(|defined| *defined).count()
    }
}

/// The nearest integer, the even one of two, as `round_ties_even` but of numbers below 2^51 and
/// many at a time on every processor: doubles of this size have no room for fractions.
fn rounded(x: f64) -> f64 {
    const LARGE: f64 = 3.0 * (1_u64 << 51) as f64;
    (x + LARGE) - LARGE
}
