//! `folkmoot serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use folkmoot_database::Place;
use folkmoot_server::{Config, Server, Service};
use tracing_subscriber::EnvFilter;

use crate::compiler;

/// What to serve, and where. Flags go before the configuration file.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Services to run here; all where none is named.
    services: Vec<Service>,
    /// Configuration file, in TOML.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where to listen, such as 127.0.0.1:7878; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Folder of snapshots and releases, and of the databases unless they are elsewhere.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Where the databases are: sqlite://FOLDER or postgres://USER@HOST/DATABASE (the password may stand
    /// in PGPASSWORD); the data folder by default.
    #[arg(long, value_name = "URL")]
    database: Option<Place>,
}

pub(crate) fn run(arguments: Arguments) -> anyhow::Result<()> {
    start_log();
    let mut config = match &arguments.config {
        Some(file) => Config::read(file)?,
        None => Config::default(),
    };
    if !arguments.services.is_empty() {
        config.services = arguments.services;
    }
    config.listen = arguments.listen.unwrap_or(config.listen);
    config.data = arguments.data.unwrap_or(config.data);
    config.database = arguments.database.or(config.database);
    config.plugins.compiler = compiler::itself()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let ended = runtime.block_on(async {
        let mut server = Server::start(config).await?;
        // For whoever started it with port 0.
        println!("listening on http://{}", server.address());
        tokio::select! {
            ended = server.run() => return ended,
            () = stop_signal() => {}
        }
        server.stop().await
    });
    // An analysis that is still at work is marked interrupted at the next start; nobody waits for it here.
    runtime.shutdown_background();
    ended
}

/// Logs to stderr, at the level of `RUST_LOG`, `info` where it is not set.
pub(crate) fn start_log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}

/// Returns when the process is asked to end.
pub(crate) async fn stop_signal() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(signal) => signal,
        Err(_) => return std::future::pending().await,
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
