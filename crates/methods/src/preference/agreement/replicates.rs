//! The agreement tables' estimates in many replicates at once.

use super::{FIGURES, Fold, figures};
use crate::ballot::{fraction, tiers};
use crate::contract::{Batch, MethodError, Values};
use crate::fold::{Figures, Means};
use crate::replicated::{Draws, Estimates, Place, Replicated};

const N: usize = FIGURES.len();

pub(super) struct Replicates {
    fold: Fold,
    /// The item that is open.
    item: Means<N>,
    pooled: Means<N>,
    /// Sum over items of each figure's means, and how many items have one, by lane.
    means: [Vec<f64>; N],
    counts: [Vec<u32>; N],
    /// Scratch: the values of one estimate.
    values: Vec<f64>,
}

impl Replicates {
    pub(super) fn new(fold: Fold, lanes: usize) -> Self {
        Self {
            fold,
            item: Means::new(lanes),
            pooled: Means::new(lanes),
            means: std::array::from_fn(|_| vec![0.0; lanes]),
            counts: std::array::from_fn(|_| vec![0; lanes]),
            values: vec![0.0; lanes],
        }
    }
}

impl Replicated for Replicates {
    fn update(&mut self, batch: &Batch<'_>, draws: &Draws<'_>) -> Result<(), MethodError> {
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
        let Fold { items, positions, parameters } = &self.fold;
        let Some(position) = &positions[place] else { return Ok(()) };
        let mut given = Vec::new();
        self.item.add(batch, draws, |row| -> Figures<N> {
            let answer = &bytes[row * width..][..width];
            match tiers(&items[place], answer, &mut given) {
                // The cast is exact: a fraction has 33 bits.
                Some(()) => figures(position, &given, parameters.ties).map(|figure| figure.map(|x| fraction(x) as i64)),
                None => [None; N],
            }
        });
        Ok(())
    }

    fn close(&mut self, item: u32, estimates: Estimates<'_>) {
        let (before, from) = self.fold.positions.split_at(item as usize);
        if from[0].is_none() {
            return;
        }
        let row = before.iter().filter(|position| position.is_some()).count();
        for (figure, (column, ..)) in FIGURES.into_iter().enumerate() {
            self.item.mean(figure, &mut self.values);
            estimates(Place { table: "items", column, row }, &self.values);
            let sums = self.means[figure].iter_mut().zip(&mut self.counts[figure]);
            for ((sum, count), value) in sums.zip(&self.values).filter(|(_, value)| !value.is_nan()) {
                *sum += value;
                *count += 1;
            }
        }
        self.pooled.absorb(&self.item);
        self.item.clear();
    }

    fn finish(mut self: Box<Self>, estimates: Estimates<'_>) -> usize {
        let mut defined = vec![false; self.values.len()];
        for row in 0..N {
            self.pooled.mean(row, &mut self.values);
            estimates(Place { table: "overall", column: "answers_mean", row }, &self.values);
            defined.iter_mut().zip(&self.values).for_each(|(defined, value)| *defined |= !value.is_nan());
            // Nothing over nothing is NaN.
            let sums = self.means[row].iter().zip(&self.counts[row]);
            self.values.iter_mut().zip(sums).for_each(|(mean, (sum, &count))| *mean = sum / f64::from(count));
            estimates(Place { table: "overall", column: "items_mean", row }, &self.values);
        }
        defined.into_iter().filter(|defined| *defined).count()
    }
}
