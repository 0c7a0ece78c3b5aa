//! From a message to a [`Submission`] that fits its round, or everything wrong with it at once.

use std::collections::{BTreeMap, HashMap, HashSet};

use folkmoot_core::answer::{MAX_RUBRIC, MAX_WEIGHT, NO_SCORE, is_weight};
use folkmoot_core::id::{Entropy, check_id};
use folkmoot_core::{Answer, Fault, Item, ItemKind, Reason, Sha256Hash, View, Violation, Vote, text};
use folkmoot_proto::response::answer::Value;
use folkmoot_proto::response::{self, CandidateSet, SubmitResponsesRequest};
use folkmoot_rpc::idempotency;

use crate::commitment::{Body, MAX_NONCE, commitment};
use crate::model::{NewAnswer, Round, StoredItem, Submission};

const MAX_ANSWERS: usize = 1000;
const MAX_ATTRIBUTES: usize = 64;
const MAX_ATTRIBUTE_CHARS: usize = 200;

/// A round that was opened: what answers are checked against can no longer change.
pub(crate) struct OpenedRound {
    /// The round when it was read; state and counts may be old.
    pub(crate) round: Round,
    /// In the order of creation.
    pub(crate) items: Vec<StoredItem>,
    by_id: HashMap<String, usize>,
    spec: [u8; 32],
}

impl OpenedRound {
    pub(crate) fn new(round: Round, items: Vec<StoredItem>) -> Self {
        let by_id = items.iter().enumerate().map(|(place, stored)| (stored.item.id.clone(), place)).collect();
        let spec = round.spec_text_hash.parse().map_or([0; 32], |hash: Sha256Hash| *hash.as_bytes());
        Self { round, items, by_id, spec }
    }
}

/// A submission read off the wire.
pub(crate) struct Checked {
    /// What is to be stored, unless there are violations.
    pub(crate) submission: Submission,
    /// Everything wrong with it.
    pub(crate) violations: Vec<Violation>,
}

/// Checks `message` against `opened`.
///
/// # Errors
/// `SPEC_SUPERSEDED` where the participant saw another revision.
pub(crate) fn check(
    opened: &OpenedRound,
    message: SubmitResponsesRequest,
    entropy: &dyn Entropy,
) -> Result<Checked, Fault> {
    let current = &opened.round.spec_revision;
    if !message.spec_revision.is_empty() && message.spec_revision != *current {
        let words = format!("the answers are about {}, the round is about {current}", message.spec_revision);
        return Err(Fault::precondition(Reason::SpecSuperseded, words).with("current_revision", current));
    }
    let fingerprint = idempotency::fingerprint("SubmitResponses", &message);
    let mut found = Vec::new();
    for (field, id) in [("request_id", &message.request_id), ("participant", &message.participant)] {
        found.extend(check_id(field, id, false).err().into_iter().flat_map(|fault| fault.violations));
    }
    if message.nonce.len() > MAX_NONCE {
        let words = format!("the nonce has {} bytes, at most {MAX_NONCE} are allowed", message.nonce.len());
        found.push(Violation::new("nonce", Reason::BadField, words));
    }
    let weight = check_weight("weight", message.weight, &mut found);
    let attributes = check_attributes(message.attributes, &mut found);
    match message.answers.len() {
        0 => found.push(Violation::new("answers", Reason::FieldRequired, "a submission needs an answer")),
        n if n > MAX_ANSWERS => {
            let words = format!("the submission has {n} answers, at most {MAX_ANSWERS} are allowed");
            found.push(Violation::new("answers", Reason::BadField, words));
        }
        _ => {}
    }

    let mut seen = HashSet::new();
    let mut ids = Vec::new();
    let mut answers = Vec::new();
    for (place, wire) in message.answers.into_iter().take(MAX_ANSWERS).enumerate() {
        let at = format!("answers[{place}]");
        let Some(&index) = opened.by_id.get(&wire.item) else {
            let words = format!("the round has no item {:?}", wire.item);
            found.push(Violation::new(format!("{at}.item"), Reason::UnknownItem, words));
            continue;
        };
        let stored = &opened.items[index];
        let answer = check_answer(stored, wire, &at, &mut found);
        if !seen.insert((stored.key, answer.view)) {
            let words = format!("the item {:?} is answered twice", stored.item.id);
            found.push(Violation::new(format!("{at}.item"), Reason::DuplicateAnswer, words));
        }
        ids.push(stored.item.id.as_str());
        answers.push(answer);
    }
    let given: HashSet<&str> = ids.iter().copied().collect();
    let required = opened.items.iter().filter(|stored| stored.item.required);
    let missing = required.map(|stored| stored.item.id.clone()).filter(|id| !given.contains(id.as_str())).collect();

    let mut salt = [0; 32];
    entropy.fill(&mut salt);
    let pairs: Vec<(&str, &NewAnswer)> = ids.iter().copied().zip(&answers).collect();
    let body = Body { participant: &message.participant, weight, attributes: &attributes, answers: &pairs };
    let commitment = commitment(&salt, &message.nonce, &opened.spec, body);
    let submission = Submission {
        round: opened.round.key,
        round_id: opened.round.id.clone(),
        request_id: message.request_id,
        fingerprint,
        participant: message.participant,
        attributes,
        weight,
        answers,
        missing,
        salt,
        commitment,
    };
    Ok(Checked { submission, violations: found })
}

