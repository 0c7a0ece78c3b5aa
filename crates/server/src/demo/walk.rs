//! The path itself, over gRPC: spec, round, answers, snapshot; then what is decided and published.

use std::path::{Path, PathBuf};

use anyhow::bail;
use folkmoot_client::{Folkmoot, ingest, wire};
use folkmoot_core::Fault;
use folkmoot_proto::response::SubmitResponsesRequest;
use folkmoot_proto::spec::{
    BatchCreatePositionsRequest, CreatePositionRequest, CreateSpecRequest, ImportRevisionRequest, Position,
    PositionSource, Spec,
};
use folkmoot_proto::survey::{
    BatchCreateItemsRequest, CloseRoundRequest, CreateItemRequest, CreateRoundRequest, GetRoundRequest,
    OpenRoundRequest, Round, SealSnapshotMetadata, SealSnapshotRequest, Snapshot,
};
use tonic::Status;

use super::decide::{adopt, analyse, derive_findings, propose_and_decide};
use super::material::Material;
use super::publish::{publish, trace, verify};
use super::say;

pub(super) const SPEC: &str = "specs/demo";
pub(super) const BASE: &str = "specs/demo/revisions/1";
const ROUND: &str = "rounds/demo";

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

/// What a call answered, with all its violations in the words.
pub(super) fn told(status: Status) -> Fault {
    let mut fault = folkmoot_rpc::fault(&status);
    for violation in fault.violations.iter().skip(1) {
        fault.message.push_str(&format!("\n  {}: {}", violation.field, violation.message));
    }
    fault
}

pub(super) fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
