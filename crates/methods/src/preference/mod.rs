//! Methods over preferences: what people choose, how they order, and how far the spec's position is
//! from it.

mod agreement;
mod borda;
mod condorcet;
mod disagreement;
mod matrix;
mod schulze;
mod shares;

use crate::contract::Method;

/// The methods of this folder, in the order people read them.
pub(crate) fn methods() -> Vec<Box<dyn Method>> {
    vec![
        shares(),
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
    Box::new(matrix::PairMethod(borda::borda))
}

/// The method `shares`.
pub(crate) fn shares() -> Box<dyn Method> {
    Box::new(shares::Shares)
}
