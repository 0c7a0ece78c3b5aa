//! Material → files.
//!
//! Primary files come from the material; everything in `derived` comes from the primary files
//! alone, so that verification can make it again and compare. `SHA256SUMS` comes last.

use std::fs;
use std::path::Path;

use folkmoot_core::{Code, Fault, ItemKind, Reason};
use folkmoot_formats::{export, export_alignment};

use crate::folder::io_fault;
use crate::material::Material;

mod card;
mod content;
mod describe;
mod figures;
mod manifest;
mod page;
mod primary;
mod spec;
mod sums;

pub(crate) use content::{Content, Figure, SpecContent, plugin_file, read_text, result_file};
pub use manifest::{Counts, FORMAT, Manifest, PluginEntry, ResultEntry, RevisionName, SnapshotName};
pub use sums::files;
pub(crate) use sums::{hash_file, sums_text};

/// The release's manifest.
pub const MANIFEST: &str = "release.json";
/// Hashes of every other file.
pub const SUMS: &str = "SHA256SUMS";
/// The folder of the layout that alignment datasets share.
const ALIGNMENT: &str = "data/collective-alignment";

/// Makes a derived file, or a folder of them, at a path that does not exist.
pub(crate) type Make = fn(&Content, &Path) -> Result<(), Fault>;

/// The derived files and how each is made, in the order of making: a description comes after what it
/// describes.
pub(crate) fn derived(content: &Content) -> Vec<(&'static str, Make)> {
    let mut files: Vec<(&'static str, Make)> = vec![
        ("data/responses.jsonl", |from, to| Ok(export::responses(&from.snapshot, to)?)),
        ("data/responses.parquet", |from, to| Ok(export::responses(&from.snapshot, to)?)),
        ("data/participants.csv", |from, to| Ok(export::participants(&from.snapshot, to)?)),
        ("data/items.json", |from, to| Ok(export::items(&from.snapshot, to)?)),
    ];
    if content.snapshot.items.iter().any(|item| item.kind == ItemKind::Rank) {
        files.push((ALIGNMENT, alignment));
    }
    files.push(("figures.json", |from, to| save(to, &figures::figures(from)?)));
    if content.spec.as_ref().is_some_and(|spec| spec.new.is_some()) {
        files.push(("spec/diff.json", |from, to| save(to, &spec::diff(from)?)));
        files.push(("spec/redline.md", |from, to| save(to, &spec::redline(from)?)));
    }
    files.push(("report.html", |from, to| save(to, &folkmoot_report::html(&page::page(from)?))));
    files.push(("verify.py", |_, to| save(to, include_str!("verify.py"))));
    files.push(("README.md", |from, to| save(to, &card::readme(from))));
    files.push(("datapackage.json", |from, to| save(to, &describe::datapackage(from)?)));
    files.push(("croissant.json", |from, to| save(to, &describe::croissant(from)?)));
    files
}

fn alignment(content: &Content, to: &Path) -> Result<(), Fault> {
    fs::create_dir_all(to).map_err(|e| io_fault(to, &e))?;
    export_alignment::write(&content.snapshot, to)?;
    Ok(())
}

/// Writes the release into the folder `dir`, which must not exist.
///
/// # Errors
/// `DATA_CORRUPT` for material that does not fit together, or a disk that fails.
pub fn write(dir: &Path, material: &Material) -> Result<(), Fault> {
    primary::write(dir, material)?;
    let content = Content::read(dir)?;
    for (name, make) in derived(&content) {
        make_at(dir, name, |path| make(&content, path))?;
    }
    let sums = sums_text(dir)?;
    make_at(dir, SUMS, |path| save(path, &sums))
}

/// Makes `name` within `dir`, with the folders above it.
pub(crate) fn make_at(dir: &Path, name: &str, make: impl FnOnce(&Path) -> Result<(), Fault>) -> Result<(), Fault> {
    let path = dir.join(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|e| io_fault(parent, &e))?;
    }
    make(&path)
}

fn save(path: &Path, text: &str) -> Result<(), Fault> {
    fs::write(path, text).map_err(|e| io_fault(path, &e))
}

/// Pretty JSON with sorted keys and a line end: for people and for programs.
fn pretty<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, Fault> {
    let value = serde_json::to_value(value).map_err(Fault::internal)?;
    Ok(serde_json::to_string_pretty(&value).map_err(Fault::internal)? + "\n")
}

/// What does not fit together.
pub(crate) fn corrupt(file: &str, message: impl std::fmt::Display) -> Fault {
    Fault::new(Code::DataLoss, Reason::DataCorrupt, format!("{file}: {message}"))
}
