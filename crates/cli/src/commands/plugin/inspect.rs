//! `folkmoot plugin inspect`: what a component is, or why it is no plugin.

use std::path::{Path, PathBuf};
use std::time::Instant;

use folkmoot_core::{Fault, Sha256Hash};
use folkmoot_methods::contract::Law;
use folkmoot_methods::report::{Cell, Table, Unit};
use folkmoot_plugin_host::{Host, Plugin, PluginError};
use serde_json::{Value, json};
use wit_parser::decoding::{DecodedWasm, decode};

use super::registered;
use crate::Format;
use crate::commands::methods::{facts, show_parameters};
use crate::failure::{End, Failure};
use crate::input;
use crate::out::{Session, fields, table};
use crate::plugins::{self, PluginLimits};

/// What to look at.
#[derive(clap::Args)]
#[command(after_help = "Example: folkmoot plugin inspect dist/turnout.wasm

The component is compiled and asked to describe itself, within the limits. The exit code is 1 where one
is no plugin. What a server says of a plugin that it has is told by `folkmoot plugin show`.")]
pub struct Inspect {
    /// Components, or hashes of plugins that the server has.
    #[arg(required = true, value_name = "FILE|HASH")]
    components: Vec<PathBuf>,
    #[command(flatten)]
    limits: PluginLimits,
}

/// A component as it was found.
struct Found<'a> {
    file: &'a Path,
    hash: Sha256Hash,
    bytes: usize,
    /// What it imports, where that can be read.
    imports: Option<Vec<String>>,
    /// What it is, or every reason why it is none.
    plugin: Result<Ready, Vec<String>>,
}

struct Ready {
    plugin: Plugin,
    memory_at_rest: u64,
}

pub(super) fn run(inspect: &Inspect, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    let host = inspect.limits.host(session)?;
    let mut all = Vec::new();
    for file in &inspect.components {
        let found = look(&host, file, session)?;
        if session.format() == Format::Table {
            show(&found, session)?;
        }
        all.push(found);
    }
    match session.format() {
        Format::Table => {}
        Format::Json => session.json(&all.iter().map(as_json).collect::<Result<Vec<_>, _>>()?.into())?,
        Format::Csv => session.csv(&one_row_each(&all))?,
    }
    let is_fine = all.iter().all(|found| found.plugin.is_ok());
    Ok(if is_fine { End::Done } else { End::DataFails })
}

#[expect(clippy::disallowed_methods, reason = "people are told how long compiling takes; no result depends on it")]
fn look<'a>(host: &Host, file: &'a Path, session: &mut Session<'_, '_>) -> Result<Found<'a>, Failure> {
    let bytes = bytes(file, session)?;
    let start = Instant::now();
    let loaded = host.load(&bytes);
    let took = start.elapsed().as_secs_f64() * 1e3;
    session.say(format!("{}: {took:.1} ms to compile it, or to take it from the cache", file.display()));
    let started = loaded.and_then(|plugin| {
        let memory_at_rest = plugin.memory_at_rest().map_err(PluginError::Fails)?;
        Ok(Ready { plugin, memory_at_rest })
    });
    let plugin = started.map_err(|error| problems(error.into()));
    Ok(Found { file, hash: Sha256Hash::of(&bytes), bytes: bytes.len(), imports: imports(&bytes), plugin })
}

/// Every reason, without the places: the component is the only one.
fn problems(fault: Fault) -> Vec<String> {
    match fault.violations.is_empty() {
        true => vec![fault.message],
        false => fault.violations.into_iter().map(|violation| violation.message).collect(),
    }
}

/// The bytes of a file, or of the plugin that the server has under this hash.
fn bytes(place: &Path, session: &Session<'_, '_>) -> Result<Vec<u8>, Failure> {
    let hash = place.to_str().and_then(|text| text.parse().ok());
    match hash.filter(|_| !place.exists()) {
        Some(hash) => registered::read(hash, session),
        None => input::bytes(place),
    }
}

/// The names of a component's imports; none where it cannot be read.
fn imports(bytes: &[u8]) -> Option<Vec<String>> {
    let DecodedWasm::Component(resolve, world) = decode(bytes).ok()? else { return None };
    let names = resolve.worlds[world].imports.keys().map(|key| resolve.name_world_key(key));
    Some(names.collect())
}

fn show(found: &Found<'_>, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let mut rows = Vec::new();
    let title = match &found.plugin {
        Ok(ready) => {
            let said = ready.plugin.descriptor();
            rows.extend(facts(said));
            rows.push(("promises", promises(&said.laws).join(", ").into()));
            rows.push(("most passes", i64::from(said.max_passes).into()));
            said.title.clone()
        }
        Err(_) => "Not a plugin".to_owned(),
    };
    rows.push(("file", found.file.display().to_string().into()));
    rows.push(("hash", found.hash.to_string().into()));
    rows.push(("bytes", (found.bytes as i64).into()));
    if let Ok(ready) = &found.plugin {
        rows.push(("memory at rest", (ready.memory_at_rest as i64).into()));
    }
    if let Some(imports) = &found.imports {
        rows.push(("imports", imports.join(", ").into()));
    }
    rows.extend(found.plugin.as_ref().err().into_iter().flatten().map(|words| ("problem", words.as_str().into())));
    session.show(&fields(&title, rows), &Value::Null)?;
    match &found.plugin {
        Ok(ready) => show_parameters(ready.plugin.descriptor(), session),
        Err(_) => Ok(()),
    }
}

fn as_json(found: &Found<'_>) -> Result<Value, Failure> {
    let mut value = json!({
        "file": found.file.display().to_string(),
        "hash": found.hash,
        "bytes": found.bytes,
        "imports": found.imports,
    });
    match &found.plugin {
        Ok(ready) => {
            value["memory_at_rest"] = ready.memory_at_rest.into();
            value["descriptor"] = serde_json::to_value(ready.plugin.descriptor()).map_err(Fault::internal)?;
        }
        Err(problems) => value["problems"] = problems.clone().into(),
    }
    Ok(value)
}

fn one_row_each(all: &[Found<'_>]) -> Table {
    let columns = ["File", "Name", "Hash", "Bytes", "Memory at rest", "Problem"].map(|label| (label, Unit::None));
    let row = |found: &Found<'_>| {
        let (name, memory, problem) = match &found.plugin {
            Ok(ready) => {
                let name = plugins::name(ready.plugin.descriptor());
                (Cell::from(name), (ready.memory_at_rest as i64).into(), Cell::Null)
            }
            Err(problems) => (Cell::Null, Cell::Null, problems.join("; ").into()),
        };
        let file = found.file.display().to_string();
        vec![file.into(), name, found.hash.to_string().into(), (found.bytes as i64).into(), memory, problem]
    };
    table("Components", &columns, all.iter().map(row).collect())
}

/// The laws a method promises, in their own names.
fn promises(laws: &[Law]) -> Vec<String> {
    let name = |law: &Law| serde_json::to_value(law).ok().and_then(|name| name.as_str().map(str::to_owned));
    laws.iter().filter_map(name).collect()
}
