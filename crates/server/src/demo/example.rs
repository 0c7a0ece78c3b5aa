//! The example: a made-up city, its charter, and simulated residents with known opinions.

use std::collections::BTreeMap;

use anyhow::Context as _;
use folkmoot_client::wire;
use folkmoot_core::Item;
use folkmoot_proto::response::SubmitResponsesRequest;
use folkmoot_proto::spec::{Outcome, ProposalKind};
use folkmoot_simulate::{Effect, Plan, SimulatedParticipant};

use super::material::{Draft, Material};

const CHARTER: &str = include_str!("../../demo/charter.md");
const ITEMS: &str = include_str!("../../demo/items.json");
const EFFECTS: &str = include_str!("../../demo/effects.json");

/// Participants made at a time.
const STRIDE: u32 = 4096;

pub(super) fn material(participants: u32, seed: u64, by: Option<String>) -> anyhow::Result<Material> {
    let items: Vec<Item> = serde_json::from_str(ITEMS).context("the example's items")?;
    let plan = plan(&items, participants, seed)?;
    let submissions = (0..participants).step_by(STRIDE as usize).flat_map(move |start| {
        plan.participants(start..start.saturating_add(STRIDE)).map(|p| submission(&plan, p)).collect::<Vec<_>>()
    });
    Ok(Material {
        title: "Charter of Ellery, the assistant of Port Ellery".into(),
        publisher: "Port Ellery, a city that exists only in this example".into(),
        source: CHARTER.as_bytes().to_vec(),
        items,
        submissions: Box::new(submissions),
        expected: Some(u64::from(participants)),
        simulated: true,
        words: true,
        by: Some(by.unwrap_or_else(|| "age".into())),
        ranking_view: "world",
        drafts: drafts(),
    })
}

fn plan(items: &[Item], participants: u32, seed: u64) -> anyhow::Result<Plan> {
    let mut plan = Plan::new(items.to_vec(), participants, seed);
    let least = u16::try_from(items.len() / 2)?;
    plan.tasks = least..=u16::try_from(items.len())?;
    plan.effects = serde_json::from_str::<BTreeMap<String, Effect>>(EFFECTS).context("the example's effects")?;
    plan.check()?;
    Ok(plan)
}

fn submission(plan: &Plan, participant: SimulatedParticipant) -> SubmitResponsesRequest {
    let answers = participant.answers.iter().map(|given| {
        let item = &plan.items[given.item];
        wire::answer(item, given.view, &given.answer, given.rationale.as_deref(), Some(given.duration_ms), None)
    });
    SubmitResponsesRequest {
        request_id: participant.id.clone(),
        answers: answers.collect(),
        attributes: participant.attributes,
        participant: participant.id,
        ..SubmitResponsesRequest::default()
    }
}

fn drafts() -> BTreeMap<String, Draft> {
    let money = Draft {
        title: "Offer help before naming penalties".into(),
        kind: ProposalKind::ChangeOfPrinciple,
        body: "\
When somebody cannot pay a bill or a fine, the assistant states the amount and the date, and in the \
same answer the ways to get help: payment in parts, deferral, the hardship fund, and a person at the \
desk. It names the legal consequence of not paying afterwards, once and without threat.

!!! meta \"Commentary\"
    The first version told people what they owed and waited to be asked about help. Residents put the \
answer that offers help first, in every age group that could be judged.
"
        .into(),
        rationale: "Residents rank the answer that offers help above the answer the charter asks for.".into(),
        outcome: Outcome::Adopted,
        reason:
            "The purpose of the clause is that people pay; an offer of instalments serves it better than a warning."
                .into(),
        dissents: vec!["The treasurer: short answers that are the same for everybody are easier to defend.".into()],
    };
    let uncertain = Draft {
        title: "Say what is uncertain instead of leaving it out".into(),
        kind: ProposalKind::Clarification,
        body: "\
When the assistant is not sure, it says what it believes, says that it is not sure and why, and gives \
the number of the desk that knows. It never states a guess as a fact.
"
        .into(),
        rationale: "Residents would rather have an uncertain answer, marked as such, than only a number to call."
            .into(),
        outcome: Outcome::Adopted,
        reason: "The clause was meant to prevent guesses that look like facts; saying so does that and still helps."
            .into(),
        dissents: Vec::new(),
    };
    let memory = Draft {
        title: "Remember nothing unless asked to".into(),
        kind: ProposalKind::ChangeOfPrinciple,
        body: "\
The assistant remembers nothing of earlier conversations unless a resident asks it to, and then for \
thirty days. A resident can switch that off at any time.
"
        .into(),
        rationale: "Older and younger residents want opposite things.".into(),
        outcome: Outcome::Deferred,
        reason: "Residents are divided by age, so no default suits all; asking each person at the start will be tried first.".into(),
        dissents: Vec::new(),
    };
    [("money_trouble", money), ("uncertain", uncertain), ("memory", memory)]
        .map(|(anchor, draft)| (anchor.to_owned(), draft))
        .into()
}
