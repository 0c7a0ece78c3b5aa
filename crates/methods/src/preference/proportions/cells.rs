//! The exact sums that are folded: of each item, combination of levels, and option taken or not.
//!
//! Only combinations that answered have sums, so that the state grows with the answers.

use std::collections::{BTreeMap, HashMap};

use super::report;
use super::survey::Survey;
use crate::contract::{Accumulator, Batch, MethodError, Outcome};
use crate::fold::{self, Tally, merge_cells, save_cells, with_patterns};
use crate::preference::shares::{options, takes};

/// Layout of the state: for each cell item and code, then the sums.
const TAG: &str = "proportions@1.1.0";

/// Integers an option: rows, weight and squared weights of those who took it and of those who did not.
const SLOTS: usize = 6;

/// Rows whose codes are told apart at once: fewer than u16 has values.
const SLICE: usize = 1 << 15;

/// Integers of a cell: its rows, weight and squared weights, then those of each option.
fn size(survey: &Survey, item: usize) -> usize {
    SLOTS / 2 + options(&survey.items[item]).len() * SLOTS
}

/// A method's rows, folded.
pub(super) struct Cells {
    pub(super) survey: Survey,
    of_item: Vec<fold::Cells<u64>>,
    codes: Codes,
}

/// Room for the codes of a batch, kept from batch to batch.
#[derive(Default)]
struct Codes {
    of_row: Vec<u64>,
    /// The distinct ones, and the place of each.
    known: Vec<u64>,
    places: HashMap<u64, u16>,
    strata: Vec<u16>,
}

/// What some rows add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sums {
    pub(super) rows: i128,
    pub(super) weight: i128,
    pub(super) squares: i128,
}

/// The rows of one cell as one option sees them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Answers {
    pub(super) taken: Sums,
    pub(super) left: Sums,
    /// All of the cell, those for whom the option does not count too.
    pub(super) all: Sums,
}

impl Cells {
    pub(super) fn new(survey: Survey) -> Self {
        let of_item = vec![BTreeMap::new(); survey.items.len()];
        Self { survey, of_item, codes: Codes::default() }
    }

    /// What each cell answered to one option of `item`.
    pub(super) fn answers(&self, item: usize, option: usize) -> impl Iterator<Item = (u64, Answers)> {
        let at = SLOTS / 2 + option * SLOTS;
        self.of_item[item].iter().map(move |(code, sums)| {
            let of = |at: usize| Sums { rows: sums[at], weight: sums[at + 1], squares: sums[at + 2] };
            (*code, Answers { taken: of(at), left: of(at + SLOTS / 2), all: of(0) })
        })
    }

    pub(super) fn is_unanswered(&self, item: usize) -> bool {
        self.of_item[item].is_empty()
    }

    fn add(&mut self, item: usize, code: u64, answer: &[u8], tally: &Tally) {
        let size = size(&self.survey, item);
        let sums = self.of_item[item].entry(code).or_insert_with(|| vec![0; size]);
        let added = [i128::from(tally.rows), i128::from(tally.weight), tally.squares as i128];
        sums.iter_mut().zip(added).for_each(|(sum, more)| *sum += more);
        for (option, slot) in sums[SLOTS / 2..].chunks_exact_mut(SLOTS).enumerate() {
            let Some(taken) = takes(&self.survey.items[item], answer, option) else { continue };
            let at = if taken { 0 } else { SLOTS / 2 };
            slot[at..].iter_mut().zip(added).for_each(|(sum, more)| *sum += more);
        }
    }
}

impl Codes {
    /// Reads the codes of at most [`SLICE`] rows.
    fn read(&mut self, survey: &Survey, batch: &Batch<'_>) {
        survey.codes(batch, &mut self.of_row);
        self.known.clear();
        self.places.clear();
        self.strata.clear();
        let mut last = None;
        for &code in &self.of_row {
            let place = match last {
                Some((same, place)) if same == code => place,
                _ => *self.places.entry(code).or_insert_with(|| {
                    self.known.push(code);
                    // The cast is exact: a slice has fewer rows than u16 has values.
                    (self.known.len() - 1) as u16
                }),
            };
            last = Some((code, place));
            self.strata.push(place);
        }
    }
}

impl Accumulator for Cells {
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        let item = batch.item as usize;
        if self.survey.is_plain() {
            let mut add = |_, answer: &[u8], tally: &Tally| self.add(item, 0, answer, tally);
            return with_patterns(&Batch { strata: &[], ..*batch }, &mut add);
        }
        let mut strata = Vec::new();
        for start in (0..batch.rows()).step_by(SLICE) {
            let end = (start + SLICE).min(batch.rows());
            let slice = batch.slice(start, end, &mut strata);
            let mut codes = std::mem::take(&mut self.codes);
            codes.read(&self.survey, &slice);
            let mut add = |place: u16, answer: &[u8], tally: &Tally| {
                self.add(item, codes.known[usize::from(place)], answer, tally);
            };
            with_patterns(&Batch { strata: &codes.strata, ..slice }, &mut add)?;
            self.codes = codes;
        }
        Ok(())
    }

    fn save(&mut self) -> Result<Vec<u8>, MethodError> {
        Ok(save_cells(TAG, &self.of_item, |code| [i128::from(*code)]))
    }

    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
        let Self { survey, of_item, .. } = self;
        let known = |code: &u64| survey.cells().is_some_and(|cells| *code < cells);
        let key = |[code]: [i128; 1]| u64::try_from(code).ok().filter(known);
        merge_cells(TAG, of_item, partial, key, |item| size(survey, item))
    }

    fn finish(self: Box<Self>) -> Result<Outcome, MethodError> {
        report::report(&self).map(Outcome::Done)
    }
}
