//! Runs methods that are WebAssembly components, within limits.
//!
//! [`Host::load`] makes a [`Plugin`] of a component's bytes: compiled (in a process of its own, with a
//! time limit) or taken from the cache, checked against the world `folkmoot:method`, asked to
//! describe itself. A [`Plugin`] is a [`folkmoot_fold::Method`] like any other.
//!
//! Every call into a component has its fuel, its deadline and its share of [`Limits`]; what breaks one
//! is told with the plugin, the export, the limit and how to raise it. Accumulators of one thread share
//! a store, which is thrown away with them, or at once after a failed call.
//!
//! # Invariants
//! Nothing of the machine is in reach of a component: no clock, randomness, file or network, only a
//! log with a quota. This crate never knows a database, a wire or a runtime, and results never depend
//! on fuel or time: a run ends with its figures or with an error.

mod bindings;
mod cache;
mod compile;
mod convert;
mod error;
mod host;
mod limits;
mod plugin;
mod room;

pub use compile::{Compiler, compile_from_stdin};
pub use error::PluginError;
pub use host::{Host, Options};
pub use limits::Limits;
pub use plugin::Plugin;

/// The versions of the world `folkmoot:method` that this host runs.
pub const WORLDS: [&str; 1] = ["0.1.0"];
