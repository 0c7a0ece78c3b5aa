//! The aggregation service: methods run over snapshots, results kept by hash.
