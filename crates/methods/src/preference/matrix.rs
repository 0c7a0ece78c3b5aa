//! The pairwise matrix: who is preferred to whom, by how many. Borda, Copeland, Schulze and their kin read it.

use crate::ballot::{NOT_SHOWN, check_items, note_unanswered, order_text};
use crate::contract::{Accumulator, Batch, Config, Descriptor, ItemInfo, Method, MethodError};
use crate::fold::{Comparisons, Summed, Tally, compare_rows, open};
use crate::report::{Cell, Column, Report, Table, Unit};
use crate::stats::effective;

/// One item's matrix, sums of weights in units of [`crate::WEIGHT_ONE`].
pub(crate) struct Matrix<'a> {
    pub(crate) item: &'a ItemInfo,
    /// Answers of weight.
    pub(crate) rows: i64,
    /// Their weight.
    pub(crate) weight: i128,
    /// Their squared weights.
    pub(crate) squares: i128,
    sums: &'a [i128],
}

/// Integers of an item before its matrix: rows, weight, squares.
const HEAD: usize = 3;

impl Matrix<'_> {
    /// Number of candidates.
    pub(crate) fn width(&self) -> usize {
        self.item.candidates.len()
    }

    /// Each candidate with each other, both ways.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let width = self.width();
        (0..width * width).map(move |at| (at / width, at % width)).filter(|(a, b)| a != b)
    }

    /// Weight of those who put `a` above `b`.
    pub(crate) fn support(&self, a: usize, b: usize) -> i128 {
        self.sums[HEAD + a * self.width() + b]
    }

    /// Weight of those who were shown both.
    pub(crate) fn compared(&self, a: usize, b: usize) -> i128 {
        // The lower triangle of the second matrix holds ties.
        let (low, high) = (a.min(b), a.max(b));
        let ties = self.sums[HEAD + self.width() * (self.width() + high) + low];
        self.support(a, b) + self.support(b, a) + ties
    }

    /// Weight of those who were shown `a`: the second matrix's diagonal.
    pub(crate) fn shown(&self, a: usize) -> i128 {
        self.sums[HEAD + self.width() * (self.width() + a) + a]
    }

    /// The item's row of the table `orders`.
    pub(crate) fn order_row(&self, places: &[i64]) -> Vec<Cell> {
        let order = order_text(&self.item.candidates, places);
        let n_eff = effective(self.weight, self.squares);
        vec![self.item.id.as_str().into(), order.into(), self.rows.into(), n_eff.into()]
    }

    /// The item's rows of the table `candidates` as [`places_table`] has it.
    pub(crate) fn place_rows(&self, places: &[i64]) -> impl Iterator<Item = Vec<Cell>> {
        let row = |(id, &place): (&String, &i64)| vec![self.item.id.as_str().into(), id.as_str().into(), place.into()];
        self.item.candidates.iter().zip(places).map(row)
    }

    /// Support of `a` over `b` less that of `b` over `a`.
    pub(crate) fn margin(&self, a: usize, b: usize) -> i128 {
        self.support(a, b) - self.support(b, a)
    }
}

