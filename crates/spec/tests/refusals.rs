//! What is refused, why, and where it stood.

mod common;

use common::{TEXT, body, decide, fact, import, propose, refusal, rewrite, start, with_spec};
use folkmoot_proto::spec::*;
use tonic::{Code, Status};

fn check<T: std::fmt::Debug>(what: &str, answer: Result<T, Status>, code: Code, reason: &str, fields: &[&str]) {
    let (got_code, got_reason, got_fields) = refusal(&answer.expect_err(what));
    assert_eq!((got_code, got_reason.as_str()), (code, reason), "{what}");
    assert_eq!(got_fields, fields, "{what}");
}

fn create(id: &str, title: &str) -> CreateSpecRequest {
    let spec = Some(Spec { title: title.into(), ..Default::default() });
    CreateSpecRequest { spec_id: id.into(), spec, request_id: String::new() }
}

#[tokio::test]
async fn specs_and_revisions() {
    let world = with_spec().await;
    let bad = Code::InvalidArgument;
    check("all at once", call!(world.create_spec(create("a b", ""))), bad, "BAD_NAME", &["spec_id", "spec.title"]);
    check("no id", call!(world.create_spec(create("", "T"))), bad, "FIELD_REQUIRED", &["spec_id"]);
    check("control", call!(world.create_spec(create("x", "T\0"))), bad, "BAD_TEXT", &["spec.title"]);
    check("taken", call!(world.create_spec(create("conduct", "T"))), Code::AlreadyExists, "RESOURCE_EXISTS", &[]);
    let get = |name: &str| GetSpecRequest { name: name.into() };
    check("name", call!(world.get_spec(get("spec/x"))), bad, "BAD_NAME", &["name"]);
    check("absent", call!(world.get_spec(get("specs/x"))), Code::NotFound, "RESOURCE_NOT_FOUND", &[]);

    let spec = Spec { name: "specs/conduct".into(), title: "T".into(), etag: "old".into(), ..Spec::default() };
    let mut stale = UpdateSpecRequest { spec: Some(spec), ..Default::default() };
    check("etag", call!(world.update_spec(stale.clone())), Code::Aborted, "ETAG_MISMATCH", &[]);
    stale.update_mask = Some(prost_types::FieldMask { paths: vec!["head_revision".into()] });
    check("mask", call!(world.update_spec(stale)), bad, "BAD_FIELD", &["update_mask"]);

    check("taken", world.import("conduct", "r1", "# Other {#o}\n").await, Code::AlreadyExists, "RESOURCE_EXISTS", &[]);
    check("head", world.import("conduct", "head", TEXT).await, bad, "BAD_NAME", &["revision_id"]);
    check("no spec", world.import("absent", "", TEXT).await, Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
    let stale = ImportRevisionRequest { etag: "old".into(), ..import("conduct", "r2", TEXT) };
    check("etag", call!(world.import_revision(stale)), Code::Aborted, "ETAG_MISMATCH", &[]);
    let diff =
        DiffRevisionsRequest { from: "specs/conduct/revisions/r1".into(), to: "specs/other/revisions/r1".into() };
    check("two specs", call!(world.diff_revisions(diff)), bad, "BAD_FIELD", &["to"]);
    let clause = GetClauseRequest { name: "specs/conduct/revisions/head/clauses/absent".into() };
    check("clause", call!(world.get_clause(clause)), Code::NotFound, "RESOURCE_NOT_FOUND", &[]);
    let watch = WatchSpecRequest { name: "specs/conduct".into(), cursor: "zz".into() };
    check("cursor", call!(world.watch_spec(watch)).map(|_| ()), bad, "BAD_PAGE_TOKEN", &["cursor"]);
}

#[tokio::test]
async fn documents() {
    let world = start().await;
    world.create_spec("conduct").await;
    let refused = async |source: &[u8], reason: &str, line: &str| {
        let request = ImportRevisionRequest { source: source.to_vec(), ..import("conduct", "", "") };
        let status = call!(world.import_revision(request)).unwrap_err();
        assert_eq!(refusal(&status), (Code::InvalidArgument, reason.to_owned(), vec!["source".to_owned()]));
        assert!(status.message().contains(line), "{status:?}");
    };
    refused(b"", "FIELD_REQUIRED", "").await;
    refused(b"# A {#a}\n\xFF\n", "BAD_DOCUMENT", "line 2").await;
    refused(b"# A {#a}\n# B {#a}\n", "BAD_DOCUMENT", "lines 1 and 2").await;
    refused(b"# A {#a}\n\nNUL: \0\n", "BAD_DOCUMENT", "line 3").await;
    refused(&vec![b' '; (16 << 20) + 1], "BAD_DOCUMENT", "").await;

    let warned = world.import("conduct", "w", "# A\n\n```\n# not a heading\n").await.unwrap();
    let codes: Vec<&str> = warned.warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!((warned.clause_count, codes), (1, vec!["missing_anchor", "unclosed_fence"]));
    let large = format!("# A {{#a}}\n{}", "x".repeat(10 << 20));
    assert_eq!(world.import("conduct", "large", &large).await.unwrap().clause_count, 1);
    let again = world.import("conduct", "again", &large).await.unwrap();
    assert_eq!(again.warnings[0].code, "same_text");
}

#[tokio::test]
async fn positions() {
    let world = with_spec().await;
    let item = world.hold_item("i", &["be_kind"]);
    let good = Position {
        item: item.clone(),
        answer: "B>A".into(),
        source: PositionSource::Expert.into(),
        ..Default::default()
    };
    let create = async |position: Position| {
        let parent = "specs/conduct/revisions/r1".into();
        let request = CreatePositionRequest { parent, position: Some(position), ..Default::default() };
        call!(world.create_position(request))
    };
    let bad = Code::InvalidArgument;
    let refused = async |position: Position, reason: &str, fields: &[&str]| {
        check(reason, create(position).await, bad, reason, fields);
    };
    refused(Position::default(), "FIELD_REQUIRED", &["position.source", "position.item"]).await;
    refused(Position { source: 99, ..good.clone() }, "BAD_FIELD", &["position.source"]).await;
    refused(Position { item: "rounds/round/items/x".into(), ..good.clone() }, "UNKNOWN_ITEM", &["position.item"]).await;
    refused(Position { item: "rounds/x/items/i".into(), ..good.clone() }, "UNKNOWN_ITEM", &["position.item"]).await;
    refused(Position { answer: "B>>A".into(), ..good.clone() }, "BAD_RANKING", &["position.answer"]).await;
    refused(Position { answer: "Z>A".into(), ..good.clone() }, "BAD_RANKING", &["position.answer"]).await;
    let clauses = vec!["be_kind".into(), "be_wild".into()];
    refused(Position { clauses, ..good.clone() }, "UNKNOWN_CLAUSE", &["position.clauses[1]"]).await;
    assert_eq!(create(good.clone()).await.unwrap().clauses, ["be_kind"]);

    // A batch is all or none.
    let one = |id: &str, position: &Position| CreatePositionRequest {
        position_id: id.into(),
        position: Some(position.clone()),
        ..Default::default()
    };
    let batch = |requests: Vec<CreatePositionRequest>| BatchCreatePositionsRequest {
        parent: "specs/conduct/revisions/head".into(),
        requests,
        request_id: String::new(),
    };
    let wrong = Position { answer: "B>>A".into(), ..good.clone() };
    let fields = ["requests[1].position.answer", "requests[2].position_id"];
    let mixed = batch(vec![one("p", &good), one("q", &wrong), one("p", &good)]);
    check("batch", call!(world.batch_create_positions(mixed)), bad, "BAD_RANKING", &fields);
    let list = ListPositionsRequest { parent: "specs/conduct/revisions/r1".into(), ..Default::default() };
    assert_eq!(call!(world.list_positions(list.clone())).unwrap().positions.len(), 1);
    let mut many = Vec::new();
    for number in 0..40 {
        let item = world.hold_item(&format!("many-{number:02}"), &["be_honest"]);
        many.push(one(&format!("p-{number:02}"), &Position { item, ..good.clone() }));
    }
    let made = call!(world.batch_create_positions(batch(many.clone()))).unwrap();
    assert_eq!((made.positions.len(), made.positions[7].clauses.as_slice()), (40, ["be_honest".to_owned()].as_slice()));
    check("twice", call!(world.batch_create_positions(batch(many))), Code::AlreadyExists, "RESOURCE_EXISTS", &[]);
}

#[tokio::test]
async fn proposals_and_decisions() {
    let world = with_spec().await;
    let bad = Code::InvalidArgument;
    let refused = async |change: &dyn Fn(&mut Proposal), reason: &str, fields: &[&str]| {
        let mut request = propose("", vec![body("be_kind", "Be fair.")]);
        change(request.proposal.as_mut().unwrap());
        check(reason, call!(world.create_proposal(request)), bad, reason, fields);
    };
    let edit = |edit: Option<clause_edit::Edit>| ClauseEdit { anchor: "be_kind".into(), edit, ..Default::default() };
    let nothing: &dyn Fn(&mut Proposal) = &|p| *p = Proposal::default();
    refused(nothing, "FIELD_REQUIRED", &["proposal.title", "proposal.kind", "proposal.edits"]).await;
    refused(&|p| p.kind = 9, "BAD_FIELD", &["proposal.kind"]).await;
    refused(&|p| p.edits.push(body("no", "x")), "UNKNOWN_CLAUSE", &["proposal.edits[1].anchor"]).await;
    refused(&|p| p.edits = vec![edit(None)], "FIELD_REQUIRED", &["proposal.edits[0].edit"]).await;
    refused(&|p| p.edits = vec![body("be_kind", " ")], "FIELD_REQUIRED", &["proposal.edits[0].body"]).await;
    refused(&|p| p.edits = vec![body("be_kind", "# New {#n}\n")], "BAD_FIELD", &["proposal.edits[0]"]).await;
    refused(&|p| p.edits[0].base_text_hash = "x".into(), "BAD_FIELD", &["proposal.edits[0].base_text_hash"]).await;
    let many: &dyn Fn(&mut Proposal) = &|p| p.edits = vec![body("be_kind", "x"); 101];
    refused(many, "BAD_FIELD", &["proposal.edits"]).await;
    let absent: &dyn Fn(&mut Proposal) = &|p| p.findings = vec!["specs/conduct/findings/none".into()];
    refused(absent, "RESOURCE_NOT_FOUND", &["proposal.findings[0]"]).await;

    world.propose("p", vec![body("be_kind", "Be fair.")]).await.unwrap();
    let unreasoned = DecideProposalRequest { reason: "  ".into(), deciders: vec![], ..decide("p", Outcome::Adopted) };
    check("reason", call!(world.decide_proposal(unreasoned)), bad, "REASON_REQUIRED", &["reason", "deciders"]);
    let unknown = DecideProposalRequest { outcome: 42, ..decide("p", Outcome::Adopted) };
    check("outcome", call!(world.decide_proposal(unknown)), bad, "BAD_FIELD", &["outcome"]);
    let stale = DecideProposalRequest { etag: "old".into(), ..decide("p", Outcome::Adopted) };
    check("etag", call!(world.decide_proposal(stale)), Code::Aborted, "ETAG_MISMATCH", &[]);

    let adopt = AdoptRevisionRequest { parent: "specs/conduct".into(), ..Default::default() };
    let state = Code::FailedPrecondition;
    check("none adopted", call!(world.adopt_revision(adopt.clone())), state, "PROPOSAL_STATE", &[]);
    let open = AdoptRevisionRequest { proposals: vec!["specs/conduct/proposals/p".into()], ..adopt };
    check("not adopted", call!(world.adopt_revision(open)), state, "PROPOSAL_STATE", &[]);
    world.decide("p", Outcome::Deferred).await.unwrap();
    world.decide("p", Outcome::SetAsideOnPrinciple).await.unwrap();
    check("decided", world.decide("p", Outcome::Adopted).await, state, "PROPOSAL_STATE", &[]);
    let list = ListDecisionsRequest { parent: "specs/conduct".into(), ..Default::default() };
    let kept = call!(world.list_decisions(list)).unwrap().decisions;
    let outcomes: Vec<_> = kept.iter().map(|decision| decision.outcome()).collect();
    assert_eq!(outcomes, [Outcome::SetAsideOnPrinciple, Outcome::Deferred]);
    let update = rewrite("p", vec![body("be_kind", "x")]);
    check("decided", call!(world.update_proposal(update)), state, "PROPOSAL_STATE", &[]);
}

#[tokio::test]
async fn a_proposal_to_a_clause_that_changed_meanwhile() {
    let world = with_spec().await;
    world.propose("p", vec![body("be_kind", "Be fair.")]).await.unwrap();
    world.import("conduct", "r2", &TEXT.replace("kind to everyone", "good to everyone")).await.unwrap();
    let refused = world.decide("p", Outcome::Adopted).await.unwrap_err();
    assert_eq!(refusal(&refused).1, "CLAUSE_CHANGED");
    assert_eq!(refused.code(), Code::FailedPrecondition);
    assert_eq!(fact(&refused, "anchor"), "be_kind");
    assert!(fact(&refused, "diff").contains("Be [-kind-]{+good+} to everyone."), "{refused:?}");

    // Written anew on the head it can be adopted; a second one on the same clause cannot be applied.
    call!(world.update_proposal(rewrite("p", vec![body("be_kind", "Be fair.")]))).unwrap();
    world.propose("q", vec![body("be_kind", "Be firm.")]).await.unwrap();
    world.decide("p", Outcome::Adopted).await.unwrap();
    world.decide("q", Outcome::Adopted).await.unwrap();
    let adopt = AdoptRevisionRequest { parent: "specs/conduct".into(), ..Default::default() };
    let refused = call!(world.adopt_revision(adopt)).unwrap_err();
    assert_eq!(refusal(&refused).1, "CLAUSE_CHANGED");
    assert_eq!((fact(&refused, "other_proposal"), fact(&refused, "proposal")), ("p".into(), "q".into()));
    assert_eq!(world.spec("conduct").await.head_revision, "specs/conduct/revisions/r2");
}
