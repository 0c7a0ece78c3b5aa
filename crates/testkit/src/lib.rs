//! A running Folkmoot in a temporary folder, for tests: all services [`together`] on SQLite, or each
//! [`apart`] on a port of its own and all on PostgreSQL.
//!
//! # Invariants
//! Real services, real databases, real connections: it replaces nothing.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use folkmoot_client::{Channels, Folkmoot, channel};
use folkmoot_server::{Config, Peers, Plugins, Server, Service};
use tempfile::TempDir;

/// Running services; they stop and their data goes when this is dropped.
pub struct Running {
    /// Clients in the default tenant's name, over the network.
    pub clients: Folkmoot,
    channels: Channels,
    addresses: Vec<SocketAddr>,
    data: TempDir,
    _servers: Vec<Server>,
    _database: Option<folkmoot_test_postgres::Database>,
}

impl Running {
    /// Clients in the name of another tenant.
    pub fn tenant(&self, tenant: &str) -> Folkmoot {
        Folkmoot::apart(self.channels.clone(), tenant).expect("the tenant's name is an id")
    }

    /// Where the first server listens, such as `http://127.0.0.1:40001`.
    pub fn address(&self) -> String {
        format!("http://{}", self.addresses[0])
    }

    /// The folder of its data.
    pub fn data(&self) -> &Path {
        self.data.path()
    }
}

/// All services in one process on one port, on SQLite.
///
/// # Panics
/// When they cannot start.
pub async fn together() -> Running {
    start(&[&Service::ALL], Plugins::default(), None).await
}

/// As [`together`], with other limits of plugins or another compiler.
///
/// # Panics
/// When they cannot start.
pub async fn with_plugins(plugins: Plugins) -> Running {
    start(&[&Service::ALL], plugins, None).await
}

/// Each service on a port of its own, joined by the network, and all on one PostgreSQL database.
///
/// # Panics
/// When they cannot start.
pub async fn apart() -> Running {
    let alone: [&[Service]; 4] = [&[Service::Survey], &[Service::Aggregation], &[Service::Spec], &[Service::Release]];
    start(&alone, Plugins::default(), Some(folkmoot_test_postgres::database())).await
}

/// The shared real data, or `None` (said on stdout) where this machine has none.
pub fn real_data(path: &str) -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if data.exists() {
        return Some(data);
    }
    println!("skipped: real data not found");
    None
}

async fn start(groups: &[&[Service]], plugins: Plugins, database: Option<folkmoot_test_postgres::Database>) -> Running {
    let stored = database.as_ref().map(|database| database.address().parse().expect("an address"));
    let data = TempDir::new().expect("a temporary folder");
    let addresses: Vec<SocketAddr> = groups.iter().map(|_| free_port()).collect();
    let address = |service: Service| {
        let place = groups.iter().position(|group| group.contains(&service))?;
        Some(format!("http://{}", addresses[place]))
    };
    let peers = Peers {
        survey: address(Service::Survey),
        aggregation: address(Service::Aggregation),
        spec: address(Service::Spec),
        release: address(Service::Release),
    };
    let mut servers = Vec::new();
    for (place, group) in groups.iter().enumerate() {
        let config = Config {
            listen: addresses[place],
            data: data.path().join(place.to_string()),
            database: stored.clone(),
            services: group.to_vec(),
            peers: peers.clone(),
            plugins: plugins.clone(),
        };
        servers.push(Server::start(config).await.expect("the server starts"));
    }
    let reach = |service: Service| {
        let address = address(service).expect("every service runs");
        channel::remote(&address).expect("the address is one")
    };
    let channels = Channels {
        survey: reach(Service::Survey),
        aggregation: reach(Service::Aggregation),
        spec: reach(Service::Spec),
        release: reach(Service::Release),
    };
    let clients = Folkmoot::apart(channels.clone(), "default").expect("the tenant's name is an id");
    Running { clients, channels, addresses, data, _servers: servers, _database: database }
}

/// A port that is free now. Servers that are joined must know each other's before they start.
fn free_port() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.local_addr().expect("the listener's address")
}
