//! What is kept of plugins. Their bytes are not: they lie in a folder, each under its hash.

use async_trait::async_trait;
use folkmoot_core::Sha256Hash;

use super::{Listed, Slice, StoreError};
use crate::model::{Disabled, Plugin};

/// The answer to a write, kept under the caller's request id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The caller's id, not empty.
    pub request_id: String,
    /// Fingerprint of the request.
    pub fingerprint: Sha256Hash,
    /// The answer in its wire form.
    pub bytes: Vec<u8>,
}

/// What came of registering a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The tenant has it, now or since before.
    Done,
    /// This other component of the tenant has its id and version.
    Conflict(Sha256Hash),
}

/// Keeps what is known of plugins. Nothing of one tenant is seen by another.
#[async_trait]
pub trait PluginStore: Send + Sync + 'static {
    /// Adds a plugin and remembers the answer, both or neither. One that the tenant has already stays
    /// as it is.
    async fn register_plugin(
        &self,
        tenant: &str,
        plugin: &Plugin,
        reply: Option<&Reply>,
    ) -> Result<Registered, StoreError>;

    /// Disables a plugin that is enabled and remembers the answer, both or neither.
    async fn disable_plugin(
        &self,
        tenant: &str,
        component: Sha256Hash,
        disabled: &Disabled,
        reply: Option<&Reply>,
    ) -> Result<(), StoreError>;

    /// The answer to a request of before.
    async fn reply(&self, tenant: &str, request_id: &str) -> Result<Option<Reply>, StoreError>;

    /// The plugin that is this component.
    async fn plugin(&self, tenant: &str, component: Sha256Hash) -> Result<Option<Plugin>, StoreError>;

    /// The plugins of that id, disabled ones too.
    async fn plugins_of_id(&self, tenant: &str, id: &str) -> Result<Vec<Plugin>, StoreError>;

    /// The tenant's plugins, newest first. Returns fewer than asked, but at least one where there is
    /// one, when their descriptions are large.
    async fn plugins(&self, tenant: &str, slice: Slice) -> Result<Listed<Plugin>, StoreError>;

    /// The tenant's plugins that are enabled.
    async fn enabled_plugins(&self, tenant: &str) -> Result<Vec<Plugin>, StoreError>;

    /// Whether any tenant has this component.
    async fn has_component(&self, component: Sha256Hash) -> Result<bool, StoreError>;
}
