//! Why a clause reads as it does.

use folkmoot_core::Fault;
use folkmoot_proto::spec as wire;
use folkmoot_rpc::names as rpc_names;
use folkmoot_spec_text::{self as text, Edit};

use super::SpecService;
use crate::model::{Change, Proposal, Revision};
use crate::store::Place;
use crate::{convert, names};

impl SpecService {
    pub(crate) async fn trace_clause(
        &self,
        tenant: &str,
        message: wire::TraceClauseRequest,
    ) -> Result<wire::TraceClauseResponse, Fault> {
        let [spec, revision, anchor] = rpc_names::parse("name", "specs/*/revisions/*/clauses/*", &message.name)?;
        let revision = self.revision(tenant, spec, revision).await?;
        let at = Place { tenant, spec, revision: &revision.id };
        let Some(clause) = self.store().clause(at, anchor).await? else {
            return Err(Fault::not_found(names::clause(spec, at.revision, anchor)));
        };
        let mut steps = Vec::new();
        for (revision, change) in self.store().changes(at, anchor).await? {
            let revision = self.revision(tenant, spec, &revision).await?;
            steps.extend(self.steps(Place { tenant, spec, revision: &revision.id }, &revision, &change).await?);
        }
        Ok(wire::TraceClauseResponse { clause: Some(convert::clause(spec, at.revision, &clause)), steps })
    }

    /// What a revision changed in a clause: a step for each proposal behind it, the latest first, or
    /// one without a proposal.
    async fn steps(&self, at: Place<'_>, revision: &Revision, change: &Change) -> Result<Vec<wire::TraceStep>, Fault> {
        let before = match &revision.parent {
            Some(parent) => {
                let clause = self.store().clause(Place { revision: parent, ..at }, &change.anchor).await?;
                clause.map(|clause| convert::clause(at.spec, parent, &clause))
            }
            None => None,
        };
        let after = self.store().clause(at, &change.anchor).await?;
        let bare = wire::TraceStep {
            revision: Some(convert::revision(at.spec, revision, String::new())),
            change: Some(wire::ClauseChange {
                anchor: change.anchor.clone(),
                kinds: change.kinds.clone(),
                before,
                after: after.map(|clause| convert::clause(at.spec, at.revision, &clause)),
            }),
            ..Default::default()
        };
        let mut steps = Vec::new();
        for id in revision.proposals.iter().rev() {
            let proposal = self.proposal(at.tenant, at.spec, id).await?;
            if touches(&proposal, &change.anchor) {
                steps.push(self.step_of(at, &proposal, bare.clone()).await?);
            }
        }
        if steps.is_empty() {
            steps.push(bare);
        }
        Ok(steps)
    }

    async fn step_of(
        &self,
        at: Place<'_>,
        proposal: &Proposal,
        bare: wire::TraceStep,
    ) -> Result<wire::TraceStep, Fault> {
        let decision = match &proposal.decision {
            Some(id) => self.store().decision(at.tenant, at.spec, id).await?,
            None => None,
        };
        let mut findings = Vec::with_capacity(proposal.findings.len());
        for id in &proposal.findings {
            let finding = self.store().finding(at.tenant, at.spec, id).await?;
            findings.extend(finding.map(|finding| convert::finding(at.spec, &finding)));
        }
        Ok(wire::TraceStep {
            proposal: Some(convert::proposal(at.spec, proposal)),
            decision: decision.map(|decision| convert::decision(at.spec, &decision)),
            findings,
            ..bare
        })
    }
}

/// Whether a proposal changes the clause or brings it in. What is inserted after a clause leaves that
/// one as it is.
fn touches(proposal: &Proposal, anchor: &str) -> bool {
    proposal.edits.iter().any(|edit| match &edit.change {
        Edit::InsertAfter { markdown, .. } => {
            text::parse(markdown.as_bytes()).is_ok_and(|inserted| inserted.clause(anchor).is_some())
        }
        other => other.anchor() == anchor,
    })
}
