//! Krippendorff's alpha from weighted histograms of the units.

use serde::Deserialize;

use crate::fold::{Count, Histogram};
use crate::stats::effective;

/// What a difference between two values is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Metric {
    /// 1 for any two different values.
    Nominal,
    /// The square of how many values stand between two, half of each included.
    Ordinal,
    /// The square of the difference.
    Interval,
    /// The square of the difference over the sum; for values of 0 and above.
    Ratio,
}

impl Metric {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nominal => "nominal",
            Self::Ordinal => "ordinal",
            Self::Interval => "interval",
            Self::Ratio => "ratio",
        }
    }

    /// The sum over all ordered pairs of `values` of the product of their weights times their difference.
    fn disagreement(self, values: &[(f64, f64)]) -> f64 {
        let total: f64 = values.iter().map(|(_, weight)| weight).sum();
        match self {
            Self::Nominal => values.iter().map(|(_, weight)| weight * (total - weight)).sum(),
            // All pairs of squared differences are twice the squares about the mean.
            Self::Ordinal | Self::Interval => {
                let mean = values.iter().map(|(x, weight)| weight * x).sum::<f64>() / total;
                2.0 * total * values.iter().map(|(x, weight)| weight * (x - mean) * (x - mean)).sum::<f64>()
            }
            Self::Ratio => values.iter().map(|pair| ratio_to_all(*pair, values)).sum(),
        }
    }
}

fn ratio_to_all((x, weight): (f64, f64), values: &[(f64, f64)]) -> f64 {
    let others = values.iter().filter(|(y, _)| *y != x);
    weight * others.map(|(y, other)| other * ((x - y) / (x + y)) * ((x - y) / (x + y))).sum::<f64>()
}

/// A unit that at least two people of weight judged.
struct Unit<'a> {
    histogram: &'a Histogram,
    weight: f64,
    /// The weight of the others of a pair: all of it, less that of a rater of mean weight. Of m people of
    /// weight 1 it is m - 1.
    others: f64,
}

impl<'a> Unit<'a> {
    fn of(histogram: &'a Histogram) -> Option<Self> {
        let total = histogram.total();
        let (weight, squares) = (total.weight as f64, total.squares as f64);
        (total.rows > 1).then(|| Self { histogram, weight, others: weight - squares / weight })
    }

    fn content(&self) -> Vec<(u64, i128, i128)> {
        self.histogram.values.iter().map(|(x, count)| (x.to_bits(), count.weight, count.squares)).collect()
    }

    /// Places of the unit's values among `values` and their weights.
    fn weights(&self, values: &[f64]) -> Vec<(usize, f64)> {
        let place = |x: f64| values.partition_point(|value| *value < x);
        self.histogram.values.iter().map(|(x, count)| (place(*x), count.weight as f64)).collect()
    }
}

/// What the raters of some units agree on, in coincidences (Krippendorff 2011, 2019).
pub(crate) struct Coincidences<'a> {
    units: Vec<Unit<'a>>,
    /// The values given to these units, ascending.
    pub(crate) values: Vec<f64>,
    /// The weight of each value: row sums of the matrix of coincidences.
    pub(crate) margins: Vec<f64>,
    /// Answers to these units.
    pub(crate) rows: i128,
    /// Their effective number.
    pub(crate) n_eff: f64,
    /// Sum of the margins.
    total: f64,
    /// The weight of the others of a pair of any two answers: of n answers of weight 1 it is n - 1.
    others: f64,
}

