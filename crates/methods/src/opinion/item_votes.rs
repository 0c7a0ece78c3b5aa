//! The votes on one item, packed: the step from one participant to the next, the vote, and the weight
//! where it differs from the one before. The bytes depend on the votes alone.

/// One vote. Votes of an item are kept in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Vote {
    pub(crate) participant: u32,
    /// Agree 0, disagree 1, pass 2.
    pub(crate) side: u8,
    /// In units of [`crate::WEIGHT_ONE`].
    pub(crate) weight: u64,
}

/// The byte of each side, as answers are encoded.
pub(crate) const SIDES: [u8; 3] = *b"ADP";

/// Votes on one item, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct ItemVotes {
    bytes: Vec<u8>,
    last: Vote,
}

impl ItemVotes {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn votes(&self) -> Packed<'_> {
        Packed { rest: &self.bytes, last: Vote::default() }
    }

    /// The votes that `bytes` hold; none where they hold what is no vote.
    pub(crate) fn votes_of(bytes: &[u8]) -> Option<Vec<Vote>> {
        let mut packed = Packed { rest: bytes, last: Vote::default() };
        let votes: Vec<Vote> = packed.by_ref().collect();
        (packed.rest.is_empty() && votes.is_sorted()).then_some(votes)
    }

    /// Adds votes in any order. Those that follow what is there are cheap.
    pub(crate) fn extend(&mut self, votes: impl Iterator<Item = Vote>) {
        let mut late = Vec::new();
        for vote in votes {
            match vote >= self.last {
                true => self.push(vote),
                false => late.push(vote),
            }
        }
        late.sort_unstable();
        self.merge(late);
    }

    /// Adds votes that are in order.
    pub(crate) fn merge(&mut self, votes: Vec<Vote>) {
        if votes.first().is_none_or(|first| *first >= self.last) {
            votes.into_iter().for_each(|vote| self.push(vote));
            return;
        }
        let known = std::mem::take(self);
        let mut known = known.votes().peekable();
        for vote in votes {
            while let Some(earlier) = known.next_if(|earlier| *earlier <= vote) {
                self.push(earlier);
            }
            self.push(vote);
        }
        known.for_each(|vote| self.push(vote));
    }

    fn push(&mut self, vote: Vote) {
        let step = u64::from(vote.participant - self.last.participant);
        let same = vote.weight == self.last.weight;
        push_number(&mut self.bytes, step << 3 | u64::from(same) << 2 | u64::from(vote.side));
        if !same {
            push_number(&mut self.bytes, vote.weight);
        }
        self.last = vote;
    }
}

/// Votes read from bytes; ends before what is no vote.
pub(crate) struct Packed<'a> {
    rest: &'a [u8],
    last: Vote,
}

impl Iterator for Packed<'_> {
    type Item = Vote;

    fn next(&mut self) -> Option<Vote> {
        let mut rest = self.rest;
        let head = number(&mut rest)?;
        let step = u32::try_from(head >> 3).ok()?;
        let weight = if head & 4 != 0 { self.last.weight } else { number(&mut rest)? };
        let participant = self.last.participant.checked_add(step)?;
        let vote = Vote { participant, side: (head & 3) as u8, weight };
        if usize::from(vote.side) >= SIDES.len() || weight == 0 {
            return None;
        }
        (self.rest, self.last) = (rest, vote);
        Some(vote)
    }
}

/// Appends a number, seven bits a byte, the lowest first (LEB128).
pub(crate) fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Takes a number off the front; none where there is none.
pub(crate) fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for (place, &byte) in bytes.iter().enumerate().take(9) {
        number |= u64::from(byte & 0x7F) << (7 * place);
        if byte < 0x80 {
            *bytes = &bytes[place + 1..];
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_order_gives_the_same_bytes_and_the_votes_back() {
        let votes: Vec<Vote> = (0..1000_u32)
            .map(|n| Vote {
                participant: n / 2 * 1000 * (n % 7),
                side: (n % 3) as u8,
                weight: 1 << [20, 20, 20, 3, 40][n as usize % 5],
            })
            .collect();
        let mut sorted = votes.clone();
        sorted.sort();
        let mut whole = ItemVotes::default();
        whole.extend(sorted.iter().copied());
        for size in [1, 3, 400] {
            let mut packed = ItemVotes::default();
            votes.chunks(size).for_each(|chunk| packed.extend(chunk.iter().copied()));
            assert_eq!(packed.bytes(), whole.bytes());
        }
        assert_eq!(ItemVotes::votes_of(whole.bytes()), Some(sorted));
    }

    #[test]
    fn a_vote_of_the_usual_weight_takes_a_byte() {
        let mut packed = ItemVotes::default();
        packed.extend((0..100).map(|n| Vote { participant: 5 * n, side: 1, weight: 1 << 20 }));
        assert_eq!(packed.bytes().len(), 100 + 3);
    }

    #[test]
    fn bytes_that_are_no_votes_are_refused() {
        let check = |bytes: &[u8], want: Option<usize>| {
            assert_eq!(ItemVotes::votes_of(bytes).map(|votes| votes.len()), want, "{bytes:?}");
        };
        check(&[], Some(0));
        check(&[1 << 3, 5], Some(1));
        check(&[1 << 3, 5, 4 | 1], Some(2));
        // No weight, a side that is none, a number without its end, a step past the last participant.
        check(&[1 << 3], None);
        check(&[1 << 3, 0], None);
        check(&[3, 5], None);
        check(&[0x80], None);
        check(&[0xF8, 0xFF, 0xFF, 0xFF, 0x7F, 5, 4 | 8], None);
        // Disagree before agree of the same participant.
        check(&[1, 5, 4], None);
    }
}
