//! Writes other than submissions.

use folkmoot_core::{Item, canonical};
use folkmoot_database::{DatabaseError, FromRow, Row, Transaction};

use super::{Change, Committed, Place, Reply};
use crate::model::{ErasedReceipt, Round, SealedSnapshot};

/// Does the change within a transaction that is rolled back where the outcome is not `Done`.
pub(super) async fn apply(db: &mut Transaction, tenant: &str, change: Change) -> Result<Committed, DatabaseError> {
    let done = match change {
        Change::AddRound(round) => {
            let added = add_round(db, tenant, &round).await?;
            return Ok(if added { Committed::Done } else { Committed::Exists });
        }
        Change::SetRound(round) => set_round(db, &round).await?,
        Change::DeleteRound(place) => touch(db, place, 0).await? && delete_round(db, place.round).await?,
        Change::AddItems(place, items) => {
            let more = i64::try_from(items.len()).unwrap_or(i64::MAX);
            touch(db, place, more).await? && add_items(db, place.round, &items).await?
        }
        Change::SetItem(place, item) => touch(db, place, 0).await? && set_item(db, place.round, &item).await?,
        Change::DeleteItem(place, id) => {
            let sql = "DELETE FROM items WHERE round = $1 AND id = $2";
            touch(db, place, -1).await? && db.execute(sql, &[place.round.into(), (&id).into()]).await? == 1
        }
        Change::Withdraw { round, participant, answers, erase } => {
            withdraw(db, round, &participant, answers, erase).await?
        }
        Change::Seal { round, changes, snapshot } => seal(db, round, changes, &snapshot).await?,
    };
    Ok(if done { Committed::Done } else { Committed::Stale })
}

/// Stores a reply; false where the request id has one already.
pub(super) async fn remember(db: &mut Transaction, tenant: &str, reply: &Reply) -> Result<bool, DatabaseError> {
    let sql = "INSERT INTO requests (tenant, request_id, fingerprint, reply) VALUES ($1, $2, $3, $4) \
               ON CONFLICT DO NOTHING";
    let fingerprint = reply.fingerprint.as_bytes().as_slice();
    let values = [tenant.into(), (&reply.request_id).into(), fingerprint.into(), (&reply.bytes).into()];
    Ok(db.execute(sql, &values).await? == 1)
}

async fn add_round(db: &mut Transaction, tenant: &str, round: &Round) -> Result<bool, DatabaseError> {
    let sql = "INSERT INTO rounds (tenant, id, title, description, spec_revision, spec_text_hash, state, simulated, \
               supersede_allowed, disclosure, created, version, changes) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (tenant, id) DO NOTHING";
    let disclosure = canonical::json(&round.disclosure);
    let values = [
        tenant.into(),
        (&round.id).into(),
        (&round.title).into(),
        (&round.description).into(),
        (&round.spec_revision).into(),
        (&round.spec_text_hash).into(),
        round.state.name().into(),
        round.simulated.into(),
        round.supersede_allowed.into(),
        (&disclosure).into(),
        round.created.as_millis().into(),
        round.version.into(),
        round.changes.into(),
    ];
    Ok(db.execute(sql, &values).await? == 1)
}

async fn set_round(db: &mut Transaction, round: &Round) -> Result<bool, DatabaseError> {
    let sql = "UPDATE rounds SET title = $1, description = $2, spec_revision = $3, spec_text_hash = $4, state = $5, \
               simulated = $6, supersede_allowed = $7, disclosure = $8, opened = $9, closed = $10, \
               version = version + 1, changes = changes + 1 WHERE key = $11 AND version = $12";
    let disclosure = canonical::json(&round.disclosure);
    let values = [
        (&round.title).into(),
        (&round.description).into(),
        (&round.spec_revision).into(),
        (&round.spec_text_hash).into(),
        round.state.name().into(),
        round.simulated.into(),
        round.supersede_allowed.into(),
        (&disclosure).into(),
        round.opened.map(|time| time.as_millis()).into(),
        round.closed.map(|time| time.as_millis()).into(),
        round.key.into(),
        round.version.into(),
    ];
    Ok(db.execute(sql, &values).await? == 1)
}

/// Moves a round to its next version with `more` items; false where it is at another version.
async fn touch(db: &mut Transaction, place: Place, more: i64) -> Result<bool, DatabaseError> {
    let sql = "UPDATE rounds SET item_count = item_count + $1, version = version + 1, changes = changes + 1 \
               WHERE key = $2 AND version = $3";
    Ok(db.execute(sql, &[more.into(), place.round.into(), place.version.into()]).await? == 1)
}

