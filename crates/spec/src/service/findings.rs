//! Findings: results of the method `disagreement`, read against a revision's positions.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use folkmoot_core::canonical::Hasher;
use folkmoot_core::{Fault, Item, Reason};
use folkmoot_proto::longrunning::Operation;
use folkmoot_proto::spec as wire;
use folkmoot_rpc::page::Page;
use folkmoot_rpc::{Task, idempotency, names as rpc_names};

use super::{List, Plan, SpecService, Write};
use crate::check::Check;
use crate::model::{Finding, Position};
use crate::report::{self, Compared};
use crate::store::{Effect, Place};
use crate::{convert, names};

const MAX_RESULTS: usize = 100;

/// A result that was read, and what its comparisons belong to.
struct Source<'a> {
    name: &'a str,
    hash: &'a str,
    snapshot: String,
    round: String,
    simulated: bool,
    positions: Vec<Position>,
    items: BTreeMap<String, Item>,
    anchors: &'a HashSet<String>,
}

impl SpecService {
    pub(crate) async fn derive_findings(
        &self,
        tenant: &str,
        message: wire::DeriveFindingsRequest,
    ) -> Result<Operation, Fault> {
        let mut check = Check::of_request(&message.request_id);
        let spec = check.name("parent", "specs/*", &message.parent).map(|[spec]| spec);
        let revision = check.name::<2>("revision", "specs/*/revisions/*", &message.revision);
        if let (Some(spec), Some([of, _])) = (spec, revision)
            && of != spec
        {
            check.add("revision", Reason::BadField, format!("is a revision of {of:?}, not of {spec:?}"));
        }
        match message.results.len() {
            0 => check.add("results", Reason::FieldRequired, "at least one result is needed"),
            1..=MAX_RESULTS => {}
            more => {
                check.add("results", Reason::BadField, format!("{more} results, at most {MAX_RESULTS} are allowed"))
            }
        }
        for (index, result) in message.results.iter().enumerate() {
            check.name::<2>(&format!("results[{index}]"), "analyses/*/results/*", result);
        }
        check.done()?;
        let Some([spec, revision]) = revision else { return Err(super::revisions::unread()) };
        self.spec(tenant, spec).await?;
        let revision = self.revision(tenant, spec, revision).await?.id;

        let fingerprint = idempotency::fingerprint("DeriveFindings", &message);
        let first = wire::DeriveFindingsMetadata::default();
        let (service, tenant, spec) = (self.clone(), tenant.to_owned(), spec.to_owned());
        let (owner, request_id) = (tenant.clone(), message.request_id.clone());
        let work = |task: Task<wire::DeriveFindingsMetadata>| async move {
            let at = Place { tenant: &tenant, spec: &spec, revision: &revision };
            service.derive(at, &message, &task).await
        };
        self.context().operations.start(&owner, "spec", &request_id, fingerprint, first, work)
    }

    async fn derive(
        &self,
        at: Place<'_>,
        message: &wire::DeriveFindingsRequest,
        task: &Task<wire::DeriveFindingsMetadata>,
    ) -> Result<wire::DeriveFindingsResponse, Fault> {
        let write = Write::new(at.tenant, "DeriveFindings", &message.request_id, message);
        if let Some(answer) = self.before(&write).await? {
            return Ok(answer);
        }
        let mut derived = Vec::new();
        let count = message.results.len() as f64;
        for (index, result) in message.results.iter().enumerate() {
            if task.is_cancelled() {
                return Err(task.cancelled());
            }
            derived.extend(self.derive_one(at, result, &format!("results[{index}]")).await?);
            task.progress(wire::DeriveFindingsMetadata { fraction: (index + 1) as f64 / count });
        }
        let derived = &derived;
        self.write(write, || self.plan_findings(at, derived)).await
    }

