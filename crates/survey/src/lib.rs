//! The survey service: rounds, items, responses, receipts and sealed snapshots.

#[allow(dead_code)]
pub mod model;
pub mod store;

use std::path::PathBuf;
use std::sync::Arc;

use folkmoot_rpc::Context;
use tonic::transport::Channel;

use store::Store;

/// What the service is made of.
#[derive(Clone)]
pub struct Options {
    /// Where rounds are kept.
    pub store: Arc<dyn Store>,
    /// Clock, entropy and operations.
    pub context: Context,
    /// The spec service, for revisions and clauses.
    pub spec: Channel,
    /// The folder of sealed snapshots.
    pub snapshots: PathBuf,
}

/// Rounds and responses over one store.
#[derive(Clone)]
pub struct SurveyService(#[allow(dead_code)] Arc<Options>);

/// The service over `options`. Called within a runtime: it starts the task that writes submissions.
pub fn service(options: Options) -> SurveyService {
    SurveyService(Arc::new(options))
}

impl SurveyService {
    /// Adds the gRPC services to `routes`.
    pub fn register(&self, _routes: &mut tonic::service::RoutesBuilder) {}
}
