//! The accumulators of one pass: one for each segment and replicate.

use std::sync::atomic::{AtomicBool, Ordering};

use folkmoot_methods::MethodError;
use folkmoot_methods::contract::Accumulator;

use crate::bootstrap::draws;
use crate::columns::Columns;
use crate::error::EngineError;
use crate::scan::Pass;
use crate::weighting::Reweighted;

/// What decides how many accumulators a run has.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    /// Segments the host tells apart; 0 without.
    pub(crate) segments: usize,
    /// Bootstrap replicates.
    pub(crate) replicates: u32,
    /// Seed of the replicates.
    pub(crate) seed: u64,
}

impl Shape {
    /// How many accumulators: for all and each segment, one of the rows and one a replicate.
    pub(crate) fn count(self) -> usize {
        (1 + self.segments) * self.each()
    }

    /// Accumulators a segment.
    pub(crate) fn each(self) -> usize {
        1 + self.replicates as usize
    }
}

/// What each accumulator goes on with: `None` where it is done already.
pub(crate) type Models = Vec<Option<Option<Vec<u8>>>>;

/// The accumulators of one pass over one shard.
pub(crate) struct Folds<'a> {
    shape: Shape,
    /// The weights of the replicates, where draws times weights will not do.
    reweighted: Option<&'a Reweighted>,
    cells: Vec<Option<Box<dyn Accumulator>>>,
    weights: Vec<i64>,
    segment: Columns,
}

impl<'a> Folds<'a> {
    pub(crate) fn open(pass: &Pass<'a>) -> Result<Self, MethodError> {
        let Pass { method, config, shape, number, models, reweighted } = *pass;
        let running: Vec<_> = models.iter().flatten().map(Option::as_deref).collect();
        let mut opened = method.open_all(config, number, &running)?.into_iter();
        let cells = models.iter().map(|model| model.as_ref().and_then(|_| opened.next())).collect();
        Ok(Self { shape, reweighted, cells, weights: Vec::new(), segment: Columns::default() })
    }

    /// Folds the columns into all, and the rows of each segment into the segment.
    ///
    /// # Errors
    /// What an accumulator answers, or [`EngineError::Cancelled`] where `stop` was set.
    pub(crate) fn update(&mut self, item: u32, columns: &mut Columns, stop: &AtomicBool) -> Result<(), EngineError> {
        let each = self.shape.each();
        let mut segment = std::mem::take(&mut self.segment);
        for place in 0..self.shape.segments {
            // The cast is exact: levels are fewer than u16 has values.
            columns.only(place as u16, &mut segment);
            self.update_cells((1 + place) * each, item, &segment, stop)?;
        }
        self.segment = segment;
        if self.shape.segments > 0 {
            columns.strata.clear();
        }
        self.update_cells(0, item, columns, stop)
    }

    fn update_cells(
        &mut self,
        first: usize,
        item: u32,
        columns: &Columns,
        stop: &AtomicBool,
    ) -> Result<(), EngineError> {
        if columns.rows() == 0 {
            return Ok(());
        }
        for replicate in 0..self.shape.each() {
            // A plugin's call may take its time, and there may be thousands in a batch.
            if stop.load(Ordering::Relaxed) {
                return Err(EngineError::Cancelled);
            }
            let Some(cell) = &mut self.cells[first + replicate] else { continue };
            if replicate == 0 {
                cell.update(&columns.batch(item, &columns.weight))?;
                continue;
            }
            self.weights.clear();
            let (number, seed) = (replicate as u32, self.shape.seed);
            let drawn = |(&participant, &weight): (&u32, &i64)| match self.reweighted {
                Some(made) => made.weight(number, participant, weight),
                None => weight * draws(seed, number, participant),
            };
            self.weights.extend(columns.participant.iter().zip(&columns.weight).map(drawn));
            cell.update(&columns.batch(item, &self.weights))?;
        }
        Ok(())
    }

    /// Folds in the accumulators of another shard.
    pub(crate) fn merge(&mut self, other: Self) -> Result<(), MethodError> {
        for (cell, other) in self.cells.iter_mut().zip(other.cells) {
            if let (Some(cell), Some(mut other)) = (cell, other) {
                cell.merge(&other.save()?)?;
            }
        }
        Ok(())
    }

    /// The accumulators, to be finished.
    pub(crate) fn into_cells(self) -> Vec<Option<Box<dyn Accumulator>>> {
        self.cells
    }
}
