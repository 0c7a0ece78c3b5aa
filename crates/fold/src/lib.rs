//! The fold contract: what an aggregation method is given, what it answers, and the laws it keeps.
//!
//! [`contract`] is the fold every method implements, built in or a plugin; [`replicated`] is what a
//! built-in may offer a bootstrap beside it; [`report`] is what comes out; [`schema`] checks parameters;
//! [`laws`] tries any method on made-up rows. The WIT world `folkmoot:method` says the same thing as
//! [`contract`].
//!
//! # Invariants
//! This crate is pure and compiles for wasm32: plugins are built with it. It never knows a method, a
//! snapshot, threads, a clock or ambient randomness.

pub mod contract;
pub mod laws;
mod mix;
pub mod replicated;
pub mod report;
pub mod rows;
pub mod schema;
pub mod state;
pub mod stats;

pub use contract::{Accumulator, Batch, Config, Descriptor, Method, MethodError, Outcome, WEIGHT_ONE};
pub use mix::mix;
pub use report::Report;
