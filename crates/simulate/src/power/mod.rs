//! The power of the method `disagreement` in a planned round, and how many answers it needs.

mod report;

use folkmoot_fold::stats::{normal_cdf, student_quantile};

pub use report::report;

/// The test of one item of a round, by the rule of `disagreement`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Test {
    /// Share of the public that prefers what the position does not: 0.6 for a split of 60/40.
    pub split: f64,
    /// Net preference that still counts as agreement.
    pub margin: f64,
    /// Share of false findings tolerated, or the level of a test that stands alone.
    pub q: f64,
    /// Items tested together.
    pub items: usize,
    /// Pairs that the position of an item tells apart.
    pub pairs: usize,
    /// By what factor weights and recruitment in communities multiply the variance; 1 without either.
    pub design_effect: f64,
}

impl Test {
    /// The default rule for one pair of one item, without a design effect.
    pub fn of_split(split: f64) -> Self {
        Self { split, margin: 0.10, q: 0.05, items: 1, pairs: 1, design_effect: 1.0 }
    }

    /// Probability that `answers` answers show the split to be beyond the margin; none for shares, levels
    /// or numbers that make no test.
    ///
    /// The level is q / items / pairs: what Holm's procedure asks of the clearest pair, and what
    /// Benjamini and Hochberg's asks of the clearest item. So this is the worst case, in which no other
    /// item differs; the more do, the nearer the level comes to q / pairs.
    ///
    /// With d = 2 split - 1 a mean of n answers is taken to be normal with variance (1 - d²) / n, where n
    /// is the number of answers over the design effect. It is significant from the c on with (c - margin)
    /// = t sqrt((1 - 2 c margin + margin²) / n), t being Student's quantile with n - 1 degrees of freedom.
    pub fn power(&self, answers: f64) -> Option<f64> {
        let is_share = |p: f64| p > 0.0 && p < 1.0;
        let is_test = is_share(self.split) && is_share(self.q) && (0.0..1.0).contains(&self.margin);
        let n = answers / self.design_effect;
        if !is_test || self.items == 0 || self.pairs == 0 || self.design_effect < 1.0 || !(n > 2.0 && n.is_finite()) {
            return None;
        }
        let freedom = n - 1.0;
        let t = student_quantile(1.0 - self.q / self.items as f64 / self.pairs as f64, freedom);
        let critical = critical_mean(self.margin, t * t / n);
        let delta = 2.0 * self.split - 1.0;
        let error = ((1.0 - delta * delta) / n).sqrt();
        Some(normal_cdf((delta - critical) / error))
    }

    /// Fewest answers whose power is `wanted`; none where a billion do not suffice.
    pub fn answers_needed(&self, wanted: f64) -> Option<u32> {
        let suffices = |n: u32| self.power(f64::from(n)).is_some_and(|power| power >= wanted);
        let (mut too_few, mut enough) = (0, 1_000_000_000);
        if !suffices(enough) {
            return None;
        }
        while enough - too_few > 1 {
            let middle = too_few + (enough - too_few) / 2;
            if suffices(middle) {
                enough = middle;
            } else {
                too_few = middle;
            }
        }
        Some(enough)
    }
}

/// The larger c with (c - margin)² = r (1 - 2 c margin + margin²), for r above 0.
fn critical_mean(margin: f64, r: f64) -> f64 {
    margin * (1.0 - r) + (r * (1.0 - margin * margin * (1.0 - r))).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;
    use folkmoot_fold::stats::student_tail;

    #[test]
    fn the_formula_says_how_often_a_simulated_test_rejects() {
        let check = |test: Test, n: u32| {
            let mut chance = Chance::of_participant(11, n);
            let trials = 4_000;
            let count = f64::from(n);
            let rejections = (0..trials).filter(|_| {
                let hits = (0..n).filter(|_| chance.happens(test.split)).count() as f64;
                let delta = 2.0 * hits / count - 1.0;
                let about = 1.0 - 2.0 * delta * test.margin + test.margin * test.margin;
                let t = (delta - test.margin) / (about / count).sqrt();
                student_tail(t, count - 1.0) <= test.q / (test.items * test.pairs) as f64
            });
            let (seen, said) = (rejections.count() as f64 / f64::from(trials), test.power(count).unwrap());
            // 0.03 for the counts being whole numbers, and four standard errors of the simulation.
            let tolerance = 0.03 + 4.0 * (said * (1.0 - said) / f64::from(trials)).sqrt();
            assert!((seen - said).abs() < tolerance, "n {n}: seen {seen}, said {said}");
        };
        check(Test::of_split(0.6), 400);
        check(Test::of_split(0.7), 60);
        check(Test { items: 20, pairs: 6, ..Test::of_split(0.7) }, 150);
        check(Test { margin: 0.0, items: 100, ..Test::of_split(0.6) }, 400);
        check(Test::of_split(0.55), 300);
    }

    #[test]
    fn answers_needed_is_the_fewest_that_suffice() {
        let check = |test: Test, by_hand: f64| {
            let n = test.answers_needed(0.8).unwrap();
            assert!(test.power(f64::from(n)).unwrap() >= 0.8 && test.power(f64::from(n - 1)).unwrap() < 0.8);
            // ((z(level) + z(power)) sqrt(1 - d²) / (d - margin))², which takes t for normal and both
            // variances for those of the truth.
            assert!((f64::from(n) / by_hand - 1.0).abs() < 0.05, "{test:?}: {n}, by hand {by_hand}");
        };
        // 1.64485 + 0.84162 = 2.48647.
        check(Test::of_split(0.6), 2.486_47_f64.powi(2) * 0.96 / 0.01);
        // 3.29053 + 0.84162 = 4.13215: a hundred items, and no margin.
        check(Test { margin: 0.0, items: 100, ..Test::of_split(0.6) }, 4.132_15_f64.powi(2) * 0.96 / 0.04);
        let twice = Test { design_effect: 2.0, ..Test::of_split(0.6) };
        let once = Test::of_split(0.6).answers_needed(0.8).unwrap();
        assert!(twice.answers_needed(0.8).unwrap().abs_diff(2 * once) <= 1);
        assert_eq!(Test::of_split(0.55).answers_needed(0.8), None);
        assert_eq!(Test { items: 0, ..Test::of_split(0.6) }.power(400.0), None);
    }
}
