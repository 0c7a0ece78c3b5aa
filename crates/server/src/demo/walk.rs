//! The path itself, over gRPC: spec, round, answers, snapshot, analyses, findings, proposals,
//! decisions, next revision, release, verification, trace.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use folkmoot_client::{Folkmoot, download, ingest, wire};
use folkmoot_core::text::ellipsis;
use folkmoot_core::{Fault, ItemKind};
use folkmoot_proto::aggregation::{Analysis, AnalysisSpec, RunAnalysisMetadata, RunAnalysisRequest};
use folkmoot_proto::release::{BuildReleaseMetadata, BuildReleaseRequest, DownloadReleaseRequest, Release};
use folkmoot_proto::response::SubmitResponsesRequest;
use folkmoot_proto::spec::{
    AdoptRevisionRequest, BatchCreatePositionsRequest, ClauseEdit, CreatePositionRequest, CreateProposalRequest,
    CreateSpecRequest, DecideProposalRequest, DeriveFindingsMetadata, DeriveFindingsRequest, DeriveFindingsResponse,
    DiffRevisionsRequest, Finding, FindingClass, ImportRevisionRequest, Outcome, Position, PositionSource, Proposal,
    Revision, Spec, TraceClauseRequest, clause_edit::Edit,
};
use folkmoot_proto::survey::{
    BatchCreateItemsRequest, CloseRoundRequest, CreateItemRequest, CreateRoundRequest, GetRoundRequest,
    OpenRoundRequest, Round, SealSnapshotMetadata, SealSnapshotRequest, Snapshot,
};
use tonic::Status;

use super::material::{Draft, Material};
use super::say;

const SPEC: &str = "specs/demo";
const BASE: &str = "specs/demo/revisions/1";
const NEXT: &str = "specs/demo/revisions/2";
const ROUND: &str = "rounds/demo";
const DECIDERS: [&str; 1] = ["the demo's review board"];

/// Bootstrap replicates behind the intervals of agreement.
const REPLICATES: u32 = 1000;

/// Walks the whole path and returns the folder of the release.
pub(super) async fn walk(material: Material, mut folkmoot: Folkmoot, folder: &Path) -> anyhow::Result<PathBuf> {
    let Material { submissions, expected, .. } = material;
    let material = Material { submissions: Box::new(std::iter::empty()), ..material };
    import_spec(&material, &mut folkmoot).await?;
    design_round(&material, &mut folkmoot).await?;
    collect(submissions, expected, &material, &mut folkmoot).await?;
    let snapshot = seal(&mut folkmoot).await?;
    let results = analyse(&material, &snapshot, &mut folkmoot).await?;
    let findings = derive_findings(&results, &mut folkmoot).await?;
    let changed = propose_and_decide(&material, &findings, &mut folkmoot).await?;
    let revision = adopt(changed.is_some(), &mut folkmoot).await?;
    let release = publish(&material, &snapshot, revision.as_deref(), folder, &mut folkmoot).await?;
    verify(&release)?;
    if let (Some(anchor), Some(revision)) = (changed, revision) {
        trace(&revision, &anchor, &mut folkmoot).await?;
    }
    Ok(release)
}

async fn import_spec(material: &Material, folkmoot: &mut Folkmoot) -> anyhow::Result<()> {
    say::step(1, "A spec", "A written policy, imported clause by clause, so that every sentence has an address.");
    let spec = Spec { title: material.title.clone(), ..Spec::default() };
    let create = CreateSpecRequest { spec_id: "demo".into(), spec: Some(spec), request_id: String::new() };
    folkmoot.spec.create_spec(create).await.map_err(told)?;
    let import = ImportRevisionRequest {
        parent: SPEC.into(),
        revision_id: "1".into(),
        source: material.source.clone(),
        note: "as it was before the round".into(),
        ..ImportRevisionRequest::default()
    };
    let revision = folkmoot.spec.import_revision(import).await.map_err(told)?.into_inner();
    say::result(
        "Revision",
        &format!("{} with {} clauses, text {}", revision.name, revision.clause_count, short(&revision.text_hash)),
    );
    for warning in revision.warnings.iter().take(3) {
        say::result("Warning", &format!("line {}: {}", warning.line, warning.message));
    }
    Ok(())
}

