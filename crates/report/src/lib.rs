//! Results as a page: charts, tables and redlines in one self-contained HTML file, and the same
//! tables on a terminal.
//!
//! Read [`model`] first: a [`Page`] is plain data. [`html`](html()) tells it top to bottom for
//! people, [`svg::chart`] draws any chart a [`folkmoot_methods::Report`] declares, and
//! [`terminal`] prints its tables. [`number`] and [`text`] are the only places where a number
//! becomes words and where foreign text becomes markup.
//!
//! # Invariants
//! - Knows no method: what is drawn is declared by the report, or found by the ids of its columns.
//!   A table that is not there leaves its section out.
//! - Reads no file, clock, network or random source; the same page gives the same bytes.
//! - The page loads nothing and runs nothing: no script, no link to an asset.
//! - Foreign text reaches markup only through [`text::escape`], and never reorders the page.
//! - Colour is never the only signal, and every picture has its table beside it.

pub mod model;
pub mod number;
pub mod svg;
pub mod terminal;
pub mod text;

mod html;
mod marks;
mod scale;

pub use html::{html, index};
pub use model::{
    ChangeView, Counts, FindingView, ItemView, MethodView, Page, PluginView, ProposalView, ResultView, SegmentView,
    SpanKind, TraceView,
};
