//! Weights: a sample whose margins are not those of its population is made to match them.
//!
//! [`People`] are columns of levels and base weights, [`Targets`] the population's shares by name, and
//! [`Weighting`] says how. A [`Plan`] collapses the people to the distinct combinations of their levels
//! once; [`Plan::fit`] then weights them from any base weights, so that a bootstrap re-weights every
//! replicate at the cost of its sums. [`report`] says what the weights achieve and what they cost. What
//! cannot be weighted is a [`Failure`] that names the margin, the level and the gap: there are no silent
//! weights.
//!
//! To add a distance of calibration: its weight ratio, slope and integral in `fit/distance.rs`, its name
//! in `weighting.rs`, and a row in `tests/published.rs`.
//!
//! # Invariants
//! This crate is pure and compiles for wasm32. It never knows a snapshot, a file, the engine, threads, a
//! clock or randomness. Which row a participant has changes no figure: sums over people are integers,
//! and what must be floating point is summed over cells in the order of their levels.

mod base;
mod cells;
mod failure;
mod feasible;
mod fit;
mod margins;
mod people;
mod plan;
mod report;
mod targets;
#[cfg(test)]
mod tests;
mod weighting;

pub use failure::{Category, Conflict, Failure, Mismatch};
pub use people::{Attribute, People, UNKNOWN};
pub use plan::{Fit, Plan, Trimmed};
pub use report::report;
pub use targets::{Cells, Targets};
pub use weighting::{Distance, Method, Unknown, Weighting};
