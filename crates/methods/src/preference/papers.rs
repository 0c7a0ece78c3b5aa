//! Ballot papers: the distinct orders that people gave, with their weight. What `irv` and `stv` count.
//!
//! The state grows with the distinct orders, at most one for each answer.

use std::collections::BTreeMap;

use folkmoot_fold::state::{body, header};

use crate::ballot::{check_items, note_unanswered};
use crate::contract::{Accumulator, Batch, Config, Descriptor, ItemInfo, Method, MethodError, Outcome};
use crate::fold::{Tally, with_patterns};
use crate::preference::matrix::KINDS;
use crate::report::{Note, Report};

/// Tier of a candidate whom a paper does not rank: left out, or not shown.
pub(super) const LEFT_OUT: u8 = 0xFE;

/// One item's papers.
pub(crate) struct Papers<'a> {
    pub(crate) item: &'a ItemInfo,
    /// Answers of weight that rank somebody.
    pub(crate) rows: i64,
    /// Their weight, in units of [`crate::WEIGHT_ONE`].
    pub(crate) weight: i128,
    /// Their squared weights.
    pub(crate) squares: i128,
    pub(crate) piles: Vec<Pile<'a>>,
}

/// Papers of one order.
pub(crate) struct Pile<'a> {
    /// A tier for each candidate, 0 the best, without gaps; [`LEFT_OUT`] for who is not ranked.
    tiers: &'a [u8],
    pub(crate) weight: i128,
}

impl Papers<'_> {
    /// Number of candidates.
    pub(crate) fn width(&self) -> usize {
        self.item.candidates.len()
    }

    /// The id of a candidate.
    pub(crate) fn id(&self, candidate: usize) -> &str {
        &self.item.candidates[candidate]
    }
}

impl Pile<'_> {
    /// Those of `standing` whom the papers rank highest, several if they tie; nobody if they rank none.
    pub(crate) fn next(&self, standing: impl Fn(usize) -> bool) -> Vec<usize> {
        let ranked = (0..self.tiers.len()).filter(|&c| self.tiers[c] != LEFT_OUT && standing(c));
        let Some(best) = ranked.clone().map(|c| self.tiers[c]).min() else { return Vec::new() };
        ranked.filter(|&c| self.tiers[c] == best).collect()
    }

    /// The most candidates that share a tier.
    pub(crate) fn widest_tie(&self) -> usize {
        let mut sizes = [0; LEFT_OUT as usize];
        for &tier in self.tiers.iter().filter(|tier| **tier != LEFT_OUT) {
            sizes[usize::from(tier)] += 1;
        }
        sizes.into_iter().max().unwrap_or(0)
    }
}

impl<'a> Pile<'a> {
    /// The papers turned to their first place.
    pub(crate) fn turned(&self) -> Turned<'a> {
        let tiers = self.tiers;
        let mut order: Vec<usize> = (0..tiers.len()).filter(|&c| tiers[c] != LEFT_OUT).collect();
        order.sort_by_key(|&c| tiers[c]);
        Turned { tiers, order, at: 0 }
    }
}

/// Papers of a count in which nobody comes back: read once from the top down, whatever the rounds.
pub(crate) struct Turned<'a> {
    tiers: &'a [u8],
    /// Those ranked, the best first.
    order: Vec<usize>,
    /// Nobody before this place stands any more.
    at: usize,
}

impl Turned<'_> {
    /// As [`Pile::next`] of those who stand by candidate, no more of them than when last asked.
    pub(crate) fn next(&mut self, standing: &[bool]) -> impl Iterator<Item = usize> + Clone {
        let gone = self.order[self.at..].iter().take_while(|&&c| !standing[c]).count();
        self.at += gone;
        let (tiers, rest) = (self.tiers, &self.order[self.at..]);
        let best = rest.first().map(|&c| tiers[c]);
        rest.iter().copied().take_while(move |&c| Some(tiers[c]) == best).filter(|&c| standing[c])
    }
}

/// A method that is a description and a report over papers.
pub(crate) struct Counting {
    pub(crate) descriptor: Descriptor,
    pub(crate) report: Counter,
}

