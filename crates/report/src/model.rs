//! What a page is made of: plain data, filled by whoever has a round in hand.

use folkmoot_methods::Report;
use serde::{Deserialize, Serialize};

/// A whole round as a page tells it. Every part may be empty: its section is then left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    /// The round's title.
    pub round_title: String,
    /// Who runs the round.
    pub organisation: String,
    /// Whether the answers were made by a simulator; the page then says so at
    /// its top, its foot and on every picture.
    pub simulated: bool,
    /// The spec's title.
    pub spec_title: String,
    /// The revision that people were asked about.
    pub base_revision: String,
    /// The revision that came of the round, once there is one.
    pub new_revision: Option<String>,
    /// Hash of the sealed snapshot.
    pub snapshot: String,
    /// How many took part.
    pub counts: Counts,
    /// Results of analyses, in the order they are listed at the end of the page.
    pub results: Vec<ResultView>,
    /// The methods behind them, each once.
    pub methods: Vec<MethodView>,
    /// What was asked.
    pub items: Vec<ItemView>,
    /// Where public and spec were compared.
    pub findings: Vec<FindingView>,
    /// What was suggested and decided.
    pub proposals: Vec<ProposalView>,
    /// Clauses that changed from the base to the new revision.
    pub changes: Vec<ChangeView>,
    /// One changed clause, walked back to the answers.
    pub trace: Option<TraceView>,
}

/// How many took part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// People.
    pub participants: u64,
    /// Answers.
    pub responses: u64,
    /// Items asked.
    pub items: u64,
}

/// One result of one method.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResultView {
    /// Resource name or file name.
    pub name: String,
    /// What people read.
    pub title: String,
    /// Id of the method.
    pub method: String,
    /// Version of the method.
    pub version: String,
    /// The component that the method is, if it is a plugin.
    pub plugin: Option<PluginView>,
    /// Hash of the result.
    pub hash: String,
    /// The attribute it is told apart by, if any.
    pub by: Option<String>,
    /// The figures.
    pub report: Report,
}

/// A method, in the words of its author.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MethodView {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// What people call it.
    pub title: String,
    /// The question that it answers.
    pub answers: String,
    /// What must hold for the answer to be one.
    pub assumes: String,
    /// When another method is better.
    pub avoid_when: String,
    /// Where it is from.
    pub source: String,
}

/// A method that is a component.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct PluginView {
    /// SHA-256 of the component.
    pub hash: String,
    /// The public key under which it was signed; empty where it was not.
    pub signed_by: String,
}

/// One item as it was asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ItemView {
    /// Id, as the `item` column of tables has it.
    pub id: String,
    /// The question.
    pub prompt: String,
    /// The kind, by name.
    pub kind: String,
    /// Id and text of each candidate.
    pub candidates: Vec<(String, String)>,
    /// Anchors of the clauses it is bound to.
    pub clauses: Vec<String>,
    /// What the spec says, in the grammar of the item's answers.
    pub position: Option<String>,
}

/// Public and spec compared on one item.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FindingView {
    /// Id of the item.
    pub item: String,
    /// `consensus_against`, `majority_against`, `polarised`, `agrees` or `insufficient`.
    pub class: String,
    /// One sentence with the numbers.
    pub summary: String,
    /// Anchors of the clauses concerned.
    pub clauses: Vec<String>,
    /// The same comparison in each segment; where empty, the rows of the item in a result's table of
    /// segments are shown.
    pub segments: Vec<SegmentView>,
}

/// Public and spec compared within one segment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SegmentView {
    /// What people read, such as `region: north`.
    pub segment: String,
    /// Net preference against the position, from -1 to 1; none where suppressed.
    pub delta: Option<f64>,
    /// Lower end of its interval.
    pub low: Option<f64>,
    /// Upper end of its interval.
    pub high: Option<f64>,
    /// Whether the segment has enough people to count in the class.
    pub eligible: bool,
}

/// A suggested change and what was decided on it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProposalView {
    /// Id.
    pub id: String,
    /// A few words.
    pub title: String,
    /// `clarification` or `change_of_principle`.
    pub kind: String,
    /// Anchors of the clauses it edits.
    pub clauses: Vec<String>,
    /// Why, in words.
    pub rationale: String,
    /// `adopted`, `deferred`, `set_aside_on_principle` or `set_aside_for_feasibility`; none while open.
    pub outcome: Option<String>,
    /// The decision's reason; empty while open.
    pub reason: String,
    /// Who decided.
    pub deciders: Vec<String>,
    /// Who disagreed and why, as it was said.
    pub dissent: Vec<String>,
}

/// What became of a stretch of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpanKind {
    /// In both revisions.
    Same,
    /// Only in the later revision.
    Added,
    /// Only in the earlier revision.
    Removed,
}

/// A clause that changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChangeView {
    /// The clause's anchor.
    pub anchor: String,
    /// Its heading.
    pub title: String,
    /// Of `added`, `removed`, `changed`, `authority_changed`, `moved`, `retitled`.
    pub kinds: Vec<String>,
    /// Level of authority in the earlier revision.
    pub authority_before: Option<String>,
    /// Level of authority in the later revision.
    pub authority_after: Option<String>,
    /// The text of both revisions, in reading order.
    pub spans: Vec<(SpanKind, String)>,
}

/// One changed clause, walked back to the answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TraceView {
    /// The clause's anchor.
    pub clause: String,
    /// Kind (`revision`, `decision`, `proposal`, `finding`, `result`, `snapshot`), text, and hash or
    /// resource name of each step, newest first.
    pub steps: Vec<(String, String, String)>,
}
