//! Convex hulls.

/// Corners of the smallest convex shape around `points`, by Andrew's monotone chain (1979); all of
/// the distinct points where they are fewer than three or lie on a line.
pub(crate) fn convex_hull(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    sorted.dedup();
    if sorted.len() < 3 {
        return sorted;
    }
    let mut hull = chain(sorted.iter().copied());
    hull.pop();
    let mut upper = chain(sorted.iter().rev().copied());
    upper.pop();
    hull.extend(upper);
    hull
}

/// One side of the hull, keeping left turns only.
fn chain(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut side: Vec<(f64, f64)> = Vec::new();
    for p in points {
        while let [.., a, b] = side.as_slice()
            && (b.0 - a.0) * (p.1 - a.1) - (b.1 - a.1) * (p.0 - a.0) <= 0.0
        {
            side.pop();
        }
        side.push(p);
    }
    side
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hull_keeps_corners_only() {
        let check = |points: &[(f64, f64)], want: &[(f64, f64)]| assert_eq!(convex_hull(points), want);
        check(&[], &[]);
        check(&[(1.0, 1.0), (1.0, 1.0)], &[(1.0, 1.0)]);
        check(&[(0.0, 0.0), (2.0, 2.0), (1.0, 1.0)], &[(0.0, 0.0), (2.0, 2.0)]);
        check(
            &[(0.0, 0.0), (2.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 2.0), (1.0, 0.0)],
            &[(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)],
        );
    }
}
