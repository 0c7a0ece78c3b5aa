//! `folkmoot plugin build`: a component out of a plugin's folder.

use std::path::{Path, PathBuf};

use folkmoot_authoring::{BuildError, Built};
use folkmoot_core::{Fault, Reason};
use serde_json::json;

use crate::failure::Failure;
use crate::out::{Session, fields};

/// What to build.
#[derive(clap::Args)]
#[command(after_help = "Example: folkmoot plugin build turnout

A folder with Cargo.toml is Rust, one with pyproject.toml Python, one with package.json JavaScript. What a
build needs beside the language itself is fetched once and kept in the user's cache.")]
pub struct Build {
    /// Folder of the plugin.
    #[arg(default_value = ".")]
    folder: PathBuf,
}

pub(super) fn run(options: &Build, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let Built { component, sha256, bytes } = build(&options.folder, session)?;
    let path = component.display().to_string();
    let facts = vec![
        ("component", path.as_str().into()),
        ("sha256", sha256.to_string().into()),
        ("bytes", (bytes as i64).into()),
    ];
    session.show(&fields("Built", facts), &json!({"component": path, "sha256": sha256, "bytes": bytes}))
}

/// Builds the plugin in `folder`; its component is named as the folder was.
pub(super) fn build(folder: &Path, session: &mut Session<'_, '_>) -> Result<Built, Failure> {
    let built = folkmoot_authoring::build(folder, &mut |words| session.say(words)).map_err(fault)?;
    let component = match built.component.file_name() {
        Some(name) => folder.join("dist").join(name),
        None => built.component,
    };
    Ok(Built { component, ..built })
}

/// Sources that do not build fail like data does; a folder that is no plugin is bad input.
fn fault(error: BuildError) -> Failure {
    let message = error.to_string();
    match error {
        BuildError::NoLanguage { folder, message } => Failure::input(&folder, message),
        BuildError::Manifest { file, message } => Failure::input(&file, message),
        BuildError::Io { file, source } => Failure::input(&file, source.to_string()),
        // The tool has said the rest already.
        BuildError::Failed { step, status, .. } => {
            Fault::precondition(Reason::BadPlugin, format!("{step} failed ({status})")).into()
        }
        BuildError::Missing { .. } | BuildError::Refused(_) => Fault::precondition(Reason::BadPlugin, message).into(),
    }
}
