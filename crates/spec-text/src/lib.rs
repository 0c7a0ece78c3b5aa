//! A spec's Markdown as clauses, and the difference between two revisions.
