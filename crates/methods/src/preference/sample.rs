//! Net preference for one candidate over another in a sample: mean, standard error, tests.

use std::ops::{Add, Sub};

use crate::stats::{effective, student_cdf, student_quantile, student_tail};

/// Exact sums over the participants who were shown both candidates; x is 1, 0 or -1. A participant
/// has one answer to an item, so that rows are clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sample {
    pub(crate) rows: i128,
    pub(crate) weight: i128,
    pub(crate) squares: i128,
    /// Sum of w x.
    pub(crate) first: i128,
    /// Sum of w² x.
    pub(crate) squares_first: i128,
    /// Sum of w² x².
    pub(crate) squares_second: i128,
}

/// Integers of a [`Sample`].
pub(crate) const SLOTS: usize = 6;

impl Sample {
    pub(crate) fn read(sums: &[i128]) -> Self {
        Self {
            rows: sums[0],
            weight: sums[1],
            squares: sums[2],
            first: sums[3],
            squares_first: sums[4],
            squares_second: sums[5],
        }
    }

    /// The same sample seen from the other candidate.
    pub(crate) fn reversed(self) -> Self {
        Self { first: -self.first, squares_first: -self.squares_first, ..self }
    }

    /// Kish's effective number of participants.
    pub(crate) fn effective(&self) -> f64 {
        effective(self.weight, self.squares)
    }

    /// The estimate, if anybody was shown both.
    pub(crate) fn estimate(&self) -> Option<Estimate> {
        if self.rows < 1 || self.weight <= 0 {
            return None;
        }
        let (weight, squares) = (self.weight as f64, self.squares as f64);
        let delta = self.first as f64 / weight;
        let spread = self.squares_second as f64 - 2.0 * delta * self.squares_first as f64 + delta * delta * squares;
        let clusters = self.rows as f64;
        let variance =
            if clusters > 1.0 { clusters / (clusters - 1.0) * spread.max(0.0) / (weight * weight) } else { 0.0 };
        Some(Estimate { delta, error: libm::sqrt(variance), freedom: clusters - 1.0 })
    }
}

impl Add for Sample {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            weight: self.weight + other.weight,
            squares: self.squares + other.squares,
            first: self.first + other.first,
            squares_first: self.squares_first + other.squares_first,
            squares_second: self.squares_second + other.squares_second,
        }
    }
}

impl Sub for Sample {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            rows: self.rows - other.rows,
            weight: self.weight - other.weight,
            squares: self.squares - other.squares,
            first: self.first - other.first,
            squares_first: self.squares_first - other.squares_first,
            squares_second: self.squares_second - other.squares_second,
        }
    }
}

/// A linearised mean with its clustered standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Estimate {
    /// Net preference, -1 to 1.
    pub(crate) delta: f64,
    pub(crate) error: f64,
    /// Clusters less one.
    pub(crate) freedom: f64,
}

impl Estimate {
    /// Student's t of the distance from `margin`; none with fewer than two clusters.
    fn t(&self, margin: f64) -> Option<f64> {
        if self.freedom < 1.0 {
            return None;
        }
        let distance = self.delta - margin;
        match (self.error > 0.0, distance == 0.0) {
            (true, _) => Some(distance / self.error),
            (false, true) => Some(0.0),
            (false, false) => Some(f64::INFINITY.copysign(distance)),
        }
    }

    /// p of the null hypothesis that the net preference is at most `margin`.
    pub(crate) fn p_above(&self, margin: f64) -> f64 {
        self.t(margin).map_or(1.0, |t| student_tail(t, self.freedom))
    }

    /// p of the null hypothesis that the net preference is at least `margin`.
    pub(crate) fn p_below(&self, margin: f64) -> f64 {
        self.t(margin).map_or(1.0, |t| student_cdf(t, self.freedom))
    }

    /// The two-sided interval at `level`; from -1 to 1 with fewer than two clusters.
    pub(crate) fn interval(&self, level: f64) -> (f64, f64) {
        if self.freedom < 1.0 {
            return (-1.0, 1.0);
        }
        let half = student_quantile(0.5 + level / 2.0, self.freedom) * self.error;
        ((self.delta - half).max(-1.0), (self.delta + half).min(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_gives_the_mean_and_its_t() {
        // Unweighted: 60 against, 30 for, 10 level. Mean 0.3, sum of squared deviations 90 - 100 * 0.09
        // = 81, standard error sqrt(81 / 99 / 100) = 0.0904534.
        let sample = Sample { rows: 100, weight: 100, squares: 100, first: 30, squares_first: 30, squares_second: 90 };
        let estimate = sample.estimate().unwrap();
        assert!((estimate.delta - 0.3).abs() < 1e-15);
        assert!((estimate.error - (81.0_f64 / 9900.0).sqrt()).abs() < 1e-15);
        // t = 0.2 / 0.0904534 = 2.2111 with 99 degrees of freedom: one-sided p = 0.01467 (tables).
        assert!((estimate.p_above(0.1) - 0.014_67).abs() < 1e-4, "{}", estimate.p_above(0.1));
        assert!((estimate.p_above(0.1) + estimate.p_below(0.1) - 1.0).abs() < 1e-14);
        assert_eq!(sample.reversed().estimate().unwrap().delta, -estimate.delta);
    }

    #[test]
    fn too_little_data_shows_nothing() {
        let one = Sample { rows: 1, weight: 5, squares: 25, first: 5, squares_first: 25, squares_second: 25 };
        let estimate = one.estimate().unwrap();
        assert_eq!((estimate.p_above(0.1), estimate.p_below(0.1)), (1.0, 1.0));
        assert_eq!(estimate.interval(0.95), (-1.0, 1.0));
        assert_eq!(Sample::default().estimate(), None);
    }
}
