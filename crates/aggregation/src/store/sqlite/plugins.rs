//! The plugins' tables.

use async_trait::async_trait;
use folkmoot_core::{Sha256Hash, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, Sqlite, Transaction};

use super::{SqliteStore, failed, list, one_more, read};
use crate::model::{Disabled, Plugin, Signature};
use crate::store::plugins::{PluginStore, Registered, Reply};
use crate::store::{Listed, Slice, StoreError};

const PLUGIN: &str = "SELECT key, component, description, bytes, world, signature, public_key, created, disabled, \
     disable_reason FROM plugins";

#[async_trait]
impl PluginStore for SqliteStore {
    async fn register_plugin(
        &self,
        tenant: &str,
        plugin: &Plugin,
        reply: Option<&Reply>,
    ) -> Result<Registered, StoreError> {
        let mut tx = self.begin().await?;
        let component = plugin.component.to_string();
        let query = "SELECT component FROM plugins WHERE tenant = ? AND method = ? AND version = ? AND component <> ?";
        let other = sqlx::query(query)
            .bind(tenant)
            .bind(&plugin.descriptor.id)
            .bind(&plugin.descriptor.version)
            .bind(&component)
            .fetch_optional(&mut *tx)
            .await
            .map_err(failed)?;
        if let Some(row) = other {
            return Ok(Registered::Conflict(read(&row, "component")?));
        }
        let description = serde_json::to_string(&plugin.descriptor)
            .map_err(|error| StoreError::Corrupt(format!("a description: {error}")))?;
        let query = sqlx::query(
            "INSERT INTO plugins (tenant, component, method, version, description, bytes, world, signature, \
             public_key, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, component) DO NOTHING",
        );
        query
            .bind(tenant)
            .bind(&component)
            .bind(&plugin.descriptor.id)
            .bind(&plugin.descriptor.version)
            .bind(description)
            .bind(i64::try_from(plugin.bytes).unwrap_or(i64::MAX))
            .bind(&plugin.world)
            .bind(plugin.signature.map(|signed| signed.signature.to_vec()))
            .bind(plugin.signature.map(|signed| signed.public_key.to_vec()))
            .bind(plugin.created.as_millis())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        remember(&mut tx, tenant, reply).await?;
        tx.commit().await.map_err(failed)?;
        Ok(Registered::Done)
    }

    async fn disable_plugin(
        &self,
        tenant: &str,
        component: Sha256Hash,
        disabled: &Disabled,
        reply: Option<&Reply>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let query = sqlx::query(
            "UPDATE plugins SET disabled = ?, disable_reason = ? \
             WHERE tenant = ? AND component = ? AND disabled IS NULL",
        );
        query
            .bind(disabled.at.as_millis())
            .bind(&disabled.reason)
            .bind(tenant)
            .bind(component.to_string())
            .execute(&mut *tx)
            .await
            .map_err(failed)?;
        remember(&mut tx, tenant, reply).await?;
        tx.commit().await.map_err(failed)
    }

    async fn reply(&self, tenant: &str, request_id: &str) -> Result<Option<Reply>, StoreError> {
        let query = sqlx::query("SELECT fingerprint, reply FROM replies WHERE tenant = ? AND request_id = ?");
        let row = query.bind(tenant).bind(request_id).fetch_optional(&self.readers).await.map_err(failed)?;
        let Some(row) = row else { return Ok(None) };
        let fingerprint = read(&row, "fingerprint")?;
        Ok(Some(Reply { request_id: request_id.to_owned(), fingerprint, bytes: row.try_get("reply")? }))
    }

    async fn plugin(&self, tenant: &str, component: Sha256Hash) -> Result<Option<Plugin>, StoreError> {
        let query = format!("{PLUGIN} WHERE tenant = ? AND component = ?");
        let query = sqlx::query(sqlx::AssertSqlSafe(query)).bind(tenant).bind(component.to_string());
        let row = query.fetch_optional(&self.readers).await.map_err(failed)?;
        row.as_ref().map(read_plugin).transpose()
    }

