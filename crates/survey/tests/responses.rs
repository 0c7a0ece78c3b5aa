//! What participants say: checked, stored once, acknowledged after the commit.

mod support;

use std::collections::BTreeMap;

use folkmoot_proto::response::answer::Value;
use folkmoot_proto::response::*;
use folkmoot_proto::survey::{ItemKind, Round};
use prost::Message;
use support::{Home, REVISION, Running, answer, for_tenant, homes, item, seen, start, submission};
use tonic::Code;

const ROUND: &str = "rounds/r";

fn rank(order: &str) -> Value {
    Value::Ranking(Ranking { order: order.into(), unacceptable: None })
}

fn vote(vote: i32) -> Value {
    Value::Vote(vote)
}

async fn opened(home: &Home, supersede_allowed: bool) -> Running {
    let mut running = start(home).await;
    let round = Round { spec_revision: REVISION.into(), supersede_allowed, ..Round::default() };
    let mut scale = item(ItemKind::Scale, &[]);
    scale.scale = Some(folkmoot_proto::survey::ScaleRange { min: 0.0, max: 10.0 });
    let mut must = item(ItemKind::Vote, &[]);
    must.required = true;
    let mut question = item(ItemKind::Scale, &[]);
    question.about = "rank".into();
    let items = vec![
        ("must", must),
        ("rank", item(ItemKind::Rank, &["A", "B", "C"])),
        ("scale", scale),
        ("text", item(ItemKind::Text, &[])),
        ("pair", item(ItemKind::Pair, &["A", "B"])),
        ("rubric", item(ItemKind::Rubric, &["x", "y"])),
        ("choose", item(ItemKind::Choose, &["A", "B"])),
        ("rank/importance", question),
    ];
    running.draft("r", round, items).await;
    running.open(ROUND).await;
    running
}

fn good(id: &str, participant: &str) -> SubmitResponsesRequest {
    submission(ROUND, id, participant, vec![answer("must", vote(1)), answer("rank", rank("B>A=C"))])
}

