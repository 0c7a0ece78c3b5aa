//! What holds for every plan: it can be repeated and split, every answer fits its item, and a plan that
//! cannot be carried out is refused with the place of everything wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use folkmoot_core::{Answer, Item, ItemKind, Reason};
use folkmoot_simulate::{Effect, Plan, SimulatedParticipant, dry_run, questions_about};
use proptest::prelude::*;

fn item(kind: ItemKind, number: usize, width: usize) -> Item {
    let width = match kind {
        ItemKind::Vote | ItemKind::Scale | ItemKind::Text => 0,
        ItemKind::Pair => 2,
        _ => width,
    };
    let candidates: Vec<_> = (0..width).map(|n| serde_json::json!({"id": format!("c{n}")})).collect();
    let mut json =
        serde_json::json!({"id": format!("i{number}"), "kind": kind, "prompt": "?", "candidates": candidates});
    if kind == ItemKind::Scale && number.is_multiple_of(2) {
        json["scale"] = serde_json::json!({"min": 1.0, "max": 5.0});
    }
    serde_json::from_value(json).unwrap()
}

prop_compose! {
    /// Items of every kind and some more, some with the usual questions, some with effects.
    fn plans()(
        seed: u64,
        participants in 1u32..40,
        least in 1u16..8,
        more in 0u16..8,
        words: bool,
        shapes in prop::collection::vec((0usize..8, 2usize..7, any::<bool>(), 0u8..4), 0..12),
    ) -> Plan {
        let every_kind = ItemKind::ALL.into_iter().enumerate().map(|(n, kind)| (item(kind, n, 4), n % 3 == 0, 0));
        let further = shapes.into_iter().enumerate()
            .map(|(n, (kind, width, asked, effect))| (item(ItemKind::ALL[kind], 8 + n, width), asked, effect));
        let mut items = Vec::new();
        let mut effects = BTreeMap::new();
        for (item, is_asked_about, effect) in every_kind.chain(further) {
            let order = match item.kind {
                ItemKind::Vote => Some("pass".to_owned()),
                ItemKind::Scale => Some("3".to_owned()),
                ItemKind::Text => None,
                _ => Some("c1>c0".to_owned()),
            };
            let effect = order.and_then(|order| match effect {
                1 => Some(Effect::Follows { order, strength: 1.5 }),
                2 => Some(Effect::Polarised { attribute: "age".into(), order_a: order.clone(), order_b: order, strength: 20.0 }),
                3 => Some(Effect::Indifferent),
                _ => None,
            });
            effects.extend(effect.map(|effect| (item.id.clone(), effect)));
            let questions = if is_asked_about { questions_about(&item) } else { Vec::new() };
            items.push(item);
            items.extend(questions);
        }
        Plan { tasks: least..=least + more, effects, words, ..Plan::new(items, participants, seed) }
    }
}

fn made(plan: &Plan, range: std::ops::Range<u32>) -> Vec<SimulatedParticipant> {
    plan.participants(range).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_same_plan_gives_the_same_participants_in_any_split(plan in plans(), cut in 0u32..40) {
        plan.check().unwrap();
        let whole = made(&plan, 0..plan.participants);
        prop_assert_eq!(whole.len() as u32, plan.participants);
        let cut = cut.min(plan.participants);
        let late = made(&plan, cut..u32::MAX);
        let mut parts = made(&plan, 0..cut);
        parts.extend(late);
        prop_assert_eq!(&whole, &parts);
        let larger = Plan { participants: plan.participants + 7, ..plan.clone() };
        prop_assert_eq!(&whole, &made(&larger, 0..plan.participants));
    }

    #[test]
    fn every_answer_fits_its_item_and_is_given_once(plan in plans()) {
        for participant in plan.participants(0..plan.participants) {
            prop_assert_eq!(&participant.id, &format!("sim-{:06}", participant.index));
            let mut seen = BTreeSet::new();
            for given in &participant.answers {
                let item = &plan.items[given.item];
                let checked = given.answer.clone().checked(item);
                prop_assert_eq!(checked.as_ref(), Ok(&given.answer), "{:?}", item);
                prop_assert!(seen.insert((given.item, given.view)));
                prop_assert!(given.duration_ms > 0);
                prop_assert_eq!(given.rationale.is_some(), plan.words && item.kind == ItemKind::Rank);
                if let Answer::Text(words) = &given.answer {
                    prop_assert!(words.starts_with("[simulated] "));
                }
                if let Some(about) = &item.about {
                    let parent = plan.items.iter().position(|i| i.id == *about).unwrap();
                    prop_assert!(participant.answers.iter().any(|a| a.item == parent));
                }
            }
        }
    }

    #[test]
    fn another_seed_gives_another_round(plan in plans()) {
        let other = Plan { seed: plan.seed ^ 1, ..plan.clone() };
        prop_assert_ne!(made(&plan, 0..plan.participants), made(&other, 0..plan.participants));
    }
}

