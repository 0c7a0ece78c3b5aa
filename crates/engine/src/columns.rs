//! Answers of a snapshot as the typed columns that methods take.

use folkmoot_core::{Item, ItemKind, View};
use folkmoot_methods::WEIGHT_ONE;
use folkmoot_methods::contract::{Batch, Values};
use folkmoot_snapshot::AnswerBatch;

use crate::error::EngineError;
use crate::scan::Source;

/// Largest weight of one answer, so that sums of squared weights stay exact.
const MAX_WEIGHT: f64 = (1_u64 << 20) as f64;

/// The product of an answer's weight and its participant's, in units of [`WEIGHT_ONE`], rounded to
/// nearest.
///
/// # Errors
/// [`EngineError::Corrupt`] for what is no weight, [`EngineError::Weighting`] for a product above 2^20.
fn fixed_point(answer: f64, participant: f64) -> Result<i64, EngineError> {
    let weight = answer * participant;
    if weight.is_nan() || weight < 0.0 {
        return Err(EngineError::Corrupt(format!("{answer} times {participant} is no weight")));
    }
    if weight > MAX_WEIGHT {
        let message = format!(
            "an answer weighs {answer} and its participant {participant}; the product is {weight}, at most \
             {MAX_WEIGHT} can be counted"
        );
        return Err(EngineError::Weighting(message));
    }
    Ok((weight * WEIGHT_ONE as f64).round_ties_even() as i64)
}

/// The columns of one batch, kept from batch to batch for their room.
#[derive(Default)]
pub(crate) struct Columns {
    pub(crate) width: usize,
    pub(crate) participant: Vec<u32>,
    pub(crate) weight: Vec<i64>,
    /// The rows' categories of the first attribute, then those of the second.
    pub(crate) strata: Vec<u16>,
    /// Bytes a row of `bytes`: 0 for scores.
    stride: usize,
    bytes: Vec<u8>,
    scores: Vec<f64>,
    rubrics: Vec<i8>,
    kind: Option<ItemKind>,
}

impl Columns {
    /// Reads the rows of `batch` that `source` is about.
    ///
    /// # Errors
    /// [`EngineError::Corrupt`] for weights that cannot be, [`EngineError::Weighting`] for too large ones.
    pub(crate) fn read(&mut self, source: &Source<'_>, batch: &AnswerBatch<'_>) -> Result<(), EngineError> {
        let item = &source.snapshot.items[batch.item as usize];
        let flags = source.flags && item.kind == ItemKind::Rank;
        self.start(item, if flags { ItemKind::Approve } else { item.kind });
        let wanted = u8::from(source.view == View::World);
        for (row, &participant) in batch.participant.iter().enumerate().filter(|(row, _)| batch.view[*row] == wanted) {
            let answer = batch.answer(row);
            let answer = match flags {
                // Without flags, the participant was not asked for them.
                true if answer.len() == self.width => continue,
                true => &answer[self.width..],
                false => answer,
            };
            let own = batch.weight.map_or(1.0, |own| own[row]);
            let people = source.weights.map_or(1.0, |weights| weights[participant as usize]);
            self.participant.push(participant);
            self.weight.push(fixed_point(own, people)?);
            self.push(answer)?;
        }
        for codes in source.strata {
            self.strata.extend(self.participant.iter().map(|&participant| codes[participant as usize]));
        }
        Ok(())
    }

    fn start(&mut self, item: &Item, kind: ItemKind) {
        self.width = item.candidates.len();
        self.kind = Some(kind);
        self.stride = match kind {
            ItemKind::Rank | ItemKind::Pair | ItemKind::Approve => self.width,
            ItemKind::Vote | ItemKind::Choose => 1,
            ItemKind::Scale | ItemKind::Rubric | ItemKind::Text => 0,
        };
        self.participant.clear();
        self.weight.clear();
        self.strata.clear();
        self.bytes.clear();
        self.scores.clear();
        self.rubrics.clear();
    }

    /// Adds the answer; of a ranking the tiers alone, without what was flagged unacceptable.
    fn push(&mut self, answer: &[u8]) -> Result<(), EngineError> {
        let short = || EngineError::Corrupt("an answer is shorter than its item".to_owned());
        match self.kind {
            Some(ItemKind::Scale) => {
                let bytes = answer.try_into().map_err(|_| short())?;
                self.scores.push(f64::from_le_bytes(bytes));
            }
            Some(ItemKind::Rubric) => self.rubrics.extend(answer.iter().map(|byte| byte.cast_signed())),
            Some(ItemKind::Text) => {}
            _ => self.bytes.extend_from_slice(answer.get(..self.stride).ok_or_else(short)?),
        }
        Ok(())
    }

    pub(crate) fn rows(&self) -> usize {
        self.participant.len()
    }

    /// The columns as a batch of the method's item `item`, with other weights.
    pub(crate) fn batch<'a>(&'a self, item: u32, weight: &'a [i64]) -> Batch<'a> {
        Batch {
            item,
            width: self.width,
            participant: &self.participant,
            weight,
            strata: &self.strata,
            values: match self.kind {
                Some(ItemKind::Rank | ItemKind::Pair) | None => Values::Ranks(&self.bytes),
                Some(ItemKind::Vote | ItemKind::Text) => Values::Votes(&self.bytes),
                Some(ItemKind::Choose) => Values::Choices(&self.bytes),
                Some(ItemKind::Approve) => Values::Approvals(&self.bytes),
                Some(ItemKind::Scale) => Values::Scores(&self.scores),
                Some(ItemKind::Rubric) => Values::Rubrics(&self.rubrics),
            },
        }
    }

    /// The rows of `segment` alone, without strata.
    pub(crate) fn only(&self, segment: u16, into: &mut Columns) {
        into.width = self.width;
        into.kind = self.kind;
        into.stride = self.stride;
        into.participant.clear();
        into.weight.clear();
        into.strata.clear();
        into.bytes.clear();
        into.scores.clear();
        into.rubrics.clear();
        for (row, _) in self.strata.iter().enumerate().filter(|(_, stratum)| **stratum == segment) {
            into.participant.push(self.participant[row]);
            into.weight.push(self.weight[row]);
            match self.kind {
                Some(ItemKind::Scale) => into.scores.push(self.scores[row]),
                Some(ItemKind::Rubric) => {
                    into.rubrics.extend_from_slice(&self.rubrics[row * self.width..][..self.width]);
                }
                _ => into.bytes.extend_from_slice(&self.bytes[row * self.stride..][..self.stride]),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use folkmoot_core::{Fault, Reason};

    use super::*;

    #[test]
    fn weights_are_multiplied_and_what_cannot_be_counted_is_refused() {
        let check = |answer: f64, participant: f64, want: Result<i64, Reason>| {
            let got = fixed_point(answer, participant).map_err(|error| Fault::from(error).reason);
            assert_eq!(got, want, "{answer} times {participant}");
        };
        check(0.5, 3.0, Ok(WEIGHT_ONE * 3 / 2));
        check(0.0, 1e9, Ok(0));
        check(MAX_WEIGHT, 1.0, Ok(WEIGHT_ONE << 20));
        check(1e6, 1e6, Err(Reason::WeightingFailed));
        check(1e300, 1e300, Err(Reason::WeightingFailed));
        check(-1.0, 1.0, Err(Reason::DataCorrupt));
        check(f64::NAN, 1.0, Err(Reason::DataCorrupt));
    }
}
