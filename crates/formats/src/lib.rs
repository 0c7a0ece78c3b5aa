//! Readers and writers of the files people bring and take away.
//!
//! Every reader has one shape: a [`Source`] is opened into an [`Import`] (items, participants, notes
//! and a stream of rows), and [`snapshot`] freezes an import into a folder. [`items`], [`tidy`], [`targets`]
//! and [`quotas`] read the project's own files; [`polis`], [`collective_alignment`] and [`preflib`] read those of
//! others; [`export`] writes files back from a snapshot.
//!
//! # Invariants
//! Readers stream: memory grows with participants and items, not with rows. Nothing is refused
//! silently: every refused row has its file, line, field and reason. A participant is kept whole or
//! not at all. This crate never knows a database, a network or the time of day.

mod census;
pub mod collective_alignment;
mod error;
pub mod export;
pub mod export_alignment;
mod freeze;
mod import;
mod infer;
pub mod items;
pub mod polis;
pub mod preflib;
pub mod quotas;
mod table;
pub mod targets;
pub mod tidy;

pub use census::{ByParticipant, Census};
pub use error::{FormatError, Refusal};
pub use freeze::{Policy, Tally, snapshot};
pub use import::{Import, PolisVotes, ResponseRow, Rows, Source, TidyFiles, open};
