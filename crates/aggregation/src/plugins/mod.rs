//! Plugins: how they come in, where their bytes lie, and how they are made ready to run.
//!
//! `upload` reads a component off the wire into `components`, a folder of files named by their hashes;
//! `service` registers it. Whoever runs one asks [`Plugins::load`].

mod components;
mod convert;
mod service;
mod signature;
mod upload;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use folkmoot_core::{Fault, Sha256Hash};
use folkmoot_plugin_host::{Host, Limits, Plugin};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(crate) use components::Components;
pub(crate) use service::PluginService;

/// Components that are compiled at once for their registration; the others wait.
const COMPILING: usize = 2;
/// Plugins that check parameters at once; the others wait.
const CHECKING: usize = 2;
/// Plugins that are kept ready.
const READY: usize = 16;

/// The plugins of every tenant: whose one is, the store knows.
pub(crate) struct Plugins {
    host: Host,
    components: Components,
    /// The last ones used, the newest first.
    ready: Mutex<VecDeque<Plugin>>,
    /// Held by whoever changes what is registered, so that an answer is what is stored.
    changing: tokio::sync::Mutex<()>,
    compiling: Arc<Semaphore>,
    checking: Arc<Semaphore>,
}

impl Plugins {
    pub(crate) fn new(host: Host, components: Components) -> Self {
        Self {
            host,
            components,
            ready: Mutex::default(),
            changing: tokio::sync::Mutex::default(),
            compiling: Arc::new(Semaphore::new(COMPILING)),
            checking: Arc::new(Semaphore::new(CHECKING)),
        }
    }

    pub(crate) fn components(&self) -> &Components {
        &self.components
    }

    fn limits(&self) -> &Limits {
        self.host.limits()
    }

    /// The plugin, ready to run.
    ///
    /// # Errors
    /// `DATA_CORRUPT` where its bytes are not what they were, and what the host answers.
    pub(crate) async fn load(&self, component: Sha256Hash) -> Result<Plugin, Fault> {
        if let Some(ready) = self.take_ready(component) {
            return Ok(ready);
        }
        let bytes = self.components.read(component).await?;
        let host = self.host.clone();
        let loaded = tokio::task::spawn_blocking(move || host.load(&bytes)).await.map_err(Fault::internal)??;
        self.keep_ready(loaded.clone());
        Ok(loaded)
    }

    /// What `work` makes of the plugin, on a thread that may block.
    ///
    /// # Errors
    /// As [`Plugins::load`].
    pub(crate) async fn check<T: Send + 'static>(
        &self,
        component: Sha256Hash,
        work: impl FnOnce(&Plugin) -> T + Send + 'static,
    ) -> Result<T, Fault> {
        let turn = permit(&self.checking).await?;
        let plugin = self.load(component).await?;
        let work = tokio::task::spawn_blocking(move || {
            // The turn is held until the thread is free again, even if nobody waits for the answer.
            let _turn = turn;
            work(&plugin)
        });
        work.await.map_err(Fault::internal)
    }

    /// The plugin in a file that was just received.
    ///
    /// # Errors
    /// Why it is none.
    async fn examine(&self, incoming: &components::Incoming) -> Result<Plugin, Fault> {
        let turn = permit(&self.compiling).await?;
        let (path, host) = (incoming.path().to_owned(), self.host.clone());
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let bytes = std::fs::read(path).map_err(|error| components::unusable(&error))?;
            Ok::<_, Fault>(host.load(&bytes)?)
        });
        let loaded = work.await.map_err(Fault::internal)??;
        self.keep_ready(loaded.clone());
        Ok(loaded)
    }

    fn take_ready(&self, component: Sha256Hash) -> Option<Plugin> {
        let mut ready = self.ready();
        let place = ready.iter().position(|plugin| plugin.hash() == component)?;
        let found = ready.remove(place)?;
        ready.push_front(found.clone());
        Some(found)
    }

    fn keep_ready(&self, plugin: Plugin) {
        let mut ready = self.ready();
        ready.retain(|other| other.hash() != plugin.hash());
        ready.push_front(plugin);
        ready.truncate(READY);
    }

    fn ready(&self) -> MutexGuard<'_, VecDeque<Plugin>> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn permit(turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Fault> {
    turns.clone().acquire_owned().await.map_err(Fault::internal)
}
