//! The second pass: exact sums of base weights for every stratum and mark, from which all shares come.
//!
//! Final weights are never added up row by row: a row adds its base weight, an integer, to the sums of
//! its stratum, and the stratum's factor is applied to the sum. So the sums are exact whatever the order.

use folkmoot_plugin_sdk::{Batch, MethodError, Values, state};

use crate::model::Model;
use crate::numbers::{Reader, put, put_packed};
use crate::options::{Item, Kind, NOT_SHOWN};
use crate::people::check_columns;
use crate::setup::{Margin, Setup};

const TAG: &str = "quota-sampling@1.0.0 sums";

/// A stratum whose people do not count.
const NOT_COUNTED: u32 = u32::MAX;
/// One whose people count, but of whom nobody is in the sample.
const NOT_SAMPLED: u32 = u32::MAX - 1;

/// Rows of one stratum and mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) rows: u64,
    /// Base weights of all rows.
    pub(crate) base: i128,
    /// Base weights of the rows that are not cut, and their squares.
    pub(crate) kept: i128,
    pub(crate) kept_squares: i128,
    /// Rows that are cut to the cap.
    pub(crate) cut: u64,
}

impl Sums {
    #[inline(always)]
    fn add_row(&mut self, weight: i64, is_cut: bool) {
        self.rows += 1;
        self.base += i128::from(weight);
        if is_cut {
            self.cut += 1;
        } else {
            self.kept += i128::from(weight);
            self.kept_squares += square(weight);
        }
    }

    /// Both together; nothing where they overflow.
    pub(crate) fn plus(&self, other: &Self) -> Option<Self> {
        Some(Self {
            rows: self.rows.checked_add(other.rows)?,
            base: self.base.checked_add(other.base)?,
            kept: self.kept.checked_add(other.kept)?,
            kept_squares: self.kept_squares.checked_add(other.kept_squares)?,
            cut: self.cut.checked_add(other.cut)?,
        })
    }
}

/// The square of a weight. Products of 128 bits are calls in WebAssembly, and most weights are small.
#[inline(always)]
fn square(weight: i64) -> i128 {
    match u32::try_from(weight) {
        Ok(small) => i128::from(u64::from(small) * u64::from(small)),
        Err(_) => i128::from(weight) * i128::from(weight),
    }
}

/// The accumulator.
pub(crate) struct Tally {
    pub(crate) setup: Setup,
    pub(crate) model: Model,
    /// Place of the cell of each region and level, row by row of regions.
    cell_of: Vec<u32>,
    levels: usize,
    /// Sums of an item stand together, those of a cell within it.
    sums: Vec<Sums>,
    /// Rows of everybody who counts, drawn or not, by mark.
    everybody: Vec<u64>,
}

impl Tally {
    pub(crate) fn new(setup: Setup, model: Model) -> Self {
        let targeted = |margin: &Margin| margin.levels.iter().map(|level| level.target > 0.0).collect();
        let second: Vec<bool> = setup.second.as_ref().map_or(vec![true], targeted);
        let levels = second.len();
        let stratum = |wanted| if wanted { NOT_SAMPLED } else { NOT_COUNTED };
        let of_region = |region: bool| second.iter().map(move |&level| stratum(region && level));
        let mut cell_of: Vec<u32> = targeted(&setup.region).into_iter().flat_map(of_region).collect();
        for (place, cell) in (0_u32..).zip(&model.cells) {
            cell_of[cell.region * levels + cell.level] = place;
        }
        let marks = setup.items.iter().map(|item| item.marks).sum::<usize>();
        let sums = vec![Sums::default(); marks * model.cells.len()];
        Self { cell_of, levels, sums, everybody: vec![0; marks], setup, model }
    }

    /// Sums of a mark of an item in a cell.
    pub(crate) fn sums(&self, item: &Item, mark: usize, cell: usize) -> &Sums {
        &self.sums[item.first_mark * self.model.cells.len() + cell * item.marks + mark]
    }

    /// Rows of a mark of an item, of everybody who counts.
    pub(crate) fn everybody(&self, item: &Item, mark: usize) -> u64 {
        self.everybody[item.first_mark + mark]
    }

