//! End-to-end tests: the whole path, as its users walk it. Each file beside this one is a test of its
//! own; `python/` holds a client written from the contracts alone. [`path`] has the steps they share.

pub mod path;
