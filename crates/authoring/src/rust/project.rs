//! What cargo knows of a plugin: its package, and where on this machine its sources lie.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Say;
use crate::error::BuildError;
use crate::process::run;
use crate::rust::TARGET;

pub(crate) struct Project {
    pub(crate) manifest: PathBuf,
    /// Cargo's id of the plugin's own package.
    pub(crate) package: String,
    target: PathBuf,
    root: PathBuf,
    /// Packages by path that lie elsewhere, such as an SDK in a checkout, each with its name.
    elsewhere: Vec<(PathBuf, String)>,
}

impl Project {
    pub(crate) fn read(folder: &Path, say: Say<'_>) -> Result<Self, BuildError> {
        let manifest = folder.join("Cargo.toml");
        let mut cargo = Command::new("cargo");
        cargo.args(["metadata", "--format-version", "1", "--filter-platform", TARGET]).current_dir(folder);
        let text = run("cargo metadata", &mut cargo, say)?;
        let unreadable = || BuildError::manifest(&manifest, "cargo metadata does not say what it is");
        let metadata: Value = serde_json::from_str(&text).map_err(|_| unreadable())?;
        let path = |value: &Value| value.as_str().map(PathBuf::from).ok_or_else(unreadable);
        let package = metadata["resolve"]["root"].as_str().ok_or_else(|| {
            BuildError::manifest(&manifest, "it has no [package]: a plugin's folder holds one package")
        })?;
        let root = path(&metadata["workspace_root"])?;
        let local = metadata["packages"].as_array().into_iter().flatten().filter(|p| p["source"].is_null());
        let place = |package: &Value| {
            let folder = path(&package["manifest_path"])?.parent().map(Path::to_path_buf);
            Ok((folder.ok_or_else(unreadable)?, format!("/{}", package["name"].as_str().unwrap_or("package"))))
        };
        let places = local.map(place).collect::<Result<Vec<_>, BuildError>>()?;
        let elsewhere = places.into_iter().filter(|(folder, _)| !folder.starts_with(&root)).collect();
        Ok(Self {
            package: package.to_owned(),
            target: path(&metadata["target_directory"])?,
            root,
            elsewhere,
            manifest,
        })
    }

    /// Folders of this machine, each with the name it goes by in a component.
    pub(crate) fn folders(&self) -> Vec<(PathBuf, String)> {
        let mut folders = self.elsewhere.clone();
        folders.push((self.root.clone(), "/plugin".to_owned()));
        folders.push((self.target.clone(), "/target".to_owned()));
        folders.extend(cargo_home().map(|home| (home, "/cargo".to_owned())));
        folders
    }
}

fn cargo_home() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("CARGO_HOME").or_else(|| set("HOME").map(|home| home.join(".cargo")))
}
