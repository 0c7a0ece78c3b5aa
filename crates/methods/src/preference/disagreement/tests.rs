//! The whole method against well-known packages, and what its parts promise to each other.

use folkmoot_fold::laws::{CASES, Outcome, try_all};
use folkmoot_fold::rows::{Row, run, run_shards};
use serde_json::{Value, json};

use crate::contract::{Category, Config, Dimension, MethodError, NO_STRATUM, WEIGHT_ONE};
use crate::preference::disagreement::Disagreement;
use crate::report::{Cell, Report};
use crate::stats::{benjamini_hochberg, holm};
use crate::testing::{config, item};

/// A participant of a made-up town.
pub(super) struct Person {
    pub(super) community: u16,
    /// 1 against the position, -1 for it, 0 a tie.
    pub(super) x: i64,
    pub(super) weight: i64,
}

/// Between three and six people in each community, by a formula that the references repeat.
pub(super) fn people(communities: usize) -> Vec<Person> {
    let person = |c: usize, i: usize| Person {
        community: c as u16,
        x: [1, 1, -1, 1, 0][(7 * c + 3 * i + c * i) % 5],
        weight: 1 + ((i + c) % 3) as i64,
    };
    (0..communities).flat_map(|c| (0..3 + c % 4).map(move |i| person(c, i))).collect()
}

fn dimension(name: &str, count: usize) -> Dimension {
    let categories = (0..count).map(|place| Category { label: format!("{name}{place}"), target: None });
    Dimension { name: name.to_owned(), categories: categories.collect() }
}

/// One item `A B` of the position A>B.
fn settings(parameters: Value, dimensions: Vec<Dimension>) -> Config {
    let plain = config(&Disagreement, &parameters, &[item("i", "rank", "A B", Some(&[0, 1]))], 0);
    Config { dimensions, ..plain }
}

fn answer(x: i64) -> Vec<u8> {
    match x {
        1 => vec![1, 0],
        -1 => vec![0, 1],
        _ => vec![0, 0],
    }
}

fn rows(people: &[Person], strata: impl Fn(usize, &Person) -> Vec<u16>) -> Vec<Row> {
    let row = |(place, person): (usize, &Person)| Row {
        item: 0,
        participant: place as u32,
        strata: strata(place, person),
        weight: person.weight * WEIGHT_ONE,
        answer: answer(person.x),
    };
    people.iter().enumerate().map(row).collect()
}

fn number(report: &Report, table: &str, row: usize, column: &str) -> f64 {
    let table = report.table(table).unwrap();
    table.cell(&table.rows[row], column).and_then(Cell::as_f64).unwrap()
}

fn close(got: f64, want: f64) {
    assert!((got - want).abs() <= 1e-9, "{got} is not {want}");
}

#[test]
fn means_errors_and_tests_are_those_of_r_survey() {
    // R 4.2.2, survey 4.1: svymean(~x, svydesign(ids = ids, weights = ~w, data = d)); confint(m, df = G - 1);
    // u = tapply(d$w * (d$x - 0.1), cluster, sum); pt(sum(u) / sqrt(sum(u^2)), G - 1, lower = FALSE).
    let check = |cluster: &str, want: [f64; 4], clusters: f64| {
        let config = settings(json!({"cluster": cluster}), vec![dimension("town", 45)]);
        let report = run(&Disagreement, &config, &rows(&people(45), |_, person| vec![person.community])).unwrap();
        let columns = ["delta", "delta_low", "delta_high", "p"];
        columns.iter().zip(want).for_each(|(column, want)| close(number(&report, "items", 0, column), want));
        assert_eq!(number(&report, "items", 0, "clusters"), clusters);
        assert_eq!(number(&report, "items", 0, "n"), 201.0);
        assert!((number(&report, "items", 0, "n_eff") - 172.2857).abs() < 1e-4);
    };
    check("town", [0.340_796_019_900, 0.251_147_344_126, 0.430_444_695_675, 0.000_058_851_076_943], 45.0);
    check("", [0.340_796_019_900, 0.229_767_290_919, 0.451_824_748_882, 0.000_033_885_276_786], 201.0);
}

#[test]
fn corrections_are_those_of_r() {
    // R 4.2.2: p.adjust(p, "holm"), p.adjust(p, "BH").
    let p = [0.001, 0.2, 0.013, 0.04, 0.0004, 0.04, 0.9];
    holm(&p).into_iter().zip([0.006, 0.4, 0.065, 0.16, 0.0028, 0.16, 0.9]).for_each(|(got, want)| close(got, want));
    let want = [0.0035, 0.7 / 3.0, 0.091 / 3.0, 0.056, 0.0028, 0.056, 0.9];
    benjamini_hochberg(&p).into_iter().zip(want).for_each(|(got, want)| close(got, want));
}

#[test]
fn few_communities_are_bootstrapped() {
    // Twelve towns of five times the people: the same share of each, so that the enumeration is the same.
    let config = settings(json!({"cluster": "town"}), vec![dimension("town", 12)]);
    let five_times: Vec<Person> = (0..5).flat_map(|_| people(12)).collect();
    let report = run(&Disagreement, &config, &rows(&five_times, |_, person| vec![person.community])).unwrap();
    close(number(&report, "items", 0, "p"), 73.0 / 4096.0);
    assert_eq!(number(&report, "items", 0, "clusters"), 12.0);
    assert!(report.notes.iter().any(|note| note.code == "few_clusters"));
}

