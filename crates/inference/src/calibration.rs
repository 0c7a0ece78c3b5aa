//! What weighting to margins leaves unexplained: the residuals that stand for a column in the variance
//! of an estimate under raked, post-stratified or otherwise calibrated weights (Deville and Särndal
//! 1992).

use crate::design::{DesignError, check_length};

/// Code of a row outside a margin.
pub const NO_LEVEL: u32 = u32::MAX;

/// Pivots below this share of their diagonal are those of a level that the others determine.
const SINGULAR: f64 = 1e-11;

/// The regression of columns on the levels of margins, one code a row and margin, jointly. A margin of
/// joint cells is post-stratification. `weight` is that of the regression: the weights before they
/// were calibrated, or those after where the former are not known.
#[derive(Clone, Debug)]
pub struct Margins<'a> {
    codes: Vec<&'a [u32]>,
    weight: &'a [f64],
    /// First coefficient of each margin, and the number of coefficients.
    starts: Vec<usize>,
    /// The normal equations, factorised; 0 on the diagonal of what is determined already.
    factor: Vec<Vec<f64>>,
}

impl<'a> Margins<'a> {
    /// # Errors
    /// [`DesignError::Length`].
    pub fn new(codes: Vec<&'a [u32]>, weight: &'a [f64]) -> Result<Self, DesignError> {
        let mut starts = vec![0];
        for margin in &codes {
            check_length("margins", margin.len(), weight.len())?;
            let levels = margin.iter().filter(|code| **code != NO_LEVEL).max().map_or(0, |last| *last as usize + 1);
            starts.push(starts[starts.len() - 1] + levels);
        }
        let mut margins = Self { codes, weight, starts, factor: Vec::new() };
        let size = margins.starts[margins.codes.len()];
        let mut normal = vec![vec![0.0; size]; size];
        let mut levels = Vec::new();
        for (row, weight) in weight.iter().enumerate() {
            margins.levels(row, &mut levels);
            for &a in &levels {
                for &b in levels.iter().filter(|&&b| b <= a) {
                    normal[a][b] += weight;
                }
            }
        }
        margins.factor = factorise(normal);
        Ok(margins)
    }

    /// Coefficients that the row has part in.
    fn levels(&self, row: usize, into: &mut Vec<usize>) {
        into.clear();
        for (margin, start) in self.codes.iter().zip(&self.starts) {
            if margin[row] != NO_LEVEL {
                into.push(start + margin[row] as usize);
            }
        }
    }

    /// The column less what the margins explain of it.
    ///
    /// # Errors
    /// [`DesignError::Length`].
    pub fn residuals(&self, column: &[f64]) -> Result<Vec<f64>, DesignError> {
        check_length("values", column.len(), self.weight.len())?;
        let mut sums = vec![0.0; self.factor.len()];
        let mut levels = Vec::new();
        for (row, value) in column.iter().enumerate() {
            self.levels(row, &mut levels);
            levels.iter().for_each(|&level| sums[level] += self.weight[row] * value);
        }
        let effects = solve(&self.factor, sums);
        let residual = |(row, value): (usize, &f64)| {
            self.levels(row, &mut levels);
            value - levels.iter().map(|&level| effects[level]).sum::<f64>()
        };
        Ok(column.iter().enumerate().map(residual).collect())
    }
}

/// Cholesky's factor of a symmetric matrix given by its lower half; rows that depend on those before
/// have a diagonal of 0.
fn factorise(mut matrix: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    for a in 0..matrix.len() {
        let whole = matrix[a][a];
        for b in 0..=a {
            let known: f64 = (0..b).map(|at| matrix[a][at] * matrix[b][at]).sum();
            let left = matrix[a][b] - known;
            matrix[a][b] = match (a == b, matrix[b][b]) {
                (true, _) if left <= SINGULAR * whole => 0.0,
                (true, _) => libm::sqrt(left),
                (false, 0.0) => 0.0,
                (false, pivot) => left / pivot,
            };
        }
    }
    matrix
}

/// Solves the normal equations; what is determined already has no effect of its own.
fn solve(factor: &[Vec<f64>], mut sums: Vec<f64>) -> Vec<f64> {
    let over = |sum: f64, pivot: f64| if pivot == 0.0 { 0.0 } else { sum / pivot };
    for a in 0..sums.len() {
        let known: f64 = (0..a).map(|b| factor[a][b] * sums[b]).sum();
        sums[a] = over(sums[a] - known, factor[a][a]);
    }
    for a in (0..sums.len()).rev() {
        let known: f64 = (a + 1..sums.len()).map(|b| factor[b][a] * sums[b]).sum();
        sums[a] = over(sums[a] - known, factor[a][a]);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn residuals_add_up_to_nothing_in_every_level() {
        let weight = [1.0, 2.0, 0.5, 3.0, 1.5, 1.0];
        let (a, b) = ([0, 0, 1, 1, 2, 2], [0, 4, 4, 0, NO_LEVEL, 0]);
        let column = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0];
        let residuals = Margins::new(vec![&a, &b], &weight).unwrap().residuals(&column).unwrap();
        for margin in [&a, &b] {
            for level in 0..5 {
                let rows = (0..6).filter(|&row| margin[row] == level);
                let sum: f64 = rows.map(|row| weight[row] * residuals[row]).sum();
                assert!(sum.abs() < 1e-12, "level {level}: {sum}");
            }
        }
    }
}
