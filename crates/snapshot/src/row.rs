//! One answer, on its way in, in between and on its way out.

use folkmoot_core::answer::{MAX_RUBRIC, NO_SCORE, NOT_RANKED};
use folkmoot_core::{Answer, Item, ItemKind, View};

/// One answer as a [`crate::Writer`] takes it.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The item's id.
    pub item: &'a str,
    /// The participant's id.
    pub participant: &'a str,
    /// Whose eyes the answer takes.
    pub view: View,
    /// The whole answer, as [`folkmoot_core::answer`] encodes it; for `text` the words.
    pub answer: &'a [u8],
    /// Why, in their words; empty is none.
    pub rationale: Option<&'a str>,
    /// How many people this answer stands for, beside the participant's own weight.
    pub weight: Option<f64>,
    /// How long the answer took.
    pub duration_ms: Option<u32>,
}

/// One answer as an exporter reads it.
#[derive(Clone, Debug)]
pub struct RowOut<'a> {
    /// The item.
    pub item: &'a Item,
    /// The participant's id.
    pub participant: &'a str,
    /// Place of the participant in [`crate::Participants`].
    pub place: u32,
    /// Whose eyes the answer takes.
    pub view: View,
    /// The answer; an empty text where the words are withheld.
    pub answer: Answer,
    /// Why, in their words.
    pub rationale: Option<String>,
    /// The answer's own weight.
    pub weight: Option<f64>,
    /// How long the answer took.
    pub duration_ms: Option<u32>,
}

/// Item, participant and view: the canonical order of rows, and what makes a row unique.
pub(crate) type Key = (u32, u32, u8);

/// A row with places for ids, as it is sorted, stored and hashed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sorted {
    pub(crate) key: Key,
    /// Empty for a `text` item.
    pub(crate) answer: Vec<u8>,
    pub(crate) rationale: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) weight: Option<f64>,
    pub(crate) duration_ms: Option<u32>,
}

impl Sorted {
    pub(crate) fn has_words(&self) -> bool {
        self.rationale.is_some() || self.text.is_some()
    }

    /// Bytes on the heap, roughly.
    pub(crate) fn size(&self) -> usize {
        let words = [&self.rationale, &self.text].into_iter().flatten().map(String::len).sum::<usize>();
        size_of::<Self>() + self.answer.len() + words
    }
}

pub(crate) fn view_code(view: View) -> u8 {
    match view {
        View::Personal => 0,
        View::World => 1,
    }
}

pub(crate) fn view_of(code: u8) -> Option<View> {
    match code {
        0 => Some(View::Personal),
        1 => Some(View::World),
        _ => None,
    }
}

/// Whether `bytes` are a stored answer to `item`, decided without allocating: whoever scans relies on
/// the widths and values. A `text` item stores no bytes.
pub(crate) fn fits(item: &Item, bytes: &[u8]) -> bool {
    let count = item.candidates.len();
    let flags = |bytes: &[u8]| bytes.iter().all(|&flag| flag <= 1);
    match item.kind {
        ItemKind::Rank if bytes.len() == count => are_tiers(bytes),
        ItemKind::Rank => bytes.len() == 2 * count && are_tiers(&bytes[..count]) && flags(&bytes[count..]),
        ItemKind::Vote => matches!(bytes, b"A" | b"D" | b"P"),
        ItemKind::Pair => matches!(bytes, [0, 0] | [0, 1] | [1, 0]),
        ItemKind::Approve => bytes.len() == count && flags(bytes),
        ItemKind::Choose => bytes.len() == 1 && usize::from(bytes[0]) < count,
        ItemKind::Scale => bytes.try_into().is_ok_and(|bytes| {
            let number = f64::from_le_bytes(bytes);
            number.is_finite()
                && !(number == 0.0 && number.is_sign_negative())
                && item.scale.is_none_or(|range| (range.min..=range.max).contains(&number))
        }),
        ItemKind::Rubric => {
            let is_score = |&byte: &u8| {
                let score = i8::from_le_bytes([byte]);
                score == NO_SCORE || score.abs() <= MAX_RUBRIC
            };
            bytes.len() == count && bytes.iter().all(is_score)
        }
        ItemKind::Text => bytes.is_empty(),
    }
}

/// Tiers counted from 0 without gaps, one at least.
fn are_tiers(bytes: &[u8]) -> bool {
    let mut used = [false; 256];
    bytes.iter().for_each(|&tier| used[usize::from(tier)] = true);
    let depth = used[..usize::from(NOT_RANKED)].iter().filter(|&&tier| tier).count();
    depth > 0 && used[..depth].iter().all(|&tier| tier)
}
