//! `release.json`.

use std::path::Path;

use folkmoot_core::Fault;
use folkmoot_core::Sha256Hash;
use serde::{Deserialize, Serialize};

use super::MANIFEST;
use super::content::read_json;
use crate::material::Round;

/// The format this crate writes and reads.
pub const FORMAT: &str = "folkmoot-release/1";

/// What a release says of itself; `release.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`FORMAT`].
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
    /// Positions.
    pub positions: u64,
    /// Findings.
    pub findings: u64,
    /// Proposals.
    pub proposals: u64,
    /// Decisions.
    pub decisions: u64,
}

impl Manifest {
    /// Reads the manifest of the release in `dir`.
    ///
    /// # Errors
    /// `DATA_CORRUPT` where it is no manifest of this format.
    pub fn read(dir: &Path) -> Result<Self, Fault> {
        let manifest: Self = read_json(dir, MANIFEST)?;
        if manifest.format != FORMAT {
            let message = format!("the format is {:?}, not {FORMAT:?}", manifest.format);
            return Err(super::corrupt(MANIFEST, message));
        }
        Ok(manifest)
    }
}
