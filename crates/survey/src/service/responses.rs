use std::collections::HashSet;
use std::sync::Arc;

use folkmoot_core::id::check_id;
use folkmoot_core::{Fault, Reason};
use folkmoot_proto::response::{
    GetReceiptRequest, NextItemsRequest, NextItemsResponse, Receipt, SubmitResponsesRequest, SubmitResponsesResponse,
    WithdrawResponsesRequest, WithdrawResponsesResponse,
};
use folkmoot_rpc::{idempotency, names};

use super::Service;
use crate::convert;
use crate::model::{RoundState, Submission};
use crate::next::next_items;
use crate::store::Change;
use crate::submission::{OpenedRound, check};
use crate::writer::Pending;

const MAX_NEXT: usize = 100;

impl Service {
    pub(crate) async fn submit(
        &self,
        tenant: &str,
        message: SubmitResponsesRequest,
    ) -> Result<SubmitResponsesResponse, Fault> {
        let submission = self.checked(tenant, message).await?;
        let request_id = submission.request_id.clone();
        let outcome = self.writer.submit(submission)?.outcome().await?;
        let bytes = outcome.map_err(|refusal| convert::refused(refusal, &request_id))?;
        Ok(SubmitResponsesResponse { receipt: Some(convert::decode::<Receipt>(&bytes)?) })
    }

    /// Checks a submission and queues it as soon as there is room.
    pub(crate) async fn queue(&self, tenant: &str, message: SubmitResponsesRequest) -> Result<Pending, Fault> {
        let submission = self.checked(tenant, message).await?;
        self.writer.queue(submission).await
    }

    async fn checked(&self, tenant: &str, message: SubmitResponsesRequest) -> Result<Submission, Fault> {
        let opened: Arc<OpenedRound> = self.opened(tenant, &message.round).await?;
        let checked = check(&opened, message, self.context.entropy.as_ref())?;
        if checked.violations.is_empty() {
            return Ok(checked.submission);
        }
        let mut violations = checked.violations;
        let submission = checked.submission;
        // The store would say so of a sound submission; here it joins what else is wrong.
        if !submission.missing.is_empty()
            && self.store.answered(submission.round, &submission.participant).await?.is_empty()
        {
            violations.extend(submission.missing.iter().map(|item| convert::missing(item)));
        }
        Err(Fault::invalid(violations))
    }

    pub(crate) async fn get_receipt(&self, tenant: &str, message: GetReceiptRequest) -> Result<Receipt, Fault> {
        let [round, request_id] = names::parse("name", "rounds/*/receipts/*", &message.name)?;
        let none = || Fault::not_found(&message.name);
        let round = self.store.round(tenant, round).await?.ok_or_else(none)?;
        let receipt = self.store.receipt(round.key, request_id).await?.ok_or_else(none)?;
        convert::decode(&receipt.bytes)
    }

    pub(crate) async fn withdraw(
        &self,
        tenant: &str,
        message: WithdrawResponsesRequest,
    ) -> Result<WithdrawResponsesResponse, Fault> {
        check_id("participant", &message.participant, false)?;
        // What is kept of the request must not be tested for who withdrew.
        let remembered = WithdrawResponsesRequest { participant: String::new(), ..message.clone() };
        let plan = || async {
            let round = self.round(tenant, "round", &message.round).await?;
            if round.state == RoundState::Sealed {
                return Err(Fault::precondition(Reason::RoundState, "the round is sealed; nothing can be withdrawn"));
            }
            let answered = self.store.answered(round.key, &message.participant).await?;
            let answers = i64::try_from(answered.len()).map_err(Fault::internal)?;
            let change = Change::Withdraw {
                round: round.key,
                participant: message.participant.clone(),
                answers,
                erase: convert::erased_receipt,
            };
            Ok((change, WithdrawResponsesResponse { withdrawn_count: answers }))
        };
        let answer = self.write(tenant, "WithdrawResponses", &message.request_id, &remembered, plan).await?;
        // The request id may have answered for somebody else: nobody is told so whose answers are there.
        let round = self.round(tenant, "round", &message.round).await?;
        let is_named = !message.request_id.is_empty();
        if is_named && !self.store.answered(round.key, &message.participant).await?.is_empty() {
            return Err(idempotency::conflict(&message.request_id));
        }
        Ok(answer)
    }

    pub(crate) async fn next_items(&self, tenant: &str, message: NextItemsRequest) -> Result<NextItemsResponse, Fault> {
        check_id("participant", &message.participant, false)?;
        let size = usize::try_from(message.page_size);
        let size = size.map_err(|_| Fault::field("page_size", Reason::BadField, "a page size cannot be negative"))?;
        let size = if size == 0 { 1 } else { size.min(MAX_NEXT) };
        let round = self.round(tenant, "round", &message.round).await?;
        if round.state != RoundState::Open {
            return Err(convert::not_open(round.state));
        }
        let opened = self.opened(tenant, &message.round).await?;
        let answered = self.store.answered(round.key, &message.participant).await?;
        let answered: HashSet<i64> = answered.into_iter().collect();
        let next = next_items(&round.id, &message.participant, &opened.items, &answered);
        let items: Vec<_> = next.iter().take(size).map(|stored| convert::item(&round.id, &stored.item)).collect();
        let remaining = i32::try_from(next.len() - items.len()).unwrap_or(i32::MAX);
        Ok(NextItemsResponse { items, remaining })
    }
}
