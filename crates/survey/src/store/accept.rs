//! Submissions, many in one transaction. This is the hot path: it asks the database a handful of
//! questions a wave, not a submission, and inserts what a wave brings as columns.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use folkmoot_core::canonical;
use folkmoot_database::{AssertSqlSafe, Column, DatabaseError, FromRow, Row, Transaction, Value};

use super::{StoredReceipt, view_code};
use crate::model::{Batch, NewAnswer, Receipt, Refusal, RoundState, Submission};

type Outcome = Result<Vec<u8>, Refusal>;

/// A round during the transaction.
struct Head {
    state: RoundState,
    supersede: bool,
    sequence: i64,
    /// Key of the newest participant.
    newest: i64,
    participants: i64,
    responses: i64,
    changed: bool,
}

/// A participant that was there before the wave.
struct Known {
    key: i64,
    answered: HashSet<(i64, i64)>,
}

/// What a wave adds.
#[derive(Default)]
struct Added<'a> {
    participants: Vec<(i64, &'a Submission)>,
    answers: Vec<(i64, i64, &'a NewAnswer)>,
    receipts: Vec<(i64, &'a Submission, Vec<u8>)>,
}

pub(super) async fn accept(db: &mut Transaction, batch: Batch) -> Result<Vec<Outcome>, DatabaseError> {
    let mut heads = lock(db, &batch.submissions).await?;
    let mut outcomes = Vec::with_capacity(batch.submissions.len());
    let mut rest = batch.submissions.as_slice();
    while !rest.is_empty() {
        let (wave, behind) = rest.split_at(wave_length(rest));
        let head = heads.get_mut(&wave[0].round);
        let head = head.ok_or_else(|| DatabaseError::Corrupt("no round of a submission".to_owned()))?;
        accept_wave(db, &batch, wave, head, &mut outcomes).await?;
        rest = behind;
    }
    for (round, head) in heads.iter().filter(|(_, head)| head.changed) {
        let sql = "UPDATE rounds SET last_sequence = $1, last_participant = $2, participant_count = $3, \
                   response_count = $4, changes = changes + 1 WHERE key = $5";
        let counts = [head.sequence, head.newest, head.participants, head.responses, *round];
        db.execute(sql, &counts.map(Value::from)).await?;
    }
    Ok(outcomes)
}

/// The rounds of the submissions, by key; no other transaction changes them or their participants
/// until this one ends. Locked in the order of their keys, so that two never wait for each other.
async fn lock(db: &mut Transaction, submissions: &[Submission]) -> Result<BTreeMap<i64, Head>, DatabaseError> {
    let keys: Vec<i64> = submissions.iter().map(|s| s.round).collect::<BTreeSet<_>>().into_iter().collect();
    let sql = format!("SELECT * FROM rounds WHERE key IN ({}) ORDER BY key{}", db.each(1), db.locking());
    let heads: Vec<Locked> = db.all(AssertSqlSafe(sql), &[Value::Ints(&keys)]).await?;
    Ok(heads.into_iter().map(|Locked(key, head)| (key, head)).collect())
}

/// How many of the next submissions are of one round and know nothing of each other: no participant
/// and no request id twice.
fn wave_length(submissions: &[Submission]) -> usize {
    let mut participants = HashSet::new();
    let mut requests = HashSet::new();
    let mut length = 0;
    for submission in submissions {
        let alone = participants.insert(&submission.participant) && requests.insert(&submission.request_id);
        if !alone || submission.round != submissions[0].round {
            break;
        }
        length += 1;
    }
    length
}

async fn accept_wave(
    db: &mut Transaction,
    batch: &Batch,
    wave: &[Submission],
    head: &mut Head,
    outcomes: &mut Vec<Outcome>,
) -> Result<(), DatabaseError> {
    let round = wave[0].round;
    let before = receipts(db, round, wave).await?;
    let fresh = wave.iter().filter(|s| !before.contains_key(&s.request_id));
    let known = known(db, round, fresh.map(|s| s.participant.as_str()).collect()).await?;
    let mut added = Added::default();
    for submission in wave {
        if let Some(receipt) = before.get(&submission.request_id) {
            let same = receipt.fingerprint == Some(submission.fingerprint);
            outcomes.push(if same { Ok(receipt.bytes.clone()) } else { Err(Refusal::Conflict) });
            continue;
        }
        let known = known.get(&submission.participant);
        let replaced = match check(head, known, submission) {
            Ok(replaced) => replaced,
            Err(refusal) => {
                outcomes.push(Err(refusal));
                continue;
            }
        };
        head.changed = true;
        head.sequence += 1;
        head.responses += (submission.answers.len() - replaced.len()) as i64;
        let participant = match known {
            Some(known) => {
                supersede(db, round, known.key, &replaced).await?;
                update_participant(db, known.key, submission).await?;
                known.key
            }
            None => {
                head.newest += 1;
                head.participants += 1;
                added.participants.push((head.newest, submission));
                head.newest
            }
        };
        added.answers.extend(submission.answers.iter().map(|answer| (participant, head.sequence, answer)));
        let bytes = (batch.encode)(&Receipt { submission, sequence: head.sequence, accepted: batch.at });
        added.receipts.push((participant, submission, bytes.clone()));
        outcomes.push(Ok(bytes));
    }
    insert(db, round, &added).await
}

/// The answers that a submission replaces, if the round and what the participant said before allow it.
fn check<'a>(head: &Head, known: Option<&Known>, submission: &'a Submission) -> Result<Vec<&'a NewAnswer>, Refusal> {
    if head.state != RoundState::Open {
        return Err(Refusal::State(head.state));
    }
    let Some(known) = known else {
        let complete = submission.missing.is_empty();
        return if complete { Ok(Vec::new()) } else { Err(Refusal::Missing(submission.missing.clone())) };
    };
    let again = |answer: &NewAnswer| known.answered.contains(&(answer.item, view_code(answer.view)));
    let places: Vec<usize> = (0..submission.answers.len()).filter(|&i| again(&submission.answers[i])).collect();
    if !places.is_empty() && !head.supersede {
        return Err(Refusal::Exists(places));
    }
    Ok(places.into_iter().map(|place| &submission.answers[place]).collect())
}

