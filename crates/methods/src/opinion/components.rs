//! The two main components of a symmetric matrix that is known by its products only: block Lanczos
//! iteration, every vector held orthogonal to all before (Golub and Underwood 1977).

/// The same place of two vectors.
pub(crate) type Pair = [f64; 2];

/// Products at most.
const MOST_PASSES: usize = 600;
/// Pairs of vectors at most; then the best [`KEPT`] directions within them stand for all (Wu and Simon 2000).
const MOST_PAIRS: usize = 60;
const KEPT: usize = 40;
/// Pairs between looks at what has been found.
const LOOK: usize = 4;
/// What a component may be off: the distance of its product from itself times its value.
const TOLERANCE: f64 = 1e-12;
/// Rotations of every two axes at most.
const MOST_SWEEPS: usize = 50;

/// The components of the largest values, that value first.
pub(crate) struct Leading {
    pub(crate) vectors: Vec<Pair>,
    pub(crate) values: [f64; 2],
    pub(crate) passes: usize,
    pub(crate) converged: bool,
}

/// Components of the matrix of `size` rows whose products `times` gives; its trace is 1 and none of its
/// values is negative. The largest element of each component is positive.
pub(crate) fn leading(size: usize, times: impl Fn(&[Pair]) -> Vec<Pair>) -> Leading {
    let mut space = Space { basis: Vec::new(), products: Vec::new() };
    let mut next = orthonormal(start(size)).0;
    let mut passes = 0;
    loop {
        let image = times(&interleaved(&next));
        passes += 1;
        let beyond;
        (next, beyond) = space.grow(next, &image);
        let pairs = space.basis.len() / 2;
        let full = pairs == MOST_PAIRS || passes == MOST_PASSES;
        if !full && !pairs.is_multiple_of(LOOK) && beyond != [[0.0; 2]; 2] {
            continue;
        }
        let found = space.components();
        let [first, second, ..] = found.as_slice() else { unreachable!("a pair was taken in") };
        let off = residual(&first.1, &beyond).max(residual(&second.1, &beyond));
        if off <= TOLERANCE || passes == MOST_PASSES {
            let vectors = [first, second].map(|(_, weights)| upright(space.vector(weights)));
            let values = [first.0, second.0];
            return Leading { vectors: interleaved(&vectors), values, passes, converged: off <= TOLERANCE };
        }
        if full {
            space.shrink(&found[..KEPT]);
        }
    }
}

/// Two vectors that no symmetry of the data is orthogonal to.
fn start(size: usize) -> [Vec<f64>; 2] {
    [37, 61].map(|step| (0..size).map(|i| 1.0 + (i * step % 101) as f64 / 101.0).collect())
}

/// What has been seen of the matrix.
struct Space {
    /// Vectors of length 1, or of length 0, orthogonal to each other.
    basis: Vec<Vec<f64>>,
    /// For each of the basis the products with those before it and itself.
    products: Vec<Vec<f64>>,
}

impl Space {
    /// Takes a pair and its image in; the pair to go on with, and how far the image reaches along it.
    fn grow(&mut self, pair: [Vec<f64>; 2], image: &[Pair]) -> ([Vec<f64>; 2], [Pair; 2]) {
        self.basis.extend(pair);
        let first = self.basis.len() - 2;
        let mut rest = [0, 1].map(|axis| image.iter().map(|pair| pair[axis]).collect::<Vec<f64>>());
        for (axis, vector) in rest.iter_mut().enumerate() {
            let mut along = self.remove(vector);
            // Once more, for what rounding left.
            let left = self.remove(vector);
            along.iter_mut().zip(left).for_each(|(along, left)| *along += left);
            along.truncate(first + axis + 1);
            self.products.push(along);
        }
        orthonormal(rest)
    }

    /// Makes a vector orthogonal to the basis; how far it reached along each.
    fn remove(&self, vector: &mut [f64]) -> Vec<f64> {
        let mut along = Vec::with_capacity(self.basis.len());
        for known in &self.basis {
            along.push(subtract(vector, known));
        }
        along
    }

