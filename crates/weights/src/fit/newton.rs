//! Calibration (Deville and Särndal 1992) by Newton's method on the cells.

use super::Solved;
use super::distance::Ratio;
use super::linear::solve;
use super::system::{Reached, System};

/// Halvings of a step before it is given up.
const HALVINGS: u32 = 60;
/// Part of the decrease that a step promises which it must keep (Armijo).
const KEPT: f64 = 1e-4;

/// Steps without halving the gap after which there is no hope: those that converge do so in fewer.
const PATIENCE: u32 = 30;

/// One multiplier for each group of each margin, those of a margin in a row.
struct Multipliers<'a> {
    system: &'a System<'a>,
    /// Place of the first of each margin.
    starts: Vec<usize>,
    count: usize,
    ratio: Ratio,
}

/// A point of the search.
struct Point {
    multipliers: Vec<f64>,
    predictors: Vec<f64>,
    /// Targets less shares, by multiplier.
    residuals: Vec<f64>,
    gap: f64,
    /// The convex function whose slope is minus the residuals.
    height: f64,
}

/// Ratios that meet the targets and are closest to 1 by the distance.
pub(crate) fn calibrate(system: &System<'_>, ratio: Ratio, tolerance: f64, most: u32) -> Solved {
    let mut count = 0;
    let start = |margin: &crate::margins::Margin| {
        count += margin.groups.len();
        count - margin.groups.len()
    };
    let starts = system.margins.iter().map(start).collect();
    let all = Multipliers { system, starts, count, ratio };
    let mut here = all.point(vec![0.0; count]);
    let (mut iterations, mut halved, mut since) = (0, here.gap, 0);
    while here.gap > tolerance && iterations < most && since < PATIENCE {
        let Some(next) = all.step(&here) else { break };
        here = next;
        iterations += 1;
        since += 1;
        if here.gap <= halved / 2.0 {
            (halved, since) = (here.gap, 0);
        }
    }
    Solved { ratios: all.ratios(&here), iterations, gap: here.gap }
}

impl Multipliers<'_> {
    /// Places of the multipliers of a cell.
    fn of_cell(&self, cell: usize) -> impl Iterator<Item = usize> + '_ {
        self.system.margins.iter().zip(&self.starts).map(move |(margin, start)| start + margin.of_cell[cell] as usize)
    }

    fn ratios(&self, point: &Point) -> Vec<f64> {
        point.predictors.iter().map(|&u| self.ratio.at(u)).collect()
    }

    fn point(&self, multipliers: Vec<f64>) -> Point {
        let cells = 0..self.system.base.len();
        let predictors: Vec<f64> = cells.map(|cell| self.of_cell(cell).map(|at| multipliers[at]).sum()).collect();
        let ratios: Vec<f64> = predictors.iter().map(|&u| self.ratio.at(u)).collect();
        let reached = self.system.reached(&ratios);
        let integrals = predictors.iter().zip(self.system.base).map(|(&u, base)| base * self.ratio.integral(u));
        let met: f64 = self.system.targets.iter().flatten().zip(&multipliers).map(|(target, by)| target * by).sum();
        Point {
            height: integrals.sum::<f64>() - met,
            gap: reached.iter().map(Reached::gap).fold(0.0, f64::max),
            residuals: reached.iter().map(|reached| reached.target - reached.share).collect(),
            multipliers,
            predictors,
        }
    }

    /// The next point; none where no step leads down.
    fn step(&self, here: &Point) -> Option<Point> {
        let direction = solve(&self.curvature(here), &here.residuals);
        let promised: f64 = direction.iter().zip(&here.residuals).map(|(step, residual)| step * residual).sum();
        let mut length = 1.0;
        for _ in 0..HALVINGS {
            let moved = here.multipliers.iter().zip(&direction).map(|(at, step)| at + length * step).collect();
            let next = self.point(moved);
            // Near the end the heights differ by rounding only; there the gap tells.
            if next.height <= here.height - KEPT * length * promised || next.gap <= here.gap / 2.0 {
                return Some(next);
            }
            length /= 2.0;
        }
        None
    }

    /// Second derivatives of the height, row by row.
    fn curvature(&self, here: &Point) -> Vec<f64> {
        let mut matrix = vec![0.0; self.count * self.count];
        for (cell, (&u, base)) in here.predictors.iter().zip(self.system.base).enumerate() {
            let weight = base * self.ratio.slope(u);
            for row in self.of_cell(cell) {
                self.of_cell(cell).for_each(|column| matrix[row * self.count + column] += weight);
            }
        }
        matrix
    }
}
