//! Analyses and their results.

use folkmoot_core::{Sha256Hash, Timestamp, canonical};
use folkmoot_database::{AssertSqlSafe, DatabaseError, Transaction};

use super::rows::{Asked, class_name, code_name};
use super::{Created, List, Listed, RequestKey, Slice, Store};
use crate::model::{Analysis, Failure, Found, SnapshotName, Spec, State};

const ANALYSES: List = List { rows: "analyses t", columns: "t.*", large: "t.spec" };
const RESULTS: List = List {
    rows: "results t JOIN analyses a ON a.key = t.analysis JOIN contents c ON c.sha256 = t.sha256",
    columns: "t.*, a.id, a.round, a.snapshot, c.json",
    large: "c.json",
};

impl Store {
    /// Adds a running analysis and remembers the request, both or neither.
    pub async fn create(
        &self,
        tenant: &str,
        analysis: &Analysis,
        request: Option<RequestKey<'_>>,
    ) -> Result<Created, DatabaseError> {
        let mut tx = self.0.begin().await?;
        if add(&mut tx, tenant, analysis, request).await? {
            tx.commit().await?;
            return Ok(Created::New);
        }
        drop(tx);
        // Somebody was faster, perhaps with the same request.
        let Some(request) = request else { return Ok(Created::Taken) };
        Ok(match self.asked(tenant, request.id).await? {
            None => Created::Taken,
            Some((fingerprint, _)) if fingerprint != request.fingerprint => Created::Conflict,
            Some((_, before)) => Created::Before(Box::new(before)),
        })
    }

    /// The analysis that a request of before started, and the request's fingerprint.
    pub async fn asked(&self, tenant: &str, request_id: &str) -> Result<Option<(Sha256Hash, Analysis)>, DatabaseError> {
        let sql = "SELECT a.*, r.fingerprint FROM requests r JOIN analyses a ON a.key = r.analysis \
                   WHERE r.tenant = $1 AND r.request_id = $2";
        let asked = self.0.first(sql, &[tenant.into(), request_id.into()]).await?;
        Ok(asked.map(|Asked(fingerprint, analysis)| (fingerprint, analysis)))
    }

    /// The analysis `id`.
    pub async fn analysis(&self, tenant: &str, id: &str) -> Result<Option<Analysis>, DatabaseError> {
        self.0.first("SELECT * FROM analyses WHERE tenant = $1 AND id = $2", &[tenant.into(), id.into()]).await
    }

    /// The tenant's analyses, all or those over one snapshot.
    pub async fn analyses(
        &self,
        tenant: &str,
        snapshot: Option<&SnapshotName>,
        slice: Slice,
    ) -> Result<Listed<Analysis>, DatabaseError> {
        let Some(snapshot) = snapshot else {
            return self.list(ANALYSES, "t.tenant = $1", &[tenant.into()], slice).await;
        };
        let hash = snapshot.hash.to_string();
        let which = "t.tenant = $1 AND t.round = $2 AND t.snapshot = $3";
        self.list(ANALYSES, which, &[tenant.into(), (&snapshot.round).into(), (&hash).into()], slice).await
    }

    /// Replaces the spec of a running analysis by the one with its positions filled in.
    pub async fn set_spec(&self, tenant: &str, id: &str, spec: &Spec) -> Result<(), DatabaseError> {
        let sql = "UPDATE analyses SET spec = $1 WHERE tenant = $2 AND id = $3 AND state = 'running'";
        let spec = canonical::json(spec);
        self.0.execute(sql, &[(&spec).into(), tenant.into(), id.into()]).await?;
        Ok(())
    }

    /// Ends a running analysis without a result: `state` is failed or cancelled.
    pub async fn end(&self, tenant: &str, id: &str, state: &State, at: Timestamp) -> Result<(), DatabaseError> {
        let (name, failure) = match state {
            State::Failed(failure) => ("failed", failure),
            State::Cancelled(failure) => ("cancelled", failure),
            State::Running | State::Succeeded(_) => {
                return Err(DatabaseError::Corrupt(format!("{state:?} as an end without a result")));
            }
        };
        let sql = "UPDATE analyses SET state = $1, error_code = $2, error_reason = $3, error = $4, ended = $5 \
                   WHERE tenant = $6 AND id = $7 AND state = 'running'";
        let values = [
            name.into(),
            code_name(failure.code).into(),
            failure.reason.as_str().into(),
            (&failure.message).into(),
            at.as_millis().into(),
            tenant.into(),
            id.into(),
        ];
        self.0.execute(sql, &values).await?;
        Ok(())
    }

