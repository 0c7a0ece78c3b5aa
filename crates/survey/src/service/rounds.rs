use std::collections::BTreeMap;

use folkmoot_core::id::check_id;
use folkmoot_core::{Fault, Reason, Violation, text};
use folkmoot_proto::survey::{
    CloseRoundRequest, CreateRoundRequest, DeleteRoundRequest, ListRoundsRequest, ListRoundsResponse, OpenRoundRequest,
    Round as WireRound, UpdateRoundRequest,
};
use folkmoot_rpc::{etag, page};

use super::{Service, after, cut};
use crate::convert;
use crate::model::{Round, RoundState};
use crate::store::{Change, Place};

const MAX_TITLE_CHARS: usize = 500;
const MAX_DISCLOSURES: usize = 100;
const FIELDS: [&str; 6] = ["title", "description", "spec_revision", "simulated", "supersede_allowed", "disclosure"];
/// What opening fixes.
const FIXED: [&str; 3] = ["spec_revision", "simulated", "supersede_allowed"];

impl Service {
    pub(crate) async fn create_round(&self, tenant: &str, message: CreateRoundRequest) -> Result<WireRound, Fault> {
        self.write(tenant, "CreateRound", &message.request_id, &message, || async {
            let mut violations = Vec::new();
            if !message.round_id.is_empty() {
                let bad = check_id("round_id", &message.round_id, false).err();
                violations.extend(bad.into_iter().flat_map(|fault| fault.violations));
            }
            let wire = message.round.clone().unwrap_or_default();
            let words = Words::read(&wire, &mut violations);
            if !violations.is_empty() {
                return Err(Fault::invalid(violations));
            }
            let revision = self.specs.revision(tenant, &wire.spec_revision).await?;
            let id = if message.round_id.is_empty() { self.context.new_id() } else { message.round_id.clone() };
            let round = Round {
                key: 0,
                id,
                title: words.title,
                description: words.description,
                spec_revision: revision.name,
                spec_text_hash: revision.text_hash,
                state: RoundState::Draft,
                simulated: wire.simulated,
                supersede_allowed: wire.supersede_allowed,
                disclosure: words.disclosure,
                created: self.context.now(),
                opened: None,
                closed: None,
                item_count: 0,
                participant_count: 0,
                response_count: 0,
                snapshot: None,
                version: 1,
                changes: 1,
            };
            let answer = convert::round(&round);
            Ok((Change::AddRound(round), answer))
        })
        .await
    }

    pub(crate) async fn list_rounds(
        &self,
        tenant: &str,
        message: ListRoundsRequest,
    ) -> Result<ListRoundsResponse, Fault> {
        let page = page::page(message.page_size, &message.page_token, tenant, "rounds")?;
        let found = self.store.rounds(tenant, after(&page)?, page.limit + 1).await?;
        let (rounds, next) = cut(found, page.limit, |round| round.key, convert::round);
        let next_page_token = next.map(|key| page::token(tenant, "rounds", &key.to_string())).unwrap_or_default();
        Ok(ListRoundsResponse { rounds, next_page_token })
    }

    pub(crate) async fn update_round(&self, tenant: &str, message: UpdateRoundRequest) -> Result<WireRound, Fault> {
        let paths = message.update_mask.as_ref().map(|mask| mask.paths.as_slice()).unwrap_or_default();
        if paths.is_empty() {
            return Err(Fault::field("update_mask", Reason::FieldRequired, "the mask must name what to change"));
        }
        if let Some(path) = paths.iter().find(|path| !FIELDS.contains(&path.as_str())) {
            return Err(Fault::field("update_mask", Reason::BadField, format!("{path:?} cannot be changed")));
        }
        let wire = message.round.clone().unwrap_or_default();
        let named = |field: &str| paths.iter().any(|path| path == field);
        self.write(tenant, "UpdateRound", &message.request_id, &message, || async {
            let mut round = self.round(tenant, "round.name", &wire.name).await?;
            etag::check(&wire.etag, &round.version.to_string(), "the round")?;
            if round.state != RoundState::Draft
                && let Some(fixed) = FIXED.into_iter().find(|field| named(field))
            {
                return Err(opened(&format!("{fixed} is fixed since the round was opened")));
            }
            let mut violations = Vec::new();
            let words = Words::read(&wire, &mut violations);
            if !violations.is_empty() {
                return Err(Fault::invalid(violations));
            }
            if named("title") {
                round.title = words.title;
            }
            if named("description") {
                round.description = words.description;
            }
            if named("disclosure") {
                round.disclosure = words.disclosure;
            }
            if named("simulated") {
                round.simulated = wire.simulated;
            }
            if named("supersede_allowed") {
                round.supersede_allowed = wire.supersede_allowed;
            }
            if named("spec_revision") {
                let revision = self.specs.revision(tenant, &wire.spec_revision).await?;
                self.check_items(tenant, round.key, &revision.name).await?;
                round.spec_revision = revision.name;
                round.spec_text_hash = revision.text_hash;
            }
            Ok(change(round))
        })
        .await
    }