impl<'a> Coincidences<'a> {
    /// Of the units that two people or more judged; the rest say nothing of agreement.
    pub(crate) fn of(histograms: impl Iterator<Item = &'a Histogram>) -> Self {
        let mut units: Vec<Unit<'a>> = histograms.filter_map(Unit::of).collect();
        // By what was said rather than by which unit it is, so that sums do not depend on the order of items.
        units.sort_by_cached_key(Unit::content);
        let mut values: Vec<f64> =
            units.iter().flat_map(|unit| unit.histogram.values.iter().map(|(x, _)| *x)).collect();
        values.sort_by(f64::total_cmp);
        values.dedup();
        let mut margins = vec![0.0; values.len()];
        for unit in &units {
            for ((place, weight), (_, count)) in unit.weights(&values).into_iter().zip(&unit.histogram.values) {
                margins[place] += (weight * unit.weight - count.squares as f64) / unit.others;
            }
        }
        let total: f64 = margins.iter().sum();
        let sum = |of: fn(Count) -> i128| -> i128 { units.iter().map(|unit| of(unit.histogram.total())).sum() };
        let (rows, weight, squares) = (sum(|all| all.rows), sum(|all| all.weight), sum(|all| all.squares));
        let others = total - squares as f64 / total;
        Self { units, values, margins, rows, n_eff: effective(weight, squares), total, others }
    }

    /// Units judged by two people or more.
    pub(crate) fn units(&self) -> usize {
        self.units.len()
    }

    /// Observed and expected disagreement; `None` where there is no pair, or a number is too large.
    pub(crate) fn disagreements(&self, metric: Metric) -> Option<(f64, f64)> {
        let positions = match metric {
            Metric::Ordinal => self.middles(),
            _ => self.values.clone(),
        };
        let observed = self.units.iter().map(|unit| {
            let weights = unit.weights(&self.values);
            let placed: Vec<_> = weights.into_iter().map(|(place, weight)| (positions[place], weight)).collect();
            metric.disagreement(&placed) / unit.others
        });
        let observed = observed.sum::<f64>() / self.total;
        let all: Vec<_> = positions.iter().copied().zip(self.margins.iter().copied()).collect();
        let expected = metric.disagreement(&all) / (self.total * self.others);
        (observed.is_finite() && expected.is_finite()).then_some((observed, expected))
    }

    /// How many stand below each value, half of its own included.
    fn middles(&self) -> Vec<f64> {
        let middles = self.margins.iter().scan(0.0, |below, margin| {
            let middle = *below + margin / 2.0;
            *below += margin;
            Some(middle)
        });
        middles.collect()
    }

