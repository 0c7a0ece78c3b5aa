//! Wire types and the model.

use folkmoot_core::{Candidate, Code, Fault, Item, ItemKind, Reason, Violation, item, text};
use folkmoot_proto::{response, survey};
use folkmoot_rpc::{idempotency, timestamp};
use prost::Message;

use crate::model::{ErasedReceipt, Receipt, Refusal, Round, RoundState, SealedSnapshot};

pub(crate) fn round_name(id: &str) -> String {
    format!("rounds/{id}")
}

pub(crate) fn snapshot_name(round: &str, sha256: &str) -> String {
    format!("rounds/{round}/snapshots/{sha256}")
}

pub(crate) fn round(round: &Round) -> survey::Round {
    let state = match round.state {
        RoundState::Draft => survey::RoundState::Draft,
        RoundState::Open => survey::RoundState::Open,
        RoundState::Closed => survey::RoundState::Closed,
        RoundState::Sealed => survey::RoundState::Sealed,
    };
    survey::Round {
        name: round_name(&round.id),
        title: round.title.clone(),
        description: round.description.clone(),
        spec_revision: round.spec_revision.clone(),
        state: state.into(),
        simulated: round.simulated,
        supersede_allowed: round.supersede_allowed,
        disclosure: round.disclosure.clone(),
        create_time: Some(timestamp(round.created)),
        open_time: round.opened.map(timestamp),
        close_time: round.closed.map(timestamp),
        item_count: i32::try_from(round.item_count).unwrap_or(i32::MAX),
        participant_count: round.participant_count,
        response_count: round.response_count,
        snapshot: round.snapshot.as_ref().map(|sha256| snapshot_name(&round.id, sha256)).unwrap_or_default(),
        etag: round.version.to_string(),
    }
}

pub(crate) fn snapshot(snapshot: &SealedSnapshot) -> survey::Snapshot {
    survey::Snapshot {
        name: snapshot_name(&snapshot.round, &snapshot.sha256),
        participant_count: snapshot.participant_count,
        response_count: snapshot.response_count,
        create_time: Some(timestamp(snapshot.created)),
        manifest: snapshot.manifest.clone(),
        simulated: snapshot.simulated,
    }
}

pub(crate) fn item(round: &str, item: &Item) -> survey::Item {
    let kind = match item.kind {
        ItemKind::Rank => survey::ItemKind::Rank,
        ItemKind::Vote => survey::ItemKind::Vote,
        ItemKind::Pair => survey::ItemKind::Pair,
        ItemKind::Approve => survey::ItemKind::Approve,
        ItemKind::Choose => survey::ItemKind::Choose,
        ItemKind::Scale => survey::ItemKind::Scale,
        ItemKind::Rubric => survey::ItemKind::Rubric,
        ItemKind::Text => survey::ItemKind::Text,
    };
    let candidate = |c: &Candidate| survey::Candidate { id: c.id.clone(), text: c.text.clone() };
    survey::Item {
        name: format!("rounds/{round}/items/{}", item.id),
        kind: kind.into(),
        prompt: item.prompt.clone(),
        candidates: item.candidates.iter().map(candidate).collect(),
        clauses: item.clauses.clone(),
        about: item.about.clone().unwrap_or_default(),
        scale: item.scale.map(|range| survey::ScaleRange { min: range.min, max: range.max }),
        required: item.required,
    }
}

/// The item that a caller describes, or everything wrong with it, each at its place in the item.
pub(crate) fn read_item(id: &str, wire: survey::Item) -> Result<Item, Vec<Violation>> {
    let kind = read_kind(wire.kind).map_err(|violation| vec![violation])?;
    let candidate = |c: survey::Candidate| Candidate { id: c.id, text: nfc(c.text) };
    let item = Item {
        id: id.to_owned(),
        kind,
        prompt: nfc(wire.prompt),
        candidates: wire.candidates.into_iter().map(candidate).collect(),
        clauses: wire.clauses,
        position: None,
        about: Some(wire.about).filter(|about| !about.is_empty()),
        scale: wire.scale.map(|range| item::ScaleRange { min: range.min, max: range.max }),
        required: wire.required,
    };
    let violations = item.violations();
    if violations.is_empty() { Ok(item) } else { Err(violations) }
}

