//! From a snapshot to the next revision: analyses, findings, proposals, decisions.

use anyhow::Context as _;
use folkmoot_client::Folkmoot;
use folkmoot_core::ItemKind;
use folkmoot_core::text::ellipsis;
use folkmoot_proto::aggregation::{Analysis, AnalysisSpec, RunAnalysisMetadata, RunAnalysisRequest};
use folkmoot_proto::spec::{
    AdoptRevisionRequest, ClauseEdit, CreateProposalRequest, DecideProposalRequest, DeriveFindingsMetadata,
    DeriveFindingsRequest, DeriveFindingsResponse, DiffRevisionsRequest, Finding, FindingClass, Outcome, Proposal,
    Revision, clause_edit::Edit,
};
use folkmoot_proto::survey::Snapshot;

use super::material::{Draft, Material};
use super::say;
use super::walk::{BASE, SPEC, short, told};

const DECIDERS: [&str; 1] = ["the demo's review board"];

/// Bootstrap replicates behind the intervals of agreement.
const REPLICATES: u32 = 1000;

/// An analysis of the demo: what it is for, and how it is run.
struct Question {
    words: &'static str,
    method: &'static str,
    view: &'static str,
    by: bool,
    replicates: u32,
    kinds: &'static [ItemKind],
}

const RANKINGS: &[ItemKind] = &[ItemKind::Rank, ItemKind::Pair];
const CHOICES: &[ItemKind] = &[ItemKind::Vote, ItemKind::Choose, ItemKind::Approve];
const VOTES: &[ItemKind] = &[ItemKind::Vote];

fn questions(material: &Material) -> Vec<Question> {
    let asked = |kinds: &[ItemKind]| material.items.iter().any(|item| kinds.contains(&item.kind));
    let positioned =
        |kinds: &[ItemKind]| material.items.iter().any(|item| kinds.contains(&item.kind) && item.position.is_some());
    let ranking = |words, method, by, replicates| Question {
        words,
        method,
        view: material.ranking_view,
        by,
        replicates,
        kinds: RANKINGS,
    };
    let choice = |words, method, by, kinds| Question { words, method, view: "personal", by, replicates: 0, kinds };
    let mut list = Vec::new();
    if positioned(RANKINGS) {
        list.push(ranking("how far people agree with the spec", "agreement", true, REPLICATES));
        list.push(ranking("where they differ beyond noise", "disagreement", true, 0));
    }
    if asked(RANKINGS) {
        list.push(ranking("which answer they put first", "borda", false, 0));
        list.push(ranking("which answer beats which", "schulze", false, 0));
    }
    if asked(CHOICES) {
        list.push(choice("how many agree, or choose what", "shares", true, CHOICES));
    }
    if asked(VOTES) {
        list.push(choice("which groups of opinion there are", "opinion-groups", false, VOTES));
        list.push(choice("what all groups agree on", "group-consensus", false, VOTES));
    }
    if positioned(CHOICES) {
        list.push(choice("where votes and choices differ from the spec", "disagreement", true, CHOICES));
    }
    list
}

pub(super) async fn analyse(
    material: &Material,
    snapshot: &Snapshot,
    folkmoot: &mut Folkmoot,
) -> anyhow::Result<Vec<Analysis>> {
    say::step(
        5,
        "Analyses",
        "Each result depends on the snapshot, the method, its parameters and the seed only, and is named by its hash.",
    );
    let mut done = Vec::new();
    for question in questions(material) {
        let items = material.items.iter().filter(|item| question.kinds.contains(&item.kind) && item.about.is_none());
        let spec = AnalysisSpec {
            snapshot: snapshot.name.clone(),
            method: question.method.into(),
            seed: 1,
            by: material.by.clone().filter(|_| question.by).unwrap_or_default(),
            view: question.view.into(),
            positions_of: BASE.into(),
            items: items.map(|item| item.id.clone()).collect(),
            replicates: question.replicates,
            ..AnalysisSpec::default()
        };
        let run = RunAnalysisRequest { spec: Some(spec), ..RunAnalysisRequest::default() };
        let started = folkmoot.aggregation.run_analysis(run).await.map_err(told)?.into_inner();
        match folkmoot.finish(started, |_: &RunAnalysisMetadata| {}).await {
            Ok(analysis) => {
                let analysis: Analysis = analysis;
                let hash = analysis.result.rsplit('/').next().unwrap_or_default().to_owned();
                say::result(question.method, &format!("{} ({})", question.words, short(&hash)));
                done.push(analysis);
            }
            // An answer of its own: some methods say nothing about some data.
            Err(fault) if fault.reason == folkmoot_core::Reason::MethodUndefined => {
                say::result(question.method, &format!("not defined on this data: {}", fault.message));
            }
            Err(fault) => return Err(fault).with_context(|| format!("the method {}", question.method)),
        }
    }
    Ok(done)
}

