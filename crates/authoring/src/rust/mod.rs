//! Rust sources to a component: a plain build for `wasm32-unknown-unknown`, then a wrapper around the
//! core module.

mod debian;
mod project;
mod toolchain;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::Say;
use crate::component::wrap;
use crate::error::BuildError;
use crate::process::run;
use crate::rust::project::Project;
use crate::rust::toolchain::Toolchain;

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Settings that every component has, whatever its manifest says: fast, small, and without words that
/// differ from machine to machine.
const PROFILE: [(&str, &str); 6] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3"),
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_PANIC", "abort"),
    ("CARGO_PROFILE_RELEASE_STRIP", "symbols"),
    ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
];

/// Settings of whoever started this process, or of their cargo, that would change the bytes. Empty ones
/// count as none.
const STRANGERS: [&str; 2] = ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"];

pub(crate) fn build(folder: &Path, say: Say<'_>) -> Result<Vec<u8>, BuildError> {
    let toolchain = toolchain::find(folder, say)?;
    let project = Project::read(folder, say)?;
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--lib", "--target", TARGET, "--message-format", "json-render-diagnostics"]);
    cargo.current_dir(folder).envs(PROFILE);
    cargo.envs(STRANGERS.map(|name| (name, "")));
    toolchain.enter(&mut cargo);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags(&project, &toolchain).join("\u{1f}"));
    let messages = run("cargo build", &mut cargo, say)?;
    let module = module(&messages, &project)?;
    wrap(&fs::read(&module).map_err(BuildError::io(&module))?)
}

/// Machine code options, and a name that is the same everywhere for each folder of this machine that
/// could get into the component (places of panics are words in it).
fn flags(project: &Project, toolchain: &Toolchain) -> Vec<String> {
    let mut renamed = project.folders();
    renamed.extend(toolchain.folders());
    // The last match counts, so what lies within another comes after it.
    renamed.sort_by_key(|(folder, _)| folder.as_os_str().len());
    let remap = |(folder, name): (PathBuf, String)| format!("--remap-path-prefix={}={name}", folder.display());
    let mut flags = vec!["-Ctarget-feature=+simd128".to_owned()];
    flags.extend(renamed.into_iter().map(remap));
    flags
}

/// The file that cargo says it made of the project's `cdylib`.
fn module(messages: &str, project: &Project) -> Result<PathBuf, BuildError> {
    let artefact = |line: &str| -> Option<PathBuf> {
        let message: Value = serde_json::from_str(line).ok()?;
        if message["reason"] != "compiler-artifact" || message["package_id"] != project.package.as_str() {
            return None;
        }
        let files = message["filenames"].as_array()?.iter().filter_map(Value::as_str);
        files.map(PathBuf::from).find(|file| file.extension().is_some_and(|end| end == "wasm"))
    };
    messages.lines().find_map(artefact).ok_or_else(|| {
        BuildError::manifest(&project.manifest, "it makes no module: [lib] needs crate-type = [\"cdylib\", \"rlib\"]")
    })
}
