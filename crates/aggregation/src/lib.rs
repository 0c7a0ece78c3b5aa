//! The aggregation service: methods run over snapshots, results kept by hash.
//!
//! A request flows like this. `grpc` decodes it (`convert`, `parameters`) and
//! refuses at once what the method's own schema refuses (`methods`). `RunAnalysis` then writes a
//! running analysis to the [`store`] and starts an operation; the `runner` waits for one of two
//! places, reads the positions from the spec service, gets the snapshot (`snapshots`, a folder of
//! verified copies), runs `folkmoot_engine::run` on a blocking thread and stores the canonical bytes
//! under their SHA-256. `CompareResults` is `compare`, `VerifyResult` the runner once more.
//!
//! `plugins` takes components in and makes them ready; `methods` finds a method, built in or a plugin,
//! by what a caller calls it, when an analysis is created: from then on it is pinned by its hash. A plugin
//! is only ever loaded to register, check or run it; lists read what it said of itself then.
//!
//! To add a method to the API: write the rpc in the proto, its request's reading in `convert`, what
//! it needs kept in [`store::Store`] (with a case in its conformance suite, among the races what two
//! processes do at once), and the few lines that join them in `grpc`. A new aggregation method needs
//! nothing here: the service asks the registry.
//!
//! # Invariants
//! * A result is a function of snapshot, method, parameters and seed; nothing of the service (time,
//!   tenant, ids) enters its bytes.
//! * It reads sealed snapshots only, never a round's database, and knows the other services only
//!   through their clients.
//! * No request and no peer names a path: snapshot folders and components are named by verified hashes.
//! * What an analysis ended with stays.
//! * A plugin is a tenant's own: its bytes may lie there for another, but only the store says who has it.

mod compare;
mod convert;
mod disk;
mod grpc;
mod methods;
pub mod model;
mod parameters;
mod plugins;
mod runner;
mod snapshots;
pub mod store;
mod targets;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;

use folkmoot_plugin_host::Host;
use folkmoot_proto::aggregation::aggregation_service_server::AggregationServiceServer;
use folkmoot_rpc::Context;
use tonic::service::RoutesBuilder;
use tonic::transport::Channel;

pub use grpc::AggregationService;
pub use parameters::{parameters, structure};
use store::Store;

const MAX_REQUEST_BYTES: usize = 1 << 20;

/// What the service is made of.
pub struct Options {
    /// Where analyses and results are kept.
    pub store: Store,
    /// Time, randomness and operations.
    pub context: Context,
    /// The survey service, which snapshots are read from.
    pub survey: Channel,
    /// The spec service, which positions are read from.
    pub spec: Channel,
    /// Folder of the verified copies of snapshots; made where absent.
    pub snapshots: PathBuf,
    /// What makes plugins ready, and their limits.
    pub host: Host,
    /// Folder of the components that were registered, each under its hash; made where absent.
    pub components: PathBuf,
}

/// The service. Its first call marks every analysis that still runs as failed: it takes the process that
/// ran it for dead. So one process at a time serves a database, on PostgreSQL too; a result that another
/// one comes with after that is dropped.
pub fn service(options: Options) -> AggregationService {
    AggregationService::new(options)
}

impl AggregationService {
    /// Adds the service, and the one that registers plugins, to a server's routes.
    pub fn register(&self, routes: &mut RoutesBuilder) {
        let server = AggregationServiceServer::from_arc(Arc::new(self.clone()));
        routes.add_service(server.max_decoding_message_size(MAX_REQUEST_BYTES));
        self.plugin_service().register(routes);
    }
}
