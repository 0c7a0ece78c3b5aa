//! What most methods share: an accumulator that is nothing but exact sums over distinct answers.

mod means;
mod patterns;
mod small;
mod sums;

pub(crate) use means::{Figures, Means};
pub(crate) use patterns::Tally;
pub(crate) use sums::{Summed, open};
