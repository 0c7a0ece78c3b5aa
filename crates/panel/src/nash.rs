//! The product of the probabilities as large as can be.
//!
//! The logarithm lies below each of its tangents. A linear program over tangents is a bound from above;
//! its optimum gets tangents of its own, until bound and value meet.

use crate::error::PanelError;
use crate::marginals::Marginals;

/// How far the mean logarithm of the probabilities may be from its bound.
pub(crate) const GAP: f64 = 1e-8;
/// Tangents at which the search starts, around an even chance.
const FIRST: [f64; 9] = [1.0 / 64.0, 1.0 / 16.0, 0.25, 0.5, 1.0, 2.0, 4.0, 16.0, 64.0];
const MOST_ROUNDS: u32 = 200;

/// Where a search ended.
pub(crate) struct Nash {
    /// Expected seats by type.
    pub(crate) seats: Vec<f64>,
    pub(crate) rounds: u32,
    /// How far the mean logarithm is from its bound.
    pub(crate) gap: f64,
}

/// Expected seats by type that maximise the product over all people who can be on a panel.
///
/// # Errors
/// A solver that gives up, and no convergence.
pub(crate) fn seats(marginals: &Marginals<'_>) -> Result<Nash, PanelError> {
    let instance = marginals.instance;
    let types = marginals.can_be();
    let people: f64 = types.iter().map(|&place| instance.size(place)).sum();
    let even = f64::from(instance.seats) / people;

    let mut program = marginals.program(|_| 0.0);
    let logarithm: Vec<usize> =
        types.iter().map(|&place| program.column(instance.size(place) / people, -100.0..=0.0)).collect();
    let mut program = program.standing()?;
    for (&place, &column) in types.iter().zip(&logarithm) {
        for factor in FIRST {
            tangent(&mut program, (place, column), instance.size(place), (even * factor).min(1.0))?;
        }
    }
    for rounds in 1..=MOST_ROUNDS {
        let Some(solution) = program.maximise()? else {
            return Err(PanelError::Solver("the product of probabilities has no optimum".to_owned()));
        };
        let probability = |place: usize| (solution.columns[place] / instance.size(place)).clamp(1e-12, 1.0);
        let value: f64 = types.iter().map(|&place| instance.size(place) / people * libm::log(probability(place))).sum();
        let gap = solution.value - value;
        if gap <= GAP {
            let seats = solution.columns[..instance.types.len()].to_vec();
            return Ok(Nash { seats, rounds, gap: gap.max(0.0) });
        }
        for (&place, &column) in types.iter().zip(&logarithm) {
            tangent(&mut program, (place, column), instance.size(place), probability(place))?;
        }
    }
    Err(PanelError::Solver(format!("the product of probabilities did not converge in {MOST_ROUNDS} rounds")))
}

/// The logarithm of a type's probability lies below its tangent at `at`.
fn tangent(
    program: &mut crate::solver::Standing,
    (place, logarithm): (usize, usize),
    size: f64,
    at: f64,
) -> Result<(), PanelError> {
    let most = libm::log(at) - 1.0;
    program.row(f64::NEG_INFINITY..=most, &[(logarithm, 1.0), (place, -1.0 / (size * at))])
}
