//! What a run leaves: a result named by its hash, verified and compared.

use std::ops::ControlFlow;

use folkmoot_aggregation::parameters;
use folkmoot_aggregation::store::SCHEMA;
use folkmoot_core::canonical;
use folkmoot_database::{Database, Place};
use folkmoot_engine::{PUBLIC_THRESHOLD, Quality, RunSpec, Weighting};
use folkmoot_proto::aggregation::*;
use folkmoot_proto::spec::Position;
use folkmoot_rpc::request;
use prost_types::Timestamp;
use serde_json::json;
use tonic::Code;

use crate::common::*;

#[tokio::test]
async fn a_result_is_what_the_engine_finds_and_is_named_by_its_hash() {
    let (world, sealed, spec) = with_snapshot(&crowd(40)).await;
    let spec = AnalysisSpec { by: "region".into(), seed: 7, replicates: 20, ..spec };
    let analysis = world.run(spec.clone()).await.unwrap();
    assert_eq!(analysis.state(), AnalysisState::Succeeded);

    let run = RunSpec {
        method: "borda".into(),
        params: parameters("spec.parameters", &spec.parameters.unwrap_or_default()).unwrap(),
        seed: 7,
        by: Some("region".into()),
        replicates: 20,
        suppress_below: PUBLIC_THRESHOLD,
        ..RunSpec::default()
    };
    let direct = folkmoot_engine::run(&sealed, &run, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(analysis.result, format!("{}/results/{}", analysis.name, direct.hash()));

    let mut client = world.client.clone();
    let ask = GetResultRequest { name: analysis.result.clone() };
    let result = client.get_result(request(TENANT, ask)).await.unwrap().into_inner();
    assert_eq!(result.json, canonical::json(&direct));
    assert_eq!(result.class(), ResultClass::Public);
    assert_eq!(result.method_version, direct.method.version);
    let ask = GetResultRequest { name: format!("analyses/-/results/{}", direct.hash()) };
    assert_eq!(client.get_result(request(TENANT, ask)).await.unwrap().into_inner(), result);

    let ask = VerifyResultRequest { name: analysis.result.clone() };
    let verified = client.verify_result(request(TENANT, ask)).await.unwrap().into_inner();
    assert_eq!(verified, VerifyResultResponse { verified: true, recomputed: direct.hash().to_string() });
}

#[tokio::test]
async fn weights_and_flags_reach_the_run_and_are_refused_where_they_stand() {
    let (world, sealed, spec) = with_snapshot(&crowd(40)).await;
    let shares = [("north".to_owned(), 0.25), ("south".to_owned(), 0.75)];
    let object = |value: serde_json::Value| Some(folkmoot_aggregation::structure(&value));
    let weighted = AnalysisSpec {
        targets: [("region".to_owned(), Targets { shares: shares.clone().into() })].into(),
        weighting: object(json!({"method": "poststratify"})),
        quality: object(json!({"duplicates": {"answers": 2}})),
        ..spec.clone()
    };
    let analysis = world.run(weighted.clone()).await.unwrap();
    let run = RunSpec {
        method: "borda".into(),
        targets: [("region".to_owned(), shares.into())].into(),
        weighting: Weighting::read(&json!({"method": "poststratify"})).ok(),
        quality: Quality::read(&json!({"duplicates": {"answers": 2}})).ok(),
        suppress_below: PUBLIC_THRESHOLD,
        ..RunSpec::default()
    };
    let direct = folkmoot_engine::run(&sealed, &run, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(direct.report.table("orders_without_flagged").is_some());
    assert_eq!(analysis.result, format!("{}/results/{}", analysis.name, direct.hash()));
    let kept = analysis.spec.unwrap();
    assert_eq!((kept.targets, kept.weighting.is_some()), (weighted.targets.clone(), true));

    let bad = AnalysisSpec {
        cells: vec![CellTargets {
            attributes: vec!["age".into()],
            cells: vec![CellTarget { values: vec![], share: 2.0 }],
        }],
        weighting: object(json!({"method": "rake", "trim": 0, "x": 1})),
        quality: object(json!({"straight_lining": {"answers": 1}})),
        ..spec.clone()
    };
    let refused = world.begin(bad, "").await.unwrap_err();
    let fields = [
        "spec.cells[0].cells[0].values",
        "spec.cells[0].cells[0].share",
        "spec.weighting/trim",
        "spec.weighting/x",
        "spec.quality/straight_lining/answers",
    ];
    assert_eq!(refusal(&refused), (Code::InvalidArgument, "BAD_FIELD".into(), fields.map(str::to_owned).into()));
    let nobody = Targets { shares: [("north".to_owned(), 0.5), ("west".to_owned(), 0.5)].into() };
    let failed = AnalysisSpec { targets: [("region".to_owned(), nobody)].into(), ..spec };
    assert_eq!(world.run(failed).await.unwrap_err(), (Code::InvalidArgument, "WEIGHTING_FAILED".into()));
}

#[tokio::test]
async fn a_result_with_small_cells_is_for_auditors() {
    let (world, _, spec) = with_snapshot(&crowd(40)).await;
    let mut client = world.client.clone();
    let mut check = async |suppress_below: Option<u32>, want: ResultClass, suppressed: bool| {
        let spec = AnalysisSpec { by: "region".into(), suppress_below, ..spec.clone() };
        let analysis = world.run(spec).await.unwrap();
        assert_eq!(analysis.spec.unwrap().suppress_below, Some(suppress_below.unwrap_or(PUBLIC_THRESHOLD)));
        let ask = GetResultRequest { name: analysis.result.clone() };
        let result = client.get_result(request(TENANT, ask)).await.unwrap().into_inner();
        assert_eq!(result.class(), want, "{suppress_below:?}");
        assert_eq!(result.json.contains("\"suppressed\""), suppressed, "{suppress_below:?}");
        let ask = VerifyResultRequest { name: analysis.result };
        assert!(client.verify_result(request(TENANT, ask)).await.unwrap().into_inner().verified);
    };
    check(None, ResultClass::Public, false).await;
    check(Some(30), ResultClass::Public, true).await;
    check(Some(9), ResultClass::Auditor, false).await;
    check(Some(0), ResultClass::Auditor, false).await;
}

#[tokio::test]
async fn the_same_run_gives_the_same_result_and_another_seed_differs_where_it_says() {
    let (world, _, spec) = with_snapshot(&crowd(30)).await;
    let first = world.run(spec.clone()).await.unwrap();
    let again = world.run(spec.clone()).await.unwrap();
    assert_ne!(first.name, again.name);
    let hash = |analysis: &Analysis| analysis.result.rsplit('/').next().unwrap().to_owned();
    assert_eq!(hash(&first), hash(&again));
    let other = world.run(AnalysisSpec { seed: 8, ..spec }).await.unwrap();

    let mut client = world.client.clone();
    let mut compare = async |right: &Analysis| {
        let ask = CompareResultsRequest { left: first.result.clone(), right: right.result.clone() };
        client.compare_results(request(TENANT, ask)).await.unwrap().into_inner()
    };
    assert_eq!(compare(&again).await, CompareResultsResponse { identical: true, differences: vec![] });
    let differs = compare(&other).await;
    assert!(!differs.identical);
    let seed = Difference { path: "/seed".into(), left: "0".into(), right: "8".into() };
    assert!(differs.differences.contains(&seed), "{differs:?}");
}

#[tokio::test]
async fn a_stored_result_that_was_changed_is_found_out() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    let analysis = world.run(spec).await.unwrap();
    let place = Place::Folder(world.folder.path().to_owned());
    let database = Database::open(&place, &SCHEMA).await.unwrap();
    let change = "UPDATE contents SET json = CAST(replace(CAST(json AS TEXT), 'borda', 'bordb') AS BLOB)";
    database.execute(change, &[]).await.unwrap();

    let mut client = world.client.clone();
    let ask = GetResultRequest { name: analysis.result.clone() };
    let refused = client.get_result(request(TENANT, ask)).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::DataLoss, "DATA_CORRUPT".into(), vec![]));
    let ask = VerifyResultRequest { name: analysis.result.clone() };
    let verified = client.verify_result(request(TENANT, ask)).await.unwrap().into_inner();
    assert!(!verified.verified);
    assert!(analysis.result.ends_with(&verified.recomputed), "what is recomputed is what was first found");
}

