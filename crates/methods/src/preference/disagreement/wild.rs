//! The wild cluster bootstrap of a mean, restricted to the null hypothesis, for few clusters (Cameron,
//! Gelbach and Miller 2008, Review of Economics and Statistics 90).
//!
//! Under the hypothesis each cluster's sum of w (x - margin) is as likely to come with any of a
//! symmetric set of factors. The studentised mean of the data is compared with those of the factors
//! drawn. From twelve clusters on the factors are -1 and 1; with fewer there would be too few different
//! draws, and they are Webb's six (Webb 2023, Canadian Journal of Economics 56).

use folkmoot_fold::mix;

/// One cluster: its share of the weight, and its part of the mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cluster {
    pub(super) weight: f64,
    pub(super) first: f64,
}

const RADEMACHER: [f64; 2] = [-1.0, 1.0];
/// Square roots of 3/2, 1 and 1/2, and their opposites.
const WEBB: [f64; 6] = [
    -1.224_744_871_391_589,
    -1.0,
    -std::f64::consts::FRAC_1_SQRT_2,
    std::f64::consts::FRAC_1_SQRT_2,
    1.0,
    1.224_744_871_391_589,
];
const ENOUGH_FOR_SIGNS: usize = 12;

/// Up to so many different draws all are taken.
const MOST_ENUMERATED: u64 = 4096;
/// Most draws at random.
pub(super) const MOST_DRAWS: u64 = 99_999;
/// Draws as extreme as the data after which p is known well enough: drawing until then gives the exact
/// level too (Besag and Clifford 1991, Biometrika 78).
const ENOUGH_EXTREMES: u64 = 200;

/// Sum over clusters of the squared sums of w (x - mean), of weights that add up to 1.
fn spread(clusters: &[Cluster], mean: f64) -> f64 {
    clusters.iter().map(|cluster| cluster.first - mean * cluster.weight).map(|sum| sum * sum).sum()
}

/// p of the null hypothesis that the mean is at most `margin`; draws follow from `key`.
pub(super) fn p_above(clusters: &[Cluster], margin: f64, key: u64) -> f64 {
    let centred = |cluster: &Cluster| Cluster { first: cluster.first - margin * cluster.weight, ..*cluster };
    p_positive(&clusters.iter().map(centred).collect::<Vec<_>>(), key)
}

/// p of the null hypothesis that the mean is at least `margin`; draws follow from `key`.
pub(super) fn p_below(clusters: &[Cluster], margin: f64, key: u64) -> f64 {
    let turned = |cluster: &Cluster| Cluster { first: margin * cluster.weight - cluster.first, ..*cluster };
    p_positive(&clusters.iter().map(turned).collect::<Vec<_>>(), key)
}

fn p_positive(clusters: &[Cluster], key: u64) -> f64 {
    let seen = studentised(clusters);
    // Draws that differ from the data by rounding alone are as extreme.
    let reach = seen - 1e-9 * (1.0 + seen.abs());
    let factors: &[f64] = if clusters.len() < ENOUGH_FOR_SIGNS { &WEBB } else { &RADEMACHER };
    let mut drawn = clusters.to_vec();
    let mut is_extreme = |mut digits: Digits| {
        for (drawn, cluster) in drawn.iter_mut().zip(clusters) {
            drawn.first = cluster.first * factors[digits.next(factors.len() as u64)];
        }
        studentised(&drawn) >= reach
    };
    let different = u32::try_from(clusters.len()).ok().and_then(|count| (factors.len() as u64).checked_pow(count));
    if let Some(all) = different.filter(|all| *all <= MOST_ENUMERATED) {
        let extreme = (0..all).filter(|number| is_extreme(Digits::Counted(*number))).count();
        return extreme as f64 / all as f64;
    }
    let mut extremes = 0;
    for draw in 1..=MOST_DRAWS {
        extremes += u64::from(is_extreme(Digits::Hashed(hash(key, draw))));
        if extremes == ENOUGH_EXTREMES {
            return extremes as f64 / draw as f64;
        }
    }
    (extremes + 1) as f64 / (MOST_DRAWS + 1) as f64
}

