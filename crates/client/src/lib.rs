//! Connections to Folkmoot's services.
//!
//! [`Folkmoot`] holds a client for each service in the name of one tenant. [`channel`] makes the
//! connections beneath: over the network, or [`channel::in_process`]. [`wait`] follows an operation
//! to its end, [`ingest`] sends many submissions and loses none, [`download`] writes a stream of
//! files into a folder, [`upload_plugin`] registers a component.
//!
//! # Invariants
//! It knows the wire and nothing behind it: no store, no method, no file format.

pub mod channel;
mod download;
mod ingest;
mod operation;
mod plugin;
pub mod wire;

pub use download::{FileChunk, download};
pub use ingest::{Ingested, ingest};
pub use operation::wait;
pub use plugin::{Signed, upload_plugin, upload_plugin_telling};

use folkmoot_core::{Fault, Reason};
use folkmoot_proto::aggregation::aggregation_service_client::AggregationServiceClient;
use folkmoot_proto::longrunning::operations_client::OperationsClient;
use folkmoot_proto::plugin::plugin_service_client::PluginServiceClient;
use folkmoot_proto::release::release_service_client::ReleaseServiceClient;
use folkmoot_proto::response::response_service_client::ResponseServiceClient;
use folkmoot_proto::spec::spec_service_client::SpecServiceClient;
use folkmoot_proto::survey::survey_service_client::SurveyServiceClient;
use folkmoot_rpc::TENANT_KEY;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Status};

/// Largest message a client takes: a revision's source with room around it.
const MAX_MESSAGE_BYTES: usize = 64 << 20;

/// Puts the tenant's name on every call.
#[derive(Clone)]
pub struct Tenant(MetadataValue<Ascii>);

impl Interceptor for Tenant {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert(TENANT_KEY, self.0.clone());
        Ok(request)
    }
}

/// A connection in the name of one tenant.
pub type Line = InterceptedService<Channel, Tenant>;

/// A client for each service of one Folkmoot, in the name of one tenant. Cheap to clone.
#[derive(Clone)]
pub struct Folkmoot {
    /// Rounds, items, snapshots.
    pub survey: SurveyServiceClient<Line>,
    /// What participants say.
    pub responses: ResponseServiceClient<Line>,
    /// Analyses and results.
    pub aggregation: AggregationServiceClient<Line>,
    /// Methods that people bring along; served where analyses are.
    pub plugins: PluginServiceClient<Line>,
    /// Revisions, positions, findings, proposals, decisions.
    pub spec: SpecServiceClient<Line>,
    /// Published bundles.
    pub release: ReleaseServiceClient<Line>,
    operations: Operations,
}

#[derive(Clone)]
struct Operations {
    survey: OperationsClient<Line>,
    aggregation: OperationsClient<Line>,
    spec: OperationsClient<Line>,
    release: OperationsClient<Line>,
}

impl Folkmoot {
    /// Clients over one connection that serves everything.
    ///
    /// # Errors
    /// `BAD_NAME` for a tenant that is no id.
    pub fn new(channel: Channel, tenant: &str) -> Result<Self, Fault> {
        let services =
            Channels { survey: channel.clone(), aggregation: channel.clone(), spec: channel.clone(), release: channel };
        Self::apart(services, tenant)
    }

    /// Clients of services that run together or apart.
    ///
    /// # Errors
    /// `BAD_NAME` for a tenant that is no id.
    pub fn apart(channels: Channels, tenant: &str) -> Result<Self, Fault> {
        folkmoot_core::id::check_id("tenant", tenant, false)?;
        let value = MetadataValue::try_from(tenant)
            .map_err(|_| Fault::field("tenant", Reason::BadName, "the tenant's id is not plain ASCII"))?;
        let line = |channel: Channel| InterceptedService::new(channel, Tenant(value.clone()));
        Ok(Self {
            operations: Operations {
                survey: OperationsClient::new(line(channels.survey.clone())),
                aggregation: OperationsClient::new(line(channels.aggregation.clone())),
                spec: OperationsClient::new(line(channels.spec.clone())),
                release: OperationsClient::new(line(channels.release.clone())),
            },
            survey: SurveyServiceClient::new(line(channels.survey.clone()))
                .max_decoding_message_size(MAX_MESSAGE_BYTES),
            responses: ResponseServiceClient::new(line(channels.survey)).max_decoding_message_size(MAX_MESSAGE_BYTES),
            plugins: PluginServiceClient::new(line(channels.aggregation.clone()))
                .max_decoding_message_size(MAX_MESSAGE_BYTES),
            aggregation: AggregationServiceClient::new(line(channels.aggregation))
                .max_decoding_message_size(MAX_MESSAGE_BYTES),
            spec: SpecServiceClient::new(line(channels.spec)).max_decoding_message_size(MAX_MESSAGE_BYTES),
            release: ReleaseServiceClient::new(line(channels.release)).max_decoding_message_size(MAX_MESSAGE_BYTES),
        })
    }

    /// The client that knows the operation `name`: a service's operations are named
    /// `operations/{service}-{id}` and live where the service runs.
    pub fn operations(&self, name: &str) -> OperationsClient<Line> {
        let service = name.trim_start_matches("operations/").split('-').next().unwrap_or_default();
        match service {
            "survey" => self.operations.survey.clone(),
            "spec" => self.operations.spec.clone(),
            "release" => self.operations.release.clone(),
            _ => self.operations.aggregation.clone(),
        }
    }
}

/// Where each service is reached.
#[derive(Clone)]
pub struct Channels {
    /// The survey and response services.
    pub survey: Channel,
    /// The aggregation and plugin services.
    pub aggregation: Channel,
    /// The spec service.
    pub spec: Channel,
    /// The release service.
    pub release: Channel,
}
