//! Whole seats from shares.

use std::cmp::Reverse;

/// Seats by largest remainder (Hamilton): everybody gets the whole part of their share, and the seats
/// left go to the largest remainders. Of equal remainders the larger part comes first, then the earlier
/// place. Returned beside the seats: the places among which only that last rule chose.
///
/// Only the ratios of `parts` count; their sum is above 0.
pub(crate) fn largest_remainder(parts: &[u64], seats: u32) -> (Vec<u32>, Vec<usize>) {
    let total: u128 = parts.iter().map(|&part| u128::from(part)).sum();
    let exact = |place: usize| u128::from(parts[place]) * u128::from(seats);
    let mut given: Vec<u32> = (0..parts.len()).map(|place| (exact(place) / total) as u32).collect();
    let left = (seats - given.iter().sum::<u32>()) as usize;

    let rank = |place: usize| (exact(place) % total, parts[place]);
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|&place| (Reverse(rank(place)), place));
    order[..left].iter().for_each(|&place| given[place] += 1);

    let last = rank(order[left.max(1) - 1]);
    let tied: Vec<usize> = order.iter().copied().filter(|&place| left > 0 && rank(place) == last).collect();
    let is_split = tied.iter().any(|place| !order[..left].contains(place));
    (given, if is_split { tied } else { Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_follow_the_largest_remainders_and_ties_the_larger_part() {
        let check = |parts: &[u64], seats: u32, want: &[u32], tied: &[usize]| {
            assert_eq!(largest_remainder(parts, seats), (want.to_vec(), tied.to_vec()), "{parts:?} {seats}");
        };
        check(&[1, 1], 4, &[2, 2], &[]);
        check(&[40, 60], 10, &[4, 6], &[]);
        check(&[49, 51], 5, &[2, 3], &[]);
        // The worked example of Balinski and Young, Fair Representation, 1982, chapter 3.
        check(&[5117, 4400, 162, 161, 160], 20, &[10, 9, 1, 0, 0], &[]);
        check(&[1, 1, 1], 4, &[2, 1, 1], &[0, 1, 2]);
        check(&[1, 3], 2, &[0, 2], &[]);
        check(&[0, 7], 3, &[0, 3], &[]);
        check(&[5], 3, &[3], &[]);
    }
}
