//! `folkmoot plugin run`: a plugin over files.

use std::path::PathBuf;

use crate::commands::analyze::{Files, How, over_files};
use crate::failure::Failure;
use crate::out::Session;
use crate::plugins;

/// A plugin, and what it runs over.
#[derive(clap::Args)]
#[command(
    after_help = "Example: folkmoot plugin run dist/turnout.wasm --responses responses.csv --params '{\"least\": 3}'

The result is that of `folkmoot analyze --plugin`. The exit code is 3 where the method is undefined on the
data, and 1 where the plugin breaks off or reaches a limit."
)]
#[command(group(clap::ArgGroup::new("data").required(true).args(["responses"])))]
pub struct Run {
    /// The component.
    file: PathBuf,
    #[command(flatten)]
    files: Files,
    #[command(flatten)]
    how: How,
}

pub(super) fn run(run: &Run, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let plugin = plugins::load(&run.files.limits.host(session)?, &run.file)?;
    over_files(plugins::runnable(&plugin), &run.files, &run.how, session)
}
