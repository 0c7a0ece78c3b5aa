//! A component on its way in.

use std::time::Duration;

use folkmoot_core::{Code, Fault, Reason, Sha256Hash, Violation};
use folkmoot_plugin_host::{Limits, PluginError};
use folkmoot_proto::plugin::register_plugin_request::Part;
use folkmoot_proto::plugin::{RegisterPluginHeader, RegisterPluginRequest};
use folkmoot_rpc::idempotency;
use tonic::{Status, Streaming};

use super::components::{Components, Incoming};
use super::signature;
use crate::model::Signature;

/// Most bytes of a piece.
const MAX_PIECE_BYTES: usize = 1 << 20;
/// How long a message is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most bytes of a message: a piece with room around it.
pub(super) const MAX_MESSAGE_BYTES: usize = MAX_PIECE_BYTES + 1024;

/// What comes, before it comes.
pub(super) struct Header {
    pub(super) component: Sha256Hash,
    pub(super) bytes: u64,
    pub(super) signature: Option<Signature>,
    pub(super) request_id: String,
    pub(super) fingerprint: Sha256Hash,
}

/// Reads the first message, with everything wrong with it.
pub(super) async fn header(stream: &mut Streaming<RegisterPluginRequest>, limits: &Limits) -> Result<Header, Fault> {
    let first = next(stream).await?.and_then(|message| message.part);
    let Some(Part::Header(given)) = first else {
        return Err(Fault::field("header", Reason::FieldRequired, "the first message is the header"));
    };
    let mut found = Vec::new();
    let component = match given.sha256.parse::<Sha256Hash>() {
        Ok(component) => Some(component),
        Err(_) if given.sha256.is_empty() => {
            found.push(Violation::new("sha256", Reason::FieldRequired, "the hash of the component is needed"));
            None
        }
        Err(error) => {
            found.push(Violation::new("sha256", Reason::BadField, error.to_string()));
            None
        }
    };
    let bytes = u64::try_from(given.size_bytes).ok().filter(|&bytes| bytes > 0);
    if bytes.is_none() {
        let message = "the size of the component is needed, in bytes";
        found.push(Violation::new("size_bytes", Reason::FieldRequired, message));
    }
    // Without a hash a signature can still be of the wrong size.
    let over = component.unwrap_or_else(|| Sha256Hash::of(b""));
    let signature = match signature::check(over, &given.signature, &given.public_key) {
        Ok(signature) => signature,
        Err(violation) => {
            let told = component.is_some() || violation.reason != Reason::BadSignature;
            found.extend(told.then_some(violation));
            None
        }
    };
    found.extend(idempotency::check_request_id(&given.request_id).err().into_iter().flat_map(|fault| fault.violations));
    let (Some(component), Some(bytes), true) = (component, bytes, found.is_empty()) else {
        return Err(Fault::invalid(found.into_iter().map(|violation| violation.within("header")).collect()));
    };
    if bytes > limits.component_bytes {
        return Err(PluginError::TooLarge { bytes, limit: limits.component_bytes }.into());
    }
    let fingerprint = idempotency::fingerprint::<RegisterPluginHeader>("RegisterPlugin", &given);
    Ok(Header { component, bytes, signature, request_id: given.request_id, fingerprint })
}

/// Receives the bytes that `header` told of; on disk, so that however many come at once, memory holds a
/// piece of each.
pub(super) async fn component(
    stream: &mut Streaming<RegisterPluginRequest>,
    header: &Header,
    components: &Components,
) -> Result<Incoming, Fault> {
    let mut incoming = components.receive().await?;
    while let Some(message) = next(stream).await? {
        let data = match message.part {
            Some(Part::Data(data)) if !data.is_empty() => data,
            Some(Part::Header(_)) => {
                return Err(Fault::field("header", Reason::BadField, "the header comes once"));
            }
            Some(Part::Data(_)) | None => {
                return Err(Fault::field("data", Reason::FieldRequired, "every message behind the header has bytes"));
            }
        };
        if data.len() > MAX_PIECE_BYTES {
            let message = format!("a piece of {} bytes, at most {MAX_PIECE_BYTES} are taken at once", data.len());
            return Err(Fault::field("data", Reason::BadField, message));
        }
        if incoming.bytes() + data.len() as u64 > header.bytes {
            let message = format!("more came than the {} bytes that were told", header.bytes);
            return Err(Fault::field("header.size_bytes", Reason::BadField, message));
        }
        incoming.push(&data).await?;
    }
    if incoming.bytes() != header.bytes {
        let message = format!("{} bytes came, {} were told", incoming.bytes(), header.bytes);
        return Err(Fault::field("header.size_bytes", Reason::BadField, message));
    }
    let found = incoming.hash().await?;
    if found != header.component {
        let message = format!("the bytes that came hash to {found}");
        return Err(Fault::field("header.sha256", Reason::DataCorrupt, message));
    }
    Ok(incoming)
}

/// The next message. Whoever sends nothing for long is not waited for.
async fn next(stream: &mut Streaming<RegisterPluginRequest>) -> Result<Option<RegisterPluginRequest>, Fault> {
    match tokio::time::timeout(PATIENCE, stream.message()).await {
        Ok(message) => message.map_err(broken),
        Err(_) => {
            let message = format!("nothing came for {} seconds", PATIENCE.as_secs());
            Err(Fault::new(Code::DeadlineExceeded, Reason::OperationCancelled, message))
        }
    }
}

/// What tonic itself says of a message, or of a stream that ended too soon.
fn broken(status: Status) -> Fault {
    match status.code() {
        tonic::Code::OutOfRange => {
            let message = "a message is larger than this method takes";
            Fault::new(Code::ResourceExhausted, Reason::MessageTooLarge, message)
        }
        tonic::Code::Internal => {
            let message = "a message is none of the type that this method takes";
            Fault::new(Code::InvalidArgument, Reason::MalformedMessage, message)
        }
        _ => Fault::new(Code::Cancelled, Reason::OperationCancelled, "the upload broke off"),
    }
}
