//! What a demo is made of: a spec, items, people's answers, and what to do about them.

use std::collections::BTreeMap;

use folkmoot_core::Item;
use folkmoot_proto::response::SubmitResponsesRequest;
use folkmoot_proto::spec::{Outcome, ProposalKind};

/// Everything the walk needs, the example's or the user's own.
pub(super) struct Material {
    /// Title of the spec, and of the round with it.
    pub(super) title: String,
    /// Who asks, as the report prints it.
    pub(super) publisher: String,
    /// The spec's Markdown.
    pub(super) source: Vec<u8>,
    /// The items, with the positions that are known.
    pub(super) items: Vec<Item>,
    /// The answers, one submission a participant; the walk fills in the round.
    pub(super) submissions: Box<dyn Iterator<Item = SubmitResponsesRequest> + Send>,
    /// How many submissions there will be, where that is known.
    pub(super) expected: Option<u64>,
    /// Whether the answers are simulated.
    pub(super) simulated: bool,
    /// Whether the participants' words may be published.
    pub(super) words: bool,
    /// Attribute that makes the segments, if any.
    pub(super) by: Option<String>,
    /// View of the rankings that the analyses take.
    pub(super) ranking_view: &'static str,
    /// What the organisation makes of a finding, by the anchor of a clause.
    pub(super) drafts: BTreeMap<String, Draft>,
}

/// A prepared answer to a finding about a clause.
pub(super) struct Draft {
    /// A few words.
    pub(super) title: String,
    /// What it is.
    pub(super) kind: ProposalKind,
    /// New Markdown of the clause.
    pub(super) body: String,
    /// Why the change would answer the finding.
    pub(super) rationale: String,
    /// How it will be decided.
    pub(super) outcome: Outcome,
    /// The reason of the decision.
    pub(super) reason: String,
    /// Who disagreed, and why.
    pub(super) dissents: Vec<String>,
}
