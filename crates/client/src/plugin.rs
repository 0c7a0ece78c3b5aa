use folkmoot_core::{Fault, Sha256Hash};
use folkmoot_proto::plugin::plugin_service_client::PluginServiceClient;
use folkmoot_proto::plugin::register_plugin_request::Part;
use folkmoot_proto::plugin::{Plugin, RegisterPluginHeader, RegisterPluginRequest};

use crate::Line;

const PIECE_BYTES: usize = 256 << 10;

/// Who vouches for a component.
#[derive(Clone, Debug)]
pub struct Signed {
    /// Ed25519 signature over `folkmoot/plugin/v1`, a zero byte and the 32 bytes of the component's SHA-256.
    pub signature: Vec<u8>,
    /// The key that made it.
    pub public_key: Vec<u8>,
}

/// Registers `component` by its hash. The same bytes again answer the same plugin, so it may be sent
/// again without harm; `request_id` may be empty.
///
/// # Errors
/// Why it is refused, or the connection.
pub async fn upload_plugin(
    client: &mut PluginServiceClient<Line>,
    component: Vec<u8>,
    signed: Option<Signed>,
    request_id: &str,
) -> Result<Plugin, Fault> {
    upload_plugin_telling(client, component, signed, request_id, |_| ()).await
}

/// [`upload_plugin`], where `sent` hears how many bytes are on their way.
///
/// # Errors
/// As [`upload_plugin`].
pub async fn upload_plugin_telling(
    client: &mut PluginServiceClient<Line>,
    component: Vec<u8>,
    signed: Option<Signed>,
    request_id: &str,
    mut sent: impl FnMut(usize) + Send + 'static,
) -> Result<Plugin, Fault> {
    let (signature, public_key) = signed.map(|signed| (signed.signature, signed.public_key)).unwrap_or_default();
    let header = RegisterPluginHeader {
        sha256: Sha256Hash::of(&component).to_string(),
        size_bytes: i64::try_from(component.len()).unwrap_or(i64::MAX),
        signature,
        public_key,
        request_id: request_id.to_owned(),
    };
    let message = |part| RegisterPluginRequest { part: Some(part) };
    let pieces = (0..component.len()).step_by(PIECE_BYTES).map(move |start| {
        let end = component.len().min(start + PIECE_BYTES);
        sent(end);
        message(Part::Data(component[start..end].to_vec()))
    });
    let messages = std::iter::once(message(Part::Header(header))).chain(pieces);
    let answer = client.register_plugin(tokio_stream::iter(messages)).await;
    answer.map(|plugin| plugin.into_inner()).map_err(|status| folkmoot_rpc::fault(&status))
}
