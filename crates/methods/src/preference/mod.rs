//! Methods over preferences: what people choose, how they order, and how far the spec's position is
//! from it.

mod agreement;
mod borda;
mod condorcet;
mod copeland;
mod dimensions;
mod disagreement;
mod irv;
mod kemeny;
mod majority;
mod marks;
mod matrix;
mod minimax;
mod models;
mod papers;
mod points;
mod proportions;
mod ranked_pairs;
mod rounds;
mod schulze;
mod shares;
mod stv;

use crate::contract::Method;

/// The methods of this folder, in the order people read them.
pub(crate) fn methods() -> Vec<Box<dyn Method>> {
    vec![
        shares(),
        Box::new(proportions::Proportions::default()),
        Box::new(marks::Marks::Approval),
        Box::new(marks::Marks::Unacceptable),
        borda(),
        Box::new(matrix::PairMethod(condorcet::pairwise)),
        Box::new(matrix::PairMethod(copeland::copeland)),
        Box::new(matrix::PairMethod(schulze::schulze)),
        Box::new(matrix::PairMethod(ranked_pairs::ranked_pairs)),
        Box::new(matrix::PairMethod(minimax::minimax)),
        Box::new(matrix::PairMethod(kemeny::kemeny)),
        Box::new(papers::PaperMethod(irv::irv)),
        Box::new(papers::PaperMethod(stv::stv)),
        models::bradley_terry(),
        models::plackett_luce(),
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
