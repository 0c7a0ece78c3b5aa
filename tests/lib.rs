//! End-to-end tests: the whole path, as its users walk it.
