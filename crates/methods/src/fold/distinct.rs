//! A fold whose state is the distinct answers to each item, for methods that read whole answers.
//!
//! A method may ask for the answers of each participant apart; then a participant is part of the answer.

use folkmoot_fold::state::{body, header};

use crate::contract::{Accumulator, Batch, MethodError, Outcome, Values};
use crate::fold::patterns::Tally;
use crate::fold::sums::PATTERNS;
use crate::report::Report;

/// Bytes of a participant before an answer.
const PARTICIPANT: usize = 4;
/// Widest answer that is worth counting within a batch first: wider ones hardly repeat.
const NARROW: usize = 8;
/// Answers that are taken in before like ones are added up.
const UNSETTLED: usize = 8192;
/// Bytes of a saved tally.
const TALLY_BYTES: usize = 32;

/// The distinct answers to one item and what the rows of each add up to, in the order of their bytes.
pub(crate) struct Distinct {
    /// The order in which an answer's bytes are kept.
    order: Vec<usize>,
    by_participant: bool,
    keys: Vec<u8>,
    tallies: Vec<Tally>,
    settled: usize,
}

impl Distinct {
    fn new(order: Vec<usize>, by_participant: bool) -> Self {
        Self { order, by_participant, keys: Vec::new(), tallies: Vec::new(), settled: 0 }
    }

    /// Participant (0 unless they are kept apart), answer and tally.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &[u8], &Tally)> {
        self.keys.chunks_exact(self.key_bytes()).zip(&self.tallies).map(|(key, tally)| {
            let (participant, answer) = key.split_at(self.head());
            (participant.iter().fold(0, |number, &byte| number << 8 | u32::from(byte)), answer, tally)
        })
    }

    fn head(&self) -> usize {
        if self.by_participant { PARTICIPANT } else { 0 }
    }

    fn key_bytes(&self) -> usize {
        self.head() + self.order.len()
    }

    fn push(&mut self, participant: u32, answer: &[u8], tally: Tally) {
        if self.by_participant {
            self.keys.extend(participant.to_be_bytes());
        }
        self.keys.extend(self.order.iter().map(|&place| answer[place]));
        self.tallies.push(tally);
    }

    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        let Values::Ranks(bytes) = batch.values else {
            return Err(MethodError::Internal("the method did not ask for other answers than orders".to_owned()));
        };
        let width = self.order.len();
        let rows = batch.rows();
        let participants = !self.by_participant || batch.participant.len() == rows;
        if batch.width != width || width == 0 || bytes.len() != rows * width || !participants {
            return Err(MethodError::Internal("columns of a batch differ in length".to_owned()));
        }
        if width <= NARROW && !self.by_participant {
            let mut push = |_, answer: &[u8], tally: &Tally| self.push(0, answer, *tally);
            PATTERNS.with_borrow_mut(|patterns| patterns.lower(batch, &mut push))?;
        } else {
            for (row, answer) in bytes.chunks_exact(width).enumerate().filter(|(row, _)| batch.weight[*row] != 0) {
                let participant = batch.participant.get(row).copied().unwrap_or_default();
                self.push(participant, answer, Tally::of(batch.weight[row]));
            }
        }
        if self.tallies.len() >= 2 * self.settled + UNSETTLED { self.settle() } else { Ok(()) }
    }

    /// Sorts the answers and adds up like ones.
    fn settle(&mut self) -> Result<(), MethodError> {
        let bytes = self.key_bytes();
        let key = |at: u32| &self.keys[at as usize * bytes..][..bytes];
        let mut order: Vec<u32> = (0..self.tallies.len() as u32).collect();
        order.sort_unstable_by(|&a, &b| key(a).cmp(key(b)));
        let mut keys = Vec::with_capacity(self.keys.len());
        let mut tallies: Vec<Tally> = Vec::with_capacity(order.len());
        for same in order.chunk_by(|&a, &b| key(a) == key(b)) {
            let sum = same.iter().try_fold(Tally::default(), |sum, &at| sum.plus(self.tallies[at as usize]));
            keys.extend(key(same[0]));
            tallies.push(sum.ok_or_else(|| MethodError::BadState("a sum overflows".to_owned()))?);
        }
        self.settled = tallies.len();
        (self.keys, self.tallies) = (keys, tallies);
        Ok(())
    }

    fn save(&self, into: &mut Vec<u8>) {
        into.extend((self.tallies.len() as u64).to_le_bytes());
        for (key, tally) in self.keys.chunks_exact(self.key_bytes()).zip(&self.tallies) {
            into.extend(key);
            into.extend(tally.rows.to_le_bytes());
            into.extend(tally.weight.to_le_bytes());
            into.extend(tally.squares.to_le_bytes());
        }
    }

    /// Takes in what [`Distinct::save`] wrote; gives what follows it.
    fn merge<'a>(&mut self, state: &'a [u8]) -> Option<&'a [u8]> {
        let (count, rest) = state.split_first_chunk()?;
        let record = self.key_bytes() + TALLY_BYTES;
        let bytes = usize::try_from(u64::from_le_bytes(*count)).ok()?.checked_mul(record)?;
        let (records, rest) = rest.split_at_checked(bytes)?;
        for record in records.chunks_exact(record) {
            let (key, numbers) = record.split_at(self.key_bytes());
            let (rows, numbers) = numbers.split_first_chunk()?;
            let (weight, squares) = numbers.split_first_chunk()?;
            self.keys.extend(key);
            self.tallies.push(Tally {
                rows: u64::from_le_bytes(*rows),
                weight: i64::from_le_bytes(*weight),
                squares: u128::from_le_bytes(*squares.first_chunk()?),
            });
        }
        Some(rest)
    }
}

/// What becomes of the distinct answers to each item.
pub(crate) type Finish = Box<dyn Fn(&[Distinct]) -> Result<Report, MethodError> + Send>;

/// The empty accumulator of items whose answers are kept in the orders given.
pub(crate) fn keep(tag: String, orders: Vec<Vec<usize>>, by_participant: bool, finish: Finish) -> Box<dyn Accumulator> {
    let items = orders.into_iter().map(|order| Distinct::new(order, by_participant)).collect();
    Box::new(Kept { tag, items, finish })
}

struct Kept {
    tag: String,
    items: Vec<Distinct>,
    finish: Finish,
}

impl Accumulator for Kept {
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        let item = self.items.get_mut(batch.item as usize);
        item.ok_or_else(|| MethodError::Internal("a batch of an item that is not there".to_owned()))?.update(batch)
    }

    fn save(&mut self) -> Result<Vec<u8>, MethodError> {
        let mut bytes = header(&self.tag);
        for item in &mut self.items {
            item.settle()?;
            item.save(&mut bytes);
        }
        Ok(bytes)
    }

    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
        let mut rest = body(&self.tag, partial)?;
        for item in &mut self.items {
            let cut = || MethodError::BadState("the state ends within an item".to_owned());
            rest = item.merge(rest).ok_or_else(cut)?;
            item.settle()?;
        }
        if rest.is_empty() { Ok(()) } else { Err(MethodError::BadState("the state has more items".to_owned())) }
    }

    fn finish(mut self: Box<Self>) -> Result<Outcome, MethodError> {
        self.items.iter_mut().try_for_each(Distinct::settle)?;
        (self.finish)(&self.items).map(Outcome::Done)
    }
}
