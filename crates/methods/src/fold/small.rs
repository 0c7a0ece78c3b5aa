//! Short answers of small weight, which is nearly all of them: sums of 64 bits in tables.
//!
//! The loops over rows are functions of their own, take eight rows a turn and call nothing: a plugin's
//! host meters turns and calls, and its compiler keeps what a short function uses in registers.

use std::ops::BitOr;

use crate::contract::NO_STRATUM;
use crate::fold::Tally;
use crate::fold::patterns::{Lower, key};

/// Rows whose small squared weights fit one sum of 64 bits.
pub(super) const CHUNK: usize = 1 << 16;
/// Weights up to this are small: eight people.
const SMALL_WEIGHT: u64 = 1 << 23;
/// Rows a turn.
const LANES: usize = 8;

/// All bits that any of `values` has after `of`, `N` values a turn.
#[inline(always)]
fn any_bits<const N: usize, T: Copy, B: Copy + Default + BitOr<Output = B>>(values: &[T], of: impl Fn(T) -> B) -> B {
    let (blocks, rest) = values.as_chunks::<N>();
    let mut all = [B::default(); N];
    for block in blocks {
        for (all, &value) in all.iter_mut().zip(block) {
            *all = *all | of(value);
        }
    }
    let rest = rest.iter().map(|&value| of(value));
    all.into_iter().chain(rest).fold(B::default(), |all, bits| all | bits)
}

/// Whether every weight of a chunk is small, and none negative.
#[inline(never)]
fn are_small(weights: &[i64]) -> bool {
    any_bits::<16, _, _>(weights, i64::cast_unsigned) < SMALL_WEIGHT
}

/// Whether every weight of a chunk is small and none is zero or negative.
#[inline(never)]
fn are_small_and_positive(weights: &[i64]) -> bool {
    any_bits::<16, _, _>(weights, |weight| weight.wrapping_sub(1).cast_unsigned()) < SMALL_WEIGHT
}

/// What rows add up to: the weight with the number of rows above it, and the squared weights. A
/// chunk's fit: its weight is at most 2^39, its squared weights are at most 2^62.
type Sums = [u64; 2];

/// One row.
const ROW: u64 = 1 << 40;

/// Adds a row, unless it has no weight.
#[inline(always)]
fn add(sums: &mut Sums, weight: i64) {
    let weight = weight.cast_unsigned();
    sums[0] += weight + u64::from(weight != 0) * ROW;
    sums[1] += weight * weight;
}

/// Adds a row that has weight.
#[inline(always)]
fn add_weighty(sums: &mut Sums, weight: i64) {
    let weight = weight.cast_unsigned();
    sums[0] += weight + ROW;
    sums[1] += weight * weight;
}

fn tally([weight, squares]: Sums) -> Tally {
    // The cast is exact: see Sums.
    Tally { rows: weight / ROW, weight: (weight % ROW) as i64, squares: u128::from(squares) }
}

/// Slots of one byte.
const BYTES: usize = 256;
/// Slots of four tiers of three bits each.
const TIERS: usize = 1 << 12;
/// Fewer rows are not worth the walk over so many slots.
const LEAST_TIERS: usize = 1 << 13;
/// Slots of any four bytes and a stratum.
const SLOTS: usize = 1 << 11;
const MOST_USED: usize = SLOTS / 2;
/// Key of a slot that holds nothing: four bytes and a stratum have 48 bits.
const NOTHING: u64 = u64::MAX;

#[derive(Clone, Copy)]
struct Slot {
    key: u64,
    sums: Sums,
}

const FREE: Slot = Slot { key: NOTHING, sums: [0; 2] };

/// Tables that are empty between chunks.
pub(super) struct SmallTables {
    bytes: Box<[[Sums; BYTES]; 2]>,
    tiers: Box<[Sums; TIERS]>,
    slots: Box<[Slot; SLOTS]>,
    used: Vec<u16>,
}

impl SmallTables {
    pub(super) fn new() -> Self {
        Self {
            bytes: Box::new([[[0; 2]; BYTES]; 2]),
            tiers: Box::new([[0; 2]; TIERS]),
            slots: Box::new([FREE; SLOTS]),
            used: Vec::with_capacity(MOST_USED),
        }
    }

    /// Calls `lower` for the distinct answers of a chunk, if all its weights are small; `strata` may be
    /// empty. Whether they were.
    pub(super) fn lower<const N: usize>(
        &mut self,
        answers: &[[u8; N]],
        strata: &[u16],
        weights: &[i64],
        lower: Lower<'_>,
    ) -> bool {
        let weighty = strata.is_empty() && answers.len() >= BYTES && are_small_and_positive(weights);
        if weighty && N == 1 {
            add_bytes(&mut self.bytes, answers.as_flattened(), weights);
            self.lower_bytes(lower);
            return true;
        }
        if weighty && answers.len() >= LEAST_TIERS && are_low(answers.as_flattened()) {
            add_tiers(&mut self.tiers, answers, weights);
            self.lower_tiers::<N>(lower);
            return true;
        }
        if !are_small(weights) {
            return false;
        }
        match strata {
            [] => self.add_slots(answers, weights, |_, answer| slot_key(answer, NO_STRATUM), lower),
            strata => self.add_slots(answers, weights, |row, answer| slot_key(answer, strata[row]), lower),
        }
        self.lower_slots(N, lower);
        true
    }

    fn lower_bytes(&mut self, lower: Lower<'_>) {
        let [even, odd] = self.bytes.as_mut();
        for (byte, (even, odd)) in (0..=u8::MAX).zip(even.iter_mut().zip(odd)) {
            let ([a, b], [c, d]) = (std::mem::take(even), std::mem::take(odd));
            let tally = tally([a + c, b + d]);
            if tally.rows > 0 {
                lower(NO_STRATUM, &[byte], &tally);
            }
        }
    }

