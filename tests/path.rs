//! The steps of the path, over gRPC. A step that is refused panics with the server's words.

use std::collections::BTreeMap;

use folkmoot_client::{Folkmoot, ingest, wire};
use folkmoot_core::{Item, View};
use folkmoot_formats::Import;
use folkmoot_proto::aggregation::{Analysis, AnalysisSpec, GetResultRequest, RunAnalysisMetadata, RunAnalysisRequest};
use folkmoot_proto::release::{BuildReleaseMetadata, BuildReleaseRequest, Release};
use folkmoot_proto::response::SubmitResponsesRequest;
use folkmoot_proto::spec::{
    BatchCreatePositionsRequest, CreatePositionRequest, CreateSpecRequest, ImportRevisionRequest, Position,
    PositionSource, Revision, Spec,
};
use folkmoot_proto::survey::{
    BatchCreateItemsRequest, CloseRoundRequest, CreateItemRequest, CreateRoundRequest, OpenRoundRequest, Round,
    SealSnapshotMetadata, SealSnapshotRequest, Snapshot,
};
use folkmoot_simulate::Plan;
use serde_json::Value;

/// Creates `specs/{spec}`.
pub async fn create_spec(folkmoot: &Folkmoot, spec: &str) {
    let create = CreateSpecRequest {
        spec_id: spec.into(),
        spec: Some(Spec { title: format!("The spec {spec}"), ..Spec::default() }),
        request_id: String::new(),
    };
    folkmoot.spec.clone().create_spec(create).await.expect("the spec is created");
}

/// Imports `source` as the next revision of `specs/{spec}`.
pub async fn import_revision(folkmoot: &Folkmoot, spec: &str, revision: &str, source: &[u8]) -> Revision {
    let import = ImportRevisionRequest {
        parent: format!("specs/{spec}"),
        revision_id: revision.into(),
        source: source.to_vec(),
        ..ImportRevisionRequest::default()
    };
    folkmoot.spec.clone().import_revision(import).await.expect("the revision is imported").into_inner()
}

/// Creates and opens `rounds/{id}` on `revision`, with the items and the positions they carry.
pub async fn open_round(folkmoot: &Folkmoot, id: &str, revision: &str, items: &[Item], simulated: bool) {
    let mut survey = folkmoot.survey.clone();
    let round =
        Round { title: format!("The round {id}"), spec_revision: revision.into(), simulated, ..Round::default() };
    let create = CreateRoundRequest { round_id: id.into(), round: Some(round), request_id: String::new() };
    let name = survey.create_round(create).await.expect("the round is created").into_inner().name;
    let requests = items.iter().map(|item| CreateItemRequest {
        item_id: item.id.clone(),
        item: Some(wire::item(item)),
        ..CreateItemRequest::default()
    });
    let create =
        BatchCreateItemsRequest { parent: name.clone(), requests: requests.collect(), request_id: String::new() };
    survey.batch_create_items(create).await.expect("the items are created");

    let stated = items.iter().filter_map(|item| {
        let position = Position {
            item: format!("{name}/items/{}", item.id),
            answer: item.position.clone()?,
            clauses: item.clauses.clone(),
            source: PositionSource::Expert.into(),
            derived_by: "a test".into(),
            ..Position::default()
        };
        Some(CreatePositionRequest { position: Some(position), ..CreatePositionRequest::default() })
    });
    let requests: Vec<_> = stated.collect();
    if !requests.is_empty() {
        let create = BatchCreatePositionsRequest { parent: revision.into(), requests, request_id: String::new() };
        folkmoot.spec.clone().batch_create_positions(create).await.expect("the positions are stated");
    }
    let open = OpenRoundRequest { name, ..OpenRoundRequest::default() };
    survey.open_round(open).await.expect("the round opens");
}

/// The submissions of a file or folder, one a participant.
pub fn submissions_of(import: Import) -> Vec<SubmitResponsesRequest> {
    let items: BTreeMap<&str, &Item> = import.items.iter().map(|item| (item.id.as_str(), item)).collect();
    let empty = import.participants.iter().map(|participant| {
        let submission = SubmitResponsesRequest {
            participant: participant.id.clone(),
            request_id: participant.id.clone(),
            attributes: participant.attributes.clone(),
            ..SubmitResponsesRequest::default()
        };
        (participant.id.clone(), submission)
    });
    let mut by_participant: BTreeMap<String, SubmitResponsesRequest> = empty.collect();
    for row in import.rows {
        let row = row.expect("the row is kept");
        let answer = wire::answer(items[row.item.as_str()], row.view, &row.answer, None, None, row.weight);
        by_participant.get_mut(&row.participant).expect("the participant is known").answers.push(answer);
    }
    by_participant.into_values().filter(|submission| !submission.answers.is_empty()).collect()
}

