//! The fold of methods that need every vote: a run of bytes for each item, one or two bytes a vote.

use folkmoot_fold::state::{body, header};

use crate::contract::{Accumulator, Batch, MethodError, Outcome, Values};
use crate::opinion::item_votes::{ItemVotes, Vote, number, push_number};
use crate::report::Report;

/// What becomes of all votes, given by item.
pub(crate) type Finish = Box<dyn Fn(&[ItemVotes]) -> Result<Report, MethodError> + Send>;

/// An accumulator that keeps the votes of weight.
pub(crate) struct Votes {
    pub(crate) tag: &'static str,
    /// Those on each item.
    pub(crate) items: Vec<ItemVotes>,
    pub(crate) finish: Finish,
}

impl Accumulator for Votes {
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        let Values::Votes(votes) = batch.values else {
            return Err(MethodError::Internal("the method did not ask for other answers than votes".to_owned()));
        };
        let rows = batch.participant.iter().zip(batch.weight).zip(votes).filter(|((_, weight), _)| **weight > 0);
        let votes = rows.map(|((&participant, weight), &vote)| Vote {
            participant,
            side: side(vote),
            weight: weight.unsigned_abs(),
        });
        self.items[batch.item as usize].extend(votes);
        Ok(())
    }

    fn save(&mut self) -> Result<Vec<u8>, MethodError> {
        let mut bytes = header(self.tag);
        for votes in &self.items {
            push_number(&mut bytes, votes.bytes().len() as u64);
            bytes.extend(votes.bytes());
        }
        Ok(bytes)
    }

    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
        let mut rest = body(self.tag, partial)?;
        for votes in &mut self.items {
            let bytes = take(&mut rest).ok_or_else(|| MethodError::BadState("the state ends early".to_owned()))?;
            let others = ItemVotes::votes_of(bytes);
            votes.merge(others.ok_or_else(|| MethodError::BadState("the state holds what is no vote".to_owned()))?);
        }
        match rest.is_empty() {
            true => Ok(()),
            false => Err(MethodError::BadState("the state goes on behind its last item".to_owned())),
        }
    }

    fn finish(self: Box<Self>) -> Result<Outcome, MethodError> {
        (self.finish)(&self.items).map(Outcome::Done)
    }
}

/// The bytes of the next item's votes.
fn take<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(number(rest)?).ok()?;
    let (bytes, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some(bytes)
}

/// The place of a vote among agree, disagree and pass.
fn side(vote: u8) -> u8 {
    match vote {
        b'A' => 0,
        b'D' => 1,
        _ => 2,
    }
}
