//! Positions: what a revision says on an item.

use std::collections::{BTreeSet, HashSet};

use folkmoot_core::text::MAX_TEXT_CHARS;
use folkmoot_core::{Answer, Fault, Reason};
use folkmoot_proto::spec as wire;
use folkmoot_rpc::names as rpc_names;

use super::peers::unknown_item;
use super::{List, Plan, SpecService, Write, exists};
use crate::check::{Check, MAX_TITLE_CHARS};
use crate::model::Position;
use crate::store::{Effect, Place};
use crate::{convert, names};

const MAX_BATCH: usize = 10_000;
const ITEM: &str = "rounds/*/items/**";

impl SpecService {
    pub(crate) async fn create_position(
        &self,
        tenant: &str,
        message: wire::CreatePositionRequest,
    ) -> Result<wire::Position, Fault> {
        let [spec, revision] = rpc_names::parse("parent", "specs/*/revisions/*", &message.parent)?;
        let write = Write::new(tenant, "CreatePosition", &message.request_id, &message);
        if let Some(answer) = self.before(&write).await? {
            return Ok(answer);
        }
        let check = Check::of_request(&message.request_id);
        let revision = self.revision(tenant, spec, revision).await?.id;
        let at = Place { tenant, spec, revision: &revision };
        let positions = &self.read_positions(check, at, std::slice::from_ref(&message), |_| String::new()).await?;
        let plan = || async move {
            let plan = self.add_positions(at, positions).await?;
            let answer = convert::position(spec, at.revision, &positions[0]);
            Ok(Plan { answer, spec: plan.spec, version: plan.version, effects: plan.effects, changed: plan.changed })
        };
        self.write(write, plan).await
    }

    pub(crate) async fn batch_create_positions(
        &self,
        tenant: &str,
        message: wire::BatchCreatePositionsRequest,
    ) -> Result<wire::BatchCreatePositionsResponse, Fault> {
        let [spec, revision] = rpc_names::parse("parent", "specs/*/revisions/*", &message.parent)?;
        let write = Write::new(tenant, "BatchCreatePositions", &message.request_id, &message);
        if let Some(answer) = self.before(&write).await? {
            return Ok(answer);
        }
        let mut check = Check::of_request(&message.request_id);
        match message.requests.len() {
            0 => check.add("requests", Reason::FieldRequired, "at least one position is needed"),
            1..=MAX_BATCH => {}
            more => {
                check.add("requests", Reason::BadField, format!("{more} positions, at most {MAX_BATCH} are allowed"))
            }
        }
        check.done()?;
        let revision = self.revision(tenant, spec, revision).await?.id;
        let at = Place { tenant, spec, revision: &revision };
        let prefix = |index: usize| format!("requests[{index}].");
        let positions = &self.read_positions(Check::default(), at, &message.requests, prefix).await?;
        let plan = || async move {
            let plan = self.add_positions(at, positions).await?;
            let wire = positions.iter().map(|position| convert::position(spec, at.revision, position));
            let answer = wire::BatchCreatePositionsResponse { positions: wire.collect() };
            Ok(Plan { answer, spec: plan.spec, version: plan.version, effects: plan.effects, changed: plan.changed })
        };
        self.write(write, plan).await
    }

    /// The plan that adds positions to a revision.
    async fn add_positions(&self, at: Place<'_>, positions: &[Position]) -> Result<Plan<()>, Fault> {
        let spec = self.spec(at.tenant, at.spec).await?;
        for position in positions {
            if self.store().position(at, &position.id).await?.is_some() {
                return Err(exists(names::position(at.spec, at.revision, &position.id)));
            }
        }
        let add = |position: &Position| Effect::AddPosition(at.revision.to_owned(), position.clone());
        let name = |position: &Position| names::position(at.spec, at.revision, &position.id);
        Ok(Plan {
            spec: spec.id,
            version: Some(spec.version),
            effects: positions.iter().map(add).collect(),
            changed: positions.iter().map(name).collect(),
            answer: (),
        })
    }

