//! Whether segments differ by more than noise, and what each borrows from the others.
//!
//! With estimates y of variance v: Cochran's Q is the sum of (y - m)² / v about the mean m weighted by
//! 1 / v (Cochran 1954, Biometrics 10). The variance between segments is DerSimonian and Laird's
//! (1986, Controlled Clinical Trials 7): (Q - (k - 1)) / (sum of 1/v - sum of 1/v² / sum of 1/v), at
//! least 0. I² is the share of Q beyond its k - 1 degrees of freedom (Higgins and Thompson 2002,
//! Statistics in Medicine 21).

/// An estimate and its variance, which is above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Part {
    pub(super) estimate: f64,
    pub(super) variance: f64,
}

/// What the parts say together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Heterogeneity {
    pub(super) parts: usize,
    /// Cochran's Q.
    pub(super) q: f64,
    /// p of the hypothesis that all parts are one.
    pub(super) p: f64,
    /// Share of Q beyond chance.
    pub(super) i_squared: f64,
    /// Variance between parts.
    pub(super) between: f64,
    /// The mean of random effects.
    pub(super) mean: f64,
    /// Variance of that mean.
    pub(super) mean_variance: f64,
}

/// Nothing with fewer than two parts.
pub(super) fn heterogeneity(parts: &[Part]) -> Option<Heterogeneity> {
    if parts.len() < 2 {
        return None;
    }
    let freedom = (parts.len() - 1) as f64;
    let (mean, total) = weighted_mean(parts, 0.0);
    let q: f64 = parts.iter().map(|part| (part.estimate - mean) * (part.estimate - mean) / part.variance).sum();
    let squares: f64 = parts.iter().map(|part| 1.0 / (part.variance * part.variance)).sum();
    let between = ((q - freedom) / (total - squares / total)).max(0.0);
    let (mean, total) = weighted_mean(parts, between);
    Some(Heterogeneity {
        parts: parts.len(),
        q,
        p: chi_square_tail(q, parts.len() - 1),
        i_squared: if q > freedom { (q - freedom) / q } else { 0.0 },
        between,
        mean,
        mean_variance: 1.0 / total,
    })
}

/// The mean weighted by 1 / (variance + between), and the sum of these weights.
fn weighted_mean(parts: &[Part], between: f64) -> (f64, f64) {
    let weight = |part: &Part| 1.0 / (part.variance + between);
    let total: f64 = parts.iter().map(weight).sum();
    (parts.iter().map(|part| weight(part) * part.estimate).sum::<f64>() / total, total)
}

impl Heterogeneity {
    /// The mean of random effects.
    pub(super) fn mean(&self) -> Part {
        Part { estimate: self.mean, variance: self.mean_variance }
    }

    /// The part drawn towards the mean of all: its empirical Bayes estimate (Morris 1983, Journal of the
    /// American Statistical Association 78), which keeps b = between / (between + variance) of its own,
    /// with the variance b v + (1 - b)² var(mean).
    pub(super) fn pooled(&self, part: Part) -> Part {
        let own = self.between / (self.between + part.variance);
        let lent = 1.0 - own;
        Part {
            estimate: own * part.estimate + lent * self.mean,
            variance: own * part.variance + lent * lent * self.mean_variance,
        }
    }
}

/// P(X > x) of the chi-square distribution (Abramowitz and Stegun 26.4.4 and 26.4.5).
fn chi_square_tail(x: f64, freedom: usize) -> f64 {
    let half = x / 2.0;
    let density = libm::exp(-half);
    let (mut tail, mut term, first) = match freedom % 2 {
        0 => (density, density * half, 2),
        _ => (libm::erfc(libm::sqrt(half)), density * libm::sqrt(half) * std::f64::consts::FRAC_2_SQRT_PI, 1),
    };
    // From k degrees of freedom to two more: (x/2)^(k/2) exp(-x/2) / Γ(k/2 + 1).
    for k in (first..freedom).step_by(2) {
        tail += term;
        term *= half / (k as f64 / 2.0 + 1.0);
    }
    tail.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64, within: f64) {
        assert!((got - want).abs() <= within, "{got} is not {want}");
    }
}
