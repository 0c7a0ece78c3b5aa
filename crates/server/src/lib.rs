//! The composition root: every service in one process, or each alone.
//!
//! [`Config`] says which services run here, where they keep their data and where the others are;
//! [`Server::start`] joins them. Services in one process talk over an in-process connection, services
//! apart over the network: the same contracts and the same code either way.
//!
//! # Invariants
//! The only crate that sees every service and names a concrete store, clock or source of randomness.
//! It holds no logic of its own: whatever a user could miss if it were gone belongs in a service.

mod codec;
mod config;
mod pages;
mod server;
mod system;

pub use config::{Config, Peers, Plugins, Service};
pub use server::Server;
