//! Names of this service's resources.

/// `specs/{spec}`.
pub fn spec(spec: &str) -> String {
    format!("specs/{spec}")
}

/// `specs/{spec}/revisions/{revision}`.
pub fn revision(spec: &str, revision: &str) -> String {
    format!("specs/{spec}/revisions/{revision}")
}

/// `specs/{spec}/revisions/{revision}/clauses/{anchor}`.
pub fn clause(spec: &str, revision: &str, anchor: &str) -> String {
    format!("specs/{spec}/revisions/{revision}/clauses/{anchor}")
}

/// `specs/{spec}/revisions/{revision}/positions/{position}`.
pub fn position(spec: &str, revision: &str, position: &str) -> String {
    format!("specs/{spec}/revisions/{revision}/positions/{position}")
}

/// `specs/{spec}/findings/{finding}`.
pub fn finding(spec: &str, finding: &str) -> String {
    format!("specs/{spec}/findings/{finding}")
}

/// `specs/{spec}/proposals/{proposal}`.
pub fn proposal(spec: &str, proposal: &str) -> String {
    format!("specs/{spec}/proposals/{proposal}")
}

/// `specs/{spec}/decisions/{decision}`.
pub fn decision(spec: &str, decision: &str) -> String {
    format!("specs/{spec}/decisions/{decision}")
}