async fn delete_round(db: &mut Transaction, round: i64) -> Result<bool, DatabaseError> {
    db.execute("DELETE FROM items WHERE round = $1", &[round.into()]).await?;
    Ok(db.execute("DELETE FROM rounds WHERE key = $1", &[round.into()]).await? == 1)
}

async fn add_items(db: &mut Transaction, round: i64, items: &[Item]) -> Result<bool, DatabaseError> {
    for item in items {
        let sql = "INSERT INTO items (round, id, body) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        let body = canonical::json(item);
        if db.execute(sql, &[round.into(), (&item.id).into(), (&body).into()]).await? != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn set_item(db: &mut Transaction, round: i64, item: &Item) -> Result<bool, DatabaseError> {
    let sql = "UPDATE items SET body = $1 WHERE round = $2 AND id = $3";
    let body = canonical::json(item);
    Ok(db.execute(sql, &[(&body).into(), round.into(), (&item.id).into()]).await? == 1)
}

/// A receipt that is about to be erased.
struct Erasable {
    request_id: String,
    receipt: Vec<u8>,
}

impl FromRow for Erasable {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self { request_id: row.get("request_id")?, receipt: row.get("receipt")? })
    }
}

async fn withdraw(
    db: &mut Transaction,
    round: i64,
    participant: &str,
    answers: i64,
    erase: fn(&[u8]) -> ErasedReceipt,
) -> Result<bool, DatabaseError> {
    // The round first, as whoever stores submissions: nobody can answer in between.
    let sql = format!("SELECT key FROM rounds WHERE key = $1 AND state <> 'sealed'{}", db.locking());
    let Some(_) = db.first::<i64>(folkmoot_database::AssertSqlSafe(sql), &[round.into()]).await? else {
        return Ok(false);
    };
    let sql = "SELECT key FROM participants WHERE round = $1 AND id = $2";
    let Some(key) = db.first::<i64>(sql, &[round.into(), participant.into()]).await? else {
        return Ok(answers == 0);
    };
    let theirs = [round.into(), key.into()];
    let deleted = db.execute("DELETE FROM answers WHERE round = $1 AND participant = $2", &theirs).await?;
    if i64::try_from(deleted) != Ok(answers) {
        return Ok(false);
    }
    db.execute("DELETE FROM superseded WHERE round = $1 AND participant = $2", &theirs).await?;
    let sql = "SELECT request_id, receipt FROM receipts WHERE round = $1 AND participant = $2";
    for Erasable { request_id, receipt } in db.all(sql, &theirs).await? {
        let sql = "UPDATE receipts SET request_id = $1, fingerprint = $2, receipt = $3, participant = NULL \
                   WHERE round = $4 AND request_id = $5";
        let erased = erase(&receipt);
        let nothing: &[u8] = &[];
        let values =
            [(&erased.request_id).into(), nothing.into(), (&erased.bytes).into(), round.into(), (&request_id).into()];
        db.execute(sql, &values).await?;
    }
    db.execute("DELETE FROM participants WHERE round = $1 AND key = $2", &theirs).await?;
    let sql = "UPDATE rounds SET participant_count = participant_count - 1, response_count = response_count - $1, \
               changes = changes + 1 WHERE key = $2";
    Ok(db.execute(sql, &[answers.into(), round.into()]).await? == 1)
}

async fn seal(
    db: &mut Transaction,
    round: i64,
    changes: i64,
    snapshot: &SealedSnapshot,
) -> Result<bool, DatabaseError> {
    let sql = "UPDATE rounds SET state = 'sealed', snapshot = $1, version = version + 1, changes = changes + 1 \
               WHERE key = $2 AND changes = $3 AND state = 'closed'";
    if db.execute(sql, &[(&snapshot.sha256).into(), round.into(), changes.into()]).await? != 1 {
        return Ok(false);
    }
    let sql = "INSERT INTO snapshots (round, sha256, participant_count, response_count, manifest, simulated, created) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        round.into(),
        (&snapshot.sha256).into(),
        snapshot.participant_count.into(),
        snapshot.response_count.into(),
        (&snapshot.manifest).into(),
        snapshot.simulated.into(),
        snapshot.created.as_millis().into(),
    ];
    db.execute(sql, &values).await?;
    Ok(true)
}
