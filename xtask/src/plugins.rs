//! The plugins that are shipped, built and tested by the verbs that authors use.

use anyhow::{Context, Result};

use crate::run::{cargo, command, command_with, root};
use crate::setup;

/// The workspace of the plugins in Rust.
pub(crate) const MANIFEST: &str = "plugins/Cargo.toml";

/// Folders of the plugins, in the order of their names.
fn folders() -> Result<Vec<String>> {
    let plugins = root().join("plugins");
    let entries = std::fs::read_dir(&plugins).with_context(|| plugins.display().to_string())?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_plugin = ["Cargo.toml", "package.json", "pyproject.toml"].iter().any(|file| path.join(file).is_file());
        if is_plugin && let Some(path) = path.to_str() {
            found.push(path.to_owned());
        }
    }
    found.sort();
    Ok(found)
}

/// A verb of the binary that the tests are built with; what it fetches stays with the project's tools.
fn folkmoot(arguments: &[&str]) -> Result<()> {
    let binary = root().join("target/debug/folkmoot");
    let arguments = [&["plugin"], arguments].concat();
    command_with(&binary, &arguments, &[("XDG_CACHE_HOME", setup::tools().join("cache").as_path())])
}

pub(crate) fn lints() -> Result<()> {
    cargo(&["clippy", "--manifest-path", MANIFEST, "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"])
}

pub(crate) fn builds() -> Result<()> {
    // As the tests are built, so that nothing is built twice.
    cargo(&["nextest", "run", "--workspace", "--no-run", "--cargo-quiet"])?;
    folders()?.iter().try_for_each(|folder| folkmoot(&["build", folder]))
}

/// What the authors' own tests say, then cases and laws.
pub(crate) fn tests() -> Result<()> {
    cargo(&["nextest", "run", "--manifest-path", MANIFEST, "--workspace", "--no-fail-fast"])?;
    command("node", &["--test", "plugins/bridging/"])?;
    command("python3", &["-m", "unittest", "discover", "--quiet", "--start-directory", "plugins/positional"])?;
    folders()?.iter().try_for_each(|folder| folkmoot(&["test", folder, "--no-build"]))
}