/// A round by its key.
struct Locked(i64, Head);

impl FromRow for Locked {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        let head = Head {
            state: row.named("state", RoundState::from_name)?,
            supersede: row.flag("supersede_allowed")?,
            sequence: row.get("last_sequence")?,
            newest: row.get("last_participant")?,
            participants: row.get("participant_count")?,
            responses: row.get("response_count")?,
            changed: false,
        };
        Ok(Self(row.get("key")?, head))
    }
}

/// A request id and its receipt.
struct Before(String, StoredReceipt);

impl FromRow for Before {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self(row.get("request_id")?, FromRow::from_row(row)?))
    }
}

/// Receipts of these request ids.
async fn receipts(
    db: &mut Transaction,
    round: i64,
    wave: &[Submission],
) -> Result<HashMap<String, StoredReceipt>, DatabaseError> {
    let ids: Vec<&str> = wave.iter().map(|s| s.request_id.as_str()).collect();
    let sql = format!(
        "SELECT request_id, fingerprint, receipt FROM receipts WHERE round = $1 AND request_id IN ({})",
        db.each(2)
    );
    let found: Vec<Before> = db.all(AssertSqlSafe(sql), &[round.into(), Value::Texts(&ids)]).await?;
    Ok(found.into_iter().map(|Before(id, receipt)| (id, receipt)).collect())
}

/// A participant's id and key.
struct Participant(String, i64);

impl FromRow for Participant {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self(row.get("id")?, row.get("key")?))
    }
}

/// What a participant answered: participant, item, view.
struct Answered(i64, (i64, i64));

impl FromRow for Answered {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self(row.get("participant")?, (row.get("item")?, row.get("view")?)))
    }
}

/// Those of `participants` who answered before, and what.
async fn known(
    db: &mut Transaction,
    round: i64,
    participants: Vec<&str>,
) -> Result<HashMap<String, Known>, DatabaseError> {
    let sql = format!("SELECT id, key FROM participants WHERE round = $1 AND id IN ({})", db.each(2));
    let found: Vec<Participant> = db.all(AssertSqlSafe(sql), &[round.into(), Value::Texts(&participants)]).await?;
    if found.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<i64> = found.iter().map(|Participant(_, key)| *key).collect();
    let sql =
        format!("SELECT participant, item, view FROM answers WHERE round = $1 AND participant IN ({})", db.each(2));
    let answers: Vec<Answered> = db.all(AssertSqlSafe(sql), &[round.into(), Value::Ints(&keys)]).await?;
    let mut answered: HashMap<i64, HashSet<(i64, i64)>> = HashMap::new();
    for Answered(participant, place) in answers {
        answered.entry(participant).or_default().insert(place);
    }
    let known = found.into_iter().map(|Participant(id, key)| {
        let answered = answered.remove(&key).unwrap_or_default();
        (id, Known { key, answered })
    });
    Ok(known.collect())
}

