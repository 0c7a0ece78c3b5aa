//! The whole round, all services together and each apart: the same answers give the same hashes.

use folkmoot_client::Folkmoot;
use folkmoot_core::{Item, View};
use folkmoot_proto::spec::{
    AdoptRevisionRequest, ClauseEdit, CreateProposalRequest, DecideProposalRequest, DeriveFindingsMetadata,
    DeriveFindingsRequest, DeriveFindingsResponse, FindingClass, Outcome, Proposal, ProposalKind, TraceClauseRequest,
    clause_edit::Edit,
};
use folkmoot_simulate::{Effect, Plan};
use folkmoot_testkit as testkit;
use folkmoot_tests::path;

const SPEC: &[u8] = b"\
# House rules {#house}

How we live together.

## Quiet hours {#quiet authority=council}

Nobody makes noise after ten.

## Guests {#guests authority=resident}

Guests may stay for a week.
";

/// All that must not depend on how the services are joined.
#[derive(Debug, PartialEq)]
struct Outcomes {
    snapshot: String,
    results: Vec<String>,
    findings: Vec<String>,
    text_hash: String,
    release: String,
}

fn items() -> Vec<Item> {
    let item = |id: &str, clause: &str| {
        serde_json::json!({
            "id": id, "kind": "rank", "prompt": format!("What about {id}?"), "clauses": [clause], "position": "A>B>C",
            "candidates": [{"id": "A", "text": "yes"}, {"id": "B", "text": "no"}, {"id": "C", "text": "it depends"}],
        })
    };
    let json = serde_json::json!([item("noise", "quiet"), item("parties", "quiet"), item("visits", "guests")]);
    serde_json::from_value(json).expect("the items")
}

fn last(name: &str) -> String {
    name.rsplit('/').next().unwrap_or_default().to_owned()
}

async fn walk(folkmoot: &Folkmoot) -> Outcomes {
    let items = items();
    path::create_spec(folkmoot, "house").await;
    let revision = path::import_revision(folkmoot, "house", "1", SPEC).await;
    path::open_round(folkmoot, "house", &revision.name, &items, true).await;
    let mut plan = Plan::new(items.clone(), 500, 3);
    plan.tasks = 3..=3;
    for (item, order) in items.iter().zip(["B>A>C", "A>B>C", "A>B>C"]) {
        plan.effects.insert(item.id.clone(), Effect::Follows { order: order.into(), strength: 2.0 });
    }
    path::collect(folkmoot, "house", path::simulated(&plan)).await;
    let snapshot = path::seal(folkmoot, "house").await;

    let mut results = Vec::new();
    let mut tests = Vec::new();
    for (method, by, replicates) in [("borda", "", 0), ("agreement", "age", 200), ("disagreement", "gender", 0)] {
        let mut question = path::question(method, View::World, by, &items);
        question.positions_of = revision.name.clone();
        question.replicates = replicates;
        let (name, _) = path::analyse(folkmoot, &snapshot, question).await;
        results.push(last(&name));
        if method == "disagreement" {
            tests.push(name);
        }
    }

    let mut spec = folkmoot.spec.clone();
    let derive = DeriveFindingsRequest {
        parent: "specs/house".into(),
        revision: revision.name.clone(),
        results: tests,
        request_id: String::new(),
    };
    let started = spec.derive_findings(derive).await.expect("deriving starts").into_inner();
    let derived: DeriveFindingsResponse =
        folkmoot.finish(started, |_: &DeriveFindingsMetadata| {}).await.expect("the findings");
    let against = |class: FindingClass| matches!(class, FindingClass::ConsensusAgainst | FindingClass::MajorityAgainst);
    let found: Vec<_> = derived.findings.iter().filter(|finding| against(finding.class())).collect();
    assert_eq!(found.len(), 1, "{:#?}", derived.findings);
    assert_eq!(last(&found[0].item), "noise");

    let edit = ClauseEdit {
        anchor: "quiet".into(),
        base_text_hash: String::new(),
        edit: Some(Edit::Body("Nobody makes noise after eleven.\n".into())),
    };
    let proposal = Proposal {
        title: "An hour more".into(),
        kind: ProposalKind::ChangeOfPrinciple.into(),
        edits: vec![edit],
        rationale: "people want it".into(),
        findings: vec![found[0].name.clone()],
        author: "a test".into(),
        ..Proposal::default()
    };
    let create = CreateProposalRequest {
        parent: "specs/house".into(),
        proposal: Some(proposal),
        ..CreateProposalRequest::default()
    };
    let proposal = spec.create_proposal(create).await.expect("the proposal").into_inner();
    let decide = DecideProposalRequest {
        name: proposal.name.clone(),
        outcome: Outcome::Adopted.into(),
        reason: "the evidence is clear".into(),
        deciders: vec!["the house".into()],
        ..DecideProposalRequest::default()
    };
    spec.decide_proposal(decide).await.expect("the decision");
    let adopt = AdoptRevisionRequest {
        parent: "specs/house".into(),
        revision_id: "2".into(),
        ..AdoptRevisionRequest::default()
    };
    let adopted = spec.adopt_revision(adopt).await.expect("the revision").into_inner();
    let changed = String::from_utf8_lossy(SPEC).replace("after ten.", "after eleven.");
    assert_eq!(adopted.source, changed, "everything else stays byte for byte");

    let trace = TraceClauseRequest { name: format!("{}/clauses/quiet", adopted.name) };
    let trace = spec.trace_clause(trace).await.expect("the trace").into_inner();
    let step = trace.steps.first().expect("the change is traced");
    assert_eq!(step.proposal.as_ref().map(|p| p.name.clone()), Some(proposal.name));
    assert_eq!(step.decision.as_ref().map(|d| d.reason.as_str()), Some("the evidence is clear"));
    assert_eq!(step.findings.first().map(|f| f.snapshot.clone()), Some(snapshot.name.clone()));

    let release = path::release(folkmoot, "house", &snapshot, &adopted.name).await;
    Outcomes {
        snapshot: last(&snapshot.name),
        results,
        findings: derived.findings.iter().map(|finding| last(&finding.name)).collect(),
        text_hash: adopted.text_hash,
        release: release.snapshot,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_together_and_apart_give_the_same_hashes() {
    let together = testkit::together().await;
    let apart = testkit::apart().await;
    let (one, other) = (walk(&together.clients).await, walk(&apart.clients).await);
    assert_eq!(one, other);
}
