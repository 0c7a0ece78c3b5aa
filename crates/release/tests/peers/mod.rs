//! The calls that the release service makes to its peers, over the wire.

use std::future::ready;
use std::path::PathBuf;

use axum::Router;
use axum::extract::Request as HttpRequest;
use axum::routing::post;
use folkmoot_core::{Fault, Sha256Hash};
use folkmoot_proto::{aggregation, plugin, spec, survey};
use folkmoot_release::Material;
use folkmoot_rpc::status;
use tonic::server::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::service_fn;

use crate::common::{BASE, NEW};

/// The tenant that has the round.
pub(crate) const TENANT: &str = "city";

/// Adds one unary call; another tenant has nothing.
fn unary<Ask, Answer>(
    router: Router,
    path: &str,
    answer: impl Fn(Ask) -> Answer + Clone + Send + Sync + 'static,
) -> Router
where
    Ask: prost::Message + Default + Send + 'static,
    Answer: prost::Message + Default + Send + 'static,
{
    let handler = async move |http: HttpRequest| {
        let call = service_fn(|ask: Request<Ask>| {
            ready(match folkmoot_rpc::tenant(&ask) {
                Ok(tenant) if tenant == TENANT => Ok(Response::new(answer(ask.into_inner()))),
                _ => Err(status(Fault::not_found("it"))),
            })
        });
        Grpc::new(ProstCodec::<Answer, Ask>::default()).unary(call, http).await
    };
    router.route(path, post(handler))
}

/// As the service would say it.
fn class(json: &str) -> aggregation::ResultClass {
    let result: folkmoot_engine::RunResult = serde_json::from_str(json).unwrap();
    if result.is_public() { aggregation::ResultClass::Public } else { aggregation::ResultClass::Auditor }
}