    /// Stores a result and ends its running analysis with it, both or neither.
    pub async fn succeed(&self, tenant: &str, found: &Found) -> Result<(), DatabaseError> {
        let mut tx = self.0.begin().await?;
        let hash = found.hash.to_string();
        let sql = "UPDATE analyses SET state = 'succeeded', result = $1, ended = $2 \
                   WHERE tenant = $3 AND id = $4 AND state = 'running' RETURNING key";
        let created = found.created.as_millis();
        let values = [(&hash).into(), created.into(), tenant.into(), (&found.analysis).into()];
        let Some(analysis) = tx.first::<i64>(sql, &values).await? else { return Ok(()) };
        let sql = "INSERT INTO contents (sha256, json) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        tx.execute(sql, &[(&hash).into(), found.json.as_bytes().into()]).await?;
        let sql = "INSERT INTO results (tenant, analysis, sha256, method, method_version, component, engine_version, \
                   class, created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let component = found.component.map(|component| component.to_string());
        let values = [
            tenant.into(),
            analysis.into(),
            (&hash).into(),
            (&found.method).into(),
            (&found.method_version).into(),
            (&component).into(),
            (&found.engine_version).into(),
            class_name(found.class).into(),
            created.into(),
        ];
        tx.execute(sql, &values).await?;
        tx.commit().await
    }

    /// Ends every analysis of every tenant that is still running, whoever runs it; returns how many
    /// there were.
    pub async fn interrupt(&self, failure: &Failure, at: Timestamp) -> Result<u64, DatabaseError> {
        let sql = "UPDATE analyses SET state = 'failed', error_code = $1, error_reason = $2, error = $3, ended = $4 \
                   WHERE state = 'running'";
        let (code, reason) = (code_name(failure.code), failure.reason.as_str());
        self.0.execute(sql, &[code.into(), reason.into(), (&failure.message).into(), at.as_millis().into()]).await
    }

    /// The result of that hash, of one analysis or, with `None`, of the newest that found it.
    pub async fn result(
        &self,
        tenant: &str,
        analysis: Option<&str>,
        hash: Sha256Hash,
    ) -> Result<Option<Found>, DatabaseError> {
        let List { rows, columns, .. } = RESULTS;
        let sql = format!(
            "SELECT {columns} FROM {rows} WHERE t.tenant = $1 AND t.sha256 = $2 AND ($3 IS NULL OR a.id = $3) \
             ORDER BY t.key DESC LIMIT 1"
        );
        let hash = hash.to_string();
        self.0.first(AssertSqlSafe(sql), &[tenant.into(), (&hash).into(), analysis.into()]).await
    }

    /// The tenant's results, all or those of one analysis.
    pub async fn results(
        &self,
        tenant: &str,
        analysis: Option<&str>,
        slice: Slice,
    ) -> Result<Listed<Found>, DatabaseError> {
        match analysis {
            None => self.list(RESULTS, "t.tenant = $1", &[tenant.into()], slice).await,
            Some(id) => self.list(RESULTS, "t.tenant = $1 AND a.id = $2", &[tenant.into(), id.into()], slice).await,
        }
    }
}

/// False where the id or the request is not new; it waits for whoever is adding them.
async fn add(
    tx: &mut Transaction,
    tenant: &str,
    analysis: &Analysis,
    request: Option<RequestKey<'_>>,
) -> Result<bool, DatabaseError> {
    let sql = "INSERT INTO analyses (tenant, id, round, snapshot, spec, state, created) \
               VALUES ($1, $2, $3, $4, $5, 'running', $6) ON CONFLICT DO NOTHING RETURNING key";
    let (snapshot, spec) = (analysis.spec.snapshot.hash.to_string(), canonical::json(&analysis.spec));
    let values = [
        tenant.into(),
        (&analysis.id).into(),
        (&analysis.spec.snapshot.round).into(),
        (&snapshot).into(),
        (&spec).into(),
        analysis.created.as_millis().into(),
    ];
    let Some(key) = tx.first::<i64>(sql, &values).await? else { return Ok(false) };
    let Some(request) = request else { return Ok(true) };
    let sql = "INSERT INTO requests (tenant, request_id, fingerprint, analysis) VALUES ($1, $2, $3, $4) \
               ON CONFLICT DO NOTHING";
    let fingerprint = request.fingerprint.to_string();
    Ok(tx.execute(sql, &[tenant.into(), request.id.into(), (&fingerprint).into(), key.into()]).await? == 1)
}
