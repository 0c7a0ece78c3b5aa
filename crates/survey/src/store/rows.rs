//! Rows as the model's types.

use folkmoot_core::View;
use folkmoot_database::{DatabaseError, FromRow, Row};

use super::{Reply, StoredReceipt};
use crate::model::{NewAnswer, Round, RoundState, SealedSnapshot, StoredAnswer, StoredItem, StoredParticipant};

impl FromRow for Reply {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self { request_id: row.get("request_id")?, fingerprint: row.hash("fingerprint")?, bytes: row.get("reply")? })
    }
}

impl FromRow for StoredReceipt {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        let withdrawn = row.get::<Vec<u8>>("fingerprint")?.is_empty();
        let fingerprint = if withdrawn { None } else { Some(row.hash("fingerprint")?) };
        Ok(Self { fingerprint, bytes: row.get("receipt")? })
    }
}

impl FromRow for Round {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            key: row.get("key")?,
            id: row.get("id")?,
            title: row.get("title")?,
            description: row.get("description")?,
            spec_revision: row.get("spec_revision")?,
            spec_text_hash: row.get("spec_text_hash")?,
            state: row.named("state", RoundState::from_name)?,
            simulated: row.flag("simulated")?,
            supersede_allowed: row.flag("supersede_allowed")?,
            disclosure: row.json("disclosure")?,
            created: row.time("created")?,
            opened: row.maybe_time("opened")?,
            closed: row.maybe_time("closed")?,
            item_count: row.get("item_count")?,
            participant_count: row.get("participant_count")?,
            response_count: row.get("response_count")?,
            snapshot: row.get("snapshot")?,
            version: row.get("version")?,
            changes: row.get("changes")?,
        })
    }
}

impl FromRow for StoredItem {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self { key: row.get("key")?, item: row.json("body")? })
    }
}

impl FromRow for StoredParticipant {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            key: row.get("key")?,
            id: row.get("id")?,
            attributes: row.json("attributes")?,
            weight: row.get("weight")?,
        })
    }
}

impl FromRow for StoredAnswer {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        let corrupt = |what: String| DatabaseError::Corrupt(what);
        let view = match row.get::<i64>("view")? {
            0 => View::Personal,
            1 => View::World,
            other => return Err(corrupt(format!("the view {other}"))),
        };
        let duration: Option<i64> = row.get("duration_ms")?;
        let duration_ms = duration.map(u32::try_from).transpose().map_err(|error| corrupt(error.to_string()))?;
        let answer = NewAnswer {
            item: row.get("item")?,
            view,
            answer: row.get("answer")?,
            rationale: row.get("rationale")?,
            weight: row.get("weight")?,
            duration_ms,
        };
        Ok(Self { participant: row.get("participant")?, answer })
    }
}

impl FromRow for SealedSnapshot {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            key: row.get("key")?,
            round: row.get("round_id")?,
            sha256: row.get("sha256")?,
            participant_count: row.get("participant_count")?,
            response_count: row.get("response_count")?,
            manifest: row.get("manifest")?,
            simulated: row.flag("simulated")?,
            created: row.time("created")?,
        })
    }
}
