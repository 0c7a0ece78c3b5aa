//! Proposals and how they are decided.

use folkmoot_core::text::MAX_TEXT_CHARS;
use folkmoot_core::{Fault, Reason};
use folkmoot_proto::spec as wire;
use folkmoot_rpc::{etag, names as rpc_names};

use super::edits::Head;
use super::{List, Plan, SpecService, Write, exists};
use crate::check::{Check, MAX_TITLE_CHARS};
use crate::model::{Decision, Outcome, Proposal, ProposalState, Spec};
use crate::store::{Effect, Place};
use crate::{convert, names};

const FIELDS: [&str; 6] = ["title", "kind", "edits", "rationale", "findings", "author"];

impl SpecService {
    pub(crate) async fn create_proposal(
        &self,
        tenant: &str,
        message: wire::CreateProposalRequest,
    ) -> Result<wire::Proposal, Fault> {
        let mut check = Check::of_request(&message.request_id);
        let spec = check.name("parent", "specs/*", &message.parent).map(|[spec]| spec).unwrap_or_default();
        check.optional_id("proposal_id", &message.proposal_id);
        check.done()?;

        let id = &self.id_or_new(&message.proposal_id);
        let given = &message.proposal.clone().unwrap_or_default();
        let plan = || async move {
            let spec = self.spec(tenant, spec).await?;
            if self.store().proposal(tenant, &spec.id, id).await?.is_some() {
                return Err(exists(names::proposal(&spec.id, id)));
            }
            let proposal = self.read_proposal(tenant, &spec, id, given, None, &FIELDS).await?;
            Ok(put(spec, proposal))
        };
        self.write(Write::new(tenant, "CreateProposal", &message.request_id, &message), plan).await
    }

    pub(crate) async fn update_proposal(
        &self,
        tenant: &str,
        message: wire::UpdateProposalRequest,
    ) -> Result<wire::Proposal, Fault> {
        let mut check = Check::of_request(&message.request_id);
        let given = &message.proposal.clone().unwrap_or_default();
        let name = check.name("proposal.name", "specs/*/proposals/*", &given.name).unwrap_or_default();
        let mut fields: Vec<&str> = Vec::new();
        for path in message.update_mask.iter().flat_map(|mask| &mask.paths) {
            match FIELDS.iter().find(|field| *field == path) {
                Some(field) => fields.push(field),
                None => {
                    check.add("update_mask", Reason::BadField, format!("{path:?} is not one of {}", FIELDS.join(", ")))
                }
            }
        }
        check.done()?;

        let fields: &[&str] = if fields.is_empty() { &FIELDS } else { &fields };
        let plan = || async move {
            let [spec, id] = name;
            let spec = self.spec(tenant, spec).await?;
            let current = self.proposal(tenant, &spec.id, id).await?;
            etag::check(&given.etag, &current.etag(), "the proposal")?;
            needs_decision(&current)?;
            let proposal = self.read_proposal(tenant, &spec, id, given, Some(current), fields).await?;
            Ok(put(spec, proposal))
        };
        self.write(Write::new(tenant, "UpdateProposal", &message.request_id, &message), plan).await
    }