    /// The matrix of coincidences, row by row.
    pub(crate) fn matrix(&self) -> Vec<f64> {
        let width = self.values.len();
        let mut matrix = vec![0.0; width * width];
        for unit in &self.units {
            let weights = unit.weights(&self.values);
            for ((c, weight), (_, count)) in weights.iter().zip(&unit.histogram.values) {
                for (k, other) in &weights {
                    let own = if c == k { count.squares as f64 } else { 0.0 };
                    matrix[c * width + k] += (weight * other - own) / unit.others;
                }
            }
        }
        matrix
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::WEIGHT_ONE;

    /// What each observer says of each unit, 0 for nothing, every answer of the weight of its observer.
    fn units(observers: &[(i64, &[u8])]) -> Vec<Histogram> {
        let unit = |unit: usize| {
            let mut values: Vec<(f64, Count)> = Vec::new();
            for value in 1..=9_u8 {
                let weights = observers.iter().filter(|(_, said)| said[unit] == value).map(|(w, _)| i128::from(*w));
                let count = weights.fold(Count::default(), |sum, weight| Count {
                    rows: sum.rows + 1,
                    weight: sum.weight + weight,
                    squares: sum.squares + weight * weight,
                });
                values.extend((count.rows > 0).then(|| (f64::from(value), count)));
            }
            Histogram { item: unit, place: 0, values }
        };
        (0..observers[0].1.len()).map(unit).collect()
    }

    fn alpha(histograms: &[Histogram], metric: Metric) -> f64 {
        let (observed, expected) = Coincidences::of(histograms.iter()).disagreements(metric).unwrap();
        1.0 - observed / expected
    }

    /// Krippendorff 2011, Computing Krippendorff's alpha-reliability, example D: four observers, twelve units.
    const OBSERVERS: [&[u8]; 4] = [
        &[1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        &[1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        &[0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        &[1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ];

    #[test]
    fn alphas_of_the_published_example() {
        // Printed: 0.743, 0.815, 0.849, 0.797. To all digits: krippendorff 0.9.0, alpha(reliability_data=...,
        // level_of_measurement=...).
        let histograms = units(&OBSERVERS.map(|said| (WEIGHT_ONE, said)));
        let check = |metric: Metric, want: f64| {
            let got = alpha(&histograms, metric);
            assert!((got - want).abs() < 1e-9, "{metric:?}: {got} is not {want}");
        };
        check(Metric::Nominal, 0.743_421_052_631_579);
        check(Metric::Ordinal, 0.815_387_503_754_881_4);
        check(Metric::Interval, 0.849_107_142_857_142_8);
        check(Metric::Ratio, 0.797_402_774_711_612_1);
    }

    #[test]
    fn coincidences_of_the_published_example() {
        let histograms = units(&OBSERVERS.map(|said| (WEIGHT_ONE, said)));
        let coincidences = Coincidences::of(histograms.iter());
        let people = |weight: &f64| weight / WEIGHT_ONE as f64;
        let margins: Vec<f64> = coincidences.margins.iter().map(people).collect();
        for (got, want) in margins.iter().zip([9.0, 13.0, 10.0, 5.0, 3.0]) {
            assert!((got - want).abs() < 1e-12, "{margins:?}");
        }
        let matrix: Vec<f64> = coincidences.matrix().iter().map(people).collect();
        let want = [
            [7.0, 4.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 0.0],
            [4.0 / 3.0, 10.0, 4.0 / 3.0, 1.0 / 3.0, 0.0],
            [1.0 / 3.0, 4.0 / 3.0, 8.0, 1.0 / 3.0, 0.0],
            [1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0, 4.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 3.0],
        ];
        for (got, want) in matrix.iter().zip(want.concat()) {
            assert!((got - want).abs() < 1e-12, "{matrix:?}");
        }
        assert_eq!((coincidences.units(), coincidences.rows), (11, 40));
    }

    #[test]
    fn pairs_count_by_the_product_of_their_weights() {
        let observers = [(3, OBSERVERS[0]), (1, OBSERVERS[1]), (2, OBSERVERS[2]), (5, OBSERVERS[3])];
        let mut want = [[0.0; 5]; 5];
        for unit in 0..12 {
            let said: Vec<(f64, usize)> =
                observers.iter().filter(|o| o.1[unit] > 0).map(|o| (o.0 as f64, usize::from(o.1[unit]) - 1)).collect();
            let weight: f64 = said.iter().map(|(weight, _)| weight).sum();
            let pairs = (0..said.len()).flat_map(|i| (0..said.len()).map(move |j| (i, j))).filter(|(i, j)| i != j);
            let products: f64 = pairs.clone().map(|(i, j)| said[i].0 * said[j].0).sum();
            for (i, j) in pairs {
                want[said[i].1][said[j].1] += said[i].0 * said[j].0 / products * weight;
            }
        }
        let histograms = units(&observers);
        let coincidences = Coincidences::of(histograms.iter());
        for (got, want) in coincidences.matrix().iter().zip(want.concat()) {
            assert!((got - want).abs() < 1e-12, "{got} is not {want}");
        }
    }

    #[test]
    fn differences_add_up_to_those_of_all_pairs() {
        let values = [(-1.0, 2.0), (0.5, 1.0), (3.0, 0.25)];
        let check = |metric: Metric, values: &[(f64, f64)], difference: fn(f64, f64) -> f64| {
            let pairs = values.iter().flat_map(|a| values.iter().map(move |b| (a, b)));
            let want: f64 = pairs.map(|(a, b)| if a.0 == b.0 { 0.0 } else { a.1 * b.1 * difference(a.0, b.0) }).sum();
            assert!((metric.disagreement(values) - want).abs() < 1e-12, "{metric:?}");
        };
        check(Metric::Nominal, &values, |_, _| 1.0);
        check(Metric::Interval, &values, |a, b| (a - b) * (a - b));
        check(Metric::Ratio, &values[1..], |a, b| ((a - b) / (a + b)).powi(2));
    }
}