#[tokio::test]
async fn the_newest_positions_of_a_revision_fill_what_the_caller_left_out() {
    let (world, sealed, spec) = with_snapshot(&crowd(60)).await;
    let position =
        |item: &str, answer: &str| Position { item: item.to_owned(), answer: answer.to_owned(), ..Position::default() };
    *world.peers.positions.lock().unwrap() = vec![
        Position { create_time: Some(Timestamp { seconds: 2, nanos: 0 }), ..position("rounds/r/items/q1", "A>B>C>D") },
        Position { create_time: Some(Timestamp { seconds: 1, nanos: 9 }), ..position("rounds/r/items/q1", "D>C>B>A") },
        position("rounds/r/items/q2", "D>C>B>A"),
        position("rounds/other/items/q1", "D>A"),
    ];
    let positions_of = "specs/s/revisions/1".to_owned();
    let given = [("q2".to_owned(), "B>A=C>D".to_owned())];
    let spec = AnalysisSpec {
        method: "agreement".into(),
        positions: given.into(),
        positions_of: positions_of.clone(),
        ..spec
    };
    let analysis = world.run(spec).await.unwrap();
    let stored = analysis.spec.unwrap();
    let want = [("q1".to_owned(), "A>B>C>D".to_owned()), ("q2".to_owned(), "B>A=C>D".to_owned())];
    assert_eq!(stored.positions, want.clone().into());
    assert_eq!(stored.positions_of, positions_of);

    let run = RunSpec {
        method: "agreement".into(),
        positions: want.into(),
        suppress_below: PUBLIC_THRESHOLD,
        ..RunSpec::default()
    };
    let direct = folkmoot_engine::run(&sealed, &run, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(analysis.result.ends_with(&direct.hash().to_string()));
}
