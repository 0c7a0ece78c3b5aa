//! The pairwise matrix: who is preferred to whom, by how many. Borda, Copeland and Schulze all read it.

use crate::ballot::{NOT_SHOWN, check_items, note_unanswered};
use crate::contract::{Accumulator, Batch, Config, Descriptor, ItemInfo, Method, MethodError};
use crate::fold::{Summed, Tally, open};
use crate::preference::side_by_side;
use crate::report::Report;

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

    /// Support of `a` over `b` less that of `b` over `a`.
    pub(crate) fn margin(&self, a: usize, b: usize) -> i128 {
        self.support(a, b) - self.support(b, a)
    }
}

/// A method that is a description and a report over matrices.
pub(crate) struct Pairwise {
    pub(crate) descriptor: Descriptor,
    pub(crate) report: fn(&[Matrix<'_>], Report) -> Report,
}

/// The method that `0` describes.
pub(crate) struct PairMethod(pub(crate) fn() -> Pairwise);

pub(crate) const KINDS: [&str; 2] = ["rank", "pair"];

/// The schema of a method without parameters.
pub(crate) fn no_parameters() -> serde_json::Value {
    serde_json::json!({"type": "object", "properties": {}, "additionalProperties": false})
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
        Ok(open(Fold { tag, report, items: config.items.clone(), starts }))
    }
}

struct Fold {
    tag: String,
    report: fn(&[Matrix<'_>], Report) -> Report,
    items: Vec<ItemInfo>,
    starts: Vec<usize>,
}

impl Summed for Fold {
    fn tag(&self) -> String {
        self.tag.clone()
    }

    fn size(&self) -> usize {
        self.starts[self.items.len()]
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

    fn add_batch(&self, sums: &mut [i128], batch: &Batch<'_>) -> bool {
        let item = batch.item as usize;
        let sums = &mut sums[self.starts[item]..self.starts[item + 1]];
        let (head, matrices) = sums.split_at_mut(HEAD);
        let [rows, weight, squares] = head else { unreachable!("the head has three sums") };
        let (support, shown) = matrices.split_at_mut(matrices.len() / 2);
        side_by_side::add(&mut side_by_side::Sums { rows, weight, squares, support, shown }, batch)
    }

    fn report(&self, sums: &[i128]) -> Result<Report, MethodError> {
        let mut report = Report::default();
        let matrices: Vec<_> = self
            .items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let sums = &sums[self.starts[index]..self.starts[index + 1]];
                Matrix { item, rows: sums[0] as i64, weight: sums[1], squares: sums[2], sums }
            })
            .collect();
        let empty = matrices.iter().filter(|matrix| matrix.rows == 0);
        note_unanswered(&mut report, self.items.len(), empty.map(|matrix| matrix.item.id.as_str()))?;
        let answered: Vec<_> = matrices.into_iter().filter(|matrix| matrix.rows > 0).collect();
        Ok((self.report)(&answered, report))
    }
}
