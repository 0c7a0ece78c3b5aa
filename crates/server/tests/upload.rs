//! Plugins over the whole server, its layers and its network.

use std::path::Path;

use folkmoot_client::{Folkmoot, channel, upload_plugin};
use folkmoot_core::Reason;
use folkmoot_plugin_fixtures::turnout;
use folkmoot_plugin_host::Limits;
use folkmoot_proto::plugin::register_plugin_request::Part;
use folkmoot_proto::plugin::{RegisterPluginHeader, RegisterPluginRequest};
use folkmoot_server::{Config, Plugins, Server};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

async fn start(data: &Path) -> (Server, String) {
    let plugins = Plugins { limits: Limits { component_bytes: 1 << 20, ..Limits::default() }, ..Plugins::default() };
    let listen = ([127, 0, 0, 1], 0).into();
    let server = Server::start(Config { listen, data: data.to_owned(), plugins, ..Config::default() }).await.unwrap();
    let address = format!("http://{}", server.address());
    (server, address)
}

#[tokio::test]
async fn components_come_through_or_are_told_why_not() {
    let folder = tempfile::tempdir().unwrap();
    let (server, address) = start(folder.path()).await;
    let mut folkmoot = Folkmoot::new(channel::remote(&address).unwrap(), "city").unwrap();
    let plugin = upload_plugin(&mut folkmoot.plugins, turnout(), None, "").await.unwrap();
    assert_eq!(plugin.method.unwrap().id, "turnout");

    // The answer comes while the bytes are still on their way.
    for _ in 0..5 {
        let refused = upload_plugin(&mut folkmoot.plugins, vec![0; 16 << 20], None, "").await.unwrap_err();
        assert_eq!(refused.reason, Reason::MessageTooLarge, "{refused:?}");
    }
    // One message that is too large is refused by tonic itself.
    let header = RegisterPluginHeader { sha256: "0".repeat(64), size_bytes: 1 << 20, ..Default::default() };
    let parts =
        [Part::Header(header), Part::Data(vec![0; 2 << 20])].map(|part| RegisterPluginRequest { part: Some(part) });
    let refused = folkmoot.plugins.register_plugin(tokio_stream::iter(parts)).await.unwrap_err();
    assert_eq!(folkmoot_rpc::fault(&refused).reason, Reason::MessageTooLarge, "{refused:?}");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_service_of_plugins_is_told_healthy() {
    let folder = tempfile::tempdir().unwrap();
    let (server, address) = start(folder.path()).await;
    let mut health = HealthClient::new(channel::remote(&address).unwrap());
    let ask = HealthCheckRequest { service: "folkmoot.plugin.v1.PluginService".into() };
    let told = health.check(ask).await.unwrap().into_inner();
    assert_eq!(told.status(), ServingStatus::Serving);
    server.stop().await.unwrap();
}