/// Turns the matrices of the items that were answered into a report that holds the first notes already.
pub(crate) type Reporter = fn(&Config, &[Matrix<'_>], Report) -> Result<Report, MethodError>;

/// A method that is a description and a report over matrices.
pub(crate) struct Pairwise {
    pub(crate) descriptor: Descriptor,
    pub(crate) report: Reporter,
}

/// The method that `0` describes.
pub(crate) struct PairMethod(pub(crate) fn() -> Pairwise);

pub(crate) const KINDS: [&str; 2] = ["rank", "pair"];

/// The schema of a method without parameters.
pub(crate) fn no_parameters() -> serde_json::Value {
    serde_json::json!({"type": "object", "properties": {}, "additionalProperties": false})
}

/// The table `candidates` of a method that gives places and nothing else.
pub(crate) fn places_table(title: &str, rows: Vec<Vec<Cell>>) -> Table {
    Table {
        id: "candidates".into(),
        title: title.to_owned(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("candidate", "Candidate", Unit::None),
            Column::new("place", "Place", Unit::Count),
        ],
        rows,
    }
}

impl Method for PairMethod {
    fn describe(&self) -> Descriptor {
        self.0().descriptor
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        check_items(config, &KINDS)
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        let mut starts = vec![0];
        for item in &config.items {
            let width = item.candidates.len();
            starts.push(starts[starts.len() - 1] + HEAD + 2 * width * width);
        }
        let Pairwise { descriptor, report } = self.0();
        let tag = format!("{}@{}", descriptor.id, descriptor.version);
        Ok(open(Fold { tag, report, config: config.clone(), starts }))
    }
}

struct Fold {
    tag: String,
    report: Reporter,
    config: Config,
    starts: Vec<usize>,
}

impl Summed for Fold {
    fn tag(&self) -> String {
        self.tag.clone()
    }

    fn size(&self) -> usize {
        self.starts[self.config.items.len()]
    }

    fn add(&self, sums: &mut [i128], item: usize, _: u16, tiers: &[u8], tally: &Tally) {
        let sums = &mut sums[self.starts[item]..self.starts[item + 1]];
        let weight = i128::from(tally.weight);
        sums[0] += i128::from(tally.rows);
        sums[1] += weight;
        sums[2] += tally.squares as i128;
        let width = tiers.len();
        for (a, &tier) in tiers.iter().enumerate().filter(|(_, tier)| **tier != NOT_SHOWN) {
            sums[HEAD + width * (width + a) + a] += weight;
            for (b, &other) in tiers[..a].iter().enumerate().filter(|(_, tier)| **tier != NOT_SHOWN) {
                let place = match tier.cmp(&other) {
                    std::cmp::Ordering::Less => a * width + b,
                    std::cmp::Ordering::Greater => b * width + a,
                    std::cmp::Ordering::Equal => width * (width + a) + b,
                };
                sums[HEAD + place] += weight;
            }
        }
    }

    fn add_rows(&self, sums: &mut [i128], batch: &Batch<'_>) -> bool {
        let Some(comparisons) = compare_rows(batch) else { return false };
        let item = batch.item as usize;
        add_comparisons(&mut sums[self.starts[item]..self.starts[item + 1]], batch.width, &comparisons);
        true
    }

    fn report(&self, sums: &[i128]) -> Result<Report, MethodError> {
        let mut report = Report::default();
        let items = &self.config.items;
        let matrices: Vec<_> = items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let sums = &sums[self.starts[index]..self.starts[index + 1]];
                Matrix { item, rows: sums[0] as i64, weight: sums[1], squares: sums[2], sums }
            })
            .collect();
        let empty = matrices.iter().filter(|matrix| matrix.rows == 0);
        note_unanswered(&mut report, items.len(), empty.map(|matrix| matrix.item.id.as_str()))?;
        let answered: Vec<_> = matrices.into_iter().filter(|matrix| matrix.rows > 0).collect();
        (self.report)(&self.config, &answered, report)
    }
}

fn add_comparisons(sums: &mut [i128], width: usize, comparisons: &Comparisons) {
    sums[0] += comparisons.rows;
    sums[1] += comparisons.weight;
    sums[2] += comparisons.squares;
    for a in 0..width {
        sums[HEAD + width * (width + a) + a] += comparisons.shown(a, a);
        for b in 0..a {
            let (above, below) = (comparisons.above(a, b), comparisons.above(b, a));
            sums[HEAD + a * width + b] += above;
            sums[HEAD + b * width + a] += below;
            sums[HEAD + width * (width + a) + b] += comparisons.shown(a, b) - above - below;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Values;
    use crate::testing::item;

    /// Rows of every tier, shown and not, with weights from nothing to the largest.
    #[test]
    fn rows_and_patterns_give_the_same_sums() {
        let width = 6;
        let rows = 700;
        let tier = |at: usize| [0, 1, 2, 3, 0xFE, 0xFF, 1, 2][at * 7919 / 3 % 8];
        let tiers: Vec<u8> = (0..rows * width).map(tier).collect();
        let weight: Vec<i64> = (0..rows as i64)
            .map(|row| [0, 1, 1 << 20, 1 << 23, i64::MAX >> 12][row as usize % 5] * (row % 3))
            .collect();
        let config = Config {
            parameters: serde_json::json!({}),
            items: vec![item("i", "rank", "a b c d e f", None)],
            dimensions: Vec::new(),
            participants: 1000,
            seed: 1,
        };
        let fold = Fold { tag: String::new(), report: |_, _, report| Ok(report), config, starts: vec![0, HEAD + 72] };
        let mut by_rows = vec![0; fold.size()];
        let values = Values::Ranks(&tiers);
        let batch = Batch { item: 0, width, participant: &[], weight: &weight, strata: &[], values };
        assert!(fold.add_rows(&mut by_rows, &batch));
        let mut by_patterns = vec![0; fold.size()];
        for (answer, &weight) in tiers.chunks(width).zip(&weight).filter(|(_, weight)| **weight > 0) {
            let tally = Tally { rows: 1, weight, squares: (weight as u128).pow(2) };
            fold.add(&mut by_patterns, 0, 0, answer, &tally);
        }
        assert_eq!(by_rows, by_patterns);
    }
}
