//! The simulated round has the marginals of the real one (`collective-alignment-1`: 1,012 people,
//! 18,678 assessments), within four standard errors of a share at the number looked at.

use std::collections::{BTreeMap, HashMap};

use folkmoot_core::{Answer, Item, View};
use folkmoot_simulate::{Effect, Plan, SimulatedAnswer, SimulatedParticipant, people, questions_about};

const PEOPLE: u32 = 20_000;

fn rank_item(id: &str) -> Item {
    item(serde_json::json!({"id": id, "kind": "rank", "prompt": "?",
        "candidates": [{"id": "A"}, {"id": "B"}, {"id": "C"}, {"id": "D"}]}))
}

fn item(json: serde_json::Value) -> Item {
    serde_json::from_value(json).unwrap()
}

/// The real round's shape with `prompts` rank items, each followed by its questions.
fn real_shape(prompts: usize, participants: u32) -> Plan {
    let mut items = Vec::new();
    for number in 0..prompts {
        let prompt = rank_item(&format!("prompt-{number}"));
        let questions = questions_about(&prompt);
        items.push(prompt);
        items.extend(questions);
    }
    let plan = Plan::new(items, participants, 2026);
    plan.check().unwrap();
    plan
}

fn everyone(plan: &Plan) -> Vec<SimulatedParticipant> {
    plan.participants(0..plan.participants).collect()
}

/// Whether `hits` of `total` is the share `want`, within four standard errors.
fn check_share(what: &str, hits: usize, total: usize, want: f64) {
    let got = hits as f64 / total as f64;
    let tolerance = 4.0 * (want * (1.0 - want) / total as f64).sqrt();
    assert!((got - want).abs() <= tolerance, "{what}: {got:.4} of {total}, not {want:.4} +- {tolerance:.4}");
}

/// Whether a share that the plan only aims at is within `tolerance`.
fn check_about(what: &str, got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance, "{what}: {got:.4}, not {want:.4} +- {tolerance}");
}

fn tiers(answer: &SimulatedAnswer) -> Option<&[u8]> {
    match &answer.answer {
        Answer::Rank { tiers, .. } => Some(tiers),
        _ => None,
    }
}

fn world_rankings(people: &[SimulatedParticipant]) -> impl Iterator<Item = &SimulatedAnswer> {
    people.iter().flat_map(|p| &p.answers).filter(|a| a.view == View::World)
}

#[test]
fn people_have_the_real_rounds_attributes() {
    let plan = Plan { tasks: 1..=1, ..real_shape(1, PEOPLE) };
    let people = everyone(&plan);
    let check = |attribute: &str, level: &str, count: u32| {
        let hits = people.iter().filter(|p| p.attributes[attribute] == level).count();
        check_share(level, hits, people.len(), f64::from(count) / 1012.0);
    };
    for (level, count) in [("18-24", 158), ("25-34", 429), ("35-44", 233), ("45-54", 113), ("55-64", 57), ("65+", 22)] {
        check("age", level, count);
    }
    for (level, count) in [("male", 528), ("female", 463), ("non-binary", 17), ("no answer", 4)] {
        check("gender", level, count);
    }
    for (level, count) in
        [("United States", 362), ("Mexico", 142), ("South Africa", 136), ("Netherlands", 117), ("Chile", 81)]
    {
        check("country_of_residence", level, count);
    }
    let countries: std::collections::BTreeSet<_> =
        people.iter().map(|p| &p.attributes["country_of_residence"]).collect();
    assert_eq!(countries.len(), 19);
    for attribute in people::ATTRIBUTES {
        assert_eq!(attribute.levels.iter().map(|(_, count)| count).sum::<u32>(), 1012, "{}", attribute.name);
    }
}

#[test]
fn questions_about_an_item_have_the_real_shares() {
    // One item, so that every answer is another person's.
    let plan = Plan { tasks: 1..=1, ..real_shape(1, PEOPLE) };
    let people = everyone(&plan);
    let shares = |question: &str| {
        let place = plan.items.iter().position(|item| item.id == format!("prompt-0/{question}")).unwrap();
        let mut counts = BTreeMap::new();
        for answer in people.iter().flat_map(|p| &p.answers).filter(|a| a.item == place) {
            *counts.entry(answer.answer.text(&plan.items[place])).or_insert(0usize) += 1;
        }
        counts
    };
    let importance = shares("importance");
    assert_eq!(importance.values().sum::<usize>(), people.len());
    check_share("very important", importance["very-important"], people.len(), 0.5);
    assert_eq!(importance.len(), 3);
    assert_eq!(shares("representativeness").len(), 5);
    assert_eq!(shares("subjectivity").len(), 4);
}

