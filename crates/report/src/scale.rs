//! From numbers to places: domains that are honest for their unit, and ticks people can read.

use folkmoot_methods::report::Unit;

/// A straight line from a domain to a stretch of pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    pub(crate) from: f64,
    pub(crate) to: f64,
}

impl Scale {
    /// The place of `x`, kept inside.
    pub(crate) fn at(&self, x: f64) -> f64 {
        let span = self.high - self.low;
        if span <= 0.0 {
            return (self.from + self.to) / 2.0;
        }
        let share = ((x - self.low) / span).clamp(0.0, 1.0);
        self.from + share * (self.to - self.from)
    }

    /// About `wanted` round numbers inside the domain.
    pub(crate) fn ticks(&self, wanted: usize) -> Vec<f64> {
        let step = round_step((self.high - self.low) / wanted.max(1) as f64);
        let first = (self.low / step - 1e-9).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        (first..=last).map(|n| n as f64 * step).collect()
    }
}

/// The domain of `numbers` in `unit`: all of it for shares and probabilities, symmetrical for
/// correlations and differences of shares, from zero for what is drawn as a length.
pub(crate) fn domain(numbers: &[f64], unit: Unit, from_zero: bool) -> (f64, f64) {
    let low = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let high = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if low > high {
        return (0.0, 1.0);
    }
    match unit {
        Unit::Share | Unit::PValue if low >= 0.0 && high <= 1.0 => (0.0, 1.0),
        Unit::Share if low >= 0.0 => (0.0, rounded_up(high)),
        Unit::Share | Unit::Correlation if from_zero || unit == Unit::Correlation => {
            let reach = low.abs().max(high.abs());
            let round = [0.25, 0.5, 1.0].into_iter().find(|r| reach <= *r).unwrap_or(reach);
            (-round, round)
        }
        _ => {
            let low = if from_zero { low.min(0.0) } else { low };
            let high = if from_zero { high.max(0.0) } else { high };
            let step = round_step(((high - low) / 4.0).max(high.abs().max(low.abs()) * 1e-3));
            ((low / step).floor() * step, (high / step).ceil() * step)
        }
    }
}

/// The next multiple of a fourth, rounded, of `high`.
fn rounded_up(high: f64) -> f64 {
    let step = round_step(high / 4.0);
    (high / step).ceil() * step
}

/// The next of 1, 2, 2.5 or 5 times a power of ten; 1 where there is no span.
fn round_step(span: f64) -> f64 {
    if !span.is_finite() || span <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(span.log10().floor());
    let factor = [1.0, 2.0, 2.5, 5.0].into_iter().find(|f| span <= f * power * (1.0 + 1e-9)).unwrap_or(10.0);
    factor * power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_honest_for_their_unit() {
        let check = |numbers: &[f64], unit: Unit, from_zero: bool, want: (f64, f64)| {
            assert_eq!(domain(numbers, unit, from_zero), want, "{numbers:?} {unit:?}");
        };
        check(&[], Unit::Score, true, (0.0, 1.0));
        check(&[0.6, 0.7], Unit::Share, false, (0.0, 1.0));
        check(&[-0.2, 0.1], Unit::Share, true, (-0.25, 0.25));
        check(&[-0.01, 0.7], Unit::Share, false, (-0.2, 0.8));
        check(&[0.2, 1.3], Unit::Share, true, (0.0, 1.5));
        check(&[0.3], Unit::Correlation, false, (-0.5, 0.5));
        check(&[3.0, 17.0], Unit::Count, true, (0.0, 20.0));
        check(&[0.0], Unit::Count, true, (0.0, 0.0));
    }

    #[test]
    fn ticks_are_round_and_inside() {
        let check = |low, high, want: &[f64]| {
            let scale = Scale { low, high, from: 0.0, to: 100.0 };
            assert_eq!(scale.ticks(4), want);
        };
        check(0.0, 1.0, &[0.0, 0.25, 0.5, 0.75, 1.0]);
        check(-0.5, 0.5, &[-0.5, -0.25, 0.0, 0.25, 0.5]);
        check(0.0, 20.0, &[0.0, 5.0, 10.0, 15.0, 20.0]);
        check(0.0, 0.0, &[0.0]);
    }
}
