//! The few distributions and corrections that methods share, through `libm` so that a wasm build
//! gives the same bits.

use crate::contract::WEIGHT_ONE;

/// A sum of fixed-point weights as a number of people.
pub fn people(weight: i128) -> f64 {
    weight as f64 / WEIGHT_ONE as f64
}

/// `a / b`, or nothing where `b` is 0.
pub fn ratio(a: i128, b: i128) -> Option<f64> {
    (b != 0).then(|| a as f64 / b as f64)
}

/// Kish's effective number of answers, `(sum w)^2 / sum w^2` (Kish 1965); 0 without any.
pub fn effective(weight: i128, squares: i128) -> f64 {
    if squares == 0 { 0.0 } else { (weight as f64) * (weight as f64) / squares as f64 }
}

/// Wilson's score interval of the share `p` of `n` (effective) answers at two-sided `level`
/// (Wilson 1927). At p = 0 the lower end is exactly 0 and the upper end z²/(n+z²): zero counts need
/// no other rule. `None` without answers.
pub fn wilson(p: f64, n: f64, level: f64) -> Option<(f64, f64)> {
    if n <= 0.0 {
        return None;
    }
    let z = normal_quantile(0.5 + level / 2.0);
    let z2n = z * z / n;
    let middle = (p + z2n / 2.0) / (1.0 + z2n);
    let half = z / (1.0 + z2n) * libm::sqrt((p * (1.0 - p) / n + z2n / (4.0 * n)).max(0.0));
    let low = if p <= 0.0 { 0.0 } else { (middle - half).clamp(0.0, p) };
    let high = if p >= 1.0 { 1.0 } else { (middle + half).clamp(p, 1.0) };
    Some((low, high))
}

/// P(Z <= z) of the standard normal distribution.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// The z with `normal_cdf(z) = p`, for 0 < p < 1, by bisection to the last bits.
pub fn normal_quantile(p: f64) -> f64 {
    bisect(-40.0, 40.0, |z| normal_cdf(z) < p)
}

/// P(T <= t) of Student's distribution with `df` > 0 degrees of freedom, through the incomplete beta
/// function (Abramowitz and Stegun 26.7.1).
pub fn student_cdf(t: f64, df: f64) -> f64 {
    if t.is_infinite() {
        return if t > 0.0 { 1.0 } else { 0.0 };
    }
    let tail = 0.5 * incomplete_beta(df / 2.0, 0.5, df / (df + t * t));
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// P(T > t): without the loss of digits of `1 - student_cdf(t)`.
pub fn student_tail(t: f64, df: f64) -> f64 {
    student_cdf(-t, df)
}

/// The t with `student_cdf(t, df) = p`, for 0 < p < 1.
pub fn student_quantile(p: f64, df: f64) -> f64 {
    let mut reach = 10.0;
    while student_cdf(reach, df) < p.max(1.0 - p) && reach < 1e12 {
        reach *= 4.0;
    }
    bisect(-reach, reach, |t| student_cdf(t, df) < p)
}

fn bisect(mut low: f64, mut high: f64, below: impl Fn(f64) -> bool) -> f64 {
    // 200 halvings exhaust a double's bits from any of the callers' ranges.
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if below(middle) { low = middle } else { high = middle }
    }
    low + (high - low) / 2.0
}

/// The regularised incomplete beta function I_x(a, b) by its continued fraction (Abramowitz and
/// Stegun 26.5.8, evaluated by Lentz's method).
pub fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast below the mean; above it the symmetric value is taken.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let log_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x);
    (libm::exp(log_front) * beta_fraction(a, b, x) / a).clamp(0.0, 1.0)
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let away_from_zero = |value: f64| if value.abs() < 1e-300 { 1e-300 } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..10_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for term in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + term * d);
            c = away_from_zero(1.0 + term / c);
            fraction *= d * c;
        }
        if (fraction - before).abs() <= 1e-16 * fraction.abs() {
            break;
        }
    }
    fraction
}

/// The x with I_x(a, b) = p, for 0 < p < 1 and positive a and b.
pub fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    bisect(0.0, 1.0, |x| incomplete_beta(a, b, x) < p)
}

/// Holm's adjusted p-values (Holm 1979), in the given order.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut largest = 0.0_f64;
    for (rank, &index) in order.iter().enumerate() {
        largest = largest.max(((p.len() - rank) as f64 * p[index]).min(1.0));
        adjusted[index] = largest;
    }
    adjusted
}

/// Benjamini and Hochberg's adjusted p-values (1995), in the given order.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut smallest = 1.0_f64;
    for (rank, &index) in order.iter().enumerate().rev() {
        smallest = smallest.min(p.len() as f64 / (rank + 1) as f64 * p[index]);
        adjusted[index] = smallest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64, within: f64) {
        assert!((got - want).abs() <= within, "{got} is not {want}");
    }

    #[test]
    fn distributions_give_the_printed_values() {
        // Normal and t quantiles as printed in common statistical tables.
        close(normal_quantile(0.975), 1.959_963_984_540_054, 1e-12);
        close(normal_cdf(-1.0), 0.158_655_253_931_457_05, 1e-15);
        close(student_quantile(0.975, 1.0), 12.706_204_736_174_7, 1e-9);
        close(student_quantile(0.975, 10.0), 2.228_138_851_986_274, 1e-11);
        close(student_quantile(0.95, 30.0), 1.697_260_886_593_957, 1e-11);
        // Cauchy: P(T > 1) = 1/4. With 2 degrees of freedom P(T <= t) = 1/2 + t / (2 sqrt(2 + t²)).
        close(student_tail(1.0, 1.0), 0.25, 1e-14);
        close(student_cdf(3.0, 2.0), 0.5 + 3.0 / (2.0 * 11.0_f64.sqrt()), 1e-14);
        close(student_cdf(1.5, 1e7), normal_cdf(1.5), 1e-7);
        // I_x(2, 3) = 6x² - 8x³ + 3x⁴.
        close(incomplete_beta(2.0, 3.0, 0.4), 6.0 * 0.16 - 8.0 * 0.064 + 3.0 * 0.0256, 1e-14);
    }

    #[test]
    fn wilson_is_defined_at_the_ends() {
        // Newcombe 1998, Statistics in Medicine 17, table I: 81/263, 15/148, 0/20, 1/29.
        let check = |count: f64, n: f64, want: (f64, f64)| {
            let (low, high) = wilson(count / n, n, 0.95).unwrap();
            close(low, want.0, 5e-5);
            close(high, want.1, 5e-5);
        };
        check(81.0, 263.0, (0.2553, 0.3662));
        check(15.0, 148.0, (0.0624, 0.1605));
        check(0.0, 20.0, (0.0, 0.1611));
        check(1.0, 29.0, (0.0061, 0.1718));
        assert_eq!(wilson(0.0, 0.0, 0.95), None);
    }

    #[test]
    fn corrections_give_the_printed_values() {
        // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") and "BH".
        let p = [0.01, 0.04, 0.03, 0.005];
        for (got, want) in holm(&p).into_iter().zip([0.03, 0.06, 0.06, 0.02]) {
            close(got, want, 1e-12);
        }
        for (got, want) in benjamini_hochberg(&p).into_iter().zip([0.02, 0.04, 0.04, 0.02]) {
            close(got, want, 1e-12);
        }
    }
}