#[test]
fn rankings_have_the_real_rounds_noise() {
    let plan = real_shape(1_078, PEOPLE);
    let people = everyone(&plan);
    let total = world_rankings(&people).count();

    let tied = world_rankings(&people).filter(|a| tiers(a).unwrap().iter().all(|&tier| tier == 0)).count();
    check_share("all tied", tied, total, 452.0 / 18_678.0);

    let mut firsts = [0usize; 4];
    for answer in world_rankings(&people) {
        let tiers = tiers(answer).unwrap();
        let best: Vec<_> = (0..4).filter(|&place| tiers[place] == 0).collect();
        if let [only] = best[..] {
            firsts[only] += 1;
        }
    }
    let unique: usize = firsts.iter().sum();
    check_about("unique firsts", unique as f64 / total as f64, 16_530.0 / 18_678.0, 0.01);
    for (place, &count) in firsts.iter().enumerate() {
        // The real shares are 0.255, 0.222, 0.258 and 0.265.
        check_about(&format!("first {place}"), count as f64 / unique as f64, 0.25, 0.03);
    }

    let flagged: Vec<(&[u8], &[bool])> = world_rankings(&people)
        .filter_map(|a| match &a.answer {
            Answer::Rank { tiers, unacceptable: Some(flags) } if flags.contains(&true) => {
                Some((&tiers[..], &flags[..]))
            }
            _ => None,
        })
        .collect();
    let contradictions = flagged
        .iter()
        .filter(|(tiers, flags)| tiers.iter().zip(*flags).any(|(&tier, &flag)| tier == 0 && flag))
        .count();
    check_share("first and unacceptable", contradictions, flagged.len(), 0.044);

    let rationales: Vec<_> = people.iter().flat_map(|p| &p.answers).filter_map(|a| a.rationale.as_deref()).collect();
    let short = rationales.iter().filter(|text| text.chars().count() < 20).count();
    check_share("short rationales", short, rationales.len(), 0.16);
    assert!(rationales.iter().all(|text| text.starts_with("[simulated] ")));

    let straight = people
        .iter()
        .filter(|p| {
            let mut rankings = p.answers.iter().filter_map(tiers);
            let first = rankings.next();
            // Two or three honest tasks can agree by chance.
            p.answers.iter().filter(|a| a.view == View::World).count() > 3 && rankings.all(|next| Some(next) == first)
        })
        .count();
    check_share("one ranking throughout", straight, people.len(), 6.0 / 1012.0);
}

#[test]
fn a_person_does_5_to_20_tasks_and_few_others_2_to_39() {
    let plan = real_shape(1_078, PEOPLE);
    let counts: Vec<usize> =
        plan.participants(0..PEOPLE).map(|p| p.answers.iter().filter(|a| a.view == View::World).count()).collect();
    assert_eq!((counts.iter().min(), counts.iter().max()), (Some(&2), Some(&39)));
    let outside = counts.iter().filter(|&&count| !(5..=20).contains(&count)).count();
    check_share("outside 5 to 20", outside, counts.len(), 0.035);
    // 18,384 to 18,678 assessments of 1,012 people.
    check_about("mean", counts.iter().sum::<usize>() as f64 / counts.len() as f64, 18.3, 0.2);
}

#[test]
fn at_the_real_size_an_item_has_a_median_of_16_to_18_answers_and_the_anchor_everybodys() {
    let plan = real_shape(1_078, 1_012);
    let people = everyone(&plan);
    let mut per_item: HashMap<usize, usize> = HashMap::new();
    for answer in world_rankings(&people) {
        *per_item.entry(answer.item).or_default() += 1;
    }
    assert_eq!(per_item[&0], 1_012);
    let mut counts: Vec<usize> = per_item.into_values().collect();
    counts.sort_unstable();
    let median = counts[counts.len() / 2];
    assert!((16..=18).contains(&median), "{median}");
}

#[test]
fn personal_rankings_and_flags_are_asked_in_the_first_five_tasks_and_the_world_always() {
    let plan = real_shape(40, 300);
    for participant in plan.participants(0..300) {
        let world: Vec<_> = participant.answers.iter().filter(|a| a.view == View::World).collect();
        for (number, answer) in world.iter().enumerate() {
            let has_personal = participant.answers.iter().any(|a| a.item == answer.item && a.view == View::Personal);
            let was_asked = matches!(&answer.answer, Answer::Rank { unacceptable: Some(_), .. });
            assert_eq!((has_personal, was_asked), (number < 5, number < 5), "{}", participant.id);
        }
    }
}