fn check_attributes(attributes: BTreeMap<String, String>, found: &mut Vec<Violation>) -> BTreeMap<String, String> {
    if attributes.len() > MAX_ATTRIBUTES {
        let words = format!("there are {} attributes, at most {MAX_ATTRIBUTES} are allowed", attributes.len());
        found.push(Violation::new("attributes", Reason::BadField, words));
        return BTreeMap::new();
    }
    let mut checked = BTreeMap::new();
    for (name, value) in attributes {
        let at = format!("attributes.{name}");
        found.extend(check_id(&at, &name, false).err().into_iter().flat_map(|fault| fault.violations));
        // A snapshot could not have such a column beside its own.
        if folkmoot_snapshot::is_taken(&name) {
            found.push(Violation::new(&at, Reason::BadName, format!("no attribute can be named {name:?}")));
        }
        match text::normalise(&at, &value, MAX_ATTRIBUTE_CHARS) {
            Ok(value) => {
                checked.insert(name, value);
            }
            Err(violation) => found.push(violation),
        }
    }
    checked
}

fn check_weight(field: &str, weight: Option<f64>, found: &mut Vec<Violation>) -> Option<f64> {
    let weight = weight?;
    if !is_weight(weight) {
        let words = format!("the weight {weight} is not a number from 0 to {MAX_WEIGHT}");
        found.push(Violation::new(field, Reason::BadNumber, words));
    }
    // Adding zero turns -0 into 0.
    Some(weight + 0.0)
}

/// The answer, as far as it could be read; what is wrong with it is added to `found`.
fn check_answer(stored: &StoredItem, wire: response::Answer, at: &str, found: &mut Vec<Violation>) -> NewAnswer {
    let view = match response::View::try_from(wire.view) {
        Ok(response::View::Unspecified | response::View::Personal) => View::Personal,
        Ok(response::View::World) => View::World,
        Err(_) => {
            found.push(Violation::new(format!("{at}.view"), Reason::BadField, format!("{} is no view", wire.view)));
            View::Personal
        }
    };
    let value = read_value(&stored.item, wire.value);
    let answer = value.map_err(|violation| found.push(violation.within(at))).map(|answer| answer.encode());
    let rationale = match text::normalise(&format!("{at}.rationale"), &wire.rationale, text::MAX_TEXT_CHARS) {
        Ok(words) => Some(words).filter(|words| !words.is_empty()),
        Err(violation) => {
            found.push(violation);
            None
        }
    };
    let weight = check_weight(&format!("{at}.weight"), wire.weight, found);
    let duration_ms = Some(wire.duration_ms).filter(|&millis| millis != 0);
    NewAnswer { item: stored.key, view, answer: answer.unwrap_or_default(), rationale, weight, duration_ms }
}

