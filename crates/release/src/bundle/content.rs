//! The primary files, read back.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use folkmoot_core::{Fault, Sha256Hash};
use folkmoot_engine::RunResult;
use folkmoot_snapshot::Snapshot;
use serde::de::DeserializeOwned;

use super::corrupt;
use super::manifest::{Counts, Manifest, ResultEntry};
use crate::folder::io_fault;
use crate::material::{Decision, Finding, Position, Proposal, Trace};

/// Largest file that is read as a whole.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// What the derived files are made from.
pub(crate) struct Content {
    pub(crate) dir: PathBuf,
    pub(crate) manifest: Manifest,
    pub(crate) snapshot: Snapshot,
    pub(crate) results: Vec<Figure>,
    pub(crate) spec: Option<SpecContent>,
}

/// A result, its bytes and its place in the manifest.
pub(crate) struct Figure {
    pub(crate) entry: ResultEntry,
    pub(crate) text: String,
    pub(crate) result: RunResult,
}

pub(crate) struct SpecContent {
    pub(crate) base: String,
    pub(crate) new: Option<String>,
    pub(crate) positions: Vec<Position>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) proposals: Vec<Proposal>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) traces: Vec<Trace>,
}

impl Content {
    /// Reads the primary files of the release in `dir`.
    ///
    /// # Errors
    /// `DATA_CORRUPT` for a file that is missing or is not what it should be.
    pub(crate) fn read(dir: &Path) -> Result<Self, Fault> {
        let manifest = Manifest::read(dir)?;
        let snapshot = Snapshot::open(dir.join("snapshot")).map_err(|e| corrupt("snapshot", e))?;
        let mut results = Vec::new();
        for entry in &manifest.results {
            let file = result_file(&entry.hash);
            let text = read_text(dir, &file)?;
            let result = serde_json::from_str(&text).map_err(|e| corrupt(&file, e))?;
            results.push(Figure { entry: entry.clone(), text, result });
        }
        let spec = match &manifest.base_revision {
            Some(_) => Some(SpecContent::read(dir, manifest.new_revision.is_some())?),
            None => None,
        };
        Ok(Self { dir: dir.to_owned(), manifest, snapshot, results, spec })
    }

    /// The components behind the results, each once.
    pub(crate) fn components(&self) -> BTreeSet<Sha256Hash> {
        self.results.iter().filter_map(|figure| figure.result.method.component).collect()
    }

    /// What there is, counted.
    pub(crate) fn counts(&self) -> Counts {
        let parts = &self.snapshot.manifest.parts;
        let spec = |count: fn(&SpecContent) -> usize| self.spec.as_ref().map_or(0, count) as u64;
        Counts {
            items: parts.items.rows,
            participants: parts.participants.rows,
            responses: parts.responses.rows,
            words: parts.words.rows,
            results: self.results.len() as u64,
            plugins: self.components().len() as u64,
            positions: spec(|spec| spec.positions.len()),
            findings: spec(|spec| spec.findings.len()),
            proposals: spec(|spec| spec.proposals.len()),
            decisions: spec(|spec| spec.decisions.len()),
        }
    }
}

impl SpecContent {
    fn read(dir: &Path, has_new: bool) -> Result<Self, Fault> {
        Ok(Self {
            base: read_text(dir, "spec/base.md")?,
            new: if has_new { Some(read_text(dir, "spec/new.md")?) } else { None },
            positions: read_json(dir, "spec/positions.json")?,
            findings: read_json(dir, "spec/findings.json")?,
            proposals: read_json(dir, "spec/proposals.json")?,
            decisions: read_json(dir, "spec/decisions.json")?,
            traces: read_json(dir, "spec/trace.json")?,
        })
    }
}

/// Path of a result's file.
pub(crate) fn result_file(hash: &Sha256Hash) -> String {
    format!("results/{hash}.json")
}

/// Path of a component.
pub(crate) fn plugin_file(hash: &Sha256Hash) -> String {
    format!("plugins/{hash}.wasm")
}

/// The text of a file of the release.
///
/// # Errors
/// `DATA_CORRUPT` where it is missing, too large or no UTF-8.
pub(crate) fn read_text(dir: &Path, name: &str) -> Result<String, Fault> {
    let path = dir.join(name);
    let file = File::open(&path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => corrupt(name, "the file is missing"),
        _ => io_fault(&path, &error),
    })?;
    let mut text = String::new();
    let read = file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text);
    match read {
        Ok(bytes) if bytes as u64 > MAX_FILE_BYTES => Err(corrupt(name, "the file is too large")),
        Ok(_) => Ok(text),
        Err(error) => Err(corrupt(name, error)),
    }
}

pub(crate) fn read_json<T: DeserializeOwned>(dir: &Path, name: &str) -> Result<T, Fault> {
    serde_json::from_str(&read_text(dir, name)?).map_err(|error| corrupt(name, error))
}
