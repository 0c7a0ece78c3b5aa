//! The distances of Deville and Särndal (1992): the ratio of final to base weight as a function of the
//! linear predictor u, its slope, and its integral from 0.

use crate::weighting::Distance;

/// Slope of a ratio that is cut to a bound, as a part of the slope between them: the system keeps a
/// solution where all of a group are cut, and steps are still downhill.
const SLOPE_AT_BOUND: f64 = 1e-3;

/// The ratio as a function of u.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ratio {
    Linear,
    Exponential,
    Logit { lower: f64, upper: f64, steepness: f64 },
    Truncated { lower: f64, upper: f64 },
}

impl Ratio {
    /// The function of a distance; a bounded one without bounds has none to keep.
    pub(crate) fn new(distance: Distance, bounds: Option<(f64, f64)>) -> Self {
        match (distance, bounds) {
            (Distance::Logit, Some((lower, upper))) => {
                Self::Logit { lower, upper, steepness: (upper - lower) / ((1.0 - lower) * (upper - 1.0)) }
            }
            (Distance::TruncatedLinear, Some((lower, upper))) => Self::Truncated { lower, upper },
            (Distance::Raking, _) => Self::Exponential,
            _ => Self::Linear,
        }
    }

    /// The ratio at `u`; 1 at 0.
    pub(crate) fn at(self, u: f64) -> f64 {
        match self {
            Self::Linear => 1.0 + u,
            Self::Exponential => libm::exp(u),
            Self::Logit { lower, upper, steepness } => {
                // (1 - L) e^(Au) / ((U - 1) + (1 - L) e^(Au)), without an overflow.
                let part = (1.0 - lower) / ((1.0 - lower) + (upper - 1.0) * libm::exp(-steepness * u));
                lower + (upper - lower) * part
            }
            Self::Truncated { lower, upper } => (1.0 + u).clamp(lower, upper),
        }
    }

    /// Its slope at `u`, or a small one at a bound.
    pub(crate) fn slope(self, u: f64) -> f64 {
        match self {
            Self::Linear => 1.0,
            Self::Exponential => libm::exp(u),
            Self::Logit { lower, upper, steepness } => {
                let part = (self.at(u) - lower) / (upper - lower);
                steepness * (upper - lower) * part * (1.0 - part)
            }
            Self::Truncated { lower, upper } => {
                if 1.0 + u < lower || 1.0 + u > upper {
                    SLOPE_AT_BOUND
                } else {
                    1.0
                }
            }
        }
    }

    /// Its integral from 0 to `u`.
    pub(crate) fn integral(self, u: f64) -> f64 {
        match self {
            Self::Linear => u + u * u / 2.0,
            Self::Exponential => libm::expm1(u),
            Self::Logit { lower, upper, steepness } => {
                // The logarithm of ((U - 1) + (1 - L) e^(Au)) / (U - L), from whichever end does not overflow.
                let (rising, falling) = ((1.0 - lower) / (upper - lower), (upper - 1.0) / (upper - lower));
                let log = match u > 0.0 {
                    true => steepness * u + libm::log(rising + falling * libm::exp(-steepness * u)),
                    false => libm::log(falling + rising * libm::exp(steepness * u)),
                };
                lower * u + (upper - lower) / steepness * log
            }
            Self::Truncated { lower, upper } => {
                let inside = (1.0 + u).clamp(lower, upper) - 1.0;
                inside + inside * inside / 2.0 + (u - inside) * (1.0 + inside)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slope_and_integral_are_those_of_the_ratio() {
        let (lower, upper) = (0.4, 2.5);
        let bounds = Some((lower, upper));
        for distance in [Distance::Linear, Distance::Raking, Distance::Logit, Distance::TruncatedLinear] {
            let ratio = Ratio::new(distance, bounds);
            assert!((ratio.at(0.0) - 1.0).abs() < 1e-15 && ratio.integral(0.0).abs() < 1e-15, "{distance:?}");
            for u in [-0.5, -0.1, 0.0, 0.3, 1.2] {
                let step = 1e-6;
                let slope = (ratio.at(u + step) - ratio.at(u - step)) / (2.0 * step);
                let height = (ratio.integral(u + step) - ratio.integral(u - step)) / (2.0 * step);
                assert!((slope - ratio.slope(u)).abs() < 1e-7, "{distance:?} {u}");
                assert!((height - ratio.at(u)).abs() < 1e-7, "{distance:?} {u}");
            }
        }
        let logit = Ratio::new(Distance::Logit, bounds);
        assert_eq!((logit.at(-1e4), logit.at(1e4)), (lower, upper));
        assert!(logit.integral(1e4).is_finite() && logit.integral(-1e4).is_finite());
    }
}