/// The normal form where there is one; `Item::violations` reports the rest.
fn nfc(words: String) -> String {
    text::normalise("", &words, item::MAX_PROMPT_CHARS).unwrap_or(words)
}

fn read_kind(kind: i32) -> Result<ItemKind, Violation> {
    match survey::ItemKind::try_from(kind) {
        Ok(survey::ItemKind::Rank) => Ok(ItemKind::Rank),
        Ok(survey::ItemKind::Vote) => Ok(ItemKind::Vote),
        Ok(survey::ItemKind::Pair) => Ok(ItemKind::Pair),
        Ok(survey::ItemKind::Approve) => Ok(ItemKind::Approve),
        Ok(survey::ItemKind::Choose) => Ok(ItemKind::Choose),
        Ok(survey::ItemKind::Scale) => Ok(ItemKind::Scale),
        Ok(survey::ItemKind::Rubric) => Ok(ItemKind::Rubric),
        Ok(survey::ItemKind::Text) => Ok(ItemKind::Text),
        Ok(survey::ItemKind::Unspecified) => {
            Err(Violation::new("kind", Reason::FieldRequired, "an item needs its kind"))
        }
        Err(_) => Err(Violation::new("kind", Reason::BadField, format!("{kind} is no kind of item"))),
    }
}

pub(crate) fn receipt_bytes(receipt: &Receipt<'_>) -> Vec<u8> {
    let submission = receipt.submission;
    response::Receipt {
        name: format!("rounds/{}/receipts/{}", submission.round_id, submission.request_id),
        participant: submission.participant.clone(),
        answer_count: i32::try_from(submission.answers.len()).unwrap_or(i32::MAX),
        sequence: receipt.sequence,
        accept_time: Some(timestamp(receipt.accepted)),
        commitment: submission.commitment.as_bytes().to_vec(),
        salt: submission.salt.to_vec(),
    }
    .encode_to_vec()
}

/// What is left of a receipt after a withdrawal: nothing that could be tested against guesses.
pub(crate) fn erased_receipt(bytes: &[u8]) -> ErasedReceipt {
    let receipt = response::Receipt::decode(bytes).unwrap_or_default();
    // No caller's request id has a slash, and every sequence is there once.
    let request_id = format!("withdrawn/{}", receipt.sequence);
    let rest = response::Receipt { name: String::new(), participant: String::new(), salt: Vec::new(), ..receipt };
    ErasedReceipt { request_id, bytes: rest.encode_to_vec() }
}

pub(crate) fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, Fault> {
    M::decode(bytes).map_err(|error| Fault::new(Code::DataLoss, Reason::DataCorrupt, format!("stored reply: {error}")))
}

/// Why a submission was not stored.
pub(crate) fn refused(refusal: Refusal, request_id: &str) -> Fault {
    match refusal {
        Refusal::Conflict => idempotency::conflict(request_id),
        Refusal::State(state) => not_open(state),
        Refusal::Missing(items) => Fault::invalid(items.iter().map(|item| missing(item)).collect()),
        Refusal::Exists(places) => {
            let violation = |place| {
                let words = "the participant answered this item before and the round does not let answers be replaced";
                Violation::new(format!("answers[{place}].item"), Reason::AnswerExists, words)
            };
            Fault { code: Code::AlreadyExists, ..Fault::invalid(places.into_iter().map(violation).collect()) }
        }
    }
}

pub(crate) fn missing(item: &str) -> Violation {
    Violation::new("answers", Reason::AnswerMissing, format!("the item {item:?} must be answered"))
}

/// Why a round in this state takes no answers.
pub(crate) fn not_open(state: RoundState) -> Fault {
    match state {
        RoundState::Draft => Fault::precondition(Reason::RoundNotOpen, "the round does not take answers yet"),
        _ => {
            Fault::precondition(Reason::RoundClosed, format!("the round is {} and takes no more answers", state.name()))
        }
    }
}