async fn design_round(material: &Material, folkmoot: &mut Folkmoot) -> anyhow::Result<()> {
    say::step(
        2,
        "A round",
        "Questions about that revision, each bound to the clauses it is about, and what the text itself says on them.",
    );
    let round = Round {
        title: material.title.clone(),
        description: format!("A demonstration by {}.", material.publisher),
        spec_revision: BASE.into(),
        simulated: material.simulated,
        ..Round::default()
    };
    let create = CreateRoundRequest { round_id: "demo".into(), round: Some(round), request_id: String::new() };
    folkmoot.survey.create_round(create).await.map_err(told)?;
    let requests = material.items.iter().map(|item| CreateItemRequest {
        item_id: item.id.clone(),
        item: Some(wire::item(item)),
        ..CreateItemRequest::default()
    });
    let create =
        BatchCreateItemsRequest { parent: ROUND.into(), requests: requests.collect(), request_id: String::new() };
    folkmoot.survey.batch_create_items(create).await.map_err(told)?;

    let positions: Vec<CreatePositionRequest> = material.items.iter().filter_map(position).collect();
    let stated = positions.len();
    if stated > 0 {
        let create =
            BatchCreatePositionsRequest { parent: BASE.into(), requests: positions, request_id: String::new() };
        folkmoot.spec.batch_create_positions(create).await.map_err(told)?;
    }
    folkmoot
        .survey
        .open_round(OpenRoundRequest { name: ROUND.into(), ..OpenRoundRequest::default() })
        .await
        .map_err(told)?;
    say::result("Items", &format!("{} ({} with a position of the spec)", material.items.len(), stated));
    Ok(())
}

fn position(item: &folkmoot_core::Item) -> Option<CreatePositionRequest> {
    let position = Position {
        item: format!("{ROUND}/items/{}", item.id),
        answer: item.position.clone()?,
        clauses: item.clauses.clone(),
        source: PositionSource::Import.into(),
        derived_by: "the items file".into(),
        ..Position::default()
    };
    let position_id = item.id.replace('/', "~");
    Some(CreatePositionRequest { position_id, position: Some(position), ..CreatePositionRequest::default() })
}

async fn collect(
    submissions: Box<dyn Iterator<Item = SubmitResponsesRequest> + Send>,
    expected: Option<u64>,
    material: &Material,
    folkmoot: &mut Folkmoot,
) -> anyhow::Result<()> {
    let who = if material.simulated { "SIMULATED people" } else { "People's answers" };
    say::step(
        3,
        "Answers",
        &format!(
            "{who}, sent over the same gRPC stream a survey provider would use; acknowledged once synced to disk."
        ),
    );
    let addressed = submissions.map(|submission| SubmitResponsesRequest { round: ROUND.into(), ..submission });
    let sent = ingest(&mut folkmoot.responses, addressed, |_| {}).await?;
    if let Some(first) = sent.rejections.first() {
        let message = first.status.as_ref().map_or("", |status| status.message.as_str());
        say::result(
            "Refused",
            &format!("{} submissions; the first (number {}): {message}", sent.rejections.len(), first.sequence),
        );
    }
    folkmoot
        .survey
        .close_round(CloseRoundRequest { name: ROUND.into(), ..CloseRoundRequest::default() })
        .await
        .map_err(told)?;
    let round = folkmoot.survey.get_round(GetRoundRequest { name: ROUND.into() }).await.map_err(told)?.into_inner();
    let of = expected.map_or(String::new(), |expected| format!(" of {expected}"));
    say::result(
        "Collected",
        &format!("{} answers from {}{of} participants", round.response_count, round.participant_count),
    );
    if round.response_count == 0 {
        bail!("no answer was accepted");
    }
    Ok(())
}

async fn seal(folkmoot: &mut Folkmoot) -> anyhow::Result<Snapshot> {
    say::step(
        4,
        "Snapshot",
        "The answers are frozen under the hash of their content: the same answers give the same name, in any order, on any machine.",
    );
    let seal = SealSnapshotRequest { name: ROUND.into(), request_id: String::new() };
    let started = folkmoot.survey.seal_snapshot(seal).await.map_err(told)?.into_inner();
    let snapshot: Snapshot = folkmoot.finish(started, |_: &SealSnapshotMetadata| {}).await?;
    say::result("Snapshot", &snapshot.name);
    Ok(snapshot)
}

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
    let vote = |words, method, by| Question { words, method, view: "personal", by, replicates: 0, kinds: VOTES };
    let mut list = Vec::new();
    if positioned(RANKINGS) {
        list.push(ranking("how far people agree with the spec", "agreement", true, REPLICATES));
        list.push(ranking("where they differ beyond noise", "disagreement", true, 0));
    }
    if asked(RANKINGS) {
        list.push(ranking("which answer they put first", "borda", false, 0));
        list.push(ranking("which answer beats which", "schulze", false, 0));
    }
    if asked(VOTES) {
        list.push(vote("how many agree with each statement", "shares", true));
        list.push(vote("which groups of opinion there are", "opinion-groups", false));
        list.push(vote("what all groups agree on", "group-consensus", false));
    }
    if positioned(VOTES) {
        list.push(vote("where votes differ from the spec", "disagreement", true));
    }
    list
}

