//! The survey service: rounds, items, responses, receipts and sealed snapshots.
//!
//! How a request flows: `grpc` takes the tenant and the message off the wire and calls the method of
//! the same subject in `service`. That reads the [`store`], checks everything and collects every
//! violation, and makes a [`store::Change`] with the answer to it; `Service::write` commits both at
//! once, or plans again where something else was faster. Submissions have a way of their own, because
//! there are many: `submission` checks them against the opened round (which never changes, so it is
//! kept in memory), [`commitment`] says what their receipt commits to, and the one task of `writer`
//! stores all that wait in one synced transaction and answers only then.
//!
//! To add a method: add it to the proto and to `grpc`, write it beside its subject in `service`; what
//! it writes is a [`store::Change`], what it reads a method of [`store::Store`].
//!
//! # Invariants
//! - Nothing is acknowledged before it is committed and synced.
//! - Items and what opening fixes never change after opening; a sealed round never changes its answers.
//! - What a round's state forbids is decided within the transaction that would store it.
//! - The spec service is known by its contract only, and never waited for while writing.
//! - No method, figure or rule of aggregation is known here.

pub mod commitment;
mod convert;
mod grpc;
pub mod model;
mod next;
mod service;
mod specs;
pub mod store;
mod submission;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;

use folkmoot_rpc::Context;
use tonic::transport::Channel;

use store::Store;

/// What the service is made of.
#[derive(Clone)]
pub struct Options {
    /// Where rounds are kept.
    pub store: Store,
    /// Clock, entropy and operations.
    pub context: Context,
    /// The spec service, for revisions and clauses.
    pub spec: Channel,
    /// The folder of sealed snapshots.
    pub snapshots: PathBuf,
}

/// Rounds and responses over one store. Cheap to clone.
#[derive(Clone)]
pub struct SurveyService(Arc<service::Service>);

/// The service over `options`.
///
/// # Panics
/// Outside a Tokio runtime: it starts the task that writes submissions.
pub fn service(options: Options) -> SurveyService {
    SurveyService::new(options)
}
