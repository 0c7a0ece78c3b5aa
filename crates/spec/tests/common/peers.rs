//! The survey service's `GetItem`, `ListItems` and `GetSnapshot` and the aggregation service's
//! `GetResult`, over the wire: all that the spec service asks of others.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request as HttpRequest;
use axum::routing::post;
use folkmoot_core::Fault;
use folkmoot_proto::aggregation::{GetResultRequest, Result as AnalysisResult};
use folkmoot_proto::survey::{GetItemRequest, GetSnapshotRequest, Item, ListItemsRequest, ListItemsResponse, Snapshot};
use folkmoot_rpc::{status, tenant};
use tonic::codegen::http;
use tonic::server::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::service_fn;

use super::TENANT;

/// What the other services hold, all of it the tenant [`TENANT`]'s, by name.
#[derive(Default)]
pub struct Peers {
    pub items: Mutex<BTreeMap<String, Item>>,
    pub snapshots: Mutex<BTreeMap<String, Snapshot>>,
    pub results: Mutex<BTreeMap<String, AnalysisResult>>,
}

fn held<Ask, T: Clone>(
    things: &Mutex<BTreeMap<String, T>>,
    ask: &Request<Ask>,
    name: &str,
) -> Result<Response<T>, Status> {
    let found = things.lock().unwrap().get(name).cloned();
    let ours = tenant(ask).map_err(status)? == TENANT;
    found.filter(|_| ours).map(Response::new).ok_or_else(|| status(Fault::not_found(name)))
}

impl Peers {
    /// Serves the calls on a port of their own.
    pub async fn serve(self: Arc<Self>) -> Channel {
        let (item, items, snapshot, result) = (self.clone(), self.clone(), self.clone(), self);
        let router = Router::new()
            .route(
                "/folkmoot.survey.v1.SurveyService/GetItem",
                post(async move |http: HttpRequest| {
                    let answer =
                        |ask: Request<GetItemRequest>| std::future::ready(held(&item.items, &ask, &ask.get_ref().name));
                    unary::<GetItemRequest, Item, _>(service_fn(answer), http).await
                }),
            )
            .route(
                "/folkmoot.survey.v1.SurveyService/ListItems",
                post(async move |http: HttpRequest| {
                    let answer = |ask| std::future::ready(items.list(ask));
                    unary::<ListItemsRequest, ListItemsResponse, _>(service_fn(answer), http).await
                }),
            )
            .route(
                "/folkmoot.survey.v1.SurveyService/GetSnapshot",
                post(async move |http: HttpRequest| {
                    let answer = |ask: Request<GetSnapshotRequest>| {
                        std::future::ready(held(&snapshot.snapshots, &ask, &ask.get_ref().name))
                    };
                    unary::<GetSnapshotRequest, Snapshot, _>(service_fn(answer), http).await
                }),
            )
            .route(
                "/folkmoot.aggregation.v1.AggregationService/GetResult",
                post(async move |http: HttpRequest| {
                    let answer = |ask: Request<GetResultRequest>| {
                        std::future::ready(held(&result.results, &ask, &ask.get_ref().name))
                    };
                    unary::<GetResultRequest, AnalysisResult, _>(service_fn(answer), http).await
                }),
            );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Endpoint::try_from(format!("http://{address}")).unwrap().connect_lazy()
    }

    /// Five items a page, so that whoever wants all must ask again.
    fn list(&self, ask: Request<ListItemsRequest>) -> Result<Response<ListItemsResponse>, Status> {
        let ours = tenant(&ask).map_err(status)? == TENANT;
        let ask = ask.into_inner();
        let items = self.items.lock().unwrap();
        let start: usize = ask.page_token.parse().unwrap_or(0);
        let of_round = items.values().filter(|item| ours && item.name.starts_with(&format!("{}/", ask.parent)));
        let next_page_token = match of_round.clone().nth(start + 5) {
            Some(_) => (start + 5).to_string(),
            None => String::new(),
        };
        Ok(Response::new(ListItemsResponse { items: of_round.skip(start).take(5).cloned().collect(), next_page_token }))
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
