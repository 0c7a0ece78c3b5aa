//! The first pass: who is there, where they stand, and what they weigh before any weighting.
//!
//! A saved state is the number of participants, then for each, by ascending number: how far its number
//! is from the last one's (doubled, plus 1 where its answers weigh differently), a byte for each
//! attribute, and the packed weight. With one attribute that is 4 bytes for a participant of weight 1
//! and never more than 9, so the host's limit of 16 MiB holds 1.8 to 4 million participants.

use folkmoot_plugin_sdk::{Batch, MethodError, NO_STRATUM, state};

use crate::numbers::{Reader, put, put_packed};
use crate::setup::Setup;

const TAG: &str = "quota-sampling@1.0.0 people";

/// Largest weight of one answer, in units of [`folkmoot_plugin_sdk::WEIGHT_ONE`], that a host sends.
const MAX_WEIGHT: i64 = 1 << 40;

/// The level of somebody whose attribute is unknown.
pub(crate) const UNKNOWN: u8 = u8::MAX;

/// A participant; of weight 0 where nothing was seen of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    /// The largest weight of their answers.
    pub(crate) weight: i64,
    /// Levels of the attributes, or [`UNKNOWN`].
    pub(crate) levels: [u8; 2],
    /// Whether some of their answers weigh less.
    pub(crate) differs: bool,
}

const NOBODY: Person = Person { weight: 0, levels: [UNKNOWN; 2], differs: false };

/// Participants by number.
pub(crate) struct People {
    everyone: Vec<Person>,
    attributes: usize,
    /// Levels of each attribute.
    level_counts: [usize; 2],
    /// Numbers are below it.
    limit: usize,
}

impl People {
    pub(crate) fn new(setup: &Setup) -> Self {
        let second = setup.second.as_ref().map_or(0, |second| second.levels.len());
        Self {
            everyone: Vec::new(),
            attributes: setup.attributes(),
            level_counts: [setup.region.levels.len(), second],
            limit: setup.participants,
        }
    }

    /// Participants with an answer of weight, by ascending number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, Person)> + '_ {
        // The cast is exact: numbers come from u32.
        let numbered = self.everyone.iter().enumerate().map(|(number, person)| (number as u32, *person));
        numbered.filter(|(_, person)| person.weight > 0)
    }

    pub(crate) fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        check_columns(batch, &self.level_counts[..self.attributes])?;
        let most = batch.participant.iter().copied().max().map_or(0, |most| most as usize + 1);
        self.make_room(most).map_err(MethodError::Internal)?;
        let second = if self.attributes == 2 { batch.stratum(1) } else { &[] };
        let rows = batch.participant.iter().zip(batch.weight).zip(batch.stratum(0)).enumerate();
        for (row, ((&participant, &weight), &region)) in rows {
            if weight == 0 {
                continue;
            }
            // Strata are below the number of levels, or NO_STRATUM, whose low byte is UNKNOWN.
            let levels = [region as u8, second.get(row).map_or(UNKNOWN, |&level| level as u8)];
            let person = &mut self.everyone[participant as usize];
            if person.weight == 0 {
                *person = Person { weight, levels, differs: false };
            } else if person.weight != weight || person.levels != levels {
                meet(person, Person { weight, levels, differs: false }).map_err(MethodError::Internal)?;
            }
        }
        Ok(())
    }

    fn make_room(&mut self, count: usize) -> Result<(), String> {
        if count > self.limit {
            return Err(format!("participant {} is none of {}", count - 1, self.limit));
        }
        if count > self.everyone.len() {
            self.everyone.resize(count, NOBODY);
        }
        Ok(())
    }

    pub(crate) fn save(&self) -> Vec<u8> {
        let mut bytes = state::header(TAG);
        let count = self.iter().count();
        bytes.reserve(10 * (count + 1));
        put(&mut bytes, count as u64);
        let mut next = 0;
        for (number, person) in self.iter() {
            let gap = u64::from(number) - next;
            put(&mut bytes, 2 * gap + u64::from(person.differs));
            bytes.extend_from_slice(&person.levels[..self.attributes]);
            put_packed(&mut bytes, person.weight.unsigned_abs().into());
            next = u64::from(number) + 1;
        }
        bytes
    }

    pub(crate) fn merge(&mut self, saved: &[u8]) -> Result<(), MethodError> {
        let mut reader = Reader::new(state::body(TAG, saved)?);
        let count = reader.at_most(self.limit)?;
        let mut next = 0;
        for _ in 0..count {
            let step = reader.at_most(2 * self.limit)?;
            let number = next + step / 2;
            let mut levels = [UNKNOWN; 2];
            levels[..self.attributes].copy_from_slice(reader.take(self.attributes)?);
            let weight = reader.packed()?;
            let known = |(level, count): (&u8, &usize)| *level == UNKNOWN || usize::from(*level) < *count;
            if weight == 0 || weight > MAX_WEIGHT as u128 || !levels.iter().zip(&self.level_counts).all(known) {
                return Err(MethodError::BadState("a participant of it cannot be".to_owned()));
            }
            self.make_room(number + 1).map_err(MethodError::BadState)?;
            let seen = Person { weight: weight as i64, levels, differs: step % 2 == 1 };
            let person = &mut self.everyone[number];
            if *person == NOBODY {
                *person = seen;
            } else if *person != seen {
                meet(person, seen).map_err(MethodError::BadState)?;
            }
            next = number + 1;
        }
        reader.end()
    }
}

/// Whether the columns are of one length, weights are weights, and strata are levels of attributes with
/// `level_counts` of them.
///
/// # Errors
/// [`MethodError::Internal`].
pub(crate) fn check_columns(batch: &Batch<'_>, level_counts: &[usize]) -> Result<(), MethodError> {
    let rows = batch.rows();
    if batch.participant.len() != rows || batch.strata.len() != rows * level_counts.len() {
        return Err(MethodError::Internal("columns of a batch differ in length".to_owned()));
    }
    // Folded without a way out, so that many rows are checked at once.
    let (least, most) = batch.weight.iter().fold((0, 0), |(least, most), &w| (w.min(least), w.max(most)));
    if least < 0 || most > MAX_WEIGHT {
        return Err(MethodError::Internal("a weight of a batch is negative or too large".to_owned()));
    }
    for (attribute, &count) in level_counts.iter().enumerate() {
        let is_off = |&stratum: &u16| usize::from(stratum) >= count && stratum != NO_STRATUM;
        if batch.stratum(attribute).iter().fold(false, |off, stratum| off | is_off(stratum)) {
            return Err(MethodError::Internal(format!("a stratum of a batch is none of {count}")));
        }
    }
    Ok(())
}

/// Two sights of one participant.
fn meet(person: &mut Person, seen: Person) -> Result<(), String> {
    if person.levels != seen.levels {
        return Err("a participant stands in two strata".to_owned());
    }
    person.differs |= seen.differs || person.weight != seen.weight;
    person.weight = person.weight.max(seen.weight);
    Ok(())
}
