//! The exact sums that are folded: of each item, group of people and pair of candidates.
//!
//! Only groups that answered have sums, so that the state grows with the answers and not with the
//! product of items, segments and communities.

use std::collections::BTreeMap;

use crate::ballot::{compare, tiers};
use crate::contract::{Accumulator, Batch, MethodError, Outcome};
use crate::fold::{self, Tally, merge_cells, save_cells, with_patterns};
use crate::preference::disagreement::design::{Design, Group};
use crate::preference::disagreement::moments::{Moments, SLOTS};
use crate::preference::disagreement::report;

/// Layout of the state: for each cell item, segment and community, then the sums.
const TAG: &str = "disagreement@2.0.0";

/// A method's rows, folded.
pub(super) struct Cells {
    pub(super) design: Design,
    of_item: Vec<fold::Cells<Group>>,
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
        Ok(save_cells(TAG, &self.of_item, |group| [group.segment.into(), group.community.into()]))
    }

    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
        let Self { design, of_item } = self;
        let key = |[segment, community]: [i128; 2]| {
            Some(Group { segment: segment.try_into().ok()?, community: community.try_into().ok()? })
        };
        merge_cells(TAG, of_item, partial, key, |item| pairs(design.width(item)) * SLOTS)
    }

    fn finish(self: Box<Self>) -> Result<Outcome, MethodError> {
        report::report(&self).map(Outcome::Done)
    }
}
