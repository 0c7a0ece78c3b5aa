//! Submissions, many in one transaction. This is the hot path: it asks the database a handful of
//! questions a wave, not a submission, and inserts many rows with one statement.

use std::collections::{BTreeMap, HashMap, HashSet};

use folkmoot_core::canonical;
use sqlx::{AssertSqlSafe, SqliteConnection};

use super::view_code;
use crate::model::{Batch, NewAnswer, Receipt, Refusal, RoundState, Submission};
use crate::store::{StoreError, StoredReceipt};

/// Rows of one INSERT, the largest first: few enough statements to stay prepared.
const CHUNKS: [usize; 4] = [256, 32, 4, 1];

type Outcome = Result<Vec<u8>, Refusal>;

/// A round during the transaction.
struct Head {
    state: RoundState,
    supersede: bool,
    sequence: i64,
    participants: i64,
    responses: i64,
    changed: bool,
}

/// A participant that was there before the wave.
struct Known {
    key: i64,
    answered: HashSet<(i64, i64)>,
}

struct NewRow<'a> {
    round: i64,
    participant: i64,
    answer: &'a NewAnswer,
    sequence: i64,
}

pub(super) async fn accept(db: &mut SqliteConnection, batch: Batch) -> Result<Vec<Outcome>, StoreError> {
    let mut heads = HashMap::new();
    let mut last_key: i64 =
        sqlx::query_scalar("SELECT coalesce(max(key), 0) FROM participants").fetch_one(&mut *db).await?;
    let mut outcomes = Vec::with_capacity(batch.submissions.len());
    let mut rest = batch.submissions.as_slice();
    while !rest.is_empty() {
        let (wave, behind) = rest.split_at(wave_length(rest));
        accept_wave(db, &batch, wave, &mut heads, &mut last_key, &mut outcomes).await?;
        rest = behind;
    }
    for (round, head) in heads.iter().filter(|(_, head)| head.changed) {
        let query = sqlx::query(
            "UPDATE rounds SET last_sequence = ?, participant_count = ?, response_count = ?, changes = changes + 1 \
             WHERE key = ?",
        );
        query.bind(head.sequence).bind(head.participants).bind(head.responses).bind(*round).execute(&mut *db).await?;
    }
    Ok(outcomes)
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
    db: &mut SqliteConnection,
    batch: &Batch,
    wave: &[Submission],
    heads: &mut HashMap<i64, Head>,
    last_key: &mut i64,
    outcomes: &mut Vec<Outcome>,
) -> Result<(), StoreError> {
    let round = wave[0].round;
    let before = receipts(db, round, wave).await?;
    let head = match heads.entry(round) {
        std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
        std::collections::hash_map::Entry::Vacant(entry) => entry.insert(read_head(db, round).await?),
    };
    let fresh = wave.iter().filter(|s| !before.contains_key(&s.request_id));
    let known = known(db, round, fresh.map(|s| s.participant.as_str()).collect()).await?;

    let mut joining: Vec<(i64, &Submission)> = Vec::new();
    let mut rows: Vec<NewRow<'_>> = Vec::new();
    let mut kept: Vec<(&Submission, Vec<u8>, i64)> = Vec::new();
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
                *last_key += 1;
                head.participants += 1;
                joining.push((*last_key, submission));
                *last_key
            }
        };
        let sequence = head.sequence;
        rows.extend(submission.answers.iter().map(|answer| NewRow { round, participant, answer, sequence }));
        let bytes = (batch.encode)(&Receipt { submission, sequence, accepted: batch.at });
        kept.push((submission, bytes.clone(), participant));
        outcomes.push(Ok(bytes));
    }

    insert(
        db,
        "INSERT INTO participants (key, round, id, attributes, weight) VALUES ",
        5,
        &joining,
        |query, (key, s)| {
            query.bind(*key).bind(round).bind(s.participant.clone()).bind(canonical::json(&s.attributes)).bind(s.weight)
        },
    )
    .await?;
    let into_answers = "INSERT INTO answers \
        (round, participant, item, view, answer, rationale, weight, duration_ms, sequence) VALUES ";
    insert(db, into_answers, 9, &rows, |query, row| {
        query
            .bind(row.round)
            .bind(row.participant)
            .bind(row.answer.item)
            .bind(view_code(row.answer.view))
            .bind(row.answer.answer.clone())
            .bind(row.answer.rationale.clone())
            .bind(row.answer.weight)
            .bind(row.answer.duration_ms)
            .bind(row.sequence)
    })
    .await?;
    let into_receipts = "INSERT INTO receipts (round, request_id, fingerprint, receipt, participant) VALUES ";
    insert(db, into_receipts, 5, &kept, |query, (submission, bytes, participant)| {
        query
            .bind(round)
            .bind(submission.request_id.clone())
            .bind(submission.fingerprint.as_bytes().to_vec())
            .bind(bytes.clone())
            .bind(*participant)
    })
    .await
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

