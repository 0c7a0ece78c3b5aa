//! What the service keeps. References between things are public ids; `item`, `result` and `snapshot`
//! are names of other services' resources.

use folkmoot_core::canonical::Hasher;
use folkmoot_core::{Sha256Hash, Timestamp};
use serde::{Deserialize, Serialize};

/// Defines an enum whose values are kept by name.
macro_rules! named {
    ($(#[$doc:meta])* $type:ident { $($(#[$value_doc:meta])* $value:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $type { $($(#[$value_doc])* $value,)* }

        impl $type {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$value,)*];

            /// The value's name in stores.
            pub fn name(self) -> &'static str {
                match self { $(Self::$value => $name,)* }
            }

            /// The value of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name() == name)
            }
        }
    };
}

/// A versioned document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Id of the newest revision.
    pub head: Option<String>,
    /// Grows with every commit to the spec; guards against lost updates inside the service.
    pub version: i64,
    /// When it was created.
    pub created: Timestamp,
}

impl Spec {
    /// Changes with the title and the head.
    pub fn etag(&self) -> String {
        let hasher = Hasher::new("folkmoot/spec-etag/v1").field(self.id.as_bytes()).field(self.title.as_bytes());
        short(hasher.field(self.head.as_deref().unwrap_or_default().as_bytes()).finish())
    }
}

fn short(hash: Sha256Hash) -> String {
    hash.to_string()[..16].to_owned()
}

/// One immutable text of a spec; its source is kept apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Its id, unique in its spec.
    pub id: String,
    /// SHA-256 of the source's bytes.
    pub text_hash: String,
    /// The revision before.
    pub parent: Option<String>,
    /// Number of clauses.
    pub clause_count: usize,
    /// What the import noticed.
    pub warnings: Vec<Warning>,
    /// Ids of the proposals that made it.
    pub proposals: Vec<String>,
    /// A few words on what changed.
    pub note: String,
    /// When it was created.
    pub created: Timestamp,
}

/// Something noticed while importing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Line, from 1.
    pub line: usize,
    /// Stable code.
    pub code: String,
    /// In words.
    pub message: String,
}

/// An addressable part of a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clause {
    /// Id that stays the same over revisions.
    pub anchor: String,
    /// The heading.
    pub title: String,
    /// Depth of the heading, from 1.
    pub level: u8,
    /// Level of authority.
    pub authority: Option<String>,
    /// Anchor of the clause around it.
    pub parent: Option<String>,
    /// Line of the heading, from 1.
    pub line: usize,
    /// The Markdown below the heading.
    pub body: String,
    /// SHA-256 over title, authority and normalised body.
    pub text_hash: String,
}

/// What a new revision changed in a clause, against its parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The clause.
    pub anchor: String,
    /// Such as `changed`; never empty.
    pub kinds: Vec<String>,
}

named! {
    /// How a position was derived.
    PositionSource {
        /// By a person.
        Expert = "expert",
        /// By a model.
        Model = "model",
        /// Read from a file.
        Import = "import",
    }
}

/// What a revision says on an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Its id, unique in its revision.
    pub id: String,
    /// `rounds/{round}/items/{item}`.
    pub item: String,
    /// The answer, in its canonical text.
    pub answer: String,
    /// Anchors of the clauses it follows from.
    pub clauses: Vec<String>,
    /// How it was derived.
    pub source: PositionSource,
    /// Who derived it.
    pub derived_by: String,
    /// Why.
    pub rationale: String,
    /// When it was created.
    pub created: Timestamp,
}

named! {
    /// How the public stands to a position.
    FindingClass {
        /// Every eligible segment prefers otherwise.
        ConsensusAgainst = "consensus_against",
        /// Most prefer otherwise.
        MajorityAgainst = "majority_against",
        /// Segments differ in opposite directions.
        Polarised = "polarised",
        /// The public and the spec agree.
        Agrees = "agrees",
        /// Nothing is shown either way.
        Insufficient = "insufficient",
    }
}

