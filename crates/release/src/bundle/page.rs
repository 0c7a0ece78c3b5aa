//! The page people look at, from the release's own files.

use std::collections::BTreeMap;

use folkmoot_core::{Fault, Sha256Hash};
use folkmoot_report::{
    ChangeView, Counts, FindingView, ItemView, MethodView, Page, PluginView, ProposalView, ResultView, SegmentView,
    SpanKind, TraceView,
};
use folkmoot_spec_text::{ChangeKind, redline};

use super::content::{Content, Figure, SpecContent};
use super::manifest::MethodEntry;
use super::{result_file, spec};
use crate::material::{Decision, Finding, Proposal, Step, Trace, Words};

/// The page of a release.
///
/// # Errors
/// `DATA_CORRUPT` for revisions that cannot be read.
pub(crate) fn page(content: &Content) -> Result<Page, Fault> {
    let manifest = &content.manifest;
    let mut page = Page {
        round_title: manifest.round.title.clone(),
        organisation: manifest.publisher.clone(),
        simulated: manifest.simulated,
        spec_title: manifest.spec_title.clone(),
        base_revision: manifest.base_revision.as_ref().map(|r| last(&r.name).to_owned()).unwrap_or_default(),
        new_revision: manifest.new_revision.as_ref().map(|r| last(&r.name).to_owned()),
        snapshot: manifest.snapshot.hash.to_string(),
        counts: Counts {
            participants: manifest.counts.participants,
            responses: manifest.counts.responses,
            items: manifest.counts.items,
        },
        results: content.results.iter().map(|figure| result(content, figure)).collect(),
        methods: manifest.methods.iter().map(method).collect(),
        items: items(content),
        ..Page::default()
    };
    if let Some(from) = &content.spec {
        page.findings = from.findings.iter().map(finding).collect();
        page.proposals = proposals(from);
        page.changes = changes(from)?;
        page.trace = trace(from, &page.snapshot);
    }
    Ok(page)
}

/// The last part of a resource name.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn result(content: &Content, figure: &Figure) -> ResultView {
    let plugin = |component: Sha256Hash| PluginView {
        hash: component.to_string(),
        signed_by: content.manifest.signer(component).unwrap_or_default().to_owned(),
    };
    ResultView {
        name: result_file(&figure.entry.hash),
        title: figure.entry.title.clone(),
        method: figure.result.method.id.clone(),
        version: figure.result.method.version.clone(),
        plugin: figure.result.method.component.map(plugin),
        hash: figure.entry.hash.to_string(),
        by: figure.result.by.clone(),
        report: figure.result.report.clone(),
    }
}

fn method(entry: &MethodEntry) -> MethodView {
    let Words { title, answers, assumes, avoid_when, source } = entry.words.clone();
    let (id, version) = (entry.id.clone(), entry.version.clone());
    MethodView { id, version, title, answers, assumes, avoid_when, source }
}

fn items(content: &Content) -> Vec<ItemView> {
    let stated = content.spec.iter().flat_map(|spec| &spec.positions);
    let stated: BTreeMap<&str, &str> = stated.map(|p| (p.item.as_str(), p.answer.as_str())).collect();
    let view = |item: &folkmoot_core::Item| ItemView {
        id: item.id.clone(),
        prompt: item.prompt.clone(),
        kind: item.kind.name().to_owned(),
        candidates: item.candidates.iter().map(|c| (c.id.clone(), c.text.clone())).collect(),
        clauses: item.clauses.clone(),
        position: stated.get(item.id.as_str()).map(|p| (*p).to_owned()).or_else(|| item.position.clone()),
    };
    content.snapshot.items.iter().map(view).collect()
}

fn finding(finding: &Finding) -> FindingView {
    // An ineligible segment has too few people for its numbers to be shown.
    let shown = |segment: &crate::material::Segment, number: f64| segment.eligible.then_some(number);
    let segment = |s: &crate::material::Segment| SegmentView {
        segment: s.segment.clone(),
        delta: shown(s, s.delta),
        low: shown(s, s.delta_low),
        high: shown(s, s.delta_high),
        eligible: s.eligible,
    };
    FindingView {
        item: finding.item.clone(),
        class: finding.class.clone(),
        summary: finding.summary.clone(),
        clauses: finding.clauses.clone(),
        segments: finding.segments.iter().map(segment).collect(),
    }
}

