//! The one transaction that writes.

use folkmoot_core::canonical::json;
use sqlx::SqliteConnection;

use crate::model::{Change, Clause, Decision, Finding, Position, Proposal, Revision, Spec};
use crate::store::{Commit, Committed, Effect, Reply, StoreError};

/// Does what `commit` says inside the open transaction. Whoever calls rolls back what is stale.
pub(super) async fn commit(
    connection: &mut SqliteConnection,
    tenant: &str,
    commit: &Commit,
) -> Result<Committed, StoreError> {
    if let Some(reply) = &commit.reply
        && !add_reply(connection, tenant, reply).await?
    {
        return Ok(Committed::Stale);
    }
    let spec = match commit.version {
        Some(version) => advance(connection, tenant, &commit.spec, version).await?,
        None => create(connection, tenant, commit).await?,
    };
    let Some(spec) = spec else { return Ok(Committed::Stale) };
    for effect in &commit.effects {
        apply(connection, spec, effect).await?;
    }
    for changed in &commit.changed {
        let sql = "INSERT INTO events (spec, changed, at) VALUES (?1, ?2, ?3)";
        sqlx::query(sql).bind(spec).bind(changed).bind(commit.at.as_millis()).execute(&mut *connection).await?;
    }
    Ok(Committed::Done)
}

/// False where the request id is taken.
async fn add_reply(connection: &mut SqliteConnection, tenant: &str, reply: &Reply) -> Result<bool, StoreError> {
    let sql = "INSERT INTO requests (tenant, request_id, fingerprint, reply) VALUES (?1, ?2, ?3, ?4)
               ON CONFLICT DO NOTHING";
    let query = sqlx::query(sql).bind(tenant).bind(&reply.request_id).bind(reply.fingerprint.to_string());
    Ok(query.bind(&reply.bytes).execute(connection).await?.rows_affected() == 1)
}

/// The spec's key, if it stands at `version`.
async fn advance(
    connection: &mut SqliteConnection,
    tenant: &str,
    spec: &str,
    version: i64,
) -> Result<Option<i64>, StoreError> {
    let sql = "UPDATE specs SET version = version + 1 WHERE tenant = ?1 AND id = ?2 AND version = ?3 RETURNING key";
    Ok(sqlx::query_scalar(sql).bind(tenant).bind(spec).bind(version).fetch_optional(connection).await?)
}

/// The new spec's key, if there was none of its id.
async fn create(connection: &mut SqliteConnection, tenant: &str, commit: &Commit) -> Result<Option<i64>, StoreError> {
    let sql = "INSERT INTO specs (tenant, id, title, head, version, created) VALUES (?1, ?2, '', NULL, 1, ?3)
               ON CONFLICT DO NOTHING RETURNING key";
    let query = sqlx::query_scalar(sql).bind(tenant).bind(&commit.spec).bind(commit.at.as_millis());
    Ok(query.fetch_optional(connection).await?)
}

async fn apply(connection: &mut SqliteConnection, spec: i64, effect: &Effect) -> Result<(), StoreError> {
    match effect {
        Effect::SetSpec(Spec { title, head, .. }) => {
            let sql = "UPDATE specs SET title = ?2, head = ?3 WHERE key = ?1";
            sqlx::query(sql).bind(spec).bind(title).bind(head).execute(connection).await?;
            Ok(())
        }
        Effect::AddRevision { revision, source, clauses, changes } => {
            let key = add_revision(connection, spec, revision, source).await?;
            add_clauses(connection, key, clauses).await?;
            add_changes(connection, key, changes).await
        }
        Effect::AddPosition(revision, position) => add_position(connection, spec, revision, position).await,
        Effect::AddFinding(finding) => add_finding(connection, spec, finding).await,
        Effect::PutProposal(proposal) => put_proposal(connection, spec, proposal).await,
        Effect::AddDecision(decision) => add_decision(connection, spec, decision).await,
    }
}

async fn add_revision(
    connection: &mut SqliteConnection,
    spec: i64,
    revision: &Revision,
    source: &str,
) -> Result<i64, StoreError> {
    let sql = "INSERT INTO revisions
               (spec, id, source, text_hash, parent, clause_count, warnings, proposals, note, created)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING key";
    let query = sqlx::query_scalar(sql)
        .bind(spec)
        .bind(&revision.id)
        .bind(source)
        .bind(&revision.text_hash)
        .bind(&revision.parent)
        .bind(integer(revision.clause_count))
        .bind(json(&revision.warnings))
        .bind(json(&revision.proposals))
        .bind(&revision.note)
        .bind(revision.created.as_millis());
    Ok(query.fetch_one(connection).await?)
}