#[test]
fn segments_and_communities_cross() {
    // Two ages in every town; the first dimension that is not the cluster makes the segments.
    let age = |place: usize| if place.is_multiple_of(7) { NO_STRATUM } else { (place % 2) as u16 };
    let people: Vec<Person> = (0..2).flat_map(|_| people(60)).collect();
    let check = |parameters: Value, names: [(&str, usize); 2], swap: bool| {
        let config = settings(parameters, names.map(|(name, count)| dimension(name, count)).into());
        let strata = |place: usize, person: &Person| match swap {
            true => vec![person.community, age(place)],
            false => vec![age(place), person.community],
        };
        run(&Disagreement, &config, &rows(&people, strata)).unwrap()
    };
    let of_towns = check(json!({"cluster": "town"}), [("age", 2), ("town", 60)], false);
    let swapped = check(json!({"cluster": "town"}), [("town", 60), ("age", 2)], true);
    assert_eq!(of_towns.table("segments"), swapped.table("segments"));
    assert_eq!(of_towns.table("segments").unwrap().rows.len(), 2);
    let of_people = check(json!({}), [("age", 2), ("town", 60)], false);
    for row in 0..2 {
        let same =
            |column| close(number(&of_towns, "segments", row, column), number(&of_people, "segments", row, column));
        ["delta", "n", "n_eff"].into_iter().for_each(same);
        assert_eq!(number(&of_towns, "segments", row, "clusters"), 60.0);
        assert_eq!(number(&of_people, "segments", row, "clusters"), number(&of_people, "segments", row, "n"));
    }
}

#[test]
fn a_cluster_must_be_told_apart() {
    let refused = run(&Disagreement, &settings(json!({"cluster": "town"}), vec![dimension("age", 2)]), &[]);
    let Err(MethodError::BadParameters(problems)) = refused else { panic!("{refused:?}") };
    assert_eq!(problems[0].path, "/cluster");
    assert_eq!(problems[0].message, "\"town\" is not among the attributes told apart (age)");
}

#[test]
fn the_laws_hold_with_communities() {
    // The laws' own dimension is called s.
    for verdict in try_all(&Disagreement, &json!({"cluster": "s"}), CASES) {
        let promised = !matches!(&verdict.outcome, Outcome::NotTried(why) if why.contains("promise"));
        assert!(!promised || verdict.outcome == Outcome::Held, "{verdict:?}");
    }
    let config = settings(json!({"cluster": "town"}), vec![dimension("age", 2), dimension("town", 30)]);
    let rows = rows(&people(30), |place, person| vec![(place % 2) as u16, person.community]);
    let whole = run_shards(&Disagreement, &config, std::slice::from_ref(&rows), usize::MAX).unwrap();
    let shards: Vec<Vec<Row>> = rows.chunks(11).rev().map(<[Row]>::to_vec).collect();
    assert_eq!(whole, run_shards(&Disagreement, &config, &shards, 3).unwrap());
}

#[test]
fn segments_that_differ_are_told_and_pooled() {
    // Net preference 0.6, 0.2 and 0.2 in segments of 100, 100 and 400 people.
    let of_segment = |against: usize, of: usize| (0..of).map(move |place| if place < against { 1 } else { -1 });
    let x: Vec<(u16, i64)> = (0..)
        .zip([(80, 100), (60, 100), (240, 400)])
        .flat_map(|(segment, (against, of))| of_segment(against, of).map(move |x| (segment, x)))
        .collect();
    let people: Vec<Person> = x.iter().map(|&(community, x)| Person { community, x, weight: 1 }).collect();
    let config = settings(json!({}), vec![dimension("age", 3)]);
    let report = run(&Disagreement, &config, &rows(&people, |_, person| vec![person.community])).unwrap();
    assert_eq!(number(&report, "heterogeneity", 0, "segments"), 3.0);
    assert!(number(&report, "heterogeneity", 0, "p") < 0.001);
    let pooled = |row| number(&report, "segments", row, "pooled");
    let raw = |row| number(&report, "segments", row, "delta");
    let mean = number(&report, "heterogeneity", 0, "mean");
    (0..3).for_each(|row| assert!((pooled(row) - mean).abs() < (raw(row) - mean).abs()));
    // The small segment borrows more than the large one of the same figure.
    assert!(pooled(1) - raw(1) > pooled(2) - raw(2));
}

#[test]
fn unanimity_is_not_certainty() {
    let people: Vec<Person> = (0..100).map(|_| Person { community: 0, x: 1, weight: 1 }).collect();
    let report = run(&Disagreement, &settings(json!({}), vec![]), &rows(&people, |_, _| vec![])).unwrap();
    // One opposite answer among a hundred: a standard error of 0.02, t(0.975, 99) = 1.984217.
    assert!((number(&report, "items", 0, "delta_low") - (1.0 - 0.02 * 1.984_217)).abs() < 1e-8);
    assert_eq!(number(&report, "items", 0, "delta_high"), 1.0);
}
