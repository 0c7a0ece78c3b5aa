//! Aggregation methods as mergeable folds over weighted columns.
//!
//! The fold they implement, the report that comes out and the laws they keep are the crate
//! `folkmoot-fold`, which is seen from here too.
//!
//! # Invariants
//! This crate is pure and compiles for wasm32. It never knows a snapshot's files, a database, a
//! network, threads, a clock or ambient randomness. Published sums are integers in units of
//! [`contract::WEIGHT_ONE`]; what must be floating point is summed in a fixed order.

mod ballot;
#[cfg(test)]
mod counts;
mod fold;
mod grades;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod monotone;
mod opinion;
#[cfg(test)]
mod polis;
mod preference;
#[cfg(test)]
mod references;
pub mod registry;
mod reliability;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tournaments;

pub use folkmoot_fold::{
    Accumulator, Batch, Config, Descriptor, Method, MethodError, Outcome, Report, WEIGHT_ONE, contract, mix,
    replicated, report, schema,
};
pub use registry::Registry;

use folkmoot_fold::stats;

/// The method `borda` alone, for a component of it.
pub fn borda() -> Box<dyn Method> {
    preference::borda()
}

/// The method `shares` alone, for a component of it.
pub fn shares() -> Box<dyn Method> {
    preference::shares()
}

/// The method `group-consensus` alone, for a component of it.
pub fn group_consensus() -> Box<dyn Method> {
    opinion::group_consensus()
}

fn builtin() -> Vec<Box<dyn Method>> {
    [preference::methods(), grades::methods(), opinion::methods(), reliability::methods()]
        .into_iter()
        .flatten()
        .collect()
}
