//! Wire types and the model, both ways. What the wire calls by name the model calls by id.

use folkmoot_core::item::ScaleRange;
use folkmoot_core::{Candidate, Item, ItemKind};
use folkmoot_proto::spec as wire;
use folkmoot_proto::spec::clause_edit;
use folkmoot_proto::survey;
use folkmoot_rpc::timestamp;
use folkmoot_spec_text::{self as text, ChangeKind};

use crate::model::{
    Clause, Decision, Edit, Finding, FindingClass, Outcome, Position, PositionSource, Proposal, ProposalKind,
    ProposalState, Revision, Spec, Warning,
};
use crate::names;

pub(crate) fn spec(spec: &Spec) -> wire::Spec {
    wire::Spec {
        name: names::spec(&spec.id),
        title: spec.title.clone(),
        head_revision: spec.head.as_ref().map(|head| names::revision(&spec.id, head)).unwrap_or_default(),
        create_time: Some(timestamp(spec.created)),
        etag: spec.etag(),
    }
}

pub(crate) fn revision(spec: &str, revision: &Revision, source: String) -> wire::Revision {
    let warning = |warning: &Warning| wire::ImportWarning {
        line: count(warning.line),
        code: warning.code.clone(),
        message: warning.message.clone(),
    };
    wire::Revision {
        name: names::revision(spec, &revision.id),
        source,
        text_hash: revision.text_hash.clone(),
        parent_revision: revision.parent.as_ref().map(|id| names::revision(spec, id)).unwrap_or_default(),
        clause_count: count(revision.clause_count),
        warnings: revision.warnings.iter().map(warning).collect(),
        proposals: revision.proposals.iter().map(|id| names::proposal(spec, id)).collect(),
        create_time: Some(timestamp(revision.created)),
        note: revision.note.clone(),
    }
}

pub(crate) fn warning(warning: text::Warning) -> Warning {
    Warning { line: warning.line, code: warning.code, message: warning.message }
}

pub(crate) fn clause_of(clause: &text::Clause) -> Clause {
    Clause {
        anchor: clause.anchor.clone(),
        title: clause.title.clone(),
        level: clause.level,
        authority: clause.authority.clone(),
        parent: clause.parent.clone(),
        line: clause.line,
        body: clause.body.clone(),
        text_hash: clause.text_hash.clone(),
    }
}

pub(crate) fn clause(spec: &str, revision: &str, clause: &Clause) -> wire::Clause {
    wire::Clause {
        name: names::clause(spec, revision, &clause.anchor),
        anchor: clause.anchor.clone(),
        title: clause.title.clone(),
        level: i32::from(clause.level),
        authority: clause.authority.clone().unwrap_or_default(),
        parent: clause.parent.clone().unwrap_or_default(),
        line: count(clause.line),
        body: clause.body.clone(),
        text_hash: clause.text_hash.clone(),
    }
}

pub(crate) fn change_kind(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Changed => "changed",
        ChangeKind::AuthorityChanged => "authority_changed",
        ChangeKind::Moved => "moved",
        ChangeKind::Retitled => "retitled",
    }
}

pub(crate) fn position(spec: &str, revision: &str, position: &Position) -> wire::Position {
    let source = match position.source {
        PositionSource::Expert => wire::PositionSource::Expert,
        PositionSource::Model => wire::PositionSource::Model,
        PositionSource::Import => wire::PositionSource::Import,
    };
    wire::Position {
        name: names::position(spec, revision, &position.id),
        item: position.item.clone(),
        answer: position.answer.clone(),
        clauses: position.clauses.clone(),
        source: source.into(),
        derived_by: position.derived_by.clone(),
        rationale: position.rationale.clone(),
        create_time: Some(timestamp(position.created)),
    }
}

pub(crate) fn position_source(number: i32) -> Option<PositionSource> {
    match wire::PositionSource::try_from(number).ok()? {
        wire::PositionSource::Unspecified => None,
        wire::PositionSource::Expert => Some(PositionSource::Expert),
        wire::PositionSource::Model => Some(PositionSource::Model),
        wire::PositionSource::Import => Some(PositionSource::Import),
    }
}

pub(crate) fn finding(spec: &str, finding: &Finding) -> wire::Finding {
    let segments = finding.segments.iter().map(|segment| wire::SegmentFinding {
        segment: segment.segment.clone(),
        delta: segment.net.delta,
        delta_low: segment.net.low,
        delta_high: segment.net.high,
        effective_n: segment.effective_n,
        eligible: segment.eligible,
    });
    let class = match finding.class {
        FindingClass::ConsensusAgainst => wire::FindingClass::ConsensusAgainst,
        FindingClass::MajorityAgainst => wire::FindingClass::MajorityAgainst,
        FindingClass::Polarised => wire::FindingClass::Polarised,
        FindingClass::Agrees => wire::FindingClass::Agrees,
        FindingClass::Insufficient => wire::FindingClass::Insufficient,
    };
    wire::Finding {
        name: names::finding(spec, &finding.id),
        revision: names::revision(spec, &finding.revision),
        item: finding.item.clone(),
        class: class.into(),
        summary: finding.summary.clone(),
        position: finding.position.clone(),
        clauses: finding.clauses.clone(),
        result: finding.result.clone(),
        snapshot: finding.snapshot.clone(),
        delta: finding.net.delta,
        delta_low: finding.net.low,
        delta_high: finding.net.high,
        adjusted_p: finding.adjusted_p,
        segments: segments.collect(),
        create_time: Some(timestamp(finding.created)),
        simulated: finding.simulated,
    }
}

