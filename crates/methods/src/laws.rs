//! The laws of plugins.md, for every built-in method at once.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::contract::{Config, ItemInfo, Method, MethodError, NO_STRATUM, WEIGHT_ONE};
use crate::registry::Registry;
use crate::report::Report;
use crate::testing::{Row, config, fold, item, run};

/// Items of every kind, with positions.
fn items() -> Vec<ItemInfo> {
    vec![
        item("r4", "rank", "A B C D", Some(&[0, 1, 2, 2])),
        item("r9", "rank", "a b c d e f g h i", Some(&[0, 1, 2, 3, 4, 5, 6, 7, 8])),
        item("p", "pair", "x y", Some(&[1, 0])),
        item("v1", "vote", "", Some(b"A")),
        item("v2", "vote", "", Some(b"D")),
        item("v3", "vote", "", None),
        item("ap", "approve", "k l m", Some(&[1, 0, 0])),
        item("ch", "choose", "s t", Some(&[1])),
    ]
}

/// An answer to `item` out of any number.
fn answer(item: &ItemInfo, mut any: u64) -> Vec<u8> {
    let mut next = |below: u64| {
        any = any.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23) ^ 0x55;
        (any >> 20) % below
    };
    let width = item.candidates.len();
    match item.kind.as_str() {
        "vote" => vec![b"ADP"[next(3) as usize]],
        "choose" => vec![next(width as u64) as u8],
        "approve" => (0..width).map(|_| next(2) as u8).collect(),
        "pair" => [[0, 0], [0, 1], [1, 0]][next(3) as usize].to_vec(),
        _ => (0..width)
            .map(|place| match next(6) {
                4 if place > 0 => 0xFE,
                5 if place > 0 => 0xFF,
                tier => tier as u8 % 3,
            })
            .collect(),
    }
}

/// Answers of `people`, sorted as a snapshot sorts them; every fourth answer is missing.
fn rows(config: &Config, people: &[(u64, i64)], strata: u16) -> Vec<Row> {
    let mut rows = Vec::new();
    for (place, item) in config.items.iter().enumerate() {
        for (participant, &(seed, weight)) in people.iter().enumerate() {
            let any = seed.wrapping_add(1 + place as u64).wrapping_mul(0xD129_42F0_5A3B_17C5);
            if (any >> 40) % 4 > 0 {
                let stratum = if seed % 5 == 0 { NO_STRATUM } else { (seed % 2) as u16 % strata.max(1) };
                // People of one camp vote alike, so that there are groups to find.
                let any = if (any >> 30) % 3 > 0 { seed % 2 + 7 * place as u64 } else { any };
                rows.push((place as u32, participant as u32, stratum, weight, answer(item, any)));
            }
        }
    }
    rows
}

fn state(method: &dyn Method, config: &Config, shards: &[Vec<Row>], batch_rows: usize) -> Vec<u8> {
    let mut sum = method.open(config, 0, None).unwrap();
    for shard in shards {
        let mut accumulator = method.open(config, 0, None).unwrap();
        fold(accumulator.as_mut(), config, shard, batch_rows).unwrap();
        sum.merge(&accumulator.save()).unwrap();
    }
    sum.save()
}

/// Every built-in, configured without and with two strata.
fn each(mut law: impl FnMut(&dyn Method, &Config, u16)) {
    let registry = Registry::builtin();
    for descriptor in registry.list() {
        let method = registry.get(&descriptor.id).unwrap();
        for strata in [0, 2] {
            law(method, &config(method, &json!({}), &items(), usize::from(strata)), strata);
        }
    }
}

/// The report's figures, without counts of rows and without map rows, which name participants.
fn figures(report: &Result<Report, MethodError>) -> Value {
    let Ok(report) = report else { return json!(report.as_ref().unwrap_err().to_string()) };
    let tables = report.tables.iter().filter(|table| table.id != "map");
    json!(tables.map(|table| json!([table.id, table.rows])).collect::<Vec<_>>())
}

/// The figures of the columns `wanted` alone.
fn shares(report: &Result<Report, MethodError>, wanted: &[&str]) -> Vec<Option<f64>> {
    let tables = report.iter().flat_map(|report| &report.tables);
    let cells = |table: &crate::report::Table| -> Vec<Option<f64>> {
        let rows = table.rows.iter();
        rows.flat_map(|row| wanted.iter().filter_map(|id| table.cell(row, id)).map(|cell| cell.as_f64())).collect()
    };
    tables.flat_map(cells).collect()
}

