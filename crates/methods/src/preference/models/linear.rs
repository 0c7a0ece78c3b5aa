//! Inverses of small symmetric matrices.

/// A pivot this small against its diagonal is rounding: the matrix has no inverse.
const SINGULAR: f64 = 1e-13;

/// The inverse of the symmetric, positive definite matrix of `size` rows, of which only the lower
/// triangle is read. It goes through the factors L D L' without a square root, so that a matrix scaled
/// by a power of two has exactly the scaled inverse. `None` where it has none to working precision.
pub(super) fn inverse(matrix: &[f64], size: usize) -> Option<Vec<f64>> {
    let (lower, pivots) = factors(matrix, size)?;
    let mut inverse = vec![0.0; size * size];
    for column in 0..size {
        let mut x = vec![0.0; size];
        x[column] = 1.0;
        for row in column + 1..size {
            x[row] -= (column..row).map(|k| lower[row * size + k] * x[k]).sum::<f64>();
        }
        x.iter_mut().zip(&pivots).for_each(|(x, pivot)| *x /= pivot);
        for row in (0..size).rev() {
            x[row] -= (row + 1..size).map(|k| lower[k * size + row] * x[k]).sum::<f64>();
        }
        (0..size).for_each(|row| inverse[row * size + column] = x[row]);
    }
    Some(inverse)
}

fn factors(matrix: &[f64], size: usize) -> Option<(Vec<f64>, Vec<f64>)> {
    let mut lower = vec![0.0; size * size];
    let mut pivots: Vec<f64> = Vec::with_capacity(size);
    for row in 0..size {
        for column in 0..row {
            let known: f64 = (0..column).map(|k| lower[row * size + k] * lower[column * size + k] * pivots[k]).sum();
            lower[row * size + column] = (matrix[row * size + column] - known) / pivots[column];
        }
        let known: f64 = (0..row).map(|k| lower[row * size + k] * lower[row * size + k] * pivots[k]).sum();
        let diagonal = matrix[row * size + row];
        let pivot = diagonal - known;
        if !pivot.is_finite() || pivot <= SINGULAR * diagonal {
            return None;
        }
        pivots.push(pivot);
    }
    Some((lower, pivots))
}

/// `matrix` times `vector`.
pub(super) fn times(matrix: &[f64], vector: &[f64]) -> Vec<f64> {
    matrix.chunks_exact(vector.len()).map(|row| dot(row, vector)).collect()
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `outer * inner * outer` of symmetric matrices.
pub(super) fn sandwich(outer: &[f64], inner: &[f64], size: usize) -> Vec<f64> {
    // Rows stand for columns: the matrices are symmetric.
    let half: Vec<Vec<f64>> = outer.chunks_exact(size).map(|row| times(inner, row)).collect();
    half.iter().flat_map(|row| times(outer, row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverses_are_inverses() {
        let matrix = [4.0, 1.0, -0.5, 1.0, 3.0, 0.25, -0.5, 0.25, 2.0];
        let found = inverse(&matrix, 3).unwrap();
        for row in 0..3 {
            let product = times(&matrix, &[found[row], found[3 + row], found[6 + row]]);
            (0..3).for_each(|at| assert!((product[at] - f64::from(at == row)).abs() < 1e-15));
        }
        assert_eq!(inverse(&[1.0, -1.0, -1.0, 1.0], 2), None);
        assert_eq!(inverse(&[0.0], 1), None);
    }
}
