//! Ratios of final to base weights, by cell.

mod distance;
mod linear;
mod newton;
mod rake;
mod system;
mod trim;

pub(crate) use system::System;
pub(crate) use trim::trim;

use crate::failure::Failure;
use crate::feasible;
use crate::weighting::{Distance, Method, Weighting};
use system::Reached;

/// Ratios below this part of the mean may be on their way to 0.
const NEAR_ZERO: f64 = 1e-5;

/// Where a fit ended.
#[derive(Clone, Debug)]
pub(crate) struct Solved {
    /// Final over base weight of each cell, both with sum 1.
    pub(crate) ratios: Vec<f64>,
    pub(crate) iterations: u32,
    /// The largest distance of a share from its target.
    pub(crate) gap: f64,
}

/// Ratios that meet every target, or why there are none. A fit that converges strictly inside is its own
/// proof that the targets can be met; only where it does not is that asked of the linear programme.
pub(crate) fn solve(system: &System<'_>, weighting: &Weighting, people: &[u32]) -> Result<Solved, Failure> {
    let (tolerance, most) = (weighting.tolerance, weighting.max_iterations);
    let distance = weighting.distance.unwrap_or(Distance::Raking);
    let bounds = weighting.lower.zip(weighting.upper);
    let solved = match weighting.method {
        Method::Rake | Method::Poststratify => rake::rake(system, tolerance, most),
        Method::Calibrate => newton::calibrate(system, distance::Ratio::new(distance, bounds), tolerance, most),
    };
    let is_converged = solved.gap <= tolerance;
    let least = least(system, &solved.ratios);
    let is_inside = bounds.is_some() || least.is_none_or(|(_, ratio)| ratio > NEAR_ZERO);
    if is_converged && is_inside {
        return Ok(solved);
    }
    let out_of_bounds = || bounds.and_then(|bounds| feasible::out_of_bounds(system, bounds));
    if let Some(conflict) = feasible::conflict(system).or_else(out_of_bounds) {
        return Err(Failure::Infeasible(conflict));
    }
    if bounds.is_none()
        && let Some(conflict) = feasible::boundary(system)
    {
        return Err(Failure::Boundary(conflict));
    }
    if !is_converged && weighting.method == Method::Rake {
        return finished(system, weighting, solved.iterations);
    }
    if !is_converged {
        return Err(not_converged(system, &solved, tolerance));
    }
    match least {
        Some((cell, weight)) if weight < 0.0 => {
            let is_negative = |(ratio, _): &(&f64, &u32)| **ratio < 0.0;
            let negative = solved.ratios.iter().zip(people).filter(is_negative);
            let count = negative.map(|(_, &people)| people as usize).sum();
            Err(Failure::Negative { cell: system.label(cell), weight, count })
        }
        _ => Ok(solved),
    }
}

/// Raking close to a boundary takes as many rounds as one likes; Newton's method finds the same weights.
fn finished(system: &System<'_>, weighting: &Weighting, rounds: u32) -> Result<Solved, Failure> {
    let ratio = distance::Ratio::new(Distance::Raking, None);
    let mut solved = newton::calibrate(system, ratio, weighting.tolerance, weighting.max_iterations);
    solved.iterations += rounds;
    match solved.gap <= weighting.tolerance {
        true => Ok(solved),
        false => Err(not_converged(system, &solved, weighting.tolerance)),
    }
}

/// The cell of the least ratio among those with base weight.
fn least(system: &System<'_>, ratios: &[f64]) -> Option<(usize, f64)> {
    let cells = ratios.iter().copied().enumerate().filter(|(cell, _)| system.base[*cell] > 0.0);
    cells.min_by(|a, b| a.1.total_cmp(&b.1))
}

fn not_converged(system: &System<'_>, solved: &Solved, tolerance: f64) -> Failure {
    let widest = system.reached(&solved.ratios).into_iter().max_by(|a, b| a.gap().total_cmp(&b.gap()));
    let Reached { margin, group, share, target } = widest.unwrap_or_default();
    Failure::NotConverged {
        iterations: solved.iterations,
        margin: system.margins[margin].name.clone(),
        level: system.margins[margin].groups[group].label.clone(),
        share,
        target,
        tolerance,
    }
}
