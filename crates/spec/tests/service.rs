//! The path from a finding to a changed sentence, and what every call keeps to.

mod common;

use std::time::Duration;

use common::{TENANT, TEXT, World, body, decide, import, propose, real_data, refusal, rewrite, start, with_spec};
use folkmoot_proto::longrunning::{Operation, operation};
use folkmoot_proto::spec::*;
use folkmoot_rpc::request;
use prost::Message;
use serde_json::json;
use tokio_stream::StreamExt;
use tonic::{Code, Status};

/// The JSON of a result that finds the public against the spec's A>B on `item`.
fn disagreement(item: &str, position: &str) -> String {
    let columns = |ids: &[&str]| ids.iter().map(|id| json!({"id": id, "label": id})).collect::<Vec<_>>();
    let items = columns(&["item", "class", "pair", "delta", "delta_low", "delta_high", "p", "n", "n_eff"]);
    let segments = columns(&["item", "segment", "delta", "delta_low", "delta_high", "n", "n_eff", "eligible"]);
    json!({
        "method": {"id": "disagreement", "version": "1.0.0"},
        "positions": {item: position},
        "report": {"tables": [
            {"id": "items", "columns": items,
             "rows": [[item, "consensus_against", "B>A", 0.24, 0.12, 0.36, 0.001, 400, 380.5]]},
            {"id": "segments", "columns": segments, "rows": [
                [item, "north", 0.3, 0.1, 0.5, 200, 190.0, true],
                [item, "south", 0.2, 0.05, 0.35, 200, 190.5, true],
                [item, "west", null, null, null, 3, null, false],
            ]},
        ]},
    })
    .to_string()
}

impl World {
    async fn derive(&self, result: &str, request_id: &str) -> Result<DeriveFindingsResponse, (i32, String)> {
        self.derive_for("r1", result, request_id).await
    }

    async fn derive_for(
        &self,
        revision: &str,
        result: &str,
        request_id: &str,
    ) -> Result<DeriveFindingsResponse, (i32, String)> {
        let message = DeriveFindingsRequest {
            parent: "specs/conduct".into(),
            revision: format!("specs/conduct/revisions/{revision}"),
            results: vec![result.into()],
            request_id: request_id.into(),
        };
        let started: Operation = call!(self.derive_findings(message)).unwrap();
        match self.wait(&started).await.result.unwrap() {
            operation::Result::Response(answer) => Ok(DeriveFindingsResponse::decode(answer.value.as_slice()).unwrap()),
            operation::Result::Error(error) => Err((error.code, error.message)),
        }
    }

    /// A position on the item `i` and the finding against it.
    async fn finding(&self) -> Finding {
        let item = self.hold_item("i", &["be_kind"]);
        let source = PositionSource::Expert.into();
        let position = Some(Position { item, answer: "A > B".into(), source, ..Default::default() });
        let parent = "specs/conduct/revisions/r1".into();
        call!(self.create_position(CreatePositionRequest { parent, position, ..Default::default() })).unwrap();
        let result = self.hold_result(&"7".repeat(64), "disagreement", disagreement("i", "A>B"));
        self.derive(&result, "").await.unwrap().findings.remove(0)
    }
}

