//! Joins the services and serves them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::serve::ListenerExt as _;
use folkmoot_client::channel::{self, Incoming};
use folkmoot_client::{Channels, Folkmoot};
use folkmoot_plugin_host::Host;
use folkmoot_release::Verifier;
use folkmoot_rpc::{Context, DEFAULT_TENANT, Operations};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tonic::service::{Routes, RoutesBuilder};
use tonic::transport::Channel;
use tonic_health::server::HealthReporter;

use crate::codec;
use crate::config::{Config, Service};
use crate::pages;
use crate::system::{SystemClock, SystemEntropy};

/// How long running calls may go on once the server is asked to stop.
const LONGEST_GOODBYE: Duration = Duration::from_secs(5);

/// Running services.
pub struct Server {
    address: SocketAddr,
    channels: Channels,
    stop: watch::Sender<bool>,
    tasks: JoinSet<anyhow::Result<()>>,
}

impl Server {
    /// Opens the databases, joins the services and starts to listen.
    ///
    /// # Errors
    /// A folder, database or port that cannot be used; a service that neither runs here nor has an address.
    pub async fn start(config: Config) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&config.data)
            .with_context(|| format!("cannot make the data folder {}", config.data.display()))?;
        let (local, incoming) = channel::in_process();
        let channels = join(&config, &local)?;
        let context = Context {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            operations: Operations::new(&SystemEntropy),
        };
        let routes = routes(&config, &channels, &context).await?;

        let listener =
            TcpListener::bind(config.listen).await.with_context(|| format!("cannot listen on {}", config.listen))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(serve_within(routes.clone(), incoming, stopped.clone()));
        tasks.spawn(serve_network(routes, pages::router(&config.data), listener, stopped));
        tracing::info!(%address, services = ?config.services, "serving");
        Ok(Self { address, channels, stop, tasks })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Clients of the services, in the default tenant's name.
    pub fn clients(&self) -> Folkmoot {
        Folkmoot::apart(self.channels.clone(), DEFAULT_TENANT).expect("the default tenant's name is an id")
    }

    /// Waits until a server task ends by itself, which is a failure, or [`Server::stop`] is called elsewhere.
    ///
    /// # Errors
    /// Why it ended.
    pub async fn run(&mut self) -> anyhow::Result<()> {
        match self.tasks.join_next().await {
            Some(ended) => ended?,
            None => Ok(()),
        }
    }

    /// Takes no more calls, lets the running ones end, and returns.
    ///
    /// # Errors
    /// What a server task ended with.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        let _ = self.stop.send(true);
        let ended = async {
            while let Some(ended) = self.tasks.join_next().await {
                ended??;
            }
            Ok(())
        };
        match tokio::time::timeout(LONGEST_GOODBYE, ended).await {
            Ok(ended) => ended,
            // Whoever still watches a round would watch for ever.
            Err(_) => {
                self.tasks.shutdown().await;
                Ok(())
            }
        }
    }
}

fn join(config: &Config, local: &Channel) -> anyhow::Result<Channels> {
    let reach = |service: Service| -> anyhow::Result<Channel> {
        if config.services.contains(&service) {
            return Ok(local.clone());
        }
        match config.peers.address(service) {
            Some(address) => Ok(channel::remote(address)?),
            // Nothing here calls the release service, so nobody misses its address.
            None if service == Service::Release => Ok(local.clone()),
            None => bail!("the {service:?} service neither runs here nor has an address under [peers]"),
        }
    };
    Ok(Channels {
        survey: reach(Service::Survey)?,
        aggregation: reach(Service::Aggregation)?,
        spec: reach(Service::Spec)?,
        release: reach(Service::Release)?,
    })
}

