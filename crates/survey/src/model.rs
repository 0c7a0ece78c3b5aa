//! The service's own types. Keys (`i64`) are a store's; they never leave the process.

use std::collections::BTreeMap;

use folkmoot_core::{Item, Sha256Hash, Timestamp, View};

/// Where a round stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundState {
    /// Being designed.
    Draft,
    /// Takes answers.
    Open,
    /// Takes no more answers.
    Closed,
    /// Frozen into a snapshot.
    Sealed,
}

impl RoundState {
    /// The state's name in databases and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Sealed => "sealed",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Draft, Self::Open, Self::Closed, Self::Sealed].into_iter().find(|state| state.name() == name)
    }
}

/// A consultation on a revision.
#[derive(Clone, Debug, PartialEq)]
pub struct Round {
    /// The store's key; 0 before it is stored.
    pub key: i64,
    /// Public id.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// In words for participants.
    pub description: String,
    /// `specs/{spec}/revisions/{revision}`, or empty.
    pub spec_revision: String,
    /// SHA-256 of the revision's source in hexadecimal, or empty.
    pub spec_text_hash: String,
    /// Where it stands.
    pub state: RoundState,
    /// Whether the answers are simulated.
    pub simulated: bool,
    /// Whether later answers replace earlier ones.
    pub supersede_allowed: bool,
    /// Disclosures by name.
    pub disclosure: BTreeMap<String, String>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was opened.
    pub opened: Option<Timestamp>,
    /// When it was closed.
    pub closed: Option<Timestamp>,
    /// Number of items.
    pub item_count: i64,
    /// Number of participants with an answer.
    pub participant_count: i64,
    /// Number of answers that count.
    pub response_count: i64,
    /// SHA-256 of the newest snapshot.
    pub snapshot: Option<String>,
    /// Rises with every change, the counts of answers excepted.
    pub version: i64,
    /// Rises with every change.
    pub changes: i64,
}

/// An item with its key.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredItem {
    /// The store's key; ascending in the order of creation.
    pub key: i64,
    /// The item.
    pub item: Item,
}

/// A submission that was checked, ready to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// Key of the round.
    pub round: i64,
    /// Id of the round.
    pub round_id: String,
    /// The caller's id.
    pub request_id: String,
    /// What was asked.
    pub fingerprint: Sha256Hash,
    /// The pseudonym.
    pub participant: String,
    /// Attributes, merged with those known.
    pub attributes: BTreeMap<String, String>,
    /// The participant's weight, where given.
    pub weight: Option<f64>,
    /// At least one answer, none twice.
    pub answers: Vec<NewAnswer>,
    /// Required items that it does not answer: refused if the participant is new.
    pub missing: Vec<String>,
    /// The server's randomness in the commitment.
    pub salt: [u8; 32],
    /// The commitment.
    pub commitment: Sha256Hash,
}

/// One answer of a submission.
#[derive(Clone, Debug, PartialEq)]
pub struct NewAnswer {
    /// Key of the item.
    pub item: i64,
    /// Whose eyes.
    pub view: View,
    /// Canonical bytes.
    pub answer: Vec<u8>,
    /// Why, in NFC.
    pub rationale: Option<String>,
    /// Weight of this answer.
    pub weight: Option<f64>,
    /// Milliseconds.
    pub duration_ms: Option<u32>,
}

/// Proof of acceptance, before it is encoded.
#[derive(Clone, Debug, PartialEq)]
pub struct Receipt<'a> {
    /// What was accepted.
    pub submission: &'a Submission,
    /// Place in the round's commit order, from 1.
    pub sequence: i64,
    /// When.
    pub accepted: Timestamp,
}

/// What is left of a receipt once its participant withdrew: nothing that can be tested against guesses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasedReceipt {
    /// What it is kept under instead of the caller's request id, which may be made of the answers.
    pub request_id: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Submissions to be stored in one transaction.
#[derive(Clone, Debug)]
pub struct Batch {
    /// In the order of arrival.
    pub submissions: Vec<Submission>,
    /// The moment of the commit.
    pub at: Timestamp,
    /// Makes the bytes of a receipt.
    pub encode: fn(&Receipt<'_>) -> Vec<u8>,
}

/// Why the state of the store forbids a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request id came before with another body.
    Conflict,
    /// The round takes no answers in this state.
    State(RoundState),
    /// A new participant did not answer these required items.
    Missing(Vec<String>),
    /// The participant answered before what these places of the submission answer.
    Exists(Vec<usize>),
}

/// A participant with their key.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredParticipant {
    /// The store's key.
    pub key: i64,
    /// The pseudonym.
    pub id: String,
    /// Attributes by name.
    pub attributes: BTreeMap<String, String>,
    /// Their weight.
    pub weight: Option<f64>,
}

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAnswer {
    /// Key of the participant.
    pub participant: i64,
    /// The answer.
    pub answer: NewAnswer,
}

/// A sealed round.
#[derive(Clone, Debug, PartialEq)]
pub struct SealedSnapshot {
    /// The store's key; 0 before it is stored.
    pub key: i64,
    /// Id of the round.
    pub round: String,
    /// Content hash in hexadecimal.
    pub sha256: String,
    /// Number of participants.
    pub participant_count: i64,
    /// Number of answers.
    pub response_count: i64,
    /// The manifest, canonical JSON.
    pub manifest: String,
    /// Whether the answers are simulated.
    pub simulated: bool,
    /// When it was sealed.
    pub created: Timestamp,
}
