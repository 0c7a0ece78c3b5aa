//! Tools that builds share, each in a folder of its own that is there whole or not at all.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Say;
use crate::error::BuildError;
use crate::process::{exists, run};

/// The folder `name` of the cache. Where it is missing, `make` fills it under another name first; a
/// second process that wants it waits.
pub(crate) fn tool(
    name: &str,
    say: Say<'_>,
    make: impl FnOnce(&Path, Say<'_>) -> Result<(), BuildError>,
) -> Result<PathBuf, BuildError> {
    let root = root()?;
    let ready = root.join(name);
    if ready.is_dir() {
        return Ok(ready);
    }
    fs::create_dir_all(&root).map_err(BuildError::io(&root))?;
    let lock = root.join(format!("{name}.lock"));
    let turn = File::create(&lock).map_err(BuildError::io(&lock))?;
    turn.lock().map_err(BuildError::io(&lock))?;
    if ready.is_dir() {
        return Ok(ready);
    }
    let partial = root.join(format!("{name}.partial"));
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(BuildError::io(&partial))?;
    }
    fs::create_dir(&partial).map_err(BuildError::io(&partial))?;
    say(&format!("making {}, once for this machine", ready.display()));
    make(&partial, say)?;
    fs::rename(&partial, &ready).map_err(BuildError::io(&ready))?;
    Ok(ready)
}

fn root() -> Result<PathBuf, BuildError> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    let cache = cache.ok_or_else(|| BuildError::missing("a cache folder", "set XDG_CACHE_HOME or HOME"))?;
    Ok(cache.join("folkmoot"))
}

/// Makes sure that `program` can be started, by Debian's `packages` where this process may install them.
pub(crate) fn provide(program: &str, packages: &[&str], say: Say<'_>) -> Result<(), BuildError> {
    if exists(program) {
        return Ok(());
    }
    let install = format!("apt-get install {}", packages.join(" "));
    if !(exists("apt-get") && is_root()) {
        let advice = format!("install it first (on Debian, as root: {install}) and have it on the PATH");
        return Err(BuildError::missing(program, advice));
    }
    say(&install);
    let mut command = Command::new("apt-get");
    command.args(["install", "--yes", "--no-install-recommends"]).args(packages);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    run(&install, &mut command, say).map(|_| ())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
