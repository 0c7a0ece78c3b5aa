//! The built-in method `borda` as a component: the same source, the same bytes.
//!
//! A built-in method is a fold like any other, so a component of it is one line. That both answer the
//! same is a test of the host: see `tests/plugins.rs`.

folkmoot_plugin_sdk::export!(method = folkmoot_methods::borda());
