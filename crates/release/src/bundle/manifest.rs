//! `release.json`.

use std::path::Path;

use folkmoot_core::Fault;
use folkmoot_core::Sha256Hash;
use serde::{Deserialize, Serialize};

use super::MANIFEST;
use super::content::read_json;
use crate::material::{Round, Signature, Words};

/// The format this crate writes.
pub const FORMAT: &str = "folkmoot-release/3";
/// The format before small cells were suppressed, which it reads.
const WITH_SMALL_CELLS: &str = "folkmoot-release/2";
/// The format before plugins, which it reads.
const WITHOUT_PLUGINS: &str = "folkmoot-release/1";

/// What a release says of itself; `release.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`], or an earlier one.
    pub format: String,
    /// `releases/{release}`.
    pub name: String,
    /// When it was built, in RFC 3339.
    pub create_time: String,
    /// Who publishes it.
    pub publisher: String,
    /// Licence of the data, as an SPDX id.
    pub license: String,
    /// Version of the engine that verified it when it was built.
    pub engine: String,
    /// Whether the answers are simulated.
    pub simulated: bool,
    /// Whether the participants' words are in it.
    pub words_included: bool,
    /// The round.
    pub round: Round,
    /// The snapshot.
    pub snapshot: SnapshotName,
    /// The results, in the order of the page.
    pub results: Vec<ResultEntry>,
    /// Names of results that are left out, as their small cells are not suppressed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub withheld_results: Vec<String>,
    /// The components behind the results that plugins made, ascending by hash.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<PluginEntry>,
    /// The methods behind the results, each once, in the order of the results; none in releases of earlier
    /// versions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<MethodEntry>,
    /// The spec's title; empty where the round was about none.
    pub spec_title: String,
    /// The revision people were asked about: `spec/base.md`.
    pub base_revision: Option<RevisionName>,
    /// The revision that came of it: `spec/new.md`.
    pub new_revision: Option<RevisionName>,
    /// How much of everything there is.
    pub counts: Counts,
}

/// The snapshot by name and hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotName {
    /// `rounds/{round}/snapshots/{sha256}`.
    pub name: String,
    /// Its content hash.
    pub hash: Sha256Hash,
}

/// A published result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultEntry {
    /// `analyses/{analysis}/results/{sha256}`.
    pub name: String,
    /// SHA-256 of `results/{hash}.json`.
    pub hash: Sha256Hash,
    /// What people read.
    pub title: String,
}

/// A method behind results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MethodEntry {
    /// Its id.
    pub id: String,
    /// Its version.
    pub version: String,
    /// SHA-256 of the component that it is, if it is a plugin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Sha256Hash>,
    /// What its author says of it.
    pub words: Words,
}

/// A component behind results.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginEntry {
    /// SHA-256 of `plugins/{sha256}.wasm`.
    pub sha256: Sha256Hash,
    /// The method's id.
    pub id: String,
    /// The method's version.
    pub version: String,
    /// Version of the world `folkmoot:method` that it implements.
    pub world: String,
    /// Who vouches for it, if anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// A revision by name and hash, with what it came of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevisionName {
    /// `specs/{spec}/revisions/{revision}`.
    pub name: String,
    /// SHA-256 of its bytes.
    pub text_hash: Sha256Hash,
    /// The revision before; empty for the first.
    pub parent: String,
    /// The adopted proposals that made it.
    pub proposals: Vec<String>,
    /// A few words on what changed.
    pub note: String,
}

/// How much of everything there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Items asked.
    pub items: u64,
    /// People.
    pub participants: u64,
    /// Answers.
    pub responses: u64,
    /// Answers that came with words, or were words.
    pub words: u64,
    /// Results.
    pub results: u64,
    /// Plugins.
    #[serde(default, skip_serializing_if = "is_none")]
    pub plugins: u64,
    /// Positions.
    pub positions: u64,
    /// Findings.
    pub findings: u64,
    /// Proposals.
    pub proposals: u64,
    /// Decisions.
    pub decisions: u64,
}

fn is_none(count: &u64) -> bool {
    *count == 0
}

impl Manifest {
    /// Reads the manifest of the release in `dir`.
    ///
    /// # Errors
    /// `DATA_CORRUPT` where it is no manifest of a format that this crate reads.
    pub fn read(dir: &Path) -> Result<Self, Fault> {
        let manifest: Self = read_json(dir, MANIFEST)?;
        match manifest.format.as_str() {
            FORMAT | WITH_SMALL_CELLS => Ok(manifest),
            WITHOUT_PLUGINS if manifest.plugins.is_empty() => Ok(manifest),
            other => Err(super::corrupt(MANIFEST, format!("the format is {other:?}, not {FORMAT:?} or one before"))),
        }
    }

    /// The key under which a plugin was signed, if it was.
    pub fn signer(&self, component: Sha256Hash) -> Option<&str> {
        let entry = self.plugins.iter().find(|entry| entry.sha256 == component)?;
        entry.signature.as_ref().map(|signature| signature.public_key.as_str())
    }

    /// Whether small cells must be suppressed in its results.
    pub fn suppresses(&self) -> bool {
        self.format == FORMAT
    }

    /// Whether a version that words pages as this one does has written the release.
    pub fn is_of_this_version(&self) -> bool {
        self.format == FORMAT && self.engine == env!("CARGO_PKG_VERSION")
    }
}
