//! What every gRPC service does alike, so that a service's own code is about its own subject.
//!
//! * [`status`] and [`fault`] carry a `core::Fault` over the wire and back.
//! * [`tenant`] and [`request`] say whose call it is.
//! * [`names`] takes resource names apart, [`page`] makes page tokens, [`etag`] guards edits.
//! * [`idempotency`] gives writes their fingerprints.
//! * [`Operations`] runs long work behind `google.longrunning.Operations`.
//!
//! # Invariants
//! It never knows a resource, a store or a service: whatever mentions a round or a clause lives
//! elsewhere.

mod context;
pub mod etag;
pub mod idempotency;
pub mod names;
mod operations;
pub mod page;
mod status;
mod tenant;

pub use context::{Context, timestamp};
pub use operations::{Operations, Task, wire_status};
pub use status::{DOMAIN, fault, status};
pub use tenant::{DEFAULT_TENANT, TENANT_KEY, request, tenant};
