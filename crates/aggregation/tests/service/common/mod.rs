//! A running aggregation service over the wire, and doubles of the few calls it makes to its peers.

mod peers;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use folkmoot_aggregation::store::Store;
use folkmoot_aggregation::{Options, service};
use folkmoot_client::Folkmoot;
use folkmoot_core::id::Entropy;
use folkmoot_core::{Answer, Clock, Item, Sha256Hash, Timestamp, View};
use folkmoot_database::Place;
use folkmoot_plugin_host::{Compiler, Host, Limits};
use folkmoot_proto::aggregation::aggregation_service_client::AggregationServiceClient;
use folkmoot_proto::aggregation::{Analysis, AnalysisSpec, RunAnalysisRequest};
use folkmoot_proto::longrunning::operations_client::OperationsClient;
use folkmoot_proto::longrunning::{Operation, WaitOperationRequest, operation};
use folkmoot_rpc::{Context, Operations, request};
use folkmoot_snapshot::{Meta, Participant, Row, Snapshot, Writer};
use prost::Message;
use tempfile::TempDir;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::service::RoutesBuilder;
use tonic::transport::{Channel, Endpoint, Server};
use tonic_types::StatusExt;

pub(crate) use peers::Peers;

pub(crate) const TENANT: &str = "city";

/// A clock that is a millisecond later at every look, and entropy that counts.
struct Ticking(AtomicI64);
impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}
struct Counting(AtomicU64);
impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        bytes.iter_mut().zip(number).for_each(|(byte, digit)| *byte = digit);
    }
}

pub(crate) struct World {
    pub(crate) client: AggregationServiceClient<Channel>,
    pub(crate) operations: OperationsClient<Channel>,
    channel: Channel,
    pub(crate) peers: Arc<Peers>,
    pub(crate) folder: Arc<TempDir>,
}

/// A service with an empty database and peers that know nothing yet.
pub(crate) async fn start() -> World {
    start_in(Arc::new(TempDir::new().unwrap()), Arc::default()).await
}

/// A service over what an earlier one left in `folder`.
pub(crate) async fn start_in(folder: Arc<TempDir>, peers: Arc<Peers>) -> World {
    let store = Store::open(&Place::Folder(folder.path().to_owned())).await.unwrap();
    let operations = Operations::default();
    let millis = 1_763_884_800_000;
    let context = Context {
        clock: Arc::new(Ticking(AtomicI64::new(millis))),
        entropy: Arc::new(Counting(AtomicU64::new(0))),
        operations: operations.clone(),
    };
    let peer = peers.clone().serve().await;
    let options = Options {
        store,
        context,
        survey: peer.clone(),
        spec: peer,
        snapshots: folder.path().join("snapshots"),
        host: host(Some(folder.path().join("plugin-cache"))),
        components: folder.path().join("components"),
    };
    let mut routes = RoutesBuilder::default();
    service(options).register(&mut routes);
    routes.add_service(operations.server());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::builder().add_routes(routes.routes());
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    let channel = Endpoint::try_from(format!("http://{address}")).unwrap().connect_lazy();
    World {
        client: AggregationServiceClient::new(channel.clone()).max_decoding_message_size(64 << 20),
        operations: OperationsClient::new(channel.clone()),
        channel,
        peers,
        folder,
    }
}

/// A host whose limits are reached soon.
pub(crate) fn host(cache: Option<PathBuf>) -> Host {
    let limits =
        Limits { component_bytes: 1 << 20, fuel_per_call: 200_000_000, memory_bytes: 64 << 20, ..Limits::default() };
    Host::new(folkmoot_plugin_host::Options { limits, cache, compiler: Compiler::Here }).unwrap()
}

impl World {
    /// Clients in the name of a tenant.
    pub(crate) fn tenant(&self, tenant: &str) -> Folkmoot {
        Folkmoot::new(self.channel.clone(), tenant).unwrap()
    }

    /// Names of the files in the folder of components, in order.
    pub(crate) fn components(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path().join("components")).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Starts an analysis.
    pub(crate) async fn begin(&self, spec: AnalysisSpec, request_id: &str) -> Result<Operation, tonic::Status> {
        let message = RunAnalysisRequest { spec: Some(spec), request_id: request_id.into(), ..Default::default() };
        self.client.clone().run_analysis(request(TENANT, message)).await.map(|answer| answer.into_inner())
    }

