//! What probabilities a lottery over panels can give, seen from outside: the quotas without whole
//! numbers, and every cut that was learnt.

use crate::instance::Instance;
use crate::solver::Program;

/// A bound that every panel keeps: seats, each times a factor, are at most `most` together.
pub(crate) struct Cut {
    pub(crate) factors: Vec<(usize, f64)>,
    pub(crate) most: f64,
}

/// An outer description of all lotteries' expected seats.
pub(crate) struct Marginals<'a> {
    pub(crate) instance: &'a Instance,
    /// Types that no panel has.
    pub(crate) never: &'a [usize],
    pub(crate) cuts: Vec<Cut>,
}

impl Marginals<'_> {
    /// A program whose first columns are the types' expected seats, at least so many each.
    pub(crate) fn program(&self, least: impl Fn(usize) -> f64) -> Program {
        let mut program = Program::default();
        for place in 0..self.instance.types.len() {
            let most = if self.never.contains(&place) { 0.0 } else { self.instance.size(place) };
            program.column(0.0, least(place)..=most);
        }
        self.instance.frame(&mut program);
        self.instance.quotas(&mut program);
        for cut in &self.cuts {
            program.row(f64::NEG_INFINITY..=cut.most, &cut.factors);
        }
        program
    }

    /// Rows of [`Self::program`].
    pub(crate) fn rows(&self) -> usize {
        1 + self.instance.households.len() + self.instance.cells.len() + self.cuts.len()
    }

    /// Types that some panel has.
    pub(crate) fn can_be(&self) -> Vec<usize> {
        (0..self.instance.types.len()).filter(|place| !self.never.contains(place)).collect()
    }
}
