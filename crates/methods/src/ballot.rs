//! Answers of every preference kind as tiers: whom a participant puts above whom.

use crate::contract::{Config, ItemInfo, MethodError};
use crate::report::{Note, Report};

/// Tier of a candidate that was not shown; every lower tier was.
pub(crate) const NOT_SHOWN: u8 = 0xFF;

/// Score of a criterion that got none.
pub(crate) const NO_SCORE: i8 = i8::MIN;

/// What a `vote` item compares when it is read as an order of two.
const VOTE_SIDES: [&str; 2] = ["agree", "disagree"];

/// Ids of what an answer to the item compares.
pub(crate) fn sides(item: &ItemInfo) -> Vec<&str> {
    if item.kind == "vote" { VOTE_SIDES.to_vec() } else { item.candidates.iter().map(String::as_str).collect() }
}

/// A tier for each of [`sides`], 0 the best. A vote orders agree and disagree and a pass ties them;
/// approved stands above not approved; the chosen above all others. `None` for what is no order.
pub(crate) fn tiers(item: &ItemInfo, answer: &[u8], into: &mut Vec<u8>) -> Option<()> {
    into.clear();
    match (item.kind.as_str(), answer) {
        ("rank" | "pair", _) => into.extend_from_slice(answer.get(..item.candidates.len())?),
        ("vote", b"A") => into.extend([0, 1]),
        ("vote", b"D") => into.extend([1, 0]),
        ("vote", b"P") => into.extend([0, 0]),
        ("approve", _) => into.extend(answer.iter().map(|&flag| 1 - flag.min(1))),
        ("choose", &[place]) => into.extend((0..item.candidates.len()).map(|c| u8::from(c != usize::from(place)))),
        _ => return None,
    }
    Some(())
}

/// Whether `a` stands above `b`: 1, below: -1, level: 0; `None` when one of them was not shown.
pub(crate) fn compare(tiers: &[u8], a: usize, b: usize) -> Option<i8> {
    let (a, b) = (tiers[a], tiers[b]);
    (a != NOT_SHOWN && b != NOT_SHOWN).then(|| b.cmp(&a) as i8)
}

/// Places from keys where less is better: 1 the best, equal keys share a place, the next place counts
/// them all.
pub(crate) fn places(count: usize, mut better: impl FnMut(usize, usize) -> bool) -> Vec<i64> {
    (0..count).map(|i| 1 + (0..count).filter(|&j| better(j, i)).count() as i64).collect()
}

/// Whether a/b > c/d for positive b and d, exactly: by whole parts, then by remainders, so that no
/// product overflows.
pub(crate) fn above(a: i128, b: i128, c: i128, d: i128) -> bool {
    match (a.checked_mul(d), c.checked_mul(b)) {
        (Some(left), Some(right)) => left > right,
        _ => match (a / b, c / d) {
            (x, y) if x != y => x > y,
            _ => a % b != 0 && (c % d == 0 || above(d, c % d, b, a % b)),
        },
    }
}

/// An order in the grammar of rankings: `E>A=C>B`.
pub(crate) fn order_text(candidates: &[String], places: &[i64]) -> String {
    let mut order: Vec<usize> = (0..candidates.len()).collect();
    order.sort_by_key(|&c| places[c]);
    let mut text = String::new();
    for (rank, &c) in order.iter().enumerate() {
        if rank > 0 {
            text.push(if places[c] == places[order[rank - 1]] { '=' } else { '>' });
        }
        text.push_str(&candidates[c]);
    }
    text
}

/// Notes the items that nobody answered; undefined where that is all of them.
///
/// # Errors
/// [`MethodError::Undefined`].
pub(crate) fn note_unanswered<'a>(
    report: &mut Report,
    items: usize,
    unanswered: impl Iterator<Item = &'a str>,
) -> Result<(), MethodError> {
    let unanswered: Vec<_> = unanswered.collect();
    if unanswered.len() == items {
        return Err(MethodError::Undefined("there are no answers of weight to any item this method folds".to_owned()));
    }
    if !unanswered.is_empty() {
        report.notes.push(Note::info("items_without_answers", format!("nobody answered {}", unanswered.join(", "))));
    }
    Ok(())
}

/// Refuses a configuration without items.
///
/// # Errors
/// [`MethodError::Undefined`] that names the kinds wanted.
pub(crate) fn check_items(config: &Config, kinds: &[&str]) -> Result<(), MethodError> {
    if config.items.is_empty() {
        return Err(MethodError::Undefined(format!("there is no item of kind {}", kinds.join(", "))));
    }
    Ok(())
}