#[tokio::test]
async fn what_is_wrong_is_refused_with_every_place() {
    for home in homes() {
        let mut running = opened(&home, false).await;
        let ok = || answer("must", vote(1));
        let mut twice = answer("must", vote(2));
        twice.view = 1;
        let mut unknown_view = ok();
        unknown_view.view = 7;
        let mut empty = ok();
        empty.value = None;
        let mut heavy = ok();
        heavy.weight = Some(f64::NAN);
        let mut too_heavy = ok();
        too_heavy.weight = Some(1_000_001.0);
        let set = |ids: &[&str]| CandidateSet { candidates: ids.iter().map(|id| (*id).to_owned()).collect() };
        let flagged = |ids: &[&str]| Value::Ranking(Ranking { order: "A>B".into(), unacceptable: Some(set(ids)) });
        let rubric = |id: &str, n| Value::Rubric(Rubric { weights: BTreeMap::from([(id.to_owned(), n)]) });
        let text = |words: String| answer("text", Value::Text(words));
        let cases: Vec<(Vec<Answer>, &str, Vec<&str>)> = vec![
            (vec![], "FIELD_REQUIRED", vec!["answers", "answers"]),
            (vec![empty], "FIELD_REQUIRED", vec!["answers[0].value"]),
            (vec![unknown_view], "BAD_FIELD", vec!["answers[0].view"]),
            (vec![answer("must", vote(9))], "BAD_FIELD", vec!["answers[0].vote"]),
            (vec![ok(), answer("no", vote(1))], "UNKNOWN_ITEM", vec!["answers[1].item"]),
            (
                vec![ok(), answer("choose", Value::Choose("Z".into()))],
                "CANDIDATE_NOT_OFFERED",
                vec!["answers[1].choose"],
            ),
            (
                vec![ok(), answer("rank", flagged(&["Z"]))],
                "CANDIDATE_NOT_OFFERED",
                vec!["answers[1].ranking.unacceptable"],
            ),
            (vec![ok(), answer("rank", vote(1))], "ANSWER_KIND", vec!["answers[1].vote"]),
            (vec![answer("rank", rank("A>B"))], "ANSWER_MISSING", vec!["answers"]),
            (vec![ok(), twice], "DUPLICATE_ANSWER", vec!["answers[1].item"]),
            (vec![ok(), answer("rank", rank("A>A"))], "BAD_RANKING", vec!["answers[1].ranking.order"]),
            (vec![ok(), answer("rank", rank("A>>B"))], "BAD_RANKING", vec!["answers[1].ranking.order"]),
            (vec![ok(), answer("rank", rank("A>Z"))], "BAD_RANKING", vec!["answers[1].ranking.order"]),
            (vec![ok(), answer("pair", Value::Pair("A".into()))], "BAD_RANKING", vec!["answers[1].pair"]),
            (vec![ok(), answer("scale", Value::Scale(f64::NAN))], "BAD_NUMBER", vec!["answers[1].scale"]),
            (vec![ok(), answer("scale", Value::Scale(f64::INFINITY))], "BAD_NUMBER", vec!["answers[1].scale"]),
            (vec![ok(), answer("scale", Value::Scale(11.0))], "BAD_NUMBER", vec!["answers[1].scale"]),
            (vec![ok(), answer("rubric", rubric("x", i32::MAX))], "BAD_NUMBER", vec!["answers[1].rubric"]),
            (vec![heavy], "BAD_NUMBER", vec!["answers[0].weight"]),
            (vec![too_heavy], "BAD_NUMBER", vec!["answers[0].weight"]),
            (vec![ok(), text("x".repeat(10_001))], "TEXT_TOO_LONG", vec!["answers[1].text"]),
            (vec![ok(), text("a\0b".into())], "BAD_TEXT", vec!["answers[1].text"]),
            (
                vec![answer("no", vote(1)), answer("rank", rank("A>A")), answer("scale", Value::Scale(-1.0))],
                "UNKNOWN_ITEM",
                vec!["answers[0].item", "answers[1].ranking.order", "answers[2].scale", "answers"],
            ),
        ];
        for (answers, reason, fields) in cases {
            let sent = submission(ROUND, "id", "p", answers);
            let status = running.responses.submit_responses(sent.clone()).await.expect_err(reason);
            let want = (Code::InvalidArgument, reason, fields.into_iter().map(str::to_owned).collect());
            assert_eq!(seen(&status), want, "{sent:?}");
        }
        let mut attributes = good("id", "p");
        attributes.attributes = BTreeMap::from([("no good".into(), "v".into()), ("region".into(), "x".repeat(201))]);
        let status = running.responses.submit_responses(attributes).await.unwrap_err();
        assert_eq!(seen(&status).2, ["attributes.no good", "attributes.region"]);
        for name in ["participant", "weight"] {
            let mut taken = good("id", "p");
            taken.attributes = BTreeMap::from([(name.into(), "v".into())]);
            let status = running.responses.submit_responses(taken).await.unwrap_err();
            assert_eq!(seen(&status), (Code::InvalidArgument, "BAD_NAME", vec![format!("attributes.{name}")]));
        }
        assert_eq!(running.round(ROUND).await.response_count, 0);
    }
}

#[tokio::test]
async fn words_are_data_and_minus_zero_is_zero() {
    for home in homes() {
        let mut running = opened(&home, false).await;
        for (place, words) in ["a\u{202e}b\u{200b}", "<script>alert(1)</script>", "'; DROP TABLE answers; --", "=cmd()"]
            .into_iter()
            .enumerate()
        {
            let id = format!("p{place}");
            let mut sent = good(&id, &id);
            sent.answers.push(answer("text", Value::Text(words.into())));
            sent.answers.push(answer("scale", Value::Scale(-0.0)));
            running.responses.submit_responses(sent).await.unwrap();
        }
        assert_eq!(running.round(ROUND).await.response_count, 16);
    }
}

