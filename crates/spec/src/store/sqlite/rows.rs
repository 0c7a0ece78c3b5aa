//! Rows as the model's types.

use folkmoot_core::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{Error, FromRow, Row};

use crate::model::{
    Change, Clause, Decision, Event, Finding, FindingClass, Outcome, Position, PositionSource, Proposal, ProposalKind,
    ProposalState, Revision, Spec,
};
use crate::store::Reply;

/// A change of a clause with the id of the revision that brought it.
pub(super) struct RevisionChange {
    pub(super) revision: String,
    pub(super) change: Change,
}

fn json<T: DeserializeOwned>(row: &SqliteRow, column: &str) -> Result<T, Error> {
    serde_json::from_str(row.try_get(column)?).map_err(|error| Error::Decode(Box::new(error)))
}

fn name<T>(row: &SqliteRow, column: &str, from_name: impl Fn(&str) -> Option<T>) -> Result<T, Error> {
    let name: &str = row.try_get(column)?;
    from_name(name).ok_or_else(|| Error::Decode(format!("{column} cannot be {name:?}").into()))
}

fn number<T: TryFrom<i64>>(row: &SqliteRow, column: &str) -> Result<T, Error> {
    let number: i64 = row.try_get(column)?;
    T::try_from(number).map_err(|_| Error::Decode(format!("{column} cannot be {number}").into()))
}

fn created(row: &SqliteRow) -> Result<Timestamp, Error> {
    Ok(Timestamp::from_millis(row.try_get("created")?))
}

impl FromRow<'_, SqliteRow> for Reply {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        let fingerprint = name(row, "fingerprint", |text| text.parse().ok())?;
        Ok(Self { request_id: row.try_get("request_id")?, fingerprint, bytes: row.try_get("reply")? })
    }
}

impl FromRow<'_, SqliteRow> for Spec {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get("id")?,
            title: row.try_get("title")?,
            head: row.try_get("head")?,
            version: row.try_get("version")?,
            created: created(row)?,
        })
    }
}

impl FromRow<'_, SqliteRow> for Revision {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get("id")?,
            text_hash: row.try_get("text_hash")?,
            parent: row.try_get("parent")?,
            clause_count: number(row, "clause_count")?,
            warnings: json(row, "warnings")?,
            proposals: json(row, "proposals")?,
            note: row.try_get("note")?,
            created: created(row)?,
        })
    }
}

impl FromRow<'_, SqliteRow> for Clause {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self {
            anchor: row.try_get("anchor")?,
            title: row.try_get("title")?,
            level: number(row, "level")?,
            authority: row.try_get("authority")?,
            parent: row.try_get("parent")?,
            line: number(row, "line")?,
            body: row.try_get("body")?,
            text_hash: row.try_get("text_hash")?,
        })
    }
}

impl FromRow<'_, SqliteRow> for RevisionChange {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        let change = Change { anchor: row.try_get("anchor")?, kinds: json(row, "kinds")? };
        Ok(Self { revision: row.try_get("revision_id")?, change })
    }
}

impl FromRow<'_, SqliteRow> for Position {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get("id")?,
            item: row.try_get("item")?,
            answer: row.try_get("answer")?,
            clauses: json(row, "clauses")?,
            source: name(row, "source", PositionSource::from_name)?,
            derived_by: row.try_get("derived_by")?,
            rationale: row.try_get("rationale")?,
            created: created(row)?,
        })
    }
}

impl FromRow<'_, SqliteRow> for Finding {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get("id")?,
            revision: row.try_get("revision")?,
            item: row.try_get("item")?,
            class: name(row, "class", FindingClass::from_name)?,
            summary: row.try_get("summary")?,
            position: row.try_get("position")?,
            clauses: json(row, "clauses")?,
            result: row.try_get("result")?,
            snapshot: row.try_get("snapshot")?,
            net: json(row, "net")?,
            adjusted_p: row.try_get("adjusted_p")?,
            segments: json(row, "segments")?,
            simulated: row.try_get("simulated")?,
            created: created(row)?,
        })
    }
}

impl FromRow<'_, SqliteRow> for Proposal {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get("id")?,
            title: row.try_get("title")?,
            kind: name(row, "kind", ProposalKind::from_name)?,
            edits: json(row, "edits")?,
            rationale: row.try_get("rationale")?,
            findings: json(row, "findings")?,
            author: row.try_get("author")?,
            state: name(row, "state", ProposalState::from_name)?,
            decision: row.try_get("decision")?,
            applied_in: row.try_get("applied_in")?,
            created: created(row)?,
        })
    }
}

impl FromRow<'_, SqliteRow> for Decision {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get("id")?,
            proposal: row.try_get("proposal")?,
            outcome: name(row, "outcome", Outcome::from_name)?,
            reason: row.try_get("reason")?,
            deciders: json(row, "deciders")?,
            dissents: json(row, "dissents")?,
            created: created(row)?,
        })
    }
}

impl FromRow<'_, SqliteRow> for Event {
    fn from_row(row: &SqliteRow) -> Result<Self, Error> {
        Ok(Self { sequence: row.try_get("sequence")?, changed: row.try_get("changed")? })
    }
}