async fn add_clauses(connection: &mut SqliteConnection, revision: i64, clauses: &[Clause]) -> Result<(), StoreError> {
    let sql = "INSERT INTO clauses (revision, anchor, place, title, level, authority, parent, line, body, text_hash)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    for (place, clause) in clauses.iter().enumerate() {
        let query = sqlx::query(sql)
            .bind(revision)
            .bind(&clause.anchor)
            .bind(integer(place))
            .bind(&clause.title)
            .bind(i64::from(clause.level))
            .bind(&clause.authority)
            .bind(&clause.parent)
            .bind(integer(clause.line))
            .bind(&clause.body)
            .bind(&clause.text_hash);
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn add_changes(connection: &mut SqliteConnection, revision: i64, changes: &[Change]) -> Result<(), StoreError> {
    for change in changes {
        let sql = "INSERT INTO changes (revision, anchor, kinds) VALUES (?1, ?2, ?3)";
        let query = sqlx::query(sql).bind(revision).bind(&change.anchor).bind(json(&change.kinds));
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn add_position(
    connection: &mut SqliteConnection,
    spec: i64,
    revision: &str,
    position: &Position,
) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO positions (revision, id, round, item, answer, clauses, source, derived_by, rationale, created)
               VALUES ((SELECT key FROM revisions WHERE spec = ?1 AND id = ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let query = sqlx::query(sql)
        .bind(spec)
        .bind(revision)
        .bind(&position.id)
        .bind(position.item.split('/').nth(1).unwrap_or_default())
        .bind(&position.item)
        .bind(&position.answer)
        .bind(json(&position.clauses))
        .bind(position.source.name())
        .bind(&position.derived_by)
        .bind(&position.rationale)
        .bind(position.created.as_millis());
    query.execute(connection).await?;
    Ok(())
}

async fn add_finding(connection: &mut SqliteConnection, spec: i64, finding: &Finding) -> Result<(), StoreError> {
    let sql = "INSERT INTO findings (spec, id, revision, item, class, summary, position, clauses, result, snapshot,
                                     net, adjusted_p, segments, simulated, created)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    let query = sqlx::query(sql)
        .bind(spec)
        .bind(&finding.id)
        .bind(&finding.revision)
        .bind(&finding.item)
        .bind(finding.class.name())
        .bind(&finding.summary)
        .bind(&finding.position)
        .bind(json(&finding.clauses))
        .bind(&finding.result)
        .bind(&finding.snapshot)
        .bind(json(&finding.net))
        .bind(finding.adjusted_p)
        .bind(json(&finding.segments))
        .bind(finding.simulated)
        .bind(finding.created.as_millis());
    query.execute(connection).await?;
    Ok(())
}

async fn put_proposal(connection: &mut SqliteConnection, spec: i64, proposal: &Proposal) -> Result<(), StoreError> {
    let sql = "INSERT INTO proposals
               (spec, id, title, kind, edits, rationale, findings, author, state, decision, applied_in, created)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
               ON CONFLICT (spec, id) DO UPDATE SET title = excluded.title, kind = excluded.kind,
               edits = excluded.edits, rationale = excluded.rationale, findings = excluded.findings,
               author = excluded.author, state = excluded.state, decision = excluded.decision,
               applied_in = excluded.applied_in";
    let query = sqlx::query(sql)
        .bind(spec)
        .bind(&proposal.id)
        .bind(&proposal.title)
        .bind(proposal.kind.name())
        .bind(json(&proposal.edits))
        .bind(&proposal.rationale)
        .bind(json(&proposal.findings))
        .bind(&proposal.author)
        .bind(proposal.state.name())
        .bind(&proposal.decision)
        .bind(&proposal.applied_in)
        .bind(proposal.created.as_millis());
    query.execute(connection).await?;
    Ok(())
}

async fn add_decision(connection: &mut SqliteConnection, spec: i64, decision: &Decision) -> Result<(), StoreError> {
    let sql = "INSERT INTO decisions (spec, id, proposal, outcome, reason, deciders, dissents, created)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let query = sqlx::query(sql)
        .bind(spec)
        .bind(&decision.id)
        .bind(&decision.proposal)
        .bind(decision.outcome.name())
        .bind(&decision.reason)
        .bind(json(&decision.deciders))
        .bind(json(&decision.dissents))
        .bind(decision.created.as_millis());
    query.execute(connection).await?;
    Ok(())
}

fn integer(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
