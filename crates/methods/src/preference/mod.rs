//! Methods over preferences: what people choose, how they order, and how far the spec's position is
//! from it.

mod agreement;
mod borda;
mod condorcet;
mod disagreement;
mod marks;
mod matrix;
mod points;
mod sample;
mod schulze;
mod shares;
mod verdict;

use crate::contract::Method;

/// The methods of this folder, in the order people read them.
pub(crate) fn methods() -> Vec<Box<dyn Method>> {
    vec![
        shares(),
        Box::new(marks::Marks::Approval),
        Box::new(marks::Marks::Unacceptable),
        borda(),
        Box::new(matrix::PairMethod(condorcet::pairwise)),
        Box::new(matrix::PairMethod(condorcet::copeland)),
        Box::new(matrix::PairMethod(schulze::schulze)),
        Box::new(agreement::Agreement),
        Box::new(disagreement::Disagreement),
    ]
}

/// The method `borda`.
pub(crate) fn borda() -> Box<dyn Method> {
    Box::new(borda::Borda)
}

/// The method `shares`.
pub(crate) fn shares() -> Box<dyn Method> {
    Box::new(shares::Shares)
}
