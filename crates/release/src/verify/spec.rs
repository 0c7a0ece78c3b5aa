//! The way of the spec: hashes, decisions, reasons and counts.

use std::collections::{BTreeMap, BTreeSet};

use folkmoot_core::Sha256Hash;

use super::Verification;
use crate::bundle::{Content, SpecContent};
use crate::material::Proposal;

/// The texts are what the manifest names.
pub(super) fn revisions(content: &Content, spec: &SpecContent, to: &mut Verification) {
    let mut complaints = Vec::new();
    let manifest = &content.manifest;
    let texts = [
        ("spec/base.md", &manifest.base_revision, Some(&spec.base)),
        ("spec/new.md", &manifest.new_revision, spec.new.as_ref()),
    ];
    for (file, stated, text) in texts {
        let (Some(stated), Some(text)) = (stated, text) else { continue };
        let hash = Sha256Hash::of(text.as_bytes());
        if hash != stated.text_hash {
            complaints.push(format!("{file}: the text hashes to {hash}, not to {}", stated.text_hash));
        }
    }
    to.settle("revisions", "the texts are the ones that are named", complaints);
}

/// Every decision has a reason and deciders, and what was applied was adopted.
pub(super) fn decisions(content: &Content, spec: &SpecContent, to: &mut Verification) {
    let mut complaints = Vec::new();
    let file = "spec/decisions.json";
    let proposals: BTreeMap<&str, &Proposal> = spec.proposals.iter().map(|p| (p.name.as_str(), p)).collect();
    let mut outcomes: BTreeMap<&str, &str> = BTreeMap::new();
    for decision in &spec.decisions {
        let name = &decision.name;
        if decision.reason.trim().is_empty() {
            complaints.push(format!("{file}: {name} has no reason"));
        }
        if decision.deciders.is_empty() {
            complaints.push(format!("{file}: {name} has no deciders"));
        }
        if !proposals.contains_key(decision.proposal.as_str()) {
            complaints
                .push(format!("{file}: {name} decides {}, which is not in spec/proposals.json", decision.proposal));
        }
        if outcomes.insert(name, &decision.outcome).is_some() {
            complaints.push(format!("{file}: {name} stands twice"));
        }
    }
    let file = "spec/proposals.json";
    if proposals.len() != spec.proposals.len() {
        complaints.push(format!("{file}: a proposal stands twice"));
    }
    for proposal in &spec.proposals {
        let outcome = outcomes.get(proposal.decision.as_str()).copied();
        let fits = match proposal.state.as_str() {
            "open" => outcome.is_none(),
            "adopted" | "applied" => outcome == Some("adopted"),
            "deferred" => outcome == Some("deferred"),
            "set_aside" => outcome.is_some_and(|outcome| outcome.starts_with("set_aside_")),
            _ => false,
        };
        if !fits {
            let decided = outcome.unwrap_or("not at all");
            complaints.push(format!("{file}: {} is {} but was decided {decided}", proposal.name, proposal.state));
        }
    }
    if let Some(new) = &content.manifest.new_revision {
        for name in &new.proposals {
            let applied =
                proposals.get(name.as_str()).is_some_and(|p| p.state == "applied" && p.applied_in == new.name);
            if !applied {
                complaints.push(format!("{file}: {} was made from {name}, which is not applied there", new.name));
            }
        }
    }
    let passed = format!("{} decisions, each with its reason; what was applied was adopted", spec.decisions.len());
    to.settle("decisions", passed, complaints);
}

/// What findings and traces point to is in the release, or in another one.
pub(super) fn evidence(content: &Content, spec: &SpecContent, to: &mut Verification) {
    let mut complaints = Vec::new();
    let hash = content.manifest.snapshot.hash.to_string();
    let results: BTreeSet<String> = content.results.iter().map(|figure| figure.entry.hash.to_string()).collect();
    let items: BTreeSet<&str> = content.snapshot.items.iter().map(|item| item.id.as_str()).collect();
    for finding in &spec.findings {
        let (file, name) = ("spec/findings.json", &finding.name);
        if last(&finding.snapshot) != hash {
            complaints.push(format!("{file}: {name} is over another snapshot"));
        }
        if !results.contains(last(&finding.result)) {
            complaints.push(format!("{file}: the result of {name} is not in the release"));
        }
        if !items.contains(finding.item.as_str()) {
            complaints.push(format!("{file}: {name} is about {}, which was not asked", finding.item));
        }
    }
    for position in spec.positions.iter().filter(|position| !items.contains(position.item.as_str())) {
        complaints
            .push(format!("spec/positions.json: {} is about {}, which was not asked", position.name, position.item));
    }
    let stated: BTreeMap<&str, (&str, &str)> =
        spec.decisions.iter().map(|d| (d.name.as_str(), (d.outcome.as_str(), d.reason.as_str()))).collect();
    for (trace, step) in spec.traces.iter().flat_map(|trace| trace.steps.iter().map(move |step| (trace, step))) {
        let told = (step.outcome.as_str(), step.reason.as_str());
        if stated.get(step.decision.as_str()).is_some_and(|stated| *stated != told) {
            complaints.push(format!("spec/trace.json: {} tells {} in other words", trace.anchor, step.decision));
        }
    }
    let passed = format!("{} findings rest on results of this release", spec.findings.len());
    to.settle("evidence", passed, complaints);
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
