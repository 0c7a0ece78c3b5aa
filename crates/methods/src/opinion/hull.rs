//! Convex hulls.

/// Corners of the smallest convex shape around `points`, in the direction against the clock, the
/// leftmost first (Andrew 1979); of points on a line its ends.
pub(crate) fn hull(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    sorted.dedup();
    if sorted.len() < 3 {
        return sorted;
    }
    let lower = side(sorted.iter().copied());
    let upper = side(sorted.iter().rev().copied());
    [&lower[..lower.len() - 1], &upper[..upper.len() - 1]].concat()
}

/// The points on the right of all others, on the way from the first to the last.
fn side(points: impl Iterator<Item = [f64; 2]>) -> Vec<[f64; 2]> {
    let mut kept: Vec<[f64; 2]> = Vec::new();
    for point in points {
        while let [.., a, b] = kept.as_slice()
            && !turns_left(a, b, &point)
        {
            kept.pop();
        }
        kept.push(point);
    }
    kept
}

fn turns_left(a: &[f64; 2], b: &[f64; 2], c: &[f64; 2]) -> bool {
    (b[0] - a[0]) * (c[1] - a[1]) > (b[1] - a[1]) * (c[0] - a[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_only_and_against_the_clock() {
        let check = |points: &[[f64; 2]], want: &[[f64; 2]]| assert_eq!(hull(points), want, "{points:?}");
        check(&[], &[]);
        check(&[[1.0, 2.0], [1.0, 2.0]], &[[1.0, 2.0]]);
        check(&[[2.0, 2.0], [0.0, 0.0], [1.0, 1.0]], &[[0.0, 0.0], [2.0, 2.0]]);
        let square = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]];
        check(&[[1.0, 1.0], [2.0, 2.0], [0.0, 2.0], [2.0, 0.0], [1.0, 0.0], [0.0, 0.0]], &square);
    }
}