async fn routes(config: &Config, channels: &Channels, context: &Context) -> anyhow::Result<Routes> {
    let mut routes = RoutesBuilder::default();
    let (health, health_server) = tonic_health::server::health_reporter();
    for service in &config.services {
        add(*service, &mut routes, config, channels, context)
            .await
            .with_context(|| format!("cannot start the {service:?} service"))?;
        mark_healthy(&health, *service).await;
    }
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(folkmoot_proto::DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    // Many clients, Python's among them, still ask for the older name of the same protocol.
    routes.add_service(reflection().build_v1()?).add_service(reflection().build_v1alpha()?);
    routes.add_service(health_server).add_service(context.operations.server());
    Ok(routes.routes())
}

async fn add(
    service: Service,
    routes: &mut RoutesBuilder,
    config: &Config,
    channels: &Channels,
    context: &Context,
) -> anyhow::Result<()> {
    let (context, data) = (context.clone(), &config.data);
    match service {
        Service::Survey => {
            let options = folkmoot_survey::Options {
                store: folkmoot_survey::store::Store::open(&config.place()).await?,
                context,
                spec: channels.spec.clone(),
                snapshots: data.join("snapshots"),
            };
            folkmoot_survey::service(options).register(routes);
        }
        Service::Aggregation => {
            let options = folkmoot_aggregation::Options {
                store: folkmoot_aggregation::store::Store::open(&config.place()).await?,
                context,
                survey: channels.survey.clone(),
                spec: channels.spec.clone(),
                snapshots: data.join("fetched-snapshots"),
                host: plugin_host(config)?,
                components: data.join("components"),
            };
            folkmoot_aggregation::service(options).register(routes);
        }
        Service::Spec => {
            let options = folkmoot_spec::Options {
                store: folkmoot_spec::store::Store::open(&config.place()).await?,
                context,
                survey: channels.survey.clone(),
                aggregation: channels.aggregation.clone(),
            };
            folkmoot_spec::service(options).register(routes);
        }
        Service::Release => {
            let options = folkmoot_release::Options {
                context,
                survey: channels.survey.clone(),
                aggregation: channels.aggregation.clone(),
                spec: channels.spec.clone(),
                releases: data.join("releases"),
                verifier: verifier(config),
            };
            folkmoot_release::service(options).register(routes);
        }
    }
    Ok(())
}

fn plugin_host(config: &Config) -> anyhow::Result<Host> {
    Ok(Host::new(plugin_options(config))?)
}

/// Runs the plugins behind published figures again, on a host of its own that starts with the first.
fn verifier(config: &Config) -> Verifier {
    let options = plugin_options(config);
    Verifier::new(move || Host::new(options.clone()))
}

fn plugin_options(config: &Config) -> folkmoot_plugin_host::Options {
    folkmoot_plugin_host::Options {
        limits: config.plugins.limits,
        cache: Some(config.data.join("plugin-cache")),
        compiler: config.plugins.compiler.clone(),
    }
}

async fn mark_healthy(health: &HealthReporter, service: Service) {
    use tonic_health::ServingStatus::Serving;
    let names: &[&str] = match service {
        Service::Survey => &["folkmoot.survey.v1.SurveyService", "folkmoot.response.v1.ResponseService"],
        Service::Aggregation => &["folkmoot.aggregation.v1.AggregationService", "folkmoot.plugin.v1.PluginService"],
        Service::Spec => &["folkmoot.spec.v1.SpecService"],
        Service::Release => &["folkmoot.release.v1.ReleaseService"],
    };
    for name in names {
        health.set_service_status(*name, Serving).await;
    }
}

async fn until_stopped(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

async fn serve_within(routes: Routes, incoming: Incoming, stopped: watch::Receiver<bool>) -> anyhow::Result<()> {
    tonic::transport::Server::builder()
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, until_stopped(stopped))
        .await?;
    Ok(())
}

async fn serve_network(
    routes: Routes,
    pages: axum::Router,
    listener: TcpListener,
    stopped: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let app = routes
        .prepare()
        .into_axum_router()
        .layer(axum::middleware::map_response(codec::explain))
        .layer(tonic_web::GrpcWebLayer::new())
        .merge(pages);
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot turn Nagle's delay off");
        }
    });
    axum::serve(listener, app).with_graceful_shutdown(until_stopped(stopped)).await?;
    Ok(())
}
