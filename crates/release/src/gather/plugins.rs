//! Asks for the components behind the results that plugins made.

use std::collections::BTreeSet;
use std::path::Path;

use folkmoot_core::{Fault, Sha256Hash};
use folkmoot_engine::RunResult;
use folkmoot_proto::plugin::plugin_service_client::PluginServiceClient;
use folkmoot_proto::plugin::{self, GetPluginRequest, ReadPluginRequest};
use folkmoot_rpc::{fault, request};
use tokio::io::AsyncWriteExt;
use tonic::transport::Channel;

use super::corrupt;
use crate::bundle::hash_file;
use crate::folder::io_fault;
use crate::material::{Plugin, ResultText, Signature, Words};

/// The components behind `results`, each once, in files of `folder`.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` for a plugin that the tenant does not have, `DATA_CORRUPT` for bytes that are not
/// those of the hash.
pub(super) async fn fetch(
    service: &PluginServiceClient<Channel>,
    tenant: &str,
    results: &[ResultText],
    folder: &Path,
) -> Result<Vec<Plugin>, Fault> {
    let mut wanted = BTreeSet::new();
    for ResultText { name, json } in results {
        let result: RunResult = serde_json::from_str(json).map_err(|e| corrupt(format!("{name}: {e}")))?;
        wanted.extend(result.method.component);
    }
    let mut found = Vec::with_capacity(wanted.len());
    for hash in wanted {
        tokio::fs::create_dir_all(folder).await.map_err(|e| io_fault(folder, &e))?;
        found.push(one(service.clone(), tenant, hash, folder).await?);
    }
    Ok(found)
}

async fn one(
    mut service: PluginServiceClient<Channel>,
    tenant: &str,
    hash: Sha256Hash,
    folder: &Path,
) -> Result<Plugin, Fault> {
    let name = format!("plugins/{hash}");
    let ask = GetPluginRequest { name: name.clone() };
    let about = service.get_plugin(request(tenant, ask)).await.map_err(|s| fault(&s))?.into_inner();
    let path = folder.join(format!("{hash}.wasm"));
    let mut file = tokio::fs::File::create_new(&path).await.map_err(|e| io_fault(&path, &e))?;
    let ask = ReadPluginRequest { name };
    let mut pieces = service.read_plugin(request(tenant, ask)).await.map_err(|s| fault(&s))?.into_inner();
    let mut left = u64::try_from(about.size_bytes).unwrap_or(0);
    while let Some(piece) = pieces.message().await.map_err(|s| fault(&s))? {
        left = left.checked_sub(piece.data.len() as u64).ok_or_else(|| {
            corrupt(format!("more bytes were sent for plugins/{hash} than the {} it has", about.size_bytes))
        })?;
        file.write_all(&piece.data).await.map_err(|e| io_fault(&path, &e))?;
    }
    file.flush().await.map_err(|e| io_fault(&path, &e))?;
    drop(file);
    let written = path.clone();
    let hashed = tokio::task::spawn_blocking(move || hash_file(&written)).await.map_err(Fault::internal)?;
    let (_, sent) = hashed?;
    if sent != hash {
        return Err(corrupt(format!("the bytes sent for plugins/{hash} hash to {sent}")));
    }
    let signature = signature(&about);
    let method = about.method.unwrap_or_default();
    let words = Words {
        title: method.title,
        answers: method.answers,
        assumes: method.assumes,
        avoid_when: method.avoid_when,
        source: method.source,
    };
    Ok(Plugin { hash, file: path, signature, words, world: about.world_version })
}

fn signature(about: &plugin::Plugin) -> Option<Signature> {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    if about.signature.is_empty() {
        return None;
    }
    Some(Signature { public_key: hex(&about.public_key), signature: hex(&about.signature) })
}