#[tokio::test]
async fn a_retry_gets_the_same_bytes_and_another_body_is_refused() {
    for home in homes() {
        let mut running = opened(&home, false).await;
        let first = running.responses.submit_responses(good("id", "p")).await.unwrap().into_inner();
        let again = running.responses.submit_responses(good("id", "p")).await.unwrap().into_inner();
        assert_eq!(first.encode_to_vec(), again.encode_to_vec());
        let status = running.responses.submit_responses(good("id", "q")).await.unwrap_err();
        assert_eq!(seen(&status), (Code::AlreadyExists, "IDEMPOTENCY_CONFLICT", vec![]));

        let get = GetReceiptRequest { name: "rounds/r/receipts/id".into() };
        let receipt = running.responses.get_receipt(get.clone()).await.unwrap().into_inner();
        assert_eq!(Some(receipt), first.receipt);
        let status = running.responses.get_receipt(for_tenant("lab", get)).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound);

        running.close(ROUND).await;
        let late = running.responses.submit_responses(good("id", "p")).await.unwrap().into_inner();
        assert_eq!(late.encode_to_vec(), first.encode_to_vec());
        let status = running.responses.submit_responses(good("late", "z")).await.unwrap_err();
        assert_eq!(seen(&status), (Code::FailedPrecondition, "ROUND_CLOSED", vec![]));
    }
}

#[tokio::test]
async fn a_thousand_parallel_retries_are_stored_once() {
    for home in homes() {
        let mut running = opened(&home, false).await;
        let calls: Vec<_> = (0..1000)
            .map(|_| {
                let mut client = running.responses.clone();
                tokio::spawn(async move { client.submit_responses(good("id", "p")).await })
            })
            .collect();
        let mut receipts = std::collections::HashSet::new();
        for call in calls {
            receipts.insert(call.await.unwrap().unwrap().into_inner().encode_to_vec());
        }
        assert_eq!(receipts.len(), 1);
        let round = running.round(ROUND).await;
        assert_eq!((round.participant_count, round.response_count), (1, 2));
    }
}

#[tokio::test]
async fn an_answer_is_replaced_only_where_the_round_allows_it() {
    for supersede in [false, true] {
        for home in homes() {
            let mut running = opened(&home, supersede).await;
            running.responses.submit_responses(good("one", "p")).await.unwrap();
            let again = submission(ROUND, "two", "p", vec![answer("rank", rank("C>A"))]);
            let outcome = running.responses.submit_responses(again).await;
            match outcome {
                Ok(_) => assert!(supersede),
                Err(status) => {
                    let want = (Code::AlreadyExists, "ANSWER_EXISTS", vec!["answers[0].item".to_owned()]);
                    assert!(!supersede);
                    assert_eq!(seen(&status), want);
                }
            }
            assert_eq!(running.round(ROUND).await.response_count, 2);
        }
    }
}

#[tokio::test]
async fn what_the_state_forbids_is_refused() {
    for home in homes() {
        let mut running = opened(&home, false).await;
        let mut old = good("id", "p");
        old.spec_revision = "specs/charter/revisions/r0".into();
        let status = running.responses.submit_responses(old).await.unwrap_err();
        assert_eq!(seen(&status).1, "SPEC_SUPERSEDED");
        let details = tonic_types::StatusExt::get_error_details(&status);
        assert_eq!(details.error_info().unwrap().metadata["current_revision"], REVISION);

        let status = running.responses.submit_responses(for_tenant("lab", good("id", "p"))).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound);

        running.draft("draft", Round::default(), vec![("v", item(ItemKind::Vote, &[]))]).await;
        let early = submission("rounds/draft", "id", "p", vec![answer("v", vote(1))]);
        let status = running.responses.submit_responses(early).await.unwrap_err();
        assert_eq!(seen(&status), (Code::FailedPrecondition, "ROUND_NOT_OPEN", vec![]));
    }
}

