//! Rows as the model's types.

use folkmoot_core::{Sha256Hash, Timestamp, View};
use serde_json::from_str;
use sqlx::sqlite::SqliteRow;
use sqlx::{Error, FromRow, Row};

use crate::model::{NewAnswer, Round, RoundState, SealedSnapshot, StoredAnswer, StoredItem, StoredParticipant};
use crate::store::{Reply, StoredReceipt};

fn corrupt(what: impl std::fmt::Display) -> Error {
    Error::Decode(what.to_string().into())
}

fn time(row: &SqliteRow, column: &str) -> Result<Option<Timestamp>, Error> {
    Ok(row.try_get::<Option<i64>, _>(column)?.map(Timestamp::from_millis))
}

fn hash(bytes: &[u8]) -> Result<Sha256Hash, Error> {
    let bytes: [u8; 32] = bytes.try_into().map_err(|_| corrupt("a fingerprint that has not 32 bytes"))?;
    Ok(Sha256Hash::from(bytes))
}

impl FromRow<'_, SqliteRow> for Reply {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        let fingerprint = hash(row.try_get("fingerprint")?)?;
        Ok(Self { request_id: row.try_get("request_id")?, fingerprint, bytes: row.try_get("reply")? })
    }
}

impl FromRow<'_, SqliteRow> for StoredReceipt {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        let fingerprint: &[u8] = row.try_get("fingerprint")?;
        let fingerprint = if fingerprint.is_empty() { None } else { Some(hash(fingerprint)?) };
        Ok(Self { fingerprint, bytes: row.try_get("receipt")? })
    }
}

impl FromRow<'_, SqliteRow> for Round {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        let state: &str = row.try_get("state")?;
        Ok(Self {
            key: row.try_get("key")?,
            id: row.try_get("id")?,
            title: row.try_get("title")?,
            description: row.try_get("description")?,
            spec_revision: row.try_get("spec_revision")?,
            spec_text_hash: row.try_get("spec_text_hash")?,
            state: RoundState::from_name(state).ok_or_else(|| corrupt(format!("the round state {state:?}")))?,
            simulated: row.try_get("simulated")?,
            supersede_allowed: row.try_get("supersede_allowed")?,
            disclosure: from_str(row.try_get("disclosure")?).map_err(corrupt)?,
            created: Timestamp::from_millis(row.try_get("created")?),
            opened: time(row, "opened")?,
            closed: time(row, "closed")?,
            item_count: row.try_get("item_count")?,
            participant_count: row.try_get("participant_count")?,
            response_count: row.try_get("response_count")?,
            snapshot: row.try_get("snapshot")?,
            version: row.try_get("version")?,
            changes: row.try_get("changes")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for StoredItem {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self { key: row.try_get("key")?, item: from_str(row.try_get("body")?).map_err(corrupt)? })
    }
}

impl FromRow<'_, SqliteRow> for StoredParticipant {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self {
            key: row.try_get("key")?,
            id: row.try_get("id")?,
            attributes: from_str(row.try_get("attributes")?).map_err(corrupt)?,
            weight: row.try_get("weight")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for StoredAnswer {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        let view = match row.try_get::<i64, _>("view")? {
            0 => View::Personal,
            1 => View::World,
            other => return Err(corrupt(format!("the view {other}"))),
        };
        let answer = NewAnswer {
            item: row.try_get("item")?,
            view,
            answer: row.try_get("answer")?,
            rationale: row.try_get("rationale")?,
            weight: row.try_get("weight")?,
            duration_ms: row.try_get("duration_ms")?,
        };
        Ok(Self { participant: row.try_get("participant")?, answer })
    }
}

impl FromRow<'_, SqliteRow> for SealedSnapshot {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self {
            key: row.try_get("key")?,
            round: row.try_get("round_id")?,
            sha256: row.try_get("sha256")?,
            participant_count: row.try_get("participant_count")?,
            response_count: row.try_get("response_count")?,
            manifest: row.try_get("manifest")?,
            simulated: row.try_get("simulated")?,
            created: Timestamp::from_millis(row.try_get("created")?),
        })
    }
}