fn people() -> impl Strategy<Value = Vec<(u64, i64)>> {
    prop::collection::vec((any::<u64>(), 0..3 * WEIGHT_ONE), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_batches_and_shards_change_no_byte(people in people(), cut in 1_usize..7, batch_rows in 1_usize..9) {
        each(|method, config, strata| {
            let rows = rows(config, &people, strata);
            let whole = state(method, config, std::slice::from_ref(&rows), usize::MAX);
            let mut shards: Vec<Vec<Row>> = (0..cut).map(|shard| rows.iter().skip(shard).step_by(cut).cloned().collect()).collect();
            let id = method.describe().id;
            assert_eq!(state(method, config, &shards, batch_rows), whole, "{id}: shards and batches");
            shards.reverse();
            assert_eq!(state(method, config, &shards, batch_rows), whole, "{id}: merge order");
            assert_eq!(state(method, config, &[], 1), method.open(config, 0, None).unwrap().save(), "{id}: nothing");
        });
    }

    #[test]
    fn names_do_not_matter(people in people()) {
        each(|method, config, strata| {
            let renamed: Vec<_> = people.iter().rev().copied().collect();
            let got = run(method, config, &rows(config, &renamed, strata));
            assert_eq!(figures(&got), figures(&run(method, config, &rows(config, &people, strata))), "{}", method.describe().id);
        });
    }

    #[test]
    fn weights_scale_away_and_two_people_are_one_of_weight_two(people in people()) {
        let wanted = ["share", "place", "accord", "tau", "top", "margin", "delta", "agree"];
        each(|method, config, strata| {
            let id = method.describe().id;
            // Opinion groups never have fewer than five people, so that people and weights differ there.
            if id == "opinion-groups" || (id == "group-consensus" && strata == 0) {
                return;
            }
            let plain = run(method, config, &rows(config, &people, strata));
            let scaled: Vec<_> = people.iter().map(|&(seed, weight)| (seed, 2 * weight)).collect();
            let double = run(method, config, &rows(config, &scaled, strata));
            let twice: Vec<_> = people.iter().flat_map(|&person| [person, person]).collect();
            let copied = run(method, config, &rows(config, &twice, strata));
            // Which pair is the worst depends on p and so on n, which duplication doubles.
            if id != "disagreement" {
                assert_eq!(shares(&copied, &wanted), shares(&double, &wanted), "{id}: duplication");
            }
            assert_eq!(shares(&double, &wanted), shares(&plain, &wanted), "{id}: scale");
        });
    }

    #[test]
    fn candidates_are_treated_alike(people in people()) {
        let registry = Registry::builtin();
        for id in ["borda", "copeland", "schulze"] {
            let method = registry.get(id).unwrap();
            let config = config(method, &json!({}), &[item("r", "rank", "A B C D", None)], 0);
            let turned = config_with(&config, "D C B A");
            let rows = rows(&config, &people, 0);
            let reversed: Vec<Row> = rows.iter().cloned().map(|mut row| { row.4.reverse(); row }).collect();
            let order = |report: Result<Report, MethodError>, config: &Config| {
                let report = report.ok()?;
                let text = report.table("orders")?.rows[0][1].as_str()?.to_owned();
                // Tied candidates stand in the item's order: sort within tiers.
                let tiers = text.split('>').map(|tier| { let mut ids: Vec<_> = tier.split('=').collect(); ids.sort_unstable(); ids.join("=") });
                Some((config.items.len(), tiers.collect::<Vec<_>>()))
            };
            prop_assert_eq!(order(run(method, &turned, &reversed), &turned), order(run(method, &config, &rows), &config));
        }
    }
}

fn config_with(config: &Config, candidates: &str) -> Config {
    Config { items: vec![item("r", "rank", candidates, None)], ..config.clone() }
}

#[test]
fn hardly_any_data_gives_a_reason_or_a_sound_report() {
    each(|method, config, strata| {
        let id = method.describe().id;
        assert!(matches!(run(method, config, &[]), Err(MethodError::Undefined(_))), "{id}: nothing");
        let weightless: Vec<_> = (0..30).map(|seed| (seed, 0)).collect();
        let got = run(method, config, &rows(config, &weightless, strata));
        assert!(matches!(got, Err(MethodError::Undefined(_))), "{id}: weightless");
        for count in [1, 2, 3] {
            let few: Vec<_> = (0..count).map(|seed| (seed, WEIGHT_ONE)).collect();
            match run(method, config, &rows(config, &few, strata)) {
                Ok(_) | Err(MethodError::Undefined(_)) => {}
                Err(error) => panic!("{id}: {count} people: {error}"),
            }
        }
        // Everybody passes and ties everything.
        let level = |place: usize| match config.items[place].kind.as_str() {
            "vote" => vec![b'P'],
            "choose" => vec![0],
            _ => vec![0; config.items[place].candidates.len()],
        };
        let places = 0..config.items.len();
        let tied: Vec<Row> = places
            .flat_map(|place| (0..20).map(move |p| (place as u32, p, (p % 2) as u16, WEIGHT_ONE, level(place))))
            .collect();
        match run(method, config, &tied) {
            Ok(_) | Err(MethodError::Undefined(_)) => {}
            Err(error) => panic!("{id}: all ties: {error}"),
        }
    });
}

#[test]
fn another_methods_state_is_refused() {
    each(|method, config, _| {
        let mut accumulator = method.open(config, 0, None).unwrap();
        let mut state = accumulator.save();
        for damaged in [&b""[..], b"other@1.0.0\0", &state[..state.len() - 1]] {
            assert!(matches!(accumulator.merge(damaged), Err(MethodError::BadState(_))), "{}", method.describe().id);
        }
        state.push(0);
        assert!(matches!(accumulator.merge(&state), Err(MethodError::BadState(_))));
    });
}

#[test]
fn every_description_is_complete() {
    for descriptor in Registry::builtin().list() {
        let words =
            [&descriptor.title, &descriptor.answers, &descriptor.assumes, &descriptor.avoid_when, &descriptor.source];
        assert!(words.iter().all(|words| !words.is_empty() && !words.contains("  ")), "{}", descriptor.id);
        assert_eq!(descriptor.parameters["additionalProperties"], json!(false), "{}", descriptor.id);
        assert!(crate::schema::check(&descriptor.parameters, &json!({})).is_ok(), "{}", descriptor.id);
    }
}
