//! Trimming after a fit: weights above the limit are cut, the margins are raked again, and so on.

use super::rake::rake;
use super::system::{Reached, System};
use crate::failure::Failure;
use crate::plan::{Fit, Plan, Trimmed};

/// Most times that weights are trimmed and raked again.
const ROUNDS: u32 = 50;
/// Part of the limit by which a weight may be above it.
const SLACK: f64 = 1e-9;

/// Cuts the weights of `fit` to `limit` and rakes again until both hold. Where that takes too long the
/// limit holds, what was cut goes to those below it, and the margins miss their targets by `fit.gap`.
pub(crate) fn trim(fit: &mut Fit, plan: &Plan<'_>, system: &System<'_>, limit: f64) -> Result<(), Failure> {
    let mut rounds = 0;
    while rounds < ROUNDS && fit.weights.iter().any(|weight| *weight > limit * (1.0 + SLACK)) {
        rounds += 1;
        fit.weights.iter_mut().for_each(|weight| *weight = weight.min(limit));
        let sums = plan.sums(Some(&fit.weights))?;
        let cut = System { base: &sums.shares, ..system.clone() };
        let solved = rake(&cut, plan.weighting.tolerance, plan.weighting.max_iterations);
        let factors: Vec<f64> = solved.ratios.iter().map(|ratio| ratio * plan.total() / sums.total).collect();
        let rows = fit.weights.iter_mut().zip(&plan.collapsed.of_row);
        rows.for_each(|(weight, &cell)| *weight *= factors[cell as usize]);
    }
    spread(&mut fit.weights, plan, limit)?;
    let base = plan.sums(Some(&fit.weights))?.shares;
    fit.gap = gap(system, &base);
    fit.converged = fit.gap <= plan.weighting.tolerance;
    let people = fit.weights.iter().filter(|weight| **weight >= limit * (1.0 - SLACK)).count();
    fit.trimmed = Some(Trimmed { people, rounds });
    Ok(())
}

/// Cuts to the limit and gives what is cut to those below it in proportion, so that the sum stays.
fn spread(weights: &mut [f64], plan: &Plan<'_>, limit: f64) -> Result<(), Failure> {
    while weights.iter().any(|weight| *weight > limit) {
        weights.iter_mut().for_each(|weight| *weight = weight.min(limit));
        let full = weights.iter().filter(|weight| **weight == limit).count() as f64 * limit;
        let rest = plan.sums(Some(weights))?.total - full;
        let factor = (plan.total() - full) / rest;
        if !factor.is_finite() || factor <= 1.0 + SLACK {
            break;
        }
        weights.iter_mut().filter(|weight| **weight < limit).for_each(|weight| *weight *= factor);
    }
    Ok(())
}

fn gap(system: &System<'_>, base: &[f64]) -> f64 {
    let gaps = system.margins.iter().zip(&system.targets).flat_map(|(margin, targets)| {
        let shares = margin.shares(base, None).into_iter().zip(targets);
        shares.map(|(share, &target)| Reached { share, target, ..Reached::default() }.gap())
    });
    gaps.fold(0.0, f64::max)
}