#[tokio::test]
async fn a_stream_goes_on_behind_what_it_refuses() {
    for home in homes() {
        let mut running = opened(&home, false).await;
        let messages = (1..=100).map(|sequence| {
            let id = format!("p{sequence}");
            let mut sent = good(&id, &id);
            if sequence > 1 {
                sent.round.clear();
            }
            if sequence == 50 {
                sent.answers[1].value = Some(rank("A>A"));
            }
            IngestResponsesRequest { sequence, submission: Some(sent) }
        });
        let messages: Vec<_> = messages.collect();
        let answer = running.responses.ingest_responses(tokio_stream::iter(messages)).await.unwrap();
        let mut acks = answer.into_inner();
        let (mut last, mut rejections) = (IngestResponsesResponse::default(), Vec::new());
        while let Some(ack) = acks.message().await.unwrap() {
            assert!(ack.up_to_sequence > last.up_to_sequence);
            rejections.extend(ack.rejections.clone());
            last = ack;
        }
        assert_eq!((last.up_to_sequence, last.accepted_count), (100, 99));
        let [rejection] = rejections.as_slice() else { panic!("{rejections:?}") };
        let status = rejection.status.clone().unwrap();
        assert_eq!((rejection.sequence, status.code), (50, Code::InvalidArgument as i32));
        assert!(!status.details.is_empty());
        assert_eq!(running.round(ROUND).await.participant_count, 99);
    }
}

#[tokio::test]
async fn withdrawing_leaves_nothing_that_can_be_tested() {
    for home in homes() {
        let mut running = opened(&home, false).await;
        running.responses.submit_responses(good("id", "p")).await.unwrap();
        running.responses.submit_responses(good("other", "q")).await.unwrap();
        let withdraw =
            WithdrawResponsesRequest { round: ROUND.into(), participant: "p".into(), request_id: "w".into() };
        for _ in 0..2 {
            let answer = running.responses.withdraw_responses(withdraw.clone()).await.unwrap().into_inner();
            assert_eq!(answer.withdrawn_count, 2);
        }
        let get = GetReceiptRequest { name: "rounds/r/receipts/id".into() };
        let status = running.responses.get_receipt(get).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound);

        // The same request id does not say of another participant that they withdrew.
        let another = WithdrawResponsesRequest { participant: "q".into(), ..withdraw };
        let status = running.responses.withdraw_responses(another).await.unwrap_err();
        assert_eq!(seen(&status), (Code::AlreadyExists, "IDEMPOTENCY_CONFLICT", vec![]));
        let round = running.round(ROUND).await;
        assert_eq!((round.participant_count, round.response_count), (1, 2));
    }
}

#[tokio::test]
async fn the_next_items_are_stable_and_questions_follow_their_item() {
    for home in homes() {
        let mut running = opened(&home, false).await;
        let ask = NextItemsRequest { round: ROUND.into(), participant: "p".into(), page_size: 100 };
        let names = |answer: NextItemsResponse| answer.items.into_iter().map(|item| item.name).collect::<Vec<_>>();
        let first = names(running.responses.next_items(ask.clone()).await.unwrap().into_inner());
        assert_eq!(first, names(running.responses.next_items(ask.clone()).await.unwrap().into_inner()));
        let place = |name: &str| first.iter().position(|other| other == name).unwrap();
        assert_eq!(place("rounds/r/items/rank") + 1, place("rounds/r/items/rank/importance"));
        running.responses.submit_responses(good("id", "p")).await.unwrap();
        let rest = running.responses.next_items(NextItemsRequest { page_size: 0, ..ask }).await.unwrap().into_inner();
        assert_eq!((rest.items.len(), rest.remaining), (1, 5));
    }
}