    /// Reads `fields` of a proposal; the others stay as in `current`.
    async fn read_proposal(
        &self,
        tenant: &str,
        spec: &Spec,
        id: &str,
        given: &wire::Proposal,
        current: Option<Proposal>,
        fields: &[&str],
    ) -> Result<Proposal, Fault> {
        let has = |field: &str| fields.contains(&field);
        let mut check = Check::default();
        let title = has("title")
            .then(|| check.needed_text("proposal.title", &given.title, MAX_TITLE_CHARS, Reason::FieldRequired));
        let kind = has("kind").then(|| check.value("proposal.kind", given.kind, convert::proposal_kind(given.kind)));
        let rationale = has("rationale").then(|| check.text("proposal.rationale", &given.rationale, MAX_TEXT_CHARS));
        let author = has("author").then(|| check.text("proposal.author", &given.author, MAX_TITLE_CHARS));
        let findings = match has("findings") {
            true => Some(self.read_findings(&mut check, tenant, &spec.id, &given.findings).await?),
            false => None,
        };
        let edits = match has("edits") {
            true => {
                let Some(revision) = &spec.head else {
                    let message = "the spec has no revision that a proposal could change";
                    return Err(Fault::precondition(Reason::ProposalState, message));
                };
                let at = Place { tenant, spec: &spec.id, revision };
                let (source, document) = self.document(at).await?;
                Some(self.read_edits(check, &Head { at, source: &source, document: &document }, &given.edits).await?)
            }
            false => {
                check.done()?;
                None
            }
        };
        let kind = kind.flatten();
        match current {
            Some(current) => Ok(Proposal {
                title: title.unwrap_or(current.title),
                kind: kind.unwrap_or(current.kind),
                edits: edits.unwrap_or(current.edits),
                rationale: rationale.unwrap_or(current.rationale),
                findings: findings.unwrap_or(current.findings),
                author: author.unwrap_or(current.author),
                ..current
            }),
            None => Ok(Proposal {
                id: id.to_owned(),
                title: title.unwrap_or_default(),
                kind: kind.ok_or_else(super::revisions::unread)?,
                edits: edits.unwrap_or_default(),
                rationale: rationale.unwrap_or_default(),
                findings: findings.unwrap_or_default(),
                author: author.unwrap_or_default(),
                state: ProposalState::Open,
                decision: None,
                applied_in: None,
                created: self.context().now(),
            }),
        }
    }

    /// Ids of findings that exist.
    async fn read_findings(
        &self,
        check: &mut Check,
        tenant: &str,
        spec: &str,
        given: &[String],
    ) -> Result<Vec<String>, Fault> {
        let mut findings = Vec::with_capacity(given.len());
        for (index, name) in given.iter().enumerate() {
            let field = format!("proposal.findings[{index}]");
            let Some([of, id]) = check.name(&field, "specs/*/findings/*", name) else { continue };
            if of != spec || self.store().finding(tenant, spec, id).await?.is_none() {
                check.add(field, Reason::ResourceNotFound, format!("{name} is no finding of specs/{spec}"));
                continue;
            }
            findings.push(id.to_owned());
        }
        Ok(findings)
    }

    /// The proposal, or NOT_FOUND.
    pub(super) async fn proposal(&self, tenant: &str, spec: &str, id: &str) -> Result<Proposal, Fault> {
        let proposal = self.store().proposal(tenant, spec, id).await?;
        proposal.ok_or_else(|| Fault::not_found(names::proposal(spec, id)))
    }

    pub(crate) async fn get_proposal(
        &self,
        tenant: &str,
        message: wire::GetProposalRequest,
    ) -> Result<wire::Proposal, Fault> {
        let [spec, id] = rpc_names::parse("name", "specs/*/proposals/*", &message.name)?;
        Ok(convert::proposal(spec, &self.proposal(tenant, spec, id).await?))
    }

    pub(crate) async fn list_proposals(
        &self,
        tenant: &str,
        message: wire::ListProposalsRequest,
    ) -> Result<wire::ListProposalsResponse, Fault> {
        let [spec] = rpc_names::parse("parent", "specs/*", &message.parent)?;
        let list = List::read(tenant, format!("{}/proposals", message.parent), message.page_size, &message.page_token)?;
        self.spec(tenant, spec).await?;
        let found = self.store().proposals(tenant, spec, &list.page).await?;
        let (proposals, next_page_token) =
            list.cut(found, |proposal| &proposal.id, |proposal| convert::proposal(spec, proposal));
        Ok(wire::ListProposalsResponse { proposals, next_page_token })
    }

