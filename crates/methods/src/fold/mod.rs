//! What most methods share: accumulators that are nothing but exact sums over distinct answers, or the
//! distinct answers themselves.

mod cells;
mod distinct;
mod histograms;
mod means;
mod pairs;
mod patterns;
mod small;
mod sums;

pub(crate) use cells::{Cells, merge_cells, save_cells};
pub(crate) use distinct::{Distinct, keep};
pub(crate) use histograms::{Count, Histogram, open_histograms};
pub(crate) use means::{Block, Figures, Rows, Totals};
pub(crate) use pairs::{Comparisons, compare_rows};
pub(crate) use patterns::Tally;
pub(crate) use sums::{Summed, open, with_patterns};
