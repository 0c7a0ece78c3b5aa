//! Panel selection (sortition): who is drawn from a pool, so that the panel meets quotas and everybody's
//! chance is as fair as can be.
//!
//! [`select`] makes a lottery over panels of a [`Person`] pool and [`Quotas`]; [`Selection::draw`] draws
//! from it with a public seed, and [`Selection::report`] says what happened. Inside, `instance` turns
//! people into types and quotas into sums; `marginals` describes from outside which probabilities there
//! can be, and `leximin` and `nash` find the best of them; `decompose` looks for a lottery that has them, with
//! panels out of `pricing`; `relax` says which quotas stand in the way. A method is a variant of
//! [`Method`] and its own module that gives the expected seats it wants.
//!
//! # Invariants
//! The same pool, quotas, method and seed give the same bytes: one thread, no clock, no ambient
//! randomness; the order of the pool changes no probability. Only `solver` knows the solver. This crate
//! reads no file and never knows a runtime, a database or the wire.

mod apportion;
mod cover;
mod decompose;
pub mod draw;
mod error;
mod instance;
mod leximin;
mod lottery;
mod marginals;
mod nash;
mod pool;
mod pricing;
mod published;
mod relax;
mod report;
mod select;
mod solver;

pub use error::{Bound, Change, PanelError, Problem, Relaxation};
pub use lottery::{Entry, TICKETS};
pub use pool::{Bounds, Method, Person, Quota, Quotas, Rule};
pub use published::Published;
pub use select::{Drawn, Selection, select};
