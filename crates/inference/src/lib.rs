//! How sure an estimate is, given how people were sampled and weighted.
//!
//! A [`Design`] knows the strata, the clusters that were drawn in them and how many there were to draw
//! from. An [`Estimate`] is a number with what each cluster adds to its error: totals are made from
//! columns, ratios, means, shares, domains and differences are made from totals, and
//! [`Design::covariance`] gives the variances of any list of them. [`calibration`] takes out what
//! weighting to margins has explained. [`Replicates`] is the other way: factors for the clusters'
//! weights, for any estimate that can be computed again. [`classes`] gives the same variances where
//! every row is a cluster and rows have been added up exactly, as the fold does. [`interval`] turns a
//! share and its variance into an interval; [`effect`] tells what design and weights cost.
//!
//! To add an estimate, write it with the arithmetic of [`Estimate`]: its variance, in every design
//! and under every weighting, follows.
//!
//! # Invariants
//! This crate is pure and compiles for wasm32. It never knows a method, an item, a snapshot, where
//! weights come from, threads, a clock or ambient randomness. Sums run over clusters in the order of
//! their codes and within a cluster in the order of rows; draws depend on the seed and the number of
//! the replicate alone, so that threads change no bit. Variances are of the first stage: clusters
//! are taken as drawn with replacement unless the design says how many there were.

pub mod calibration;
pub mod classes;
mod design;
pub mod effect;
mod estimate;
pub mod interval;
#[cfg(test)]
#[expect(clippy::excessive_precision, reason = "numbers stand as the package prints them")]
mod references;
mod replicates;

pub use design::{Design, DesignError, Lonely, Population};
pub use estimate::Estimate;
pub use replicates::{Replicates, Scheme};
