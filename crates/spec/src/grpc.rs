//! The service on the wire: the tenant and the message in, the answer or its fault out.

use folkmoot_core::Fault;
use folkmoot_proto::longrunning::Operation;
use folkmoot_proto::spec as wire;
use folkmoot_proto::spec::spec_service_server::SpecService as Api;
use folkmoot_rpc::{status, tenant};
use tonic::{Request, Response, Status};

use crate::service::{SpecService, Watching};

type Reply<T> = Result<Response<T>, Status>;

fn enter<T>(request: Request<T>) -> Result<(String, T), Status> {
    let tenant = tenant(&request).map_err(status)?;
    Ok((tenant, request.into_inner()))
}

fn reply<T>(answer: Result<T, Fault>) -> Reply<T> {
    answer.map(Response::new).map_err(status)
}

#[tonic::async_trait]
impl Api for SpecService {
    async fn create_spec(&self, request: Request<wire::CreateSpecRequest>) -> Reply<wire::Spec> {
        let (tenant, message) = enter(request)?;
        reply(self.create_spec(&tenant, message).await)
    }

    async fn get_spec(&self, request: Request<wire::GetSpecRequest>) -> Reply<wire::Spec> {
        let (tenant, message) = enter(request)?;
        reply(self.get_spec(&tenant, message).await)
    }

    async fn list_specs(&self, request: Request<wire::ListSpecsRequest>) -> Reply<wire::ListSpecsResponse> {
        let (tenant, message) = enter(request)?;
        reply(self.list_specs(&tenant, message).await)
    }

    async fn update_spec(&self, request: Request<wire::UpdateSpecRequest>) -> Reply<wire::Spec> {
        let (tenant, message) = enter(request)?;
        reply(self.update_spec(&tenant, message).await)
    }

    async fn import_revision(&self, request: Request<wire::ImportRevisionRequest>) -> Reply<wire::Revision> {
        let (tenant, message) = enter(request)?;
        reply(self.import_revision(&tenant, message).await)
    }

    async fn get_revision(&self, request: Request<wire::GetRevisionRequest>) -> Reply<wire::Revision> {
        let (tenant, message) = enter(request)?;
        reply(self.get_revision(&tenant, message).await)
    }

    async fn list_revisions(&self, request: Request<wire::ListRevisionsRequest>) -> Reply<wire::ListRevisionsResponse> {
        let (tenant, message) = enter(request)?;
        reply(self.list_revisions(&tenant, message).await)
    }

    async fn diff_revisions(&self, request: Request<wire::DiffRevisionsRequest>) -> Reply<wire::DiffRevisionsResponse> {
        let (tenant, message) = enter(request)?;
        reply(self.diff_revisions(&tenant, message).await)
    }

    async fn get_clause(&self, request: Request<wire::GetClauseRequest>) -> Reply<wire::Clause> {
        let (tenant, message) = enter(request)?;
        reply(self.get_clause(&tenant, message).await)
    }

    async fn list_clauses(&self, request: Request<wire::ListClausesRequest>) -> Reply<wire::ListClausesResponse> {
        let (tenant, message) = enter(request)?;
        reply(self.list_clauses(&tenant, message).await)
    }

    async fn create_position(&self, request: Request<wire::CreatePositionRequest>) -> Reply<wire::Position> {
        let (tenant, message) = enter(request)?;
        reply(self.create_position(&tenant, message).await)
    }

    async fn batch_create_positions(
        &self,
        request: Request<wire::BatchCreatePositionsRequest>,
    ) -> Reply<wire::BatchCreatePositionsResponse> {
        let (tenant, message) = enter(request)?;
        reply(self.batch_create_positions(&tenant, message).await)
    }

    async fn get_position(&self, request: Request<wire::GetPositionRequest>) -> Reply<wire::Position> {
        let (tenant, message) = enter(request)?;
        reply(self.get_position(&tenant, message).await)
    }

    async fn list_positions(&self, request: Request<wire::ListPositionsRequest>) -> Reply<wire::ListPositionsResponse> {
        let (tenant, message) = enter(request)?;
        reply(self.list_positions(&tenant, message).await)
    }

    async fn derive_findings(&self, request: Request<wire::DeriveFindingsRequest>) -> Reply<Operation> {
        let (tenant, message) = enter(request)?;
        reply(self.derive_findings(&tenant, message).await)
    }

    async fn get_finding(&self, request: Request<wire::GetFindingRequest>) -> Reply<wire::Finding> {
        let (tenant, message) = enter(request)?;
        reply(self.get_finding(&tenant, message).await)
    }

    async fn list_findings(&self, request: Request<wire::ListFindingsRequest>) -> Reply<wire::ListFindingsResponse> {
        let (tenant, message) = enter(request)?;
        reply(self.list_findings(&tenant, message).await)
    }

    async fn create_proposal(&self, request: Request<wire::CreateProposalRequest>) -> Reply<wire::Proposal> {
        let (tenant, message) = enter(request)?;
        reply(self.create_proposal(&tenant, message).await)
    }

    async fn get_proposal(&self, request: Request<wire::GetProposalRequest>) -> Reply<wire::Proposal> {
        let (tenant, message) = enter(request)?;
        reply(self.get_proposal(&tenant, message).await)
    }

    async fn list_proposals(&self, request: Request<wire::ListProposalsRequest>) -> Reply<wire::ListProposalsResponse> {
        let (tenant, message) = enter(request)?;
        reply(self.list_proposals(&tenant, message).await)
    }

    async fn update_proposal(&self, request: Request<wire::UpdateProposalRequest>) -> Reply<wire::Proposal> {
        let (tenant, message) = enter(request)?;
        reply(self.update_proposal(&tenant, message).await)
    }

    async fn decide_proposal(&self, request: Request<wire::DecideProposalRequest>) -> Reply<wire::Decision> {
        let (tenant, message) = enter(request)?;
        reply(self.decide_proposal(&tenant, message).await)
    }

    async fn get_decision(&self, request: Request<wire::GetDecisionRequest>) -> Reply<wire::Decision> {
        let (tenant, message) = enter(request)?;
        reply(self.get_decision(&tenant, message).await)
    }

    async fn list_decisions(&self, request: Request<wire::ListDecisionsRequest>) -> Reply<wire::ListDecisionsResponse> {
        let (tenant, message) = enter(request)?;
        reply(self.list_decisions(&tenant, message).await)
    }

    async fn adopt_revision(&self, request: Request<wire::AdoptRevisionRequest>) -> Reply<wire::Revision> {
        let (tenant, message) = enter(request)?;
        reply(self.adopt_revision(&tenant, message).await)
    }

    async fn trace_clause(&self, request: Request<wire::TraceClauseRequest>) -> Reply<wire::TraceClauseResponse> {
        let (tenant, message) = enter(request)?;
        reply(self.trace_clause(&tenant, message).await)
    }

    type WatchSpecStream = Watching;

    async fn watch_spec(&self, request: Request<wire::WatchSpecRequest>) -> Reply<Watching> {
        let (tenant, message) = enter(request)?;
        reply(self.watch_spec(tenant, message).await)
    }
}
