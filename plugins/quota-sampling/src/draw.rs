//! Who is drawn: a systematic draw from people in random order, which anybody can repeat.
//!
//! Let `mix` be the finaliser of SplitMix64 (Steele, Lea and Flood 2014), `s = mix(seed + G)` with
//! G = 0x9E3779B97F4A7C15, all modulo 2^64.
//!
//! 1. The key of participant p, its place in the snapshot's list of participants (from 0), is `mix(s ^ p)`.
//! 2. The people of a region stand in the order of their level of the second attribute, if there is one,
//!    then of their key, then of p.
//! 3. Of n people q are drawn: those at the places floor((u + j n) / q) for j = 0, ..., q - 1, where
//!    u = floor(mix(s ^ (2^32 + r)) n / 2^64) and r is the region's place in its list of levels.
//!
//! Everybody's chance is q / n, whatever they weigh, and each level of the second attribute is drawn in
//! its proportion to within one person on either side (Madow 1949).

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// Somebody who may be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) number: u32,
    /// Level of the second attribute; the same for all where there is none.
    pub(crate) level: u8,
}

/// The numbers of those drawn; all of them where the quota is as large as the region.
pub(crate) fn draw(seed: u64, region: usize, mut people: Vec<Candidate>, quota: u64) -> Vec<u32> {
    let seeded = mix(seed.wrapping_add(GOLDEN));
    people.sort_by_cached_key(|person| (person.level, mix(seeded ^ u64::from(person.number)), person.number));
    let n = people.len() as u128;
    let quota = u128::from(quota).min(n);
    let start = (u128::from(mix(seeded ^ ((1 << 32) + region as u64))) * n) >> 64;
    (0..quota).map(|j| people[((start + j * n) / quota) as usize].number).collect()
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Numbers that look random, for tests.
#[cfg(test)]
pub(crate) struct Numbers(pub(crate) u64);

#[cfg(test)]
impl Numbers {
    pub(crate) fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0) % below
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(count: u32, level: impl Fn(u32) -> u8) -> Vec<Candidate> {
        (0..count).map(|number| Candidate { number, level: level(number) }).collect()
    }

    #[test]
    fn the_finaliser_gives_the_published_numbers() {
        // The first outputs of SplitMix64 from the state 1234567, as in the reference C program's tests.
        let outputs: Vec<u64> =
            (1..=3_u64).map(|step| mix(1_234_567_u64.wrapping_add(GOLDEN.wrapping_mul(step)))).collect();
        assert_eq!(outputs, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn as_many_are_drawn_as_wanted_and_nobody_twice() {
        for n in 1..40 {
            for quota in 0..=n {
                let mut drawn = draw(u64::from(n * quota), 3, people(n, |_| 0), u64::from(quota));
                drawn.sort_unstable();
                drawn.dedup();
                assert_eq!(drawn.len() as u32, quota, "{quota} of {n}");
            }
        }
    }

    #[test]
    fn everybody_has_the_same_chance() {
        let mut times = [0_u32; 10];
        let seeds = 20_000;
        for seed in 0..seeds {
            draw(seed, 0, people(10, |number| (number % 3) as u8), 3)
                .iter()
                .for_each(|&drawn| times[drawn as usize] += 1);
        }
        // Five standard deviations of a count with chance 0.3.
        let most = 5.0 * (seeds as f64 * 0.3 * 0.7).sqrt();
        assert!(times.iter().all(|&count| (f64::from(count) - 0.3 * seeds as f64).abs() < most), "{times:?}");
    }

    #[test]
    fn levels_are_drawn_in_proportion() {
        for seed in 0..200 {
            // 60 and 40 of 100, 10 drawn: 6 and 4, give or take one.
            let young = draw(seed, 1, people(100, |number| u8::from(number >= 60)), 10);
            let young = young.iter().filter(|&&number| number < 60).count();
            assert!((5..=7).contains(&young), "{young} of 10");
        }
    }

    #[test]
    fn another_seed_draws_others_and_the_order_of_people_does_not_matter() {
        let one = draw(1, 0, people(100, |_| 0), 20);
        assert_ne!(one, draw(2, 0, people(100, |_| 0), 20));
        let mut turned = people(100, |_| 0);
        turned.reverse();
        assert_eq!(one, draw(1, 0, turned, 20));
    }
}