#[test]
fn planted_preferences_have_the_planted_strength() {
    let check = |effect: Effect, attribute: &str, group: Option<usize>, better: usize, worse: usize, want: f64| {
        let effects = BTreeMap::from([("prompt-0".to_owned(), effect)]);
        let plan = Plan { tasks: 1..=1, effects, ..real_shape(1, PEOPLE) };
        plan.check().unwrap();
        let groups = people::groups(attribute).unwrap();
        let (mut wins, mut told_apart) = (0, 0);
        for participant in plan.participants(0..PEOPLE) {
            let level = participant.attributes[attribute].as_str();
            if group.is_some_and(|group| !groups[group].contains(&level)) {
                continue;
            }
            let world = participant.answers.iter().find(|a| a.view == View::World).unwrap();
            let tiers = tiers(world).unwrap();
            told_apart += usize::from(tiers[better] != tiers[worse]);
            wins += usize::from(tiers[better] < tiers[worse]);
        }
        // 0.015 for ties and straight-liners, who stay as they are.
        check_about(&format!("{better} over {worse}"), wins as f64 / told_apart as f64, want, 0.015 + 0.02);
    };
    let logistic = |x: f64| 1.0 / (1.0 + (-x).exp());
    let follows = Effect::Follows { order: "B>A>C>D".into(), strength: 0.8 };
    check(follows.clone(), "age", None, 1, 0, logistic(0.8));
    check(follows, "age", None, 1, 3, logistic(2.4));
    let polarised = Effect::Polarised {
        attribute: "age".into(),
        order_a: "A>B>C>D".into(),
        order_b: "D>C>B>A".into(),
        strength: 0.5,
    };
    check(polarised.clone(), "age", Some(0), 0, 3, logistic(1.5));
    check(polarised, "age", Some(1), 3, 0, logistic(1.5));
    check(Effect::Indifferent, "gender", None, 2, 1, 0.5);
}

#[test]
fn votes_have_opinion_groups_and_planted_votes_their_strength() {
    let items: Vec<Item> =
        (0..12).map(|n| item(serde_json::json!({"id": format!("s{n}"), "kind": "vote", "prompt": "?"}))).collect();
    let mut plan = Plan { tasks: 12..=12, ..Plan::new(items, 4_000, 5) };
    plan.effects.insert("s0".into(), Effect::Follows { order: "disagree".into(), strength: 1.0 });
    plan.check().unwrap();
    let sign = |answer: &SimulatedAnswer| match answer.answer.text(&plan.items[answer.item]).as_str() {
        "agree" => 1.0,
        "disagree" => -1.0,
        _ => 0.0,
    };
    let mut votes = vec![[0.0f64; 12]; 4_000];
    for participant in plan.participants(0..4_000) {
        participant.answers.iter().for_each(|a| votes[participant.index as usize][a.item] = sign(a));
    }
    let disagree = votes.iter().filter(|row| row[0] < 0.0).count();
    let cast = votes.iter().filter(|row| row[0] != 0.0).count();
    check_about("disagree", disagree as f64 / cast as f64, 0.731, 0.03);

    // Without groups, votes on two statements hardly go together; with groups some do, either way.
    let product = |a: usize, b: usize| votes.iter().map(|row| row[a] * row[b]).sum::<f64>() / 4_000.0;
    let mean = |a: usize| votes.iter().map(|row| row[a]).sum::<f64>() / 4_000.0;
    let together = |a: usize, b: usize| (product(a, b) - mean(a) * mean(b)).abs();
    let strongest = (1..12).flat_map(|a| (1..a).map(move |b| (a, b))).map(|(a, b)| together(a, b)).fold(0.0, f64::max);
    assert!(strongest > 0.25, "{strongest}");
    let planted = (1..12).map(|a| together(0, a)).fold(0.0, f64::max);
    assert!(planted < 0.07, "{planted}");
}

#[test]
fn countries_differ_on_latent_items_and_not_on_indifferent_ones() {
    // Mean square of the standardised difference between two countries in preferring A to B: 1 where
    // there is none. Over 40 items its standard error is sqrt(2 / 40), about 0.22.
    let mean_square = |effects: BTreeMap<String, Effect>| {
        let plan = Plan { tasks: 40..=40, effects, ..real_shape(40, 3_000) };
        let mut counts: HashMap<(usize, bool), [f64; 2]> = HashMap::new();
        for participant in plan.participants(0..plan.participants) {
            let is_first = match participant.attributes["country_of_residence"].as_str() {
                "United States" => true,
                "Mexico" => false,
                _ => continue,
            };
            for answer in participant.answers.iter().filter(|a| a.view == View::World) {
                let tiers = tiers(answer).unwrap();
                if tiers[0] != tiers[1] {
                    counts.entry((answer.item, is_first)).or_default()[usize::from(tiers[0] < tiers[1])] += 1.0;
                }
            }
        }
        let squares = (0..40).map(|prompt| {
            let place = 4 * prompt;
            let [[a0, a1], [b0, b1]] = [true, false].map(|side| counts[&(place, side)]);
            let (a, b, pooled) = (a1 / (a0 + a1), b1 / (b0 + b1), (a1 + b1) / (a0 + a1 + b0 + b1));
            (a - b).powi(2) / (pooled * (1.0 - pooled) * (1.0 / (a0 + a1) + 1.0 / (b0 + b1)))
        });
        squares.sum::<f64>() / 40.0
    };
    let latent = mean_square(BTreeMap::new());
    let indifferent = mean_square((0..40).map(|n| (format!("prompt-{n}"), Effect::Indifferent)).collect());
    assert!(latent > 3.0, "{latent}");
    assert!((indifferent - 1.0).abs() < 0.9, "{indifferent}");
}
