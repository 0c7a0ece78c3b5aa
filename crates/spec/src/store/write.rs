//! The one transaction that writes.

use folkmoot_core::canonical::json;
use folkmoot_database::{Column, DatabaseError, Transaction};

use super::{Commit, Committed, Effect, Reply};
use crate::model::{Change, Clause, Decision, Finding, Position, Proposal, Revision, Spec};

/// Does what `commit` says inside the open transaction, which is not committed where it is stale.
///
/// The spec's row is changed before anything else of the spec: until this ends, whoever else commits
/// to it waits there, and then finds another version than it was planned on.
pub(super) async fn commit(db: &mut Transaction, tenant: &str, commit: &Commit) -> Result<Committed, DatabaseError> {
    if let Some(reply) = &commit.reply
        && !add_reply(db, tenant, reply).await?
    {
        return Ok(Committed::Stale);
    }
    let spec = match commit.version {
        Some(version) => advance(db, tenant, &commit.spec, version).await?,
        None => create(db, tenant, commit).await?,
    };
    let Some(spec) = spec else { return Ok(Committed::Stale) };
    for effect in &commit.effects {
        apply(db, spec, effect).await?;
    }
    for changed in &commit.changed {
        let sql = "INSERT INTO events (spec, changed, at) VALUES ($1, $2, $3)";
        db.execute(sql, &[spec.into(), changed.into(), commit.at.as_millis().into()]).await?;
    }
    Ok(Committed::Done)
}

/// False where the request id is taken.
async fn add_reply(db: &mut Transaction, tenant: &str, reply: &Reply) -> Result<bool, DatabaseError> {
    let sql = "INSERT INTO requests (tenant, request_id, fingerprint, reply) VALUES ($1, $2, $3, $4) \
               ON CONFLICT DO NOTHING";
    let fingerprint = reply.fingerprint.to_string();
    let values = [tenant.into(), (&reply.request_id).into(), (&fingerprint).into(), (&reply.bytes).into()];
    Ok(db.execute(sql, &values).await? == 1)
}

/// The spec's key, if it stands at `version`.
async fn advance(db: &mut Transaction, tenant: &str, spec: &str, version: i64) -> Result<Option<i64>, DatabaseError> {
    let sql = "UPDATE specs SET version = version + 1 WHERE tenant = $1 AND id = $2 AND version = $3 RETURNING key";
    db.first(sql, &[tenant.into(), spec.into(), version.into()]).await
}

/// The new spec's key, if there was none of its id.
async fn create(db: &mut Transaction, tenant: &str, commit: &Commit) -> Result<Option<i64>, DatabaseError> {
    let sql = "INSERT INTO specs (tenant, id, title, head, version, created) VALUES ($1, $2, '', NULL, 1, $3) \
               ON CONFLICT DO NOTHING RETURNING key";
    db.first(sql, &[tenant.into(), (&commit.spec).into(), commit.at.as_millis().into()]).await
}

async fn apply(db: &mut Transaction, spec: i64, effect: &Effect) -> Result<(), DatabaseError> {
    match effect {
        Effect::SetSpec(Spec { title, head, .. }) => {
            let sql = "UPDATE specs SET title = $1, head = $2 WHERE key = $3";
            db.execute(sql, &[title.into(), head.into(), spec.into()]).await?;
        }
        Effect::AddRevision { revision, source, clauses, changes } => {
            let key = add_revision(db, spec, revision, source).await?;
            add_clauses(db, key, clauses).await?;
            add_changes(db, key, changes).await?;
        }
        Effect::AddPosition(revision, position) => add_position(db, spec, revision, position).await?,
        Effect::AddFinding(finding) => add_finding(db, spec, finding).await?,
        Effect::PutProposal(proposal) => put_proposal(db, spec, proposal).await?,
        Effect::AddDecision(decision) => add_decision(db, spec, decision).await?,
    }
    Ok(())
}

async fn add_revision(
    db: &mut Transaction,
    spec: i64,
    revision: &Revision,
    source: &str,
) -> Result<i64, DatabaseError> {
    let sql = "INSERT INTO revisions \
               (spec, id, source, text_hash, parent, clause_count, warnings, proposals, note, created) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING key";
    let (warnings, proposals) = (json(&revision.warnings), json(&revision.proposals));
    let values = [
        spec.into(),
        (&revision.id).into(),
        source.into(),
        (&revision.text_hash).into(),
        (&revision.parent).into(),
        integer(revision.clause_count).into(),
        (&warnings).into(),
        (&proposals).into(),
        (&revision.note).into(),
        revision.created.as_millis().into(),
    ];
    let key = db.first(sql, &values).await?;
    key.ok_or_else(|| DatabaseError::Corrupt("no key of a new revision".to_owned()))
}

