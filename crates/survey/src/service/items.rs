use std::collections::HashSet;

use folkmoot_core::{Code, Fault, Item, Reason, Violation};
use folkmoot_proto::survey::{
    BatchCreateItemsRequest, BatchCreateItemsResponse, CreateItemRequest, DeleteItemRequest, GetItemRequest,
    Item as WireItem, ListItemsRequest, ListItemsResponse, UpdateItemRequest,
};
use folkmoot_rpc::{names, page};

use super::rounds::opened;
use super::{Service, after, cut};
use crate::convert;
use crate::model::{Round, RoundState, StoredItem};
use crate::store::{Change, Place};

const MAX_BATCH: usize = 10_000;
const FIELDS: [&str; 7] = ["kind", "prompt", "candidates", "clauses", "about", "scale", "required"];

impl Service {
    pub(crate) async fn create_item(&self, tenant: &str, message: CreateItemRequest) -> Result<WireItem, Fault> {
        self.write(tenant, "CreateItem", &message.request_id, &message, || async {
            let round = self.draft(tenant, "parent", &message.parent).await?;
            let requests = std::slice::from_ref(&message);
            let items = self.check_new(tenant, &round, requests, |_| String::new()).await?;
            let answer = convert::item(&round.id, &items[0]);
            Ok((Change::AddItems(place(&round), items), answer))
        })
        .await
    }

    pub(crate) async fn batch_create_items(
        &self,
        tenant: &str,
        message: BatchCreateItemsRequest,
    ) -> Result<BatchCreateItemsResponse, Fault> {
        if message.requests.len() > MAX_BATCH {
            let words = format!("at most {MAX_BATCH} items are allowed at once");
            return Err(Fault::field("requests", Reason::BadField, words));
        }
        self.write(tenant, "BatchCreateItems", &message.request_id, &message, || async {
            let round = self.draft(tenant, "parent", &message.parent).await?;
            let at = |place| format!("requests[{place}]");
            let items = self.check_new(tenant, &round, &message.requests, at).await?;
            let wire = items.iter().map(|item| convert::item(&round.id, item)).collect();
            Ok((Change::AddItems(place(&round), items), BatchCreateItemsResponse { items: wire }))
        })
        .await
    }

    pub(crate) async fn get_item(&self, tenant: &str, message: GetItemRequest) -> Result<WireItem, Fault> {
        let (round, stored) = self.find_item(tenant, "name", &message.name).await?;
        Ok(convert::item(&round.id, &stored.item))
    }

    pub(crate) async fn list_items(&self, tenant: &str, message: ListItemsRequest) -> Result<ListItemsResponse, Fault> {
        let round = self.round(tenant, "parent", &message.parent).await?;
        let list = format!("{}/items", message.parent);
        let page = page::page(message.page_size, &message.page_token, tenant, &list)?;
        let found = self.store.items(round.key, after(&page)?, page.limit + 1).await?;
        let wire = |stored: &StoredItem| convert::item(&round.id, &stored.item);
        let (items, next) = cut(found, page.limit, |stored| stored.key, wire);
        let next_page_token = next.map(|key| page::token(tenant, &list, &key.to_string())).unwrap_or_default();
        Ok(ListItemsResponse { items, next_page_token })
    }

    pub(crate) async fn update_item(&self, tenant: &str, message: UpdateItemRequest) -> Result<WireItem, Fault> {
        let paths = message.update_mask.as_ref().map(|mask| mask.paths.as_slice()).unwrap_or_default();
        if let Some(path) = paths.iter().find(|path| !FIELDS.contains(&path.as_str())) {
            return Err(Fault::field("update_mask", Reason::BadField, format!("{path:?} cannot be changed")));
        }
        let given = message.item.clone().unwrap_or_default();
        let named = |field: &str| paths.is_empty() || paths.iter().any(|path| path == field);
        self.write(tenant, "UpdateItem", &message.request_id, &message, || async {
            let (round, stored) = self.find_item(tenant, "item.name", &given.name).await?;
            check_draft(&round)?;
            let mut wire = convert::item(&round.id, &stored.item);
            if named("kind") {
                wire.kind = given.kind;
            }
            if named("prompt") {
                wire.prompt = given.prompt.clone();
            }
            if named("candidates") {
                wire.candidates = given.candidates.clone();
            }
            if named("clauses") {
                wire.clauses = given.clauses.clone();
            }
            if named("about") {
                wire.about = given.about.clone();
            }
            if named("scale") {
                wire.scale = given.scale;
            }
            if named("required") {
                wire.required = given.required;
            }
            let mut violations = Vec::new();
            match convert::read_item(&stored.item.id, wire) {
                Err(found) => violations = found,
                Ok(item) => {
                    violations.extend(self.specs.unknown_clauses(tenant, &round.spec_revision, &item).await?);
                    if let Some(about) = &item.about
                        && self.store.item(round.key, about).await?.is_none()
                    {
                        violations.push(unknown_about(about));
                    }
                    if violations.is_empty() {
                        let answer = convert::item(&round.id, &item);
                        return Ok((Change::SetItem(place(&round), item), answer));
                    }
                }
            }
            Err(Fault::invalid(violations.into_iter().map(|violation| violation.within("item")).collect()))
        })
        .await
    }

