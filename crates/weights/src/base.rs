//! Sums of weights over people, exact to 61 bits below the largest weight, so that the order of the
//! people changes none of them.

use crate::failure::Failure;

/// Bits of the largest weight; sums of 2^64 people fit into an `i128`.
const BITS: i32 = 61;
/// A power of 2 below which weights are as good as 0: a larger scale would not be a number.
const LEAST_EXPONENT: i32 = -900;

/// Weights of the cells.
#[derive(Clone, Debug)]
pub(crate) struct Sums {
    /// Share of each cell, together 1.
    pub(crate) shares: Vec<f64>,
    /// All weights together.
    pub(crate) total: f64,
}

impl Sums {
    /// Of people who weigh 1 each.
    pub(crate) fn of_people(people: &[u32]) -> Self {
        let total = people.iter().map(|&n| u64::from(n)).sum::<u64>() as f64;
        Self { shares: people.iter().map(|&n| f64::from(n) / total).collect(), total }
    }

    /// Of weights, each in the cell that `of_row` says.
    pub(crate) fn of_weights(weights: &[f64], of_row: &[u32], cells: usize) -> Result<Self, Failure> {
        let Some(largest) = largest(weights) else {
            return Err(unsound(weights));
        };
        if largest == 0.0 {
            return Err(Failure::NoBaseWeight);
        }
        let (_, exponent) = libm::frexp(largest);
        let scale = libm::ldexp(1.0, BITS - exponent.max(LEAST_EXPONENT));
        let mut sums = vec![0_i128; cells];
        for (&weight, &cell) in weights.iter().zip(of_row) {
            sums[cell as usize] += i128::from((weight * scale) as i64);
        }
        let total = sums.iter().sum::<i128>() as f64;
        if total == 0.0 {
            return Err(Failure::NoBaseWeight);
        }
        Ok(Self { shares: sums.iter().map(|&sum| sum as f64 / total).collect(), total: total / scale })
    }
}

/// The largest weight, in lanes that do not wait for each other; none where one is no weight.
fn largest(weights: &[f64]) -> Option<f64> {
    let (chunks, rest) = weights.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    let mut sound = [true; 8];
    for chunk in chunks {
        for ((lane, sound), &weight) in lanes.iter_mut().zip(&mut sound).zip(chunk) {
            *lane = if weight > *lane { weight } else { *lane };
            *sound &= is_sound(weight);
        }
    }
    let all_sound = sound.iter().all(|sound| *sound) && rest.iter().all(|&weight| is_sound(weight));
    all_sound.then(|| lanes.iter().chain(rest).fold(0.0, |largest: f64, &weight| largest.max(weight)))
}

fn is_sound(weight: f64) -> bool {
    (0.0..f64::INFINITY).contains(&weight)
}

#[cold]
fn unsound(weights: &[f64]) -> Failure {
    let mut all = weights.iter().enumerate().filter(|(_, weight)| !is_sound(**weight));
    let (row, weight) = all.next().map_or((0, 0.0), |(row, weight)| (row, *weight));
    Failure::BaseWeight { row, weight, count: 1 + all.count() }
}
