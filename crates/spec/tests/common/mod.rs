//! A running spec service over the wire, and doubles of the few calls it makes to its peers.

// Each test file uses a part of this, as a module of its own.
#![allow(dead_code, unreachable_pub)]

mod peers;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use folkmoot_core::id::Entropy;
use folkmoot_core::{Clock, Timestamp};
use folkmoot_database::Place;
use folkmoot_proto::aggregation::Result as AnalysisResult;
use folkmoot_proto::longrunning::operations_client::OperationsClient;
use folkmoot_proto::longrunning::{Operation, WaitOperationRequest};
use folkmoot_proto::spec::spec_service_client::SpecServiceClient;
use folkmoot_proto::spec::{
    ClauseEdit, CreateProposalRequest, CreateSpecRequest, DecideProposalRequest, Decision, GetSpecRequest,
    ImportRevisionRequest, Outcome, Proposal, ProposalKind, Revision, Spec, UpdateProposalRequest, clause_edit,
};
use folkmoot_proto::survey::{Candidate, Item, ItemKind, Snapshot};
use folkmoot_rpc::{Context, Operations, request};
use folkmoot_spec::store::Store;
use folkmoot_spec::{Options, service};
use tempfile::TempDir;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::service::RoutesBuilder;
use tonic::transport::{Channel, Endpoint, Server};
use tonic::{Response, Status};
use tonic_types::StatusExt;

pub use peers::Peers;

pub const TENANT: &str = "city";

/// Three clauses, two levels of authority.
pub const TEXT: &str = "\
# Conduct {#conduct authority=root}
How we act.

## Be kind {#be_kind authority=user}
Be kind to everyone.

## Be honest {#be_honest authority=user}
Say what is true.
";

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

pub struct World {
    pub client: SpecServiceClient<Channel>,
    pub operations: OperationsClient<Channel>,
    pub peers: Arc<Peers>,
    _folder: TempDir,
}

/// A service with an empty database and peers that know nothing yet.
pub async fn start() -> World {
    let folder = TempDir::new().unwrap();
    let store = Store::open(&Place::Folder(folder.path().to_owned())).await.unwrap();
    let operations = Operations::default();
    let context = Context {
        clock: Arc::new(Ticking(AtomicI64::new(1_763_884_800_000))),
        entropy: Arc::new(Counting(AtomicU64::new(0))),
        operations: operations.clone(),
    };
    let peers = Arc::new(Peers::default());
    let peer = peers.clone().serve().await;
    let options = Options { store, context, survey: peer.clone(), aggregation: peer };
    let mut routes = RoutesBuilder::default();
    service(options).register(&mut routes);
    routes.add_service(operations.server());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server::builder().add_routes(routes.routes());
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    let channel = Endpoint::try_from(format!("http://{address}")).unwrap().connect_lazy();
    World {
        client: SpecServiceClient::new(channel.clone()).max_decoding_message_size(64 << 20),
        operations: OperationsClient::new(channel),
        peers,
        _folder: folder,
    }
}

/// A service with the spec `conduct` and its first revision, [`TEXT`].
pub async fn with_spec() -> World {
    let world = start().await;
    world.create_spec("conduct").await;
    world.import("conduct", "r1", TEXT).await.unwrap();
    world
}

/// A call in the name of the usual tenant: `call!(world.get_spec(GetSpecRequest { .. }))`.
#[macro_export]
macro_rules! call {
    ($world:ident.$method:ident($message:expr)) => {
        $world
            .client
            .clone()
            .$method(folkmoot_rpc::request($crate::common::TENANT, $message))
            .await
            .map(|r| r.into_inner())
    };
}

impl World {
    pub async fn create_spec(&self, id: &str) -> Spec {
        let spec = Some(Spec { title: format!("The {id} spec"), ..Default::default() });
        call!(self.create_spec(CreateSpecRequest { spec_id: id.into(), spec, ..Default::default() })).unwrap()
    }

    pub async fn spec(&self, id: &str) -> Spec {
        call!(self.get_spec(GetSpecRequest { name: format!("specs/{id}") })).unwrap()
    }

    pub async fn import(&self, spec: &str, revision: &str, text: &str) -> Result<Revision, Status> {
        call!(self.import_revision(import(spec, revision, text)))
    }

    pub async fn propose(&self, id: &str, edits: Vec<ClauseEdit>) -> Result<Proposal, Status> {
        call!(self.create_proposal(propose(id, edits)))
    }

