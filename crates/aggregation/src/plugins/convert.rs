//! Between the wire and the model.

use folkmoot_core::{Fault, Reason, Sha256Hash};
use folkmoot_proto::plugin as wire;
use folkmoot_rpc::{names, timestamp};

use crate::convert;
use crate::model::Plugin;

/// Takes `plugins/{sha256}` apart.
pub(super) fn component(name: &str) -> Result<Sha256Hash, Fault> {
    let [hash] = names::parse("name", "plugins/*", name)?;
    hash.parse().map_err(|error| Fault::field("name", Reason::BadName, format!("{error}")))
}

/// The plugin as callers see it.
pub(super) fn plugin(plugin: &Plugin) -> wire::Plugin {
    let state = match plugin.disabled {
        None => wire::PluginState::Enabled,
        Some(_) => wire::PluginState::Disabled,
    };
    let signature = plugin.signature.as_ref();
    wire::Plugin {
        name: plugin.name(),
        method: Some(convert::method(plugin.descriptor.clone(), Some(plugin.component))),
        size_bytes: i64::try_from(plugin.bytes).unwrap_or(i64::MAX),
        world_version: plugin.world.clone(),
        signature: signature.map(|signed| signed.signature.to_vec()).unwrap_or_default(),
        public_key: signature.map(|signed| signed.public_key.to_vec()).unwrap_or_default(),
        create_time: Some(timestamp(plugin.created)),
        state: state.into(),
        disable_time: plugin.disabled.as_ref().map(|disabled| timestamp(disabled.at)),
        disable_reason: plugin.disabled.as_ref().map(|disabled| disabled.reason.clone()).unwrap_or_default(),
    }
}
