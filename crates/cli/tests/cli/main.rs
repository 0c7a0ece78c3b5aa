//! The command line from outside: words in, data, talk and exit code out.

mod analyze;
mod bad_input;
mod common;
mod help;
mod panel;
mod plugin;
mod simulate;
mod spec;
mod streams;
mod weight;
