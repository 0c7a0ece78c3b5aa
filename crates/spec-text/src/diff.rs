//! The difference between two revisions, clause by clause.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use similar::{Algorithm, ChangeTag, TextDiff};

use crate::document::{Clause, Document};
use crate::normal::normalise;
use crate::order::out_of_order;
use crate::redline::MAX_REDLINE_BYTES;

/// Unchanged lines shown on either side of a changed one.
const CONTEXT_LINES: usize = 3;

/// What became of the clauses of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    /// How many clauses there are of each kind of change.
    pub summary: Summary,
    /// The clauses that differ, in the order of the new document; a removed one stands after the clause
    /// that it followed.
    pub clauses: Vec<ClauseChange>,
}

impl Diff {
    /// Whether the documents say the same.
    pub fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }
}

/// Clauses by kind of change; a clause may count in several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Clauses that only the new document has.
    pub added: usize,
    /// Clauses that only the old document has.
    pub removed: usize,
    /// Clauses with another body.
    pub changed: usize,
    /// Clauses with another level of authority.
    pub authority_changed: usize,
    /// Clauses at another place.
    pub moved: usize,
    /// Clauses with another title.
    pub retitled: usize,
}

/// How a clause differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Only the new document has it.
    Added,
    /// Only the old document has it.
    Removed,
    /// Its body differs as by [`normalise`].
    Changed,
    /// Its level of authority differs.
    AuthorityChanged,
    /// It stands in another clause, or at another place among the clauses that stayed with it.
    Moved,
    /// Its title differs as by [`normalise`].
    Retitled,
}

/// One clause that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseChange {
    /// Its anchor in both documents.
    pub anchor: String,
    /// How it differs; never empty, each kind once.
    pub kinds: Vec<ChangeKind>,
    /// What it was; `None` where it is new.
    pub before: Option<Side>,
    /// What it is; `None` where it was removed.
    pub after: Option<Side>,
    /// The changed lines of a changed body with three unchanged ones around them; empty where the
    /// bodies together exceed [`MAX_REDLINE_BYTES`].
    pub lines: Vec<RedlineLine>,
}

impl ClauseChange {
    /// Whether the clause differs in this way.
    pub fn is(&self, kind: ChangeKind) -> bool {
        self.kinds.contains(&kind)
    }

    /// The clause's title, the new one where there is one.
    pub fn title(&self) -> &str {
        self.after.as_ref().or(self.before.as_ref()).map_or("", |side| &side.title)
    }
}

/// A clause in one of the documents, without its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// The heading's text.
    pub title: String,
    /// Level of authority.
    pub authority: Option<String>,
    /// Anchor of the enclosing clause.
    pub parent: Option<String>,
    /// Level of the heading, 1 to 6.
    pub level: u8,
    /// Line of the heading, from 1.
    pub line: usize,
    /// See [`Clause::text_hash`].
    pub text_hash: String,
}

/// One line of a changed body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedlineLine {
    /// Which document has it.
    pub kind: LineKind,
    /// Its number in the old document, from 1; a gap between numbers is text left out.
    pub before: Option<usize>,
    /// Its number in the new document, from 1.
    pub after: Option<usize>,
    /// The line without its line end.
    pub text: String,
}

/// Which document has a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Both.
    Same,
    /// The new one.
    Added,
    /// The old one.
    Removed,
}

/// Compares two revisions. Clauses are the same by anchor. A section that moves with what it holds is
/// one move: order is compared among the clauses of one parent, outside of a longest common subsequence.
pub fn diff(from: &Document, to: &Document) -> Diff {
    let old: HashMap<&str, &Clause> = from.clauses.iter().map(|clause| (clause.anchor.as_str(), clause)).collect();
    let new: HashMap<&str, &Clause> = to.clauses.iter().map(|clause| (clause.anchor.as_str(), clause)).collect();
    let moved = moved(from, to);
    let mut removed = removed_after(from, &new);

    let mut clauses = removed.remove(&None).unwrap_or_default();
    for (after, moved) in to.clauses.iter().zip(moved) {
        let anchor = after.anchor.as_str();
        match old.get(anchor) {
            None => clauses.push(change(None, Some(after), vec![ChangeKind::Added])),
            Some(before) => clauses.extend(compare(before, after, moved)),
        }
        clauses.extend(removed.remove(&Some(anchor)).unwrap_or_default());
    }
    Diff { summary: summary(&clauses), clauses }
}

