//! The primary files, written from the material.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs;
use std::path::Path;

use folkmoot_core::{Fault, Sha256Hash, canonical};
use folkmoot_engine::{MethodRef, RunResult};
use folkmoot_methods::Descriptor;
use folkmoot_methods::registry::Registry;

use super::content::{plugin_file, result_file};
use super::manifest::{Counts, FORMAT, Manifest, MethodEntry, PluginEntry, ResultEntry, RevisionName, SnapshotName};
use super::{MANIFEST, corrupt, pretty};
use crate::folder::io_fault;
use crate::material::{Material, Plugin, ResultText, Revision, SpecMaterial, Words};

const WORDS: &str = "words.parquet";

pub(super) fn write(dir: &Path, material: &Material) -> Result<(), Fault> {
    copy_snapshot(dir, material)?;
    let Written { results, plugins, methods } = write_results(dir, material)?;
    if let Some(spec) = &material.spec {
        write_spec(dir, spec)?;
    }
    let manifest = manifest(material, results, plugins, methods);
    save(dir, MANIFEST, &pretty(&manifest)?)
}

fn copy_snapshot(dir: &Path, material: &Material) -> Result<(), Fault> {
    let target = dir.join("snapshot");
    fs::create_dir_all(&target).map_err(|e| io_fault(&target, &e))?;
    for file in material.snapshot.files() {
        let Some(name) = file.file_name() else { continue };
        if name != WORDS || material.words_included {
            fs::copy(&file, target.join(name)).map_err(|e| io_fault(&file, &e))?;
        }
    }
    Ok(())
}

/// What the manifest says of the results.
struct Written {
    results: Vec<ResultEntry>,
    plugins: Vec<PluginEntry>,
    methods: Vec<MethodEntry>,
}

/// Writes each result under its hash, once, with the component behind it, and says what people may read
/// above it.
fn write_results(dir: &Path, material: &Material) -> Result<Written, Fault> {
    let registry = Registry::builtin();
    let mut entries: Vec<ResultEntry> = Vec::new();
    let mut methods: Vec<MethodEntry> = Vec::new();
    let mut plugins: BTreeMap<Sha256Hash, PluginEntry> = BTreeMap::new();
    for ResultText { name, json } in &material.results {
        let result: RunResult = serde_json::from_str(json).map_err(|error| corrupt(name, error))?;
        if canonical::json(&result) != *json {
            return Err(corrupt(name, "the result is not canonical JSON"));
        }
        let hash = Sha256Hash::of(json.as_bytes());
        if entries.iter().any(|entry| entry.hash == hash) {
            continue;
        }
        let words = match result.method.component {
            None => {
                let method = format!("{}@{}", result.method.id, result.method.version);
                registry.get(&method).map(|method| words(method.describe()))
            }
            Some(component) => {
                let plugin = material.plugins.iter().find(|plugin| plugin.hash == component);
                let plugin = plugin.ok_or_else(|| corrupt(name, format!("its plugin {component} is not at hand")))?;
                if let Entry::Vacant(new) = plugins.entry(component) {
                    new.insert(write_plugin(dir, plugin, &result.method)?);
                }
                Some(plugin.words.clone())
            }
        };
        let title = words.as_ref().map(|words| words.title.clone()).filter(|title| !title.trim().is_empty());
        let title = title.unwrap_or_else(|| result.method.id.clone());
        if let Some(words) = words {
            let MethodRef { id, version, component } = result.method.clone();
            let entry = MethodEntry { id, version, component, words };
            if !methods.contains(&entry) {
                methods.push(entry);
            }
        }
        let title = match &result.by {
            Some(attribute) => format!("{title}, by {attribute}"),
            None => title,
        };
        save(dir, &result_file(&hash), json)?;
        entries.push(ResultEntry { name: name.clone(), hash, title });
    }
    Ok(Written { results: entries, plugins: plugins.into_values().collect(), methods })
}

fn words(method: Descriptor) -> Words {
    let Descriptor { title, answers, assumes, avoid_when, source, .. } = method;
    Words { title, answers, assumes, avoid_when, source }
}

fn write_plugin(dir: &Path, plugin: &Plugin, method: &MethodRef) -> Result<PluginEntry, Fault> {
    let name = plugin_file(&plugin.hash);
    let copy = |to: &Path| fs::copy(&plugin.file, to).map(|_| ()).map_err(|e| io_fault(&plugin.file, &e));
    super::make_at(dir, &name, copy)?;
    let (_, found) = super::hash_file(&dir.join(&name))?;
    if found != plugin.hash {
        return Err(corrupt(&name, format!("the bytes hash to {found}")));
    }
    Ok(PluginEntry {
        sha256: plugin.hash,
        id: method.id.clone(),
        version: method.version.clone(),
        world: plugin.world.clone(),
        signature: plugin.signature.clone(),
    })
}

fn write_spec(dir: &Path, spec: &SpecMaterial) -> Result<(), Fault> {
    save(dir, "spec/base.md", &spec.base.1)?;
    if let Some((_, source)) = &spec.new {
        save(dir, "spec/new.md", source)?;
    }
    save(dir, "spec/positions.json", &pretty(&spec.positions)?)?;
    save(dir, "spec/findings.json", &pretty(&spec.findings)?)?;
    save(dir, "spec/proposals.json", &pretty(&spec.proposals)?)?;
    save(dir, "spec/decisions.json", &pretty(&spec.decisions)?)?;
    save(dir, "spec/trace.json", &pretty(&spec.traces)?)
}

fn save(dir: &Path, name: &str, text: &str) -> Result<(), Fault> {
    super::make_at(dir, name, |path| super::save(path, text))
}

fn manifest(
    material: &Material,
    results: Vec<ResultEntry>,
    plugins: Vec<PluginEntry>,
    methods: Vec<MethodEntry>,
) -> Manifest {
    let parts = &material.snapshot.manifest.parts;
    let spec = material.spec.as_ref();
    let count = |of: fn(&SpecMaterial) -> usize| spec.map_or(0, of) as u64;
    let counts = Counts {
        items: parts.items.rows,
        participants: parts.participants.rows,
        responses: parts.responses.rows,
        words: parts.words.rows,
        results: results.len() as u64,
        plugins: plugins.len() as u64,
        positions: count(|spec| spec.positions.len()),
        findings: count(|spec| spec.findings.len()),
        proposals: count(|spec| spec.proposals.len()),
        decisions: count(|spec| spec.decisions.len()),
    };
    Manifest {
        format: FORMAT.to_owned(),
        name: material.name.clone(),
        create_time: material.create_time.to_string(),
        publisher: material.publisher.clone(),
        license: material.license.clone(),
        engine: folkmoot_engine_version().to_owned(),
        simulated: material.snapshot.manifest.simulated,
        words_included: material.words_included,
        round: material.round.clone(),
        snapshot: SnapshotName { name: material.snapshot_name.clone(), hash: material.snapshot.hash() },
        results,
        withheld_results: material.withheld.clone(),
        plugins,
        methods,
        spec_title: spec.map(|spec| spec.title.clone()).unwrap_or_default(),
        base_revision: spec.map(|spec| revision(&spec.base.0)),
        new_revision: spec.and_then(|spec| spec.new.as_ref()).map(|(new, _)| revision(new)),
        counts,
    }
}

fn revision(revision: &Revision) -> RevisionName {
    RevisionName {
        name: revision.name.clone(),
        text_hash: revision.text_hash,
        parent: revision.parent.clone(),
        proposals: revision.proposals.clone(),
        note: revision.note.clone(),
    }
}

/// All crates of the workspace have one version.
fn folkmoot_engine_version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