    pub async fn decide(&self, proposal: &str, outcome: Outcome) -> Result<Decision, Status> {
        call!(self.decide_proposal(decide(proposal, outcome)))
    }

    /// The operation once it is done.
    pub async fn wait(&self, operation: &Operation) -> Operation {
        let wait = WaitOperationRequest { name: operation.name.clone(), timeout: None };
        let done = self.operations.clone().wait_operation(request(TENANT, wait)).await.map(Response::into_inner);
        done.unwrap()
    }

    /// Lets the survey service have the item `rounds/round/items/{id}` to rank A, B and C.
    pub fn hold_item(&self, id: &str, clauses: &[&str]) -> String {
        let name = format!("rounds/round/items/{id}");
        let candidate = |id: &str| Candidate { id: id.into(), text: String::new() };
        let item = Item {
            name: name.clone(),
            kind: ItemKind::Rank.into(),
            candidates: ["A", "B", "C"].map(candidate).to_vec(),
            clauses: clauses.iter().map(|&clause| clause.into()).collect(),
            ..Default::default()
        };
        self.peers.items.lock().unwrap().insert(name.clone(), item);
        name
    }

    /// Lets the aggregation service have a result of `method` with this JSON, over a snapshot that the
    /// survey service has.
    pub fn hold_result(&self, id: &str, method: &str, json: String) -> String {
        let snapshot = format!("rounds/round/snapshots/{}", "5".repeat(64));
        let held = Snapshot { name: snapshot.clone(), simulated: true, ..Default::default() };
        self.peers.snapshots.lock().unwrap().insert(snapshot.clone(), held);
        let name = format!("analyses/a/results/{id}");
        let result = AnalysisResult { name: name.clone(), snapshot, method: method.into(), json, ..Default::default() };
        self.peers.results.lock().unwrap().insert(name.clone(), result);
        name
    }
}

pub fn import(spec: &str, revision: &str, text: &str) -> ImportRevisionRequest {
    ImportRevisionRequest {
        parent: format!("specs/{spec}"),
        revision_id: revision.into(),
        source: text.as_bytes().to_vec(),
        ..Default::default()
    }
}

/// New words for a clause.
pub fn body(anchor: &str, body: &str) -> ClauseEdit {
    let edit = Some(clause_edit::Edit::Body(body.into()));
    ClauseEdit { anchor: anchor.into(), base_text_hash: String::new(), edit }
}

pub fn propose(id: &str, edits: Vec<ClauseEdit>) -> CreateProposalRequest {
    let proposal = Proposal {
        title: format!("Proposal {id}"),
        kind: ProposalKind::ChangeOfPrinciple.into(),
        edits,
        rationale: "people asked for it".into(),
        author: "A. Editor".into(),
        ..Default::default()
    };
    CreateProposalRequest {
        parent: "specs/conduct".into(),
        proposal_id: id.into(),
        proposal: Some(proposal),
        request_id: String::new(),
    }
}

/// The same proposal, written anew.
pub fn rewrite(id: &str, edits: Vec<ClauseEdit>) -> UpdateProposalRequest {
    let proposal = propose(id, edits).proposal.unwrap_or_default();
    let proposal = Some(Proposal { name: format!("specs/conduct/proposals/{id}"), ..proposal });
    UpdateProposalRequest { proposal, ..Default::default() }
}

pub fn decide(proposal: &str, outcome: Outcome) -> DecideProposalRequest {
    DecideProposalRequest {
        name: format!("specs/conduct/proposals/{proposal}"),
        outcome: outcome.into(),
        reason: "the finding is clear".into(),
        deciders: vec!["the board".into()],
        ..Default::default()
    }
}

/// The code, the reason and the fields of a refusal, in order.
pub fn refusal(status: &Status) -> (tonic::Code, String, Vec<String>) {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone()).unwrap_or_default();
    let fields = details.bad_request().map(|bad| bad.field_violations.iter().map(|v| v.field.clone()).collect());
    (status.code(), reason, fields.unwrap_or_default())
}

/// A fact that a refusal states.
pub fn fact(status: &Status, key: &str) -> String {
    let details = status.get_error_details();
    details.error_info().and_then(|info| info.metadata.get(key).cloned()).unwrap_or_default()
}

/// A file of the real data, where it is there.
pub fn real_data(file: &str) -> Option<Vec<u8>> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../../shared/data", file].iter().collect();
    std::fs::read(path).ok()
}
