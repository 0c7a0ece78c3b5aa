//! The survey service's `GetSnapshot` and `ReadSnapshot` and the spec service's `ListPositions`, over
//! the wire: all that the aggregation service asks of others.

use std::collections::HashMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request as HttpRequest;
use axum::routing::post;
use folkmoot_core::Fault;
use folkmoot_proto::spec::{ListPositionsRequest, ListPositionsResponse, Position};
use folkmoot_proto::survey::{GetSnapshotRequest, ReadSnapshotRequest, ReadSnapshotResponse, Snapshot};
use folkmoot_rpc::{page, status, tenant};
use tokio::sync::Semaphore;
use tokio_stream::Stream;
use tonic::codegen::http;
use tonic::server::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::service_fn;

/// Bytes of a piece, small so that files come in many.
const PIECE: usize = 1000;

pub(crate) struct Peers {
    snapshots: Mutex<HashMap<(String, String), PathBuf>>,
    pub(crate) positions: Mutex<Vec<Position>>,
    /// How often a snapshot's files were asked for.
    pub(crate) reads: AtomicUsize,
    /// Changes an item on its way.
    pub(crate) corrupt: AtomicBool,
    /// Reading takes a permit; without one it waits.
    pub(crate) gate: Semaphore,
}

impl Default for Peers {
    fn default() -> Self {
        Self {
            snapshots: Mutex::default(),
            positions: Mutex::default(),
            reads: AtomicUsize::default(),
            corrupt: AtomicBool::default(),
            gate: Semaphore::new(1000),
        }
    }
}

type Pieces = Pin<Box<dyn Stream<Item = Result<ReadSnapshotResponse, Status>> + Send>>;

impl Peers {
    /// Lets the tenant have the snapshot in `folder`.
    pub(crate) fn hold(&self, tenant: &str, name: String, folder: PathBuf) {
        self.snapshots.lock().unwrap().insert((tenant.to_owned(), name), folder);
    }

    /// Serves the calls on a port of their own.
    pub(crate) async fn serve(self: Arc<Self>) -> Channel {
        let (getter, reader, lister) = (self.clone(), self.clone(), self);
        let router = Router::new()
            .route(
                "/folkmoot.survey.v1.SurveyService/GetSnapshot",
                post(async move |http: HttpRequest| {
                    let call = service_fn(|ask| std::future::ready(getter.get_snapshot(ask)));
                    unary::<GetSnapshotRequest, Snapshot, _>(call, http).await
                }),
            )
            .route(
                "/folkmoot.survey.v1.SurveyService/ReadSnapshot",
                post(async move |http: HttpRequest| {
                    let call = service_fn(|ask: Request<ReadSnapshotRequest>| reader.clone().read_snapshot(ask));
                    let codec = ProstCodec::<ReadSnapshotResponse, ReadSnapshotRequest>::default();
                    Grpc::new(codec).server_streaming(call, http).await
                }),
            )
            .route(
                "/folkmoot.spec.v1.SpecService/ListPositions",
                post(async move |http: HttpRequest| {
                    let call = service_fn(|ask| std::future::ready(lister.list_positions(ask)));
                    unary::<ListPositionsRequest, ListPositionsResponse, _>(call, http).await
                }),
            );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Endpoint::try_from(format!("http://{address}")).unwrap().connect_lazy()
    }

    fn folder<T>(&self, ask: &Request<T>, name: &str) -> Result<PathBuf, Status> {
        let key = (tenant(ask).map_err(status)?, name.to_owned());
        let found = self.snapshots.lock().unwrap().get(&key).cloned();
        found.ok_or_else(|| status(Fault::not_found(name)))
    }

    fn get_snapshot(&self, ask: Request<GetSnapshotRequest>) -> Result<Response<Snapshot>, Status> {
        self.folder(&ask, &ask.get_ref().name)?;
        Ok(Response::new(Snapshot { name: ask.into_inner().name, ..Default::default() }))
    }

    async fn read_snapshot(self: Arc<Self>, ask: Request<ReadSnapshotRequest>) -> Result<Response<Pieces>, Status> {
        let folder = self.folder(&ask, &ask.get_ref().name)?;
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        let mut pieces = Vec::new();
        for file in folkmoot_snapshot::Snapshot::open(folder).unwrap().files() {
            let mut bytes = std::fs::read(&file).unwrap();
            let file = file.file_name().unwrap().to_string_lossy().into_owned();
            if file == "items.json" && self.corrupt.load(Ordering::SeqCst) {
                bytes = String::from_utf8(bytes).unwrap().replace("q1", "q3").into_bytes();
            }
            let piece = |data: &[u8]| Ok(ReadSnapshotResponse { file: file.clone(), data: data.to_vec() });
            pieces.extend(bytes.chunks(PIECE).map(piece));
        }
        Ok(Response::new(Box::pin(tokio_stream::iter(pieces))))
    }

    /// One position a page, so that whoever wants all must ask again.
    fn list_positions(&self, ask: Request<ListPositionsRequest>) -> Result<Response<ListPositionsResponse>, Status> {
        let tenant = tenant(&ask).map_err(status)?;
        let ask = ask.into_inner();
        let page = page::page(1, &ask.page_token, &tenant, &ask.parent).map_err(status)?;
        let start: usize = page.after.map_or(0, |place| place.parse().unwrap());
        let positions = self.positions.lock().unwrap();
        let of_round = positions.iter().filter(|position| position.item.starts_with(&format!("{}/", ask.round)));
        let next = start + 1;
        let next_page_token = match of_round.clone().nth(next) {
            Some(_) => page::token(&tenant, &ask.parent, &next.to_string()),
            None => String::new(),
        };
        let positions = of_round.skip(start).take(1).cloned().collect();
        Ok(Response::new(ListPositionsResponse { positions, next_page_token }))
    }
}

async fn unary<Ask, Answer, Call>(call: Call, http: HttpRequest) -> http::Response<tonic::body::Body>
where
    Ask: prost::Message + Default + Send + 'static,
    Answer: prost::Message + Default + Send + 'static,
    Call: tonic::server::UnaryService<Ask, Response = Answer>,
{
    Grpc::new(ProstCodec::<Answer, Ask>::default()).unary(call, http).await
}
