//! Whether a folder holds what its hash says.

use std::path::PathBuf;

use folkmoot_core::Sha256Hash;

use crate::error::SnapshotError;
use crate::hash::{self, PartHasher};
use crate::manifest::{Part, round_part};
use crate::reader::{Responses, Snapshot, Words};

/// What came of checking one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartState {
    /// The content is what the manifest says.
    Same,
    /// The content is another.
    Differs {
        /// What was recomputed.
        found: Part,
    },
    /// The content cannot be read at all.
    Damaged {
        /// Why, with the place.
        message: String,
    },
    /// The part is not in the folder; the manifest's hash of it is taken for granted.
    Withheld,
}

/// One part, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartCheck {
    /// `items`, `participants`, `responses`, `words` or `round`.
    pub part: &'static str,
    /// The file that holds it.
    pub file: PathBuf,
    /// What the manifest says.
    pub expected: Part,
    /// What came of it.
    pub state: PartState,
}

/// A folder, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The hash that the manifest claims.
    pub claimed: Sha256Hash,
    /// The hash recomputed from the manifest's parts.
    pub recomputed: Sha256Hash,
    /// Every part.
    pub parts: Vec<PartCheck>,
}

impl Verification {
    /// Whether everything that is there is what the hash says.
    pub fn is_sound(&self) -> bool {
        self.claimed == self.recomputed && self.faults().next().is_none()
    }

    /// The parts that differ or are damaged.
    pub fn faults(&self) -> impl Iterator<Item = &PartCheck> {
        self.parts.iter().filter(|check| !matches!(check.state, PartState::Same | PartState::Withheld))
    }
}

impl Snapshot {
    /// Recomputes the hash of every part and of the snapshot. A part that differs is named, not an
    /// error.
    ///
    /// # Errors
    /// A disk that fails while reading.
    pub fn verify(&self) -> Result<Verification, SnapshotError> {
        let parts = &self.manifest.parts;
        let mut checks = Vec::new();
        let mut check = |part, file: &str, expected: &Part, found: Result<Option<Part>, SnapshotError>| {
            let state = match found {
                Ok(None) => PartState::Withheld,
                Ok(Some(found)) if found == *expected => PartState::Same,
                Ok(Some(found)) => PartState::Differs { found },
                Err(error @ SnapshotError::Corrupt { .. }) => PartState::Damaged { message: error.to_string() },
                Err(error) => return Err(error),
            };
            checks.push(PartCheck { part, file: self.dir.join(file), expected: expected.clone(), state });
            Ok(())
        };
        check("items", "items.json", &parts.items, Ok(Some(hash::items(&self.items))))?;
        let participants = hash::participants(&self.participants);
        check("participants", "participants.parquet", &parts.participants, Ok(Some(participants)))?;
        check("responses", "responses.parquet", &parts.responses, self.responses_part().map(Some))?;
        check("words", "words.parquet", &parts.words, self.words_part())?;
        let round = round_part(&self.manifest.round, self.manifest.simulated);
        check("round", "manifest.json", &parts.round, Ok(Some(round)))?;
        Ok(Verification { claimed: self.manifest.hash, recomputed: parts.hash(), parts: checks })
    }

    fn responses_part(&self) -> Result<Part, SnapshotError> {
        let mut hasher = PartHasher::responses();
        let mut rows = Responses::open(self, &vec![true; self.items.len()])?;
        while let Some(batch) = rows.next()? {
            (0..batch.keys.item.len()).for_each(|row| hasher.add_response(&batch.row(row)));
        }
        Ok(hasher.finish())
    }

    fn words_part(&self) -> Result<Option<Part>, SnapshotError> {
        if !self.has_words() {
            return Ok(None);
        }
        let mut hasher = PartHasher::words();
        let mut rows = Words::open(self)?;
        while let Some(row) = rows.next()? {
            hasher.add_words(&row);
        }
        Ok(Some(hasher.finish()))
    }
}
