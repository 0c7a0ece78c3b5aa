//! Rows as the model's types.

use folkmoot_database::{DatabaseError, FromRow, Row};

use super::Reply;
use crate::model::{
    Change, Clause, Decision, Event, Finding, FindingClass, Outcome, Position, PositionSource, Proposal, ProposalKind,
    ProposalState, Revision, Spec,
};

impl FromRow for Reply {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        let fingerprint = row.named("fingerprint", |text| text.parse().ok())?;
        Ok(Self { request_id: row.get("request_id")?, fingerprint, bytes: row.get("reply")? })
    }
}

impl FromRow for Spec {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: row.get("id")?,
            title: row.get("title")?,
            head: row.get("head")?,
            version: row.get("version")?,
            created: row.time("created")?,
        })
    }
}

impl FromRow for Revision {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: row.get("id")?,
            text_hash: row.get("text_hash")?,
            parent: row.get("parent")?,
            clause_count: row.number("clause_count")?,
            warnings: row.json("warnings")?,
            proposals: row.json("proposals")?,
            note: row.get("note")?,
            created: row.time("created")?,
        })
    }
}

impl FromRow for Clause {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            anchor: row.get("anchor")?,
            title: row.get("title")?,
            level: row.number("level")?,
            authority: row.get("authority")?,
            parent: row.get("parent")?,
            line: row.number("line")?,
            body: row.get("body")?,
            text_hash: row.get("text_hash")?,
        })
    }
}

/// An anchor with the hash of its text.
pub(super) struct Hash(pub(super) String, pub(super) String);

impl FromRow for Hash {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self(row.get("anchor")?, row.get("text_hash")?))
    }
}

/// A change of a clause behind the id of the revision that brought it.
pub(super) struct RevisionChange(pub(super) String, pub(super) Change);

impl FromRow for RevisionChange {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        let change = Change { anchor: row.get("anchor")?, kinds: row.json("kinds")? };
        Ok(Self(row.get("revision_id")?, change))
    }
}

impl FromRow for Position {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: row.get("id")?,
            item: row.get("item")?,
            answer: row.get("answer")?,
            clauses: row.json("clauses")?,
            source: row.named("source", PositionSource::from_name)?,
            derived_by: row.get("derived_by")?,
            rationale: row.get("rationale")?,
            created: row.time("created")?,
        })
    }
}

impl FromRow for Finding {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: row.get("id")?,
            revision: row.get("revision")?,
            item: row.get("item")?,
            class: row.named("class", FindingClass::from_name)?,
            summary: row.get("summary")?,
            position: row.get("position")?,
            clauses: row.json("clauses")?,
            result: row.get("result")?,
            snapshot: row.get("snapshot")?,
            net: row.json("net")?,
            adjusted_p: row.get("adjusted_p")?,
            segments: row.json("segments")?,
            simulated: row.flag("simulated")?,
            created: row.time("created")?,
        })
    }
}

impl FromRow for Proposal {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: row.get("id")?,
            title: row.get("title")?,
            kind: row.named("kind", ProposalKind::from_name)?,
            edits: row.json("edits")?,
            rationale: row.get("rationale")?,
            findings: row.json("findings")?,
            author: row.get("author")?,
            state: row.named("state", ProposalState::from_name)?,
            decision: row.get("decision")?,
            applied_in: row.get("applied_in")?,
            created: row.time("created")?,
        })
    }
}

impl FromRow for Decision {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            id: row.get("id")?,
            proposal: row.get("proposal")?,
            outcome: row.named("outcome", Outcome::from_name)?,
            reason: row.get("reason")?,
            deciders: row.json("deciders")?,
            dissents: row.json("dissents")?,
            created: row.time("created")?,
        })
    }
}

impl FromRow for Event {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self { sequence: row.get("sequence")?, changed: row.get("changed")? })
    }
}
