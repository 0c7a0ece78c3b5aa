//! Folders that cannot be used.

use std::io;

use folkmoot_core::{Code, Fault, Reason};

/// The fault of a folder, named by what lies in it, that cannot be read or written.
pub(crate) fn unusable(holds: &str, error: &io::Error) -> Fault {
    let message = format!("the folder of {holds} cannot be used: {error}");
    match error.kind() {
        io::ErrorKind::StorageFull => Fault::new(Code::ResourceExhausted, Reason::StorageFull, message),
        _ => Fault::new(Code::Unavailable, Reason::StorageUnavailable, message),
    }
}
