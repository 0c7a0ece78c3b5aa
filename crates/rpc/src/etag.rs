//! Guards against lost updates.

use folkmoot_core::{Code, Fault, Reason};

/// Lets an edit pass if the caller read the current state of `what`, or did not say what it read.
///
/// # Errors
/// Aborted, `ETAG_MISMATCH`, with the current etag in the metadata `current_etag`.
pub fn check(given: &str, current: &str, what: &str) -> Result<(), Fault> {
    if given.is_empty() || given == current {
        return Ok(());
    }
    let message = format!("{what} changed meanwhile; read it again and retry");
    Err(Fault::new(Code::Aborted, Reason::EtagMismatch, message).with("current_etag", current))
}
