//! Analyses while they run: watched, cancelled, retried, interrupted.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use folkmoot_proto::aggregation::*;
use folkmoot_proto::longrunning::CancelOperationRequest;
use folkmoot_rpc::request;
use tokio_stream::StreamExt;
use tonic::Code;

use crate::common::*;

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
    let told = late.next().await.unwrap().unwrap();
    assert_eq!((told.analysis, told.progress.unwrap().fraction), (last.analysis.clone(), 1.0));
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
    let (world, _, spec) = with_snapshot(&crowd(500)).await;
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
