//! The pairwise methods and instant runoff against other packages, and the laws of their own.
//!
//! `fixtures/tournaments.json` holds 36 random profiles, a third with ties within answers and half with
//! answers that leave candidates out, and what pref_voting 1.18.2 says of them:
//! `ProfileWithTies(..).use_extended_strict_preference()` (left out is below ranked), then `condorcet_winner`,
//! `weak_condorcet_winner`, `top_cycle`, `copeland`, `beat_path`, `beat_path_defeat`, `minimax`,
//! `minimax_scores`, `ranked_pairs_tb` and `ranked_pairs_defeat_tb` (the order only where no match is even,
//! as that package breaks even matches too), `kemeny_young`, and where no answer has ties
//! `instant_runoff_for_truncated_linear_orders`. VoteKit 3.5.0 has the same Smith set
//! (`DominatingSets`) in the 24 profiles without ties, and in 23 of them a winner by `Schulze` and by
//! `RankedPairs` that is one of ours; in the last most matches are even. Ties within answers it counts otherwise.

use folkmoot_fold::rows::{Row, run};
use serde_json::{Value, json};

use crate::contract::WEIGHT_ONE;
use crate::registry::Registry;
use crate::report::{Cell, Report};
use crate::testing::{config, item};

const CASES: &str = include_str!("../fixtures/tournaments.json");
const NAMES: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

/// Answers, each with how many people gave it.
#[derive(Clone)]
struct Profile {
    width: usize,
    answers: Vec<(i64, Vec<u8>)>,
}

fn report(method: &str, parameters: &Value, profile: &Profile) -> Report {
    let registry = Registry::builtin();
    let method = registry.get(method).unwrap();
    let items = [item("i", "rank", &NAMES[..profile.width].join(" "), None)];
    let rows = profile.answers.iter().zip(0..).map(|((count, answer), participant)| Row {
        item: 0,
        participant,
        strata: Vec::new(),
        weight: count * WEIGHT_ONE,
        answer: answer.clone(),
    });
    let report = run(method, &config(method, parameters, &items, 0), &rows.collect::<Vec<_>>()).unwrap();
    assert_eq!(report.defects(), Vec::<String>::new());
    report
}

fn column(report: &Report, table: &str, column: &str) -> Vec<Cell> {
    let table = report.table(table).unwrap();
    table.rows.iter().map(|row| table.cell(row, column).unwrap().clone()).collect()
}

fn word(report: &Report, table: &str, name: &str) -> String {
    column(report, table, name)[0].as_str().unwrap_or_default().to_owned()
}

fn order(method: &str, profile: &Profile) -> String {
    word(&report(method, &json!({}), profile), "orders", "order")
}

/// Those who stand first, as `AC`.
fn first(order: &str) -> String {
    let mut first: Vec<&str> = order.split('>').next().unwrap_or_default().split('=').collect();
    first.sort_unstable();
    first.concat()
}

fn cases() -> Vec<(Profile, Value)> {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    let profile = |case: &Value| Profile {
        width: serde_json::from_value(case["width"].clone()).unwrap(),
        answers: serde_json::from_value(case["ballots"].clone()).unwrap(),
    };
    cases.into_iter().map(|case| (profile(&case), case)).collect()
}

#[test]
fn winners_are_those_of_pref_voting() {
    for (profile, want) in cases() {
        for method in ["copeland", "schulze", "minimax"] {
            assert_eq!(first(&order(method, &profile)), want[method].as_str().unwrap(), "{method}");
        }
        // Its ranked pairs break even matches too, so that one of ours is left.
        let ranked_pairs = first(&order("ranked-pairs", &profile));
        assert!(ranked_pairs.contains(want["ranked_pairs"].as_str().unwrap()), "{ranked_pairs}");
        let irv = report("irv", &json!({}), &profile);
        // Its instant runoff excludes all who are level.
        let is_level = irv.notes.iter().any(|note| note.code.starts_with("tie"));
        if let Some(want) = want["irv"].as_str().filter(|_| !is_level) {
            assert_eq!(first(&word(&irv, "orders", "order")), want, "irv");
        }
        let kemeny = report("kemeny", &json!({}), &profile);
        assert_eq!(word(&kemeny, "items", "first").replace('=', ""), want["kemeny"].as_str().unwrap());
        let pairwise = report("pairwise", &json!({}), &profile);
        for (column, key) in [("winner", "condorcet"), ("unbeaten", "unbeaten"), ("smith_set", "smith")] {
            assert_eq!(word(&pairwise, "winners", column).replace('=', ""), want[key].as_str().unwrap());
        }
    }
}

#[test]
fn relations_and_scores_are_those_of_pref_voting() {
    for (profile, want) in cases() {
        let schulze = report("schulze", &json!({}), &profile);
        let above = column(&schulze, "paths", "above");
        let ends = column(&schulze, "paths", "candidate").into_iter().zip(column(&schulze, "paths", "over"));
        let pairs = ends.zip(above).filter(|(_, above)| *above == Cell::Bool(true));
        let defeats: Vec<String> =
            pairs.map(|((a, b), _)| [a.as_str().unwrap(), b.as_str().unwrap()].concat()).collect();
        assert_eq!(json!(defeats), want["schulze_defeats"]);
        for defeat in ["margins", "winning_votes", "opposition"] {
            let minimax = report("minimax", &json!({"defeat": defeat}), &profile);
            let worst = column(&minimax, "candidates", "worst_defeat");
            // It scores who never loses with 0.
            let worst: Vec<i64> = worst.iter().map(|cell| cell.as_f64().unwrap().max(0.0) as i64).collect();
            assert_eq!(json!(worst), want[format!("minimax_{defeat}")], "{defeat}");
        }
        if want["ranked_pairs_order"] != "" {
            assert_eq!(order("ranked-pairs", &profile).replace('>', ""), want["ranked_pairs_order"].as_str().unwrap());
        }
    }
}

