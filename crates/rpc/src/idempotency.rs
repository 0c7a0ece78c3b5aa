//! Fingerprints of writes: a request id answers the same body with the same bytes, and refuses another.

use folkmoot_core::canonical::Hasher;
use folkmoot_core::id::check_id;
use folkmoot_core::{Code, Fault, Reason, Sha256Hash};
use prost::Message;

/// The fingerprint of a call of `method`, such as `CreateRound`, with `message`. Maps are encoded in
/// the order of their keys, so equal messages have equal fingerprints.
pub fn fingerprint<M: Message>(method: &str, message: &M) -> Sha256Hash {
    Hasher::new("folkmoot/request/v1").field(method.as_bytes()).field(&message.encode_to_vec()).finish()
}

/// Checks a caller's request id; an empty one is allowed and means that a retry is not recognised.
///
/// # Errors
/// `BAD_NAME` at `request_id`.
pub fn check_request_id(request_id: &str) -> Result<(), Fault> {
    match request_id {
        "" => Ok(()),
        id => check_id("request_id", id, false),
    }
}

/// The answer to a request id that came before with another body.
pub fn conflict(request_id: &str) -> Fault {
    let message = format!("the request id {request_id:?} was used before with another body");
    Fault::new(Code::AlreadyExists, Reason::IdempotencyConflict, message)
}
