//! Many weightings of the same rows at once: what a built-in method may offer a bootstrap, so that
//! thousands of replicates cost no thousands of folds and reports.

use crate::contract::{Batch, MethodError};

/// How often each participant is drawn in each of some replicates, the lanes. A row weighs its own
/// weight as often as its participant is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Draws<'a> {
    /// The lanes of participant 0, then those of participant 1.
    pub counts: &'a [u8],
    /// Replicates at once.
    pub lanes: usize,
    /// Most that anybody can be drawn.
    pub most: u8,
}

impl<'a> Draws<'a> {
    /// How often `participant` is drawn in each lane.
    pub fn of(&self, participant: u32) -> &'a [u8] {
        &self.counts[participant as usize * self.lanes..][..self.lanes]
    }
}

/// Where an estimate stands in the method's report over the same rows, whatever their weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Id of the table.
    pub table: &'static str,
    /// Id of the column.
    pub column: &'static str,
    /// Place of the row.
    pub row: usize,
}

/// Hears an estimate: its value in each lane, NaN in those where it is not defined.
pub type Estimates<'a> = &'a mut dyn FnMut(Place, &[f64]);

/// The estimates of a method in many replicates: to the last bit what its reports give under the
/// replicates' weights. Items come one after the other, in their order.
pub trait Replicated: Send {
    /// Folds a batch of the item that is open.
    ///
    /// # Errors
    /// As [`crate::Accumulator::update`].
    fn update(&mut self, batch: &Batch<'_>, draws: &Draws<'_>) -> Result<(), MethodError>;

    /// Ends an item after its last batch; items without rows are passed over.
    fn close(&mut self, item: u32, estimates: Estimates<'_>);

    /// Ends them all; in how many lanes there would be a report.
    fn finish(self: Box<Self>, estimates: Estimates<'_>) -> usize;
}
