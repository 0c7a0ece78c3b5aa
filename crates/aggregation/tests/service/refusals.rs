//! What is refused, when, and with which words for programs.

use std::sync::atomic::Ordering;

use folkmoot_core::Sha256Hash;
use folkmoot_proto::aggregation::*;
use folkmoot_rpc::request;
use tonic::Code;

use crate::common::*;

fn number(name: &str, number: f64) -> (String, prost_types::Value) {
    (name.to_owned(), prost_types::Value { kind: Some(prost_types::value::Kind::NumberValue(number)) })
}

#[tokio::test]
async fn bad_requests_are_refused_at_once_with_every_violation() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    let check = async |spec: Option<AnalysisSpec>, id: &str, code: Code, reason: &str, fields: &[&str]| {
        let message = RunAnalysisRequest { spec: spec.clone(), analysis_id: id.into(), ..Default::default() };
        let refused = world.client.clone().run_analysis(request(TENANT, message)).await.unwrap_err();
        let (got_code, got_reason, got_fields) = refusal(&refused);
        assert_eq!((got_code, got_reason.as_str()), (code, reason), "{spec:?} {id:?}: {refused:?}");
        assert_eq!(got_fields, fields, "{spec:?} {id:?}");
    };
    let bad = Code::InvalidArgument;
    let with = |change: fn(&mut AnalysisSpec)| {
        let mut spec = spec.clone();
        change(&mut spec);
        Some(spec)
    };
    check(None, "", bad, "FIELD_REQUIRED", &["spec"]).await;
    check(with(|s| s.snapshot = "rounds/r".into()), "", bad, "BAD_NAME", &["spec.snapshot"]).await;
    check(with(|s| s.snapshot = "rounds/r/snapshots/1234".into()), "", bad, "BAD_NAME", &["spec.snapshot"]).await;
    check(with(|s| s.snapshot.clear()), "", bad, "FIELD_REQUIRED", &["spec.snapshot"]).await;
    check(with(|s| s.method = "guess".into()), "", Code::NotFound, "UNKNOWN_METHOD", &[]).await;
    check(with(|s| s.method = "borda@99.0.0".into()), "", Code::NotFound, "UNKNOWN_METHOD", &[]).await;
    check(with(|s| s.method.clear()), "", bad, "FIELD_REQUIRED", &["spec.method"]).await;
    check(with(|s| s.view = "divine".into()), "", bad, "BAD_FIELD", &["spec.view"]).await;
    check(with(|s| s.replicates = 10_001), "", bad, "BAD_FIELD", &["spec.replicates"]).await;
    check(with(|s| s.positions_of = "specs/s".into()), "", bad, "BAD_NAME", &["spec.positions_of"]).await;
    check(with(|s| s.items = vec!["q1".into(), "q 2".into()]), "", bad, "BAD_NAME", &["spec.items[1]"]).await;
    check(with(|_| {}), "-", bad, "BAD_NAME", &["analysis_id"]).await;
    check(with(|_| {}), "a/b", bad, "BAD_NAME", &["analysis_id"]).await;
    let fields = [number("no such", 1.0), number("nor this", 2.5)];
    let unknown = AnalysisSpec { parameters: Some(prost_types::Struct { fields: fields.into() }), ..spec.clone() };
    let both = ["spec.parameters/no such", "spec.parameters/nor this"];
    check(Some(unknown.clone()), "", bad, "BAD_PARAMETER", &both).await;
    let also = AnalysisSpec { view: "divine".into(), ..unknown };
    check(Some(also), "", bad, "BAD_FIELD", &["spec.view", both[0], both[1]]).await;
    let infinite = prost_types::Struct { fields: [number("x", f64::INFINITY)].into() };
    let infinite = AnalysisSpec { parameters: Some(infinite), ..spec.clone() };
    check(Some(infinite), "", bad, "BAD_NUMBER", &["spec.parameters/x"]).await;

    let none = world.client.clone().list_analyses(request(TENANT, ListAnalysesRequest::default())).await.unwrap();
    assert_eq!(none.into_inner().analyses, vec![], "nothing was started");
}

#[tokio::test]
async fn what_only_the_data_can_tell_fails_in_the_operation() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    let check = async |spec: AnalysisSpec, code: Code, reason: &str| {
        let operation = world.begin(spec.clone(), "").await.unwrap();
        assert_eq!(outcome(world.wait(&operation).await), Err((code, reason.to_owned())), "{spec:?}");
    };
    let missing = snapshot_name(Sha256Hash::of(b"another"));
    check(AnalysisSpec { snapshot: missing, ..spec.clone() }, Code::NotFound, "RESOURCE_NOT_FOUND").await;
    check(AnalysisSpec { items: vec!["q9".into()], ..spec.clone() }, Code::InvalidArgument, "UNKNOWN_ITEM").await;
    check(AnalysisSpec { by: "height".into(), ..spec.clone() }, Code::InvalidArgument, "BAD_FIELD").await;

    let list = world.client.clone().list_analyses(request(TENANT, ListAnalysesRequest::default())).await.unwrap();
    for analysis in list.into_inner().analyses {
        assert_eq!(analysis.state(), AnalysisState::Failed);
        assert_ne!(analysis.error, "");
        assert!(analysis.end_time.is_some());
    }
}