    fn lower_tiers<const N: usize>(&mut self, lower: Lower<'_>) {
        for bits in 0..1_usize << (3 * N) {
            let tiers = std::array::from_fn::<u8, N, _>(|candidate| match (bits >> (3 * candidate)) as u8 % 8 {
                high @ 6.. => high | 0xF8,
                low => low,
            });
            let sums = std::mem::take(&mut self.tiers[tiers_slot(&tiers)]);
            if sums[0] > 0 {
                lower(NO_STRATUM, &tiers, &tally(sums));
            }
        }
    }

    #[inline(never)]
    fn add_slots<const N: usize>(
        &mut self,
        answers: &[[u8; N]],
        weights: &[i64],
        key_of: impl Fn(usize, &[u8; N]) -> u64,
        lower: Lower<'_>,
    ) {
        for (row, (answer, &weight)) in answers.iter().zip(weights).enumerate() {
            let key = key_of(row, answer);
            let slot = &mut self.slots[first_slot(key)];
            if slot.key == key {
                add(&mut slot.sums, weight);
            } else {
                self.add_elsewhere(key, weight, N, lower);
            }
        }
    }

    /// An answer that comes for the first time, or whose slot another one has.
    #[cold]
    #[inline(never)]
    fn add_elsewhere(&mut self, key: u64, weight: i64, width: usize, lower: Lower<'_>) {
        let mut place = first_slot(key);
        while self.slots[place].key != key {
            if self.slots[place].key == NOTHING {
                if self.used.len() == MOST_USED {
                    self.lower_slots(width, lower);
                    place = first_slot(key);
                }
                self.slots[place].key = key;
                // The cast is exact: there are fewer slots than u16 has values.
                self.used.push(place as u16);
                break;
            }
            place = (place + 1) % SLOTS;
        }
        add(&mut self.slots[place].sums, weight);
    }

    fn lower_slots(&mut self, width: usize, lower: Lower<'_>) {
        for place in self.used.drain(..).map(usize::from) {
            let Slot { key, sums } = std::mem::replace(&mut self.slots[place], FREE);
            let tally = tally(sums);
            if tally.rows > 0 {
                // The cast is exact: a stratum has 16 bits.
                lower((key >> 32) as u16, &key.to_le_bytes()[..width], &tally);
            }
        }
    }
}

/// Adds rows of one byte: two tables take turns, so that a row does not wait for the one before.
#[inline(never)]
fn add_bytes(tables: &mut [[Sums; BYTES]; 2], bytes: &[u8], weights: &[i64]) {
    let [even, odd] = tables;
    let (byte_blocks, last_bytes) = bytes.as_chunks::<LANES>();
    let (weight_blocks, last_weights) = weights.as_chunks::<LANES>();
    for (bytes, weights) in byte_blocks.iter().zip(weight_blocks) {
        for lane in (0..LANES).step_by(2) {
            add_weighty(&mut even[usize::from(bytes[lane])], weights[lane]);
            add_weighty(&mut odd[usize::from(bytes[lane + 1])], weights[lane + 1]);
        }
    }
    for (&byte, &weight) in last_bytes.iter().zip(last_weights) {
        add_weighty(&mut even[usize::from(byte)], weight);
    }
}

/// Adds rows of low tiers: the tiers are the slot, so that nothing is compared.
#[inline(never)]
fn add_tiers<const N: usize>(table: &mut [Sums; TIERS], answers: &[[u8; N]], weights: &[i64]) {
    let (answer_blocks, last_answers) = answers.as_chunks::<LANES>();
    let (weight_blocks, last_weights) = weights.as_chunks::<LANES>();
    for (answers, weights) in answer_blocks.iter().zip(weight_blocks) {
        for lane in 0..LANES {
            add_weighty(&mut table[tiers_slot(&answers[lane])], weights[lane]);
        }
    }
    for (answer, &weight) in last_answers.iter().zip(last_weights) {
        add_weighty(&mut table[tiers_slot(answer)], weight);
    }
}

/// Whether three bits tell every tier: it is below 6, or 0xFE (not ranked), or 0xFF (not shown).
#[inline(never)]
fn are_low(tiers: &[u8]) -> bool {
    any_bits::<128, _, _>(tiers, |tier: u8| tier.wrapping_add(2)) < 8
}

/// A slot for each combination of the tiers' low three bits, all different: the factor was found by trying.
#[inline(always)]
fn tiers_slot(answer: &[u8]) -> usize {
    // The cast is exact: an answer has four bytes at most.
    let low = key(answer) as u32 & 0x0707_0707;
    (low.wrapping_mul(0x0F04_0020) >> 20) as usize
}

#[inline(always)]
fn slot_key(answer: &[u8], stratum: u16) -> u64 {
    key(answer) | u64::from(stratum) << 32
}

#[inline(always)]
fn first_slot(key: u64) -> usize {
    // The top 11 bits: as many as SLOTS needs.
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 53) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_combination_of_low_tiers_has_a_slot_of_its_own() {
        let combination = |bits: u8| [bits % 8, bits / 8 % 8];
        let mut slots: Vec<usize> = Vec::new();
        for high in 0..64 {
            slots.extend((0..64).map(|low| tiers_slot(&[combination(low), combination(high)].concat())));
        }
        slots.sort_unstable();
        assert_eq!(slots, (0..TIERS).collect::<Vec<_>>());
    }
}
