//! Pairs of candidates, parts of the public, and the figures of one in the other.

use crate::contract::NO_STRATUM;
use crate::preference::disagreement::cells::Cells;
use crate::preference::disagreement::design::Group;
use crate::preference::disagreement::estimate::{Estimate, Sample};
use crate::preference::disagreement::wild::hash;

/// A strict preference of the position: `preferred` stands above `against`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) preferred: usize,
    pub(super) against: usize,
}

/// Whose answers are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    All,
    /// One segment.
    In(usize),
    /// Everybody else, those of no known segment too.
    Without(usize),
}

impl Part {
    fn holds(self, group: Group) -> bool {
        let is = |segment: usize| group.segment != NO_STRATUM && usize::from(group.segment) == segment;
        match self {
            Self::All => true,
            Self::In(segment) => is(segment),
            Self::Without(segment) => !is(segment),
        }
    }

    fn number(self) -> u64 {
        match self {
            Self::All => 0,
            Self::In(segment) => 1 + 2 * segment as u64,
            Self::Without(segment) => 2 + 2 * segment as u64,
        }
    }
}

impl Cells {
    pub(super) fn sample(&self, item: usize, pair: Pair, part: Part) -> Sample {
        let groups = self.moments(item, pair.preferred, pair.against).filter(|(group, _)| part.holds(*group));
        Sample::gather(groups, self.design.communities.is_some())
    }

    /// The sample's estimate; what it draws depends on the run's seed and on what it is an estimate of.
    pub(super) fn estimate(&self, sample: &Sample, item: usize, pair: Pair, part: Part) -> Option<Estimate> {
        let names = [item as u64, pair.preferred as u64, pair.against as u64, part.number()];
        sample.estimate(names.into_iter().fold(self.design.seed, hash))
    }

    pub(super) fn is_enough(&self, sample: &Sample) -> bool {
        sample.total.effective() >= self.design.rule.min_effective
    }

    /// The candidate's mean net preference over all others: the symmetric Borda score, the second
    /// aggregator that a finding must not contradict.
    pub(super) fn borda_points(&self, item: usize, candidate: usize) -> f64 {
        let others = (0..self.design.width(item)).filter(|&other| other != candidate);
        let (won, compared) = others.fold((0, 0), |(won, compared), other| {
            let pair = Pair { preferred: other, against: candidate };
            let total = self.sample(item, pair, Part::All).total;
            (won + total.first, compared + total.weight)
        });
        if compared == 0 { 0.0 } else { won as f64 / compared as f64 }
    }
}
