//! The fold of methods that need every vote: rows kept as they are, sorted when they are read.

use folkmoot_fold::state::{body, header};

use crate::contract::{Accumulator, Batch, MethodError, Outcome, Values};
use crate::report::Report;

/// One vote: item, participant, the vote's byte and its weight in units of [`crate::WEIGHT_ONE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Vote {
    pub(crate) participant: u32,
    pub(crate) item: u32,
    pub(crate) vote: u8,
    pub(crate) weight: i64,
}

/// Bytes of a saved vote.
const BYTES: usize = 17;

/// What becomes of all votes, sorted by participant, then item.
pub(crate) type Finish = Box<dyn Fn(&[Vote]) -> Result<Report, MethodError> + Send>;

/// An accumulator that keeps the votes of weight.
pub(crate) struct Votes {
    pub(crate) tag: &'static str,
    pub(crate) rows: Vec<Vote>,
    pub(crate) finish: Finish,
}

impl Accumulator for Votes {
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        let Values::Votes(votes) = batch.values else {
            return Err(MethodError::Internal("the method did not ask for other answers than votes".to_owned()));
        };
        let rows = batch.participant.iter().zip(batch.weight).zip(votes).filter(|((_, weight), _)| **weight > 0);
        let vote = |((&participant, &weight), &vote): ((&u32, &i64), &u8)| Vote {
            participant,
            item: batch.item,
            vote,
            weight,
        };
        self.rows.extend(rows.map(vote));
        Ok(())
    }

    fn save(&mut self) -> Result<Vec<u8>, MethodError> {
        self.rows.sort_unstable();
        let mut bytes = header(self.tag);
        bytes.reserve(self.rows.len() * BYTES);
        for row in &self.rows {
            bytes.extend(row.participant.to_le_bytes());
            bytes.extend(row.item.to_le_bytes());
            bytes.push(row.vote);
            bytes.extend(row.weight.to_le_bytes());
        }
        Ok(bytes)
    }

    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
        let (rows, rest) = body(self.tag, partial)?.as_chunks::<BYTES>();
        if !rest.is_empty() {
            return Err(MethodError::BadState("the state ends within a vote".to_owned()));
        }
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte));
        // The casts are exact: as many bytes as the type has.
        self.rows.extend(rows.iter().map(|row| Vote {
            participant: number(&row[..4]) as u32,
            item: number(&row[4..8]) as u32,
            vote: row[8],
            weight: number(&row[9..]) as i64,
        }));
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Outcome, MethodError> {
        self.rows.sort_unstable();
        (self.finish)(&self.rows).map(Outcome::Done)
    }
}

/// The votes of one participant as numbers: agree 1, disagree -1, pass 0, by item.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Voter {
    pub(crate) participant: u32,
    /// Mean weight of the votes, 1 for a person of weight 1.
    pub(crate) weight: f64,
    pub(crate) votes: Vec<(u32, i8)>,
}

/// One voter a participant. Ordered by what they voted rather than by who they are, so that sums of
/// floating-point numbers do not depend on the names people have.
pub(crate) fn voters(rows: &[Vote]) -> Vec<Voter> {
    let number = |vote: u8| i8::from(vote == b'A') - i8::from(vote == b'D');
    let voter = |rows: &[Vote]| Voter {
        participant: rows[0].participant,
        weight: crate::stats::people(rows.iter().map(|row| i128::from(row.weight)).sum()) / rows.len() as f64,
        votes: rows.iter().map(|row| (row.item, number(row.vote))).collect(),
    };
    let mut voters: Vec<_> = rows.chunk_by(|a, b| a.participant == b.participant).map(voter).collect();
    voters.sort_by(|a, b| {
        a.votes.cmp(&b.votes).then(a.weight.total_cmp(&b.weight)).then(a.participant.cmp(&b.participant))
    });
    voters
}
