//! The spec service: revisions, positions, findings, proposals, decisions and the trace.
