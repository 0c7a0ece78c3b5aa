//! Embeds the sources of the SDK, which a Rust plugin carries with it: a list of `(path, text)`, with
//! manifests that need no workspace around them.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// The crates a plugin is built with, by folder.
const CRATES: [&str; 2] = ["fold", "plugin-sdk"];

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let workspace = here.join("../..");
    println!("cargo::rerun-if-changed={}", workspace.join("Cargo.toml").display());
    let root = read(&workspace.join("Cargo.toml"))?;
    let mut list = String::from("[\n");
    for name in CRATES {
        let folder = workspace.join("crates").join(name);
        println!("cargo::rerun-if-changed={}", folder.display());
        let manifest = out.join(format!("{name}.toml"));
        fs::write(&manifest, alone(&read(&folder.join("Cargo.toml"))?, &root)?)?;
        writeln!(list, "({:?}, include_str!({manifest:?})),", format!("{name}/Cargo.toml"))?;
        for file in files(&folder)? {
            let place = Path::new(name).join(file.strip_prefix(&folder)?);
            writeln!(list, "({:?}, include_str!({:?})),", place.display().to_string(), file.canonicalize()?)?;
        }
    }
    fs::write(out.join("sdk.rs"), list + "]\n")?;
    Ok(())
}

/// Sources and contracts below `folder`, in a fixed order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.join("src"), folder.join("wit")];
    while let Some(next) = waiting.pop() {
        if next.is_dir() {
            for entry in fs::read_dir(next)? {
                waiting.push(entry?.path());
            }
        } else if next.extension().is_some_and(|end| end == "rs" || end == "wit") {
            found.push(next);
        }
    }
    found.sort();
    Ok(found)
}

/// The manifest with what it takes from the workspace filled in, and without what only the workspace needs.
fn alone(manifest: &Table, root: &Table) -> Result<String, Box<dyn Error>> {
    let mut manifest = manifest.clone();
    for name in ["lints", "dev-dependencies", "bench", "test"] {
        manifest.remove(name);
    }
    let shared = table(root, "workspace")?;
    let package = table_mut(&mut manifest, "package")?;
    for (name, value) in package.iter_mut().filter(|(_, value)| is_shared(value)) {
        *value = table(shared, "package")?.get(name).ok_or("a field that the workspace lacks")?.clone();
    }
    let shared = table(shared, "dependencies")?;
    fill_in(table_mut(&mut manifest, "dependencies")?, shared)?;
    let targets = manifest.get_mut("target").and_then(Value::as_table_mut).into_iter().flat_map(|all| all.iter_mut());
    for (_, target) in targets {
        if let Some(dependencies) = target.get_mut("dependencies").and_then(Value::as_table_mut) {
            fill_in(dependencies, shared)?;
        }
    }
    Ok(toml::to_string(&manifest)?)
}

fn fill_in(dependencies: &mut Table, shared: &Table) -> Result<(), Box<dyn Error>> {
    for (name, value) in dependencies.iter_mut().filter(|(_, value)| is_shared(value)) {
        let known = shared.get(name).ok_or("a dependency that the workspace lacks")?;
        let Some(path) = known.get("path").and_then(Value::as_str) else {
            *value = known.clone();
            continue;
        };
        // The crates lie side by side here as there.
        let folder = Path::new(path).file_name().ok_or("a path without an end")?.to_string_lossy();
        *value = Value::Table(Table::from_iter([("path".to_owned(), Value::String(format!("../{folder}")))]));
    }
    Ok(())
}

fn is_shared(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool).unwrap_or(false)
}

fn read(file: &Path) -> Result<Table, Box<dyn Error>> {
    Ok(toml::from_str(&fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?)?)
}

fn table<'a>(table: &'a Table, name: &str) -> Result<&'a Table, String> {
    table.get(name).and_then(Value::as_table).ok_or_else(|| format!("there is no [{name}]"))
}

fn table_mut<'a>(table: &'a mut Table, name: &str) -> Result<&'a mut Table, String> {
    table.get_mut(name).and_then(Value::as_table_mut).ok_or_else(|| format!("there is no [{name}]"))
}