    pub(crate) async fn delete_round(&self, tenant: &str, message: DeleteRoundRequest) -> Result<(), Fault> {
        self.write(tenant, "DeleteRound", &message.request_id, &message, || async {
            let round = self.round(tenant, "name", &message.name).await?;
            etag::check(&message.etag, &round.version.to_string(), "the round")?;
            if round.state != RoundState::Draft {
                return Err(Fault::precondition(Reason::RoundState, "a round that was opened cannot be deleted"));
            }
            Ok((Change::DeleteRound(Place { round: round.key, version: round.version }), ()))
        })
        .await
    }

    pub(crate) async fn open_round(&self, tenant: &str, message: OpenRoundRequest) -> Result<WireRound, Fault> {
        self.write(tenant, "OpenRound", &message.request_id, &message, || async {
            let mut round = self.round(tenant, "name", &message.name).await?;
            etag::check(&message.etag, &round.version.to_string(), "the round")?;
            needs(&round, RoundState::Draft)?;
            if round.item_count == 0 {
                return Err(Fault::precondition(Reason::BadItem, "a round without items cannot be opened"));
            }
            round.state = RoundState::Open;
            round.opened = Some(self.context.now());
            Ok(change(round))
        })
        .await
    }

    pub(crate) async fn close_round(&self, tenant: &str, message: CloseRoundRequest) -> Result<WireRound, Fault> {
        self.write(tenant, "CloseRound", &message.request_id, &message, || async {
            let mut round = self.round(tenant, "name", &message.name).await?;
            etag::check(&message.etag, &round.version.to_string(), "the round")?;
            needs(&round, RoundState::Open)?;
            round.state = RoundState::Closed;
            round.closed = Some(self.context.now());
            Ok(change(round))
        })
        .await
    }

    /// Refuses a revision that lacks clauses which the round's items are about.
    async fn check_items(&self, tenant: &str, round: i64, revision: &str) -> Result<(), Fault> {
        let mut violations = Vec::new();
        for stored in self.store.items(round, None, usize::MAX).await? {
            for unknown in self.specs.unknown_clauses(tenant, revision, &stored.item).await? {
                let words = format!("item {:?}: {}", stored.item.id, unknown.message);
                violations.push(Violation::new("round.spec_revision", unknown.reason, words));
            }
        }
        if violations.is_empty() { Ok(()) } else { Err(Fault::invalid(violations)) }
    }
}

/// The change and what the round is after it.
fn change(round: Round) -> (Change, WireRound) {
    let answer = convert::round(&Round { version: round.version + 1, ..round.clone() });
    (Change::SetRound(round), answer)
}

fn needs(round: &Round, state: RoundState) -> Result<(), Fault> {
    if round.state == state {
        return Ok(());
    }
    let words = format!("the round is {}, it must be {}", round.state.name(), state.name());
    Err(Fault::precondition(Reason::RoundState, words))
}

pub(super) fn opened(words: &str) -> Fault {
    Fault::precondition(Reason::RoundOpen, words)
}

/// What people read of a round.
struct Words {
    title: String,
    description: String,
    disclosure: BTreeMap<String, String>,
}

impl Words {
    fn read(wire: &WireRound, violations: &mut Vec<Violation>) -> Self {
        let mut normal = |field: &str, words: &str, most| {
            text::normalise(field, words, most).unwrap_or_else(|violation| {
                violations.push(violation);
                String::new()
            })
        };
        let title = normal("round.title", &wire.title, MAX_TITLE_CHARS);
        let description = normal("round.description", &wire.description, text::MAX_TEXT_CHARS);
        let mut disclosure = BTreeMap::new();
        for (name, value) in wire.disclosure.iter().take(MAX_DISCLOSURES) {
            let at = format!("round.disclosure.{name}");
            disclosure.insert(normal(&at, name, MAX_TITLE_CHARS), normal(&at, value, text::MAX_TEXT_CHARS));
        }
        if wire.disclosure.len() > MAX_DISCLOSURES {
            let words = format!("at most {MAX_DISCLOSURES} disclosures are allowed");
            violations.push(Violation::new("round.disclosure", Reason::BadField, words));
        }
        Self { title, description, disclosure }
    }
}