async fn analyse(material: &Material, snapshot: &Snapshot, folkmoot: &mut Folkmoot) -> anyhow::Result<Vec<Analysis>> {
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

async fn derive_findings(analyses: &[Analysis], folkmoot: &mut Folkmoot) -> anyhow::Result<Vec<Finding>> {
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
async fn propose_and_decide(
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

fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Adopted => "adopted",
        Outcome::Deferred => "deferred",
        Outcome::SetAsideOnPrinciple => "set aside on principle",
        Outcome::SetAsideForFeasibility => "set aside for feasibility",
        Outcome::Unspecified => "undecided",
    }
}

async fn adopt(anything: bool, folkmoot: &mut Folkmoot) -> anyhow::Result<Option<String>> {
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
    let diff = DiffRevisionsRequest { from: BASE.into(), to: NEXT.into() };
    let diff = folkmoot.spec.diff_revisions(diff).await.map_err(told)?.into_inner();
    let changed: Vec<&str> = diff.changes.iter().map(|change| change.anchor.as_str()).collect();
    say::result("Revision", &format!("{}; changed clauses: {}", revision.name, changed.join(", ")));
    Ok(Some(revision.name))
}

async fn publish(
    material: &Material,
    snapshot: &Snapshot,
    revision: Option<&str>,
    folder: &Path,
    folkmoot: &mut Folkmoot,
) -> anyhow::Result<PathBuf> {
    say::step(
        9,
        "Release",
        "Dataset, figures, spec changes, decisions and checksums in one folder that needs no Folkmoot to be read.",
    );
    let build = BuildReleaseRequest {
        release_id: "demo".into(),
        snapshot: snapshot.name.clone(),
        new_revision: revision.unwrap_or_default().into(),
        include_words: material.words,
        publisher: material.publisher.clone(),
        ..BuildReleaseRequest::default()
    };
    let started = folkmoot.release.build_release(build).await.map_err(told)?.into_inner();
    let release: Release = folkmoot.finish(started, |_: &BuildReleaseMetadata| {}).await?;
    let request = DownloadReleaseRequest { name: release.name.clone() };
    let files = folkmoot.release.download_release(request).await.map_err(told)?.into_inner();
    let target = folder.join("release");
    let written = download(files, &target).await?;
    say::result("Files", &format!("{} files, {} kB", written.len(), release.size_bytes / 1000));
    Ok(target)
}

fn verify(release: &Path) -> anyhow::Result<()> {
    say::step(
        10,
        "Verification",
        "Anybody can do this offline: every figure is computed again from the released answers.",
    );
    let verification = folkmoot_release::verify(release)?;
    for check in &verification.checks {
        say::result(&check.outcome.to_string(), &format!("{}: {}", check.name, ellipsis(&check.detail, 110)));
    }
    if !verification.passed() {
        bail!("the release does not verify");
    }
    Ok(())
}

async fn trace(revision: &str, anchor: &str, folkmoot: &mut Folkmoot) -> anyhow::Result<()> {
    let why = format!("Why does the clause `{anchor}` read as it does? Back from the text to the people.");
    say::step(11, "Trace", &why);
    let request = TraceClauseRequest { name: format!("{revision}/clauses/{anchor}") };
    let trace = folkmoot.spec.trace_clause(request).await.map_err(told)?.into_inner();
    for step in trace.steps {
        let name = step.revision.map(|revision| revision.name).unwrap_or_default();
        say::result("revision", &name);
        if let Some(decision) = step.decision {
            say::result("decision", &format!("{}: {}", outcome_words(decision.outcome()), decision.reason));
        }
        if let Some(proposal) = step.proposal {
            say::result("proposal", &proposal.title);
        }
        for finding in step.findings {
            say::result("finding", &ellipsis(&finding.summary, 150));
            say::result("result", &finding.result);
            say::result("snapshot", &finding.snapshot);
        }
    }
    Ok(())
}

/// What a call answered, with all its violations in the words.
fn told(status: Status) -> Fault {
    let mut fault = folkmoot_rpc::fault(&status);
    for violation in fault.violations.iter().skip(1) {
        fault.message.push_str(&format!("\n  {}: {}", violation.field, violation.message));
    }
    fault
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
