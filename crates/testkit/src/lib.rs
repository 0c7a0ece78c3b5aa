//! A running Folkmoot in a temporary folder, for tests.
