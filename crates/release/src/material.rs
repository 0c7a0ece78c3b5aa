//! What a release is made of, in plain types.

use std::collections::BTreeMap;
use std::path::PathBuf;

use folkmoot_core::{Sha256Hash, Timestamp};
use folkmoot_snapshot::Snapshot;
use serde::{Deserialize, Serialize};

/// All that goes into a release. The same material gives the same bytes.
#[derive(Clone, Debug)]
pub struct Material {
    /// `releases/{release}`.
    pub name: String,
    /// When it was built.
    pub create_time: Timestamp,
    /// Who publishes it.
    pub publisher: String,
    /// Licence of the data, as an SPDX id.
    pub license: String,
    /// Whether the participants' words are published.
    pub words_included: bool,
    /// The round.
    pub round: Round,
    /// `rounds/{round}/snapshots/{sha256}`.
    pub snapshot_name: String,
    /// The sealed snapshot, words included.
    pub snapshot: Snapshot,
    /// The results to publish, in the order of the page.
    pub results: Vec<ResultText>,
    /// Names of the results over the snapshot that are not for everybody and so are left out.
    pub withheld: Vec<String>,
    /// The components behind the results that plugins made, each once.
    pub plugins: Vec<Plugin>,
    /// The spec the round was about, if any.
    pub spec: Option<SpecMaterial>,
}

/// A result as the aggregation service stored it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultText {
    /// `analyses/{analysis}/results/{sha256}`.
    pub name: String,
    /// Canonical JSON of a `RunResult`.
    pub json: String,
}

/// A method that is a component, as the plugin service gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// SHA-256 of the component.
    pub hash: Sha256Hash,
    /// Where its bytes lie.
    pub file: PathBuf,
    /// What its author says of it.
    pub words: Words,
    /// Version of the world `folkmoot:method` that it implements.
    pub world: String,
    /// Who vouches for it, if anybody.
    pub signature: Option<Signature>,
}

/// What a method is for, in the words of its author.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
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

/// An Ed25519 signature over a component.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// The key that made it: 32 bytes in hexadecimal digits.
    pub public_key: String,
    /// The signature: 64 bytes in hexadecimal digits.
    pub signature: String,
}

/// The path from one revision to the next.
#[derive(Clone, Debug)]
pub struct SpecMaterial {
    /// What people call the spec.
    pub title: String,
    /// The revision people were asked about, and its source.
    pub base: (Revision, String),
    /// The revision that came of it, and its source.
    pub new: Option<(Revision, String)>,
    /// What the base says on the items.
    pub positions: Vec<Position>,
    /// Where public and spec were compared.
    pub findings: Vec<Finding>,
    /// What was suggested.
    pub proposals: Vec<Proposal>,
    /// What was decided.
    pub decisions: Vec<Decision>,
    /// Every changed clause, walked back.
    pub traces: Vec<Trace>,
}

/// A round, as it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// `rounds/{round}`.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Who asks whom about what, in words for participants.
    pub description: String,
    /// Who sponsors, how people were recruited and the like, by name.
    pub disclosure: BTreeMap<String, String>,
    /// When it took answers from, in RFC 3339; empty where unknown.
    pub opened: String,
    /// When it took no more answers, in RFC 3339; empty where unknown.
    pub closed: String,
}

/// One immutable text of a spec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// `specs/{spec}/revisions/{revision}`.
    pub name: String,
    /// SHA-256 of its source's bytes.
    pub text_hash: Sha256Hash,
    /// The revision before; empty for the first.
    pub parent: String,
    /// The adopted proposals that made it.
    pub proposals: Vec<String>,
    /// A few words on what changed.
    pub note: String,
}

/// What a revision says on an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Its resource name.
    pub name: String,
    /// Id of the item.
    pub item: String,
    /// In the grammar of the item's answers.
    pub answer: String,
    /// Anchors of the clauses it follows from.
    pub clauses: Vec<String>,
    /// `expert`, `model` or `import`.
    pub source: String,
    /// Who derived it.
    pub derived_by: String,
    /// Why, in words.
    pub rationale: String,
}

