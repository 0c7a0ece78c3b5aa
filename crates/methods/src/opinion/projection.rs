//! Votes in two dimensions: principal components of the imputed votes, sparse voters moved outwards.

use crate::opinion::votes::Voter;

/// Steps of the iteration at most; it stops earlier once nothing moves.
const MOST_STEPS: usize = 1000;
/// Movement that counts as none.
const TOLERANCE: f64 = 1e-12;

/// Where each voter stands, in the order of the voters.
pub(crate) struct Projection {
    pub(crate) points: Vec<[f64; 2]>,
    /// Share of the variance of the imputed votes along each component.
    pub(crate) explained: [f64; 2],
    /// Steps of the longer iteration.
    pub(crate) steps: usize,
    pub(crate) converged: bool,
}

/// Projects voters on the two main components of `items` statements. A missing vote is the
/// statement's weighted mean, so that it moves nobody; a voter of few statements is scaled by
/// sqrt(statements / answered), as imputation draws such voters to the middle (as Polis does:
/// Small et al. 2021).
pub(crate) fn project(voters: &[Voter], items: usize) -> Projection {
    let means = means(voters, items);
    let covariance = covariance(voters, &means);
    let total: f64 = (0..items).map(|i| covariance[i * items + i]).sum();
    let (first, first_value, first_steps) = leading(&covariance, items, None);
    let (second, second_value, second_steps) = leading(&covariance, items, Some(&first));
    let place = |voter: &Voter| {
        let scale = libm::sqrt(items as f64 / voter.votes.len().max(1) as f64);
        let along = |component: &[f64]| {
            let terms = voter
                .votes
                .iter()
                .map(|&(item, vote)| (f64::from(vote) - means[item as usize]) * component[item as usize]);
            scale * terms.sum::<f64>()
        };
        [along(&first), along(&second)]
    };
    let share = |value: f64| if total > 0.0 { (value / total).clamp(0.0, 1.0) } else { 0.0 };
    Projection {
        points: voters.iter().map(place).collect(),
        explained: [share(first_value), share(second_value)],
        steps: first_steps.max(second_steps),
        converged: first_steps.max(second_steps) < MOST_STEPS,
    }
}

fn means(voters: &[Voter], items: usize) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); items];
    for voter in voters {
        for &(item, vote) in &voter.votes {
            let sum = &mut sums[item as usize];
            sum.0 += voter.weight * f64::from(vote);
            sum.1 += voter.weight;
        }
    }
    sums.into_iter().map(|(sum, weight)| if weight > 0.0 { sum / weight } else { 0.0 }).collect()
}

/// Weighted sums of products of the centred votes, items by items.
fn covariance(voters: &[Voter], means: &[f64]) -> Vec<f64> {
    let items = means.len();
    let mut sums = vec![0.0; items * items];
    let mut centred = Vec::new();
    for voter in voters {
        centred.clear();
        centred.extend(voter.votes.iter().map(|&(item, vote)| {
            let item = item as usize;
            (item, f64::from(vote) - means[item])
        }));
        // The voter's items ascend, so that this fills the lower triangle.
        for (place, &(row, value)) in centred.iter().enumerate() {
            let weighted = voter.weight * value;
            let sums = &mut sums[row * items..(row + 1) * items];
            centred[..=place].iter().for_each(|&(column, other)| sums[column] += weighted * other);
        }
    }
    for row in 0..items {
        for column in 0..row {
            sums[column * items + row] = sums[row * items + column];
        }
    }
    sums
}

/// The component of most variance, orthogonal to `known`, its variance and the steps it took: power
/// iteration from a fixed start. Its largest element is positive.
fn leading(covariance: &[f64], items: usize, known: Option<&[f64]>) -> (Vec<f64>, f64, usize) {
    // No symmetry of the data is orthogonal to a start without symmetry.
    let mut vector: Vec<f64> = (0..items).map(|i| 1.0 + (i * 37 % 101) as f64 / 101.0).collect();
    let mut value = 0.0;
    let mut steps = 0;
    orthonormal(&mut vector, known);
    while steps < MOST_STEPS {
        steps += 1;
        let mut next: Vec<f64> = covariance.chunks_exact(items.max(1)).map(|row| dot(row, &vector)).collect();
        value = dot(&next, &vector);
        if !orthonormal(&mut next, known) {
            break;
        }
        let moved = next.iter().zip(&vector).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        vector = next;
        if moved < TOLERANCE {
            break;
        }
    }
    let largest = vector.iter().copied().fold(0.0, |largest: f64, x| if x.abs() > largest.abs() { x } else { largest });
    if largest < 0.0 {
        vector.iter_mut().for_each(|x| *x = -*x);
    }
    (vector, value.max(0.0), steps)
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    // Four sums side by side, always in this order.
    let (a4, a_rest) = a.as_chunks::<4>();
    let (b4, b_rest) = b.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for (a, b) in a4.iter().zip(b4) {
        (0..4).for_each(|lane| sums[lane] += a[lane] * b[lane]);
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// Takes `known`'s direction out of the vector and gives it length 1; false where nothing is left.
fn orthonormal(vector: &mut [f64], known: Option<&[f64]>) -> bool {
    if let Some(known) = known {
        let along = dot(vector, known);
        vector.iter_mut().zip(known).for_each(|(x, k)| *x -= along * k);
    }
    let length = libm::sqrt(dot(vector, vector));
    if length < 1e-9 {
        vector.fill(0.0);
        return false;
    }
    vector.iter_mut().for_each(|x| *x /= length);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_component_of_a_known_matrix() {
        // [[2, 1], [1, 2]] has the eigenvalues 3 along (1, 1) and 1 along (1, -1).
        let (first, value, _) = leading(&[2.0, 1.0, 1.0, 2.0], 2, None);
        assert!((value - 3.0).abs() < 1e-9 && (first[0] - first[1]).abs() < 1e-9);
        let (second, value, _) = leading(&[2.0, 1.0, 1.0, 2.0], 2, Some(&first));
        assert!((value - 1.0).abs() < 1e-9 && (second[0] + second[1]).abs() < 1e-9);
    }
}
