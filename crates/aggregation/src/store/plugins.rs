//! What is kept of plugins. Their bytes are not: they lie in a folder, each under its hash.

use folkmoot_core::{Sha256Hash, canonical};
use folkmoot_database::{DatabaseError, Transaction};

use super::{List, Listed, Slice, Store};
use crate::model::{Disabled, Plugin};

const PLUGINS: List = List { rows: "plugins t", columns: "t.*", large: "t.description" };

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

impl Store {
    /// Adds a plugin and remembers the answer, both or neither. One that the tenant has already stays
    /// as it is.
    pub async fn register_plugin(
        &self,
        tenant: &str,
        plugin: &Plugin,
        reply: Option<&Reply>,
    ) -> Result<Registered, DatabaseError> {
        let mut tx = self.0.begin().await?;
        if !add(&mut tx, tenant, plugin).await?
            && let Some(other) = namesake(&mut tx, tenant, plugin).await?
        {
            return Ok(Registered::Conflict(other.component));
        }
        remember(&mut tx, tenant, reply).await?;
        tx.commit().await?;
        Ok(Registered::Done)
    }

    /// Disables a plugin that is enabled and remembers the answer, both or neither.
    pub async fn disable_plugin(
        &self,
        tenant: &str,
        component: Sha256Hash,
        disabled: &Disabled,
        reply: Option<&Reply>,
    ) -> Result<(), DatabaseError> {
        let mut tx = self.0.begin().await?;
        let sql = "UPDATE plugins SET disabled = $1, disable_reason = $2 \
                   WHERE tenant = $3 AND component = $4 AND disabled IS NULL";
        let component = component.to_string();
        let values = [disabled.at.as_millis().into(), (&disabled.reason).into(), tenant.into(), (&component).into()];
        tx.execute(sql, &values).await?;
        remember(&mut tx, tenant, reply).await?;
        tx.commit().await
    }

    /// The answer to a request of before.
    pub async fn reply(&self, tenant: &str, request_id: &str) -> Result<Option<Reply>, DatabaseError> {
        let sql = "SELECT * FROM replies WHERE tenant = $1 AND request_id = $2";
        self.0.first(sql, &[tenant.into(), request_id.into()]).await
    }

    /// The plugin that is this component.
    pub async fn plugin(&self, tenant: &str, component: Sha256Hash) -> Result<Option<Plugin>, DatabaseError> {
        let sql = "SELECT * FROM plugins WHERE tenant = $1 AND component = $2";
        self.0.first(sql, &[tenant.into(), (&component.to_string()).into()]).await
    }

    /// The plugins of that id, disabled ones too.
    pub async fn plugins_of_id(&self, tenant: &str, id: &str) -> Result<Vec<Plugin>, DatabaseError> {
        let sql = "SELECT * FROM plugins WHERE tenant = $1 AND method = $2 ORDER BY key";
        self.0.all(sql, &[tenant.into(), id.into()]).await
    }

    /// The tenant's plugins.
    pub async fn plugins(&self, tenant: &str, slice: Slice) -> Result<Listed<Plugin>, DatabaseError> {
        self.list(PLUGINS, "t.tenant = $1", &[tenant.into()], slice).await
    }

    /// The tenant's plugins that are enabled.
    pub async fn enabled_plugins(&self, tenant: &str) -> Result<Vec<Plugin>, DatabaseError> {
        self.0.all("SELECT * FROM plugins WHERE tenant = $1 AND disabled IS NULL ORDER BY key", &[tenant.into()]).await
    }

    /// Whether any tenant has this component.
    pub async fn has_component(&self, component: Sha256Hash) -> Result<bool, DatabaseError> {
        let sql = "SELECT component FROM plugins WHERE component = $1 LIMIT 1";
        Ok(self.0.first::<String>(sql, &[(&component.to_string()).into()]).await?.is_some())
    }
}

/// False where the tenant has it or another of its id and version; it waits for whoever is adding one.
async fn add(tx: &mut Transaction, tenant: &str, plugin: &Plugin) -> Result<bool, DatabaseError> {
    let sql = "INSERT INTO plugins (tenant, component, method, version, description, bytes, world, signature, \
               public_key, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
    let (component, description) = (plugin.component.to_string(), canonical::json(&plugin.descriptor));
    let values = [
        tenant.into(),
        (&component).into(),
        (&plugin.descriptor.id).into(),
        (&plugin.descriptor.version).into(),
        (&description).into(),
        i64::try_from(plugin.bytes).unwrap_or(i64::MAX).into(),
        (&plugin.world).into(),
        plugin.signature.as_ref().map(|signed| signed.signature.as_slice()).into(),
        plugin.signature.as_ref().map(|signed| signed.public_key.as_slice()).into(),
        plugin.created.as_millis().into(),
    ];
    Ok(tx.execute(sql, &values).await? == 1)
}

/// The tenant's other plugin of that id and version.
async fn namesake(tx: &mut Transaction, tenant: &str, plugin: &Plugin) -> Result<Option<Plugin>, DatabaseError> {
    let sql = "SELECT * FROM plugins WHERE tenant = $1 AND method = $2 AND version = $3 AND component <> $4";
    let (method, component) = (&plugin.descriptor, plugin.component.to_string());
    tx.first(sql, &[tenant.into(), (&method.id).into(), (&method.version).into(), (&component).into()]).await
}

async fn remember(tx: &mut Transaction, tenant: &str, reply: Option<&Reply>) -> Result<(), DatabaseError> {
    let Some(Reply { request_id, fingerprint, bytes }) = reply else { return Ok(()) };
    let sql = "INSERT INTO replies (tenant, request_id, fingerprint, reply) VALUES ($1, $2, $3, $4) \
               ON CONFLICT DO NOTHING";
    let fingerprint = fingerprint.to_string();
    tx.execute(sql, &[tenant.into(), request_id.into(), (&fingerprint).into(), bytes.into()]).await?;
    Ok(())
}
