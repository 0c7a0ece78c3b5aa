//! What design and weights cost: design effects and effective numbers, under separate names.

use folkmoot_fold::stats::effective;

/// The estimate's own design effect: its variance over that of a simple random sample of as many with
/// replacement, whose spread is estimated with the weights (Kish 1965). `None` with fewer than two
/// rows or without spread.
pub fn of_mean(variance: f64, weight: &[f64], column: &[f64]) -> Option<f64> {
    let rows = weight.iter().filter(|weight| **weight != 0.0).count() as f64;
    let sum: f64 = weight.iter().sum();
    let mean = weight.iter().zip(column).map(|(w, x)| w * x).sum::<f64>() / sum;
    let squares: f64 = weight.iter().zip(column).map(|(w, x)| w * (x - mean) * (x - mean)).sum();
    let simple = squares / sum / (rows - 1.0);
    (rows > 1.0 && simple > 0.0).then(|| variance / simple)
}

/// The same of the share `p` of `rows` answers.
pub fn of_share(variance: f64, p: f64, rows: f64) -> Option<f64> {
    let simple = p * (1.0 - p) / (rows - 1.0);
    (rows > 1.0 && simple > 0.0).then(|| variance / simple)
}

/// Kish's design effect of unequal weights alone, `n sum w^2 / (sum w)^2` (Kish 1992). `None` without
/// weight.
pub fn of_weights(rows: f64, weight: i128, squares: i128) -> Option<f64> {
    let people = effective(weight, squares);
    (people > 0.0).then(|| rows / people)
}

/// The number of answers of a simple random sample that the share `p` is as sure as: `p (1 - p)` over
/// its variance. `None` where the variance says nothing.
pub fn effective_of_share(p: f64, variance: f64) -> Option<f64> {
    let spread = p * (1.0 - p);
    (spread > 0.0 && variance > 0.0).then(|| spread / variance)
}
