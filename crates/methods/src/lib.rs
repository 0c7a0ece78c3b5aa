//! Aggregation methods as mergeable folds over weighted columns.
//!
//! [`contract`] is the fold every method and plugin implements; [`report`] is what comes out.
//!
//! # Invariants
//! This crate is pure and compiles for wasm32. It never knows a snapshot's files, a database, a
//! network, threads, a clock or ambient randomness. Published sums are integers in units of
//! [`contract::WEIGHT_ONE`]; what must be floating point is summed in a fixed order.

mod ballot;
pub mod contract;
mod fold;
#[cfg(test)]
mod laws;
mod opinion;
#[cfg(test)]
mod polis;
mod preference;
#[cfg(test)]
mod references;
pub mod registry;
pub mod report;
pub mod schema;
mod stats;
#[cfg(test)]
mod testing;

pub use contract::{Accumulator, Batch, Config, Descriptor, Method, MethodError, Outcome, WEIGHT_ONE};
pub use registry::Registry;
pub use report::Report;

fn builtin() -> Vec<Box<dyn Method>> {
    preference::methods().into_iter().chain(opinion::methods()).collect()
}
