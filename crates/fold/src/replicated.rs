//! Many weightings of the same rows at once: what a built-in method may offer a bootstrap, so that
//! thousands of replicates cost no thousands of folds and reports.

mod draws;
mod tails;

use std::any::Any;

pub use draws::{Draws, LANES, Line, MOST_DRAWS, fill, poisson};
pub use tails::{LEVEL, Tails, outside};

use crate::contract::{Batch, MethodError};

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
/// replicates' weights. Items come one after the other, whole, in any order.
pub trait Replicated: Any + Send {
    /// Takes a batch of the item that is open.
    ///
    /// # Errors
    /// As [`crate::Accumulator::update`].
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError>;

    /// Ends an item after its last batch; items without rows are passed over.
    fn close(&mut self, item: u32, draws: &Draws, estimates: Estimates<'_>);

    /// Adds what another of the same method, configuration and draws found in other items.
    ///
    /// # Errors
    /// [`MethodError::Internal`] where it is not of this method.
    fn merge(&mut self, other: Box<dyn Replicated>) -> Result<(), MethodError>;

    /// Ends them all; in how many lanes there would be a report.
    fn finish(self: Box<Self>, estimates: Estimates<'_>) -> usize;
}
