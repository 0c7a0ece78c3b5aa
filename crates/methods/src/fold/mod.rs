//! What most methods share: accumulators that are nothing but exact sums over distinct answers.

mod histograms;
mod patterns;
mod small;
mod sums;

pub(crate) use histograms::{Count, Histogram, open_histograms};
pub(crate) use patterns::Tally;
pub(crate) use sums::{Summed, open};
