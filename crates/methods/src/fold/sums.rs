//! A fold whose state is a fixed list of exact integers.

use std::cell::RefCell;

use crate::contract::{Accumulator, Batch, MethodError, Outcome};
use crate::fold::patterns::{Patterns, Tally};
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
    static PATTERNS: RefCell<Patterns> = RefCell::new(Patterns::new());
}

impl<M: Summed> Accumulator for Sums<M> {
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        let Self { method, sums } = self;
        let item = batch.item as usize;
        let mut add = |stratum, answer: &[u8], tally: &Tally| method.add(sums, item, stratum, answer, tally);
        PATTERNS.with_borrow_mut(|patterns| patterns.lower(batch, &mut add))
    }

    fn save(&self) -> Vec<u8> {
        let mut bytes = header(&self.method.tag());
        self.sums.iter().for_each(|sum| bytes.extend(sum.to_le_bytes()));
        bytes
    }

    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
        let numbers = body(&self.method.tag(), partial)?;
        let (numbers, rest) = numbers.as_chunks::<16>();
        if numbers.len() != self.sums.len() || !rest.is_empty() {
            return Err(MethodError::BadState("the state has another number of sums".to_owned()));
        }
        for (sum, number) in self.sums.iter_mut().zip(numbers) {
            let added = sum.checked_add(i128::from_le_bytes(*number));
            *sum = added.ok_or_else(|| MethodError::BadState("a sum overflows".to_owned()))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Outcome, MethodError> {
        self.method.report(&self.sums).map(Outcome::Done)
    }
}

/// The first bytes of a saved state: who wrote it.
pub(crate) fn header(tag: &str) -> Vec<u8> {
    let mut bytes = tag.as_bytes().to_vec();
    bytes.push(0);
    bytes
}

/// A saved state without its header.
///
/// # Errors
/// [`MethodError::BadState`] when another method wrote it.
pub(crate) fn body<'a>(tag: &str, state: &'a [u8]) -> Result<&'a [u8], MethodError> {
    state
        .strip_prefix(header(tag).as_slice())
        .ok_or_else(|| MethodError::BadState(format!("the state was not written by {tag}")))
}
