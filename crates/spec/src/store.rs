//! What the service needs of a database.
//!
//! Reading is one method a question. Writing is one method for everything: [`Store::commit`] takes
//! all effects of a request, the request's stored reply and the version of the spec they were made
//! for, and does all or nothing.

pub mod sqlite;

use async_trait::async_trait;
use folkmoot_core::{Code, Fault, Reason, Sha256Hash, Timestamp};
use folkmoot_rpc::page::Page;

use crate::model::{Change, Clause, Decision, Event, Finding, FindingClass, Position, Proposal, Revision, Spec};

/// A failure of the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It has no room.
    #[error("the spec store is full: {0}")]
    Full(String),
    /// It does not answer.
    #[error("the spec store does not answer: {0}")]
    Unavailable(String),
    /// It holds what this version did not write.
    #[error("the spec store holds {0}")]
    Corrupt(String),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        let (code, reason) = match error {
            StoreError::Full(_) => (Code::ResourceExhausted, Reason::StorageFull),
            StoreError::Unavailable(_) => (Code::Unavailable, Reason::StorageUnavailable),
            StoreError::Corrupt(_) => (Code::DataLoss, Reason::DataCorrupt),
        };
        Fault::new(code, reason, error.to_string())
    }
}

/// A request that was answered, so that a retry gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The caller's request id.
    pub request_id: String,
    /// What was asked.
    pub fingerprint: Sha256Hash,
    /// The answer's bytes.
    pub bytes: Vec<u8>,
}

/// One thing a commit does to a spec.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Sets title and head.
    SetSpec(Spec),
    /// Adds a revision with its text.
    AddRevision {
        /// The revision.
        revision: Revision,
        /// Its Markdown.
        source: String,
        /// Its clauses, in order.
        clauses: Vec<Clause>,
        /// What differs from its parent.
        changes: Vec<Change>,
    },
    /// Adds a position to the revision of that id.
    AddPosition(String, Position),
    /// Adds a finding.
    AddFinding(Finding),
    /// Adds or replaces a proposal.
    PutProposal(Proposal),
    /// Adds a decision.
    AddDecision(Decision),
}

/// All that a request does.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Id of the spec.
    pub spec: String,
    /// The version the spec was read at; `None` creates the spec that the first effect sets.
    pub version: Option<i64>,
    /// What it does, in order.
    pub effects: Vec<Effect>,
    /// Names of what it creates or changes, for watchers.
    pub changed: Vec<String>,
    /// What to answer to a retry.
    pub reply: Option<Reply>,
    /// When.
    pub at: Timestamp,
}

/// What came of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Committed {
    /// All of it is durable.
    Done,
    /// Nothing was done: the spec or the request id is not what it was; read again.
    Stale,
}

/// Where specs are kept. Everything belongs to a tenant, and what belongs to another is not there.
///
/// Lists continue behind the id (for clauses the anchor) in `page.after` and return at most
/// `page.limit + 1` entries, so that the caller sees whether there are more.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Does all or nothing.
    async fn commit(&self, tenant: &str, commit: Commit) -> Result<Committed, StoreError>;

    /// The reply stored for `request_id`.
    async fn reply(&self, tenant: &str, request_id: &str) -> Result<Option<Reply>, StoreError>;

    /// A spec.
    async fn spec(&self, tenant: &str, spec: &str) -> Result<Option<Spec>, StoreError>;

    /// Specs by id.
    async fn specs(&self, tenant: &str, page: &Page) -> Result<Vec<Spec>, StoreError>;

    /// A revision.
    async fn revision(&self, tenant: &str, spec: &str, id: &str) -> Result<Option<Revision>, StoreError>;

    /// A revision's Markdown.
    async fn source(&self, tenant: &str, spec: &str, revision: &str) -> Result<Option<String>, StoreError>;

    /// Revisions, newest first.
    async fn revisions(&self, tenant: &str, spec: &str, page: &Page) -> Result<Vec<Revision>, StoreError>;

    /// A clause of a revision.
    async fn clause(&self, at: Place<'_>, anchor: &str) -> Result<Option<Clause>, StoreError>;

    /// The newest text of a clause with this hash, in any revision of the spec.
    async fn clause_of_hash(&self, at: Place<'_>, anchor: &str, hash: &str) -> Result<Option<Clause>, StoreError>;

    /// Clauses in the order of the document.
    async fn clauses(&self, at: Place<'_>, page: &Page) -> Result<Vec<Clause>, StoreError>;

    /// Every anchor of a revision with its text hash.
    async fn hashes(&self, at: Place<'_>) -> Result<Vec<(String, String)>, StoreError>;

    /// What changed a clause up to and including a revision, newest first, by revision id.
    async fn changes(&self, at: Place<'_>, anchor: &str) -> Result<Vec<(String, Change)>, StoreError>;

    /// A position.
    async fn position(&self, at: Place<'_>, id: &str) -> Result<Option<Position>, StoreError>;

    /// Positions by id; all or those on items of `round`, an id.
    async fn positions(&self, at: Place<'_>, round: Option<&str>, page: &Page) -> Result<Vec<Position>, StoreError>;

    /// A finding.
    async fn finding(&self, tenant: &str, spec: &str, id: &str) -> Result<Option<Finding>, StoreError>;

    /// Findings, newest first; all or those of a class.
    async fn findings(
        &self,
        tenant: &str,
        spec: &str,
        class: Option<FindingClass>,
        page: &Page,
    ) -> Result<Vec<Finding>, StoreError>;

    /// A proposal.
    async fn proposal(&self, tenant: &str, spec: &str, id: &str) -> Result<Option<Proposal>, StoreError>;

    /// Proposals, newest first.
    async fn proposals(&self, tenant: &str, spec: &str, page: &Page) -> Result<Vec<Proposal>, StoreError>;

    /// Adopted proposals that no revision contains, oldest first.
    async fn adopted(&self, tenant: &str, spec: &str) -> Result<Vec<Proposal>, StoreError>;

    /// A decision.
    async fn decision(&self, tenant: &str, spec: &str, id: &str) -> Result<Option<Decision>, StoreError>;

    /// Decisions, newest first.
    async fn decisions(&self, tenant: &str, spec: &str, page: &Page) -> Result<Vec<Decision>, StoreError>;

    /// What happened to a spec behind `after`, oldest first.
    async fn events(&self, tenant: &str, spec: &str, after: i64, limit: usize) -> Result<Vec<Event>, StoreError>;

    /// Place of the newest event of a spec; 0 where there is none.
    async fn last_event(&self, tenant: &str, spec: &str) -> Result<i64, StoreError>;
}

/// Which revision is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The tenant.
    pub tenant: &'a str,
    /// Id of the spec.
    pub spec: &'a str,
    /// Id of the revision.
    pub revision: &'a str,
}
