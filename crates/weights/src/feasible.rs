//! Whether targets can be met at all, and which of them cannot be met together.
//!
//! The question is max t with A'(d g) = T and g >= t: below 0 nothing meets the targets, at 0 only weights
//! with zeros do. It is asked in its dual form, where a solution is the conflict itself: a multiplier y
//! from -1 to 1 for each group such that the groups of any participant add up to 0 at most and yet the
//! targets of all groups add up to more (docs/adr/0016-weights.md).

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

use crate::failure::{Category, Conflict};
use crate::fit::System;

/// Price of a group, so that no more are named than are needed.
const PRICE: f64 = 1e-6;
/// What rounding leaves of a 0.
const ZERO: f64 = 1e-7;

/// The linear programme of a system: a variable in each direction for each group.
struct Programme {
    problem: Problem,
    up: Vec<Variable>,
    down: Vec<Variable>,
}

impl Programme {
    /// Maximises the sum of `gain` times y.
    fn new(gain: &[f64], price: f64) -> Self {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let up = gain.iter().map(|gain| problem.add_var(gain - price, (0.0, 1.0))).collect();
        let down = gain.iter().map(|gain| problem.add_var(-gain - price, (0.0, 1.0))).collect();
        Self { problem, up, down }
    }

    /// y by its groups, each times a factor.
    fn sum(&self, groups: impl Iterator<Item = (usize, f64)>) -> Vec<(Variable, f64)> {
        groups.flat_map(|(group, factor)| [(self.up[group], factor), (self.down[group], -factor)]).collect()
    }

    /// The best y; none where the solver fails.
    fn solve(self) -> Option<Vec<f64>> {
        let solution = self.problem.solve().ok()?.into_solution().ok()?;
        let value = |variable: &Variable| solution.var_value(*variable);
        Some(self.up.iter().zip(&self.down).map(|(up, down)| value(up) - value(down)).collect())
    }
}

/// The groups of every cell with base weight, numbered through the margins.
fn cells(system: &System<'_>) -> Vec<(f64, Vec<usize>)> {
    let mut starts = Vec::new();
    let mut start = 0;
    for margin in system.margins {
        starts.push(start);
        start += margin.groups.len();
    }
    let groups = |cell: usize| {
        system.margins.iter().zip(&starts).map(|(margin, start)| start + margin.of_cell[cell] as usize).collect()
    };
    (0..system.base.len())
        .filter(|&cell| system.base[cell] > 0.0)
        .map(|cell| (system.base[cell], groups(cell)))
        .collect()
}

/// Targets that no weights of 0 or more, or within the bounds, meet together.
pub(crate) fn conflict(system: &System<'_>, bounds: Option<(f64, f64)>) -> Option<Conflict> {
    let (lower, upper) = bounds.unwrap_or((0.0, f64::INFINITY));
    let cells = cells(system);
    let targets: Vec<f64> = system.targets.iter().flatten().copied().collect();
    let mut gain = targets.clone();
    for (base, groups) in &cells {
        groups.iter().for_each(|&group| gain[group] -= lower * base);
    }
    let mut programme = Programme::new(&gain, PRICE);
    for (base, groups) in &cells {
        let mut sum = programme.sum(groups.iter().map(|&group| (group, 1.0)));
        if upper.is_finite() {
            // What people can weigh at most helps the side that would have them weigh more.
            let most = programme.problem.add_var(-(upper - lower) * base, (0.0, f64::INFINITY));
            sum.push((most, -1.0));
        }
        programme.problem.add_constraint(sum, ComparisonOp::Le, 0.0);
    }
    let y = programme.solve()?;
    let reach = |(base, groups): &(f64, Vec<usize>)| {
        let sum: f64 = groups.iter().map(|&group| y[group]).sum();
        if sum > ZERO && upper.is_finite() { (upper - lower) * base * sum } else { 0.0 }
    };
    let gap = gain.iter().zip(&y).map(|(gain, y)| gain * y).sum::<f64>() - cells.iter().map(reach).sum::<f64>();
    (gap > ZERO).then(|| named(system, &y, gap, bounds))
}

/// Targets that only weights of 0 for some people meet together.
pub(crate) fn boundary(system: &System<'_>) -> Option<Conflict> {
    let cells = cells(system);
    let targets: Vec<f64> = system.targets.iter().flatten().copied().collect();
    let mut gain = vec![0.0; targets.len()];
    cells.iter().flat_map(|(_, groups)| groups).for_each(|&group| gain[group] -= 1.0);
    // A cell that would weigh nothing gains 1, so a group may cost much less than that.
    let mut programme = Programme::new(&gain, 1e3 * PRICE);
    for (_, groups) in &cells {
        let sum = programme.sum(groups.iter().map(|&group| (group, 1.0)));
        programme.problem.add_constraint(sum, ComparisonOp::Le, 0.0);
    }
    let met = programme.sum(targets.iter().copied().enumerate());
    programme.problem.add_constraint(met, ComparisonOp::Ge, 0.0);
    let y = programme.solve()?;
    let weightless: f64 = gain.iter().zip(&y).map(|(gain, y)| gain * y).sum();
    (weightless > 0.5).then(|| named(system, &y, 0.0, None))
}

fn named(system: &System<'_>, y: &[f64], gap: f64, bounds: Option<(f64, f64)>) -> Conflict {
    let largest = y.iter().fold(0.0_f64, |largest, y| largest.max(y.abs()));
    let (mut parts, mut wholes) = (Vec::new(), Vec::new());
    let groups = system.margins.iter().zip(&system.targets).flat_map(|(margin, targets)| {
        margin.groups.iter().zip(targets).map(move |(group, target)| (&margin.name, &group.label, *target))
    });
    for ((margin, level, target), y) in groups.zip(y).filter(|(_, y)| y.abs() > ZERO) {
        // Corners are of whole numbers but for rounding.
        let times = (y.abs() / largest * 1e6).round() / 1e6;
        let category = Category { margin: margin.clone(), level: level.clone(), target, times };
        if *y > 0.0 { parts.push(category) } else { wholes.push(category) }
    }
    Conflict { parts, wholes, gap, bounds }
}