    /// The operation once it is done.
    pub(crate) async fn wait(&self, operation: &Operation) -> Operation {
        let wait = WaitOperationRequest { name: operation.name.clone(), timeout: None };
        let done = self.operations.clone().wait_operation(request(TENANT, wait)).await.unwrap().into_inner();
        assert!(done.done, "{done:?}");
        done
    }

    /// Runs an analysis to its end: the analysis, or the reason it failed.
    pub(crate) async fn run(&self, spec: AnalysisSpec) -> Result<Analysis, (tonic::Code, String)> {
        outcome(self.wait(&self.begin(spec, "").await.unwrap()).await)
    }
}

/// How a finished operation ended.
pub(crate) fn outcome(done: Operation) -> Result<Analysis, (tonic::Code, String)> {
    match done.result.unwrap() {
        operation::Result::Response(answer) => Ok(Analysis::decode(answer.value.as_slice()).unwrap()),
        operation::Result::Error(error) => {
            let code = tonic::Code::from(error.code);
            let status = tonic::Status::with_details(code, error.message.clone(), error.encode_to_vec().into());
            Err((code, refusal(&status).1))
        }
    }
}

/// The reason of a refusal, its fields in order.
pub(crate) fn refusal(status: &tonic::Status) -> (tonic::Code, String, Vec<String>) {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let fields = details.bad_request().map(|bad| bad.field_violations.iter().map(|v| v.field.clone()).collect());
    (status.code(), reason, fields.unwrap_or_default())
}

/// Two items to rank and one to vote on, in the snapshot's round `r`.
pub(crate) fn items() -> Vec<Item> {
    let item = |id: &str| {
        let candidates = ["A", "B", "C", "D"].map(|id| serde_json::json!({"id": id}));
        serde_json::from_value(serde_json::json!({"id": id, "kind": "rank", "candidates": candidates})).unwrap()
    };
    let vote = serde_json::from_value(serde_json::json!({"id": "v", "kind": "vote"})).unwrap();
    vec![item("q1"), item("q2"), vote]
}

/// Writes a snapshot in which `answers[person][item]` is what a person said of the items to rank; a
/// third of them votes for the item to vote on, a third against it.
pub(crate) fn snapshot(parent: &Path, answers: &[[&str; 2]]) -> Snapshot {
    let items = items();
    let (regions, votes) = (["north", "south"], ["agree", "disagree", "pass"]);
    let people = (0..answers.len()).map(|place| Participant {
        id: format!("p{place:04}"),
        attributes: [("region".to_owned(), regions[place % 2].to_owned())].into(),
        weight: None,
    });
    let mut writer = Writer::create(parent, items.clone(), people, Meta::default()).unwrap();
    for (place, said) in answers.iter().enumerate() {
        let vote = votes[place % 3];
        for (item, text) in items.iter().zip(said.iter().copied().chain([vote])) {
            let answer = Answer::parse(item, text, None).unwrap().encode();
            let participant = format!("p{place:04}");
            let row = Row {
                item: &item.id,
                participant: &participant,
                view: View::Personal,
                answer: &answer,
                rationale: None,
                weight: None,
                duration_ms: None,
            };
            writer.push(row).unwrap();
        }
    }
    writer.seal().unwrap()
}

/// What a few dozen people might say.
pub(crate) fn crowd(people: usize) -> Vec<[&'static str; 2]> {
    let said = ["A>B>C>D", "B>A>C=D", "A>B=C>D", "D>C>B>A", "A>C>B>D", "C>A=B>D", "B>C"];
    (0..people).map(|person| [said[person % said.len()], said[(person * 3 + 1) % said.len()]]).collect()
}

pub(crate) fn snapshot_name(hash: Sha256Hash) -> String {
    format!("rounds/r/snapshots/{hash}")
}

/// A world whose survey service holds one snapshot of `answers`.
pub(crate) async fn with_snapshot(answers: &[[&str; 2]]) -> (World, Snapshot, AnalysisSpec) {
    let world = start().await;
    let sealed = snapshot(&world.folder.path().join("sealed"), answers);
    world.peers.hold(TENANT, snapshot_name(sealed.hash()), sealed.dir.clone());
    let spec = AnalysisSpec { snapshot: snapshot_name(sealed.hash()), method: "borda".into(), ..Default::default() };
    (world, sealed, spec)
}

/// Where the service keeps its copies.
pub(crate) fn cached(world: &World) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(world.folder.path().join("snapshots")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}