/// The removed clauses by the clause before them that is still there.
fn removed_after<'a>(from: &'a Document, new: &HashMap<&str, &Clause>) -> HashMap<Option<&'a str>, Vec<ClauseChange>> {
    let mut removed: HashMap<_, Vec<_>> = HashMap::new();
    let mut last_kept = None;
    for before in &from.clauses {
        if new.contains_key(before.anchor.as_str()) {
            last_kept = Some(before.anchor.as_str());
            continue;
        }
        removed.entry(last_kept).or_default().push(change(Some(before), None, vec![ChangeKind::Removed]));
    }
    removed
}

fn compare(before: &Clause, after: &Clause, moved: bool) -> Option<ClauseChange> {
    let differences = [
        (ChangeKind::Changed, differs(&before.body, &after.body)),
        (ChangeKind::AuthorityChanged, before.authority != after.authority),
        (ChangeKind::Moved, moved),
        (ChangeKind::Retitled, differs(&before.title, &after.title)),
    ];
    let kinds: Vec<_> = differences.into_iter().filter(|(_, differs)| *differs).map(|(kind, _)| kind).collect();
    (!kinds.is_empty()).then(|| change(Some(before), Some(after), kinds))
}

fn differs(before: &str, after: &str) -> bool {
    before != after && normalise(before) != normalise(after)
}

fn change(before: Option<&Clause>, after: Option<&Clause>, kinds: Vec<ChangeKind>) -> ClauseChange {
    let lines = match (before, after) {
        (Some(before), Some(after)) if kinds.contains(&ChangeKind::Changed) => redline_lines(before, after),
        _ => Vec::new(),
    };
    let anchor = before.or(after).map(|clause| clause.anchor.clone()).unwrap_or_default();
    ClauseChange { anchor, kinds, before: before.map(side), after: after.map(side), lines }
}

fn side(clause: &Clause) -> Side {
    Side {
        title: clause.title.clone(),
        authority: clause.authority.clone(),
        parent: clause.parent.clone(),
        level: clause.level,
        line: clause.line,
        text_hash: clause.text_hash.clone(),
    }
}

/// For every clause of `to` whether it moved.
fn moved(from: &Document, to: &Document) -> Vec<bool> {
    let old: HashMap<&str, usize> = from.clauses.iter().enumerate().map(|(at, c)| (c.anchor.as_str(), at)).collect();
    let mut moved = vec![false; to.clauses.len()];
    let mut siblings: HashMap<Option<&str>, Vec<(usize, usize)>> = HashMap::new();
    for (place, after) in to.clauses.iter().enumerate() {
        let Some(&old_place) = old.get(after.anchor.as_str()) else { continue };
        if from.clauses[old_place].parent != after.parent {
            moved[place] = true;
            continue;
        }
        siblings.entry(after.parent.as_deref()).or_default().push((place, old_place));
    }
    for places in siblings.values() {
        let old_places: Vec<usize> = places.iter().map(|&(_, old_place)| old_place).collect();
        for (&(place, _), is_moved) in places.iter().zip(out_of_order(&old_places)) {
            moved[place] = is_moved;
        }
    }
    moved
}

fn redline_lines(before: &Clause, after: &Clause) -> Vec<RedlineLine> {
    if before.body.len() + after.body.len() > MAX_REDLINE_BYTES {
        return Vec::new();
    }
    let diff = TextDiff::configure().algorithm(Algorithm::Myers).diff_lines(before.body.as_str(), after.body.as_str());
    let mut lines = Vec::new();
    for op in diff.grouped_ops(CONTEXT_LINES).iter().flatten() {
        for change in diff.iter_changes(op) {
            let kind = match change.tag() {
                ChangeTag::Equal => LineKind::Same,
                ChangeTag::Insert => LineKind::Added,
                ChangeTag::Delete => LineKind::Removed,
            };
            lines.push(RedlineLine {
                kind,
                before: change.old_index().map(|index| before.line + 1 + index),
                after: change.new_index().map(|index| after.line + 1 + index),
                text: change.value().trim_end_matches(['\r', '\n']).to_owned(),
            });
        }
    }
    lines
}

fn summary(clauses: &[ClauseChange]) -> Summary {
    let count = |kind| clauses.iter().filter(|clause| clause.is(kind)).count();
    Summary {
        added: count(ChangeKind::Added),
        removed: count(ChangeKind::Removed),
        changed: count(ChangeKind::Changed),
        authority_changed: count(ChangeKind::AuthorityChanged),
        moved: count(ChangeKind::Moved),
        retitled: count(ChangeKind::Retitled),
    }
}