fn read_value(item: &Item, value: Option<Value>) -> Result<Answer, Violation> {
    let Some(value) = value else {
        return Err(Violation::new("value", Reason::FieldRequired, "an answer needs its value"));
    };
    let (field, kind) = match &value {
        Value::Ranking(_) => ("ranking", ItemKind::Rank),
        Value::Vote(_) => ("vote", ItemKind::Vote),
        Value::Pair(_) => ("pair", ItemKind::Pair),
        Value::Approve(_) => ("approve", ItemKind::Approve),
        Value::Choose(_) => ("choose", ItemKind::Choose),
        Value::Scale(_) => ("scale", ItemKind::Scale),
        Value::Rubric(_) => ("rubric", ItemKind::Rubric),
        Value::Text(_) => ("text", ItemKind::Text),
    };
    if kind != item.kind {
        let words = format!("a {} item cannot take a {} answer", item.kind.name(), kind.name());
        return Err(Violation::new(field, Reason::AnswerKind, words));
    }
    let answer = match value {
        Value::Ranking(ranking) => {
            let order = Answer::parse(item, &ranking.order, None).map_err(|v| v.within("ranking.order"))?;
            let Answer::Rank { tiers, .. } = order else { return Ok(order) };
            let unacceptable = ranking.unacceptable.map(|set| flags(item, &set)).transpose();
            Ok(Answer::Rank { tiers, unacceptable: unacceptable.map_err(|v| v.within("ranking.unacceptable"))? })
        }
        Value::Vote(vote) => read_vote(vote),
        Value::Pair(order) => Answer::parse(item, &order, None),
        Value::Approve(set) => flags(item, &set).map(Answer::Approve),
        Value::Choose(id) => place(item, &id).map(|place| Answer::Choose(place as u8)),
        Value::Scale(number) => Ok(Answer::Scale(number)),
        Value::Rubric(rubric) => read_rubric(item, &rubric.weights),
        Value::Text(words) => Ok(Answer::Text(words)),
    };
    let answer = answer.map_err(|violation| match violation.field.starts_with("ranking") {
        true => violation,
        false => violation.within(field),
    })?;
    answer.checked(item).map_err(|violation| violation.within(field))
}

fn read_vote(vote: i32) -> Result<Answer, Violation> {
    match response::Vote::try_from(vote) {
        Ok(response::Vote::Agree) => Ok(Answer::Vote(Vote::Agree)),
        Ok(response::Vote::Disagree) => Ok(Answer::Vote(Vote::Disagree)),
        Ok(response::Vote::Pass) => Ok(Answer::Vote(Vote::Pass)),
        Ok(response::Vote::Unspecified) => Err(Violation::new("", Reason::FieldRequired, "a vote must be given")),
        Err(_) => Err(Violation::new("", Reason::BadField, format!("{vote} is no vote"))),
    }
}

fn read_rubric(item: &Item, weights: &BTreeMap<String, i32>) -> Result<Answer, Violation> {
    let mut scores = vec![NO_SCORE; item.candidates.len()];
    for (id, &weight) in weights {
        let place = place(item, id)?;
        let allowed = i8::try_from(weight).ok().filter(|weight| (-MAX_RUBRIC..=MAX_RUBRIC).contains(weight));
        scores[place] = allowed.ok_or_else(|| {
            Violation::new("", Reason::BadNumber, format!("the weight {weight} of {id:?} is not from -10 to 10"))
        })?;
    }
    Ok(Answer::Rubric(scores))
}

fn flags(item: &Item, set: &CandidateSet) -> Result<Vec<bool>, Violation> {
    let mut flags = vec![false; item.candidates.len()];
    for id in &set.candidates {
        if std::mem::replace(&mut flags[place(item, id)?], true) {
            return Err(Violation::new("", Reason::BadRanking, format!("the candidate {id:?} stands twice")));
        }
    }
    Ok(flags)
}

fn place(item: &Item, id: &str) -> Result<usize, Violation> {
    let words = || Violation::new("", Reason::CandidateNotOffered, format!("the item offers no candidate {id:?}"));
    item.candidate(id).ok_or_else(words)
}
