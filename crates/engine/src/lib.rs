//! Runs a method over a snapshot.
//!
//! [`run`] takes a snapshot and a [`RunSpec`], feeds the method's accumulators with typed columns and
//! gives a [`RunResult`] that names everything it depends on. The host's part is here and nowhere
//! else: views, weights, segments, shards, the
//! bootstrap and the suppression of small cells. Methods own the arithmetic.
//!
//! # Invariants
//! The same snapshot and spec give the same bytes, whatever the number of threads and the size of
//! batches. This crate never knows a database, a network, a clock or randomness other than the seed.

mod bootstrap;
mod columns;
mod designs;
mod dimensions;
mod error;
mod folds;
mod quality;
mod replicates;
mod run;
mod scan;
mod segments;
mod spec;
mod suppression;
#[cfg(test)]
mod tests;
mod weighting;

pub use folkmoot_weights::{Cells, Weighting};

pub use designs::{Design, Lonely, Scheme};
pub use error::EngineError;
pub use quality::{AtLeast, Quality, Speeding};
pub use run::{Runnable, run, run_method, worth_while};
pub use spec::{MethodRef, Progress, RunResult, RunSpec, Targets};
pub use suppression::PUBLIC_THRESHOLD;