async fn add_clauses(db: &mut Transaction, revision: i64, clauses: &[Clause]) -> Result<(), DatabaseError> {
    let texts = |of: fn(&Clause) -> &String| Column::texts(clauses.iter().map(move |clause| of(clause).as_str()));
    let maybe = |of: fn(&Clause) -> &Option<String>| Column::Texts(clauses.iter().map(|c| of(c).as_deref()).collect());
    let columns = [
        ("revision", Column::ints(clauses.iter().map(|_| revision))),
        ("anchor", texts(|clause| &clause.anchor)),
        ("place", Column::ints((0..).take(clauses.len()))),
        ("title", texts(|clause| &clause.title)),
        ("level", Column::ints(clauses.iter().map(|clause| i64::from(clause.level)))),
        ("authority", maybe(|clause| &clause.authority)),
        ("parent", maybe(|clause| &clause.parent)),
        ("line", Column::ints(clauses.iter().map(|clause| integer(clause.line)))),
        ("body", texts(|clause| &clause.body)),
        ("text_hash", texts(|clause| &clause.text_hash)),
    ];
    db.insert("clauses", &columns).await?;
    Ok(())
}

async fn add_changes(db: &mut Transaction, revision: i64, changes: &[Change]) -> Result<(), DatabaseError> {
    let kinds: Vec<String> = changes.iter().map(|change| json(&change.kinds)).collect();
    let columns = [
        ("revision", Column::ints(changes.iter().map(|_| revision))),
        ("anchor", Column::texts(changes.iter().map(|change| change.anchor.as_str()))),
        ("kinds", Column::texts(kinds.iter().map(String::as_str))),
    ];
    db.insert("changes", &columns).await?;
    Ok(())
}

async fn add_position(
    db: &mut Transaction,
    spec: i64,
    revision: &str,
    position: &Position,
) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO positions \
               (revision, id, round, item, answer, clauses, source, derived_by, rationale, created) \
               VALUES ((SELECT key FROM revisions WHERE spec = $1 AND id = $2), $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let clauses = json(&position.clauses);
    let values = [
        spec.into(),
        revision.into(),
        (&position.id).into(),
        position.item.split('/').nth(1).unwrap_or_default().into(),
        (&position.item).into(),
        (&position.answer).into(),
        (&clauses).into(),
        position.source.name().into(),
        (&position.derived_by).into(),
        (&position.rationale).into(),
        position.created.as_millis().into(),
    ];
    db.execute(sql, &values).await?;
    Ok(())
}

async fn add_finding(db: &mut Transaction, spec: i64, finding: &Finding) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO findings (spec, id, revision, item, class, summary, position, clauses, result, snapshot, \
                                     net, adjusted_p, segments, simulated, created) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    let (clauses, net, segments) = (json(&finding.clauses), json(&finding.net), json(&finding.segments));
    let values = [
        spec.into(),
        (&finding.id).into(),
        (&finding.revision).into(),
        (&finding.item).into(),
        finding.class.name().into(),
        (&finding.summary).into(),
        (&finding.position).into(),
        (&clauses).into(),
        (&finding.result).into(),
        (&finding.snapshot).into(),
        (&net).into(),
        finding.adjusted_p.into(),
        (&segments).into(),
        finding.simulated.into(),
        finding.created.as_millis().into(),
    ];
    db.execute(sql, &values).await?;
    Ok(())
}

async fn put_proposal(db: &mut Transaction, spec: i64, proposal: &Proposal) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO proposals \
               (spec, id, title, kind, edits, rationale, findings, author, state, decision, applied_in, created) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
               ON CONFLICT (spec, id) DO UPDATE SET title = excluded.title, kind = excluded.kind, \
               edits = excluded.edits, rationale = excluded.rationale, findings = excluded.findings, \
               author = excluded.author, state = excluded.state, decision = excluded.decision, \
               applied_in = excluded.applied_in";
    let (edits, findings) = (json(&proposal.edits), json(&proposal.findings));
    let values = [
        spec.into(),
        (&proposal.id).into(),
        (&proposal.title).into(),
        proposal.kind.name().into(),
        (&edits).into(),
        (&proposal.rationale).into(),
        (&findings).into(),
        (&proposal.author).into(),
        proposal.state.name().into(),
        (&proposal.decision).into(),
        (&proposal.applied_in).into(),
        proposal.created.as_millis().into(),
    ];
    db.execute(sql, &values).await?;
    Ok(())
}

async fn add_decision(db: &mut Transaction, spec: i64, decision: &Decision) -> Result<(), DatabaseError> {
    let sql = "INSERT INTO decisions (spec, id, proposal, outcome, reason, deciders, dissents, created) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let (deciders, dissents) = (json(&decision.deciders), json(&decision.dissents));
    let values = [
        spec.into(),
        (&decision.id).into(),
        (&decision.proposal).into(),
        decision.outcome.name().into(),
        (&decision.reason).into(),
        (&deciders).into(),
        (&dissents).into(),
        decision.created.as_millis().into(),
    ];
    db.execute(sql, &values).await?;
    Ok(())
}

fn integer(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
