//! The command line: verbs over gRPC, and the offline ones over files.
