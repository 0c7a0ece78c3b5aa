//! What the service answers, over the wire.

mod common;
mod lists;
mod plugin_runs;
mod plugins;
mod refusals;
mod results;
mod running;
