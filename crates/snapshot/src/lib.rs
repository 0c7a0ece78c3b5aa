//! A round, frozen: columns, Parquet and the content hash.
//!
//! A snapshot is a folder named by its hash: `items.json`, `participants.parquet`,
//! `responses.parquet`, `words.parquet` and `manifest.json`. A reader meets a [`Row`] pushed into a
//! [`Writer`], which sorts on disk and seals a [`Snapshot`]; a snapshot is scanned as
//! [`AnswerBatch`]es by analyses, row by row by exporters, and verified by anybody.
//!
//! The hash covers content and not bytes of Parquet: every part (items, participants, responses,
//! words, round) has a hash over its typed cells in canonical order, and the snapshot's hash covers
//! the hashes of its parts. So a release may withhold the words and what is left can be verified.
//!
//! # Invariants
//! This crate is pure but for files. It never knows a database, a network, a method or the time of
//! day, and never stores one. The hash never depends on the order of arrival, on batches or on where
//! the rows came from. Reading a damaged or hostile folder is an error, never a panic.

mod columns;
mod error;
mod files;
mod hash;
mod manifest;
mod participants;
mod reader;
mod row;
mod sort;
mod verify;
mod writer;

pub use error::SnapshotError;
pub use manifest::{FORMAT, Manifest, Part, Parts};
pub use participants::{Attribute, NO_LEVEL, Participant, Participants, is_taken};
pub use reader::{AnswerBatch, MAX_BATCH_ROWS, NO_DURATION, Snapshot};
pub use row::{Row, RowOut};
pub use verify::{PartCheck, PartState, Verification};
pub use writer::{Limits, Meta, Writer, remove_unfinished};
