//! Which of some things moved: all that is not in a longest increasing subsequence.

/// For every place whether its value is outside of one longest increasing subsequence of `values`
/// (distinct). Patience sorting: `O(n log n)` (Fredman 1975, "On computing the length of longest
/// increasing subsequences").
pub(crate) fn out_of_order(values: &[usize]) -> Vec<bool> {
    // `ends[k]` is the place of the smallest value that ends an increasing run of length k + 1.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous = vec![None; values.len()];
    for (place, &value) in values.iter().enumerate() {
        let length = ends.partition_point(|&end| values[end] < value);
        previous[place] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(place);
        } else {
            ends[length] = place;
        }
    }
    let mut moved = vec![true; values.len()];
    let mut place = ends.last().copied();
    while let Some(kept) = place {
        moved[kept] = false;
        place = previous[kept];
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_move_is_one_move() {
        let check = |values: &[usize], want: &[usize]| {
            let moved = out_of_order(values);
            let got: Vec<usize> = values.iter().zip(moved).filter(|(_, moved)| *moved).map(|(&v, _)| v).collect();
            assert_eq!(got, want, "{values:?}");
        };
        check(&[], &[]);
        check(&[0, 1, 2, 3], &[]);
        check(&[1, 2, 3, 0], &[0]);
        check(&[3, 0, 1, 2], &[3]);
        check(&[0, 3, 1, 2, 4], &[3]);
    }
}