    /// Adds the findings that are not there yet, and answers with all of them as they are kept.
    async fn plan_findings(
        &self,
        at: Place<'_>,
        derived: &[Finding],
    ) -> Result<Plan<wire::DeriveFindingsResponse>, Fault> {
        let spec = self.spec(at.tenant, at.spec).await?;
        let (mut effects, mut changed, mut findings) = (Vec::new(), Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for finding in derived.iter().filter(|finding| seen.insert(&finding.id)) {
            if let Some(kept) = self.store().finding(at.tenant, at.spec, &finding.id).await? {
                findings.push(convert::finding(at.spec, &kept));
                continue;
            }
            effects.push(Effect::AddFinding(finding.clone()));
            changed.push(names::finding(at.spec, &finding.id));
            findings.push(convert::finding(at.spec, finding));
        }
        let answer = wire::DeriveFindingsResponse { findings };
        Ok(Plan { spec: spec.id, version: Some(spec.version), effects, changed, answer })
    }

    async fn derive_one(&self, at: Place<'_>, name: &str, field: &str) -> Result<Vec<Finding>, Fault> {
        let refuse = |message: String| Fault::field(field, Reason::BadField, message);
        let [_, hash] = rpc_names::parse(field, "analyses/*/results/*", name)?;
        let result = self.result(at.tenant, name).await?;
        if result.method != report::METHOD {
            let message = format!("is a result of {:?}; findings are made of {:?}", result.method, report::METHOD);
            return Err(refuse(message));
        }
        let Ok([round, _]) = rpc_names::parse::<2>(field, "rounds/*/snapshots/*", &result.snapshot) else {
            return Err(refuse(format!("is over {:?}, which is no sealed snapshot of a round", result.snapshot)));
        };
        let compared = report::read(&result.json).map_err(|error| refuse(error.to_string()))?;

        let wanted: BTreeSet<(&str, &str)> = compared.iter().map(|one| (round, one.item.as_str())).collect();
        let hashes = self.store().hashes(at).await?;
        let source = Source {
            name,
            hash,
            simulated: self.is_simulated(at.tenant, &result.snapshot).await?,
            positions: self.positions_of(at, round).await?,
            items: self.items(at.tenant, &wanted).await?,
            round: round.to_owned(),
            snapshot: result.snapshot.clone(),
            anchors: &hashes.into_iter().map(|(anchor, _)| anchor).collect(),
        };
        compared.into_iter().map(|one| self.finding(at, &source, one).map_err(refuse)).collect()
    }

    /// Every position of a revision on a round.
    async fn positions_of(&self, at: Place<'_>, round: &str) -> Result<Vec<Position>, Fault> {
        let all = Page { limit: usize::MAX, after: None };
        Ok(self.store().positions(at, Some(round), &all).await?)
    }

    fn finding(&self, at: Place<'_>, source: &Source<'_>, compared: Compared) -> Result<Finding, String> {
        let item = format!("rounds/{}/items/{}", source.round, compared.item);
        let ours: Vec<&Position> = source.positions.iter().filter(|position| position.item == item).collect();
        let position = ours.iter().find(|position| position.answer == compared.position);
        if position.is_none() && !ours.is_empty() {
            let (theirs, ours) = (&compared.position, &ours[0].answer);
            return Err(format!("compares {item} with {theirs:?}, but revision {:?} says {ours:?}", at.revision));
        }
        // A position that only the result records follows from the clauses the item is about.
        let clauses = match (position, source.items.get(&item)) {
            (Some(position), _) => position.clauses.clone(),
            (None, Some(asked)) => {
                asked.clauses.iter().filter(|clause| source.anchors.contains(*clause)).cloned().collect()
            }
            (None, None) => Vec::new(),
        };
        let hasher = Hasher::new("folkmoot/finding/v1").field(source.hash.as_bytes()).field(item.as_bytes());
        let id = hasher.field(at.revision.as_bytes()).finish();
        Ok(Finding {
            id: id.to_string()[..16].to_owned(),
            revision: at.revision.to_owned(),
            class: compared.class,
            summary: report::summary(&compared),
            item,
            clauses,
            result: source.name.to_owned(),
            snapshot: source.snapshot.clone(),
            net: compared.net,
            adjusted_p: compared.adjusted_p,
            position: compared.position,
            segments: compared.segments,
            simulated: source.simulated,
            created: self.context().now(),
        })
    }

    pub(crate) async fn get_finding(
        &self,
        tenant: &str,
        message: wire::GetFindingRequest,
    ) -> Result<wire::Finding, Fault> {
        let [spec, id] = rpc_names::parse("name", "specs/*/findings/*", &message.name)?;
        let finding = self.store().finding(tenant, spec, id).await?;
        Ok(convert::finding(spec, &finding.ok_or_else(|| Fault::not_found(&message.name))?))
    }

    pub(crate) async fn list_findings(
        &self,
        tenant: &str,
        message: wire::ListFindingsRequest,
    ) -> Result<wire::ListFindingsResponse, Fault> {
        let [spec] = rpc_names::parse("parent", "specs/*", &message.parent)?;
        let class = match message.class {
            0 => None,
            number => Some(convert::finding_class(number).ok_or_else(|| {
                Fault::field("class", Reason::BadField, format!("{number} is not one of its values"))
            })?),
        };
        let list = format!("{}/findings?class={}", message.parent, message.class);
        let list = List::read(tenant, list, message.page_size, &message.page_token)?;
        self.spec(tenant, spec).await?;
        let found = self.store().findings(tenant, spec, class, &list.page).await?;
        let (findings, next_page_token) =
            list.cut(found, |finding| &finding.id, |finding| convert::finding(spec, finding));
        Ok(wire::ListFindingsResponse { findings, next_page_token })
    }
}