#[tokio::test]
async fn a_finding_changes_a_sentence_and_the_sentence_says_why() {
    let world = with_spec().await;
    let finding = world.finding().await;
    assert_eq!(
        finding.summary,
        "people prefer B over A by 24 points (12 to 36) against the spec's A over B; holds in all 2 segments"
    );
    assert_eq!(
        (finding.class(), finding.clauses.as_slice()),
        (FindingClass::ConsensusAgainst, ["be_kind".into()].as_slice())
    );
    assert!(finding.simulated && finding.segments.len() == 3 && !finding.segments[2].eligible);

    let mut proposal = propose("fair", vec![body("be_kind", "Be fair to everyone.")]);
    proposal.proposal.as_mut().unwrap().findings = vec![finding.name.clone()];
    call!(world.create_proposal(proposal)).unwrap();
    let decision = world.decide("fair", Outcome::Adopted).await.unwrap();
    let markdown = "## Be brief {#be_brief authority=user}\nSay it once.";
    let insert = ClauseEdit {
        anchor: "be_kind".into(),
        edit: Some(clause_edit::Edit::InsertAfter(markdown.into())),
        ..Default::default()
    };
    world.propose("brief", vec![insert]).await.unwrap();
    world.decide("brief", Outcome::Adopted).await.unwrap();
    // The insertion was written on the old words of the clause before it, so it goes first.
    let order = ["brief", "fair"].map(|id| format!("specs/conduct/proposals/{id}")).to_vec();
    let adopt = AdoptRevisionRequest {
        parent: "specs/conduct".into(),
        revision_id: "r2".into(),
        proposals: order.clone(),
        ..Default::default()
    };
    let adopted = call!(world.adopt_revision(adopt)).unwrap();
    assert_eq!((adopted.clause_count, &adopted.proposals), (4, &order));
    assert_eq!(
        adopted.source,
        TEXT.replace("Be kind to everyone.\n", &format!("Be fair to everyone.\n\n{markdown}\n"))
    );
    let get = GetProposalRequest { name: "specs/conduct/proposals/fair".into() };
    let applied = call!(world.get_proposal(get)).unwrap();
    assert_eq!((applied.state(), applied.applied_in), (ProposalState::Applied, adopted.name.clone()));

    let trace = async |anchor: &str| {
        let name = format!("specs/conduct/revisions/head/clauses/{anchor}");
        call!(world.trace_clause(TraceClauseRequest { name })).unwrap()
    };
    let kind = trace("be_kind").await;
    assert_eq!(kind.clause.unwrap().body.trim(), "Be fair to everyone.");
    let revisions: Vec<&str> = kind.steps.iter().map(|step| step.revision.as_ref().unwrap().name.as_str()).collect();
    assert_eq!(revisions, ["specs/conduct/revisions/r2", "specs/conduct/revisions/r1"]);
    let change = kind.steps[0].change.as_ref().unwrap();
    assert_eq!(
        (change.kinds.as_slice(), &change.before.as_ref().unwrap().body),
        (["changed".into()].as_slice(), &"Be kind to everyone.\n\n".to_owned())
    );
    assert_eq!(kind.steps[0].proposal.as_ref().unwrap().name, "specs/conduct/proposals/fair");
    assert_eq!(kind.steps[0].decision.as_ref(), Some(&decision));
    assert_eq!(kind.steps[0].findings, [finding]);
    assert_eq!(kind.steps[1].change.as_ref().unwrap().kinds, ["added"]);
    assert_eq!(trace("be_brief").await.steps[0].proposal.as_ref().unwrap().name, "specs/conduct/proposals/brief");
    assert_eq!(trace("be_honest").await.steps.len(), 1);
}

#[tokio::test]
async fn findings_are_the_same_again_and_need_a_result_of_disagreement() {
    let world = with_spec().await;
    let finding = world.finding().await;
    let again = world.derive(&finding.result, "again").await.unwrap();
    assert_eq!(again.findings.as_slice(), std::slice::from_ref(&finding));
    let list = |class: FindingClass| ListFindingsRequest {
        parent: "specs/conduct".into(),
        class: class.into(),
        ..Default::default()
    };
    assert_eq!(call!(world.list_findings(list(FindingClass::ConsensusAgainst))).unwrap().findings.len(), 1);
    assert_eq!(call!(world.list_findings(list(FindingClass::Agrees))).unwrap().findings.len(), 0);

    world.import("conduct", "r2", TEXT).await.unwrap();
    let other = world.derive_for("r2", &finding.result, "").await.unwrap().findings.remove(0);
    assert_eq!(other.revision, "specs/conduct/revisions/r2");
    assert_ne!(other.name, finding.name);

    let check = async |id: &str, method: &str, json: String, want: &str| {
        let result = world.hold_result(id, method, json);
        let (code, message) = world.derive(&result, "").await.unwrap_err();
        assert!(code == Code::InvalidArgument as i32 && message.contains(want), "{message}");
    };
    check("m", "borda", disagreement("i", "A>B"), "findings are made of \"disagreement\"").await;
    check("p", "disagreement", disagreement("i", "B>A"), "revision \"r1\" says \"A>B\"").await;
    let json = disagreement("i", "A>B").replace("\"pair\"", "\"pairs\"");
    check("c", "disagreement", json, "the table \"items\" has no column \"pair\"").await;
    check("t", "disagreement", "{\"report\":{\"tables\":[]}}".into(), "no table \"segments\"").await;
    let (code, _) = world.derive("analyses/a/results/none", "").await.unwrap_err();
    assert_eq!(code, Code::NotFound as i32);
}

