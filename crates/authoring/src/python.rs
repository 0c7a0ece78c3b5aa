//! Python to a component: the modules and an interpreter, started once and kept as it stands.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::BuildError;
use crate::process::run;
use crate::{Say, WIT, cache};

/// The cache's folder of the tool; another version is another folder.
const TOOL: &str = "componentize-py-0.25.1";
const PACKAGE: &str = "componentize-py==0.25.1";
const ENTRY: &str = include_str!("../tools/python/entry.py");

const EXPORT_NAME: &str = "folkmoot:method/method@0.1.0=folkmoot_entry";
const MAIN: &str = "import componentize_py; componentize_py.script()";

pub(crate) fn build(folder: &Path, work: &Path, say: Say<'_>) -> Result<Vec<u8>, BuildError> {
    if !folder.join("method.py").is_file() {
        return Err(BuildError::manifest(&folder.join("pyproject.toml"), "there is no method.py beside it"));
    }
    cache::provide("python3", &["python3"], say)?;
    let tool = cache::tool(TOOL, say, install)?;
    let wit = work.join("method.wit");
    let entry = work.join("folkmoot_entry.py");
    fs::write(&wit, WIT).map_err(BuildError::io(&wit))?;
    fs::write(&entry, ENTRY).map_err(BuildError::io(&entry))?;
    let componentize = || {
        let mut python = Command::new("python3");
        python.args(["-c", MAIN, "--world", "plugin", "--export-interface-name", EXPORT_NAME, "--wit-path"]);
        python.arg(&wit).env("PYTHONPATH", &tool).env("PYTHONDONTWRITEBYTECODE", "1").env_remove("VIRTUAL_ENV");
        // The tool's own frames say nothing about the method.
        python.env("RUST_BACKTRACE", "0").env("RUST_LIB_BACKTRACE", "0");
        python.current_dir(work);
        python
    };
    bindings(&folder.join("dist/bindings"), componentize(), say)?;
    let output = work.join("plugin.wasm");
    let mut python = componentize();
    python.args(["componentize", "--stub-wasi", "--python-path"]).arg(work).arg("--python-path").arg(folder);
    python.arg("--output").arg(&output).arg("folkmoot_entry");
    run("componentize-py", &mut python, say)?;
    fs::read(&output).map_err(BuildError::io(&output))
}

/// Writes the world's types as Python, for the author's editor and tests.
fn bindings(folder: &Path, mut python: Command, say: Say<'_>) -> Result<(), BuildError> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(BuildError::io(folder))?;
    }
    run("componentize-py bindings", python.arg("bindings").arg(folder), say).map(|_| ())
}

fn install(folder: &Path, say: Say<'_>) -> Result<(), BuildError> {
    let pip = ["-m", "pip", "--version"];
    let there = Command::new("python3").args(pip).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        cache::provide("pip3", &["python3-pip"], say)?;
    }
    let mut python = Command::new("python3");
    python.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]);
    python
        .args(["--root-user-action", "ignore", "--disable-pip-version-check"])
        .arg("--target")
        .arg(folder)
        .arg(PACKAGE);
    run("pip install", &mut python, say).map(|_| ())
}