/// The order the other way round: the last first.
fn reversed(order: &str) -> String {
    order.split('>').rev().collect::<Vec<_>>().join(">")
}

#[test]
fn majorities_decide_where_they_can() {
    for (profile, want) in cases() {
        let (condorcet, smith) = (want["condorcet"].as_str().unwrap(), want["smith"].as_str().unwrap());
        for method in ["copeland", "schulze", "ranked-pairs", "minimax", "kemeny"] {
            let first = first(&order(method, &profile));
            assert!(condorcet.is_empty() || first == condorcet, "{method}: {first} instead of {condorcet}");
            let is_inside = first.chars().all(|c| smith.contains(c));
            assert!(method == "minimax" || is_inside, "{method}: {first} is not inside {smith}");
        }
    }
}

#[test]
fn turning_every_answer_turns_the_order() {
    for (mut profile, _) in cases() {
        // An answer turned round ranks everybody, the left out first.
        let rank_all = |answer: &mut Vec<u8>| answer.iter_mut().for_each(|tier| *tier = (*tier).min(9));
        profile.answers.iter_mut().for_each(|(_, answer)| rank_all(answer));
        let mut turned = profile.clone();
        turned.answers.iter_mut().for_each(|(_, answer)| answer.iter_mut().for_each(|tier| *tier = 9 - *tier));
        for method in ["copeland", "kemeny"] {
            assert_eq!(order(method, &turned), reversed(&order(method, &profile)), "{method}");
        }
        // Schulze's relation turns; who was alone first is not first any more, unless all are level.
        let (before, after) = (order("schulze", &profile), order("schulze", &turned));
        let winner = first(&before);
        assert!(winner.len() > 1 || first(&after) != winner, "{before} became {after}");
    }
}

#[test]
fn more_support_never_harms_a_winner() {
    for (profile, _) in cases() {
        for method in ["copeland", "schulze", "ranked-pairs", "minimax"] {
            let before = first(&order(method, &profile));
            for winner in (0..profile.width).filter(|&c| before.contains(NAMES[c])) {
                for raised in 0..profile.answers.len() {
                    let mut more = profile.clone();
                    more.answers[raised]
                        .1
                        .iter_mut()
                        .for_each(|tier| *tier = tier.saturating_add(1).max(*tier).min(0xFE));
                    more.answers[raised].1[winner] = 0;
                    let after = first(&order(method, &more));
                    assert!(after.contains(NAMES[winner]), "{method}: {before} became {after}");
                }
            }
        }
    }
}

#[test]
fn cycles_and_ties_are_told() {
    let profile = |answers: &[(i64, [u8; 3])]| Profile {
        width: 3,
        answers: answers.iter().map(|(count, answer)| (*count, answer.to_vec())).collect(),
    };
    let check = |method: &str, answers: &[(i64, [u8; 3])], order_wanted: &str, codes: &[&str]| {
        let report = report(method, &json!({}), &profile(answers));
        assert_eq!(word(&report, "orders", "order"), order_wanted, "{method}");
        assert_eq!(report.notes.iter().map(|note| note.code.as_str()).collect::<Vec<_>>(), codes, "{method}");
    };
    let even: [(i64, [u8; 3]); 3] = [(1, [0, 1, 2]), (1, [2, 0, 1]), (1, [1, 2, 0])];
    check("ranked-pairs", &even, "A>B>C", &["tie_broken", "majority_cycle"]);
    check("minimax", &even, "A=B=C", &["majority_cycle"]);
    check("kemeny", &even, "A=B=C", &["several_best_orders", "majority_cycle"]);
    check("irv", &even, "A=B=C", &[]);
    // Three over two, three over two, four over one: the narrowest majority of the cycle gives way.
    let uneven: [(i64, [u8; 3]); 3] = [(4, [0, 1, 2]), (3, [2, 0, 1]), (2, [1, 2, 0])];
    check("ranked-pairs", &uneven, "A>B>C", &["majority_cycle"]);
    check("kemeny", &uneven, "A>B>C", &["majority_cycle"]);
    // B and C are level last; both orders of them are best.
    check("kemeny", &[(1, [0, 1, 2]), (1, [0, 2, 1])], "A>B=C", &["several_best_orders"]);
}

#[test]
fn kemeny_says_where_it_gives_no_order() {
    let registry = Registry::builtin();
    let method = registry.get("kemeny").unwrap();
    let wide = item("wide", "rank", "a b c d e f g h i j k l m", None);
    let narrow = item("narrow", "rank", "a b", None);
    let row = |item: u32, width: u8| Row {
        item,
        participant: 0,
        strata: Vec::new(),
        weight: WEIGHT_ONE,
        answer: (0..width).collect(),
    };
    let both = config(method, &json!({}), &[narrow, wide.clone()], 0);
    let report = run(method, &both, &[row(0, 2), row(1, 13)]).unwrap();
    assert_eq!(report.notes[0].code, "too_many_candidates");
    let alone = config(method, &json!({}), &[wide], 0);
    assert!(run(method, &alone, &[row(0, 13)]).is_err());
}
