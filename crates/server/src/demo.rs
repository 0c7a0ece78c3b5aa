//! `folkmoot demo`: a whole round on the embedded database, explained step by step.

mod decide;
mod example;
mod material;
mod own;
mod publish;
mod say;
mod walk;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use folkmoot_server::{Config, Plugins, Server};

use crate::compiler;
use crate::serve::stop_signal;
use material::Material;

/// What to show, and where to keep it.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Leave report and release in the folder and exit, instead of serving them.
    #[arg(long)]
    once: bool,
    /// Folder to make; `folkmoot-demo` or the next free name after it by default.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Your own spec, a Markdown file, instead of the example's.
    #[arg(long, value_name = "FILE", requires = "responses")]
    spec: Option<PathBuf>,
    /// Your own answers: a Polis export, a `collective-alignment` folder, or a folder with responses,
    /// participants and items.
    #[arg(long, value_name = "DIR", requires = "spec")]
    responses: Option<PathBuf>,
    /// Attribute whose values make the segments.
    #[arg(long, value_name = "ATTRIBUTE")]
    by: Option<String>,
    /// How many participants to simulate.
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    participants: u32,
    /// What everything random follows from.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7878")]
    listen: SocketAddr,
}

pub(crate) fn run(arguments: Arguments) -> anyhow::Result<()> {
    let material = match (&arguments.spec, &arguments.responses) {
        (Some(spec), Some(responses)) => own::material(spec, responses, arguments.by.clone())?,
        _ => example::material(arguments.participants, arguments.seed, arguments.by.clone())?,
    };
    let folder = match arguments.folder {
        Some(folder) => folder,
        None => free_name(Path::new("folkmoot-demo")),
    };
    std::fs::create_dir(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    tokio::runtime::Runtime::new()?.block_on(show(material, &folder, arguments.listen, arguments.once))
}

async fn show(material: Material, folder: &Path, listen: SocketAddr, once: bool) -> anyhow::Result<()> {
    let plugins = Plugins { compiler: compiler::itself()?, ..Plugins::default() };
    let config = Config { listen, data: folder.join("data"), plugins, ..Config::default() };
    let server = match Server::start(config.clone()).await {
        Ok(server) => server,
        // Somebody else has the usual port: the demo does not care which one it gets.
        Err(_) if listen.port() != 0 => Server::start(Config { listen: (listen.ip(), 0).into(), ..config }).await?,
        Err(error) => return Err(error),
    };
    let address = server.address();
    let release = walk::walk(material, server.clients(), folder).await?;
    say::result("Report", &format!("{}", release.join("report.html").display()));
    say::result("Release", &format!("{}", release.display()));
    if !once {
        say::result("Page", &format!("http://{address}/releases/demo/report.html"));
        say::result("gRPC", &format!("{address}, with reflection: try grpcurl -plaintext {address} list"));
        say::line("Press Ctrl-C to stop.");
        stop_signal().await;
    }
    server.stop().await
}

fn free_name(wanted: &Path) -> PathBuf {
    let numbered = (2..).map(|number| PathBuf::from(format!("{}-{number}", wanted.display())));
    std::iter::once(wanted.to_owned()).chain(numbered).find(|path| !path.exists()).unwrap_or_else(|| wanted.to_owned())
}
