//! A running survey service over TCP, with a spec service that knows one revision.

#![allow(dead_code, missing_docs, unreachable_pub)]

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::Poll;

use folkmoot_core::id::Entropy;
use folkmoot_core::{Clock, Timestamp};
use folkmoot_database::Place;
use folkmoot_proto::response::response_service_client::ResponseServiceClient;
use folkmoot_proto::response::{Answer, SubmitResponsesRequest, answer::Value};
use folkmoot_proto::spec::{Clause, GetRevisionRequest, ListClausesRequest, ListClausesResponse, Revision};
use folkmoot_proto::survey::survey_service_client::SurveyServiceClient;
use folkmoot_proto::survey::*;
use folkmoot_rpc::{Context, Operations, request};
use folkmoot_survey::store::Store;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::body::Body;
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::{Grpc, NamedService, UnaryService};
use tonic::service::RoutesBuilder;
use tonic::transport::{Channel, Server};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;

pub const REVISION: &str = "specs/charter/revisions/r1";

/// A clock that moves a millisecond whenever it is read.
pub struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

pub struct Random;

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).unwrap();
    }
}

/// Answers the two calls that the survey service makes.
#[derive(Clone)]
struct Spec;

impl NamedService for Spec {
    const NAME: &'static str = "folkmoot.spec.v1.SpecService";
}

impl UnaryService<GetRevisionRequest> for Spec {
    type Response = Revision;
    type Future = BoxFuture<Response<Revision>, Status>;

    fn call(&mut self, request: Request<GetRevisionRequest>) -> Self::Future {
        let known = [REVISION, "specs/charter/revisions/head"].contains(&request.get_ref().name.as_str());
        let text_hash = folkmoot_core::Sha256Hash::of(b"text").to_string();
        let revision = Revision { name: REVISION.into(), text_hash, ..Revision::default() };
        let missing = || folkmoot_rpc::status(folkmoot_core::Fault::not_found("the revision"));
        Box::pin(async move { known.then(|| Response::new(revision)).ok_or_else(missing) })
    }
}

impl UnaryService<ListClausesRequest> for Spec {
    type Response = ListClausesResponse;
    type Future = BoxFuture<Response<ListClausesResponse>, Status>;

    fn call(&mut self, _: Request<ListClausesRequest>) -> Self::Future {
        let clause = Clause { anchor: "fair".into(), ..Clause::default() };
        let answer = ListClausesResponse { clauses: vec![clause], ..ListClausesResponse::default() };
        Box::pin(async move { Ok(Response::new(answer)) })
    }
}

impl Service<http::Request<Body>> for Spec {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            Ok(match request.uri().path().rsplit('/').next() {
                Some("GetRevision") => {
                    let codec = ProstCodec::<Revision, GetRevisionRequest>::default();
                    Grpc::new(codec).unary(Spec, request).await
                }
                _ => {
                    let codec = ProstCodec::<ListClausesResponse, ListClausesRequest>::default();
                    Grpc::new(codec).unary(Spec, request).await
                }
            })
        })
    }
}

pub struct Running {
    pub survey: SurveyServiceClient<Channel>,
    pub responses: ResponseServiceClient<Channel>,
    pub context: Context,
}

/// Where a service keeps what it has: a folder and an empty database.
pub struct Home {
    folder: TempDir,
    pub database: Place,
    /// Runs as long as the database is needed.
    _server: Option<folkmoot_test_postgres::Database>,
}

impl Home {
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// On SQLite.
    pub fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { database: Place::Folder(folder.path().to_owned()), folder, _server: None }
    }

    /// On PostgreSQL.
    pub fn server() -> Self {
        let server = folkmoot_test_postgres::database();
        let database = server.address().parse().unwrap();
        Self { folder: tempfile::tempdir().unwrap(), database, _server: Some(server) }
    }
}

/// An empty home on either database.
pub fn homes() -> [Home; 2] {
    [Home::embedded(), Home::server()]
}

/// Starts everything over what is at home.
pub async fn start(home: &Home) -> Running {
    let clock = Arc::new(Ticking(AtomicI64::new(1_763_884_800_000)));
    let context = Context { clock, entropy: Arc::new(Random), operations: Operations::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let channel = Channel::from_shared(address).unwrap().connect_lazy();
    let options = folkmoot_survey::Options {
        store: Store::open(&home.database).await.unwrap(),
        context: context.clone(),
        spec: channel.clone(),
        snapshots: home.folder().join("snapshots"),
    };
    let mut routes = RoutesBuilder::default();
    folkmoot_survey::service(options).register(&mut routes);
    routes.add_service(Spec);
    let server = Server::builder().add_routes(routes.routes());
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    Running {
        survey: SurveyServiceClient::new(channel.clone()),
        responses: ResponseServiceClient::new(channel),
        context,
    }
}

impl Running {
    /// A draft round `id` about the revision, with `items`.
    pub async fn draft(&mut self, id: &str, round: Round, items: Vec<(&str, Item)>) -> Round {
        let create = CreateRoundRequest { round_id: id.into(), round: Some(round), request_id: String::new() };
        let round = self.survey.create_round(create).await.unwrap().into_inner();
        let requests = items.into_iter().map(|(id, item)| CreateItemRequest {
            item_id: id.into(),
            item: Some(item),
            ..CreateItemRequest::default()
        });
        let batch = BatchCreateItemsRequest {
            parent: round.name.clone(),
            requests: requests.collect(),
            request_id: String::new(),
        };
        self.survey.batch_create_items(batch).await.unwrap();
        round
    }

    pub async fn open(&mut self, name: &str) {
        let open = OpenRoundRequest { name: name.into(), ..OpenRoundRequest::default() };
        self.survey.open_round(open).await.unwrap();
    }

    pub async fn close(&mut self, name: &str) {
        let close = CloseRoundRequest { name: name.into(), ..CloseRoundRequest::default() };
        self.survey.close_round(close).await.unwrap();
    }

    pub async fn round(&mut self, name: &str) -> Round {
        self.survey.get_round(GetRoundRequest { name: name.into() }).await.unwrap().into_inner()
    }

    /// Seals the round and waits for the snapshot's name.
    pub async fn seal(&mut self, name: &str) -> Round {
        let seal = SealSnapshotRequest { name: name.into(), request_id: String::new() };
        self.survey.seal_snapshot(seal).await.unwrap();
        for _ in 0..200 {
            let round = self.round(name).await;
            if round.state == RoundState::Sealed as i32 {
                return round;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("{name} was not sealed");
    }
}

pub fn item(kind: ItemKind, candidates: &[&str]) -> Item {
    let candidate = |id: &&str| Candidate { id: (*id).into(), text: String::new() };
    Item { kind: kind.into(), candidates: candidates.iter().map(candidate).collect(), ..Item::default() }
}

pub fn answer(item: &str, value: Value) -> Answer {
    Answer { item: item.into(), value: Some(value), ..Answer::default() }
}

pub fn submission(round: &str, id: &str, participant: &str, answers: Vec<Answer>) -> SubmitResponsesRequest {
    SubmitResponsesRequest {
        round: round.into(),
        request_id: id.into(),
        participant: participant.into(),
        answers,
        ..SubmitResponsesRequest::default()
    }
}

/// Code, reason and the fields of all violations of a status.
pub fn seen(status: &Status) -> (tonic::Code, &'static str, Vec<String>) {
    let fault = folkmoot_rpc::fault(status);
    (status.code(), fault.reason.as_str(), fault.violations.into_iter().map(|violation| violation.field).collect())
}

pub fn for_tenant<T>(tenant: &str, message: T) -> Request<T> {
    request(tenant, message)
}