/// Turns the papers of the items that were answered into a report that holds the first notes already.
pub(crate) type Counter = fn(&Config, &[Papers<'_>], Report) -> Result<Report, MethodError>;

/// The method that `0` describes.
pub(crate) struct PaperMethod(pub(crate) fn() -> Counting);

impl Method for PaperMethod {
    fn describe(&self) -> Descriptor {
        self.0().descriptor
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        check_items(config, &KINDS)
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        let Counting { descriptor, report } = self.0();
        let tag = format!("{}@{}", descriptor.id, descriptor.version);
        Ok(Box::new(Fold { tag, report, config: config.clone(), piles: BTreeMap::new() }))
    }
}

/// Item and tiers.
type Key = (u32, Vec<u8>);

/// What the papers of a pile add up to: their number, weight and squared weights.
type Sums = [i128; 3];

struct Fold {
    tag: String,
    report: Counter,
    config: Config,
    piles: BTreeMap<Key, Sums>,
}

impl Accumulator for Fold {
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        let piles = &mut self.piles;
        let mut add = |_, answer: &[u8], tally: &Tally| {
            let tiers = without_gaps(answer);
            if tiers.iter().all(|tier| *tier == LEFT_OUT) {
                return;
            }
            let sums = piles.entry((batch.item, tiers)).or_default();
            let more = [i128::from(tally.rows), i128::from(tally.weight), tally.squares as i128];
            sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
        };
        with_patterns(batch, &mut add)
    }

    fn save(&mut self) -> Result<Vec<u8>, MethodError> {
        let mut bytes = header(&self.tag);
        for ((item, tiers), sums) in &self.piles {
            bytes.extend(item.to_le_bytes());
            bytes.extend(tiers);
            sums.iter().for_each(|sum| bytes.extend(sum.to_le_bytes()));
        }
        Ok(bytes)
    }

    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
        let mut rest = body(&self.tag, partial)?;
        let mut read = Vec::new();
        while !rest.is_empty() {
            let pile = self.read_pile(&mut rest);
            read.push(pile.ok_or_else(|| MethodError::BadState("the state ends within a pile".to_owned()))?);
        }
        for (key, more) in read {
            let sums = self.piles.entry(key).or_default();
            for (sum, more) in sums.iter_mut().zip(more) {
                let added = sum.checked_add(more);
                *sum = added.ok_or_else(|| MethodError::BadState("a sum overflows".to_owned()))?;
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Outcome, MethodError> {
        let items = &self.config.items;
        let mut report = Report::default();
        let all: Vec<Papers<'_>> = (0..items.len()).map(|item| self.papers(item)).collect();
        let empty = all.iter().filter(|papers| papers.rows == 0);
        note_unanswered(&mut report, items.len(), empty.map(|papers| papers.item.id.as_str()))?;
        let answered: Vec<_> = all.into_iter().filter(|papers| papers.rows > 0).collect();
        note_ties(&mut report, &answered);
        (self.report)(&self.config, &answered, report).map(Outcome::Done)
    }
}

impl Fold {
    /// Takes a pile from the front of `bytes`; `None` where there is none, or none of these items.
    fn read_pile(&self, bytes: &mut &[u8]) -> Option<(Key, Sums)> {
        let (item, rest) = bytes.split_first_chunk::<4>()?;
        let item = u32::from_le_bytes(*item);
        let width = self.config.items.get(item as usize)?.candidates.len();
        let (tiers, rest) = rest.split_at_checked(width)?;
        let (numbers, rest) = rest.split_first_chunk::<48>()?;
        *bytes = rest;
        let mut sums = [0; 3];
        for (sum, number) in sums.iter_mut().zip(numbers.as_chunks::<16>().0) {
            *sum = i128::from_le_bytes(*number);
        }
        Some(((item, tiers.to_vec()), sums))
    }

    fn papers(&self, item: usize) -> Papers<'_> {
        // The cast is exact: items are counted by 32 bits.
        let of_item = self.piles.range((item as u32, Vec::new())..(item as u32 + 1, Vec::new()));
        let mut papers = Papers { item: &self.config.items[item], rows: 0, weight: 0, squares: 0, piles: Vec::new() };
        for ((_, tiers), &[rows, weight, squares]) in of_item {
            papers.rows += rows as i64;
            papers.weight += weight;
            papers.squares += squares;
            papers.piles.push(Pile { tiers, weight });
        }
        papers
    }
}

/// The order of an answer in its shortest form.
fn without_gaps(answer: &[u8]) -> Vec<u8> {
    let mut used: Vec<u8> = answer.iter().copied().filter(|tier| *tier < LEFT_OUT).collect();
    used.sort_unstable();
    used.dedup();
    // The cast is exact: fewer tiers are used than a byte has values.
    answer.iter().map(|tier| used.binary_search(tier).map_or(LEFT_OUT, |place| place as u8)).collect()
}

fn note_ties(report: &mut Report, answered: &[Papers<'_>]) {
    let has_ties = |papers: &&Papers<'_>| papers.piles.iter().any(|pile| pile.widest_tie() > 1);
    let tied: Vec<&str> = answered.iter().filter(has_ties).map(|papers| papers.item.id.as_str()).collect();
    if !tied.is_empty() {
        let words = format!("of papers that tie candidates each gets an equal part: {}", tied.join(", "));
        report.notes.push(Note::info("ties_split", words));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Candidates leave one after the other, in any order.
        #[test]
        fn turned_papers_show_what_papers_read_anew_show(
            answer in proptest::collection::vec(prop_oneof![0_u8..6, Just(LEFT_OUT)], 1..9),
            leaving in proptest::collection::vec(0_usize..9, 0..12),
        ) {
            let tiers = without_gaps(&answer);
            let pile = Pile { tiers: &tiers, weight: 1 };
            let mut turned = pile.turned();
            let mut standing = vec![true; tiers.len()];
            for gone in leaving {
                prop_assert_eq!(turned.next(&standing).collect::<Vec<_>>(), pile.next(|c| standing[c]));
                standing.get_mut(gone).into_iter().for_each(|stands| *stands = false);
            }
        }
    }
}
