//! What the service asks of the spec service. Revisions never change, so their anchors are kept.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use folkmoot_core::{Fault, Item, Reason, Violation};
use folkmoot_proto::spec::spec_service_client::SpecServiceClient;
use folkmoot_proto::spec::{GetRevisionRequest, ListClausesRequest};
use folkmoot_rpc::{fault, names, request};
use tonic::transport::Channel;

/// A revision comes with its source.
const MAX_MESSAGE_BYTES: usize = 64 << 20;
const PAGE: i32 = 1000;
const KEPT: usize = 64;

/// A revision that exists.
pub(crate) struct Revision {
    /// Its name, never `head`.
    pub(crate) name: String,
    /// SHA-256 of its source in hexadecimal.
    pub(crate) text_hash: String,
}

type Anchors = Arc<HashSet<String>>;

pub(crate) struct Specs {
    client: SpecServiceClient<Channel>,
    /// By tenant and revision.
    anchors: Mutex<HashMap<(String, String), Anchors>>,
}

impl Specs {
    pub(crate) fn new(channel: Channel) -> Self {
        let client = SpecServiceClient::new(channel).max_decoding_message_size(MAX_MESSAGE_BYTES);
        Self { client, anchors: Mutex::default() }
    }

    /// The revision `name`, `head` resolved; none for the empty name.
    ///
    /// # Errors
    /// `BAD_NAME`, or `RESOURCE_NOT_FOUND` where there is no such revision.
    pub(crate) async fn revision(&self, tenant: &str, name: &str) -> Result<Revision, Fault> {
        if name.is_empty() {
            return Ok(Revision { name: String::new(), text_hash: String::new() });
        }
        let [_, _] = names::parse("round.spec_revision", "specs/*/revisions/*", name)?;
        let ask = GetRevisionRequest { name: name.to_owned() };
        let revision =
            self.client.clone().get_revision(request(tenant, ask)).await.map_err(|s| fault(&s))?.into_inner();
        Ok(Revision { name: revision.name, text_hash: revision.text_hash })
    }

    /// Every clause named by `item` that `revision` does not have, at its place in the item.
    pub(crate) async fn unknown_clauses(
        &self,
        tenant: &str,
        revision: &str,
        item: &Item,
    ) -> Result<Vec<Violation>, Fault> {
        if item.clauses.is_empty() {
            return Ok(Vec::new());
        }
        let anchors = self.anchors(tenant, revision).await?;
        let unknown = item.clauses.iter().enumerate().filter(|(_, anchor)| !anchors.contains(*anchor));
        let violation = |(place, anchor): (usize, &String)| {
            let message = match revision {
                "" => "the round is about no spec".to_owned(),
                revision => format!("{revision} has no clause {anchor:?}"),
            };
            Violation::new(format!("clauses[{place}]"), Reason::UnknownClause, message)
        };
        Ok(unknown.map(violation).collect())
    }

    async fn anchors(&self, tenant: &str, revision: &str) -> Result<Anchors, Fault> {
        if revision.is_empty() {
            return Ok(Anchors::default());
        }
        let key = (tenant.to_owned(), revision.to_owned());
        if let Some(anchors) = self.anchors.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(anchors.clone());
        }
        let mut found = HashSet::new();
        let mut page_token = String::new();
        loop {
            let ask = ListClausesRequest { parent: revision.to_owned(), page_size: PAGE, page_token };
            let answer = self.client.clone().list_clauses(request(tenant, ask)).await.map_err(|s| fault(&s))?;
            let answer = answer.into_inner();
            found.extend(answer.clauses.into_iter().map(|clause| clause.anchor));
            page_token = answer.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let anchors = Arc::new(found);
        let mut kept = self.anchors.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, anchors.clone());
        Ok(anchors)
    }
}
