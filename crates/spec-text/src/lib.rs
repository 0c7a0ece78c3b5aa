//! A spec's Markdown as clauses, and the difference between two revisions.
//!
//! A reader meets the files in the order in which text flows through them: `lines` knows
//! what is a fence, a comment or a commentary block and therefore what is *not* a heading;
//! `heading` reads `## Title {#anchor authority=user}`; `outline` makes sections of headings and
//! gives anchors to those without one; `parse` fills in what a clause holds; `normal` says when two
//! texts are the same. On top stand [`diff`], [`redline`] and [`apply`].
//!
//! ```
//! let from = folkmoot_spec_text::parse(b"# Tone {#tone authority=user}\nBe kind.\n")?;
//! let to = folkmoot_spec_text::parse(b"# Tone {#tone authority=root}\nBe  kind.\n")?;
//! let diff = folkmoot_spec_text::diff(&from, &to);
//! assert_eq!((diff.summary.changed, diff.summary.authority_changed), (0, 1));
//! # Ok::<(), folkmoot_spec_text::DocumentError>(())
//! ```
//!
//! # Invariants
//! - The source is `byte order mark? + preamble + (heading line + body) for every clause`: nothing of
//!   it is lost, and an edit leaves the rest byte for byte.
//! - Every anchor is unique in its document and is a valid resource id.
//! - Time and memory grow linearly with the bytes of a document, whatever they hold.
//! - This crate is pure: it never knows a file, a database, a network, a clock or a service.

mod apply;
mod diff;
mod document;
mod heading;
mod inline;
mod lines;
mod normal;
mod order;
mod outline;
mod parse;
mod redline;

pub use apply::{Edit, EditError, EditReason, apply};
pub use diff::{ChangeKind, ClauseChange, Diff, LineKind, RedlineLine, Side, Summary, diff};
pub use document::{Clause, Document, DocumentError, Example, Footnote, MAX_CLAUSES, MAX_DOCUMENT_BYTES, Warning};
pub use normal::normalise;
pub use parse::parse;
pub use redline::{MAX_REDLINE_BYTES, Span, SpanKind, redline};