/// The mean over its standard error, which is never quite 0.
fn studentised(clusters: &[Cluster]) -> f64 {
    let mean: f64 = clusters.iter().map(|cluster| cluster.first).sum();
    let count = clusters.len() as f64;
    mean / libm::sqrt(count / (count - 1.0) * spread(clusters, mean)).max(1e-12)
}

/// A choice for each cluster.
enum Digits {
    /// The digits of a number.
    Counted(u64),
    /// The bits of a hash, from the top.
    Hashed(u64),
}

impl Digits {
    fn next(&mut self, base: u64) -> usize {
        match self {
            Self::Counted(number) => {
                let digit = *number % base;
                *number /= base;
                digit as usize
            }
            Self::Hashed(bits) => {
                let product = u128::from(*bits) * u128::from(base);
                *bits = product as u64;
                (product >> 64) as usize
            }
        }
    }
}

/// A number that looks random for each pair of numbers: the finaliser of SplitMix64 (Steele, Lea and
/// Flood 2014) over a counter.
pub(super) fn hash(key: u64, counter: u64) -> u64 {
    mix(key.wrapping_add(counter.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preference::disagreement::tests::people;

    fn clusters(count: usize) -> Vec<Cluster> {
        let people = people(count);
        let total: i64 = people.iter().map(|person| person.weight).sum();
        let sums = (0..count).map(|community| {
            let of = people.iter().filter(|person| usize::from(person.community) == community);
            of.fold((0, 0), |(weight, first), person| (weight + person.weight, first + person.weight * person.x))
        });
        let share = |n: i64| n as f64 / total as f64;
        sums.map(|(weight, first)| Cluster { weight: share(weight), first: share(first) }).collect()
    }

    #[test]
    fn few_clusters_are_enumerated() {
        // numpy: all products of the factors, itertools.product(factors, repeat=count), the data among them.
        let check = |count: usize, margin: f64, above: f64, below: f64| {
            let clusters = clusters(count);
            assert_eq!(p_above(&clusters, margin, 1), above, "{count} clusters, {margin}");
            assert_eq!(p_below(&clusters, margin, 2), below, "{count} clusters, {margin}");
        };
        check(4, 0.1, 138.0 / 1296.0, 1161.0 / 1296.0);
        check(4, 0.0, 60.0 / 1296.0, 1254.0 / 1296.0);
        // wildboottest 0.3.2 (R = 1, impose_null, rademacher), which counts draws strictly beyond the
        // data, gives 72 of 4096.
        check(12, 0.1, 73.0 / 4096.0, 4024.0 / 4096.0);
        check(12, 0.0, 16.0 / 4096.0, 4088.0 / 4096.0);
    }

    #[test]
    fn draws_at_random_come_near_the_enumeration() {
        let check = |count: usize, margin: f64, want: f64| {
            for key in 0..20 {
                let got = p_above(&clusters(count), margin, hash(7, key));
                // Four standard errors of a figure read off 200 draws beyond the data, or all of 99,999.
                let error = want * (1.0 / 200.0_f64).max(1.0 / (want * MOST_DRAWS as f64)).sqrt();
                assert!((got - want).abs() < 4.0 * error, "{count} clusters, key {key}: {got}, not {want}");
            }
        };
        // wildboottest 0.3.2, all 65,536 draws: 0.008148193359375.
        check(16, 0.1, 0.008_148_193_359_375);
        check(16, 0.0, 0.000_976_562_5);
        check(6, 0.1, 1083.0 / 46_656.0);
    }

    #[test]
    fn unanimous_clusters_show_as_much_as_their_signs() {
        let clusters = vec![Cluster { weight: 1.0 / 12.0, first: 1.0 / 12.0 }; 12];
        assert_eq!(p_above(&clusters, 0.1, 1), 1.0 / 4096.0);
        assert_eq!(p_below(&clusters, 0.1, 1), 1.0);
    }
}
