//! What one participant says, as it is submitted, and what becomes of many of them.

use std::collections::BTreeMap;

use folkmoot_client::{Folkmoot, ingest};
use folkmoot_core::canonical::Hasher;
use folkmoot_core::{Fault, Violation};
use folkmoot_proto::response::{Answer, Rejection, SubmitResponsesRequest};
use prost::Message as _;

use crate::failure::Failure;
use crate::out::Session;

/// Most answers of one submission.
pub(crate) const MAX_ANSWERS: usize = 1_000;

/// A submission whose request id follows from all it says: sending it again changes nothing.
pub(crate) fn submission(
    round: &str,
    participant: &str,
    attributes: BTreeMap<String, String>,
    weight: Option<f64>,
    answers: Vec<Answer>,
) -> SubmitResponsesRequest {
    let mut request = SubmitResponsesRequest {
        round: round.to_owned(),
        participant: participant.to_owned(),
        attributes,
        weight,
        answers,
        ..Default::default()
    };
    let id = Hasher::new("folkmoot/cli/submission/v1").field(&request.encode_to_vec()).finish();
    request.request_id = id.to_string();
    request
}

/// Sends all `submissions`, of which there are about `expected`; returns how many were accepted and the refused.
pub(crate) async fn send(
    folkmoot: &mut Folkmoot,
    submissions: impl IntoIterator<Item = SubmitResponsesRequest, IntoIter: Send>,
    expected: u64,
    session: &mut Session<'_, '_>,
) -> Result<folkmoot_client::Ingested, Failure> {
    let bar = session.bar("submitting");
    let progress = |sent: u64| bar.set(sent as f64 / expected.max(1) as f64, format!("{sent} submissions"));
    Ok(ingest(&mut folkmoot.responses, submissions, progress).await?)
}

/// Why a submission was refused.
pub(crate) fn why(rejection: &Rejection) -> Vec<Violation> {
    let Some(status) = &rejection.status else { return Vec::new() };
    let code = tonic::Code::from_i32(status.code);
    let fault: Fault =
        folkmoot_rpc::fault(&tonic::Status::with_details(code, status.message.clone(), status.encode_to_vec().into()));
    match fault.violations.is_empty() {
        true => vec![Violation::new("", fault.reason, fault.message)],
        false => fault.violations,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_follow_from_what_is_said() {
        let id = |weight| submission("rounds/r", "p", BTreeMap::new(), weight, Vec::new()).request_id;
        assert_eq!(id(None), id(None));
        assert_ne!(id(None), id(Some(2.0)));
        assert_eq!(id(None).len(), 64);
    }
}
