//! The spec service: revisions, positions, findings, proposals, decisions and the trace.
//!
//! How a request flows: `grpc` takes the tenant and the message off the wire and calls the method of
//! the same name in `service`, one file a subject. That reads names and fields (`check` collects every
//! violation, [`names`] makes names, `convert` turns wire types into [`model`]), reads the [`store`] and
//! makes a *plan*: the effects, the answer, and the version of the spec they were made for. `service`
//! commits the plan at once or, where somebody was faster, plans again; so a plan sees one state of
//! the spec and an etag is checked against the state that is changed.
//!
//! To add a method: add it to the proto, to `grpc`, and write it beside its subject in `service`; what
//! it writes is an [`store::Effect`], what it reads a method of [`store::Store`].
//!
//! # Invariants
//! - Revisions, findings and decisions never change; a proposal changes only until it is decided.
//! - Nothing is written but by [`store::Store::commit`], all or nothing, with the reply to a retry.
//! - The survey and the aggregation service are known by their contracts only, and called before a
//!   plan is made: no commit waits for a peer.
//! - What a document is, how it differs and how it is edited is `folkmoot-spec-text`'s alone.

mod check;
mod convert;
mod grpc;
pub mod model;
pub mod names;
mod report;
mod service;
pub mod store;

use folkmoot_rpc::Context;
use tonic::transport::Channel;

pub use service::SpecService;
use store::Store;

/// Largest request: a document of 16 MiB and what stands around it.
const MAX_REQUEST_BYTES: usize = folkmoot_spec_text::MAX_DOCUMENT_BYTES + 1024 * 1024;

/// What the service is made of.
#[derive(Clone)]
pub struct Options {
    /// Where specs are kept.
    pub store: Store,
    /// Clock, entropy and operations.
    pub context: Context,
    /// The survey service, for items and snapshots.
    pub survey: Channel,
    /// The aggregation service, for results.
    pub aggregation: Channel,
}

/// The service over `options`.
pub fn service(options: Options) -> SpecService {
    SpecService::new(options)
}
