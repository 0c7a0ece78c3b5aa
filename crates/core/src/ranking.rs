//! The ranking grammar: `B>A=C -D`. Best first, `>` the next tier, `=` a tie, a candidate left out
//! was shown and not ranked, `-D` at the end was not shown.

use crate::answer::{NOT_RANKED, NOT_SHOWN};
use crate::fault::{Reason, Violation};
use crate::item::Item;

/// One tier a candidate, 0 the best, in the item's order of candidates.
pub(crate) fn parse(item: &Item, text: &str) -> Result<Vec<u8>, Violation> {
    let bad = |message: String| Violation::new("", Reason::BadRanking, message);
    let mut tiers = vec![NOT_RANKED; item.candidates.len()];
    let mut named = vec![false; item.candidates.len()];
    let mut name = |id: &str| {
        let index = item
            .candidate(id)
            .ok_or_else(|| Violation::new("", Reason::BadRanking, format!("the item offers no candidate {id:?}")))?;
        if std::mem::replace(&mut named[index], true) {
            return Err(bad(format!("the candidate {id:?} stands twice")));
        }
        Ok(index)
    };
    let (order, hidden) = split_hidden(text);
    if !order.is_empty() {
        for (tier, group) in order.split('>').enumerate() {
            for id in group.split('=').map(str::trim) {
                if id.is_empty() {
                    return Err(bad(format!("the ranking {text:?} has an empty place in tier {}", tier + 1)));
                }
                tiers[name(id)?] = u8::try_from(tier).map_err(|_| bad("too many tiers".into()))?;
            }
        }
    }
    for id in hidden {
        tiers[name(id)?] = NOT_SHOWN;
    }
    if tiers.iter().all(|&tier| tier >= NOT_RANKED) {
        return Err(bad(format!("the ranking {text:?} ranks no candidate")));
    }
    Ok(tiers)
}

fn split_hidden(text: &str) -> (&str, Vec<&str>) {
    let text = text.trim();
    let start = if text.starts_with('-') { Some(0) } else { text.find(" -") };
    let Some(start) = start else { return (text, Vec::new()) };
    let hidden = text[start..].split_whitespace().map(|token| token.strip_prefix('-').unwrap_or(token)).collect();
    (text[..start].trim(), hidden)
}

/// The canonical text of `tiers`: tiers in order, the candidates of a tier in the item's order.
pub(crate) fn format(item: &Item, tiers: &[u8]) -> String {
    let ids_at = |wanted: u8| {
        item.candidates.iter().zip(tiers).filter(move |(_, tier)| **tier == wanted).map(|(c, _)| c.id.as_str())
    };
    let depth = tiers.iter().filter(|&&tier| tier < NOT_RANKED).max().map_or(0, |&tier| tier + 1);
    let groups: Vec<String> = (0..depth).map(|tier| ids_at(tier).collect::<Vec<_>>().join("=")).collect();
    let mut text = groups.join(">");
    ids_at(NOT_SHOWN).for_each(|id| {
        text.push_str(" -");
        text.push_str(id);
    });
    text
}

/// Tiers counted from 0 without gaps, which is the canonical form.
///
/// # Errors
/// `BAD_RANKING` when no candidate is ranked or a tier is empty.
pub(crate) fn check_tiers(tiers: &[u8]) -> Result<(), Violation> {
    let mut used = [false; 256];
    tiers.iter().for_each(|&tier| used[tier as usize] = true);
    let Some(last) = (0..NOT_RANKED).rev().find(|&tier| used[tier as usize]) else {
        return Err(Violation::new("", Reason::BadRanking, "the ranking ranks no candidate"));
    };
    match (0..last).find(|&tier| !used[tier as usize]) {
        Some(empty) => Err(Violation::new("", Reason::BadRanking, format!("tier {} is empty", empty + 1))),
        None => Ok(()),
    }
}
