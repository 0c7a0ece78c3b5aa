//! The wire → the release's own types.

use folkmoot_core::{Fault, Reason, Sha256Hash, Timestamp};
use folkmoot_proto::{spec, survey};

use crate::material::{Decision, Edit, Evidence, Finding, Position, Proposal, Revision, Round, Segment, Step, Trace};

fn time(stamp: Option<prost_types::Timestamp>) -> String {
    let Some(stamp) = stamp else { return String::new() };
    let millis = stamp.seconds.saturating_mul(1000).saturating_add(i64::from(stamp.nanos) / 1_000_000);
    Timestamp::from_millis(millis).to_string()
}

/// The end of an enum's name in lower case: `OUTCOME_ADOPTED` without `OUTCOME_` is `adopted`.
fn word(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix).unwrap_or(name).to_lowercase()
}

/// The id of the item `rounds/{round}/items/{item}`.
pub(crate) fn item_id(name: &str) -> String {
    name.split_once("/items/").map_or(name, |(_, id)| id).to_owned()
}

pub(crate) fn round(round: survey::Round) -> Round {
    Round {
        name: round.name,
        title: round.title,
        description: round.description,
        disclosure: round.disclosure,
        opened: time(round.open_time),
        closed: time(round.close_time),
    }
}

/// A revision, and its source.
pub(crate) fn revision(revision: spec::Revision) -> Result<(Revision, String), Fault> {
    let found = Sha256Hash::of(revision.source.as_bytes());
    if found.to_string() != revision.text_hash {
        let message = format!("the text of {} hashes to {found}, not to {}", revision.name, revision.text_hash);
        return Err(Fault::new(folkmoot_core::Code::DataLoss, Reason::DataCorrupt, message));
    }
    let own = Revision {
        name: revision.name,
        text_hash: found,
        parent: revision.parent_revision,
        proposals: revision.proposals,
        note: revision.note,
    };
    Ok((own, revision.source))
}

pub(crate) fn position(position: spec::Position) -> Position {
    Position {
        source: word(position.source().as_str_name(), "POSITION_SOURCE_"),
        item: item_id(&position.item),
        name: position.name,
        answer: position.answer,
        clauses: position.clauses,
        derived_by: position.derived_by,
        rationale: position.rationale,
    }
}

pub(crate) fn finding(finding: spec::Finding) -> Finding {
    let segment = |segment: spec::SegmentFinding| Segment {
        segment: segment.segment,
        delta: segment.delta,
        delta_low: segment.delta_low,
        delta_high: segment.delta_high,
        effective_n: segment.effective_n,
        eligible: segment.eligible,
    };
    Finding {
        class: class(&finding),
        item: item_id(&finding.item),
        name: finding.name,
        revision: finding.revision,
        summary: finding.summary,
        position: finding.position,
        clauses: finding.clauses,
        result: finding.result,
        snapshot: finding.snapshot,
        delta: finding.delta,
        delta_low: finding.delta_low,
        delta_high: finding.delta_high,
        adjusted_p: finding.adjusted_p,
        segments: finding.segments.into_iter().map(segment).collect(),
    }
}

fn class(finding: &spec::Finding) -> String {
    word(finding.class().as_str_name(), "FINDING_CLASS_")
}

pub(crate) fn proposal(proposal: spec::Proposal) -> Proposal {
    Proposal {
        kind: word(proposal.kind().as_str_name(), "PROPOSAL_KIND_"),
        state: word(proposal.state().as_str_name(), "PROPOSAL_STATE_"),
        edits: proposal.edits.into_iter().map(edit).collect(),
        name: proposal.name,
        title: proposal.title,
        rationale: proposal.rationale,
        findings: proposal.findings,
        author: proposal.author,
        decision: proposal.decision,
        applied_in: proposal.applied_in,
    }
}

fn edit(edit: spec::ClauseEdit) -> Edit {
    use spec::clause_edit::Edit as Kind;
    let (kind, text) = match edit.edit {
        Some(Kind::Body(text)) => ("body", text),
        Some(Kind::Title(text)) => ("title", text),
        Some(Kind::Authority(text)) => ("authority", text),
        Some(Kind::InsertAfter(text)) => ("insert_after", text),
        Some(Kind::Remove(_)) | None => ("remove", String::new()),
    };
    Edit { anchor: edit.anchor, base_text_hash: edit.base_text_hash, kind: kind.to_owned(), text }
}

fn outcome(decision: &spec::Decision) -> String {
    word(decision.outcome().as_str_name(), "OUTCOME_")
}

pub(crate) fn decision(decision: spec::Decision) -> Decision {
    Decision {
        outcome: outcome(&decision),
        time: time(decision.create_time),
        name: decision.name,
        proposal: decision.proposal,
        reason: decision.reason,
        deciders: decision.deciders,
        dissents: decision.dissents,
    }
}

pub(crate) fn trace(anchor: &str, answer: spec::TraceClauseResponse) -> Trace {
    Trace { anchor: anchor.to_owned(), steps: answer.steps.into_iter().map(step).collect() }
}

fn step(step: spec::TraceStep) -> Step {
    let evidence = |finding: spec::Finding| Evidence {
        class: class(&finding),
        finding: finding.name,
        summary: finding.summary,
        result: finding.result,
        snapshot: finding.snapshot,
    };
    let revision = step.revision.unwrap_or_default();
    let proposal = step.proposal.unwrap_or_default();
    let decision = step.decision.unwrap_or_default();
    Step {
        revision: revision.name,
        text_hash: revision.text_hash,
        note: revision.note,
        kinds: step.change.unwrap_or_default().kinds,
        proposal: proposal.name,
        title: proposal.title,
        outcome: if decision.name.is_empty() { String::new() } else { outcome(&decision) },
        decision: decision.name,
        reason: decision.reason,
        evidence: step.findings.into_iter().map(evidence).collect(),
    }
}
