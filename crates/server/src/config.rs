//! What runs here, and where the rest is.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
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

/// The configuration file, in TOML; every key may be absent.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Folder of databases, snapshots and releases.
    pub data: PathBuf,
    /// What runs here.
    pub services: Vec<Service>,
    /// Where the rest runs.
    pub peers: Peers,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7878)),
            data: PathBuf::from("folkmoot-data"),
            services: Service::ALL.to_vec(),
            peers: Peers::default(),
        }
    }
}

impl Config {
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
        let error = toml::from_str::<Config>("lisen = \"127.0.0.1:1\"").unwrap_err();
        assert!(error.to_string().contains("lisen"), "{error}");
    }
}
