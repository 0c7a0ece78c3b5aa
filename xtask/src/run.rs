//! Runs commands at the workspace's root and fails where they fail.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
}

pub(crate) fn cargo(arguments: &[&str]) -> Result<()> {
    command("cargo", arguments)
}

pub(crate) fn cargo_with(arguments: &[&str], environment: &[(&str, &Path)]) -> Result<()> {
    command_with("cargo", arguments, environment)
}

pub(crate) fn command_with(
    program: impl AsRef<OsStr>,
    arguments: &[&str],
    environment: &[(&str, &Path)],
) -> Result<()> {
    let mut command = prepare(program, arguments);
    command.envs(environment.iter().copied());
    finish(command)
}

pub(crate) fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Result<()> {
    finish(prepare(program, arguments))
}

/// Runs the command where the user stands; its exit code.
pub(crate) fn code(program: &str, arguments: &[String]) -> Result<ExitCode> {
    let status = Command::new(program).args(arguments).status().with_context(|| format!("cannot run {program}"))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Whether the command runs and succeeds, without a word.
pub(crate) fn works(program: &str, arguments: &[&str]) -> bool {
    prepare(program, arguments).output().is_ok_and(|output| output.status.success())
}

fn prepare(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

fn finish(mut command: Command) -> Result<()> {
    let shown = format!("{command:?}");
    let status = command.status().with_context(|| format!("cannot run {shown}"))?;
    if !status.success() {
        bail!("{shown} ended with {status}");
    }
    Ok(())
}
