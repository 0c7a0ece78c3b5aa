//! What runs here, and where the rest is.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use folkmoot_database::Place;
use folkmoot_plugin_host::{Compiler, Limits};
use serde::Deserialize;

/// A service that can run alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// Rounds, items, responses, snapshots.
    Survey,
    /// Analyses and results.
    Aggregation,
    /// Revisions, positions, findings, proposals, decisions.
    Spec,
    /// Published bundles, and their pages.
    Release,
}

impl Service {
    /// Every service.
    pub const ALL: [Service; 4] = [Self::Survey, Self::Aggregation, Self::Spec, Self::Release];
}

/// Addresses of services that run elsewhere, such as `http://10.0.0.2:7878`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peers {
    /// The survey service.
    pub survey: Option<String>,
    /// The aggregation service.
    pub aggregation: Option<String>,
    /// The spec service.
    pub spec: Option<String>,
    /// The release service.
    pub release: Option<String>,
}

impl Peers {
    pub(crate) fn address(&self, service: Service) -> Option<&str> {
        let address = match service {
            Service::Survey => &self.survey,
            Service::Aggregation => &self.aggregation,
            Service::Spec => &self.spec,
            Service::Release => &self.release,
        };
        address.as_deref()
    }
}

/// What plugins may use, and who compiles them.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plugins {
    /// Limits of each plugin; those that are not named have their defaults.
    pub limits: Limits,
    /// Compiling a hostile component may take for ever, and nothing stops it but the end of its process:
    /// a program that can start itself as a compiler says so here. It is no matter of the file.
    #[serde(skip, default = "compile_here")]
    pub compiler: Compiler,
}

impl Default for Plugins {
    fn default() -> Self {
        Self { limits: Limits::default(), compiler: compile_here() }
    }
}

fn compile_here() -> Compiler {
    Compiler::Here
}

/// The configuration file, in TOML; every key may be absent.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Folder of snapshots and releases, and of the databases unless they are elsewhere.
    pub data: PathBuf,
    /// Where the databases are: `sqlite://FOLDER` or `postgres://USER@HOST/DATABASE`, whose password may
    /// stand in the variable `PGPASSWORD`; in the data folder where absent.
    pub database: Option<Place>,
    /// What runs here.
    pub services: Vec<Service>,
    /// Where the rest runs.
    pub peers: Peers,
    /// Methods that people bring along.
    pub plugins: Plugins,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7878)),
            data: PathBuf::from("folkmoot-data"),
            database: None,
            services: Service::ALL.to_vec(),
            peers: Peers::default(),
            plugins: Plugins::default(),
        }
    }
}

impl Config {
    /// Where the databases are.
    pub fn place(&self) -> Place {
        self.database.clone().unwrap_or_else(|| Place::Folder(self.data.clone()))
    }

    /// Reads a configuration file.
    ///
    /// # Errors
    /// A file that cannot be read, or is no configuration: the message names file, line and key.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("{} is no configuration", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_may_say_little_and_never_something_unknown() {
        let config: Config = toml::from_str("services = [\"survey\"]\n[peers]\nspec = \"http://spec:7878\"").unwrap();
        assert_eq!(config.services, [Service::Survey]);
        assert_eq!(config.peers.address(Service::Spec), Some("http://spec:7878"));
        assert_eq!(config.listen.port(), 7878);
        let limits: Config = toml::from_str("[plugins.limits]\nmemory_bytes = 1048576").unwrap();
        let want = Limits { memory_bytes: 1 << 20, ..Limits::default() };
        assert_eq!(limits.plugins.limits, want);
        let error = toml::from_str::<Config>("[plugins.limits]\nmemory = 1").unwrap_err();
        assert!(error.to_string().contains("memory_bytes"), "{error}");
        let error = toml::from_str::<Config>("lisen = \"127.0.0.1:1\"").unwrap_err();
        assert!(error.to_string().contains("lisen"), "{error}");
    }

    #[test]
    fn the_configuration_that_is_shipped_tells_every_limit_and_its_default() {
        let text = include_str!("../../../deploy/folkmoot.toml");
        let (_, section) = text.split_once("[plugins.limits]\n").unwrap();
        let told: toml::Table = toml::from_str(&section.replace("# ", "")).unwrap();
        let mut names = Limits::names();
        names.sort();
        assert_eq!(told.keys().cloned().collect::<Vec<_>>(), names);
        assert_eq!(told.try_into::<Limits>().unwrap(), Limits::default());
        let shipped: Config = toml::from_str(text).unwrap();
        assert_eq!(shipped.plugins.limits, Limits::default());
    }
}
