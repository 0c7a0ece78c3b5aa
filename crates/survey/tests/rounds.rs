//! Rounds and items: designed, opened, closed, watched and sealed.

mod support;

use std::collections::BTreeMap;

use folkmoot_proto::response::Vote;
use folkmoot_proto::response::answer::Value;
use folkmoot_proto::survey::*;
use prost::Message;
use support::{Home, REVISION, Running, answer, for_tenant, homes, item, seen, start, submission};
use tonic::Code;

const ROUND: &str = "rounds/r";

async fn drafted(home: &Home) -> Running {
    let mut running = start(home).await;
    let round = Round { title: "T".into(), spec_revision: "specs/charter/revisions/head".into(), ..Round::default() };
    let round = running.draft("r", round, vec![("v", item(ItemKind::Vote, &[]))]).await;
    assert_eq!(round.spec_revision, REVISION);
    running
}

fn create(id: &str, item: Item) -> CreateItemRequest {
    CreateItemRequest { parent: ROUND.into(), item_id: id.into(), item: Some(item), request_id: String::new() }
}

#[tokio::test]
async fn items_that_cannot_be_asked_are_refused_with_their_place() {
    for home in homes() {
        let mut running = drafted(&home).await;
        let about = |clauses: &[&str]| {
            let clauses = clauses.iter().map(|clause| (*clause).to_owned()).collect();
            Item { clauses, ..item(ItemKind::Vote, &[]) }
        };
        let many: Vec<String> = (0..100_000).map(|place| place.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let cases = [
            ("i", item(ItemKind::Unspecified, &[]), "FIELD_REQUIRED", "item.kind"),
            ("i", Item { kind: 99, ..Item::default() }, "BAD_FIELD", "item.kind"),
            ("i", item(ItemKind::Rank, &["A"]), "BAD_ITEM", "item.candidates"),
            ("i", item(ItemKind::Rank, &[]), "BAD_ITEM", "item.candidates"),
            ("i", item(ItemKind::Rank, &many), "BAD_ITEM", "item.candidates"),
            ("i", item(ItemKind::Rank, &["A", "A"]), "BAD_ITEM", "item.candidates[1].id"),
            ("i", about(&["fair", "gone"]), "UNKNOWN_CLAUSE", "item.clauses[1]"),
            ("i i", item(ItemKind::Vote, &[]), "BAD_NAME", "item_id"),
            ("x/y", Item { about: "x".into(), ..item(ItemKind::Vote, &[]) }, "BAD_ITEM", "item.about"),
        ];
        for (id, wire, reason, field) in cases {
            let status = running.survey.create_item(create(id, wire)).await.expect_err(reason);
            assert_eq!(seen(&status), (Code::InvalidArgument, reason, vec![field.to_owned()]));
        }
        let requests = vec![create("a", about(&["fair"])), create("b", about(&["gone"]))];
        let batch = BatchCreateItemsRequest { parent: ROUND.into(), requests, request_id: String::new() };
        let status = running.survey.batch_create_items(batch).await.unwrap_err();
        assert_eq!(seen(&status).2, ["requests[1].item.clauses[0]"]);
        let status = running.survey.create_item(create("v", about(&[]))).await.unwrap_err();
        assert_eq!(seen(&status).1, "RESOURCE_EXISTS");
        assert_eq!(running.round(ROUND).await.item_count, 1);
    }
}

#[tokio::test]
async fn opening_fixes_items_and_what_they_are_about() {
    for home in homes() {
        let mut running = drafted(&home).await;
        running.open(ROUND).await;
        let status = running.survey.create_item(create("w", item(ItemKind::Vote, &[]))).await.unwrap_err();
        assert_eq!(seen(&status), (Code::FailedPrecondition, "ROUND_OPEN", vec![]));
        let delete = DeleteItemRequest { name: "rounds/r/items/v".into(), request_id: String::new() };
        assert_eq!(seen(&running.survey.delete_item(delete).await.unwrap_err()).1, "ROUND_OPEN");
        let mask = |path: &str| Some(prost_types::FieldMask { paths: vec![path.into()] });
        let round = Round { name: ROUND.into(), title: "New".into(), ..Round::default() };
        let update = UpdateRoundRequest { round: Some(round), update_mask: mask("simulated"), ..Default::default() };
        assert_eq!(seen(&running.survey.update_round(update.clone()).await.unwrap_err()).1, "ROUND_OPEN");
        let update = UpdateRoundRequest { update_mask: mask("title"), ..update };
        assert_eq!(running.survey.update_round(update).await.unwrap().into_inner().title, "New");
        let delete = DeleteRoundRequest { name: ROUND.into(), ..DeleteRoundRequest::default() };
        assert_eq!(seen(&running.survey.delete_round(delete).await.unwrap_err()).1, "ROUND_STATE");
    }
}

#[tokio::test]
async fn an_edit_of_what_changed_meanwhile_is_aborted() {
    for home in homes() {
        let mut running = drafted(&home).await;
        let round = running.round(ROUND).await;
        let mask = Some(prost_types::FieldMask { paths: vec!["title".into()] });
        let update = UpdateRoundRequest { round: Some(round), update_mask: mask, request_id: String::new() };
        running.survey.update_round(update.clone()).await.unwrap();
        assert_eq!(
            seen(&running.survey.update_round(update).await.unwrap_err()),
            (Code::Aborted, "ETAG_MISMATCH", vec![])
        );
    }
}

#[tokio::test]
async fn a_retry_of_a_write_gets_the_same_bytes() {
    for home in homes() {
        let mut running = start(&home).await;
        let create = CreateRoundRequest { request_id: "one".into(), ..CreateRoundRequest::default() };
        let first = running.survey.create_round(create.clone()).await.unwrap().into_inner();
        let again = running.survey.create_round(create.clone()).await.unwrap().into_inner();
        assert_eq!(first.encode_to_vec(), again.encode_to_vec());
        let other = CreateRoundRequest { round_id: "other".into(), ..create };
        assert_eq!(seen(&running.survey.create_round(other).await.unwrap_err()).1, "IDEMPOTENCY_CONFLICT");
        let unknown = Round { spec_revision: "specs/charter/revisions/r9".into(), ..Round::default() };
        let create = CreateRoundRequest { round: Some(unknown), ..CreateRoundRequest::default() };
        assert_eq!(running.survey.create_round(create).await.unwrap_err().code(), Code::NotFound);
    }
}

#[tokio::test]
async fn pages_hold_every_round_once_and_only_the_tenants() {
    for home in homes() {
        let mut running = start(&home).await;
        for place in 0..5 {
            let create = CreateRoundRequest { round_id: format!("r{place}"), ..CreateRoundRequest::default() };
            running.survey.create_round(create).await.unwrap();
        }
        let mut names = Vec::new();
        let mut page_token = String::new();
        loop {
            let ask = ListRoundsRequest { page_size: 2, page_token };
            let page = running.survey.list_rounds(ask).await.unwrap().into_inner();
            names.extend(page.rounds.into_iter().map(|round| round.name));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
            let foreign = ListRoundsRequest { page_size: 2, page_token: page_token.clone() };
            let status = running.survey.list_rounds(for_tenant("lab", foreign)).await.unwrap_err();
            assert_eq!(seen(&status).1, "BAD_PAGE_TOKEN");
        }
        assert_eq!(names, ["rounds/r4", "rounds/r3", "rounds/r2", "rounds/r1", "rounds/r0"]);
        let all = ListRoundsRequest { page_size: 1_000_000_000, page_token: String::new() };
        assert_eq!(running.survey.list_rounds(all.clone()).await.unwrap().into_inner().rounds.len(), 5);
        let theirs = running.survey.list_rounds(for_tenant("lab", all)).await.unwrap().into_inner();
        assert!(theirs.rounds.is_empty());
    }
}

#[tokio::test]
async fn a_sealed_round_is_the_same_wherever_it_ran() {
    let mut names = Vec::new();
    for reverse in [false, true] {
        for home in homes() {
            let mut running = drafted(&home).await;
            running.open(ROUND).await;
            let mut people = vec!["p", "q", "s"];
            if reverse {
                people.reverse();
            }
            for person in people {
                let mut sent = submission(ROUND, person, person, vec![answer("v", Value::Vote(Vote::Agree.into()))]);
                sent.attributes = BTreeMap::from([("region".into(), "north".into())]);
                running.responses.submit_responses(sent).await.unwrap();
            }
            running.close(ROUND).await;
            let round = running.seal(ROUND).await;
            assert_eq!(round.snapshot, running.seal(ROUND).await.snapshot);
            let get = GetSnapshotRequest { name: round.snapshot.clone() };
            let snapshot = running.survey.get_snapshot(get.clone()).await.unwrap().into_inner();
            assert_eq!((snapshot.participant_count, snapshot.response_count), (3, 3));
            assert_eq!(running.survey.get_snapshot(for_tenant("lab", get)).await.unwrap_err().code(), Code::NotFound);

            let any = round.snapshot.replace("rounds/r/", "rounds/-/");
            let mut stream =
                running.survey.read_snapshot(ReadSnapshotRequest { name: any }).await.unwrap().into_inner();
            let mut files: BTreeMap<String, usize> = BTreeMap::new();
            while let Some(piece) = stream.message().await.unwrap() {
                *files.entry(piece.file).or_default() += piece.data.len();
            }
            assert_eq!(files["manifest.json"], snapshot.manifest.len());
            assert!(files["responses.parquet"] > 0);
            names.push(round.snapshot);
        }
    }
    assert_eq!(names[0], names[1]);
}

#[tokio::test]
async fn an_empty_round_seals_to_an_empty_snapshot() {
    for home in homes() {
        let mut running = drafted(&home).await;
        let early = SealSnapshotRequest { name: ROUND.into(), request_id: String::new() };
        assert_eq!(seen(&running.survey.seal_snapshot(early).await.unwrap_err()).1, "ROUND_STATE");
        running.open(ROUND).await;
        running.close(ROUND).await;
        let name = running.seal(ROUND).await.snapshot;
        let snapshot = running.survey.get_snapshot(GetSnapshotRequest { name }).await.unwrap().into_inner();
        assert_eq!(snapshot.response_count, 0);
    }
}

#[tokio::test]
async fn a_watcher_sees_changes_and_goes_on_where_it_stopped() {
    for home in homes() {
        let mut running = drafted(&home).await;
        let watch = WatchRoundRequest { name: ROUND.into(), cursor: String::new() };
        let mut stream = running.survey.watch_round(watch.clone()).await.unwrap().into_inner();
        let first = stream.message().await.unwrap().unwrap();
        assert_eq!(first.round.unwrap().state, RoundState::Draft as i32);
        running.open(ROUND).await;
        let second = stream.message().await.unwrap().unwrap();
        assert_eq!(second.round.unwrap().state, RoundState::Open as i32);

        let again = WatchRoundRequest { cursor: first.cursor, ..watch.clone() };
        let mut stream = running.survey.watch_round(again).await.unwrap().into_inner();
        assert_eq!(stream.message().await.unwrap().unwrap().cursor, second.cursor);

        let ahead = WatchRoundRequest { cursor: "ffff".into(), ..watch };
        let mut stream = running.survey.watch_round(ahead).await.unwrap().into_inner();
        assert_eq!(seen(&stream.message().await.unwrap_err()).1, "CURSOR_EXPIRED");
    }
}

#[tokio::test]
async fn what_a_crash_left_of_a_seal_is_removed_at_start() {
    for home in homes() {
        let tenant = home.folder().join("snapshots/default");
        for name in [".sealing-x", ".sealed-y", "kept"] {
            std::fs::create_dir_all(tenant.join(name)).unwrap();
        }
        start(&home).await;
        let left: Vec<_> = std::fs::read_dir(&tenant).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["kept"]);
    }
}
