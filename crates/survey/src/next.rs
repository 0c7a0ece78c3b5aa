//! What a participant sees next.

use std::collections::{BTreeMap, HashSet};

use folkmoot_core::canonical::Hasher;

use crate::model::StoredItem;

/// Unanswered items in an order that is random for each participant of each round and the same every
/// time: by SHA-256 of round, participant and item. Questions about an item follow it, in the order
/// of their creation.
pub(crate) fn next_items<'a>(
    round: &str,
    participant: &str,
    items: &'a [StoredItem],
    answered: &HashSet<i64>,
) -> Vec<&'a StoredItem> {
    let mut questions: BTreeMap<&str, Vec<&StoredItem>> = BTreeMap::new();
    let mut roots = Vec::new();
    for stored in items {
        match &stored.item.about {
            Some(about) => questions.entry(about).or_default().push(stored),
            None => {
                let seed = Hasher::new("folkmoot/next/v1").field(round.as_bytes()).field(participant.as_bytes());
                roots.push((seed.field(stored.item.id.as_bytes()).finish(), stored));
            }
        }
    }
    roots.sort_by_key(|(place, _)| *place);

    let mut ordered = Vec::new();
    let mut waiting: Vec<&StoredItem> = roots.into_iter().rev().map(|(_, stored)| stored).collect();
    while let Some(stored) = waiting.pop() {
        waiting.extend(questions.remove(stored.item.id.as_str()).unwrap_or_default().into_iter().rev());
        if !answered.contains(&stored.key) {
            ordered.push(stored);
        }
    }
    ordered
}
