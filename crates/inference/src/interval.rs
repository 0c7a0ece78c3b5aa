//! Intervals of shares.

use folkmoot_fold::stats::{beta_quantile, normal_quantile, student_quantile, wilson};

use crate::effect::effective_of_share;

/// How an interval is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Student's t on the log odds, turned back.
    Logit,
    /// Wilson's score with the effective number of answers (Wilson 1927).
    Wilson,
    /// Clopper and Pearson's with the effective number of answers, corrected for few clusters (Korn and
    /// Graubard 1998); keeps its level near 0 and 1.
    KornGraubard,
    /// Wilson's middle, with a plain normal spread about it (Agresti and Coull 1998).
    AgrestiCoull,
    /// Student's t on the share itself; may pass 0 and 1, where it is cut.
    Mean,
}

impl Kind {
    /// Its name, as in parameters and notes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Logit => "logit",
            Self::Wilson => "wilson",
            Self::KornGraubard => "korn-graubard",
            Self::AgrestiCoull => "agresti-coull",
            Self::Mean => "mean",
        }
    }
}

/// The two-sided interval at `level` of any estimate: Student's t times its error.
pub fn of_estimate(value: f64, error: f64, freedom: f64, level: f64) -> (f64, f64) {
    let half = student_quantile(0.5 + level / 2.0, freedom) * error;
    (value - half, value + half)
}

/// A share and what is known of its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share {
    /// From 0 to 1.
    pub share: f64,
    /// Its variance under the design.
    pub variance: f64,
    /// Answers.
    pub rows: f64,
    /// Kish's effective number of answers, which stands in where nobody or everybody has the property and
    /// the variance is 0.
    pub effective: f64,
    /// Degrees of freedom of the variance.
    pub freedom: f64,
}

/// An interval and how it was made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end, at least 0.
    pub low: f64,
    /// Upper end, at most 1.
    pub high: f64,
    /// The kind asked for, or Korn and Graubard's, the rule where nobody or everybody has the property.
    pub kind: Kind,
}

impl Share {
    /// The two-sided interval at `level`, above 0 and below 1. A share of 0 or 1 has Korn and Graubard's
    /// whatever was asked for, except where Wilson's and Agresti and Coull's are defined anyway. `None`
    /// without a degree of freedom.
    pub fn interval(&self, kind: Kind, level: f64) -> Option<Interval> {
        if self.freedom < 1.0 || self.rows < 2.0 {
            return None;
        }
        let p = self.share;
        let kind = match kind {
            Kind::Logit | Kind::Mean if p <= 0.0 || p >= 1.0 => Kind::KornGraubard,
            kind => kind,
        };
        let n = effective_of_share(p, self.variance);
        let (low, high) = match (kind, n) {
            // A census, or a share that every cluster has alike: nothing is left to be unsure of.
            (_, None) if p > 0.0 && p < 1.0 => (p, p),
            (Kind::Logit, _) => self.logit(level),
            (Kind::Mean, _) => of_estimate(p, libm::sqrt(self.variance), self.freedom, level),
            (Kind::Wilson, n) => wilson(p, n.unwrap_or(self.effective), level)?,
            (Kind::AgrestiCoull, n) => agresti_coull(p, n.unwrap_or(self.effective), level),
            (Kind::KornGraubard, n) => self.korn_graubard(n.unwrap_or(self.effective), level),
        };
        Some(Interval { low: low.clamp(0.0, 1.0), high: high.clamp(0.0, 1.0), kind })
    }

    fn logit(&self, level: f64) -> (f64, f64) {
        let p = self.share;
        let odds = libm::log(p / (1.0 - p));
        let half = student_quantile(0.5 + level / 2.0, self.freedom) * libm::sqrt(self.variance) / (p * (1.0 - p));
        let back = |odds: f64| 1.0 / (1.0 + libm::exp(-odds));
        (back(odds - half), back(odds + half))
    }

    fn korn_graubard(&self, n: f64, level: f64) -> (f64, f64) {
        let tail = (1.0 - level) / 2.0;
        let few = student_quantile(tail, self.rows - 1.0) / student_quantile(tail, self.freedom);
        let n = n * few * few;
        let (yes, no) = (n * self.share, n * (1.0 - self.share));
        let low = if yes <= 0.0 { 0.0 } else { beta_quantile(tail, yes, no + 1.0) };
        let high = if no <= 0.0 { 1.0 } else { beta_quantile(1.0 - tail, yes + 1.0, no) };
        (low, high)
    }
}

fn agresti_coull(p: f64, n: f64, level: f64) -> (f64, f64) {
    let z = normal_quantile(0.5 + level / 2.0);
    let all = n + z * z;
    let middle = (n * p + z * z / 2.0) / all;
    let half = z * libm::sqrt(middle * (1.0 - middle) / all);
    (middle - half, middle + half)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn simple(count: f64, n: f64) -> Share {
        let p = count / n;
        Share { share: p, variance: p * (1.0 - p) / n, rows: n, effective: n, freedom: n - 1.0 }
    }

    #[test]
    fn intervals_of_simple_samples_are_the_printed_ones() {
        let check = |count: f64, n: f64, kind: Kind, want: (f64, f64)| {
            let got = simple(count, n).interval(kind, 0.95).unwrap();
            assert!(
                (got.low - want.0).abs() < 5e-5 && (got.high - want.1).abs() < 5e-5,
                "{count}/{n} {kind:?}: {got:?}"
            );
        };
        // Newcombe 1998, Statistics in Medicine 17, table I: Wilson's and Clopper and Pearson's.
        check(81.0, 263.0, Kind::Wilson, (0.2553, 0.3662));
        check(0.0, 20.0, Kind::Wilson, (0.0, 0.1611));
        check(81.0, 263.0, Kind::KornGraubard, (0.2527, 0.3676));
        check(15.0, 148.0, Kind::KornGraubard, (0.0578, 0.1617));
        check(1.0, 29.0, Kind::KornGraubard, (0.0009, 0.1776));
        // The rule for zero counts, and for full ones.
        check(0.0, 20.0, Kind::Logit, (0.0, 0.1684));
        check(20.0, 20.0, Kind::Mean, (0.8316, 1.0));
        // By hand: n + z² = 23.8415, middle 0.080566, half 0.109246.
        check(0.0, 20.0, Kind::AgrestiCoull, (0.0, 0.1898));
    }

    #[test]
    fn without_freedom_there_is_none_and_without_variance_there_is_a_point() {
        assert_eq!(Share { freedom: 0.0, ..simple(3.0, 9.0) }.interval(Kind::Logit, 0.95), None);
        let census = Share { variance: 0.0, ..simple(3.0, 9.0) }.interval(Kind::Logit, 0.95).unwrap();
        assert_eq!((census.low, census.high), (1.0 / 3.0, 1.0 / 3.0));
    }
}