async fn supersede(
    db: &mut Transaction,
    round: i64,
    participant: i64,
    replaced: &[&NewAnswer],
) -> Result<(), DatabaseError> {
    for answer in replaced {
        let place = [round, participant, answer.item, view_code(answer.view)].map(Value::from);
        let which = "round = $1 AND participant = $2 AND item = $3 AND view = $4";
        let keep = format!("INSERT INTO superseded SELECT * FROM answers WHERE {which}");
        db.execute(AssertSqlSafe(keep), &place).await?;
        db.execute(AssertSqlSafe(format!("DELETE FROM answers WHERE {which}")), &place).await?;
    }
    Ok(())
}

/// Merges what a known participant says of themselves with what was said before.
async fn update_participant(db: &mut Transaction, key: i64, submission: &Submission) -> Result<(), DatabaseError> {
    if submission.attributes.is_empty() && submission.weight.is_none() {
        return Ok(());
    }
    let which = [submission.round.into(), key.into()];
    let sql = "SELECT attributes FROM participants WHERE round = $1 AND key = $2";
    let text: String = db.first(sql, &which).await?.unwrap_or_else(|| "{}".to_owned());
    let mut attributes: BTreeMap<String, String> =
        serde_json::from_str(&text).map_err(|error| DatabaseError::Corrupt(error.to_string()))?;
    attributes.extend(submission.attributes.clone());
    let attributes = canonical::json(&attributes);
    let sql = "UPDATE participants SET attributes = $3, weight = coalesce($4, weight) WHERE round = $1 AND key = $2";
    let [round, key] = which;
    db.execute(sql, &[round, key, (&attributes).into(), submission.weight.into()]).await?;
    Ok(())
}

async fn insert(db: &mut Transaction, round: i64, added: &Added<'_>) -> Result<(), DatabaseError> {
    let Added { participants, answers, receipts } = added;
    let attributes: Vec<String> = participants.iter().map(|(_, s)| canonical::json(&s.attributes)).collect();
    let columns = [
        ("round", Column::ints(participants.iter().map(|_| round))),
        ("key", Column::ints(participants.iter().map(|(key, _)| *key))),
        ("id", Column::texts(participants.iter().map(|(_, s)| s.participant.as_str()))),
        ("attributes", Column::texts(attributes.iter().map(String::as_str))),
        ("weight", Column::Reals(participants.iter().map(|(_, s)| s.weight).collect())),
    ];
    db.insert("participants", &columns).await?;

    let said = || answers.iter().map(|(_, _, answer)| *answer);
    let columns = [
        ("round", Column::ints(answers.iter().map(|_| round))),
        ("participant", Column::ints(answers.iter().map(|(participant, ..)| *participant))),
        ("item", Column::ints(said().map(|answer| answer.item))),
        ("view", Column::ints(said().map(|answer| view_code(answer.view)))),
        ("answer", Column::bytes(said().map(|answer| answer.answer.as_slice()))),
        ("rationale", Column::Texts(said().map(|answer| answer.rationale.as_deref()).collect())),
        ("weight", Column::Reals(said().map(|answer| answer.weight).collect())),
        ("duration_ms", Column::Ints(said().map(|answer| answer.duration_ms.map(i64::from)).collect())),
        ("sequence", Column::ints(answers.iter().map(|(_, sequence, _)| *sequence))),
    ];
    db.insert("answers", &columns).await?;

    let columns = [
        ("round", Column::ints(receipts.iter().map(|_| round))),
        ("request_id", Column::texts(receipts.iter().map(|(_, s, _)| s.request_id.as_str()))),
        ("fingerprint", Column::bytes(receipts.iter().map(|(_, s, _)| s.fingerprint.as_bytes().as_slice()))),
        ("receipt", Column::bytes(receipts.iter().map(|(.., bytes)| bytes.as_slice()))),
        ("participant", Column::ints(receipts.iter().map(|(participant, ..)| *participant))),
    ];
    db.insert("receipts", &columns).await?;
    Ok(())
}
