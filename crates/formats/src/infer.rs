//! What an item must be, from the answers alone.

use std::collections::{BTreeMap, BTreeSet};

use folkmoot_core::id::check_id;
use folkmoot_core::item::MAX_CANDIDATES;
use folkmoot_core::{Candidate, Item, ItemKind};

/// An answer grammar counts as the item's when this share of its answers follows it; the others are
/// then refused one by one rather than turning the whole item into text.
const SHARE: f64 = 0.9;

/// From so many answers on a single one may stray, whatever its share.
const FEW: u64 = 4;

#[derive(Default)]
pub(crate) struct Inference {
    items: BTreeMap<String, Seen>,
}

#[derive(Default)]
struct Seen {
    answers: u64,
    votes: u64,
    numbers: u64,
    rankings: u64,
    orders: u64,
    partial: u64,
    lists: u64,
    joined: u64,
    single: u64,
    rubrics: u64,
    flagged: bool,
    ranked: BTreeSet<String>,
    listed: BTreeSet<String>,
    criteria: BTreeSet<String>,
}

impl Inference {
    /// Counts what `answer` could be.
    pub(crate) fn see(&mut self, item: &str, answer: &str, unacceptable: Option<&str>) {
        if !self.items.contains_key(item) {
            self.items.insert(item.to_owned(), Seen::default());
        }
        if let Some(seen) = self.items.get_mut(item) {
            seen.see(answer.trim(), unacceptable.is_some_and(|flags| flags.trim() != "NA"));
        }
    }

    /// The items, ascending by id, with a note for each.
    pub(crate) fn items(self, notes: &mut Vec<String>) -> Vec<Item> {
        let infer = |(id, seen): (String, Seen)| {
            let (kind, candidates) = seen.kind();
            let mut note = format!("the kind of item {id} is inferred: {}", kind.name());
            if !candidates.is_empty() {
                note.push_str(&format!(" of {}", candidates.iter().cloned().collect::<Vec<_>>().join(", ")));
            }
            notes.push(note);
            let candidates = candidates.into_iter().map(|id| Candidate { text: id.clone(), id }).collect();
            Item {
                about: None,
                id,
                kind,
                prompt: String::new(),
                candidates,
                clauses: Vec::new(),
                position: None,
                scale: None,
                required: false,
            }
        };
        self.items.into_iter().map(infer).collect()
    }
}

impl Seen {
    fn see(&mut self, answer: &str, flagged: bool) {
        self.answers += 1;
        self.votes += u64::from(matches!(answer, "agree" | "disagree" | "pass"));
        self.numbers += u64::from(answer.parse::<f64>().is_ok_and(f64::is_finite));
        self.flagged |= flagged;
        if let Some(ids) = ids(answer, &['>', '=', ' ', '\t'], &['-']) {
            self.rankings += 1;
            self.orders += u64::from(answer.contains(['>', '=']));
            self.partial += u64::from(ids.len() != 2 || answer.contains(" -"));
            note(&mut self.ranked, ids.into_iter());
        }
        if let Some(ids) = ids(answer, &[';'], &[]) {
            self.lists += 1;
            self.joined += u64::from(answer.contains(';'));
            self.single += u64::from(ids.len() == 1);
            note(&mut self.listed, ids.into_iter());
        }
        let pairs: Vec<_> = answer.split(';').map(|pair| pair.rsplit_once(':')).collect();
        let weight = |pair: &Option<(&str, &str)>| {
            pair.is_some_and(|(id, weight)| is_id(id.trim()) && weight.trim().parse::<i8>().is_ok())
        };
        if pairs.iter().all(weight) {
            self.rubrics += 1;
            note(&mut self.criteria, pairs.iter().flatten().map(|(id, _)| id.trim()));
        }
    }

    fn kind(self) -> (ItemKind, BTreeSet<String>) {
        let is_slip = |count: u64| self.answers >= FEW && count + 1 >= self.answers;
        let is_share = |count: u64| self.answers > 0 && count as f64 >= SHARE * self.answers as f64;
        let most = |count: u64| is_share(count) || is_slip(count);
        let few = |ids: &BTreeSet<String>, least| (least..=MAX_CANDIDATES).contains(&ids.len());
        if most(self.votes) {
            return (ItemKind::Vote, BTreeSet::new());
        }
        if most(self.rankings) && self.orders > 0 && few(&self.ranked, 2) {
            let is_pair = self.ranked.len() == 2 && self.partial == 0 && !self.flagged;
            return (if is_pair { ItemKind::Pair } else { ItemKind::Rank }, self.ranked);
        }
        if most(self.rubrics) && few(&self.criteria, 1) {
            return (ItemKind::Rubric, self.criteria);
        }
        if most(self.numbers) {
            return (ItemKind::Scale, BTreeSet::new());
        }
        if most(self.lists) && self.joined > 0 && few(&self.listed, 1) {
            return (ItemKind::Approve, self.listed);
        }
        // A word that nobody repeats is no option of a choice.
        let repeats = self.answers > 1 && (self.listed.len() as u64) < self.answers;
        if most(self.single) && repeats && few(&self.listed, 1) {
            return (ItemKind::Choose, self.listed);
        }
        (ItemKind::Text, BTreeSet::new())
    }
}

fn is_id(id: &str) -> bool {
    check_id("", id, false).is_ok()
}

/// The ids that `separators` part, without the `marks` in front of them, if there are only ids.
fn ids<'a>(answer: &'a str, separators: &[char], marks: &[char]) -> Option<Vec<&'a str>> {
    let parts = answer.split(separators).map(|part| part.trim().trim_start_matches(marks));
    let ids: Vec<&str> = parts.filter(|id| !id.is_empty()).collect();
    (!ids.is_empty() && ids.iter().all(|id| is_id(id))).then_some(ids)
}

fn note<'a>(known: &mut BTreeSet<String>, ids: impl Iterator<Item = &'a str>) {
    for id in ids {
        if known.len() <= MAX_CANDIDATES && !known.contains(id) {
            known.insert(id.to_owned());
        }
    }
}