    /// The matrix's values within the basis, the largest first, each with its vector in terms of the basis.
    fn components(&self) -> Vec<(f64, Vec<f64>)> {
        let size = self.basis.len();
        let mut matrix = vec![0.0; size * size];
        for (row, products) in self.products.iter().enumerate() {
            for (column, &product) in products.iter().enumerate() {
                matrix[row * size + column] = product;
                matrix[column * size + row] = product;
            }
        }
        let vectors = diagonalise(&mut matrix, size);
        let of_row = |(row, vector): (usize, &[f64])| (matrix[row * size + row].max(0.0), vector.to_vec());
        let mut components: Vec<_> = vectors.chunks_exact(size).enumerate().map(of_row).collect();
        components.sort_by(|a, b| b.0.total_cmp(&a.0));
        components
    }

    /// A vector given in terms of the basis.
    fn vector(&self, weights: &[f64]) -> Vec<f64> {
        let mut vector = vec![0.0; self.basis[0].len()];
        for (known, weight) in self.basis.iter().zip(weights) {
            vector.iter_mut().zip(known).for_each(|(x, known)| *x += weight * known);
        }
        vector
    }

    /// Makes these components the basis.
    fn shrink(&mut self, components: &[(f64, Vec<f64>)]) {
        self.basis = components.iter().map(|(_, weights)| self.vector(weights)).collect();
        let product = |(place, (value, _)): (usize, &(f64, Vec<f64>))| {
            let mut products = vec![0.0; place];
            products.push(*value);
            products
        };
        self.products = components.iter().enumerate().map(product).collect();
    }
}

/// A pair of the same span, orthogonal and of length 1; and the first pair in terms of it.
fn orthonormal([mut a, mut b]: [Vec<f64>; 2]) -> ([Vec<f64>; 2], [Pair; 2]) {
    let length = normalise(&mut a);
    let along = subtract(&mut b, &a) + subtract(&mut b, &a);
    let rest = normalise(&mut b);
    ([a, b], [[length, along], [0.0, rest]])
}

/// How far the product of a vector lies from its direction: what it reaches beyond the basis.
fn residual(weights: &[f64], beyond: &[Pair; 2]) -> f64 {
    let [.., a, b] = weights else { return 0.0 };
    let reach = beyond.map(|[first, second]| first * a + second * b);
    libm::sqrt(reach[0] * reach[0] + reach[1] * reach[1])
}

fn interleaved([a, b]: &[Vec<f64>; 2]) -> Vec<Pair> {
    a.iter().zip(b).map(|(&a, &b)| [a, b]).collect()
}

fn upright(mut vector: Vec<f64>) -> Vec<f64> {
    let largest = vector.iter().copied().fold(0.0, |largest: f64, x| if x.abs() > largest.abs() { x } else { largest });
    if largest < 0.0 {
        vector.iter_mut().for_each(|x| *x = -*x);
    }
    vector
}

/// Takes a direction out of a vector; how far the vector reached along it.
fn subtract(vector: &mut [f64], known: &[f64]) -> f64 {
    let along = dot(vector, known);
    vector.iter_mut().zip(known).for_each(|(x, known)| *x -= along * known);
    along
}

