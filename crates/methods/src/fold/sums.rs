//! A fold whose state is a fixed list of exact integers.

use std::cell::RefCell;

use folkmoot_fold::state;

use crate::contract::{Accumulator, Batch, MethodError, Outcome};
use crate::fold::patterns::{Lower, Patterns, Tally};
use crate::report::Report;

/// A method whose partial state is `size` integers, filled by distinct answers. Addition of integers
/// has no order, so neither have batches, shards and merges.
pub(crate) trait Summed: Send {
    /// Names the layout of the state: `id@version`.
    fn tag(&self) -> String;

    /// How many integers the state has, a function of the configuration alone.
    fn size(&self) -> usize;

    /// Adds the rows that gave `answer` to `item` in `stratum`.
    fn add(&self, sums: &mut [i128], item: usize, stratum: u16, answer: &[u8], tally: &Tally);

    /// Adds a batch row by row, if the method has a faster way than by distinct answers; whether it has.
    fn add_rows(&self, _sums: &mut [i128], _batch: &Batch<'_>) -> bool {
        false
    }

    /// The report.
    ///
    /// # Errors
    /// [`MethodError::Undefined`] where the data has no answer.
    fn report(&self, sums: &[i128]) -> Result<Report, MethodError>;
}

/// The empty accumulator of `method`.
pub(crate) fn open<M: Summed + 'static>(method: M) -> Box<dyn Accumulator> {
    let sums = vec![0; method.size()];
    Box::new(Sums { method, sums })
}

struct Sums<M> {
    method: M,
    sums: Vec<i128>,
}

thread_local! {
    /// Scratch space, empty between batches: a bootstrap has thousands of accumulators, which share it.
    pub(super) static PATTERNS: RefCell<Patterns> = RefCell::new(Patterns::new());
}

/// Calls `lower` for the distinct answers of `batch`.
///
/// # Errors
/// As [`Patterns::lower`].
pub(crate) fn with_patterns(batch: &Batch<'_>, lower: Lower<'_>) -> Result<(), MethodError> {
    PATTERNS.with_borrow_mut(|patterns| patterns.lower(batch, lower))
}

impl<M: Summed> Accumulator for Sums<M> {
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        let Self { method, sums } = self;
        if method.add_rows(sums, batch) {
            return Ok(());
        }
        let item = batch.item as usize;
        let mut add = |stratum, answer: &[u8], tally: &Tally| method.add(sums, item, stratum, answer, tally);
        with_patterns(batch, &mut add)
    }

    fn save(&mut self) -> Result<Vec<u8>, MethodError> {
        Ok(state::save(&self.method.tag(), &self.sums))
    }

    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
        state::merge(&self.method.tag(), &mut self.sums, partial)
    }

    fn finish(self: Box<Self>) -> Result<Outcome, MethodError> {
        self.method.report(&self.sums).map(Outcome::Done)
    }
}
