//! The one way from a folder to a component.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use folkmoot_core::Sha256Hash;

use crate::error::BuildError;
use crate::language::{Language, language_of};
use crate::{Say, component, javascript, manifest, python, rust};

/// A component that was built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// The file, `dist/<name>.wasm` in the plugin's folder.
    pub component: PathBuf,
    /// The hash of its bytes, by which it is registered.
    pub sha256: Sha256Hash,
    /// Its size.
    pub bytes: u64,
}

/// Builds the plugin in `folder` and checks that the result is a plugin. `say` gets the words of the
/// tools, line by line; what a failed tool said is in the error too. One build a folder at a time: the
/// others wait.
///
/// # Errors
/// Every variant of [`BuildError`]. The component of an earlier build stays.
pub fn build(folder: &Path, say: &mut dyn FnMut(&str)) -> Result<Built, BuildError> {
    let language = language_of(folder)?;
    let folder = folder.canonicalize().map_err(BuildError::io(folder))?;
    let name = manifest::name(&folder, language)?;
    let dist = folder.join("dist");
    fs::create_dir_all(&dist).map_err(BuildError::io(&dist))?;
    let _turn = turn(&dist)?;
    let work = dist.join(".build");
    clear(&work)?;
    fs::create_dir(&work).map_err(BuildError::io(&work))?;
    let bytes = sources(&folder, &work, language, say);
    clear(&work)?;
    let bytes = bytes?;
    component::check(&bytes)?;
    let path = dist.join(format!("{name}.wasm"));
    write_whole(&dist, &path, &bytes)?;
    Ok(Built { component: path, sha256: Sha256Hash::of(&bytes), bytes: bytes.len() as u64 })
}

fn sources(folder: &Path, work: &Path, language: Language, say: Say<'_>) -> Result<Vec<u8>, BuildError> {
    match language {
        Language::Rust => rust::build(folder, say),
        Language::Python => python::build(folder, work, say),
        Language::JavaScript => javascript::build(folder, work, say),
    }
}

/// Waits for other builds of the same folder. The lock ends with the file.
fn turn(dist: &Path) -> Result<File, BuildError> {
    let path = dist.join(".lock");
    let file = File::create(&path).map_err(BuildError::io(&path))?;
    file.lock().map_err(BuildError::io(&path))?;
    Ok(file)
}

/// The interpreters' modules lie below the plugin's folder, under a name that is the same in every
/// build, for the names of modules get into the component.
fn clear(work: &Path) -> Result<(), BuildError> {
    if !work.exists() {
        return Ok(());
    }
    fs::remove_dir_all(work).map_err(BuildError::io(work))
}

/// Nobody ever reads half a component.
fn write_whole(dist: &Path, path: &Path, bytes: &[u8]) -> Result<(), BuildError> {
    let partial = dist.join(".partial.wasm");
    fs::write(&partial, bytes).map_err(BuildError::io(&partial))?;
    fs::rename(&partial, path).map_err(BuildError::io(path))
}