/// Gives a vector length 1, or 0 where it is hardly there; the length it had.
fn normalise(vector: &mut [f64]) -> f64 {
    let length = libm::sqrt(dot(vector, vector));
    if length <= TOLERANCE {
        vector.fill(0.0);
        return 0.0;
    }
    vector.iter_mut().for_each(|x| *x /= length);
    length
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

/// Rotates a symmetric matrix until it is diagonal (Jacobi 1846); its vectors, one a row.
fn diagonalise(matrix: &mut [f64], size: usize) -> Vec<f64> {
    let mut vectors = vec![0.0; size * size];
    (0..size).for_each(|at| vectors[at * size + at] = 1.0);
    let least = 1e-17 * libm::sqrt(dot(matrix, matrix));
    for _ in 0..MOST_SWEEPS {
        let mut turned = false;
        for row in 1..size {
            for column in 0..row {
                if matrix[row * size + column].abs() > least {
                    rotate(matrix, &mut vectors, size, (column, row));
                    turned = true;
                }
            }
        }
        if !turned {
            break;
        }
    }
    vectors
}

/// Turns two axes so that the matrix has nothing between them.
fn rotate(matrix: &mut [f64], vectors: &mut [f64], size: usize, (p, q): (usize, usize)) {
    let half = (matrix[q * size + q] - matrix[p * size + p]) / (2.0 * matrix[p * size + q]);
    let tangent = half.signum() / (half.abs() + libm::sqrt(half * half + 1.0));
    let cosine = 1.0 / libm::sqrt(tangent * tangent + 1.0);
    let sine = tangent * cosine;
    let turn = |a: &mut f64, b: &mut f64| (*a, *b) = (cosine * *a - sine * *b, sine * *a + cosine * *b);
    for rows in [&mut *matrix, vectors] {
        let (above, below) = rows.split_at_mut(q * size);
        above[p * size..][..size].iter_mut().zip(&mut below[..size]).for_each(|(a, b)| turn(a, b));
    }
    for row in matrix.chunks_exact_mut(size) {
        let (left, right) = row.split_at_mut(q);
        turn(&mut left[p], &mut right[0]);
    }
    matrix[p * size + q] = 0.0;
    matrix[q * size + p] = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The components of a matrix given by its rows, of trace 1.
    fn of(rows: &[&[f64]]) -> Leading {
        let product = |pair: &[Pair]| -> Vec<Pair> {
            let along = |row: &[f64], axis: usize| row.iter().zip(pair).map(|(x, pair)| x * pair[axis]).sum::<f64>();
            rows.iter().map(|row| [along(row, 0), along(row, 1)]).collect()
        };
        leading(rows.len(), product)
    }

    fn check(rows: &[&[f64]], values: [f64; 2], vectors: [&[f64]; 2]) {
        let found = of(rows);
        assert!(found.converged, "{rows:?}");
        for axis in [0, 1] {
            assert!((found.values[axis] - values[axis]).abs() < 1e-12, "{rows:?}: {:?}", found.values);
            for (pair, want) in found.vectors.iter().zip(vectors[axis]) {
                assert!((pair[axis] - want).abs() < 1e-11, "{rows:?}: {:?}", found.vectors);
            }
        }
    }

    #[test]
    fn the_main_components_of_known_matrices() {
        let half = std::f64::consts::FRAC_1_SQRT_2;
        check(&[&[0.5, 0.25], &[0.25, 0.5]], [0.75, 0.25], [&[half, half], &[half, -half]]);
        check(&[&[1.0]], [1.0, 0.0], [&[1.0], &[0.0]]);
        let diagonal: [&[f64]; 4] =
            [&[0.1, 0.0, 0.0, 0.0], &[0.0, 0.5, 0.0, 0.0], &[0.0, 0.0, 0.3, 0.0], &[0.0, 0.0, 0.0, 0.1]];
        check(&diagonal, [0.5, 0.3], [&[0.0, 1.0, 0.0, 0.0], &[0.0, 0.0, 1.0, 0.0]]);
    }

    #[test]
    fn two_equal_values_are_both_found() {
        let rows: [&[f64]; 3] = [&[0.4, 0.0, 0.0], &[0.0, 0.4, 0.0], &[0.0, 0.0, 0.2]];
        let found = of(&rows);
        assert!(found.values.iter().all(|value| (value - 0.4).abs() < 1e-12), "{:?}", found.values);
        assert!(found.vectors[2].iter().all(|x| x.abs() < 1e-11));
    }

    #[test]
    fn values_that_lie_close_are_told_apart() {
        // From 1 to 0, the closer together the larger, made to have trace 1.
        let value = |at: usize| 1.0 - (at as f64 / 129.0).powf(1.4);
        let trace: f64 = (0..130).map(value).sum();
        let product = |pair: &[Pair]| -> Vec<Pair> {
            pair.iter().enumerate().map(|(at, pair)| pair.map(|x| x * value(at) / trace)).collect()
        };
        let found = leading(130, product);
        assert!(found.converged && found.passes > MOST_PAIRS, "{}", found.passes);
        for axis in [0, 1] {
            assert!((found.values[axis] - value(axis) / trace).abs() < 1e-14);
            assert!((found.vectors[axis][axis] - 1.0).abs() < 1e-5);
        }
    }
}