/// Peers that know the round of `material`.
pub(crate) async fn serve(material: Material) -> Channel {
    let round = survey::Round {
        name: "rounds/r1".into(),
        title: material.round.title.clone(),
        spec_revision: "specs/s/revisions/v1".into(),
        ..Default::default()
    };
    let results: Vec<aggregation::Result> = material
        .results
        .iter()
        .map(|result| aggregation::Result {
            name: result.name.clone(),
            snapshot: material.snapshot_name.clone(),
            json: result.json.clone(),
            class: class(&result.json).into(),
            ..Default::default()
        })
        .collect();
    let finding = spec::Finding {
        name: "specs/s/findings/f1".into(),
        item: "rounds/r1/items/greeting".into(),
        class: spec::FindingClass::ConsensusAgainst.into(),
        result: material.results[0].name.clone(),
        snapshot: material.snapshot_name.clone(),
        ..Default::default()
    };
    let foreign =
        spec::Finding { name: "specs/s/findings/f0".into(), result: "analyses/a0/results/0".into(), ..finding.clone() };
    let proposal = spec::Proposal {
        name: "specs/s/proposals/kind".into(),
        title: "be kind".into(),
        state: spec::ProposalState::Applied.into(),
        findings: vec![finding.name.clone()],
        decision: "specs/s/decisions/kind".into(),
        applied_in: "specs/s/revisions/v2".into(),
        ..Default::default()
    };
    let decision = spec::Decision {
        name: proposal.decision.clone(),
        proposal: proposal.name.clone(),
        outcome: spec::Outcome::Adopted.into(),
        reason: "people asked for it".into(),
        deciders: vec!["the board".into()],
        ..Default::default()
    };
    let trace = spec::TraceStep {
        revision: Some(revision("specs/s/revisions/v2")),
        change: Some(spec::ClauseChange { kinds: vec!["changed".into()], ..Default::default() }),
        proposal: Some(proposal.clone()),
        decision: Some(decision.clone()),
        findings: vec![finding.clone()],
    };

    let survey_path = |method: &str| format!("/folkmoot.survey.v1.SurveyService/{method}");
    let spec_path = |method: &str| format!("/folkmoot.spec.v1.SpecService/{method}");
    let aggregation_path = |method: &str| format!("/folkmoot.aggregation.v1.AggregationService/{method}");
    let mut router = Router::new();
    router = unary(router, &survey_path("GetRound"), move |_: survey::GetRoundRequest| round.clone());
    router = unary(router, &survey_path("GetSnapshot"), |ask: survey::GetSnapshotRequest| survey::Snapshot {
        name: ask.name,
        ..Default::default()
    });
    let files = material.snapshot.files();
    let handler = async move |http: HttpRequest| {
        let call = service_fn(|_: Request<survey::ReadSnapshotRequest>| {
            let stream = tokio_stream::iter(pieces(&files));
            ready(Ok::<_, Status>(Response::new(stream)))
        });
        let codec = ProstCodec::<survey::ReadSnapshotResponse, survey::ReadSnapshotRequest>::default();
        Grpc::new(codec).server_streaming(call, http).await
    };
    router = router.route(&survey_path("ReadSnapshot"), post(handler));
    // Newest first, one analysis a page; one of them failed, and another snapshot has others.
    let ran = results.iter().map(|result| result.name.clone());
    let analyses: Vec<String> = std::iter::once(String::new()).chain(ran).collect();
    let snapshot = material.snapshot_name.clone();
    router = unary(router, &aggregation_path("ListAnalyses"), move |ask: aggregation::ListAnalysesRequest| {
        if ask.snapshot != snapshot {
            return aggregation::ListAnalysesResponse::default();
        }
        let place: usize = if ask.page_token.is_empty() { 0 } else { ask.page_token.parse().unwrap() };
        let mut newest_first = analyses.iter().rev().skip(place);
        let analysis = |result: &String| aggregation::Analysis { result: result.clone(), ..Default::default() };
        let analyses = newest_first.next().map(analysis).into_iter().collect();
        let next_page_token = newest_first.next().map(|_| (place + 1).to_string()).unwrap_or_default();
        aggregation::ListAnalysesResponse { analyses, next_page_token }
    });
    router = unary(router, &aggregation_path("GetResult"), move |ask: aggregation::GetResultRequest| {
        results.iter().find(|result| result.name == ask.name).cloned().unwrap_or_default()
    });
    let plugin_path = |method: &str| format!("/folkmoot.plugin.v1.PluginService/{method}");
    let plugins = material.plugins.clone();
    router = unary(router, &plugin_path("GetPlugin"), move |ask: plugin::GetPluginRequest| {
        let known = plugins.iter().find(|plugin| ask.name == format!("plugins/{}", plugin.hash)).unwrap();
        let (public_key, signature) =
            known.signature.as_ref().map(|s| (bytes(&s.public_key), bytes(&s.signature))).unwrap();
        plugin::Plugin {
            method: Some(aggregation::Method { title: known.words.title.clone(), ..Default::default() }),
            name: ask.name,
            world_version: known.world.clone(),
            size_bytes: std::fs::metadata(&known.file).unwrap().len() as i64,
            signature,
            public_key,
            ..Default::default()
        }
    });
    let plugins = material.plugins.clone();
    let handler = async move |http: HttpRequest| {
        let call = service_fn(|ask: Request<plugin::ReadPluginRequest>| {
            let name = ask.into_inner().name;
            let known = plugins.iter().find(|plugin| name == format!("plugins/{}", plugin.hash)).unwrap();
            let file = format!("{}.wasm", known.hash);
            let read = std::fs::read(&known.file).unwrap();
            let piece = |data: &[u8]| Ok(plugin::ReadPluginResponse { file: file.clone(), data: data.to_vec() });
            let pieces: Vec<Result<_, Status>> = read.chunks(1000).map(piece).collect();
            ready(Ok::<_, Status>(Response::new(tokio_stream::iter(pieces))))
        });
        let codec = ProstCodec::<plugin::ReadPluginResponse, plugin::ReadPluginRequest>::default();
        Grpc::new(codec).server_streaming(call, http).await
    };
    router = router.route(&plugin_path("ReadPlugin"), post(handler));
    router = unary(router, &spec_path("GetSpec"), |ask: spec::GetSpecRequest| spec::Spec {
        name: ask.name,
        title: "Charter".into(),
        ..Default::default()
    });
    router = unary(router, &spec_path("GetRevision"), |ask: spec::GetRevisionRequest| revision(&ask.name));
    router = unary(router, &spec_path("ListPositions"), |_: spec::ListPositionsRequest| {
        spec::ListPositionsResponse::default()
    });
    router = unary(router, &spec_path("ListFindings"), move |_: spec::ListFindingsRequest| {
        let findings = vec![finding.clone(), foreign.clone()];
        spec::ListFindingsResponse { findings, ..Default::default() }
    });
    router = unary(router, &spec_path("ListProposals"), move |_: spec::ListProposalsRequest| {
        spec::ListProposalsResponse { proposals: vec![proposal.clone()], ..Default::default() }
    });
    router = unary(router, &spec_path("ListDecisions"), move |_: spec::ListDecisionsRequest| {
        spec::ListDecisionsResponse { decisions: vec![decision.clone()], ..Default::default() }
    });
    router = unary(router, &spec_path("TraceClause"), move |_: spec::TraceClauseRequest| spec::TraceClauseResponse {
        steps: vec![trace.clone()],
        ..Default::default()
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    Endpoint::try_from(format!("http://{address}")).unwrap().connect_lazy()
}

fn revision(name: &str) -> spec::Revision {
    let is_new = name.ends_with("v2");
    let source = if is_new { NEW } else { BASE };
    spec::Revision {
        name: name.to_owned(),
        source: source.into(),
        text_hash: Sha256Hash::of(source.as_bytes()).to_string(),
        proposals: if is_new { vec!["specs/s/proposals/kind".into()] } else { Vec::new() },
        ..Default::default()
    }
}

fn bytes(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2).map(|place| u8::from_str_radix(&digits[2 * place..2 * place + 2], 16).unwrap()).collect()
}

fn pieces(files: &[PathBuf]) -> Vec<Result<survey::ReadSnapshotResponse, Status>> {
    let mut pieces = Vec::new();
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for data in std::fs::read(file).unwrap().chunks(1000) {
            pieces.push(Ok(survey::ReadSnapshotResponse { file: name.clone(), data: data.to_vec() }));
        }
    }
    pieces
}
