//! Writes other than submissions.

use folkmoot_core::{Item, canonical};
use sqlx::SqliteConnection;

use crate::model::{ErasedReceipt, Round, SealedSnapshot};
use crate::store::{Change, Committed, Place, Reply, StoreError};

/// Does the change within a transaction that is rolled back where the outcome is not `Done`.
pub(super) async fn apply(db: &mut SqliteConnection, tenant: &str, change: Change) -> Result<Committed, StoreError> {
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
            touch(db, place, -1).await? && {
                let query = sqlx::query("DELETE FROM items WHERE round = ? AND id = ?").bind(place.round).bind(id);
                query.execute(&mut *db).await?.rows_affected() == 1
            }
        }
        Change::Withdraw { round, participant, answers, erase } => {
            withdraw(db, round, &participant, answers, erase).await?
        }
        Change::Seal { round, changes, snapshot } => seal(db, round, changes, &snapshot).await?,
    };
    Ok(if done { Committed::Done } else { Committed::Stale })
}

/// Stores a reply; false where the request id has one already.
pub(super) async fn remember(db: &mut SqliteConnection, tenant: &str, reply: Reply) -> Result<bool, StoreError> {
    let query = sqlx::query(
        "INSERT INTO requests (tenant, request_id, fingerprint, reply) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    );
    let query = query.bind(tenant).bind(reply.request_id).bind(reply.fingerprint.as_bytes().to_vec()).bind(reply.bytes);
    Ok(query.execute(db).await?.rows_affected() == 1)
}

async fn add_round(db: &mut SqliteConnection, tenant: &str, round: &Round) -> Result<bool, StoreError> {
    let query = sqlx::query(
        "INSERT INTO rounds (tenant, id, title, description, spec_revision, spec_text_hash, state, simulated, \
         supersede_allowed, disclosure, created, version, changes) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, id) DO NOTHING",
    );
    let query = query
        .bind(tenant)
        .bind(&round.id)
        .bind(&round.title)
        .bind(&round.description)
        .bind(&round.spec_revision)
        .bind(&round.spec_text_hash)
        .bind(round.state.name())
        .bind(round.simulated)
        .bind(round.supersede_allowed)
        .bind(canonical::json(&round.disclosure))
        .bind(round.created.as_millis())
        .bind(round.version)
        .bind(round.changes);
    Ok(query.execute(db).await?.rows_affected() == 1)
}

async fn set_round(db: &mut SqliteConnection, round: &Round) -> Result<bool, StoreError> {
    let query = sqlx::query(
        "UPDATE rounds SET title = ?, description = ?, spec_revision = ?, spec_text_hash = ?, state = ?, \
         simulated = ?, supersede_allowed = ?, disclosure = ?, opened = ?, closed = ?, \
         version = version + 1, changes = changes + 1 WHERE key = ? AND version = ?",
    );
    let query = query
        .bind(&round.title)
        .bind(&round.description)
        .bind(&round.spec_revision)
        .bind(&round.spec_text_hash)
        .bind(round.state.name())
        .bind(round.simulated)
        .bind(round.supersede_allowed)
        .bind(canonical::json(&round.disclosure))
        .bind(round.opened.map(|time| time.as_millis()))
        .bind(round.closed.map(|time| time.as_millis()))
        .bind(round.key)
        .bind(round.version);
    Ok(query.execute(db).await?.rows_affected() == 1)
}

/// Moves a round to its next version with `more` items; false where it is at another version.
async fn touch(db: &mut SqliteConnection, place: Place, more: i64) -> Result<bool, StoreError> {
    let query = sqlx::query(
        "UPDATE rounds SET item_count = item_count + ?, version = version + 1, changes = changes + 1 \
         WHERE key = ? AND version = ?",
    );
    Ok(query.bind(more).bind(place.round).bind(place.version).execute(db).await?.rows_affected() == 1)
}

async fn delete_round(db: &mut SqliteConnection, round: i64) -> Result<bool, StoreError> {
    sqlx::query("DELETE FROM items WHERE round = ?").bind(round).execute(&mut *db).await?;
    let deleted = sqlx::query("DELETE FROM rounds WHERE key = ?").bind(round).execute(db).await?;
    Ok(deleted.rows_affected() == 1)
}

async fn add_items(db: &mut SqliteConnection, round: i64, items: &[Item]) -> Result<bool, StoreError> {
    for item in items {
        let query = sqlx::query("INSERT INTO items (round, id, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
        let query = query.bind(round).bind(&item.id).bind(canonical::json(item));
        if query.execute(&mut *db).await?.rows_affected() != 1 {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn set_item(db: &mut SqliteConnection, round: i64, item: &Item) -> Result<bool, StoreError> {
    let query = sqlx::query("UPDATE items SET body = ? WHERE round = ? AND id = ?");
    let query = query.bind(canonical::json(item)).bind(round).bind(&item.id);
    Ok(query.execute(db).await?.rows_affected() == 1)
}

async fn withdraw(
    db: &mut SqliteConnection,
    round: i64,
    participant: &str,
    answers: i64,
    erase: fn(&[u8]) -> ErasedReceipt,
) -> Result<bool, StoreError> {
    let query = sqlx::query_scalar("SELECT key FROM participants WHERE round = ? AND id = ?");
    let key: Option<i64> = query.bind(round).bind(participant).fetch_optional(&mut *db).await?;
    let Some(key) = key else { return Ok(answers == 0) };

    let query = sqlx::query(
        "UPDATE rounds SET participant_count = participant_count - 1, response_count = response_count - ?, \
         changes = changes + 1 WHERE key = ? AND state <> 'sealed'",
    );
    let counted = query.bind(answers).bind(round).execute(&mut *db).await?.rows_affected();
    let query = sqlx::query("DELETE FROM answers WHERE round = ? AND participant = ?").bind(round).bind(key);
    let deleted = query.execute(&mut *db).await?.rows_affected();
    if counted != 1 || i64::try_from(deleted) != Ok(answers) {
        return Ok(false);
    }
    let query = sqlx::query("DELETE FROM superseded WHERE round = ? AND participant = ?").bind(round).bind(key);
    query.execute(&mut *db).await?;
    let query = sqlx::query_as("SELECT request_id, receipt FROM receipts WHERE participant = ?");
    let receipts: Vec<(String, Vec<u8>)> = query.bind(key).fetch_all(&mut *db).await?;
    for (request_id, receipt) in receipts {
        let query = sqlx::query(
            "UPDATE receipts SET request_id = ?, fingerprint = x'', receipt = ?, participant = NULL \
             WHERE round = ? AND request_id = ?",
        );
        let erased = erase(&receipt);
        query.bind(erased.request_id).bind(erased.bytes).bind(round).bind(request_id).execute(&mut *db).await?;
    }
    sqlx::query("DELETE FROM participants WHERE key = ?").bind(key).execute(db).await?;
    Ok(true)
}

async fn seal(
    db: &mut SqliteConnection,
    round: i64,
    changes: i64,
    snapshot: &SealedSnapshot,
) -> Result<bool, StoreError> {
    let query = sqlx::query(
        "UPDATE rounds SET state = 'sealed', snapshot = ?, version = version + 1, changes = changes + 1 \
         WHERE key = ? AND changes = ? AND state = 'closed'",
    );
    let sealed = query.bind(&snapshot.sha256).bind(round).bind(changes).execute(&mut *db).await?;
    if sealed.rows_affected() != 1 {
        return Ok(false);
    }
    let query = sqlx::query(
        "INSERT INTO snapshots (round, sha256, participant_count, response_count, manifest, simulated, created) \
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    let query = query
        .bind(round)
        .bind(&snapshot.sha256)
        .bind(snapshot.participant_count)
        .bind(snapshot.response_count)
        .bind(&snapshot.manifest)
        .bind(snapshot.simulated)
        .bind(snapshot.created.as_millis());
    query.execute(db).await?;
    Ok(true)
}