    pub(crate) async fn decide_proposal(
        &self,
        tenant: &str,
        message: wire::DecideProposalRequest,
    ) -> Result<wire::Decision, Fault> {
        let mut check = Check::of_request(&message.request_id);
        let name = check.name("name", "specs/*/proposals/*", &message.name).unwrap_or_default();
        let outcome = check.value("outcome", message.outcome, convert::outcome(message.outcome));
        let reason = &check.needed_text("reason", &message.reason, MAX_TEXT_CHARS, Reason::ReasonRequired);
        if message.deciders.is_empty() {
            check.add("deciders", Reason::FieldRequired, "at least one is needed");
        }
        let deciders = message.deciders.iter().enumerate().map(|(index, decider)| {
            check.needed_text(&format!("deciders[{index}]"), decider, MAX_TITLE_CHARS, Reason::FieldRequired)
        });
        let deciders = &deciders.collect::<Vec<_>>();
        let dissents = message.dissents.iter().enumerate().map(|(index, dissent)| {
            check.needed_text(&format!("dissents[{index}]"), dissent, MAX_TEXT_CHARS, Reason::FieldRequired)
        });
        let dissents = &dissents.collect::<Vec<_>>();
        check.done()?;

        let outcome = outcome.ok_or_else(super::revisions::unread)?;
        let (decision_id, given_etag) = (&self.context().new_id(), &message.etag);
        let plan = || async move {
            let [spec, id] = name;
            let spec = self.spec(tenant, spec).await?;
            let proposal = self.proposal(tenant, &spec.id, id).await?;
            etag::check(given_etag, &proposal.etag(), "the proposal")?;
            may_be_decided(&proposal)?;
            if let (Outcome::Adopted, Some(revision)) = (outcome, &spec.head) {
                let at = Place { tenant, spec: &spec.id, revision };
                let (source, document) = self.document(at).await?;
                self.check_bases(&Head { at, source: &source, document: &document }, &proposal.edits).await?;
            }
            let decision = Decision {
                id: decision_id.clone(),
                proposal: id.to_owned(),
                outcome,
                reason: reason.clone(),
                deciders: deciders.clone(),
                dissents: dissents.clone(),
                created: self.context().now(),
            };
            let proposal = Proposal { state: outcome.state(), decision: Some(decision.id.clone()), ..proposal };
            let answer = convert::decision(&spec.id, &decision);
            Ok(Plan {
                version: Some(spec.version),
                changed: vec![answer.name.clone(), names::proposal(&spec.id, id)],
                effects: vec![Effect::AddDecision(decision), Effect::PutProposal(proposal)],
                spec: spec.id,
                answer,
            })
        };
        self.write(Write::new(tenant, "DecideProposal", &message.request_id, &message), plan).await
    }

    pub(crate) async fn get_decision(
        &self,
        tenant: &str,
        message: wire::GetDecisionRequest,
    ) -> Result<wire::Decision, Fault> {
        let [spec, id] = rpc_names::parse("name", "specs/*/decisions/*", &message.name)?;
        let decision = self.store().decision(tenant, spec, id).await?;
        Ok(convert::decision(spec, &decision.ok_or_else(|| Fault::not_found(&message.name))?))
    }

    pub(crate) async fn list_decisions(
        &self,
        tenant: &str,
        message: wire::ListDecisionsRequest,
    ) -> Result<wire::ListDecisionsResponse, Fault> {
        let [spec] = rpc_names::parse("parent", "specs/*", &message.parent)?;
        let list = List::read(tenant, format!("{}/decisions", message.parent), message.page_size, &message.page_token)?;
        self.spec(tenant, spec).await?;
        let found = self.store().decisions(tenant, spec, &list.page).await?;
        let (decisions, next_page_token) =
            list.cut(found, |decision| &decision.id, |decision| convert::decision(spec, decision));
        Ok(wire::ListDecisionsResponse { decisions, next_page_token })
    }
}

fn put(spec: Spec, proposal: Proposal) -> Plan<wire::Proposal> {
    let answer = convert::proposal(&spec.id, &proposal);
    let changed = vec![answer.name.clone()];
    let effects = vec![Effect::PutProposal(proposal)];
    Plan { spec: spec.id, version: Some(spec.version), effects, changed, answer }
}

/// Passes a proposal that waits for a decision, or whose adoption no revision contains yet: the text it
/// changes may have moved on.
fn may_be_decided(proposal: &Proposal) -> Result<(), Fault> {
    match proposal.state {
        ProposalState::Adopted => Ok(()),
        _ => needs_decision(proposal),
    }
}

/// Passes a proposal that waits for a decision: an open one, or one that was put off.
fn needs_decision(proposal: &Proposal) -> Result<(), Fault> {
    match proposal.state {
        ProposalState::Open | ProposalState::Deferred => Ok(()),
        state => {
            let message = format!("the proposal {:?} is decided: {}", proposal.id, state.name().replace('_', " "));
            Err(Fault::precondition(Reason::ProposalState, message).with("state", state.name()))
        }
    }
}
