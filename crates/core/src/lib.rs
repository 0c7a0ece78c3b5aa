//! The words every other crate shares.
//!
//! A reader meets them in this order: an [`item`] is one task of a round; an [`answer`] is what a
//! participant said to it, with one text grammar (what people type and files hold) and one byte
//! encoding (what databases, snapshots and hashes hold); [`canonical`] turns values into bytes that
//! are the same on every machine; a [`fault`] is the one shape an error has before it reaches a wire
//! or a terminal; [`id`] and [`clock`] are how identity and time are passed in rather than taken.
//!
//! # Invariants
//! This crate is pure. It never knows a database, a network, a runtime, a file or a wire type, and it
//! never reads the clock or makes randomness by itself.

pub mod answer;
pub mod canonical;
pub mod clock;
pub mod fault;
pub mod id;
pub mod item;
mod ranking;
pub mod text;

pub use answer::{Answer, View, Vote};
pub use canonical::Sha256Hash;
pub use clock::{Clock, Timestamp};
pub use fault::{Code, Fault, Reason, Violation};
pub use item::{Candidate, Item, ItemKind};
