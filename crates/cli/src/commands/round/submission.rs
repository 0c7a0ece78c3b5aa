//! What one participant says, as it is submitted, and what becomes of many of them.

use std::collections::{BTreeMap, HashMap};

use folkmoot_client::{Folkmoot, ingest, wire};
use folkmoot_core::canonical::Hasher;
use folkmoot_core::{Fault, Item, Violation};
use folkmoot_formats::{Census, Import, ResponseRow};
use folkmoot_proto::response::{Answer, Rejection, SubmitResponsesRequest};
use folkmoot_snapshot::Participant;
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

/// The submission of everybody whom `census` knows to be whole, from a second reading of their file.
///
/// Whoever has more answers than one submission holds is left out, for two submissions could be half
/// refused: `too_many` is told the id and the number of answers.
pub fn submissions<'a>(
    import: Import,
    census: &'a Census,
    round: &'a str,
    mut too_many: impl FnMut(String, usize) + 'a,
) -> impl Iterator<Item = SubmitResponsesRequest> {
    let items: HashMap<String, Item> = import.items.into_iter().map(|item| (item.id.clone(), item)).collect();
    let mut people: HashMap<String, Participant> =
        import.participants.into_iter().map(|person| (person.id.clone(), person)).collect();
    census.by_participant(import.rows).filter_map(move |rows| {
        let participant = rows[0].participant.clone();
        if rows.len() > MAX_ANSWERS {
            too_many(participant, rows.len());
            return None;
        }
        let person = people.remove(&participant).unwrap_or_default();
        let answers = rows.iter().filter_map(|row| answer(&items, row)).collect();
        Some(submission(round, &participant, person.attributes, person.weight, answers))
    })
}

fn answer(items: &HashMap<String, Item>, row: &ResponseRow) -> Option<Answer> {
    let item = items.get(&row.item)?;
    Some(wire::answer(item, row.view, &row.answer, row.rationale.as_deref(), row.duration_ms, row.weight))
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
    use folkmoot_core::{Answer, View};
    use folkmoot_formats::{Rows, Source};

    use super::*;

    #[test]
    fn whoever_says_too_much_for_one_submission_is_left_out_whole() {
        let row = |participant: &str| {
            Ok(ResponseRow {
                line: 1,
                participant: participant.into(),
                item: "why".into(),
                view: View::Personal,
                answer: Answer::Text("so".into()),
                rationale: None,
                weight: None,
                duration_ms: None,
                submitted_at: None,
            })
        };
        let rows = || -> Rows {
            let said = [("few", 1), ("most", MAX_ANSWERS), ("more", MAX_ANSWERS + 1)];
            Box::new(
                said.into_iter().flat_map(move |(who, times)| std::iter::repeat_with(move || row(who)).take(times)),
            )
        };
        let item = serde_json::json!({"id": "why", "kind": "text", "prompt": "Why?"});
        let import = Import {
            source: Source::PrefLib("unread".into()),
            items: vec![serde_json::from_value(item).unwrap()],
            participants: vec![Participant { id: "few".into(), weight: Some(2.0), ..Participant::default() }],
            notes: Vec::new(),
            rows: rows(),
        };
        let census = Census::take(rows(), |_| {});
        let mut left_out = Vec::new();
        let made: Vec<SubmitResponsesRequest> =
            submissions(import, &census, "rounds/r", |who, answers| left_out.push((who, answers))).collect();
        let told: Vec<_> = made.iter().map(|s| (s.participant.as_str(), s.answers.len(), s.weight)).collect();
        assert_eq!(told, [("few", 1, Some(2.0)), ("most", MAX_ANSWERS, None)]);
        assert_eq!(left_out, [("more".to_owned(), MAX_ANSWERS + 1)]);
    }

    #[test]
    fn request_ids_follow_from_what_is_said() {
        let id = |weight| submission("rounds/r", "p", BTreeMap::new(), weight, Vec::new()).request_id;
        assert_eq!(id(None), id(None));
        assert_ne!(id(None), id(Some(2.0)));
        assert_eq!(id(None).len(), 64);
    }
}
