//! Integer quotas: Hamilton's method of largest remainders, with a minimum for each region.
//!
//! Shares are whole millionths of a millionth, so quotas and ties are exact. Of equal remainders the
//! region that comes first in the list of levels gets the person.

/// Parts of a whole in which shares are counted.
pub(crate) const PARTS: f64 = 1e12;

/// Shares from 0 to 1 as whole parts.
pub(crate) fn parts(shares: &[f64]) -> Vec<u64> {
    shares.iter().map(|share| (share * PARTS).round_ties_even() as u64).collect()
}

/// `size` people over regions by largest remainder: each region the whole part of its due, then one
/// more to those with the largest remainders. Nobody without any share.
pub(crate) fn largest_remainder(size: u64, parts: &[u64]) -> Vec<u64> {
    let whole: u128 = parts.iter().map(|&part| u128::from(part)).sum();
    if whole == 0 {
        return vec![0; parts.len()];
    }
    let due = |place: usize| u128::from(size) * u128::from(parts[place]);
    // The casts are exact: a quota is at most `size`.
    let mut quotas: Vec<u64> = (0..parts.len()).map(|place| (due(place) / whole) as u64).collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|&place| (std::cmp::Reverse(due(place) % whole), place));
    let left = size - quotas.iter().sum::<u64>();
    order.iter().take(left as usize).for_each(|&place| quotas[place] += 1);
    quotas
}

/// As [`largest_remainder`], but every region with a share gets `minimum` at least: those whose due is
/// less get just the minimum, and the others share the rest. `None` where `size` is too small for it.
pub(crate) fn with_minimum(size: u64, parts: &[u64], minimum: u64) -> Option<Vec<u64>> {
    let mut raised = vec![false; parts.len()];
    loop {
        let kept = raised.iter().filter(|raised| **raised).count() as u64;
        let rest = size.checked_sub(kept.checked_mul(minimum)?)?;
        let open: Vec<u64> = parts.iter().zip(&raised).map(|(&part, &raised)| if raised { 0 } else { part }).collect();
        let whole: u128 = open.iter().map(|&part| u128::from(part)).sum();
        let below = |part: u64| part > 0 && u128::from(rest) * u128::from(part) < u128::from(minimum) * whole;
        if !open.iter().any(|&part| below(part)) {
            let quotas = largest_remainder(rest, &open);
            return Some(
                quotas.iter().zip(&raised).map(|(&quota, &raised)| if raised { minimum } else { quota }).collect(),
            );
        }
        open.iter().zip(&mut raised).filter(|(part, _)| below(**part)).for_each(|(_, raised)| *raised = true);
    }
}

/// The largest sample whose quotas everybody in `available` can fill, and its quotas. Quotas do not
/// only grow with the sample (the Alabama paradox), so sizes are tried from the largest downwards.
pub(crate) fn largest_sample(parts: &[u64], minimum: u64, available: &[u64]) -> Option<(u64, Vec<u64>)> {
    let whole: u128 = parts.iter().map(|&part| u128::from(part)).sum();
    let wanted = parts.iter().zip(available).filter(|(part, _)| **part > 0);
    let everybody: u64 = wanted.clone().map(|(_, n)| n).sum();
    // Raised minima take at most `minimum` from the sample for each region; of what is left, a quota is
    // the whole part of the due at least. So no larger sample fits.
    let raised = u128::from(minimum) * wanted.clone().count() as u128;
    let bound = |(&part, &n): (&u64, &u64)| (u128::from(n) + 1) * whole / u128::from(part) + raised;
    let most = wanted.map(bound).min()?.min(u128::from(everybody)) as u64;
    let fits = |size: u64| {
        let quotas = with_minimum(size, parts, minimum)?;
        quotas.iter().zip(available).all(|(quota, n)| quota <= n).then_some((size, quotas))
    };
    (1..=most).rev().find_map(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_are_those_of_published_examples() {
        // Wikipedia, "Quota method" / "Largest remainders method": 100,000 votes, 10 seats, Hare quota.
        let votes = [47_000, 16_000, 15_900, 12_000, 6_000, 3_100];
        assert_eq!(largest_remainder(10, &votes), [5, 2, 1, 1, 1, 0]);
        // The Alabama paradox of the same article: a seat more, and D and E have one less.
        let votes = [1500, 1500, 900, 500, 500, 200];
        assert_eq!(largest_remainder(25, &votes), [7, 7, 4, 3, 3, 1]);
        assert_eq!(largest_remainder(26, &votes), [8, 8, 5, 2, 2, 1]);
    }

    #[test]
    fn ties_go_to_the_first_and_nothing_to_nobody() {
        assert_eq!(largest_remainder(2, &parts(&[0.25, 0.25, 0.25, 0.25])), [1, 1, 0, 0]);
        assert_eq!(largest_remainder(10, &parts(&[0.15, 0.35, 0.5])), [2, 3, 5]);
        assert_eq!(largest_remainder(100, &parts(&[0.29, 0.0, 0.71])), [29, 0, 71]);
        assert_eq!(largest_remainder(5, &[0, 0]), [0, 0]);
        assert_eq!(largest_remainder(0, &parts(&[0.5, 0.5])), [0, 0]);
    }

    #[test]
    fn a_minimum_is_taken_from_the_others() {
        let shares = parts(&[0.90, 0.06, 0.04]);
        assert_eq!(with_minimum(20, &shares, 0).unwrap(), [18, 1, 1]);
        assert_eq!(with_minimum(20, &shares, 3).unwrap(), [14, 3, 3]);
        assert_eq!(with_minimum(9, &shares, 3).unwrap(), [3, 3, 3]);
        assert_eq!(with_minimum(8, &shares, 3), None);
        // A region without a share is not raised.
        assert_eq!(with_minimum(10, &parts(&[0.0, 0.95, 0.05]), 2).unwrap(), [0, 8, 2]);
    }

    #[test]
    fn the_largest_sample_is_the_largest_that_fits() {
        let mut numbers = crate::draw::Numbers(5);
        for _ in 0..500 {
            let regions = 1 + numbers.next(5) as usize;
            let parts: Vec<u64> = (0..regions).map(|_| numbers.next(40)).collect();
            let available: Vec<u64> = (0..regions).map(|_| numbers.next(30)).collect();
            let minimum = 1 + numbers.next(4);
            let everybody: u64 = available.iter().sum();
            let fits = |size: &u64| {
                let quotas = with_minimum(*size, &parts, minimum);
                quotas.is_some_and(|quotas| quotas.iter().zip(&available).all(|(quota, n)| quota <= n))
            };
            let wanted = parts.iter().any(|&part| part > 0);
            let want = (1..=everybody).rev().find(|size| wanted && fits(size));
            let got = largest_sample(&parts, minimum, &available).map(|(size, _)| size);
            assert_eq!(got, want, "{parts:?} {available:?} {minimum}");
        }
    }

    #[test]
    fn quotas_stay_beside_their_due_and_add_up() {
        let mut numbers = crate::draw::Numbers(9);
        for _ in 0..500 {
            let parts: Vec<u64> = (0..1 + numbers.next(9)).map(|_| numbers.next(1000)).collect();
            let whole: u64 = parts.iter().sum();
            let size = numbers.next(500);
            let quotas = largest_remainder(size, &parts);
            if whole == 0 {
                continue;
            }
            assert_eq!(quotas.iter().sum::<u64>(), size);
            for (&quota, &part) in quotas.iter().zip(&parts) {
                let due = size * part / whole;
                assert!(quota == due || quota == due + 1, "{quota} for a due of {due}");
            }
        }
    }
}
