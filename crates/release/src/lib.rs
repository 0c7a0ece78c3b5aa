//! The release service: the published bundle, and its verification offline.
