//! The methods on the wire: tenant and message in, answer or status out.

mod streams;

use std::pin::Pin;
use std::sync::Arc;

use folkmoot_core::Fault;
use folkmoot_proto::longrunning::Operation;
use folkmoot_proto::response::response_service_server::{ResponseService, ResponseServiceServer};
use folkmoot_proto::response::*;
use folkmoot_proto::survey::survey_service_server::{SurveyService as SurveyRpc, SurveyServiceServer};
use folkmoot_proto::survey::*;
use folkmoot_rpc::{status, tenant};
use tokio_stream::Stream;
use tonic::service::RoutesBuilder;
use tonic::{Request, Response, Status, Streaming};

use crate::{Options, SurveyService, convert, service::Service};

/// Largest request to design a round: ten thousand items at once.
const MAX_SURVEY_BYTES: usize = 64 << 20;
/// Largest submission. Thousands of a stream wait at once, so what one may hold bounds what all hold.
const MAX_RESPONSE_BYTES: usize = 1 << 20;

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl SurveyService {
    pub(crate) fn new(options: Options) -> Self {
        Self(Arc::new(Service::new(options)))
    }

    /// Adds the gRPC services to `routes`.
    pub fn register(&self, routes: &mut RoutesBuilder) {
        routes.add_service(SurveyServiceServer::new(self.clone()).max_decoding_message_size(MAX_SURVEY_BYTES));
        routes.add_service(ResponseServiceServer::new(self.clone()).max_decoding_message_size(MAX_RESPONSE_BYTES));
    }
}

fn open<T>(request: Request<T>) -> Result<(String, T), Status> {
    let tenant = tenant(&request).map_err(status)?;
    Ok((tenant, request.into_inner()))
}

fn answer<T>(result: Result<T, Fault>) -> Result<Response<T>, Status> {
    result.map(Response::new).map_err(status)
}

#[tonic::async_trait]
impl SurveyRpc for SurveyService {
    type ReadSnapshotStream = Answers<ReadSnapshotResponse>;
    type WatchRoundStream = Answers<WatchRoundResponse>;

    async fn create_round(&self, request: Request<CreateRoundRequest>) -> Result<Response<Round>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.create_round(&tenant, message).await)
    }

    async fn list_rounds(&self, request: Request<ListRoundsRequest>) -> Result<Response<ListRoundsResponse>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.list_rounds(&tenant, message).await)
    }

    async fn update_round(&self, request: Request<UpdateRoundRequest>) -> Result<Response<Round>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.update_round(&tenant, message).await)
    }

    async fn delete_round(&self, request: Request<DeleteRoundRequest>) -> Result<Response<()>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.delete_round(&tenant, message).await)
    }

    async fn create_item(&self, request: Request<CreateItemRequest>) -> Result<Response<Item>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.create_item(&tenant, message).await)
    }

    async fn batch_create_items(
        &self,
        request: Request<BatchCreateItemsRequest>,
    ) -> Result<Response<BatchCreateItemsResponse>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.batch_create_items(&tenant, message).await)
    }

    async fn get_item(&self, request: Request<GetItemRequest>) -> Result<Response<Item>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.get_item(&tenant, message).await)
    }

    async fn list_items(&self, request: Request<ListItemsRequest>) -> Result<Response<ListItemsResponse>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.list_items(&tenant, message).await)
    }

    async fn update_item(&self, request: Request<UpdateItemRequest>) -> Result<Response<Item>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.update_item(&tenant, message).await)
    }

    async fn delete_item(&self, request: Request<DeleteItemRequest>) -> Result<Response<()>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.delete_item(&tenant, message).await)
    }

    async fn open_round(&self, request: Request<OpenRoundRequest>) -> Result<Response<Round>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.open_round(&tenant, message).await)
    }

    async fn close_round(&self, request: Request<CloseRoundRequest>) -> Result<Response<Round>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.close_round(&tenant, message).await)
    }

    async fn get_snapshot(&self, request: Request<GetSnapshotRequest>) -> Result<Response<Snapshot>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.get_snapshot(&tenant, message).await)
    }

    async fn list_snapshots(
        &self,
        request: Request<ListSnapshotsRequest>,
    ) -> Result<Response<ListSnapshotsResponse>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.list_snapshots(&tenant, message).await)
    }

    async fn get_round(&self, request: Request<GetRoundRequest>) -> Result<Response<Round>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.round(&tenant, "name", &message.name).await.map(|round| convert::round(&round)))
    }

    async fn seal_snapshot(&self, request: Request<SealSnapshotRequest>) -> Result<Response<Operation>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.clone().seal(&tenant, message).await)
    }

    async fn read_snapshot(
        &self,
        request: Request<ReadSnapshotRequest>,
    ) -> Result<Response<Self::ReadSnapshotStream>, Status> {
        let (tenant, message) = open(request)?;
        let files = self.0.snapshot_files(&tenant, message).await.map_err(status)?;
        Ok(Response::new(Box::pin(streams::files(files))))
    }

    async fn watch_round(
        &self,
        request: Request<WatchRoundRequest>,
    ) -> Result<Response<Self::WatchRoundStream>, Status> {
        let (tenant, message) = open(request)?;
        let seen = streams::cursor(&message.cursor).map_err(status)?;
        self.0.round(&tenant, "name", &message.name).await.map_err(status)?;
        Ok(Response::new(Box::pin(streams::watch(self.0.clone(), tenant, message.name, seen))))
    }
}

#[tonic::async_trait]
impl ResponseService for SurveyService {
    type IngestResponsesStream = Answers<IngestResponsesResponse>;

    async fn submit_responses(
        &self,
        request: Request<SubmitResponsesRequest>,
    ) -> Result<Response<SubmitResponsesResponse>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.submit(&tenant, message).await)
    }

    async fn ingest_responses(
        &self,
        request: Request<Streaming<IngestResponsesRequest>>,
    ) -> Result<Response<Self::IngestResponsesStream>, Status> {
        let (tenant, messages) = open(request)?;
        Ok(Response::new(Box::pin(streams::ingest(self.0.clone(), tenant, messages))))
    }

    async fn get_receipt(&self, request: Request<GetReceiptRequest>) -> Result<Response<Receipt>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.get_receipt(&tenant, message).await)
    }

    async fn withdraw_responses(
        &self,
        request: Request<WithdrawResponsesRequest>,
    ) -> Result<Response<WithdrawResponsesResponse>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.withdraw(&tenant, message).await)
    }

    async fn next_items(&self, request: Request<NextItemsRequest>) -> Result<Response<NextItemsResponse>, Status> {
        let (tenant, message) = open(request)?;
        answer(self.0.next_items(&tenant, message).await)
    }
}
