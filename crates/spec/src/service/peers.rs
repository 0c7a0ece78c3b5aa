//! What is asked of the survey and the aggregation service, in the name of the tenant.

use std::collections::{BTreeMap, BTreeSet};

use folkmoot_core::{Fault, Item, Reason};
use folkmoot_proto::aggregation::aggregation_service_client::AggregationServiceClient;
use folkmoot_proto::aggregation::{GetResultRequest, Result as AnalysisResult};
use folkmoot_proto::survey::survey_service_client::SurveyServiceClient;
use folkmoot_proto::survey::{GetItemRequest, GetSnapshotRequest, ListItemsRequest};
use tonic::transport::Channel;

use super::SpecService;
use crate::convert;

/// From this many items of a round on, listing the round is cheaper than asking for each.
const LIST_FROM: usize = 8;
const ITEMS_PER_PAGE: i32 = 1000;

/// Largest answer of a peer: a result with its report.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

impl SpecService {
    fn survey(&self) -> SurveyServiceClient<Channel> {
        SurveyServiceClient::new(self.options.survey.clone()).max_decoding_message_size(MAX_ANSWER_BYTES)
    }

    /// The items of these names, as far as they exist. Names are `(round, item)` ids.
    pub(super) async fn items(
        &self,
        tenant: &str,
        wanted: &BTreeSet<(&str, &str)>,
    ) -> Result<BTreeMap<String, Item>, Fault> {
        let mut rounds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        wanted.iter().for_each(|&(round, item)| rounds.entry(round).or_default().push(item));
        let mut found = BTreeMap::new();
        for (round, items) in rounds {
            if items.len() >= LIST_FROM {
                found.extend(self.items_of(tenant, round).await?);
                continue;
            }
            for item in items {
                let name = format!("rounds/{round}/items/{item}");
                found.extend(self.item(tenant, &name).await?.map(|item| (name, item)));
            }
        }
        Ok(found)
    }

    async fn item(&self, tenant: &str, name: &str) -> Result<Option<Item>, Fault> {
        let request = folkmoot_rpc::request(tenant, GetItemRequest { name: name.to_owned() });
        match self.survey().get_item(request).await {
            Ok(item) => Ok(convert::item(item.into_inner())),
            Err(status) if status.code() == tonic::Code::NotFound => Ok(None),
            Err(status) => Err(folkmoot_rpc::fault(&status)),
        }
    }

    /// Every item of a round by name; none where there is no such round.
    async fn items_of(&self, tenant: &str, round: &str) -> Result<BTreeMap<String, Item>, Fault> {
        let mut found = BTreeMap::new();
        let mut request =
            ListItemsRequest { parent: format!("rounds/{round}"), page_size: ITEMS_PER_PAGE, ..Default::default() };
        loop {
            let page = match self.survey().list_items(folkmoot_rpc::request(tenant, request.clone())).await {
                Ok(page) => page.into_inner(),
                Err(status) if status.code() == tonic::Code::NotFound => return Ok(found),
                Err(status) => return Err(folkmoot_rpc::fault(&status)),
            };
            for item in page.items {
                let name = item.name.clone();
                found.extend(convert::item(item).map(|item| (name, item)));
            }
            if page.next_page_token.is_empty() {
                return Ok(found);
            }
            request.page_token = page.next_page_token;
        }
    }

    /// A result of the aggregation service.
    pub(super) async fn result(&self, tenant: &str, name: &str) -> Result<AnalysisResult, Fault> {
        let client = AggregationServiceClient::new(self.options.aggregation.clone());
        let request = folkmoot_rpc::request(tenant, GetResultRequest { name: name.to_owned() });
        let result = client.max_decoding_message_size(MAX_ANSWER_BYTES).get_result(request).await;
        Ok(result.map_err(|status| folkmoot_rpc::fault(&status))?.into_inner())
    }

    /// Whether a snapshot's answers are simulated.
    pub(super) async fn is_simulated(&self, tenant: &str, snapshot: &str) -> Result<bool, Fault> {
        let request = folkmoot_rpc::request(tenant, GetSnapshotRequest { name: snapshot.to_owned() });
        let snapshot = self.survey().get_snapshot(request).await.map_err(|status| folkmoot_rpc::fault(&status))?;
        Ok(snapshot.into_inner().simulated)
    }
}

/// The answer to an item that does not exist.
pub(super) fn unknown_item(field: &str, name: &str) -> Fault {
    Fault::field(field, Reason::UnknownItem, format!("{name} does not exist"))
}
