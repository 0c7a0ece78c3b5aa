//! What the service answers, over the wire.

mod common;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use common::*;
use folkmoot_aggregation::parameters;
use folkmoot_core::{Sha256Hash, canonical};
use folkmoot_engine::RunSpec;
use folkmoot_proto::aggregation::*;
use folkmoot_proto::longrunning::CancelOperationRequest;
use folkmoot_proto::spec::Position;
use folkmoot_rpc::request;
use tokio_stream::StreamExt;
use tonic::Code;

fn number(name: &str, number: f64) -> (String, prost_types::Value) {
    (name.to_owned(), prost_types::Value { kind: Some(prost_types::value::Kind::NumberValue(number)) })
}

#[tokio::test]
async fn a_result_is_what_the_engine_finds_and_is_named_by_its_hash() {
    let (world, sealed, spec) = with_snapshot(&crowd(40)).await;
    let spec = AnalysisSpec { by: "region".into(), seed: 7, replicates: 20, ..spec };
    let analysis = world.run(spec.clone()).await.unwrap();
    assert_eq!(analysis.state(), AnalysisState::Succeeded);

    let run = RunSpec {
        method: "borda".into(),
        params: parameters(&spec.parameters.unwrap_or_default()).unwrap(),
        seed: 7,
        by: Some("region".into()),
        replicates: 20,
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
    let database = format!("sqlite://{}", world.folder.path().join("aggregation.db").display());
    let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
    let change = "UPDATE contents SET json = CAST(replace(CAST(json AS TEXT), 'borda', 'bordb') AS BLOB)";
    sqlx::query(change).execute(&pool).await.unwrap();

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
async fn positions_of_a_revision_fill_what_the_caller_left_out() {
    let (world, sealed, spec) = with_snapshot(&crowd(60)).await;
    let position =
        |item: &str, answer: &str| Position { item: item.to_owned(), answer: answer.to_owned(), ..Position::default() };
    *world.peers.positions.lock().unwrap() = vec![
        position("rounds/r/items/q1", "A>B>C>D"),
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

    let run = RunSpec { method: "agreement".into(), positions: want.into(), ..RunSpec::default() };
    let direct = folkmoot_engine::run(&sealed, &run, &mut |_| ControlFlow::Continue(())).unwrap();
    assert!(analysis.result.ends_with(&direct.hash().to_string()));
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
async fn lists_come_in_pages_newest_first() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    let mut names = Vec::new();
    for seed in 0..5 {
        names.insert(0, world.run(AnalysisSpec { seed, ..spec.clone() }).await.unwrap());
    }
    let mut client = world.client.clone();
    let (mut analyses, mut results, mut token) = (Vec::new(), Vec::new(), String::new());
    loop {
        let ask = ListAnalysesRequest { page_size: 2, page_token: token, snapshot: spec.snapshot.clone() };
        let page = client.list_analyses(request(TENANT, ask)).await.unwrap().into_inner();
        analyses.extend(page.analyses);
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(analyses, names);
    loop {
        let ask = ListResultsRequest { parent: "analyses/-".into(), page_size: 2, page_token: token };
        let page = client.list_results(request(TENANT, ask)).await.unwrap().into_inner();
        results.extend(page.results.into_iter().map(|result| result.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(results, names.iter().map(|analysis| analysis.result.clone()).collect::<Vec<_>>());
    let other = ListAnalysesRequest { snapshot: snapshot_name(Sha256Hash::of(b"x")), ..Default::default() };
    assert_eq!(client.list_analyses(request(TENANT, other)).await.unwrap().into_inner().analyses, vec![]);
}

#[tokio::test]
async fn page_sizes_are_clamped_and_foreign_tokens_refused() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    world.run(spec.clone()).await.unwrap();
    world.run(spec).await.unwrap();
    let mut client = world.client.clone();
    let huge = ListAnalysesRequest { page_size: 1_000_000_000, ..Default::default() };
    assert_eq!(client.list_analyses(request(TENANT, huge)).await.unwrap().into_inner().analyses.len(), 2);
    let one = ListAnalysesRequest { page_size: 1, ..Default::default() };
    let made = client.list_analyses(request(TENANT, one)).await.unwrap().into_inner().next_page_token;
    assert_ne!(made, "");
    let mut check = async |tenant: &str, page_size: i32, page_token: &str, reason: &str, field: &str| {
        let want = (Code::InvalidArgument, reason.to_owned(), vec![field.to_owned()]);
        let parent = "analyses/-".to_owned();
        let ask = ListResultsRequest { page_size, page_token: page_token.to_owned(), parent };
        assert_eq!(refusal(&client.list_results(request(tenant, ask)).await.unwrap_err()), want);
        let ask = ListMethodsRequest { page_size, page_token: page_token.to_owned() };
        assert_eq!(refusal(&client.list_methods(request(tenant, ask)).await.unwrap_err()), want);
    };
    check(TENANT, 0, &made, "BAD_PAGE_TOKEN", "page_token").await;
    check("lab", 0, &made, "BAD_PAGE_TOKEN", "page_token").await;
    check(TENANT, 0, "zz", "BAD_PAGE_TOKEN", "page_token").await;
    check(TENANT, -1, "", "BAD_FIELD", "page_size").await;
}

#[tokio::test]
async fn methods_are_listed_by_id_and_described() {
    let world = start().await;
    let mut client = world.client.clone();
    let all = client.list_methods(request(TENANT, ListMethodsRequest::default())).await.unwrap().into_inner();
    assert!(all.methods.iter().any(|method| method.id == "borda"));
    assert!(all.methods.is_sorted_by_key(|method| method.id.clone()));
    let (mut paged, mut token) = (Vec::new(), String::new());
    loop {
        let ask = ListMethodsRequest { page_size: 3, page_token: token };
        let page = client.list_methods(request(TENANT, ask)).await.unwrap().into_inner();
        paged.extend(page.methods);
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, all.methods);
    for method in all.methods {
        for name in [format!("methods/{}", method.id), method.name.clone()] {
            let found = client.describe_method(request(TENANT, DescribeMethodRequest { name })).await.unwrap();
            assert_eq!(found.into_inner(), method);
        }
        let schema: serde_json::Value = serde_json::from_str(&method.parameters_schema).unwrap();
        assert!(schema.is_object(), "{}", method.id);
    }
    let mut check = async |name: &str, code: Code, reason: &str| {
        let ask = DescribeMethodRequest { name: name.to_owned() };
        let got = refusal(&client.describe_method(request(TENANT, ask)).await.unwrap_err());
        assert_eq!((got.0, got.1.as_str()), (code, reason), "{name:?}");
    };
    check("methods/guess", Code::NotFound, "UNKNOWN_METHOD").await;
    check("methods/borda/versions/99.0.0", Code::NotFound, "UNKNOWN_METHOD").await;
    check("borda", Code::InvalidArgument, "BAD_NAME").await;
    check("", Code::InvalidArgument, "FIELD_REQUIRED").await;
}

#[tokio::test]
async fn a_watch_tells_of_an_analysis_until_it_ends() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    let permits = world.peers.gate.available_permits();
    world.peers.gate.forget_permits(permits);
    let message = RunAnalysisRequest { spec: Some(spec), analysis_id: "watched".into(), ..Default::default() };
    let mut client = world.client.clone();
    client.run_analysis(request(TENANT, message)).await.unwrap();
    let ask = WatchAnalysisRequest { name: "analyses/watched".into() };
    let mut stream = client.watch_analysis(request(TENANT, ask.clone())).await.unwrap().into_inner();
    let mut phases = Vec::new();
    while phases.last().is_none_or(|phase| phase != "fetching") {
        let told = stream.next().await.unwrap().unwrap();
        assert_eq!(told.analysis.unwrap().state(), AnalysisState::Running);
        assert!(told.as_of.is_some());
        phases.push(told.progress.unwrap().phase);
    }
    world.peers.gate.add_permits(1);
    let rest: Vec<_> = stream.map(|told| told.unwrap()).collect().await;
    let (last, before) = rest.split_last().unwrap();
    assert_eq!(last.analysis.as_ref().unwrap().state(), AnalysisState::Succeeded);
    assert_eq!(last.progress.as_ref().unwrap().fraction, 1.0);
    assert!(before.iter().all(|told| told.analysis.as_ref().unwrap().state() == AnalysisState::Running));

    let mut late = client.watch_analysis(request(TENANT, ask)).await.unwrap().into_inner();
    assert_eq!(late.next().await.unwrap().unwrap().analysis, last.analysis);
    assert!(late.next().await.is_none(), "an analysis that ended has nothing more to tell");
}

#[tokio::test]
async fn cancelling_ends_an_analysis_wherever_it_is() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    let permits = world.peers.gate.available_permits();
    world.peers.gate.forget_permits(permits);
    // Two places are taken by those that wait for the survey service, the third waits for a place.
    let mut begun = Vec::new();
    for seed in 0..3 {
        begun.push(world.begin(AnalysisSpec { seed, ..spec.clone() }, "").await.unwrap());
    }
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    for operation in &begun {
        let cancel = CancelOperationRequest { name: operation.name.clone() };
        world.operations.clone().cancel_operation(request(TENANT, cancel)).await.unwrap();
        let ended = outcome(world.wait(operation).await);
        assert_eq!(ended, Err((Code::Cancelled, "OPERATION_CANCELLED".into())));
    }
    let list = world.client.clone().list_analyses(request(TENANT, ListAnalysesRequest::default())).await.unwrap();
    let analyses = list.into_inner().analyses;
    assert_eq!(analyses.len(), 3);
    assert!(analyses.iter().all(|analysis| analysis.state() == AnalysisState::Cancelled));
    assert_eq!(cached(&world), Vec::<std::path::PathBuf>::new(), "nothing half fetched stays");

    world.peers.gate.add_permits(1);
    assert!(world.run(spec).await.is_ok(), "the places are free again");
}

#[tokio::test]
async fn a_run_in_the_middle_of_its_folds_can_be_cancelled() {
    let (world, _, spec) = with_snapshot(&crowd(3000)).await;
    let spec = AnalysisSpec { replicates: 10_000, ..spec };
    let operation = world.begin(spec, "").await.unwrap();
    let mut progress = RunAnalysisMetadata::default();
    while progress.fraction == 0.0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        let ask = folkmoot_proto::longrunning::GetOperationRequest { name: operation.name.clone() };
        let seen = world.operations.clone().get_operation(request(TENANT, ask)).await.unwrap().into_inner();
        assert!(!seen.done, "the run was over before it could be cancelled");
        progress = prost::Message::decode(seen.metadata.unwrap().value.as_slice()).unwrap();
    }
    let cancel = CancelOperationRequest { name: operation.name.clone() };
    world.operations.clone().cancel_operation(request(TENANT, cancel)).await.unwrap();
    let ended = outcome(world.wait(&operation).await);
    assert_eq!(ended, Err((Code::Cancelled, "OPERATION_CANCELLED".into())));
}

#[tokio::test]
async fn concurrent_runs_share_one_download() {
    let (world, sealed, spec) = with_snapshot(&crowd(50)).await;
    let mut begun = Vec::new();
    for seed in 0..6 {
        begun.push(world.begin(AnalysisSpec { seed, ..spec.clone() }, "").await.unwrap());
    }
    for operation in &begun {
        outcome(world.wait(operation).await).unwrap();
    }
    assert_eq!(world.peers.reads.load(Ordering::SeqCst), 1);
    let copies = cached(&world);
    assert_eq!(copies.len(), 1);
    assert!(copies[0].ends_with(sealed.hash().to_string()));
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

#[tokio::test]
async fn a_retry_returns_the_same_operation_even_after_a_restart() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    let first = world.begin(spec.clone(), "once").await.unwrap();
    let retried = world.begin(spec.clone(), "once").await.unwrap();
    assert_eq!(retried.name, first.name);
    let done = world.wait(&first).await;
    assert_eq!(world.begin(spec.clone(), "once").await.unwrap(), done);
    let other = AnalysisSpec { seed: 1, ..spec.clone() };
    let refused = world.begin(other.clone(), "once").await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::AlreadyExists, "IDEMPOTENCY_CONFLICT".into(), vec![]));

    let restarted = start_in(world.folder.clone(), world.peers.clone()).await;
    let again = restarted.begin(spec.clone(), "once").await.unwrap();
    assert_eq!(again.name, first.name);
    assert_eq!(outcome(restarted.wait(&again).await), outcome(done));
    let refused = restarted.begin(other, "once").await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::AlreadyExists, "IDEMPOTENCY_CONFLICT".into(), vec![]));
    let list = restarted.client.clone().list_analyses(request(TENANT, ListAnalysesRequest::default())).await.unwrap();
    assert_eq!(list.into_inner().analyses.len(), 1);

    let message = RunAnalysisRequest { spec: Some(spec), analysis_id: "a".into(), ..Default::default() };
    world.client.clone().run_analysis(request(TENANT, message.clone())).await.unwrap();
    let refused = world.client.clone().run_analysis(request(TENANT, message)).await.unwrap_err();
    assert_eq!(refusal(&refused), (Code::AlreadyExists, "RESOURCE_EXISTS".into(), vec![]));
}

#[tokio::test]
async fn what_a_dead_process_left_running_is_marked_failed() {
    let (world, _, spec) = with_snapshot(&crowd(10)).await;
    let permits = world.peers.gate.available_permits();
    world.peers.gate.forget_permits(permits);
    world.begin(spec, "left").await.unwrap();
    let folder: Arc<_> = world.folder.clone();
    std::fs::create_dir_all(folder.path().join("snapshots/.incoming-dead")).unwrap();

    let restarted = start_in(folder, Arc::default()).await;
    let list = restarted.client.clone().list_analyses(request(TENANT, ListAnalysesRequest::default())).await.unwrap();
    let analysis = list.into_inner().analyses.remove(0);
    assert_eq!(analysis.state(), AnalysisState::Failed);
    assert_eq!(analysis.error, "interrupted by a restart; run it again");
    assert_eq!(analysis.error_reason, "INTERNAL_ERROR");
    assert!(analysis.end_time.is_some());
    assert_eq!(cached(&restarted), Vec::<std::path::PathBuf>::new(), "what was half fetched is gone");
}
