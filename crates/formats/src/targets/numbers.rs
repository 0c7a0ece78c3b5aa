//! Shares that add up to 1, or counts.

/// How far shares may be from 1 together.
const TOLERANCE: f64 = 1e-6;

/// The numbers, none of them negative, as shares: whole ones are counts.
pub(super) fn shares(numbers: Vec<f64>, of: &str) -> Result<Vec<f64>, String> {
    if numbers.is_empty() {
        return Err(format!("give each {of} its share"));
    }
    let sum: f64 = numbers.iter().sum();
    if sum == 0.0 {
        return Err("the shares add up to 0".to_owned());
    }
    if !sum.is_finite() {
        return Err("the counts are too large to add up".to_owned());
    }
    if numbers.iter().all(|number| number.fract() == 0.0) {
        return Ok(numbers.into_iter().map(|number| number / sum).collect());
    }
    match (sum - 1.0).abs() > TOLERANCE {
        true => Err(format!("the shares add up to {sum}, not to 1 (counts are whole numbers)")),
        false => Ok(numbers),
    }
}