    /// Reads positions against their items and the revision's clauses. `prefix` is the path of a
    /// request's fields.
    async fn read_positions(
        &self,
        mut check: Check,
        at: Place<'_>,
        requests: &[wire::CreatePositionRequest],
        prefix: impl Fn(usize) -> String,
    ) -> Result<Vec<Position>, Fault> {
        let mut wanted = BTreeSet::new();
        for position in requests.iter().filter_map(|request| request.position.as_ref()) {
            if let Ok([round, item]) = rpc_names::parse("", ITEM, &position.item) {
                wanted.insert((round, item));
            }
        }
        let items = self.items(at.tenant, &wanted).await?;
        let anchors: HashSet<String> = self.store().hashes(at).await?.into_iter().map(|(anchor, _)| anchor).collect();
        let created = self.context().now();

        let mut positions = Vec::with_capacity(requests.len());
        let mut ids = HashSet::new();
        for (index, request) in requests.iter().enumerate() {
            let prefix = prefix(index);
            let field = |name: &str| format!("{prefix}position.{name}");
            check.optional_id(&format!("{prefix}position_id"), &request.position_id);
            let given = request.position.clone().unwrap_or_default();
            let source = check.value(&field("source"), given.source, convert::position_source(given.source));
            let derived_by = check.text(&field("derived_by"), &given.derived_by, MAX_TITLE_CHARS);
            let rationale = check.text(&field("rationale"), &given.rationale, MAX_TEXT_CHARS);
            for (place, anchor) in given.clauses.iter().enumerate().filter(|(_, anchor)| !anchors.contains(*anchor)) {
                let message = format!("revision {:?} has no clause {anchor:?}", at.revision);
                check.add(field(&format!("clauses[{place}]")), Reason::UnknownClause, message);
            }
            if check.name::<2>(&field("item"), ITEM, &given.item).is_none() {
                continue;
            }
            let Some(item) = items.get(&given.item) else {
                check.take::<()>(Err(unknown_item(&field("item"), &given.item)));
                continue;
            };
            let answer = match Answer::parse(item, &given.answer, None) {
                Ok(answer) => answer.text(item),
                Err(violation) => {
                    check.add(field("answer"), violation.reason, violation.message);
                    continue;
                }
            };
            let clauses = match given.clauses {
                none if none.is_empty() => {
                    item.clauses.iter().filter(|anchor| anchors.contains(*anchor)).cloned().collect()
                }
                some => some,
            };
            let id = self.id_or_new(&request.position_id);
            if !ids.insert(id.clone()) {
                check.add(format!("{prefix}position_id"), Reason::BadField, format!("{id:?} stands twice"));
            }
            let Some(source) = source else { continue };
            positions.push(Position { id, item: given.item, answer, clauses, source, derived_by, rationale, created });
        }
        check.done()?;
        Ok(positions)
    }

    pub(crate) async fn get_position(
        &self,
        tenant: &str,
        message: wire::GetPositionRequest,
    ) -> Result<wire::Position, Fault> {
        let [spec, revision, id] = rpc_names::parse("name", "specs/*/revisions/*/positions/*", &message.name)?;
        let revision = self.revision(tenant, spec, revision).await?.id;
        let position = self.store().position(Place { tenant, spec, revision: &revision }, id).await?;
        let position = position.ok_or_else(|| Fault::not_found(&message.name))?;
        Ok(convert::position(spec, &revision, &position))
    }

    pub(crate) async fn list_positions(
        &self,
        tenant: &str,
        message: wire::ListPositionsRequest,
    ) -> Result<wire::ListPositionsResponse, Fault> {
        let [spec, revision] = rpc_names::parse("parent", "specs/*/revisions/*", &message.parent)?;
        let round = match message.round.as_str() {
            "" => None,
            name => Some(rpc_names::parse::<1>("round", "rounds/*", name)?[0]),
        };
        let list = format!("{}/positions?round={}", message.parent, message.round);
        let list = List::read(tenant, list, message.page_size, &message.page_token)?;
        let revision = self.revision(tenant, spec, revision).await?.id;
        let found = self.store().positions(Place { tenant, spec, revision: &revision }, round, &list.page).await?;
        let (positions, next_page_token) =
            list.cut(found, |position| &position.id, |position| convert::position(spec, &revision, position));
        Ok(wire::ListPositionsResponse { positions, next_page_token })
    }
}