/// The submissions of a simulated public.
pub fn simulated(plan: &Plan) -> Vec<SubmitResponsesRequest> {
    let submission = |participant: folkmoot_simulate::SimulatedParticipant| {
        let answers = participant.answers.iter().map(|given| {
            wire::answer(&plan.items[given.item], given.view, &given.answer, given.rationale.as_deref(), None, None)
        });
        SubmitResponsesRequest {
            request_id: participant.id.clone(),
            answers: answers.collect(),
            attributes: participant.attributes,
            participant: participant.id,
            ..SubmitResponsesRequest::default()
        }
    };
    plan.participants(0..plan.participants).map(submission).collect()
}

/// Sends every submission to the round over the ingest stream; none may be refused.
pub async fn collect(folkmoot: &Folkmoot, round: &str, submissions: Vec<SubmitResponsesRequest>) -> u64 {
    let name = format!("rounds/{round}");
    let addressed: Vec<_> = submissions
        .into_iter()
        .map(|submission| SubmitResponsesRequest { round: name.clone(), ..submission })
        .collect();
    let sent = ingest(&mut folkmoot.responses.clone(), addressed, |_| {}).await.expect("the stream is taken");
    assert!(sent.rejections.is_empty(), "refused: {:?}", sent.rejections.first());
    sent.accepted
}

/// Closes and seals the round.
pub async fn seal(folkmoot: &Folkmoot, round: &str) -> Snapshot {
    let name = format!("rounds/{round}");
    let mut survey = folkmoot.survey.clone();
    let close = CloseRoundRequest { name: name.clone(), ..CloseRoundRequest::default() };
    survey.close_round(close).await.expect("the round closes");
    let seal = SealSnapshotRequest { name, request_id: String::new() };
    let started = survey.seal_snapshot(seal).await.expect("sealing starts").into_inner();
    folkmoot.finish(started, |_: &SealSnapshotMetadata| {}).await.expect("the round is sealed")
}

/// What to analyse: everything but the snapshot.
pub fn question(method: &str, view: View, by: &str, items: &[Item]) -> AnalysisSpec {
    AnalysisSpec {
        method: method.into(),
        view: view.name().into(),
        by: by.into(),
        seed: 1,
        items: items.iter().map(|item| item.id.clone()).collect(),
        ..AnalysisSpec::default()
    }
}

/// Runs an analysis and returns its result's name and JSON.
pub async fn analyse(folkmoot: &Folkmoot, snapshot: &Snapshot, question: AnalysisSpec) -> (String, Value) {
    let mut aggregation = folkmoot.aggregation.clone();
    let method = question.method.clone();
    let spec = AnalysisSpec { snapshot: snapshot.name.clone(), ..question };
    let run = RunAnalysisRequest { spec: Some(spec), ..RunAnalysisRequest::default() };
    let started = aggregation.run_analysis(run).await.expect("the analysis starts").into_inner();
    let finished: Analysis = match folkmoot.finish(started, |_: &RunAnalysisMetadata| {}).await {
        Ok(analysis) => analysis,
        Err(fault) => panic!("{method}: {fault}"),
    };
    let get = GetResultRequest { name: finished.result.clone() };
    let result = aggregation.get_result(get).await.expect("the result is there").into_inner();
    (finished.result, serde_json::from_str(&result.json).expect("the result is JSON"))
}

/// Builds `releases/{id}`.
pub async fn release(folkmoot: &Folkmoot, id: &str, snapshot: &Snapshot, new_revision: &str) -> Release {
    let build = BuildReleaseRequest {
        release_id: id.into(),
        snapshot: snapshot.name.clone(),
        new_revision: new_revision.into(),
        publisher: "a test".into(),
        ..BuildReleaseRequest::default()
    };
    let started = folkmoot.release.clone().build_release(build).await.expect("the release starts").into_inner();
    folkmoot.finish(started, |_: &BuildReleaseMetadata| {}).await.expect("the release is built")
}
