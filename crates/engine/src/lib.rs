//! Runs a method over a snapshot: segments, weights, shards and the bootstrap.
