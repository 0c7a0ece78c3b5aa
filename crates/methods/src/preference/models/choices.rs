//! Answers lowered to choices: which candidates were taken out of which set.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};

use crate::ballot::NOT_SHOWN;
use crate::fold::{Distinct, Tally};

/// Tier of a candidate that was shown and left out of the ranking.
const NOT_RANKED: u8 = 0xFE;
/// Most candidates of a model: as many as a [`Set`] has bits.
pub(super) const MOST_CANDIDATES: usize = 128;
/// Most candidates of a tie that is a choice; its cost grows with their number.
pub(super) const MOST_TIED: usize = 4;
/// Up to this many candidates rankings leave at most a million sets, which repeat and are counted.
const FEW: usize = 20;

/// Candidates, a bit each.
pub(super) type Set = u128;

/// The candidate alone.
pub(super) fn only(candidate: usize) -> Set {
    1 << candidate
}

/// The candidates of a set, the first first.
pub(super) fn members(mut set: Set) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let member = (set != 0).then(|| set.trailing_zeros() as usize)?;
        set &= set - 1;
        Some(member)
    })
}

/// One choice: `chosen` stands level with each other and above the rest of `from`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) from: Set,
    pub(super) chosen: Set,
}

/// What a ranking is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lowering {
    /// Every two candidates that were shown, unless both were left out.
    Pairs,
    /// The best of all that were shown, then the best of the rest, as long as any were ranked.
    Stages,
}

impl Lowering {
    /// Calls `visit` for the choices of an answer; `places` are the candidates of its tiers. A tie of
    /// more than [`MOST_TIED`] is no choice; says whether there was one.
    pub(super) fn lower(self, tiers: &[u8], places: &[usize], mut visit: impl FnMut(Choice)) -> bool {
        let mut large_tie = false;
        match self {
            Self::Pairs => pairs(tiers, places, visit),
            Self::Stages => stages(tiers, places, |choice| match choice.chosen.count_ones() as usize {
                1..=MOST_TIED => visit(choice),
                _ => large_tie = true,
            }),
        }
        large_tie
    }
}

fn pairs(tiers: &[u8], places: &[usize], mut visit: impl FnMut(Choice)) {
    for (b, &of_b) in tiers.iter().enumerate() {
        for (a, &of_a) in tiers[..b].iter().enumerate() {
            if of_a == NOT_SHOWN || of_b == NOT_SHOWN || (of_a, of_b) == (NOT_RANKED, NOT_RANKED) {
                continue;
            }
            let (a, b) = (only(places[a]), only(places[b]));
            let chosen = match of_a.cmp(&of_b) {
                std::cmp::Ordering::Less => a,
                std::cmp::Ordering::Greater => b,
                std::cmp::Ordering::Equal => a | b,
            };
            visit(Choice { from: a | b, chosen });
        }
    }
}

fn stages(tiers: &[u8], places: &[usize], mut visit: impl FnMut(Choice)) {
    let mut order = [(NOT_SHOWN, 0); MOST_CANDIDATES];
    let shown = tiers.iter().zip(places).filter(|(tier, _)| **tier != NOT_SHOWN);
    let count = shown.zip(&mut order).map(|((&tier, &place), slot)| *slot = (tier, place)).count();
    let order = &mut order[..count];
    order.sort_unstable();
    let mut from = order.iter().fold(0, |set, &(_, candidate)| set | only(candidate));
    for tier in order.chunk_by(|a, b| a.0 == b.0).take_while(|tier| tier[0].0 != NOT_RANKED) {
        let chosen = tier.iter().fold(0, |set, &(_, candidate)| set | only(candidate));
        if from.count_ones() > 1 {
            visit(Choice { from, chosen });
        }
        from &= !chosen;
    }
}

/// The answers to one item and the candidates of the model that their tiers are about.
pub(super) struct Answers<'a> {
    pub(super) distinct: &'a Distinct,
    pub(super) places: Vec<usize>,
}

/// The answers that a model is fitted to and the choices in them.
pub(super) struct Data<'a> {
    pub(super) lowering: Lowering,
    /// Number of candidates.
    pub(super) width: usize,
    /// Whether the answers of a participant to several items belong together; then they come in the
    /// order of participants.
    pub(super) by_participant: bool,
    pub(super) answers: Vec<Answers<'a>>,
}