/// The decision on a proposal, if there is one.
pub(super) fn decision<'a>(spec: &'a SpecContent, proposal: &Proposal) -> Option<&'a Decision> {
    spec.decisions.iter().find(|decision| decision.name == proposal.decision)
}

fn proposals(spec: &SpecContent) -> Vec<ProposalView> {
    let view = |proposal: &Proposal| {
        let decision = decision(spec, proposal);
        let mut clauses: Vec<String> = proposal.edits.iter().map(|edit| edit.anchor.clone()).collect();
        clauses.dedup();
        ProposalView {
            id: last(&proposal.name).to_owned(),
            title: proposal.title.clone(),
            kind: proposal.kind.clone(),
            clauses,
            rationale: proposal.rationale.clone(),
            outcome: decision.map(|d| d.outcome.clone()),
            reason: decision.map(|d| d.reason.clone()).unwrap_or_default(),
            deciders: decision.map(|d| d.deciders.clone()).unwrap_or_default(),
            dissent: decision.map(|d| d.dissents.clone()).unwrap_or_default(),
        }
    };
    spec.proposals.iter().map(view).collect()
}

fn changes(from: &SpecContent) -> Result<Vec<ChangeView>, Fault> {
    let Some(spec::Changes { base, new, diff }) = spec::changes(from)? else { return Ok(Vec::new()) };
    let view = |change: &folkmoot_spec_text::ClauseChange| {
        let spans = redline(&spec::body(&base, &change.anchor), &spec::body(&new, &change.anchor));
        let span = |span: folkmoot_spec_text::Span| {
            let kind = match span.kind {
                folkmoot_spec_text::SpanKind::Same => SpanKind::Same,
                folkmoot_spec_text::SpanKind::Added => SpanKind::Added,
                folkmoot_spec_text::SpanKind::Removed => SpanKind::Removed,
            };
            (kind, span.text)
        };
        ChangeView {
            anchor: change.anchor.clone(),
            title: change.title().to_owned(),
            kinds: change.kinds.iter().map(|kind| kind_name(*kind).to_owned()).collect(),
            authority_before: change.before.as_ref().and_then(|side| side.authority.clone()),
            authority_after: change.after.as_ref().and_then(|side| side.authority.clone()),
            spans: spans.into_iter().map(span).collect(),
        }
    };
    Ok(diff.clauses.iter().map(view).collect())
}

/// The kind of change, as `spec/diff.json` has it.
pub(super) fn kind_name(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Changed => "changed",
        ChangeKind::AuthorityChanged => "authority_changed",
        ChangeKind::Moved => "moved",
        ChangeKind::Retitled => "retitled",
    }
}

/// The first changed clause that a proposal stands behind, walked back; else the first changed clause.
fn trace(spec: &SpecContent, snapshot: &str) -> Option<TraceView> {
    let proposed = |trace: &&Trace| trace.steps.iter().any(|step| !step.proposal.is_empty());
    let chosen = spec.traces.iter().find(proposed).or(spec.traces.first())?;
    let step = chosen.steps.iter().find(|step| !step.proposal.is_empty()).or(chosen.steps.first())?;
    Some(TraceView { clause: chosen.anchor.clone(), steps: walk(step, snapshot) })
}

fn walk(step: &Step, snapshot: &str) -> Vec<(String, String, String)> {
    let line = |kind: &str, text: &str, name: &str| (kind.to_owned(), text.to_owned(), name.to_owned());
    let mut steps = vec![line("revision", &step.note, &step.revision)];
    if !step.decision.is_empty() {
        let text = format!("{}: {}", step.outcome.replace('_', " "), step.reason);
        steps.push(line("decision", &text, &step.decision));
    }
    if !step.proposal.is_empty() {
        steps.push(line("proposal", &step.title, &step.proposal));
    }
    for evidence in &step.evidence {
        steps.push(line("finding", &evidence.summary, &evidence.finding));
        steps.push(line("result", "the numbers behind the finding", last(&evidence.result)));
        let text = match last(&evidence.snapshot) == snapshot {
            true => "the answers of this release",
            false => "the answers of another round",
        };
        steps.push(line("snapshot", text, last(&evidence.snapshot)));
    }
    steps
}
