//! Where specs are kept, on either database.
//!
//! Reading is one method a question. Writing is one method for everything: [`Store::commit`] takes
//! all effects of a request, the request's stored reply and the version of the spec they were made
//! for, and does all or nothing.

mod rows;
mod write;

use folkmoot_core::{Sha256Hash, Timestamp};
use folkmoot_database::{Database, DatabaseError, Migrator, Place as DatabasePlace, Schema, Value};
use folkmoot_rpc::page::Page;

use crate::model::{Change, Clause, Decision, Event, Finding, FindingClass, Position, Proposal, Revision, Spec};

static SQLITE: Migrator = sqlx::migrate!("../../migrations/spec/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("../../migrations/spec/postgres");

/// What the store keeps.
pub const SCHEMA: Schema = Schema {
    name: "spec",
    tables: &[
        "specs",
        "revisions",
        "clauses",
        "changes",
        "positions",
        "findings",
        "proposals",
        "decisions",
        "events",
        "requests",
    ],
    sqlite: &SQLITE,
    postgres: &POSTGRES,
};

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

/// Specs on either database. Everything belongs to a tenant, and what belongs to another is not there.
///
/// Lists continue behind the id (for clauses the anchor) in `page.after` and return at most
/// `page.limit + 1` entries, so that the caller sees whether there are more. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store(Database);

/// One entry more than asked for, so that the caller sees whether there are more.
fn limit(page: &Page) -> i64 {
    i64::try_from(page.limit).map_or(i64::MAX, |limit| limit.saturating_add(1))
}

/// A query of rows that belong to a spec `s`, of which tenant and id are `$1` and `$2`.
macro_rules! of_spec {
    ($sql:literal) => {
        concat!("WITH s AS (SELECT key FROM specs WHERE tenant = $1 AND id = $2) ", $sql)
    };
}

/// A query of rows that belong to a revision `r` of a spec `s`, whose tenant and ids are `$1` to `$3`.
macro_rules! of_revision {
    ($sql:literal) => {
        concat!(
            "WITH s AS (SELECT key FROM specs WHERE tenant = $1 AND id = $2), ",
            "r AS (SELECT key FROM revisions WHERE spec = (SELECT key FROM s) AND id = $3) ",
            $sql
        )
    };
}

impl Store {
    /// Opens the database, makes it where absent and brings its schema up to date.
    ///
    /// # Errors
    /// A place that cannot be opened, or a schema that cannot be brought up to date.
    pub async fn open(place: &DatabasePlace) -> Result<Self, DatabaseError> {
        Ok(Self(Database::open(place, &SCHEMA).await?))
    }

    /// Ends its connections.
    pub async fn close(&self) {
        self.0.close().await;
    }

    /// Does all or nothing. Commits to one spec wait for each other, so that its events stand in the
    /// order in which they are seen.
    pub async fn commit(&self, tenant: &str, commit: Commit) -> Result<Committed, DatabaseError> {
        let mut tx = self.0.begin().await?;
        let committed = write::commit(&mut tx, tenant, &commit).await?;
        if committed == Committed::Done {
            tx.commit().await?;
        }
        Ok(committed)
    }

    /// The reply stored for `request_id`.
    pub async fn reply(&self, tenant: &str, request_id: &str) -> Result<Option<Reply>, DatabaseError> {
        let sql = "SELECT * FROM requests WHERE tenant = $1 AND request_id = $2";
        self.0.first(sql, &[tenant.into(), request_id.into()]).await
    }

    /// A spec.
    pub async fn spec(&self, tenant: &str, spec: &str) -> Result<Option<Spec>, DatabaseError> {
        self.0.first("SELECT * FROM specs WHERE tenant = $1 AND id = $2", &[tenant.into(), spec.into()]).await
    }

    /// Specs by id.
    pub async fn specs(&self, tenant: &str, page: &Page) -> Result<Vec<Spec>, DatabaseError> {
        let sql = "SELECT * FROM specs WHERE tenant = $1 AND ($2 IS NULL OR id > $2) ORDER BY id LIMIT $3";
        self.0.all(sql, &[tenant.into(), (&page.after).into(), limit(page).into()]).await
    }

    /// A revision.
    pub async fn revision(&self, tenant: &str, spec: &str, id: &str) -> Result<Option<Revision>, DatabaseError> {
        let sql = of_spec!(
            "SELECT id, text_hash, parent, clause_count, warnings, proposals, note, created FROM revisions
             WHERE spec = (SELECT key FROM s) AND id = $3"
        );
        self.0.first(sql, &[tenant.into(), spec.into(), id.into()]).await
    }

    /// A revision's Markdown.
    pub async fn source(&self, tenant: &str, spec: &str, revision: &str) -> Result<Option<String>, DatabaseError> {
        let sql = of_spec!("SELECT source FROM revisions WHERE spec = (SELECT key FROM s) AND id = $3");
        self.0.first(sql, &[tenant.into(), spec.into(), revision.into()]).await
    }

    /// Revisions, newest first.
    pub async fn revisions(&self, tenant: &str, spec: &str, page: &Page) -> Result<Vec<Revision>, DatabaseError> {
        let sql = of_spec!(
            "SELECT id, text_hash, parent, clause_count, warnings, proposals, note, created FROM revisions
             WHERE spec = (SELECT key FROM s)
             AND ($3 IS NULL OR key < (SELECT key FROM revisions WHERE spec = (SELECT key FROM s) AND id = $3))
             ORDER BY key DESC LIMIT $4"
        );
        self.0.all(sql, &[tenant.into(), spec.into(), (&page.after).into(), limit(page).into()]).await
    }

    /// A clause of a revision.
    pub async fn clause(&self, at: Place<'_>, anchor: &str) -> Result<Option<Clause>, DatabaseError> {
        let sql = of_revision!("SELECT * FROM clauses WHERE revision = (SELECT key FROM r) AND anchor = $4");
        self.0.first(sql, &at.and(anchor)).await
    }

    /// The newest text of a clause with this hash, in any revision of the spec.
    pub async fn clause_of_hash(
        &self,
        at: Place<'_>,
        anchor: &str,
        hash: &str,
    ) -> Result<Option<Clause>, DatabaseError> {
        let sql = of_spec!(
            "SELECT * FROM clauses WHERE anchor = $3 AND text_hash = $4
             AND revision IN (SELECT key FROM revisions WHERE spec = (SELECT key FROM s))
             ORDER BY revision DESC LIMIT 1"
        );
        self.0.first(sql, &[at.tenant.into(), at.spec.into(), anchor.into(), hash.into()]).await
    }

    /// Clauses in the order of the document.
    pub async fn clauses(&self, at: Place<'_>, page: &Page) -> Result<Vec<Clause>, DatabaseError> {
        let sql = of_revision!(
            "SELECT * FROM clauses WHERE revision = (SELECT key FROM r)
             AND ($4 IS NULL OR
                  place > (SELECT place FROM clauses WHERE revision = (SELECT key FROM r) AND anchor = $4))
             ORDER BY place LIMIT $5"
        );
        let [tenant, spec, revision] = at.values();
        self.0.all(sql, &[tenant, spec, revision, (&page.after).into(), limit(page).into()]).await
    }

    /// Every anchor of a revision with its text hash.
    pub async fn hashes(&self, at: Place<'_>) -> Result<Vec<(String, String)>, DatabaseError> {
        let sql =
            of_revision!("SELECT anchor, text_hash FROM clauses WHERE revision = (SELECT key FROM r) ORDER BY place");
        let hashes = self.0.all(sql, &at.values()).await?;
        Ok(hashes.into_iter().map(|rows::Hash(anchor, hash)| (anchor, hash)).collect())
    }

    /// What changed a clause up to and including a revision, newest first, by revision id.
    pub async fn changes(&self, at: Place<'_>, anchor: &str) -> Result<Vec<(String, Change)>, DatabaseError> {
        let sql = of_revision!(
            "SELECT revisions.id AS revision_id, changes.anchor, changes.kinds
             FROM changes JOIN revisions ON revisions.key = changes.revision
             WHERE changes.anchor = $4 AND revisions.spec = (SELECT key FROM s)
             AND changes.revision <= (SELECT key FROM r) ORDER BY changes.revision DESC"
        );
        let changes = self.0.all(sql, &at.and(anchor)).await?;
        Ok(changes.into_iter().map(|rows::RevisionChange(revision, change)| (revision, change)).collect())
    }

    /// A position.
    pub async fn position(&self, at: Place<'_>, id: &str) -> Result<Option<Position>, DatabaseError> {
        let sql = of_revision!("SELECT * FROM positions WHERE revision = (SELECT key FROM r) AND id = $4");
        self.0.first(sql, &at.and(id)).await
    }

    /// Positions by id; all or those on items of `round`, an id.
    pub async fn positions(
        &self,
        at: Place<'_>,
        round: Option<&str>,
        page: &Page,
    ) -> Result<Vec<Position>, DatabaseError> {
        let sql = of_revision!(
            "SELECT * FROM positions WHERE revision = (SELECT key FROM r)
             AND ($4 IS NULL OR round = $4) AND ($5 IS NULL OR id > $5) ORDER BY id LIMIT $6"
        );
        let [tenant, spec, revision] = at.values();
        self.0.all(sql, &[tenant, spec, revision, round.into(), (&page.after).into(), limit(page).into()]).await
    }

    /// A finding.
    pub async fn finding(&self, tenant: &str, spec: &str, id: &str) -> Result<Option<Finding>, DatabaseError> {
        let sql = of_spec!("SELECT * FROM findings WHERE spec = (SELECT key FROM s) AND id = $3");
        self.0.first(sql, &[tenant.into(), spec.into(), id.into()]).await
    }

    /// Findings, newest first; all or those of a class.
    pub async fn findings(
        &self,
        tenant: &str,
        spec: &str,
        class: Option<FindingClass>,
        page: &Page,
    ) -> Result<Vec<Finding>, DatabaseError> {
        let sql = of_spec!(
            "SELECT * FROM findings WHERE spec = (SELECT key FROM s) AND ($3 IS NULL OR class = $3)
             AND ($4 IS NULL OR key < (SELECT key FROM findings WHERE spec = (SELECT key FROM s) AND id = $4))
             ORDER BY key DESC LIMIT $5"
        );
        let class = class.map(FindingClass::name);
        self.0.all(sql, &[tenant.into(), spec.into(), class.into(), (&page.after).into(), limit(page).into()]).await
    }

    /// A proposal.
    pub async fn proposal(&self, tenant: &str, spec: &str, id: &str) -> Result<Option<Proposal>, DatabaseError> {
        let sql = of_spec!("SELECT * FROM proposals WHERE spec = (SELECT key FROM s) AND id = $3");
        self.0.first(sql, &[tenant.into(), spec.into(), id.into()]).await
    }

    /// Proposals, newest first.
    pub async fn proposals(&self, tenant: &str, spec: &str, page: &Page) -> Result<Vec<Proposal>, DatabaseError> {
        let sql = of_spec!(
            "SELECT * FROM proposals WHERE spec = (SELECT key FROM s)
             AND ($3 IS NULL OR key < (SELECT key FROM proposals WHERE spec = (SELECT key FROM s) AND id = $3))
             ORDER BY key DESC LIMIT $4"
        );
        self.0.all(sql, &[tenant.into(), spec.into(), (&page.after).into(), limit(page).into()]).await
    }

    /// Adopted proposals that no revision contains, oldest first.
    pub async fn adopted(&self, tenant: &str, spec: &str) -> Result<Vec<Proposal>, DatabaseError> {
        let sql =
            of_spec!("SELECT * FROM proposals WHERE spec = (SELECT key FROM s) AND state = 'adopted' ORDER BY key");
        self.0.all(sql, &[tenant.into(), spec.into()]).await
    }

    /// A decision.
    pub async fn decision(&self, tenant: &str, spec: &str, id: &str) -> Result<Option<Decision>, DatabaseError> {
        let sql = of_spec!("SELECT * FROM decisions WHERE spec = (SELECT key FROM s) AND id = $3");
        self.0.first(sql, &[tenant.into(), spec.into(), id.into()]).await
    }

    /// Decisions, newest first.
    pub async fn decisions(&self, tenant: &str, spec: &str, page: &Page) -> Result<Vec<Decision>, DatabaseError> {
        let sql = of_spec!(
            "SELECT * FROM decisions WHERE spec = (SELECT key FROM s)
             AND ($3 IS NULL OR key < (SELECT key FROM decisions WHERE spec = (SELECT key FROM s) AND id = $3))
             ORDER BY key DESC LIMIT $4"
        );
        self.0.all(sql, &[tenant.into(), spec.into(), (&page.after).into(), limit(page).into()]).await
    }

    /// What happened to a spec behind `after`, oldest first.
    pub async fn events(
        &self,
        tenant: &str,
        spec: &str,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Event>, DatabaseError> {
        let sql = of_spec!(
            "SELECT sequence, changed FROM events WHERE spec = (SELECT key FROM s) AND sequence > $3
             ORDER BY sequence LIMIT $4"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.0.all(sql, &[tenant.into(), spec.into(), after.into(), limit.into()]).await
    }

    /// Place of the newest event of a spec; 0 where there is none.
    pub async fn last_event(&self, tenant: &str, spec: &str) -> Result<i64, DatabaseError> {
        let sql = of_spec!("SELECT coalesce(max(sequence), 0) FROM events WHERE spec = (SELECT key FROM s)");
        Ok(self.0.first(sql, &[tenant.into(), spec.into()]).await?.unwrap_or(0))
    }
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

impl<'a> Place<'a> {
    fn values(self) -> [Value<'a>; 3] {
        [self.tenant.into(), self.spec.into(), self.revision.into()]
    }

    fn and(self, id: &'a str) -> [Value<'a>; 4] {
        [self.tenant.into(), self.spec.into(), self.revision.into(), id.into()]
    }
}