/// An item on which public and spec were compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Its resource name.
    pub name: String,
    /// Id of the item.
    pub item: String,
    /// The revision compared with.
    pub revision: String,
    /// `consensus_against`, `majority_against`, `polarised`, `agrees` or `insufficient`.
    pub class: String,
    /// One sentence with the numbers.
    pub summary: String,
    /// The position compared with.
    pub position: String,
    /// Anchors of the clauses concerned.
    pub clauses: Vec<String>,
    /// The result behind it.
    pub result: String,
    /// The snapshot behind that.
    pub snapshot: String,
    /// Net preference against the position, from -1 to 1.
    pub delta: f64,
    /// Lower end of its interval.
    pub delta_low: f64,
    /// Upper end of its interval.
    pub delta_high: f64,
    /// The corrected p-value.
    pub adjusted_p: f64,
    /// How each segment stands.
    pub segments: Vec<Segment>,
}

/// One segment of a finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Its label.
    pub segment: String,
    /// Net preference against the position, from -1 to 1.
    pub delta: f64,
    /// Lower end of its interval.
    pub delta_low: f64,
    /// Upper end of its interval.
    pub delta_high: f64,
    /// Effective number of participants.
    pub effective_n: f64,
    /// Whether there are enough of them.
    pub eligible: bool,
}

/// A suggested change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Its resource name.
    pub name: String,
    /// A few words.
    pub title: String,
    /// `clarification` or `change_of_principle`.
    pub kind: String,
    /// The edits.
    pub edits: Vec<Edit>,
    /// Why, in words.
    pub rationale: String,
    /// Names of the findings it rests on.
    pub findings: Vec<String>,
    /// Who wrote it.
    pub author: String,
    /// `open`, `adopted`, `deferred`, `set_aside` or `applied`.
    pub state: String,
    /// Name of its decision; empty while open.
    pub decision: String,
    /// The revision that contains it; empty where none does.
    pub applied_in: String,
}

/// A change to one clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The clause's anchor.
    pub anchor: String,
    /// Hash of the clause's text when the proposal was written.
    pub base_text_hash: String,
    /// `body`, `title`, `authority`, `insert_after` or `remove`.
    pub kind: String,
    /// The new text; empty for `remove`.
    pub text: String,
}

/// How a proposal was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Its resource name.
    pub name: String,
    /// Name of the proposal.
    pub proposal: String,
    /// `adopted`, `deferred`, `set_aside_on_principle` or `set_aside_for_feasibility`.
    pub outcome: String,
    /// The reason; never empty.
    pub reason: String,
    /// Who decided.
    pub deciders: Vec<String>,
    /// Who disagreed and why.
    pub dissents: Vec<String>,
    /// When, in RFC 3339.
    pub time: String,
}

/// One clause and what changed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The clause's anchor.
    pub anchor: String,
    /// Newest first.
    pub steps: Vec<Step>,
}

/// One change of a clause and what is behind it, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The revision that brought the change.
    pub revision: String,
    /// Hash of that revision's source.
    pub text_hash: String,
    /// A few words on it.
    pub note: String,
    /// Of `added`, `removed`, `changed`, `authority_changed`, `moved`, `retitled`.
    pub kinds: Vec<String>,
    /// The proposal's name; empty where the change came of none.
    pub proposal: String,
    /// The proposal's title.
    pub title: String,
    /// The decision's name; empty where there is none.
    pub decision: String,
    /// How it was decided.
    pub outcome: String,
    /// The decision's reason.
    pub reason: String,
    /// The evidence.
    pub evidence: Vec<Evidence>,
}

/// A finding behind a step, with what is behind the finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The finding's name.
    pub finding: String,
    /// Its class.
    pub class: String,
    /// One sentence with the numbers.
    pub summary: String,
    /// The result behind it.
    pub result: String,
    /// The snapshot behind that.
    pub snapshot: String,
}
