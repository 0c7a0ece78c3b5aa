//! What the service answers, over the wire.

mod common;
mod lists;
mod refusals;
mod results;
mod running;
