//! JavaScript to a component: the module and a small interpreter, started once and kept as it stands.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::error::BuildError;
use crate::process::run;
use crate::{Say, WIT, cache, manifest};

/// The cache's folder of the tool; another version is another folder.
const TOOL: &str = "componentize-qjs-0.4.5";
const PACKAGE: &str = include_str!("../tools/js/package.json");
const LOCK: &str = include_str!("../tools/js/package-lock.json");
const SCRIPT: &str = include_str!("../tools/js/build.mjs");
const ENTRY: &str = include_str!("../tools/js/entry.js");
const PURE: &str = include_str!("../tools/js/pure.js");

pub(crate) fn build(folder: &Path, work: &Path, say: Say<'_>) -> Result<Vec<u8>, BuildError> {
    let package = manifest::package_json(folder)?;
    let main = package.get("main").and_then(Value::as_str).unwrap_or("method.js").trim_start_matches("./");
    let method = folder.join(main);
    if !method.is_file() {
        return Err(BuildError::manifest(&folder.join("package.json"), format!("its main, {main}, is not there")));
    }
    cache::provide("node", &["nodejs"], say)?;
    let tool = cache::tool(TOOL, say, install)?;
    let file = |name: &str| work.join(name);
    let write = |name: &str, text: &str| fs::write(file(name), text).map_err(BuildError::io(&file(name)));
    write("method.wit", WIT)?;
    write("pure.js", PURE)?;
    let import = Value::from(format!("../../{main}")).to_string();
    write("entry.js", &ENTRY.replace("\"{{method}}\"", &import))?;
    let paths = json!({
        "wit": file("method.wit"), "entry": file("entry.js"), "root": folder, "output": file("plugin.wasm"),
    });
    let mut node = Command::new("node");
    node.args(["--input-type=module", "--eval", SCRIPT, "--", &paths.to_string()]).current_dir(&tool);
    run("componentize-qjs", &mut node, say)?;
    let output = file("plugin.wasm");
    fs::read(&output).map_err(BuildError::io(&output))
}

fn install(folder: &Path, say: Say<'_>) -> Result<(), BuildError> {
    cache::provide("npm", &["npm"], say)?;
    for (name, text) in [("package.json", PACKAGE), ("package-lock.json", LOCK)] {
        let file = folder.join(name);
        fs::write(&file, text).map_err(BuildError::io(&file))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(folder);
    run("npm ci", &mut npm, say).map(|_| ())
}
