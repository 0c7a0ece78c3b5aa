//! Votes turned from item by item to person by person.

use crate::opinion::item_votes::{ItemVotes, SIDES};
use crate::stats::people;

/// One participant's votes, by their place in [`Voters`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Voter {
    pub(crate) participant: u32,
    /// Mean weight of the votes, 1 for a person of weight 1.
    pub(crate) weight: f64,
    from: usize,
    to: usize,
}

impl Voter {
    /// How many votes.
    pub(crate) fn votes(&self) -> usize {
        self.to - self.from
    }
}

/// Everybody who cast enough votes. Ordered by what they voted rather than by who they are, so that
/// sums of floating-point numbers do not depend on the names people have.
pub(crate) struct Voters {
    pub(crate) list: Vec<Voter>,
    /// How many items there are.
    pub(crate) items: usize,
    /// How many people cast too few votes.
    pub(crate) others: usize,
    /// Of each vote the item, times three, and the side. A voter's cells ascend.
    cells: Vec<u32>,
}

/// Cells of an item.
pub(crate) const CELLS: usize = SIDES.len();

impl Voters {
    /// Those who cast at least `least` votes.
    pub(crate) fn new(items: &[ItemVotes], least: usize) -> Self {
        let mut sums: Vec<(usize, i128)> = Vec::new();
        for vote in items.iter().flat_map(ItemVotes::votes) {
            let place = vote.participant as usize;
            if place >= sums.len() {
                sums.resize(place + 1, (0, 0));
            }
            sums[place].0 += 1;
            sums[place].1 += i128::from(vote.weight);
        }
        let mut list = Vec::new();
        let mut end = 0;
        for (participant, &(votes, weight)) in (0_u32..).zip(&sums) {
            if votes >= least.max(1) {
                let weight = people(weight) / votes as f64;
                list.push(Voter { participant, weight, from: end, to: end + votes });
                end += votes;
            }
        }
        let others = sums.iter().filter(|(votes, _)| *votes > 0).count() - list.len();
        drop(sums);
        let mut voters = Self { list, items: items.len(), others, cells: vec![0; end] };
        voters.fill(items);
        voters.sort();
        voters
    }

    fn fill(&mut self, items: &[ItemVotes]) {
        let last = self.list.last().map_or(0, |voter| voter.participant as usize + 1);
        let mut next = vec![usize::MAX; last];
        self.list.iter().for_each(|voter| next[voter.participant as usize] = voter.from);
        for (item, votes) in items.iter().enumerate() {
            for vote in votes.votes() {
                let Some(next) = next.get_mut(vote.participant as usize).filter(|next| **next != usize::MAX) else {
                    continue;
                };
                // The cast is exact: items have numbers of 32 bits, and far fewer are ever kept in memory.
                self.cells[*next] = (CELLS * item) as u32 + u32::from(vote.side);
                *next += 1;
            }
        }
    }

    fn sort(&mut self) {
        let Self { list, cells, .. } = self;
        list.sort_unstable_by(|a, b| {
            let by_votes = cells[a.from..a.to].cmp(&cells[b.from..b.to]);
            by_votes.then(a.weight.total_cmp(&b.weight)).then(a.participant.cmp(&b.participant))
        });
    }

    /// The cells of a voter.
    pub(crate) fn cells(&self, voter: &Voter) -> &[u32] {
        &self.cells[voter.from..voter.to]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::WEIGHT_ONE;
    use crate::opinion::item_votes::Vote;

    #[test]
    fn voters_have_their_votes_and_are_ordered_by_them() {
        let vote = |participant: u32, side: u8, weight: i64| Vote { participant, side, weight: weight.unsigned_abs() };
        let mut items = vec![ItemVotes::default(), ItemVotes::default()];
        items[0].extend([vote(1, 1, WEIGHT_ONE), vote(4, 0, WEIGHT_ONE), vote(7, 2, WEIGHT_ONE)].into_iter());
        items[1].extend([vote(1, 2, 3 * WEIGHT_ONE), vote(4, 0, WEIGHT_ONE)].into_iter());
        let voters = Voters::new(&items, 2);
        let found: Vec<_> = voters.list.iter().map(|v| (v.participant, v.weight, voters.cells(v).to_vec())).collect();
        assert_eq!(found, [(4, 1.0, vec![0, 3]), (1, 2.0, vec![1, 5])]);
        assert_eq!(voters.others, 1);
    }
}
