//! The composition root: every service in one process, or each alone.
