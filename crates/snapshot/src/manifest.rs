//! What a snapshot says of itself.

use folkmoot_core::canonical::Hasher;
use folkmoot_core::{Sha256Hash, canonical};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The format this crate writes and reads.
pub const FORMAT: &str = "folkmoot-snapshot/1";

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// The snapshot's hash and the name of its folder.
    pub hash: Sha256Hash,
    /// Hash and size of every part.
    pub parts: Parts,
    /// Whether the answers are simulated, so that no figure can pass for people's.
    pub simulated: bool,
    /// What the caller said of the round; part of the hash.
    pub round: Value,
}

/// Every part of a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parts {
    /// `items.json`.
    pub items: Part,
    /// `participants.parquet`.
    pub participants: Part,
    /// `responses.parquet`.
    pub responses: Part,
    /// `words.parquet`, which a release may withhold.
    pub words: Part,
    /// The manifest's own `round` and `simulated`.
    pub round: Part,
}

/// Hash and size of one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Hash of the part's canonical content.
    pub sha256: Sha256Hash,
    /// Its rows.
    pub rows: u64,
}

impl Parts {
    /// The parts by name, in the order of the hash.
    pub fn named(&self) -> [(&'static str, &Part); 5] {
        [
            ("items", &self.items),
            ("participants", &self.participants),
            ("responses", &self.responses),
            ("words", &self.words),
            ("round", &self.round),
        ]
    }

    /// The snapshot's hash: name, hash and number of rows of each part.
    pub fn hash(&self) -> Sha256Hash {
        let mut hasher = Hasher::new(FORMAT);
        for (name, part) in self.named() {
            hasher.add(name.as_bytes());
            hasher.add(part.sha256.as_bytes());
            hasher.add(&part.rows.to_le_bytes());
        }
        hasher.finish()
    }
}

pub(crate) fn round_part(round: &Value, simulated: bool) -> Part {
    let hasher = Hasher::new("folkmoot-snapshot/1/round").field(canonical::json(round).as_bytes());
    Part { sha256: hasher.field(&[u8::from(simulated)]).finish(), rows: 1 }
}
