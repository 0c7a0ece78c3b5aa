//! How often each participant is drawn in each replicate: Poisson numbers with mean 1 that come from a
//! hash, so that no draw depends on the order of rows or on what else is drawn.

use std::ops::Range;

use crate::mix;

/// Replicates of a [`Line`].
pub const LANES: usize = 64;

/// How often a participant is drawn in some replicates: a line of the processor's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub struct Line(pub [u8; LANES]);

/// How often each participant is drawn in each of some replicates, the lanes. A row weighs its own
/// weight as often as its participant is drawn.
#[derive(Clone, Debug)]
pub struct Draws {
    lines: Vec<Line>,
    lanes: usize,
}

impl Draws {
    /// Nobody is drawn in any of `lanes` replicates.
    pub fn none(participants: u32, lanes: usize) -> Self {
        Self { lines: vec![Line([0; LANES]); participants as usize * lanes.div_ceil(LANES)], lanes }
    }

    /// Replicates at once.
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// Lines a participant; the last may be longer than there are lanes.
    pub fn blocks(&self) -> usize {
        self.lanes.div_ceil(LANES)
    }

    /// How often `participant` is drawn in the replicates of a block.
    pub fn line(&self, participant: u32, block: usize) -> &[u8; LANES] {
        &self.lines[participant as usize * self.blocks() + block].0
    }

    /// The lines of as many participants in a row as `parts` equal parts have, with the first of them.
    pub fn parts(&mut self, parts: usize) -> impl Iterator<Item = (u32, &mut [Line])> {
        let blocks = self.blocks().max(1);
        let each = (self.lines.len() / blocks).div_ceil(parts.max(1)).max(1);
        // The cast is exact: participants are counted in a u32.
        self.lines.chunks_mut(each * blocks).enumerate().map(move |(part, lines)| ((part * each) as u32, lines))
    }
}

/// Draws `replicates` for the participants from `first` on whose lines are given, one after the other.
pub fn fill(seed: u64, replicates: Range<u32>, first: u32, lines: &mut [Line]) {
    let blocks = replicates.len().div_ceil(LANES).max(1);
    for (participant, lines) in (first..).zip(lines.chunks_exact_mut(blocks)) {
        let key = key(seed, participant);
        for (start, line) in replicates.clone().step_by(LANES).zip(lines) {
            line.0 = std::array::from_fn(|lane| drawn(hash(key, start.wrapping_add(lane as u32))));
        }
    }
}

/// How often `participant` is drawn in `replicate`.
pub fn poisson(seed: u64, replicate: u32, participant: u32) -> u8 {
    drawn(hash(key(seed, participant), replicate))
}

/// 2^31 times P(X <= k) of the Poisson distribution with mean 1, rounded down, as far as there are numbers
/// above.
const CUMULATIVE: [i32; MOST_DRAWS as usize] = [
    0x2F16_AC6C,
    0x5E2D_58D8,
    0x75B8_AF0E,
    0x7D91_CBCB,
    0x7F88_12FA,
    0x7FEC_879D,
    0x7FFD_45B8,
    0x7FFF_AA06,
    0x7FFF_F68F,
    0x7FFF_FF10,
    0x7FFF_FFEA,
    0x7FFF_FFFE,
];

/// Most that anybody is drawn in a replicate.
pub const MOST_DRAWS: u8 = 12;

/// The number of which a share of `hash / 2^32` is below.
fn drawn(hash: u32) -> u8 {
    let uniform = (hash >> 1).cast_signed();
    CUMULATIVE.iter().map(|&below| u8::from(uniform >= below)).sum()
}

/// What the draws of a participant come from.
fn key(seed: u64, participant: u32) -> u64 {
    mix(mix(seed.wrapping_add(0x9E37_79B9_7F4A_7C15)) ^ u64::from(participant))
}

