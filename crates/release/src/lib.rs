//! The release service: the published bundle, and its verification offline.
//!
//! A release is a folder that tells a round without Folkmoot: the data, every figure, the way of the
//! spec, a page for people and the means to check all of it. There is no database; the folders are
//! the state.
//!
//! A request flows through [`grpc`](service): `gather` asks the other services for a [`Material`],
//! [`bundle`] writes it as files, a [`Verifier`] must find nothing wrong, and only then does the
//! folder get its name. The bundle has two layers: a few **primary** files (the snapshot, the results,
//! the plugins behind them, the revisions, the decisions, `release.json`), and **derived** files, each
//! made by one function from the primary ones. Verification recomputes: results from the snapshot, with
//! the release's own plugins, derived files from the primary ones, `SHA256SUMS` from all.
//!
//! Releases of every earlier format are read and verified. What a version words for people (the page, the
//! card, the second verifier) a later one may word otherwise: it then says that it did not compare them.
//!
//! To add a file: write its function in a file of `bundle/` and name it in `bundle::derived`; it is
//! then written, summed, described and verified.
//!
//! # Invariants
//! - The same material gives the same bytes; no clock and no randomness below [`service`].
//! - A derived file never holds what the primary files do not.
//! - The participants' words leave this crate only where the release says `words_included`.
//! - Verification reads nothing outside the folder it is given, follows no link, and answers a hostile
//!   folder with failed checks, never with a panic.
//! - It knows other services only through their wire contracts.

pub mod bundle;
mod convert;
mod folder;
mod gather;
mod grpc;
pub mod material;
mod verify;

pub use grpc::{Options, ReleaseApi, service};
pub use material::Material;
pub use verify::{Check, Outcome, Verification, Verifier};