#[tokio::test]
async fn thin_data_gives_a_sound_report_or_a_reason() {
    let ties = ["A=B=C=D"; 2];
    for answers in [vec![], vec![["A>B>C>D", "B>A"]], vec![ties; 5]] {
        let (world, _, spec) = with_snapshot(&answers).await;
        for method in ["borda", "pairwise", "agreement"] {
            let positions = [("q1".to_owned(), "A>B>C>D".to_owned())];
            let spec = AnalysisSpec { method: method.into(), positions: positions.into(), ..spec.clone() };
            match world.run(spec).await {
                Err(refused) => assert_eq!(refused, (Code::FailedPrecondition, "METHOD_UNDEFINED".into()), "{method}"),
                Ok(analysis) => {
                    let ask = GetResultRequest { name: analysis.result };
                    let json = world.client.clone().get_result(request(TENANT, ask)).await.unwrap().into_inner().json;
                    let result: folkmoot_engine::RunResult = serde_json::from_str(&json).unwrap();
                    assert_eq!(result.report.defects(), Vec::<String>::new(), "{method} {answers:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn another_tenants_things_do_not_exist() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    let analysis = world.run(spec.clone()).await.unwrap();
    let mut client = world.client.clone();
    let check = |refused: tonic::Status| {
        assert_eq!(refusal(&refused), (Code::NotFound, "RESOURCE_NOT_FOUND".into(), vec![]));
    };
    let (name, result) = (analysis.name.clone(), analysis.result.clone());
    check(client.get_analysis(request("lab", GetAnalysisRequest { name: name.clone() })).await.unwrap_err());
    check(client.watch_analysis(request("lab", WatchAnalysisRequest { name: name.clone() })).await.unwrap_err());
    check(client.get_result(request("lab", GetResultRequest { name: result.clone() })).await.unwrap_err());
    check(client.verify_result(request("lab", VerifyResultRequest { name: result.clone() })).await.unwrap_err());
    let compare = CompareResultsRequest { left: result.clone(), right: result };
    check(client.compare_results(request("lab", compare)).await.unwrap_err());
    let of_one = ListResultsRequest { parent: name, ..Default::default() };
    check(client.list_results(request("lab", of_one)).await.unwrap_err());
    let all = ListResultsRequest { parent: "analyses/-".into(), ..Default::default() };
    assert_eq!(client.list_results(request("lab", all)).await.unwrap().into_inner().results, vec![]);
    let list = client.list_analyses(request("lab", ListAnalysesRequest::default())).await.unwrap();
    assert_eq!(list.into_inner().analyses, vec![]);

    // The copy on disk is no way around the survey service: row 17.
    let message = RunAnalysisRequest { spec: Some(spec), ..Default::default() };
    let operation = client.run_analysis(request("lab", message)).await.unwrap().into_inner();
    let wait = folkmoot_proto::longrunning::WaitOperationRequest { name: operation.name, timeout: None };
    let done = world.operations.clone().wait_operation(request("lab", wait)).await.unwrap().into_inner();
    assert_eq!(outcome(done), Err((Code::NotFound, "RESOURCE_NOT_FOUND".into())));
}

#[tokio::test]
async fn a_snapshot_that_is_not_what_its_name_says_is_never_used_or_kept() {
    let (world, _, spec) = with_snapshot(&crowd(50)).await;
    world.peers.corrupt.store(true, Ordering::SeqCst);
    assert_eq!(world.run(spec.clone()).await, Err((Code::DataLoss, "DATA_CORRUPT".into())));
    assert_eq!(cached(&world), Vec::<std::path::PathBuf>::new());

    let other = snapshot(&world.folder.path().join("sealed"), &crowd(20));
    let claimed = snapshot_name(Sha256Hash::of(b"claimed"));
    world.peers.corrupt.store(false, Ordering::SeqCst);
    world.peers.hold(TENANT, claimed.clone(), other.dir);
    let swapped = AnalysisSpec { snapshot: claimed, ..spec.clone() };
    assert_eq!(world.run(swapped).await, Err((Code::DataLoss, "DATA_CORRUPT".into())));
    assert!(world.run(spec).await.is_ok(), "the sound one is fetched again");
}
