//! Compiled code kept on disk, by the hash of the component and of the engine that compiled it.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};

use folkmoot_core::Sha256Hash;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::PluginError;

/// A folder that this user alone writes.
pub(crate) struct Cache {
    folder: PathBuf,
}

impl Cache {
    /// Opens the cache, making its folder where it is not there.
    ///
    /// Compiled code is machine code: whoever can write here can run anything as this user.
    ///
    /// # Errors
    /// A folder that cannot be made, or that others may write.
    pub(crate) fn open(folder: &Path) -> Result<Self, PluginError> {
        let failed = |error| PluginError::Machine(format!("{}: {error}", folder.display()));
        private_folder(folder).map_err(failed)?;
        if is_shared(folder).map_err(failed)? {
            let words = "others than this user own it or may write in it; compiled code is not loaded from there";
            return Err(PluginError::Machine(format!("{}: {words}", folder.display())));
        }
        Ok(Self { folder: folder.to_owned() })
    }

    fn path(&self, engine: &Engine, component: Sha256Hash) -> PathBuf {
        let mut compatible = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut compatible);
        self.folder.join(format!("{component}-{:016x}.cwasm", compatible.finish()))
    }

    /// The component, if its code is here.
    pub(crate) fn get(&self, engine: &Engine, component: Sha256Hash) -> Option<Component> {
        let path = self.path(engine, component);
        if !path.is_file() {
            return None;
        }
        load_file(engine, &path)
    }

    /// Keeps the code of a component, whole or not at all.
    pub(crate) fn put(&self, engine: &Engine, component: Sha256Hash, code: &[u8]) -> Result<(), PluginError> {
        let path = self.path(engine, component);
        let failed = |error: &dyn std::fmt::Display| PluginError::Machine(format!("{}: {error}", path.display()));
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(|error| failed(&error))?;
        file.write_all(code).map_err(|error| failed(&error))?;
        // A name is given to bytes that are on the disk, and to no others.
        file.as_file().sync_all().map_err(|error| failed(&error))?;
        file.persist(&path).map_err(|error| failed(&error))?;
        Ok(())
    }
}

#[cfg(unix)]
fn private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn private_folder(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}

/// Whether the folder belongs to somebody else or others may write in it.
#[cfg(unix)]
fn is_shared(folder: &Path) -> std::io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let about = fs::metadata(folder)?;
    // A file made now belongs to whom this process runs as.
    let mine = tempfile::NamedTempFile::new_in(folder)?.as_file().metadata()?.uid();
    Ok(about.uid() != mine || about.mode() & 0o022 != 0)
}

#[cfg(not(unix))]
fn is_shared(_: &Path) -> std::io::Result<bool> {
    Ok(false)
}

/// Loads code that [`crate::compile`] made for this engine.
#[expect(unsafe_code, reason = "loading machine code is unsafe unless it is our own: see Cache::open")]
fn load_file(engine: &Engine, path: &Path) -> Option<Component> {
    // SAFETY: the file lies in a folder that only this user writes, and was written by Cache::put.
    // Code of another version or machine is refused by wasmtime itself.
    unsafe { Component::deserialize_file(engine, path) }.ok()
}

/// Loads code that was compiled just now.
#[expect(unsafe_code, reason = "loading machine code is unsafe unless it is our own")]
pub(crate) fn load(engine: &Engine, code: &[u8]) -> Result<Component, PluginError> {
    // SAFETY: the caller had the code compiled by this program.
    unsafe { Component::deserialize(engine, code) }
        .map_err(|error| PluginError::Machine(format!("the code just compiled cannot be loaded: {error}")))
}