pub(super) async fn derive_findings(analyses: &[Analysis], folkmoot: &mut Folkmoot) -> anyhow::Result<Vec<Finding>> {
    say::step(
        6,
        "Findings",
        "A test, not a glance: net preference against the spec beyond 10 points, corrected for many comparisons, looked at in each segment.",
    );
    let tests = analyses.iter().filter(|a| a.spec.as_ref().is_some_and(|spec| spec.method == "disagreement"));
    let results: Vec<String> = tests.map(|analysis| analysis.result.clone()).collect();
    if results.is_empty() {
        say::line("No item has a position of the spec, so there is nothing to compare.");
        return Ok(Vec::new());
    }
    let derive =
        DeriveFindingsRequest { parent: SPEC.into(), revision: BASE.into(), results, request_id: String::new() };
    let started = folkmoot.spec.derive_findings(derive).await.map_err(told)?.into_inner();
    let derived: DeriveFindingsResponse = folkmoot.finish(started, |_: &DeriveFindingsMetadata| {}).await?;
    for finding in derived.findings.iter().filter(|finding| is_notable(finding)) {
        let item = finding.item.rsplit("/items/").next().unwrap_or_default();
        say::result(item, &format!("[{}] {}", class_words(finding.class()), ellipsis(&finding.summary, 150)));
    }
    let rest = derived.findings.iter().filter(|finding| !is_notable(finding)).count();
    say::line(&format!("{rest} other items agree, or show nothing either way."));
    Ok(derived.findings)
}

fn is_notable(finding: &Finding) -> bool {
    use FindingClass::{ConsensusAgainst, MajorityAgainst, Polarised};
    matches!(finding.class(), ConsensusAgainst | MajorityAgainst | Polarised)
}

fn class_words(class: FindingClass) -> &'static str {
    match class {
        FindingClass::ConsensusAgainst => "consensus against",
        FindingClass::MajorityAgainst => "majority against",
        FindingClass::Polarised => "polarised",
        FindingClass::Agrees => "agrees",
        FindingClass::Insufficient | FindingClass::Unspecified => "insufficient",
    }
}

/// Returns the anchor of the first clause with an adopted change.
pub(super) async fn propose_and_decide(
    material: &Material,
    findings: &[Finding],
    folkmoot: &mut Folkmoot,
) -> anyhow::Result<Option<String>> {
    say::step(
        7,
        "Proposals and decisions",
        "Every change names its clauses and its evidence; every decision gives its reason and keeps dissent.",
    );
    let mut adopted = None;
    for (anchor, draft) in &material.drafts {
        let evidence = findings.iter().filter(|finding| is_notable(finding) && finding.clauses.contains(anchor));
        let evidence: Vec<String> = evidence.map(|finding| finding.name.clone()).collect();
        if evidence.is_empty() {
            continue;
        }
        let proposal = propose(anchor, draft, evidence, folkmoot).await?;
        let decide = DecideProposalRequest {
            name: proposal.name,
            outcome: draft.outcome.into(),
            reason: draft.reason.clone(),
            deciders: DECIDERS.map(String::from).to_vec(),
            dissents: draft.dissents.clone(),
            etag: proposal.etag,
            request_id: String::new(),
        };
        folkmoot.spec.decide_proposal(decide).await.map_err(told)?;
        say::result(anchor, &format!("{}: {}", draft.title, outcome_words(draft.outcome)));
        say::result("", &format!("because: {}", draft.reason));
        if draft.outcome == Outcome::Adopted {
            adopted.get_or_insert_with(|| anchor.clone());
        }
    }
    if !findings.iter().any(is_notable) {
        say::line("No finding calls for a change.");
    }
    Ok(adopted)
}

async fn propose(
    anchor: &str,
    draft: &Draft,
    findings: Vec<String>,
    folkmoot: &mut Folkmoot,
) -> anyhow::Result<Proposal> {
    let edit =
        ClauseEdit { anchor: anchor.into(), base_text_hash: String::new(), edit: Some(Edit::Body(draft.body.clone())) };
    let proposal = Proposal {
        title: draft.title.clone(),
        kind: draft.kind.into(),
        edits: vec![edit],
        rationale: draft.rationale.clone(),
        findings,
        author: "the demo's policy lead".into(),
        ..Proposal::default()
    };
    let create =
        CreateProposalRequest { parent: SPEC.into(), proposal: Some(proposal), ..CreateProposalRequest::default() };
    Ok(folkmoot.spec.create_proposal(create).await.map_err(told)?.into_inner())
}

pub(super) fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Adopted => "adopted",
        Outcome::Deferred => "deferred",
        Outcome::SetAsideOnPrinciple => "set aside on principle",
        Outcome::SetAsideForFeasibility => "set aside for feasibility",
        Outcome::Unspecified => "undecided",
    }
}

pub(super) async fn adopt(anything: bool, folkmoot: &mut Folkmoot) -> anyhow::Result<Option<String>> {
    say::step(
        8,
        "The next revision",
        "Adopted proposals make the next text of the spec; everything else stays byte for byte.",
    );
    if !anything {
        say::line("Nothing was adopted, so the spec stays as it is.");
        return Ok(None);
    }
    let adopt = AdoptRevisionRequest {
        parent: SPEC.into(),
        revision_id: "2".into(),
        note: "what came of the round".into(),
        ..AdoptRevisionRequest::default()
    };
    let revision: Revision = folkmoot.spec.adopt_revision(adopt).await.map_err(told)?.into_inner();
    let diff = DiffRevisionsRequest { from: BASE.into(), to: revision.name.clone() };
    let diff = folkmoot.spec.diff_revisions(diff).await.map_err(told)?.into_inner();
    let changed: Vec<&str> = diff.changes.iter().map(|change| change.anchor.as_str()).collect();
    say::result("Revision", &format!("{}; changed clauses: {}", revision.name, changed.join(", ")));
    Ok(Some(revision.name))
}