pub(crate) fn finding_class(number: i32) -> Option<FindingClass> {
    match wire::FindingClass::try_from(number).ok()? {
        wire::FindingClass::Unspecified => None,
        wire::FindingClass::ConsensusAgainst => Some(FindingClass::ConsensusAgainst),
        wire::FindingClass::MajorityAgainst => Some(FindingClass::MajorityAgainst),
        wire::FindingClass::Polarised => Some(FindingClass::Polarised),
        wire::FindingClass::Agrees => Some(FindingClass::Agrees),
        wire::FindingClass::Insufficient => Some(FindingClass::Insufficient),
    }
}

pub(crate) fn proposal(spec: &str, proposal: &Proposal) -> wire::Proposal {
    let kind = match proposal.kind {
        ProposalKind::Clarification => wire::ProposalKind::Clarification,
        ProposalKind::ChangeOfPrinciple => wire::ProposalKind::ChangeOfPrinciple,
    };
    let state = match proposal.state {
        ProposalState::Open => wire::ProposalState::Open,
        ProposalState::Adopted => wire::ProposalState::Adopted,
        ProposalState::Deferred => wire::ProposalState::Deferred,
        ProposalState::SetAside => wire::ProposalState::SetAside,
        ProposalState::Applied => wire::ProposalState::Applied,
    };
    wire::Proposal {
        name: names::proposal(spec, &proposal.id),
        title: proposal.title.clone(),
        kind: kind.into(),
        edits: proposal.edits.iter().map(edit).collect(),
        rationale: proposal.rationale.clone(),
        findings: proposal.findings.iter().map(|id| names::finding(spec, id)).collect(),
        author: proposal.author.clone(),
        state: state.into(),
        decision: proposal.decision.as_ref().map(|id| names::decision(spec, id)).unwrap_or_default(),
        applied_in: proposal.applied_in.as_ref().map(|id| names::revision(spec, id)).unwrap_or_default(),
        create_time: Some(timestamp(proposal.created)),
        etag: proposal.etag(),
    }
}

pub(crate) fn proposal_kind(number: i32) -> Option<ProposalKind> {
    match wire::ProposalKind::try_from(number).ok()? {
        wire::ProposalKind::Unspecified => None,
        wire::ProposalKind::Clarification => Some(ProposalKind::Clarification),
        wire::ProposalKind::ChangeOfPrinciple => Some(ProposalKind::ChangeOfPrinciple),
    }
}

fn edit(edit: &Edit) -> wire::ClauseEdit {
    let change = match edit.change.clone() {
        text::Edit::ReplaceBody { body, .. } => clause_edit::Edit::Body(body),
        text::Edit::SetTitle { title, .. } => clause_edit::Edit::Title(title),
        text::Edit::SetAuthority { authority, .. } => clause_edit::Edit::Authority(authority.unwrap_or_default()),
        text::Edit::InsertAfter { markdown, .. } => clause_edit::Edit::InsertAfter(markdown),
        text::Edit::Remove { .. } => clause_edit::Edit::Remove(true),
    };
    wire::ClauseEdit {
        anchor: edit.change.anchor().to_owned(),
        base_text_hash: edit.base_text_hash.clone(),
        edit: Some(change),
    }
}

pub(crate) fn decision(spec: &str, decision: &Decision) -> wire::Decision {
    let outcome = match decision.outcome {
        Outcome::Adopted => wire::Outcome::Adopted,
        Outcome::Deferred => wire::Outcome::Deferred,
        Outcome::SetAsideOnPrinciple => wire::Outcome::SetAsideOnPrinciple,
        Outcome::SetAsideForFeasibility => wire::Outcome::SetAsideForFeasibility,
    };
    wire::Decision {
        name: names::decision(spec, &decision.id),
        proposal: names::proposal(spec, &decision.proposal),
        outcome: outcome.into(),
        reason: decision.reason.clone(),
        deciders: decision.deciders.clone(),
        dissents: decision.dissents.clone(),
        create_time: Some(timestamp(decision.created)),
    }
}

pub(crate) fn outcome(number: i32) -> Option<Outcome> {
    match wire::Outcome::try_from(number).ok()? {
        wire::Outcome::Unspecified => None,
        wire::Outcome::Adopted => Some(Outcome::Adopted),
        wire::Outcome::Deferred => Some(Outcome::Deferred),
        wire::Outcome::SetAsideOnPrinciple => Some(Outcome::SetAsideOnPrinciple),
        wire::Outcome::SetAsideForFeasibility => Some(Outcome::SetAsideForFeasibility),
    }
}

/// The survey service's item, as far as answers to it are read; `None` for a kind that is not known.
pub(crate) fn item(item: survey::Item) -> Option<Item> {
    let kind = match survey::ItemKind::try_from(item.kind).ok()? {
        survey::ItemKind::Unspecified => return None,
        survey::ItemKind::Rank => ItemKind::Rank,
        survey::ItemKind::Vote => ItemKind::Vote,
        survey::ItemKind::Pair => ItemKind::Pair,
        survey::ItemKind::Approve => ItemKind::Approve,
        survey::ItemKind::Choose => ItemKind::Choose,
        survey::ItemKind::Scale => ItemKind::Scale,
        survey::ItemKind::Rubric => ItemKind::Rubric,
        survey::ItemKind::Text => ItemKind::Text,
    };
    let candidates = item.candidates.into_iter().map(|candidate| Candidate { id: candidate.id, text: candidate.text });
    Some(Item {
        id: item.name.splitn(4, '/').nth(3)?.to_owned(),
        kind,
        prompt: item.prompt,
        candidates: candidates.collect(),
        clauses: item.clauses,
        position: None,
        about: (!item.about.is_empty()).then_some(item.about),
        scale: item.scale.map(|range| ScaleRange { min: range.min, max: range.max }),
        required: item.required,
    })
}

pub(crate) fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
