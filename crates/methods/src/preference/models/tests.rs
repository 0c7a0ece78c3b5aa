//! Published and independently computed values, each named with its source.