#[test]
fn a_required_item_is_everybodys_with_the_anchor() {
    let mut items: Vec<Item> = (0..30).map(|n| item(ItemKind::Rank, n, 3)).collect();
    items[7].required = true;
    let plan = Plan { anchor: Some("i4".into()), tasks: 1..=3, ..Plan::new(items, 200, 3) };
    plan.check().unwrap();
    for participant in plan.participants(0..200) {
        let places: BTreeSet<_> = participant.answers.iter().map(|a| a.item).collect();
        assert!(places.contains(&4) && places.contains(&7), "{places:?}");
        assert_eq!(participant.answers[0].item, 4);
    }
}

#[test]
fn plans_that_cannot_be_carried_out_are_refused_with_every_place() {
    let check = |change: fn(&mut Plan), want: &[(&str, Reason)]| {
        let mut plan = Plan::new(vec![item(ItemKind::Rank, 0, 3), item(ItemKind::Vote, 1, 0)], 10, 1);
        plan.items.extend(questions_about(&plan.items[0]));
        change(&mut plan);
        let found = plan.check().map_err(|fault| fault.violations).err().unwrap_or_default();
        let got: Vec<_> = found.iter().map(|v| (v.field.as_str(), v.reason)).collect();
        assert_eq!(got, want);
    };
    check(|_| {}, &[]);
    check(|plan| plan.participants = 0, &[("participants", Reason::BadField)]);
    check(|plan| plan.participants = 1_000_001, &[("participants", Reason::BadField)]);
    check(|plan| plan.tasks = 0..=4, &[("tasks", Reason::BadField)]);
    check(|plan| plan.tasks = std::ops::RangeInclusive::new(5, 4), &[("tasks", Reason::BadField)]);
    check(|plan| plan.items.clear(), &[("items", Reason::FieldRequired)]);
    check(|plan| plan.items[1].id = "i0".into(), &[("items[1].id", Reason::BadItem)]);
    check(|plan| plan.items[0].candidates.truncate(1), &[("items[0].candidates", Reason::BadItem)]);
    check(
        |plan| drop(plan.items.remove(0)),
        &[
            ("items[1].about", Reason::UnknownItem),
            ("items[2].about", Reason::UnknownItem),
            ("items[3].about", Reason::UnknownItem),
        ],
    );
    check(|plan| plan.anchor = Some("i9".into()), &[("anchor", Reason::UnknownItem)]);
    check(|plan| plan.anchor = Some("i0/importance".into()), &[("anchor", Reason::BadField)]);
    check(|plan| drop(plan.effects.insert("i9".into(), Effect::Indifferent)), &[("effects.i9", Reason::UnknownItem)]);
    check(
        |plan| {
            let effect = Effect::Follows { order: "c0>c9".into(), strength: f64::NAN };
            plan.effects.insert("i0".into(), effect);
            plan.participants = 0;
        },
        &[
            ("participants", Reason::BadField),
            ("effects.i0.order", Reason::BadRanking),
            ("effects.i0.strength", Reason::BadNumber),
        ],
    );
    check(
        |plan| {
            let (order_a, order_b) = ("agree".into(), "yes".into());
            let effect = Effect::Polarised { attribute: "shoe size".into(), order_a, order_b, strength: 1.0 };
            plan.effects.insert("i1".into(), effect);
        },
        &[("effects.i1.attribute", Reason::BadField), ("effects.i1.order_b", Reason::AnswerKind)],
    );
    check(
        |plan| {
            plan.items.push(item(ItemKind::Text, 5, 0));
            plan.effects.insert("i5".into(), Effect::Indifferent);
        },
        &[("effects.i5", Reason::BadField)],
    );
}

#[test]
fn effects_are_written_as_people_would() {
    let json = r#"{"follows":{"order":"B>A","strength":1.5}}"#;
    let effect: Effect = serde_json::from_str(json).unwrap();
    assert_eq!(effect, Effect::Follows { order: "B>A".into(), strength: 1.5 });
    assert_eq!(serde_json::to_string(&effect).unwrap(), json);
    assert_eq!(serde_json::from_str::<Effect>(r#""indifferent""#).unwrap(), Effect::Indifferent);
    assert!(serde_json::from_str::<Effect>(r#"{"follows":{"order":"B>A","strength":1,"tempo":2}}"#).is_err());
}

#[test]
fn expected_cells_are_what_a_round_has_on_average() {
    let items: Vec<Item> = (0..60).map(|n| item(ItemKind::Rank, n, 4)).collect();
    let plan = Plan::new(items, 20_000, 9);
    let cells = dry_run::expected_cells(&plan, "age").unwrap();
    assert_eq!(cells.len(), 12, "six bands, each with the anchor and any other item");
    let everyone = made(&plan, 0..20_000);
    for cell in &cells {
        let place = if cell.item.is_some() { 0 } else { 31 };
        let (mut people, mut answers) = (0u32, 0u32);
        for participant in everyone.iter().filter(|p| p.attributes["age"] == cell.level) {
            people += 1;
            answers += u32::from(participant.answers.iter().any(|a| a.item == place));
        }
        let near = |got: u32, want: f64| (f64::from(got) - want).abs() <= 4.0 * want.sqrt();
        assert!(near(people, cell.expected_people), "{cell:?}: {people}");
        assert!(near(answers, cell.expected_answers_per_item), "{cell:?}: {answers}");
    }
    assert_eq!(dry_run::expected_cells(&plan, "shoe size").unwrap_err().violations[0].field, "attribute");
}
