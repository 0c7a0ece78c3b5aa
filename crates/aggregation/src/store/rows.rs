//! Rows as the model's types.

use std::str::FromStr;

use folkmoot_core::{Code, Reason, Sha256Hash};
use folkmoot_database::{DatabaseError, FromRow, Row};

use super::plugins::Reply;
use crate::model::{Analysis, Class, Disabled, Failure, Found, Plugin, Signature, SnapshotName, State};

/// Names of codes in a database.
const CODES: [(Code, &str); 11] = [
    (Code::InvalidArgument, "invalid_argument"),
    (Code::NotFound, "not_found"),
    (Code::AlreadyExists, "already_exists"),
    (Code::FailedPrecondition, "failed_precondition"),
    (Code::Aborted, "aborted"),
    (Code::ResourceExhausted, "resource_exhausted"),
    (Code::Unavailable, "unavailable"),
    (Code::DeadlineExceeded, "deadline_exceeded"),
    (Code::Cancelled, "cancelled"),
    (Code::DataLoss, "data_loss"),
    (Code::Internal, "internal"),
];

pub(super) fn code_name(code: Code) -> &'static str {
    CODES.iter().find(|(other, _)| *other == code).map_or("internal", |(_, name)| name)
}

pub(super) fn code_from_name(name: &str) -> Option<Code> {
    CODES.iter().find(|(_, other)| *other == name).map(|(code, _)| *code)
}

pub(super) fn class_name(class: Class) -> &'static str {
    match class {
        Class::Public => "public",
        Class::Auditor => "auditor",
        Class::Suppressed => "suppressed",
    }
}

fn class_from_name(name: &str) -> Option<Class> {
    [Class::Public, Class::Auditor, Class::Suppressed].into_iter().find(|class| class_name(*class) == name)
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// An analysis with the fingerprint of the request that started it.
pub(super) struct Asked(pub(super) Sha256Hash, pub(super) Analysis);

impl FromRow for Asked {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self(row.named("fingerprint", parsed)?, Analysis::from_row(row)?))
    }
}

impl FromRow for Analysis {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        let state: String = row.get("state")?;
        Ok(Self {
            id: row.get("id")?,
            spec: row.json("spec")?,
            state: match state.as_str() {
                "running" => State::Running,
                "succeeded" => State::Succeeded(row.named("result", parsed)?),
                "failed" => State::Failed(Failure::from_row(row)?),
                "cancelled" => State::Cancelled(Failure::from_row(row)?),
                other => return Err(DatabaseError::Corrupt(format!("the state {other:?}"))),
            },
            created: row.time("created")?,
            ended: row.maybe_time("ended")?,
        })
    }
}

impl FromRow for Failure {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            code: row.named("error_code", code_from_name)?,
            reason: row.named("error_reason", Reason::from_wire)?,
            message: row.get("error")?,
        })
    }
}

impl FromRow for Found {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        let component: Option<String> = row.get("component")?;
        let json = String::from_utf8(row.get("json")?);
        Ok(Self {
            analysis: row.get("id")?,
            snapshot: SnapshotName { round: row.get("round")?, hash: row.named("snapshot", parsed)? },
            hash: row.named("sha256", parsed)?,
            json: json.map_err(|_| DatabaseError::Corrupt("a result that is not UTF-8".to_owned()))?,
            method: row.get("method")?,
            method_version: row.get("method_version")?,
            component: component.map(|_| row.named("component", parsed)).transpose()?,
            engine_version: row.get("engine_version")?,
            class: row.named("class", class_from_name)?,
            created: row.time("created")?,
        })
    }
}

impl FromRow for Plugin {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        let corrupt = |what: &str| DatabaseError::Corrupt(format!("a plugin with a wrong {what}"));
        let signature = match (row.get::<Option<Vec<u8>>>("signature")?, row.get::<Option<Vec<u8>>>("public_key")?) {
            (Some(signature), Some(public_key)) => Some(Signature {
                signature: signature.try_into().map_err(|_| corrupt("signature"))?,
                public_key: public_key.try_into().map_err(|_| corrupt("key"))?,
            }),
            _ => None,
        };
        let reason: Option<String> = row.get("disable_reason")?;
        let disabled = row.maybe_time("disabled")?.map(|at| Disabled { at, reason: reason.unwrap_or_default() });
        Ok(Self {
            component: row.named("component", parsed)?,
            descriptor: row.json("description")?,
            bytes: row.number("bytes")?,
            world: row.get("world")?,
            signature,
            created: row.time("created")?,
            disabled,
        })
    }
}

impl FromRow for Reply {
    fn from_row(row: &Row) -> Result<Self, DatabaseError> {
        Ok(Self {
            request_id: row.get("request_id")?,
            fingerprint: row.named("fingerprint", parsed)?,
            bytes: row.get("reply")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_name() {
        use Code::*;
        let codes = [InvalidArgument, NotFound, AlreadyExists, FailedPrecondition, Aborted, ResourceExhausted];
        for code in codes.into_iter().chain([Unavailable, DeadlineExceeded, Cancelled, DataLoss, Internal]) {
            assert_eq!(code_from_name(code_name(code)), Some(code));
        }
        assert_eq!(code_from_name("other"), None);
    }
}
