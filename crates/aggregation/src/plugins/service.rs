//! The tonic service.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use async_stream::try_stream;
use folkmoot_core::{Code, Fault, Reason, Sha256Hash, text};
use folkmoot_proto::plugin::plugin_service_server::{PluginService as Api, PluginServiceServer};
use folkmoot_proto::plugin::{
    DisablePluginRequest, GetPluginRequest, ListPluginsRequest, ListPluginsResponse, Plugin as WirePlugin,
    ReadPluginRequest, ReadPluginResponse, RegisterPluginRequest,
};
use folkmoot_rpc::{idempotency, page, status};
use prost::Message;
use tokio::io::AsyncReadExt;
use tokio_stream::Stream;
use tonic::service::RoutesBuilder;
use tonic::{Request, Response, Status, Streaming};

use super::components::{Components, Incoming, unusable};
use super::{Plugins, convert, upload};
use crate::grpc::{AggregationService, next_token, slice};
use crate::model::{Disabled, Plugin};
use crate::store::Store;
use crate::store::plugins::{Registered, Reply};

const PIECE_BYTES: usize = 256 << 10;
const MAX_REASON_CHARS: usize = 1000;
/// Most bytes of a description, so that a page of them fits a gRPC message.
const MAX_DESCRIPTION_BYTES: usize = 64 << 10;

/// `folkmoot.plugin.v1.PluginService`. Cheap to clone.
#[derive(Clone)]
pub(crate) struct PluginService {
    aggregation: AggregationService,
    plugins: Arc<Plugins>,
}

impl PluginService {
    pub(crate) fn new(aggregation: AggregationService, plugins: Arc<Plugins>) -> Self {
        Self { aggregation, plugins }
    }

    /// Adds the service to a server's routes.
    pub(crate) fn register(self, routes: &mut RoutesBuilder) {
        let server = PluginServiceServer::new(self);
        routes.add_service(server.max_decoding_message_size(upload::MAX_MESSAGE_BYTES));
    }

    fn store(&self) -> &Store {
        self.aggregation.store()
    }

    async fn register_plugin(&self, request: Request<Streaming<RegisterPluginRequest>>) -> Result<WirePlugin, Fault> {
        let (tenant, mut stream) = self.aggregation.enter(request).await?;
        let header = upload::header(&mut stream, self.plugins.limits()).await?;
        if let Some(answer) = self.before(&tenant, &header.request_id, header.fingerprint).await? {
            return Ok(answer);
        }
        let incoming = upload::component(&mut stream, &header, self.plugins.components()).await?;
        let plugin = match self.store().plugin(&tenant, header.component).await? {
            Some(known) => known,
            None => self.examine(&header, &incoming).await?,
        };
        // From here on it is done to its end, even if the caller goes away.
        let service = self.clone();
        let done = tokio::spawn(async move { service.keep(&tenant, header, incoming, plugin).await });
        done.await.map_err(Fault::internal)?
    }

    /// What the component says of itself.
    async fn examine(&self, header: &upload::Header, incoming: &Incoming) -> Result<Plugin, Fault> {
        let loaded = self.plugins.examine(incoming).await?;
        let descriptor = loaded.descriptor().clone();
        let description = serde_json::to_string(&descriptor).map_err(Fault::internal)?;
        if description.len() > MAX_DESCRIPTION_BYTES {
            let bytes = description.len();
            let message =
                format!("the plugin describes itself in {bytes} bytes, at most {MAX_DESCRIPTION_BYTES} are kept");
            return Err(Fault::field("component", Reason::BadPlugin, message));
        }
        Ok(Plugin {
            component: header.component,
            descriptor,
            bytes: header.bytes,
            world: loaded.world().to_owned(),
            signature: header.signature,
            created: self.aggregation.context().now(),
            disabled: None,
        })
    }

    /// Keeps bytes and row, both or neither.
    async fn keep(
        &self,
        tenant: &str,
        header: upload::Header,
        incoming: Incoming,
        plugin: Plugin,
    ) -> Result<WirePlugin, Fault> {
        let _turn = self.plugins.changing.lock().await;
        if let Some(answer) = self.before(tenant, &header.request_id, header.fingerprint).await? {
            return Ok(answer);
        }
        // Somebody may have registered or disabled it meanwhile.
        let plugin = self.store().plugin(tenant, header.component).await?.unwrap_or(plugin);
        let answer = convert::plugin(&plugin);
        let reply = reply(&header.request_id, header.fingerprint, &answer);
        self.plugins.components().keep(incoming, header.component).await?;
        match self.store().register_plugin(tenant, &plugin, reply.as_ref()).await {
            Ok(Registered::Done) => Ok(answer),
            Ok(Registered::Conflict(other)) => {
                self.forget(header.component).await;
                Err(conflict(&plugin, other))
            }
            Err(error) => {
                self.forget(header.component).await;
                Err(error.into())
            }
        }
    }

    /// Removes the bytes of a component that no tenant has; what cannot be removed goes at the next start.
    async fn forget(&self, component: Sha256Hash) {
        if let Ok(false) = self.store().has_component(component).await
            && let Err(error) = self.plugins.components().remove(component).await
        {
            tracing::warn!(%error, %component, "a refused component stays until the next start");
        }
    }