#[tokio::test]
async fn a_retry_gets_the_same_bytes_and_another_body_a_refusal() {
    let world = with_spec().await;
    world.hold_item("i", &[]);
    macro_rules! check {
        ($method:ident, $message:expr, $other:expr) => {
            let mut message = $message;
            message.request_id = concat!("id-", stringify!($method)).into();
            let first = call!(world.$method(message.clone())).unwrap().encode_to_vec();
            assert_eq!(call!(world.$method(message.clone())).unwrap().encode_to_vec(), first, stringify!($method));
            let other: fn(&mut _) = $other;
            other(&mut message);
            let refused = call!(world.$method(message)).unwrap_err();
            assert_eq!(refusal(&refused).1, "IDEMPOTENCY_CONFLICT", stringify!($method));
            assert_eq!(refused.code(), Code::AlreadyExists);
        };
    }
    let titled = |title: &str| Some(Spec { name: "specs/conduct".into(), title: title.into(), ..Default::default() });
    let create = CreateSpecRequest { spec_id: "s".into(), spec: titled("S"), ..Default::default() };
    check!(create_spec, create, |m: &mut CreateSpecRequest| m.spec_id = "t".into());
    let update = UpdateSpecRequest { spec: titled("New"), ..Default::default() };
    check!(update_spec, update, |m: &mut UpdateSpecRequest| m.spec.as_mut().unwrap().title.push('!'));
    check!(import_revision, import("conduct", "", "# A {#a}\nWords.\n"), |m: &mut ImportRevisionRequest| m.note =
        "x".into());
    let position = Some(Position {
        item: "rounds/round/items/i".into(),
        answer: "A>B".into(),
        source: PositionSource::Import.into(),
        ..Default::default()
    });
    let parent = "specs/conduct/revisions/head".to_owned();
    let create = CreatePositionRequest { parent: parent.clone(), position, ..Default::default() };
    let batch = BatchCreatePositionsRequest { parent, requests: vec![create.clone()], ..Default::default() };
    check!(create_position, create, |m: &mut CreatePositionRequest| m.position_id = "x".into());
    check!(batch_create_positions, batch, |m: &mut BatchCreatePositionsRequest| m.requests.clear());
    check!(create_proposal, propose("p", vec![body("a", "Better.")]), |m: &mut CreateProposalRequest| m.proposal =
        None);
    check!(update_proposal, rewrite("p", vec![body("a", "Best.")]), |m: &mut UpdateProposalRequest| m
        .proposal
        .as_mut()
        .unwrap()
        .title
        .push('!'));
    check!(decide_proposal, decide("p", Outcome::Adopted), |m: &mut DecideProposalRequest| m.reason = "other".into());
    let adopt = AdoptRevisionRequest { parent: "specs/conduct".into(), ..Default::default() };
    check!(adopt_revision, adopt, |m: &mut AdoptRevisionRequest| m.note = "x".into());
}

#[tokio::test]
async fn of_two_edits_with_one_etag_exactly_one_wins() {
    let world = with_spec().await;
    let one_wins = |first: Result<(), Status>, second: Result<(), Status>| {
        let lost = first.is_err() as u8 + second.is_err() as u8;
        assert_eq!(lost, 1);
        assert_eq!(refusal(&first.and(second).unwrap_err()).1, "ETAG_MISMATCH");
    };
    let etag = world.spec("conduct").await.etag;
    let with = |id: &str| ImportRevisionRequest { etag: etag.clone(), ..import("conduct", id, TEXT) };
    let (a, b) = tokio::join!(async { call!(world.import_revision(with("a"))).map(|_| ()) }, async {
        call!(world.import_revision(with("b"))).map(|_| ())
    });
    one_wins(a, b);

    let etag = world.propose("p", vec![body("be_kind", "Be fair.")]).await.unwrap().etag;
    let with = |words: &str| {
        let mut update = rewrite("p", vec![body("be_kind", words)]);
        update.proposal.as_mut().unwrap().etag = etag.clone();
        update
    };
    let (a, b) = tokio::join!(async { call!(world.update_proposal(with("Be good."))).map(|_| ()) }, async {
        call!(world.update_proposal(with("Be firm."))).map(|_| ())
    });
    one_wins(a, b);

    // Without an etag nobody is refused and nothing is lost.
    let imports = (0..20).map(|number| {
        let world = &world;
        async move { world.import("conduct", &format!("n{number}"), TEXT).await.unwrap() }
    });
    for revision in futures_of(imports).await {
        assert_eq!(revision.clause_count, 3);
    }
    let list = ListRevisionsRequest { parent: "specs/conduct".into(), page_size: 1_000_000_000, ..Default::default() };
    assert_eq!(call!(world.list_revisions(list)).unwrap().revisions.len(), 22);
}