/// An item on which the public and the spec were compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Its id: the same for the same result and item.
    pub id: String,
    /// Id of the revision compared with.
    pub revision: String,
    /// `rounds/{round}/items/{item}`.
    pub item: String,
    /// The class.
    pub class: FindingClass,
    /// One sentence with the numbers.
    pub summary: String,
    /// The position compared with.
    pub position: String,
    /// Anchors of the clauses concerned.
    pub clauses: Vec<String>,
    /// `analyses/{analysis}/results/{sha256}`.
    pub result: String,
    /// `rounds/{round}/snapshots/{sha256}`.
    pub snapshot: String,
    /// The numbers, on the pair it is clearest for; none where nothing could be said.
    pub net: Net,
    /// The p-value after correction.
    pub adjusted_p: f64,
    /// How each segment stands.
    pub segments: Vec<Segment>,
    /// Whether the answers are simulated.
    pub simulated: bool,
    /// When it was derived.
    pub created: Timestamp,
}

/// Net preference against a position, from -1 to 1, with its interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Net {
    /// The estimate.
    pub delta: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How one segment stands to a position.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Its label.
    pub segment: String,
    /// The numbers.
    pub net: Net,
    /// Effective number of participants.
    pub effective_n: f64,
    /// Whether there are enough of them.
    pub eligible: bool,
}

named! {
    /// What a proposal is.
    ProposalKind {
        /// The text should say better what it means.
        Clarification = "clarification",
        /// The text should mean something else.
        ChangeOfPrinciple = "change_of_principle",
    }
}

named! {
    /// Where a proposal stands.
    ProposalState {
        /// Waiting for a decision.
        Open = "open",
        /// Waiting for the next revision.
        Adopted = "adopted",
        /// Put off.
        Deferred = "deferred",
        /// Not taken up.
        SetAside = "set_aside",
        /// Part of a revision.
        Applied = "applied",
    }
}

/// A suggested change to named clauses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its id.
    pub id: String,
    /// A few words.
    pub title: String,
    /// What it is.
    pub kind: ProposalKind,
    /// The edits, in order; at least one.
    pub edits: Vec<Edit>,
    /// Why.
    pub rationale: String,
    /// Ids of the findings it rests on.
    pub findings: Vec<String>,
    /// Who wrote it.
    pub author: String,
    /// Where it stands.
    pub state: ProposalState,
    /// Id of its latest decision.
    pub decision: Option<String>,
    /// Id of the revision that contains it.
    pub applied_in: Option<String>,
    /// When it was created.
    pub created: Timestamp,
}

impl Proposal {
    /// Changes with every change.
    pub fn etag(&self) -> String {
        let edits = folkmoot_core::canonical::json(&self.edits);
        let decision = self.decision.as_deref().unwrap_or_default();
        let mut hasher = Hasher::new("folkmoot/proposal-etag/v1");
        for part in [&self.id, &self.title, self.kind.name(), &edits, &self.rationale, &self.author] {
            hasher.add(part.as_bytes());
        }
        for part in [self.state.name(), decision, self.applied_in.as_deref().unwrap_or_default()] {
            hasher.add(part.as_bytes());
        }
        self.findings.iter().for_each(|finding| hasher.add(finding.as_bytes()));
        short(hasher.finish())
    }
}

/// A change to one clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// Hash of the clause's text when the edit was written.
    pub base_text_hash: String,
    /// The change.
    pub change: folkmoot_spec_text::Edit,
}

named! {
    /// How a proposal was decided.
    Outcome {
        /// The next revision will contain it.
        Adopted = "adopted",
        /// Put off.
        Deferred = "deferred",
        /// A principle stands against it.
        SetAsideOnPrinciple = "set_aside_on_principle",
        /// It cannot be done now.
        SetAsideForFeasibility = "set_aside_for_feasibility",
    }
}

impl Outcome {
    /// Where the outcome leaves the proposal.
    pub fn state(self) -> ProposalState {
        match self {
            Self::Adopted => ProposalState::Adopted,
            Self::Deferred => ProposalState::Deferred,
            Self::SetAsideOnPrinciple | Self::SetAsideForFeasibility => ProposalState::SetAside,
        }
    }
}

/// How a proposal was decided, by whom and why. Never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub id: String,
    /// Id of the proposal.
    pub proposal: String,
    /// The outcome.
    pub outcome: Outcome,
    /// The reason.
    pub reason: String,
    /// Who decided.
    pub deciders: Vec<String>,
    /// Who disagreed and why.
    pub dissents: Vec<String>,
    /// When.
    pub created: Timestamp,
}

/// Something that happened to a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Place in the order of commits.
    pub sequence: i64,
    /// Name of the resource that was created or changed.
    pub changed: String,
}
