//! Mean and median of weighted numbers.

use crate::fold::{Count, Histogram};
use crate::stats::{effective, student_quantile};

/// A weighted mean with its linearised standard error; every answer is a cluster of its own, as nobody
/// answers an item twice.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Mean {
    pub(crate) rows: i64,
    pub(crate) n_eff: f64,
    pub(crate) mean: f64,
    /// None with fewer than two answers.
    pub(crate) error: Option<f64>,
}

impl Mean {
    /// `None` without answers, and where the numbers are too large for a mean.
    pub(crate) fn of(histogram: &Histogram) -> Option<Self> {
        let Count { rows, weight, squares } = histogram.total();
        let (least, most) = (histogram.values.first()?.0, histogram.values.last()?.0);
        let total = weight as f64;
        let sum: f64 = histogram.values.iter().map(|(x, count)| count.weight as f64 * x).sum();
        let mean = (sum / total).clamp(least, most);
        let spread: f64 =
            histogram.values.iter().map(|(x, count)| count.squares as f64 * (x - mean) * (x - mean)).sum();
        let clusters = rows as f64;
        let variance = clusters / (clusters - 1.0) * spread / (total * total);
        let error = (rows > 1).then(|| libm::sqrt(variance));
        (sum.is_finite() && error.is_none_or(f64::is_finite)).then(|| Self {
            rows: rows as i64,
            n_eff: effective(weight, squares),
            mean,
            error,
        })
    }

    /// The two-sided interval at `level`, by Student's t with one degree of freedom less than answers;
    /// `None` with fewer than two.
    pub(crate) fn interval(&self, level: f64) -> Option<(f64, f64)> {
        let half = student_quantile(0.5 + level / 2.0, self.rows as f64 - 1.0) * self.error?;
        Some((self.mean - half, self.mean + half))
    }
}

/// The middle of the lower and the upper weighted median; `None` without answers.
pub(crate) fn median(values: &[(f64, Count)]) -> Option<f64> {
    let total: i128 = values.iter().map(|(_, count)| count.weight).sum();
    let first_beyond = |enough: fn(i128, i128) -> bool| {
        let mut below = 0;
        values.iter().find_map(|(x, count)| {
            below += count.weight;
            enough(2 * below, total).then_some(*x)
        })
    };
    let (lower, upper) = (first_beyond(|twice, total| twice >= total)?, first_beyond(|twice, total| twice > total)?);
    Some(lower / 2.0 + upper / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(values: &[(f64, &[i128])]) -> Histogram {
        let count = |weights: &[i128]| Count {
            rows: weights.len() as i128,
            weight: weights.iter().sum(),
            squares: weights.iter().map(|weight| weight * weight).sum(),
        };
        Histogram { item: 0, place: 0, values: values.iter().map(|(x, weights)| (*x, count(weights))).collect() }
    }

    #[test]
    fn means_are_those_of_a_survey_package() {
        // R survey 4.1: d <- svydesign(ids = ~1, weights = ~w, data = data.frame(
        //   x = c(1, 2, 2, 3.5, 5, 5, 5, 0), w = c(1, 2, 1, 3, 1, 1, 4, 2)));
        // m <- svymean(~x, d); SE(m); confint(m, df = degf(d)).
        let data = histogram(&[(0.0, &[2]), (1.0, &[1]), (2.0, &[2, 1]), (3.5, &[3]), (5.0, &[1, 1, 4])]);
        let mean = Mean::of(&data).unwrap();
        let (low, high) = mean.interval(0.95).unwrap();
        let want = [3.166_666_666_666_666_5, 0.757_979_305_697_696, 1.374_330_418_208_433_7, 4.959_002_915_124_899];
        for (got, want) in [mean.mean, mean.error.unwrap(), low, high].into_iter().zip(want) {
            assert!((got - want).abs() < 1e-9, "{got} is not {want}");
        }
    }

    #[test]
    fn medians() {
        let check = |values: &[(f64, &[i128])], want: Option<f64>| {
            assert_eq!(median(&histogram(values).values), want, "{values:?}");
        };
        check(&[], None);
        check(&[(3.0, &[1])], Some(3.0));
        check(&[(1.0, &[1]), (2.0, &[1])], Some(1.5));
        check(&[(1.0, &[1]), (2.0, &[3])], Some(2.0));
        check(&[(1.0, &[2]), (2.0, &[1]), (7.0, &[1])], Some(1.5));
        check(&[(f64::MAX, &[1, 1])], Some(f64::MAX));
    }

    #[test]
    fn what_has_no_mean_gives_none() {
        assert_eq!(Mean::of(&histogram(&[])), None);
        assert_eq!(Mean::of(&histogram(&[(f64::MIN, &[1]), (f64::MAX, &[2])])), None);
        let one = Mean::of(&histogram(&[(0.1, &[3])])).unwrap();
        assert_eq!((one.mean, one.error, one.interval(0.95)), (0.1, None, None));
        let alike = Mean::of(&histogram(&[(0.1, &[1, 1, 1])])).unwrap();
        assert_eq!((alike.mean, alike.interval(0.95)), (0.1, Some((0.1, 0.1))));
    }
}
