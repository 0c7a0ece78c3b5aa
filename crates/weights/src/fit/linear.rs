//! Symmetric systems of equations that may say the same thing twice.

/// Part of its diagonal that a pivot must keep to be told from rounding.
const PIVOT: f64 = 1e-11;

/// A solution of `matrix` x = `right`, with `matrix` symmetric and positive semidefinite, row by row.
/// Margins repeat their sum, so that rows depend on others: those get 0 (Cholesky with pivots).
pub(crate) fn solve(matrix: &[f64], right: &[f64]) -> Vec<f64> {
    let n = right.len();
    let scale: Vec<f64> =
        (0..n).map(|i| matrix[i * n + i]).map(|d| if d > 0.0 { 1.0 / libm::sqrt(d) } else { 0.0 }).collect();
    let mut a: Vec<f64> = (0..n * n).map(|at| matrix[at] * scale[at / n] * scale[at % n]).collect();
    let mut b: Vec<f64> = right.iter().zip(&scale).map(|(right, scale)| right * scale).collect();
    let mut order = Vec::new();
    let mut open: Vec<usize> = (0..n).collect();
    while let Some(place) =
        (0..open.len()).max_by(|&i, &j| diagonal(&a, n, open[i]).total_cmp(&diagonal(&a, n, open[j])))
    {
        let pivot = open.remove(place);
        let d = diagonal(&a, n, pivot);
        if d <= PIVOT {
            break;
        }
        for &row in &open {
            let factor = a[row * n + pivot] / d;
            if factor != 0.0 {
                open.iter().for_each(|&column| a[row * n + column] -= factor * a[pivot * n + column]);
                b[row] -= factor * b[pivot];
            }
        }
        order.push(pivot);
    }
    let mut x = vec![0.0; n];
    for (place, &row) in order.iter().enumerate().rev() {
        let known: f64 = order[place + 1..].iter().map(|&column| a[row * n + column] * x[column]).sum();
        x[row] = (b[row] - known) / diagonal(&a, n, row);
    }
    x.iter().zip(&scale).map(|(x, scale)| x * scale).collect()
}

fn diagonal(a: &[f64], n: usize, row: usize) -> f64 {
    a[row * n + row]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equations_that_repeat_others_are_left_out() {
        // Rows 0 and 1 add up to row 2.
        let matrix = [2.0, 0.0, 2.0, 0.0, 3.0, 3.0, 2.0, 3.0, 5.0];
        let x = solve(&matrix, &[4.0, 9.0, 13.0]);
        for (row, want) in matrix.chunks(3).zip([4.0, 9.0, 13.0]) {
            let got: f64 = row.iter().zip(&x).map(|(a, x)| a * x).sum();
            assert!((got - want).abs() < 1e-12, "{got} is not {want}");
        }
        assert_eq!(solve(&[0.0], &[1.0]), [0.0]);
    }
}