impl Data<'_> {
    /// Calls `visit(tiers, places, tally)` for every distinct answer.
    pub(super) fn each_answer(&self, mut visit: impl FnMut(&[u8], &[usize], &Tally)) {
        let rows = (0..self.answers.len()).flat_map(|item| self.answers_of(item));
        rows.for_each(|(_, tiers, places, tally)| visit(tiers, places, tally));
    }

    /// Participant, tiers, places and tally of the answers to one item.
    pub(super) fn answers_of(&self, item: usize) -> impl Iterator<Item = (u32, &[u8], &[usize], &Tally)> {
        let Answers { distinct, places } = &self.answers[item];
        distinct.iter().map(|(participant, tiers, tally)| (participant, tiers, places.as_slice(), tally))
    }

    /// Calls `visit` for the choices of every distinct answer.
    fn each_choice(&self, mut visit: impl FnMut(Choice, &Tally)) {
        self.each_answer(|tiers, places, tally| {
            self.lowering.lower(tiers, places, |choice| visit(choice, tally));
        });
    }

    /// Exact sums over the choices.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts::new(self.width);
        let mut sets = HashMap::<Set, i128, BuildHasherDefault<DefaultHasher>>::default();
        let repeat = self.lowering == Lowering::Pairs || self.width <= FEW || self.by_participant;
        self.each_answer(|tiers, places, tally| {
            let mut any = false;
            let large_tie = self.lowering.lower(tiers, places, |choice| {
                any = true;
                counts.add(choice, i128::from(tally.weight));
                if repeat {
                    *sets.entry(choice.from).or_default() += i128::from(tally.weight);
                }
            });
            counts.answers.add(tally, any);
            counts.large_ties += u64::from(large_tie) * tally.rows;
        });
        let mut sets: Vec<_> = sets.into_iter().collect();
        sets.sort_unstable();
        counts.sets = repeat.then_some(sets);
        counts
    }

    /// Calls `visit(set, weight)` for the sets chosen from, in an order that depends on nothing but the
    /// answers; a set may come more than once.
    pub(super) fn each_set(&self, counts: &Counts, mut visit: impl FnMut(Set, i128)) {
        match &counts.sets {
            Some(sets) => sets.iter().for_each(|&(set, weight)| visit(set, weight)),
            None => self.each_choice(|choice, tally| visit(choice.from, i128::from(tally.weight))),
        }
    }
}

/// Answers that hold a choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) rows: u64,
    pub(super) weight: i128,
    pub(super) squares: i128,
    /// Answers of weight that hold none.
    pub(super) empty: u64,
}

impl Used {
    fn add(&mut self, tally: &Tally, any: bool) {
        if !any {
            self.empty += tally.rows;
            return;
        }
        self.rows += tally.rows;
        self.weight += i128::from(tally.weight);
        self.squares += tally.squares as i128;
    }
}

/// The sufficient statistics of the model, in units of [`crate::WEIGHT_ONE`], and who stood above whom.
pub(super) struct Counts {
    pub(super) answers: Used,
    /// By how many were chosen together, less one: the weight of such choices of each candidate.
    pub(super) chosen: [Vec<i128>; MOST_TIED],
    /// By how many were chosen together, less one: the weight of such choices.
    pub(super) sizes: [i128; MOST_TIED],
    /// For each candidate those that it once stood above or level with.
    pub(super) reached: Vec<Set>,
    /// Answers with a tie that is too large to be a choice.
    pub(super) large_ties: u64,
    /// Sets chosen from and the weight of the choices, where they repeat often enough to be counted.
    sets: Option<Vec<(Set, i128)>>,
}

impl Counts {
    fn new(width: usize) -> Self {
        Self {
            answers: Used::default(),
            chosen: std::array::from_fn(|_| vec![0; width]),
            sizes: [0; MOST_TIED],
            reached: vec![0; width],
            large_ties: 0,
            sets: None,
        }
    }

    #[inline]
    fn add(&mut self, choice: Choice, weight: i128) {
        let size = choice.chosen.count_ones() as usize - 1;
        self.sizes[size] += weight;
        for candidate in members(choice.chosen) {
            self.chosen[size][candidate] += weight;
            self.reached[candidate] |= choice.from;
        }
    }

    /// Candidates that stood in some set.
    pub(super) fn compared(&self) -> Set {
        self.reached.iter().fold(0, |all, reached| all | reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ranking_is_lowered_to_choices() {
        let check = |lowering: Lowering, tiers: &[u8], want: &[(&[usize], &[usize])]| {
            let set = |members: &[usize]| members.iter().fold(0, |set, &member| set | only(member));
            let want: Vec<_> = want.iter().map(|(c, f)| Choice { from: set(f), chosen: set(c) }).collect();
            let places: Vec<usize> = (0..tiers.len()).collect();
            let mut got = Vec::new();
            lowering.lower(tiers, &places, |choice| got.push(choice));
            assert_eq!(got, want, "{lowering:?} {tiers:?}");
        };
        use Lowering::{Pairs, Stages};
        check(Stages, &[0, 2, 1], &[(&[0], &[0, 1, 2]), (&[2], &[1, 2])]);
        check(Pairs, &[0, 2, 1], &[(&[0], &[0, 1]), (&[0], &[0, 2]), (&[2], &[1, 2])]);
        // The first two level: they are chosen together; a tie at the end is a choice of all that is left.
        check(Stages, &[0, 0, 1], &[(&[0, 1], &[0, 1, 2])]);
        check(Stages, &[0, 1, 1], &[(&[0], &[0, 1, 2]), (&[1, 2], &[1, 2])]);
        check(Pairs, &[0, 0, NOT_SHOWN], &[(&[0, 1], &[0, 1])]);
        // Of those left out nothing is known but that they stand below.
        check(Stages, &[0, NOT_RANKED, NOT_RANKED], &[(&[0], &[0, 1, 2])]);
        check(Pairs, &[0, NOT_RANKED, NOT_RANKED], &[(&[0], &[0, 1]), (&[0], &[0, 2])]);
        check(Stages, &[NOT_RANKED, NOT_RANKED], &[]);
        check(Pairs, &[NOT_RANKED, NOT_RANKED], &[]);
        check(Stages, &[NOT_SHOWN, 0, 1, NOT_SHOWN], &[(&[1], &[1, 2])]);
        check(Stages, &[3, NOT_SHOWN], &[]);
        // A tie of five is no choice; what stands below it still is one.
        check(Stages, &[0, 0, 0, 0, 0, 1, 2], &[(&[5], &[5, 6])]);
    }
}
