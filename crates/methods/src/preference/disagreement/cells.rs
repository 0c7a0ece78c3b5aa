//! The exact sums that are folded: of each item, group of people and pair of candidates.
//!
//! Only groups that answered have sums, so that the state grows with the answers and not with the
//! product of items, segments and communities.

use std::collections::BTreeMap;

use folkmoot_fold::state;

use crate::ballot::{compare, tiers};
use crate::contract::{Accumulator, Batch, MethodError, Outcome};
use crate::fold::{Tally, with_patterns};
use crate::preference::disagreement::design::{Design, Group};
use crate::preference::disagreement::moments::{Moments, SLOTS};
use crate::preference::disagreement::report;

/// Layout of the state: for each cell item, segment and community, then the sums.
const TAG: &str = "disagreement@2.0.0";
const KEY: usize = 3;

/// A method's rows, folded.
pub(super) struct Cells {
    pub(super) design: Design,
    of_item: Vec<BTreeMap<Group, Vec<i128>>>,
}

/// Pairs of `width` candidates.
fn pairs(width: usize) -> usize {
    width * width.saturating_sub(1) / 2
}

/// Place of the pair `low < high` among all pairs.
fn pair(high: usize, low: usize) -> usize {
    pairs(high) + low
}

impl Cells {
    pub(super) fn new(design: Design) -> Self {
        let of_item = vec![BTreeMap::new(); design.items.len()];
        Self { design, of_item }
    }

    /// How each group of people who answered `item` stands to `against` over `preferred`.
    pub(super) fn moments(
        &self,
        item: usize,
        preferred: usize,
        against: usize,
    ) -> impl Iterator<Item = (Group, Moments)> {
        let at = pair(preferred.max(against), preferred.min(against)) * SLOTS;
        self.of_item[item].iter().map(move |(group, sums)| {
            let moments = Moments::read(&sums[at..at + SLOTS]);
            // The sums count the higher place above the lower as 1.
            (*group, if against > preferred { moments } else { moments.reversed() })
        })
    }

    fn add(&mut self, item: usize, code: u16, answer: &[u8], tally: &Tally) {
        let width = self.design.width(item);
        let mut given = Vec::new();
        if width == 0 || tiers(&self.design.items[item], answer, &mut given).is_none() {
            return;
        }
        let group = self.design.group(code);
        let sums = self.of_item[item].entry(group).or_insert_with(|| vec![0; pairs(width) * SLOTS]);
        let (weight, squares) = (i128::from(tally.weight), tally.squares as i128);
        for a in 0..width {
            for b in 0..a {
                let Some(x) = compare(&given, a, b).map(i128::from) else { continue };
                let slot = &mut sums[pair(a, b) * SLOTS..][..SLOTS];
                let added = [i128::from(tally.rows), weight, squares, weight * x, squares * x, squares * x * x];
                slot.iter_mut().zip(added).for_each(|(sum, more)| *sum += more);
            }
        }
    }
}

impl Accumulator for Cells {
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        let codes = self.design.codes(batch);
        let item = batch.item as usize;
        let mut add = |code, answer: &[u8], tally: &Tally| self.add(item, code, answer, tally);
        with_patterns(&Batch { strata: &codes, ..*batch }, &mut add)
    }

    fn save(&mut self) -> Result<Vec<u8>, MethodError> {
        let mut numbers = Vec::new();
        for (item, cells) in self.of_item.iter().enumerate() {
            for (group, sums) in cells {
                numbers.extend([item as i128, group.segment.into(), group.community.into()]);
                numbers.extend(sums);
            }
        }
        Ok(state::save(TAG, &numbers))
    }

    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
        let (chunks, rest) = state::body(TAG, partial)?.as_chunks::<16>();
        let numbers: Vec<i128> = chunks.iter().map(|chunk| i128::from_le_bytes(*chunk)).collect();
        let mut left = &numbers[..];
        while let Some((key, sums)) = left.split_first_chunk::<KEY>() {
            left = self.merge_cell(*key, sums)?;
        }
        if left.is_empty() && rest.is_empty() { Ok(()) } else { Err(bad("the state is cut")) }
    }

    fn finish(self: Box<Self>) -> Result<Outcome, MethodError> {
        report::report(&self).map(Outcome::Done)
    }
}

impl Cells {
    /// Adds the sums of one cell; what follows them.
    fn merge_cell<'a>(&mut self, key: [i128; KEY], sums: &'a [i128]) -> Result<&'a [i128], MethodError> {
        let [item, segment, community] = key;
        let item = usize::try_from(item).ok().filter(|item| *item < self.of_item.len());
        let item = item.ok_or_else(|| bad("the state names an item that is not there"))?;
        let stratum = |number: i128| u16::try_from(number).map_err(|_| bad("the state names no group of people"));
        let group = Group { segment: stratum(segment)?, community: stratum(community)? };
        let size = pairs(self.design.width(item)) * SLOTS;
        let (more, left) = sums.split_at_checked(size).ok_or_else(|| bad("the state is cut"))?;
        let sums = self.of_item[item].entry(group).or_insert_with(|| vec![0; size]);
        for (sum, more) in sums.iter_mut().zip(more) {
            *sum = sum.checked_add(*more).ok_or_else(|| bad("a sum overflows"))?;
        }
        Ok(left)
    }
}

fn bad(words: &str) -> MethodError {
    MethodError::BadState(words.to_owned())
}