    /// The answer that the same request got before.
    async fn before(
        &self,
        tenant: &str,
        request_id: &str,
        fingerprint: Sha256Hash,
    ) -> Result<Option<WirePlugin>, Fault> {
        if request_id.is_empty() {
            return Ok(None);
        }
        let Some(reply) = self.store().reply(tenant, request_id).await? else { return Ok(None) };
        if reply.fingerprint != fingerprint {
            return Err(idempotency::conflict(request_id));
        }
        WirePlugin::decode(reply.bytes.as_slice()).map(Some).map_err(Fault::internal)
    }

    async fn plugin(&self, tenant: &str, name: &str) -> Result<Plugin, Fault> {
        let component = convert::component(name)?;
        self.store().plugin(tenant, component).await?.ok_or_else(|| Fault::not_found(name))
    }

    async fn list_plugins(&self, request: Request<ListPluginsRequest>) -> Result<ListPluginsResponse, Fault> {
        let (tenant, message) = self.aggregation.enter(request).await?;
        let page = page::page(message.page_size, &message.page_token, &tenant, "plugins")?;
        let listed = self.store().plugins(&tenant, slice(&page)?).await?;
        Ok(ListPluginsResponse {
            plugins: listed.entries.iter().map(convert::plugin).collect(),
            next_page_token: next_token(&tenant, "plugins", listed.next),
        })
    }

    async fn disable_plugin(&self, request: Request<DisablePluginRequest>) -> Result<WirePlugin, Fault> {
        let (tenant, message) = self.aggregation.enter(request).await?;
        idempotency::check_request_id(&message.request_id)?;
        let fingerprint = idempotency::fingerprint("DisablePlugin", &message);
        let component = convert::component(&message.name)?;
        if message.reason.trim().is_empty() {
            return Err(Fault::field("reason", Reason::FieldRequired, "a reason is needed"));
        }
        let reason = text::normalise("reason", &message.reason, MAX_REASON_CHARS)
            .map_err(|violation| Fault::invalid(vec![violation]))?;

        let _turn = self.plugins.changing.lock().await;
        if let Some(answer) = self.before(&tenant, &message.request_id, fingerprint).await? {
            return Ok(answer);
        }
        let plugin = self.plugin(&tenant, &message.name).await?;
        let disabled = plugin.disabled.clone().unwrap_or(Disabled { at: self.aggregation.context().now(), reason });
        let answer = convert::plugin(&Plugin { disabled: Some(disabled.clone()), ..plugin });
        let reply = reply(&message.request_id, fingerprint, &answer);
        self.store().disable_plugin(&tenant, component, &disabled, reply.as_ref()).await?;
        Ok(answer)
    }
}

fn reply(request_id: &str, fingerprint: Sha256Hash, answer: &WirePlugin) -> Option<Reply> {
    let reply = || Reply { request_id: request_id.to_owned(), fingerprint, bytes: answer.encode_to_vec() };
    (!request_id.is_empty()).then(reply)
}

fn conflict(plugin: &Plugin, other: Sha256Hash) -> Fault {
    let descriptor = &plugin.descriptor;
    let message = format!(
        "{}@{} is plugins/{other} already; give other bytes another version",
        descriptor.id, descriptor.version
    );
    Fault::new(Code::AlreadyExists, Reason::PluginConflict, message).with("component", other.to_string())
}

/// The file, piece by piece.
fn pieces(path: PathBuf, name: String) -> impl Stream<Item = Result<ReadPluginResponse, Status>> + Send {
    try_stream! {
        let mut file = tokio::fs::File::open(&path).await.map_err(|error| status(unusable(&error)))?;
        loop {
            let mut data = Vec::with_capacity(PIECE_BYTES);
            let read = (&mut file).take(PIECE_BYTES as u64).read_to_end(&mut data).await;
            read.map_err(|error| status(unusable(&error)))?;
            if data.is_empty() {
                break;
            }
            yield ReadPluginResponse { file: name.clone(), data };
        }
    }
}

#[tonic::async_trait]
impl Api for PluginService {
    async fn register_plugin(
        &self,
        request: Request<Streaming<RegisterPluginRequest>>,
    ) -> Result<Response<WirePlugin>, Status> {
        self.register_plugin(request).await.map(Response::new).map_err(status)
    }

    async fn get_plugin(&self, request: Request<GetPluginRequest>) -> Result<Response<WirePlugin>, Status> {
        let (tenant, message) = self.aggregation.enter(request).await.map_err(status)?;
        let plugin = self.plugin(&tenant, &message.name).await.map_err(status)?;
        Ok(Response::new(convert::plugin(&plugin)))
    }

    async fn list_plugins(
        &self,
        request: Request<ListPluginsRequest>,
    ) -> Result<Response<ListPluginsResponse>, Status> {
        self.list_plugins(request).await.map(Response::new).map_err(status)
    }

    async fn disable_plugin(&self, request: Request<DisablePluginRequest>) -> Result<Response<WirePlugin>, Status> {
        self.disable_plugin(request).await.map(Response::new).map_err(status)
    }

    type ReadPluginStream = Pin<Box<dyn Stream<Item = Result<ReadPluginResponse, Status>> + Send>>;

    async fn read_plugin(
        &self,
        request: Request<ReadPluginRequest>,
    ) -> Result<Response<Self::ReadPluginStream>, Status> {
        let (tenant, message) = self.aggregation.enter(request).await.map_err(status)?;
        let plugin = self.plugin(&tenant, &message.name).await.map_err(status)?;
        let path = self.plugins.components().sound(plugin.component).await.map_err(status)?;
        Ok(Response::new(Box::pin(pieces(path, Components::file_name(plugin.component)))))
    }
}
