//! What most methods share: an accumulator that is nothing but exact sums over distinct answers.

mod patterns;
mod small;
mod sums;

pub(crate) use patterns::Tally;
pub(crate) use sums::{Summed, open, with_patterns};
