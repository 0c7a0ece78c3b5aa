//! Who verifies, and the host that plugins run on.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use folkmoot_core::Fault;
use folkmoot_plugin_host::{Host, PluginError};

use super::{Verification, file, release};
use crate::folder::io_fault;

/// Checks releases and single results. The plugins in them run on a host that is started when the first of
/// them is met, and kept. Cheap to clone.
#[derive(Clone)]
pub struct Verifier(Arc<Inner>);

struct Inner {
    start: Box<dyn Fn() -> Result<Host, PluginError> + Send + Sync>,
    host: OnceLock<Host>,
}

impl Verifier {
    /// A verifier whose plugins run on what `start` gives. A release comes from anywhere: the host should
    /// compile in a process of its own.
    pub fn new(start: impl Fn() -> Result<Host, PluginError> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { start: Box::new(start), host: OnceLock::new() }))
    }

    /// Checks the release in the folder `path`, or the one result in the file `path`. What is wrong with
    /// them is a failed check and no error.
    ///
    /// # Errors
    /// `RESOURCE_NOT_FOUND` where there is nothing at `path`, or a disk that fails.
    pub fn verify(&self, path: &Path) -> Result<Verification, Fault> {
        let found = std::fs::metadata(path).map_err(|error| io_fault(path, &error))?;
        let mut verification = Verification::default();
        match found.is_dir() {
            true => release::check(self, path, &mut verification)?,
            false => file::check(path, &mut verification)?,
        }
        Ok(verification)
    }

    /// The host, or in words why there is none. One that does not start is tried again the next time.
    pub(super) fn host(&self) -> Result<&Host, String> {
        if let Some(host) = self.0.host.get() {
            return Ok(host);
        }
        let host = (self.0.start)().map_err(|error| error.to_string())?;
        Ok(self.0.host.get_or_init(|| host))
    }
}
