//! The next revision, made of adopted proposals.

use std::collections::{HashMap, HashSet};

use folkmoot_core::{Fault, Reason};
use folkmoot_proto::spec as wire;
use folkmoot_rpc::etag;

use super::edits::{Head, apply};
use super::revisions::{Draft, check_new_revision_id};
use super::{Plan, SpecService, Write};
use crate::check::{Check, MAX_TITLE_CHARS};
use crate::model::{Proposal, ProposalState, Spec};
use crate::names;
use crate::store::{Effect, Place};

impl SpecService {
    pub(crate) async fn adopt_revision(
        &self,
        tenant: &str,
        message: wire::AdoptRevisionRequest,
    ) -> Result<wire::Revision, Fault> {
        let mut check = Check::of_request(&message.request_id);
        let spec = check.name("parent", "specs/*", &message.parent).map(|[spec]| spec).unwrap_or_default();
        check_new_revision_id(&mut check, &message.revision_id);
        let note = &check.text("note", &message.note, MAX_TITLE_CHARS);
        let wanted = &read_wanted(&mut check, spec, &message.proposals);
        check.done()?;

        let (id, given_etag) = (&self.id_or_new(&message.revision_id), &message.etag);
        let plan = || async move {
            let spec = self.spec(tenant, spec).await?;
            etag::check(given_etag, &spec.etag(), "the spec")?;
            let proposals = self.adopted(tenant, &spec, wanted).await?;
            self.plan_adoption(tenant, spec, id, note, proposals).await
        };
        self.write(Write::new(tenant, "AdoptRevision", &message.request_id, &message), plan).await
    }

    /// The proposals to apply, each adopted and in no revision yet.
    async fn adopted(&self, tenant: &str, spec: &Spec, wanted: &[String]) -> Result<Vec<Proposal>, Fault> {
        if wanted.is_empty() {
            let all = self.store().adopted(tenant, &spec.id).await?;
            if all.is_empty() {
                return Err(Fault::precondition(Reason::ProposalState, "no adopted proposal waits for a revision"));
            }
            return Ok(all);
        }
        let mut proposals = Vec::with_capacity(wanted.len());
        for id in wanted {
            let proposal = self.proposal(tenant, &spec.id, id).await?;
            if proposal.state != ProposalState::Adopted {
                let state = proposal.state.name().replace('_', " ");
                let message = format!("the proposal {id:?} is {state}; only adopted ones make a revision");
                return Err(Fault::precondition(Reason::ProposalState, message).with("proposal", id));
            }
            proposals.push(proposal);
        }
        Ok(proposals)
    }

    async fn plan_adoption(
        &self,
        tenant: &str,
        spec: Spec,
        id: &str,
        note: &str,
        proposals: Vec<Proposal>,
    ) -> Result<Plan<wire::Revision>, Fault> {
        let Some(revision) = &spec.head else {
            return Err(Fault::precondition(Reason::ProposalState, "the spec has no revision to change"));
        };
        let at = Place { tenant, spec: &spec.id, revision };
        let (mut source, mut document) = self.document(at).await?;
        // Which proposal changed a clause first, for the words of a conflict.
        let mut changed_by: HashMap<&str, &str> = HashMap::new();
        for proposal in &proposals {
            let head = Head { at, source: &source, document: &document };
            if let Err(fault) = self.check_bases(&head, &proposal.edits).await {
                return Err(conflict(fault, proposal, &changed_by));
            }
            (source, document) = apply(source, &proposal.edits).await?.map_err(|error| {
                let message = format!("the proposal {:?} cannot be applied any more: {error}", proposal.id);
                Fault::precondition(Reason::ClauseChanged, message).with("proposal", &proposal.id)
            })?;
            for edit in &proposal.edits {
                changed_by.entry(edit.change.anchor()).or_insert(&proposal.id);
            }
        }

        let ids = proposals.iter().map(|proposal| proposal.id.clone()).collect();
        let draft = Draft { id, source: &source, document: &document, proposals: ids, note };
        let mut plan = self.next_revision(tenant, spec, draft).await?;
        for proposal in proposals {
            plan.changed.push(names::proposal(&plan.spec, &proposal.id));
            let applied = Proposal { state: ProposalState::Applied, applied_in: Some(id.to_owned()), ..proposal };
            plan.effects.push(Effect::PutProposal(applied));
        }
        Ok(plan)
    }
}

/// Ids of the proposals asked for, each once and of this spec.
fn read_wanted(check: &mut Check, spec: &str, given: &[String]) -> Vec<String> {
    let mut wanted = Vec::with_capacity(given.len());
    let mut seen = HashSet::new();
    for (index, name) in given.iter().enumerate() {
        let field = format!("proposals[{index}]");
        let Some([of, id]) = check.name(&field, "specs/*/proposals/*", name) else { continue };
        if of != spec {
            check.add(&field, Reason::BadField, format!("is a proposal of {of:?}, not of {spec:?}"));
        }
        if !seen.insert(id) {
            check.add(&field, Reason::BadField, format!("{id:?} stands twice"));
        }
        wanted.push(id.to_owned());
    }
    wanted
}

/// Says which other proposal was there before, where it was one.
fn conflict(mut fault: Fault, proposal: &Proposal, changed_by: &HashMap<&str, &str>) -> Fault {
    let anchor = fault.metadata.iter().find(|(key, _)| *key == "anchor").map(|(_, anchor)| anchor.clone());
    let other = anchor.and_then(|anchor| changed_by.get(anchor.as_str()).copied());
    let message = match other {
        Some(other) => {
            format!("the proposals {other:?} and {:?} change the same clause: {}", proposal.id, fault.message)
        }
        None => format!("the proposal {:?} is out of date: {}", proposal.id, fault.message),
    };
    fault.message = message;
    let fault = fault.with("proposal", &proposal.id);
    match other {
        Some(other) => fault.with("other_proposal", other),
        None => fault,
    }
}