async fn read_head(db: &mut SqliteConnection, round: i64) -> Result<Head, StoreError> {
    let query = sqlx::query_as(
        "SELECT state, supersede_allowed, last_sequence, participant_count, response_count FROM rounds WHERE key = ?",
    );
    let (state, supersede, sequence, participants, responses): (String, bool, i64, i64, i64) =
        query.bind(round).fetch_one(db).await?;
    let state = RoundState::from_name(&state).ok_or_else(|| StoreError::Corrupt(format!("the state {state:?}")))?;
    Ok(Head { state, supersede, sequence, participants, responses, changed: false })
}

/// Receipts of these request ids.
async fn receipts(
    db: &mut SqliteConnection,
    round: i64,
    wave: &[Submission],
) -> Result<HashMap<String, StoredReceipt>, StoreError> {
    let ids: Vec<&str> = wave.iter().map(|s| s.request_id.as_str()).collect();
    let query = sqlx::query(
        "SELECT request_id, fingerprint, receipt FROM receipts \
         WHERE round = ? AND request_id IN (SELECT value FROM json_each(?))",
    );
    let rows = query.bind(round).bind(canonical::json(&ids)).fetch_all(db).await?;
    rows.iter().map(|row| Ok((sqlx::Row::try_get(row, "request_id")?, sqlx::FromRow::from_row(row)?))).collect()
}

/// Those of `participants` who answered before, and what.
async fn known(
    db: &mut SqliteConnection,
    round: i64,
    participants: Vec<&str>,
) -> Result<HashMap<String, Known>, StoreError> {
    let query =
        sqlx::query_as("SELECT id, key FROM participants WHERE round = ? AND id IN (SELECT value FROM json_each(?))");
    let found: Vec<(String, i64)> = query.bind(round).bind(canonical::json(&participants)).fetch_all(&mut *db).await?;
    if found.is_empty() {
        return Ok(HashMap::new());
    }
    let keys: Vec<i64> = found.iter().map(|(_, key)| *key).collect();
    let query = sqlx::query_as(
        "SELECT participant, item, view FROM answers \
         WHERE round = ? AND participant IN (SELECT value FROM json_each(?))",
    );
    let answers: Vec<(i64, i64, i64)> = query.bind(round).bind(canonical::json(&keys)).fetch_all(db).await?;
    let mut answered: HashMap<i64, HashSet<(i64, i64)>> = HashMap::new();
    for (participant, item, view) in answers {
        answered.entry(participant).or_default().insert((item, view));
    }
    let known = found.into_iter().map(|(id, key)| {
        let answered = answered.remove(&key).unwrap_or_default();
        (id, Known { key, answered })
    });
    Ok(known.collect())
}

async fn supersede(
    db: &mut SqliteConnection,
    round: i64,
    participant: i64,
    replaced: &[&NewAnswer],
) -> Result<(), StoreError> {
    for answer in replaced {
        for statement in [
            "INSERT INTO superseded SELECT * FROM answers WHERE round = ? AND participant = ? AND item = ? AND view = ?",
            "DELETE FROM answers WHERE round = ? AND participant = ? AND item = ? AND view = ?",
        ] {
            let query = sqlx::query(statement).bind(round).bind(participant);
            query.bind(answer.item).bind(view_code(answer.view)).execute(&mut *db).await?;
        }
    }
    Ok(())
}

/// Merges what a known participant says of themselves with what was said before.
async fn update_participant(db: &mut SqliteConnection, key: i64, submission: &Submission) -> Result<(), StoreError> {
    if submission.attributes.is_empty() && submission.weight.is_none() {
        return Ok(());
    }
    let query = sqlx::query_scalar("SELECT attributes FROM participants WHERE key = ?");
    let text: String = query.bind(key).fetch_one(&mut *db).await?;
    let mut attributes: BTreeMap<String, String> =
        serde_json::from_str(&text).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    attributes.extend(submission.attributes.clone());
    let query = sqlx::query("UPDATE participants SET attributes = ?, weight = coalesce(?, weight) WHERE key = ?");
    query.bind(canonical::json(&attributes)).bind(submission.weight).bind(key).execute(db).await?;
    Ok(())
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// Inserts `rows` of `width` columns, many with one statement.
async fn insert<T>(
    db: &mut SqliteConnection,
    into: &str,
    width: usize,
    mut rows: &[T],
    bind: impl for<'q> Fn(Query<'q>, &T) -> Query<'q>,
) -> Result<(), StoreError> {
    let tuple = format!("({})", vec!["?"; width].join(", "));
    for size in CHUNKS {
        if rows.len() < size {
            continue;
        }
        let sql = format!("{into}{}", vec![tuple.as_str(); size].join(", "));
        while rows.len() >= size {
            let (chunk, rest) = rows.split_at(size);
            let mut query = sqlx::query(AssertSqlSafe(sql.as_str().to_owned()));
            for row in chunk {
                query = bind(query, row);
            }
            query.execute(&mut *db).await?;
            rows = rest;
        }
    }
    Ok(())
}