/// Runs all at once.
async fn futures_of<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(|context| {
        running.retain_mut(|future| match future.as_mut().poll(context) {
            std::task::Poll::Ready(output) => {
                done.push(output);
                false
            }
            std::task::Poll::Pending => true,
        });
        if running.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done
}

#[tokio::test]
async fn lists_go_on_where_they_stopped_and_belong_to_their_tenant() {
    let world = with_spec().await;
    for number in 0..5 {
        world.import("conduct", &format!("n{number}"), TEXT).await.unwrap();
    }
    let mut message = ListRevisionsRequest { parent: "specs/conduct".into(), page_size: 4, ..Default::default() };
    let mut ids = Vec::new();
    loop {
        let page = call!(world.list_revisions(message.clone())).unwrap();
        assert!(page.revisions.len() <= 4 && page.revisions.iter().all(|revision| revision.source.is_empty()));
        ids.extend(page.revisions.into_iter().map(|revision| revision.name.rsplit('/').next().unwrap().to_owned()));
        if page.next_page_token.is_empty() {
            break;
        }
        message.page_token = page.next_page_token;
    }
    assert_eq!(ids, ["n4", "n3", "n2", "n1", "n0", "r1"]);
    let clauses = |token: &str| ListClausesRequest {
        parent: "specs/conduct/revisions/head".into(),
        page_size: 2,
        page_token: token.into(),
    };
    let first = call!(world.list_clauses(clauses(""))).unwrap();
    let rest = call!(world.list_clauses(clauses(&first.next_page_token))).unwrap();
    let anchors: Vec<_> = first.clauses.iter().chain(&rest.clauses).map(|clause| clause.anchor.as_str()).collect();
    assert_eq!((anchors, rest.next_page_token.as_str()), (vec!["conduct", "be_kind", "be_honest"], ""));
    let foreign = call!(world.list_clauses(clauses(&message.page_token))).unwrap_err();
    assert_eq!(refusal(&foreign), (Code::InvalidArgument, "BAD_PAGE_TOKEN".into(), vec!["page_token".into()]));

    let mut client = world.client.clone();
    let absent = |status: Status| assert_eq!(refusal(&status).1, "RESOURCE_NOT_FOUND");
    absent(client.get_spec(request("lab", GetSpecRequest { name: "specs/conduct".into() })).await.unwrap_err());
    absent(client.import_revision(request("lab", import("conduct", "", TEXT))).await.unwrap_err());
    absent(client.create_proposal(request("lab", propose("", vec![body("be_kind", "x")]))).await.unwrap_err());
    let parent = "specs/conduct/revisions/r1".to_owned();
    absent(client.list_clauses(request("lab", ListClausesRequest { parent, ..Default::default() })).await.unwrap_err());
    let none = client.list_specs(request("lab", ListSpecsRequest::default())).await.unwrap().into_inner();
    assert_eq!(none.specs, []);
}

#[tokio::test]
async fn a_watch_tells_what_happens_and_goes_on_at_its_cursor() {
    let world = with_spec().await;
    let watch = async |cursor: &str| {
        let message = WatchSpecRequest { name: "specs/conduct".into(), cursor: cursor.into() };
        world.client.clone().watch_spec(request(TENANT, message)).await.unwrap().into_inner()
    };
    let mut seen = watch("").await;
    let start = seen.next().await.unwrap().unwrap();
    assert_eq!(start.changed, "");
    world.import("conduct", "r2", TEXT).await.unwrap();
    world.propose("p", vec![body("be_kind", "Be fair.")]).await.unwrap();
    let wanted = ["specs/conduct/revisions/r2", "specs/conduct", "specs/conduct/proposals/p"];
    for want in wanted {
        assert_eq!(seen.next().await.unwrap().unwrap().changed, want);
    }
    let beat = tokio::time::timeout(Duration::from_secs(8), seen.next()).await.unwrap().unwrap().unwrap();
    assert!(beat.changed.is_empty() && beat.as_of.is_some());

    let mut resumed = watch(&start.cursor).await;
    assert_eq!(resumed.next().await.unwrap().unwrap().changed, "");
    for want in wanted {
        assert_eq!(resumed.next().await.unwrap().unwrap().changed, want);
    }
}

#[tokio::test]
async fn real_revisions_differ_as_counted_by_hand() {
    let (Some(from), Some(to)) = (real_data("model_spec/2025-04-11.md"), real_data("model_spec/2025-09-12.md")) else {
        println!("skipped: real data not found");
        return;
    };
    let world = start().await;
    world.create_spec("conduct").await;
    for (id, source) in [("2025-04-11", from), ("2025-09-12", to)] {
        let revision =
            call!(world.import_revision(ImportRevisionRequest { source: source.clone(), ..import("conduct", id, "") }));
        assert_eq!(revision.unwrap().source.as_bytes(), source);
    }
    let diff = call!(world.diff_revisions(DiffRevisionsRequest {
        from: "specs/conduct/revisions/2025-04-11".into(),
        to: "specs/conduct/revisions/head".into(),
    }))
    .unwrap();
    let summary = diff.summary.unwrap();
    let counts = (summary.added, summary.removed, summary.changed, summary.authority_changed);
    assert_eq!(counts, (11, 5, 41, 19));
    assert!(diff.changes.iter().rev().take(5).all(|change| change.kinds == ["removed"] && change.after.is_none()));
}