    pub(crate) fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        let Some(item) = self.setup.items.get(batch.item as usize) else {
            return Err(MethodError::Internal(format!("there is no item {}", batch.item)));
        };
        let (kind, width) = (item.kind, item.width);
        let unfit = || MethodError::Internal("a batch does not fit its item".to_owned());
        let fits = |answers: usize, stride: usize| if answers == batch.rows() * stride { Ok(()) } else { Err(unfit()) };
        let level_counts = [self.setup.region.levels.len(), self.levels];
        check_columns(batch, &level_counts[..self.setup.attributes()])?;
        match (kind, batch.values) {
            (Kind::Vote, Values::Votes(votes)) => {
                fits(votes.len(), 1)?;
                self.singles(batch, votes, 3, |vote| match vote {
                    b'A' => 0,
                    b'D' => 1,
                    b'P' => 2,
                    _ => usize::MAX,
                })
            }
            (Kind::Choose, Values::Choices(places)) => {
                fits(places.len(), 1)?;
                self.singles(batch, places, width, usize::from)
            }
            (Kind::Approve, Values::Approvals(flags)) => {
                fits(flags.len(), width)?;
                self.rows(batch, |row, mut sums, everybody, weight, is_cut| {
                    add(sums.as_deref_mut(), everybody, 0, weight, is_cut);
                    for (place, _) in flags[row * width..][..width].iter().enumerate().filter(|(_, flag)| **flag == 1) {
                        add(sums.as_deref_mut(), everybody, 1 + place, weight, is_cut);
                    }
                });
                Ok(())
            }
            (Kind::Rank, Values::Ranks(tiers)) => {
                fits(tiers.len(), width)?;
                self.rows(batch, |row, mut sums, everybody, weight, is_cut| {
                    for (place, &tier) in tiers[row * width..][..width].iter().enumerate() {
                        if tier != NOT_SHOWN {
                            add(sums.as_deref_mut(), everybody, place, weight, is_cut);
                        }
                        if tier == 0 {
                            add(sums.as_deref_mut(), everybody, width + place, weight, is_cut);
                        }
                    }
                });
                Ok(())
            }
            _ => Err(unfit()),
        }
    }

    /// Answers of one byte each, which add to one mark.
    fn singles(
        &mut self,
        batch: &Batch<'_>,
        answers: &[u8],
        marks: usize,
        mark_of: impl Fn(u8) -> usize,
    ) -> Result<(), MethodError> {
        let mut unknown = false;
        self.rows(batch, |row, sums, everybody, weight, is_cut| {
            let mark = mark_of(answers[row]);
            if mark < marks {
                add(sums, everybody, mark, weight, is_cut);
            } else {
                unknown = true;
            }
        });
        if unknown { Err(MethodError::Internal("an answer is none of its item".to_owned())) } else { Ok(()) }
    }

    /// Calls `visit` for every row of weight of somebody who counts, with the sums of their cell (`None`
    /// for those who were not drawn), the item's rows of everybody, the weight and whether it is cut.
    #[inline(always)]
    fn rows(&mut self, batch: &Batch<'_>, mut visit: impl FnMut(usize, Option<&mut [Sums]>, &mut [u64], i64, bool)) {
        let item = &self.setup.items[batch.item as usize];
        let cells = self.model.cells.len();
        let sums = &mut self.sums[item.first_mark * cells..][..item.marks * cells];
        let everybody = &mut self.everybody[item.first_mark..][..item.marks];
        let regions = batch.stratum(0);
        let second = if self.setup.second.is_some() { batch.stratum(1) } else { &[] };
        for (row, &weight) in batch.weight.iter().enumerate() {
            let (region, level) = (usize::from(regions[row]), second.get(row).map_or(0, |&level| usize::from(level)));
            if weight == 0 || level >= self.levels {
                continue;
            }
            let cell = self.cell_of.get(region * self.levels + level).copied().unwrap_or(NOT_COUNTED);
            if cell == NOT_COUNTED {
                continue;
            }
            let facts = self.model.cells.get(cell as usize).filter(|_| self.model.is_drawn(batch.participant[row]));
            let Some(facts) = facts else {
                visit(row, None, everybody, weight, false);
                continue;
            };
            let of_cell = &mut sums[cell as usize * item.marks..][..item.marks];
            visit(row, Some(of_cell), everybody, weight, weight > facts.rule.threshold);
        }
    }

    pub(crate) fn save(&self) -> Vec<u8> {
        let mut bytes = state::header(TAG);
        self.everybody.iter().for_each(|&rows| put(&mut bytes, rows));
        for sums in &self.sums {
            put(&mut bytes, sums.rows);
            if sums.rows > 0 {
                put(&mut bytes, sums.cut);
                // Sums of weights are never negative.
                [sums.base, sums.kept, sums.kept_squares]
                    .iter()
                    .for_each(|sum| put_packed(&mut bytes, sum.unsigned_abs()));
            }
        }
        bytes
    }

    pub(crate) fn merge(&mut self, saved: &[u8]) -> Result<(), MethodError> {
        let mut reader = Reader::new(state::body(TAG, saved)?);
        let overflows = || MethodError::BadState("a sum overflows".to_owned());
        for rows in &mut self.everybody {
            *rows = rows.checked_add(reader.number()?).ok_or_else(overflows)?;
        }
        for sums in &mut self.sums {
            let rows = reader.number()?;
            if rows == 0 {
                continue;
            }
            let cut = reader.number()?;
            let mut sum = || i128::try_from(reader.packed()?).map_err(|_| overflows());
            let saved = Sums { rows, cut, base: sum()?, kept: sum()?, kept_squares: sum()? };
            *sums = sums.plus(&saved).ok_or_else(overflows)?;
        }
        reader.end()
    }
}

#[inline(always)]
fn add(sums: Option<&mut [Sums]>, everybody: &mut [u64], mark: usize, weight: i64, is_cut: bool) {
    everybody[mark] += 1;
    if let Some(sums) = sums {
        sums[mark].add_row(weight, is_cut);
    }
}