/// A counter under a 32-bit mixer (Wellons 2018: lowbias32), which the other half of the key enters
/// midway. Of 32 bits, so that a processor takes several replicates at once.
fn hash(key: u64, replicate: u32) -> u32 {
    let (low, high) = (key as u32, (key >> 32) as u32);
    let mut x = replicate.wrapping_mul(0x9E37_79B9).wrapping_add(low);
    x = (x ^ (x >> 16)).wrapping_mul(0x7FEB_352D);
    x ^= (x >> 15) ^ high;
    x = x.wrapping_mul(0x846C_A68B);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPLICATES: u32 = 2_000;
    const PARTICIPANTS: u32 = 500;

    fn drawn_all(seed: u64) -> Vec<Vec<f64>> {
        let of = |participant| (1..=REPLICATES).map(move |replicate| f64::from(poisson(seed, replicate, participant)));
        (0..PARTICIPANTS).map(|participant| of(participant).collect()).collect()
    }

    #[test]
    fn draws_are_poisson_with_mean_one() {
        let draws = drawn_all(7).concat();
        let count = draws.len() as f64;
        let mut chance = (-1.0_f64).exp();
        let mut chi = 0.0;
        for number in 0..8 {
            let got = draws.iter().filter(|&&draw| draw == f64::from(number)).count() as f64;
            chi += (got - count * chance).powi(2) / (count * chance);
            chance /= f64::from(number + 1);
        }
        // The 99.99 % point of chi-square with eight degrees of freedom.
        assert!(chi < 31.8, "chi-square {chi}");
        let mean = draws.iter().sum::<f64>() / count;
        let variance = draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / count;
        // Five standard errors of each: the fourth central moment is 4.
        assert!((mean - 1.0).abs() < 0.005, "mean {mean}");
        assert!((variance - 1.0).abs() < 0.009, "variance {variance}");
    }

    /// Sums are spread as independent draws spread them, whichever way the draws are added up.
    #[test]
    fn draws_are_independent() {
        let check = |name: &str, sums: &[f64], each: u32| {
            let count = sums.len() as f64;
            let squares = sums.iter().map(|sum| (sum - f64::from(each)).powi(2) / f64::from(each)).sum::<f64>();
            // Five standard errors: each square has mean 1 and variance 2 + 1 / each.
            let error = 5.0 * ((2.0 + 1.0 / f64::from(each)) / count).sqrt();
            assert!((squares / count - 1.0).abs() < error, "{name}: {}", squares / count);
        };
        for seed in [0, 1, 7, u64::MAX] {
            let draws = drawn_all(seed);
            let of_people: Vec<f64> = draws.iter().map(|of| of.iter().sum()).collect();
            check("participants", &of_people, REPLICATES);
            let at = |replicate: usize| draws.iter().map(|of| of[replicate]).sum();
            let of_replicates: Vec<f64> = (0..REPLICATES as usize).map(at).collect();
            check("replicates", &of_replicates, PARTICIPANTS);
            for apart in [1, 2, 3, 16, 64] {
                let pairs = draws.iter().flat_map(|of| of.iter().zip(&of[apart..]).map(|(a, b)| a + b));
                check("neighbouring replicates", &pairs.collect::<Vec<_>>(), 2);
                let people = draws.iter().zip(&draws[apart..]);
                let pairs = people.flat_map(|(a, b)| a.iter().zip(b).map(|(a, b)| a + b));
                check("neighbouring participants", &pairs.collect::<Vec<_>>(), 2);
            }
        }
        let (one, other) = (drawn_all(1).concat(), drawn_all(2).concat());
        check("neighbouring seeds", &one.iter().zip(other).map(|(a, b)| a + b).collect::<Vec<_>>(), 2);
    }

    #[test]
    fn lines_hold_the_draws_of_each() {
        for (replicates, parts) in [(1..65, 1), (1..71, 2), (5..6, 3), (130..260, 9)] {
            let mut draws = Draws::none(7, replicates.len());
            draws.parts(parts).for_each(|(first, lines)| fill(3, replicates.clone(), first, lines));
            for participant in 0..7 {
                for (lane, replicate) in replicates.clone().enumerate() {
                    let got = draws.line(participant, lane / LANES)[lane % LANES];
                    assert_eq!(got, poisson(3, replicate, participant), "{participant} in {replicate}");
                }
            }
        }
    }
}
