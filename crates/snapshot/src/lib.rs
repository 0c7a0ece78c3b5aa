//! A round, frozen: columns, Parquet and the content hash.