    async fn plugins_of_id(&self, tenant: &str, id: &str) -> Result<Vec<Plugin>, StoreError> {
        let query = format!("{PLUGIN} WHERE tenant = ? AND method = ? ORDER BY key");
        let query = sqlx::query(sqlx::AssertSqlSafe(query)).bind(tenant).bind(id);
        let rows = query.fetch_all(&self.readers).await.map_err(failed)?;
        rows.iter().map(read_plugin).collect()
    }

    async fn plugins(&self, tenant: &str, slice: Slice) -> Result<Listed<Plugin>, StoreError> {
        let query = format!("{PLUGIN} WHERE tenant = ? AND key < ? ORDER BY key DESC LIMIT ?");
        let query = sqlx::query(sqlx::AssertSqlSafe(query)).bind(tenant).bind(slice.before.unwrap_or(i64::MAX));
        let rows = query.bind(one_more(slice)).fetch(&self.readers);
        list(rows, slice, read_plugin, description_bytes).await
    }

    async fn enabled_plugins(&self, tenant: &str) -> Result<Vec<Plugin>, StoreError> {
        let query = format!("{PLUGIN} WHERE tenant = ? AND disabled IS NULL ORDER BY key");
        let query = sqlx::query(sqlx::AssertSqlSafe(query)).bind(tenant);
        let rows = query.fetch_all(&self.readers).await.map_err(failed)?;
        rows.iter().map(read_plugin).collect()
    }

    async fn has_component(&self, component: Sha256Hash) -> Result<bool, StoreError> {
        let query = sqlx::query("SELECT 1 FROM plugins WHERE component = ? LIMIT 1").bind(component.to_string());
        Ok(query.fetch_optional(&self.readers).await.map_err(failed)?.is_some())
    }
}

fn description_bytes(plugin: &Plugin) -> usize {
    serde_json::to_string(&plugin.descriptor).map_or(0, |text| text.len())
}

async fn remember(tx: &mut Transaction<'_, Sqlite>, tenant: &str, reply: Option<&Reply>) -> Result<(), StoreError> {
    let Some(reply) = reply else { return Ok(()) };
    let query =
        "INSERT INTO replies (tenant, request_id, fingerprint, reply) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
    let query = sqlx::query(query).bind(tenant).bind(&reply.request_id).bind(reply.fingerprint.to_string());
    query.bind(&reply.bytes).execute(&mut **tx).await.map_err(failed)?;
    Ok(())
}

fn read_plugin(row: &SqliteRow) -> Result<Plugin, StoreError> {
    let description: String = row.try_get("description")?;
    let bytes: i64 = row.try_get("bytes")?;
    let signature: Option<Vec<u8>> = row.try_get("signature")?;
    let public_key: Option<Vec<u8>> = row.try_get("public_key")?;
    let disabled: Option<i64> = row.try_get("disabled")?;
    let reason: Option<String> = row.try_get("disable_reason")?;
    let corrupt = |what: &str| StoreError::Corrupt(format!("{what} of a plugin"));
    let signature = match (signature, public_key) {
        (Some(signature), Some(public_key)) => Some(Signature {
            signature: signature.try_into().map_err(|_| corrupt("the signature"))?,
            public_key: public_key.try_into().map_err(|_| corrupt("the key"))?,
        }),
        _ => None,
    };
    Ok(Plugin {
        component: read(row, "component")?,
        descriptor: serde_json::from_str(&description).map_err(|_| corrupt("the description"))?,
        bytes: u64::try_from(bytes).map_err(|_| corrupt("the size"))?,
        world: row.try_get("world")?,
        signature,
        created: Timestamp::from_millis(row.try_get("created")?),
        disabled: disabled.map(|at| Disabled { at: Timestamp::from_millis(at), reason: reason.unwrap_or_default() }),
    })
}
