//! The survey service: rounds, items, responses, receipts and sealed snapshots.