    pub(crate) async fn delete_item(&self, tenant: &str, message: DeleteItemRequest) -> Result<(), Fault> {
        self.write(tenant, "DeleteItem", &message.request_id, &message, || async {
            let (round, stored) = self.find_item(tenant, "name", &message.name).await?;
            check_draft(&round)?;
            let items = self.store.items(round.key, None, usize::MAX).await?;
            if items.iter().any(|other| other.item.about.as_ref() == Some(&stored.item.id)) {
                let words = "other items are questions about this one; delete them first";
                return Err(Fault::precondition(Reason::BadItem, words));
            }
            Ok((Change::DeleteItem(place(&round), stored.item.id), ()))
        })
        .await
    }

    async fn draft(&self, tenant: &str, field: &str, name: &str) -> Result<Round, Fault> {
        let round = self.round(tenant, field, name).await?;
        check_draft(&round)?;
        Ok(round)
    }

    async fn find_item(&self, tenant: &str, field: &str, name: &str) -> Result<(Round, StoredItem), Fault> {
        let [round, item] = names::parse(field, "rounds/*/items/**", name)?;
        let none = || Fault::not_found(name);
        let round = self.store.round(tenant, round).await?.ok_or_else(none)?;
        let stored = self.store.item(round.key, item).await?.ok_or_else(none)?;
        Ok((round, stored))
    }

    /// Checks new items with all that is wrong with any of them; `at` says where a request stands.
    async fn check_new(
        &self,
        tenant: &str,
        round: &Round,
        requests: &[CreateItemRequest],
        at: impl Fn(usize) -> String,
    ) -> Result<Vec<Item>, Fault> {
        let existing = self.store.items(round.key, None, usize::MAX).await?;
        let mut ids: HashSet<String> = existing.into_iter().map(|stored| stored.item.id).collect();
        let mut violations = Vec::new();
        let mut taken = None;
        let mut items = Vec::with_capacity(requests.len());
        for (place, request) in requests.iter().enumerate() {
            let field = |name: &str| Violation::new(name, Reason::BadItem, "").within(&at(place)).field;
            let field = |name: &str| field(name).trim_start_matches('.').to_owned();
            let item = match convert::read_item(&request.item_id, request.item.clone().unwrap_or_default()) {
                Ok(item) => item,
                Err(found) => {
                    violations.extend(found.into_iter().map(|violation| match violation.field.as_str() {
                        "id" => Violation { field: field("item_id"), ..violation },
                        inner => Violation { field: field(&format!("item.{inner}")), ..violation },
                    }));
                    continue;
                }
            };
            for unknown in self.specs.unknown_clauses(tenant, &round.spec_revision, &item).await? {
                violations.push(Violation { field: field(&format!("item.{}", unknown.field)), ..unknown });
            }
            if let Some(about) = &item.about
                && !ids.contains(about)
            {
                violations.push(Violation { field: field("item.about"), ..unknown_about(about) });
            }
            if !ids.insert(item.id.clone()) {
                taken = taken.or_else(|| Some(field("item_id")));
            }
            items.push(item);
        }
        if !violations.is_empty() {
            return Err(Fault::invalid(violations));
        }
        match taken {
            Some(field) => {
                let fault = Fault::field(field, Reason::ResourceExists, "an item of that id exists");
                Err(Fault { code: Code::AlreadyExists, ..fault })
            }
            None => Ok(items),
        }
    }
}

fn place(round: &Round) -> Place {
    Place { round: round.key, version: round.version }
}

fn check_draft(round: &Round) -> Result<(), Fault> {
    match round.state {
        RoundState::Draft => Ok(()),
        _ => Err(opened("the round's items are fixed since it was opened")),
    }
}

fn unknown_about(about: &str) -> Violation {
    Violation::new("about", Reason::BadItem, format!("the round has no item {about:?} yet"))
}
