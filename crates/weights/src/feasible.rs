//! Whether targets can be met at all, and which of them cannot be met together.
//!
//! The question is max t with A'(d g) = T and g >= t: below 0 nothing meets the targets, at 0 only weights
//! with zeros do. It is asked in its dual form, where a solution is the conflict itself: a multiplier y
//! for each group such that the groups of any participant add up to 0 at most and yet the targets of all
//! groups add up to more. The multipliers are of limited size together, so that no more groups are named
//! than are needed (docs/adr/0016-weights.md).

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

use crate::failure::{Category, Conflict};
use crate::fit::System;

/// Size of all multipliers together: one group against another.
const SIZE: f64 = 2.0;
/// What rounding leaves of a 0, in the solver and here.
const ZERO: f64 = 1e-6;
const EXACT_ZERO: f64 = 1e-9;

/// The linear programme of a system: a variable in each direction for each group.
struct Programme {
    problem: Problem,
    up: Vec<Variable>,
    down: Vec<Variable>,
}

impl Programme {
    /// Maximises the sum of `gain` times y.
    fn new(gain: &[f64]) -> Self {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let mut variables =
            |sign: f64| gain.iter().map(|gain| problem.add_var(sign * gain, (0.0, SIZE))).collect::<Vec<_>>();
        let (up, down) = (variables(1.0), variables(-1.0));
        let size = up.iter().chain(&down).map(|&variable| (variable, 1.0)).collect::<Vec<_>>();
        problem.add_constraint(size, ComparisonOp::Le, SIZE);
        Self { problem, up, down }
    }

    /// y by its groups, each times a factor.
    fn sum(&self, groups: impl Iterator<Item = (usize, f64)>) -> Vec<(Variable, f64)> {
        groups.flat_map(|(group, factor)| [(self.up[group], factor), (self.down[group], -factor)]).collect()
    }

    /// The best y, the largest multiplier as 1; none where all are 0 or the solver fails.
    fn solve(self) -> Option<Vec<f64>> {
        let solution = self.problem.solve().ok()?.into_solution().ok()?;
        let value = |variable: &Variable| solution.var_value(*variable);
        let y: Vec<f64> = self.up.iter().zip(&self.down).map(|(up, down)| value(up) - value(down)).collect();
        let largest = y.iter().fold(0.0_f64, |largest, y| largest.max(y.abs()));
        (largest > ZERO).then(|| y.into_iter().map(|y| y / largest).collect())
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

/// Targets that no weights of 0 or more meet together.
pub(crate) fn conflict(system: &System<'_>) -> Option<Conflict> {
    let cells = cells(system);
    let targets: Vec<f64> = system.targets.iter().flatten().copied().collect();
    let mut programme = Programme::new(&targets);
    for (_, groups) in &cells {
        let sum = programme.sum(groups.iter().map(|&group| (group, 1.0)));
        programme.problem.add_constraint(sum, ComparisonOp::Le, 0.0);
    }
    let y = programme.solve()?;
    // What the multipliers prove by themselves, whatever the solver rounded: all weights together are 1.
    let reach = cells.iter().map(|(_, groups)| total(&y, groups)).fold(0.0, f64::max);
    let gap = targets.iter().zip(&y).map(|(target, y)| target * y).sum::<f64>() - reach;
    (gap > EXACT_ZERO).then(|| named(system, &y, gap, None))
}

/// Targets that no weights within bounds of the base weights meet: the fewest shares that would have to
/// move, from the groups that have too much to those that have too little.
pub(crate) fn out_of_bounds(system: &System<'_>, (lower, upper): (f64, f64)) -> Option<Conflict> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let targets: Vec<f64> = system.targets.iter().flatten().copied().collect();
    let mut sums: Vec<Vec<(Variable, f64)>> = vec![Vec::new(); targets.len()];
    let mut all = Vec::new();
    for (base, groups) in cells(system) {
        let weight = problem.add_var(0.0, (lower * base, upper * base));
        all.push((weight, 1.0));
        groups.into_iter().for_each(|group| sums[group].push((weight, 1.0)));
    }
    let mut slack = || (0..targets.len()).map(|_| problem.add_var(1.0, (0.0, 1.0))).collect::<Vec<_>>();
    let (too_large, too_small) = (slack(), slack());
    for (group, mut sum) in sums.into_iter().enumerate() {
        sum.extend([(too_large[group], 1.0), (too_small[group], -1.0)]);
        problem.add_constraint(sum, ComparisonOp::Eq, targets[group]);
    }
    problem.add_constraint(all, ComparisonOp::Eq, 1.0);
    let solution = problem.solve().ok()?.into_solution().ok()?;
    let moved = |group: usize| solution.var_value(too_large[group]) - solution.var_value(too_small[group]);
    let moved: Vec<f64> = (0..targets.len()).map(moved).collect();
    let gap = moved.iter().map(|moved| moved.abs()).sum::<f64>() / 2.0;
    (gap > ZERO)
        .then(|| named(system, &moved.iter().map(|moved| whole(*moved)).collect::<Vec<_>>(), gap, Some((lower, upper))))
}

fn whole(moved: f64) -> f64 {
    if moved.abs() > ZERO { moved.signum() } else { 0.0 }
}

/// Targets that only weights of 0 for some people meet together.
pub(crate) fn boundary(system: &System<'_>) -> Option<Conflict> {
    let cells = cells(system);
    let targets: Vec<f64> = system.targets.iter().flatten().copied().collect();
    // As many cells as can be shown to weigh nothing.
    let mut gain = vec![0.0; targets.len()];
    cells.iter().flat_map(|(_, groups)| groups).for_each(|&group| gain[group] -= 1.0);
    let mut programme = Programme::new(&gain);
    for (_, groups) in &cells {
        let sum = programme.sum(groups.iter().map(|&group| (group, 1.0)));
        programme.problem.add_constraint(sum, ComparisonOp::Le, 0.0);
    }
    let met = programme.sum(targets.iter().copied().enumerate());
    programme.problem.add_constraint(met, ComparisonOp::Ge, 0.0);
    let y = programme.solve()?;
    let is_met = targets.iter().zip(&y).map(|(target, y)| target * y).sum::<f64>() > -ZERO;
    let is_weightless = |groups: &[usize]| total(&y, groups) < -0.5;
    (is_met && cells.iter().any(|(_, groups)| is_weightless(groups))).then(|| named(system, &y, 0.0, None))
}

fn total(y: &[f64], groups: &[usize]) -> f64 {
    groups.iter().map(|&group| y[group]).sum()
}

fn named(system: &System<'_>, y: &[f64], gap: f64, bounds: Option<(f64, f64)>) -> Conflict {
    let (mut parts, mut wholes) = (Vec::new(), Vec::new());
    let groups = system.margins.iter().zip(&system.targets).flat_map(|(margin, targets)| {
        margin.groups.iter().zip(targets).map(move |(group, target)| (&margin.name, &group.label, *target))
    });
    for ((margin, level, target), y) in groups.zip(y).filter(|(_, y)| y.abs() > ZERO) {
        // Corners are of simple fractions but for rounding.
        let times = (y.abs() / ZERO).round() * ZERO;
        let category = Category { margin: margin.clone(), level: level.clone(), target, times };
        if *y > 0.0 { parts.push(category) } else { wholes.push(category) }
    }
    Conflict { parts, wholes, gap, bounds }
}
