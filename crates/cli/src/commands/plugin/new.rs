//! `folkmoot plugin new`: a plugin to start from.

use std::path::PathBuf;

use folkmoot_authoring::{Language, ScaffoldError, scaffold};
use serde_json::json;

use crate::Format;
use crate::failure::Failure;
use crate::out::Session;

/// What to start.
#[derive(clap::Args)]
#[command(after_help = "Example: folkmoot plugin new turnout --lang python

The method in it works: it builds and its tests pass. Change it from there.")]
pub struct New {
    /// Name of the plugin: its folder, and the id of its method.
    name: String,
    /// Language: rust, python or js.
    #[arg(long, value_name = "LANGUAGE", default_value = "rust")]
    lang: Language,
    /// Make its folder in this one.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    into: PathBuf,
}

pub(super) fn run(new: &New, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    scaffold(&new.name, new.lang, &new.into).map_err(fault)?;
    let folder = new.into.join(&new.name);
    let folder = folder.strip_prefix(".").unwrap_or(&folder).display().to_string();
    match session.format() {
        Format::Json => session.json(&json!({"folder": folder, "language": new.lang.name()}))?,
        // Alone on its line, for whoever goes there.
        Format::Table | Format::Csv => session.print(&format!("{folder}\n"))?,
    }
    session.say(format!("next: folkmoot plugin test {folder}"));
    session.say(format!("then: folkmoot plugin run {folder}/dist/{}.wasm --responses FILE", new.name));
    Ok(())
}

fn fault(error: ScaffoldError) -> Failure {
    match error {
        ScaffoldError::BadName { name, message } => Failure::input("NAME", format!("{name:?}: {message}")),
        ScaffoldError::Exists { folder } => Failure::input(&folder, "it exists already"),
        ScaffoldError::Io { file, source } => Failure::input(&file, source.to_string()),
    }
}
