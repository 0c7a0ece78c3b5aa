//! One task of a round.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::fault::{Reason, Violation};
use crate::id::check_id;
use crate::text;

/// Most candidates, options or criteria one item may have.
pub const MAX_CANDIDATES: usize = 100;

/// Longest prompt or candidate text, in code points.
pub const MAX_PROMPT_CHARS: usize = 20_000;

/// What a participant is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// Order candidates, ties allowed.
    Rank,
    /// Agree, disagree or pass on the prompt as a statement.
    Vote,
    /// Say which of two is better, or that neither is.
    Pair,
    /// Approve any number of candidates.
    Approve,
    /// Choose one candidate.
    Choose,
    /// Give a number on the item's scale.
    Scale,
    /// Weigh criteria from -10 to 10.
    Rubric,
    /// Answer in free words.
    Text,
}

impl ItemKind {
    /// Every kind.
    pub const ALL: [ItemKind; 8] =
        [Self::Rank, Self::Vote, Self::Pair, Self::Approve, Self::Choose, Self::Scale, Self::Rubric, Self::Text];

    /// The kind's name in files and on screens.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rank => "rank",
            Self::Vote => "vote",
            Self::Pair => "pair",
            Self::Approve => "approve",
            Self::Choose => "choose",
            Self::Scale => "scale",
            Self::Rubric => "rubric",
            Self::Text => "text",
        }
    }

    /// The kind of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// How many candidates an item of this kind has, smallest and largest.
    fn candidates(self) -> (usize, usize) {
        match self {
            Self::Rank => (2, MAX_CANDIDATES),
            Self::Pair => (2, 2),
            Self::Approve | Self::Choose | Self::Rubric => (1, MAX_CANDIDATES),
            Self::Vote | Self::Scale | Self::Text => (0, 0),
        }
    }
}

/// An option of an item: a response to rank, a choice, a criterion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Short id, such as `A`; the letter that answers name.
    pub id: String,
    /// What the participant reads.
    #[serde(default)]
    pub text: String,
}

/// The range of a `scale` item, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScaleRange {
    /// Lowest number.
    pub min: f64,
    /// Highest number.
    pub max: f64,
}

/// One task of a round; also one entry of the items file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Id, unique in its round. A question about another item is named `item/question`.
    pub id: String,
    /// What is asked.
    pub kind: ItemKind,
    /// The question, the conversation or the statement.
    #[serde(default)]
    pub prompt: String,
    /// The options, in the order that answers are encoded in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// Anchors of the clauses this item is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<String>,
    /// What the spec itself says, in the grammar of this item's answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<String>,
    /// The item this one is a question about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The range of a `scale` item; any finite number where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<ScaleRange>,
    /// Whether a participant must answer it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
}

impl Item {
    /// Place of the candidate `id` among the candidates.
    pub fn candidate(&self, id: &str) -> Option<usize> {
        self.candidates.iter().position(|candidate| candidate.id == id)
    }

    /// Everything that makes this item impossible to ask, each at its place in the item.
    pub fn violations(&self) -> Vec<Violation> {
        let mut found = Vec::new();
        if let Err(fault) = check_id("id", &self.id, true) {
            found.extend(fault.violations);
        }
        found.extend(text::normalise("prompt", &self.prompt, MAX_PROMPT_CHARS).err());
        let before = found.len();
        self.check_candidates(&mut found);
        let has_sound_candidates = found.len() == before;
        match (&self.about, self.id.rsplit_once('/')) {
            (Some(about), Some((parent, _))) if about == parent => {}
            (Some(about), _) => found.push(Violation::new(
                "about",
                Reason::BadItem,
                format!("a question about {about:?} must be named {about}/<question>"),
            )),
            (None, _) => {}
        }
        match self.scale {
            Some(_) if self.kind != ItemKind::Scale => {
                found.push(Violation::new(
                    "scale",
                    Reason::BadItem,
                    format!("a {} item has no scale", self.kind.name()),
                ));
            }
            Some(range) if !(range.min.is_finite() && range.max.is_finite() && range.min < range.max) => {
                found.push(Violation::new("scale", Reason::BadNumber, "min must be a finite number below max"));
            }
            _ => {}
        }
        // What a position says can only be read by candidates that can be.
        if let Some(position) = &self.position
            && has_sound_candidates
            && let Err(violation) = Answer::parse(self, position, None)
        {
            found.push(Violation::new("position", violation.reason, violation.message));
        }
        found
    }

    fn check_candidates(&self, found: &mut Vec<Violation>) {
        let count = self.candidates.len();
        let (least, most) = self.kind.candidates();
        if count < least || count > most {
            let wanted = match (least, most) {
                (0, _) => "none".to_owned(),
                (a, b) if a == b => format!("exactly {a}"),
                (a, b) => format!("{a} to {b}"),
            };
            let message = format!("a {} item has {wanted} candidates, not {count}", self.kind.name());
            found.push(Violation::new("candidates", Reason::BadItem, message));
        }
        let mut seen = HashSet::new();
        for (index, candidate) in self.candidates.iter().enumerate().take(MAX_CANDIDATES) {
            let field = format!("candidates[{index}].id");
            if let Err(fault) = check_id(&field, &candidate.id, false) {
                found.extend(fault.violations);
            }
            if !seen.insert(&candidate.id) {
                found.push(Violation::new(&field, Reason::BadItem, format!("the id {:?} stands twice", candidate.id)));
            }
            found
                .extend(text::normalise(&format!("candidates[{index}].text"), &candidate.text, MAX_PROMPT_CHARS).err());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: &str, candidates: &[&str]) -> Item {
        let candidates: Vec<_> = candidates.iter().map(|id| serde_json::json!({"id": id})).collect();
        serde_json::from_value(serde_json::json!({"id": "i", "kind": kind, "candidates": candidates})).unwrap()
    }

    #[test]
    fn items_that_cannot_be_asked_are_refused_with_their_place() {
        let check = |item: Item, want: &[&str]| {
            let got: Vec<_> = item.violations().into_iter().map(|v| v.field).collect();
            assert_eq!(got, want, "{item:?}");
        };
        check(item("rank", &["A", "B"]), &[]);
        check(item("rank", &["A"]), &["candidates"]);
        check(item("rank", &[]), &["candidates"]);
        check(item("rank", &["A", "A"]), &["candidates[1].id"]);
        check(item("pair", &["A", "B", "C"]), &["candidates"]);
        check(item("vote", &["A"]), &["candidates"]);
        check(item("choose", &["-A"]), &["candidates[0].id"]);
        check(Item { position: Some("B>".into()), ..item("rank", &["A", "B"]) }, &["position"]);
        check(Item { position: Some("A".into()), ..item("pair", &["A"]) }, &["candidates"]);
        check(Item { about: Some("other".into()), ..item("vote", &[]) }, &["about"]);
        check(Item { scale: Some(ScaleRange { min: 1.0, max: f64::NAN }), ..item("scale", &[]) }, &["scale"]);
        let many: Vec<String> = (0..100_000).map(|i| i.to_string()).collect();
        check(item("rank", &many.iter().map(String::as_str).collect::<Vec<_>>()), &["candidates"]);
    }
}
