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

    fn close(got: f64, want: f64) {
        assert!((got - want).abs() <= 1e-9 * want.abs().max(1.0), "{got} is not {want}");
    }

    /// Tuberculosis among the vaccinated and the others: cases and people well, of thirteen trials
    /// (Colditz et al. 1994, Journal of the American Medical Association 271; `dat.bcg` of metafor).
    const BCG: [[f64; 4]; 13] = [
        [4.0, 119.0, 11.0, 128.0],
        [6.0, 300.0, 29.0, 274.0],
        [3.0, 228.0, 11.0, 209.0],
        [62.0, 13_536.0, 248.0, 12_619.0],
        [33.0, 5_036.0, 47.0, 5_761.0],
        [180.0, 1_361.0, 372.0, 1_079.0],
        [8.0, 2_537.0, 10.0, 619.0],
        [505.0, 87_886.0, 499.0, 87_892.0],
        [29.0, 7_470.0, 45.0, 7_232.0],
        [17.0, 1_699.0, 65.0, 1_600.0],
        [186.0, 50_448.0, 141.0, 27_197.0],
        [5.0, 2_493.0, 3.0, 2_338.0],
        [27.0, 16_886.0, 29.0, 17_825.0],
    ];

    /// The logarithm of the ratio of risks.
    fn log_risk_ratio([ill, well, others_ill, others_well]: [f64; 4]) -> Part {
        let (people, others) = (ill + well, others_ill + others_well);
        Part {
            estimate: libm::log(ill / people / (others_ill / others)),
            variance: 1.0 / ill - 1.0 / people + 1.0 / others_ill - 1.0 / others,
        }
    }

    #[test]
    fn the_vaccine_trials_give_the_published_figures() {
        let parts = BCG.map(log_risk_ratio);
        let together = heterogeneity(&parts).unwrap();
        // statsmodels 0.15.0: combine_effects(y, v, method_re="chi2"); metafor prints Q = 152.2330,
        // tau^2 = 0.3088, I^2 = 92.12 %, mean -0.7141 with standard error 0.1787.
        close(together.q, 152.233_008_082_373_37);
        close(together.between, 0.308_760_262_862_376_34);
        close(together.i_squared, 0.921_173_468_545_620_5);
        close(together.mean, -0.714_117_222_073_226_9);
        close(together.mean_variance, 0.031_948_734_571_482_076);
        assert!((together.p / 1.996_764_59e-26 - 1.0).abs() < 1e-6, "{}", together.p);
        // numpy, by the formula that metafor's blup() documents.
        let pooled =
            [(-0.799_390_973_185_865_2, 0.166_891_183_985_336_9), (-1.248_573_568_693_491, 0.124_134_700_698_141_5)];
        for (part, (estimate, variance)) in parts.into_iter().zip(pooled) {
            close(together.pooled(part).estimate, estimate);
            close(together.pooled(part).variance, variance);
        }
    }

    #[test]
    fn like_parts_are_one() {
        let part = Part { estimate: 0.25, variance: 0.01 };
        let together = heterogeneity(&[part; 4]).unwrap();
        assert_eq!((together.q, together.p, together.i_squared, together.between), (0.0, 1.0, 0.0, 0.0));
        close(together.pooled(part).estimate, 0.25);
        close(together.pooled(part).variance, 0.0025);
        assert_eq!(heterogeneity(&[part]), None);
    }

    #[test]
    fn tails_of_chi_square() {
        // scipy 1.17.1: scipy.stats.chi2.sf(x, k).
        close(chi_square_tail(3.0, 1), 0.083_264_516_663_550_42);
        close(chi_square_tail(3.0, 2), 0.223_130_160_148_429_82);
        close(chi_square_tail(12.5, 5), 0.028_543_123_326_167_485);
        close(chi_square_tail(40.0, 24), 0.021_386_821_587_280_23);
        close(chi_square_tail(0.5, 9), 0.999_969_566_258_838_9);
        assert_eq!(chi_square_tail(1e6, 199), 0.0);
    }
}
