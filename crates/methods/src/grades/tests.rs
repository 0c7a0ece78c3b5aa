//! Grades and rubrics against packages and worked examples.

use folkmoot_fold::rows::{Row, run};
use serde_json::json;

use crate::contract::{ItemInfo, MethodError, WEIGHT_ONE};
use crate::registry::Registry;
use crate::report::{Cell, Report};
use crate::testing::{config, item, report};

/// Grades of 25 people for each of seven items, from a seeded generator.
const GRADES: [(&str, &str); 7] = [
    ("A", "2134121314200223223545324"),
    ("B", "3252241233424013521315152"),
    ("C", "2140213422301523443331123"),
    ("D", "3103354123441232443402123"),
    ("E", "4232513313532342333224221"),
    ("F", "3321212453354434134433531"),
    ("G", "5422235321522333553341323"),
];

fn graded(method: &str, grades: &[(&str, &str)]) -> Report {
    let items: Vec<ItemInfo> = grades.iter().map(|(id, _)| item(id, "scale", "", None)).collect();
    let bytes =
        |digits: &str| -> Vec<u8> { digits.bytes().flat_map(|digit| f64::from(digit - b'0').to_le_bytes()).collect() };
    let answers: Vec<(u32, Vec<u8>)> = (0..).zip(grades.iter().map(|(_, digits)| bytes(digits))).collect();
    let answers: Vec<(u32, &[u8])> = answers.iter().map(|(item, bytes)| (*item, bytes.as_slice())).collect();
    report(method, json!({}), &items, &answers)
}

fn column(report: &Report, table: &str, id: &str) -> Vec<Option<f64>> {
    let table = report.table(table).unwrap();
    table.rows.iter().map(|row| table.cell(row, id).unwrap().as_f64()).collect()
}

fn check(report: &Report, table: &str, id: &str, want: &[f64]) {
    let got = column(report, table, id);
    let near = |(got, want): (&Option<f64>, &f64)| got.is_some_and(|got| (got - want).abs() < 1e-9);
    assert!(got.len() == want.len() && got.iter().zip(want).all(near), "{id}: {got:?}, not {want:?}");
}

fn codes(report: &Report) -> Vec<&str> {
    report.notes.iter().map(|note| note.code.as_str()).collect()
}

#[test]
fn scores_are_those_of_a_package() {
    // pref_voting 1.18.2, GradeProfile(...).avg(c), and score_voting again and again without its winners:
    // F=G>E>B>D>A>C. Errors: Python's statistics.stdev(...) / 5.
    let report = graded("score", &GRADES);
    check(&report, "items", "mean", &[2.44, 2.64, 2.36, 2.56, 2.72, 3.04, 3.04]);
    check(&report, "items", "place", &[6.0, 4.0, 7.0, 5.0, 3.0, 1.0, 1.0]);
    check(&report, "items", "median", &[2.0, 2.0, 2.0, 3.0, 3.0, 3.0, 3.0]);
    let errors = [
        0.277_368_587_502_863,
        0.293_711_876_958_809_2,
        0.263_818_119_165_458_4,
        0.271_293_199_325_010_7,
        0.22,
        0.248_193_472_919_817_14,
        0.248_193_472_919_817_14,
    ];
    check(&report, "items", "error", &errors);
    let order = report.notes.iter().find(|note| note.code == "order").unwrap();
    assert!(order.text.starts_with("by mean F=G>E>B>D>A>C;"), "{}", order.text);
}

#[test]
fn majority_judgments_are_those_of_a_package() {
    // pref_voting 1.18.2, majority_judgement again and again without its winners: F>G>D=E>B=C>A. It stops
    // at the majority gauge; by their whole majority values D stands above E and B above C.
    let report = graded("majority-judgment", &GRADES);
    check(&report, "items", "grade", &[2.0, 2.0, 2.0, 3.0, 3.0, 3.0, 3.0]);
    check(&report, "items", "better", &[0.44, 0.48, 0.48, 0.28, 0.2, 0.36, 0.28]);
    check(&report, "items", "worse", &[0.24, 0.24, 0.28, 0.44, 0.44, 0.28, 0.36]);
    let orders = report.table("orders").unwrap();
    assert_eq!(orders.rows[0][0], Cell::from("F>G>D>E>B>C>A"));
    assert_eq!(codes(&report), ["ties_broken"]);
}

#[test]
fn items_graded_alike_are_tied_and_numbers_are_no_grades() {
    let report = graded("majority-judgment", &[("a", "123"), ("b", "112233"), ("c", "333")]);
    assert_eq!(report.table("orders").unwrap().rows[0][0], Cell::from("c>a=b"));
    assert_eq!(codes(&report), ["ties_left"]);

    let registry = Registry::builtin();
    let method = registry.get("majority-judgment").unwrap();
    let items = [item("a", "scale", "", None), item("b", "scale", "", None)];
    let row = |item, score: f64| Row {
        item,
        participant: 0,
        strata: Vec::new(),
        weight: WEIGHT_ONE,
        answer: score.to_le_bytes().to_vec(),
    };
    let run = |rows: &[Row]| run(method, &config(method, &json!({}), &items, 0), rows);
    assert!(matches!(run(&[row(0, 1.5)]), Err(MethodError::Undefined(words)) if words.contains("given to a")));
    assert_eq!(codes(&run(&[row(0, 1.5), row(1, 2.0)]).unwrap()), ["not_graded"]);
}

#[test]
fn measurements_have_a_mean_and_no_table() {
    let items = [item("m", "scale", "", None), item("huge", "scale", "", None)];
    let measured: Vec<u8> = (0..102).flat_map(|x| f64::from(x).to_le_bytes()).collect();
    let huge: Vec<u8> = [f64::MAX, f64::MAX, -f64::MAX].iter().flat_map(|x| x.to_le_bytes()).collect();
    let report = report("score", json!({}), &items, &[(0, &measured), (1, &huge)]);
    assert_eq!(column(&report, "items", "mean"), [Some(50.5), None]);
    assert_eq!(codes(&report), ["values_cut", "too_large", "order"]);
    assert_eq!(report.table("values").unwrap().rows.len(), 2);
}

#[test]
fn a_rubric_by_hand() {
    // Weights of a by four people: 10, 8, 6, 8; of b by one: -4; of c by four: -2, -2, 0, 0; of d by nobody.
    const NONE: u8 = 0x80;
    let weights: [[i8; 4]; 4] = [[10, -4, -2, -128], [8, -128, -2, -128], [6, -128, 0, -128], [8, -128, 0, -128]];
    let bytes: Vec<u8> = weights.concat().into_iter().map(i8::cast_unsigned).collect();
    let position = [3, 0xFF, 1, NONE];
    let items = [item("with", "rubric", "a b c d", Some(&position)), item("without", "rubric", "a b c d", None)];
    let report = report("rubric", json!({}), &items, &[(0, &bytes), (1, &bytes)]);
    let root = 4.0_f64.sqrt().sqrt();
    let means = column(&report, "criteria", "mean");
    assert_eq!(means[..4], [Some(8.0), Some(-4.0), Some(-1.0), None]);
    assert_eq!(means[..4], means[4..]);
    let counts: Vec<f64> = column(&report, "criteria", "counts").into_iter().take(4).flatten().collect();
    assert!(counts.iter().zip([8.0 * root, -4.0, -root]).all(|(got, want)| (got - want).abs() < 1e-12), "{counts:?}");
    // Met are a and c: (8 - 1) of 8.
    check(&report, "positions", "crowd_score", &[7.0 / 8.0]);
    check(&report, "positions", "met", &[2.0]);
    // The mean of a: standard deviation sqrt(8 / 3), error half of it, t of 3 degrees of freedom 3.182446.
    let (low, high) = (column(&report, "criteria", "mean_low"), column(&report, "criteria", "mean_high"));
    let half = 3.182_446_305_284_263 * (8.0_f64 / 3.0).sqrt() / 2.0;
    assert!((low[0].unwrap() - (8.0 - half)).abs() < 1e-9 && (high[0].unwrap() - (8.0 + half)).abs() < 1e-9);
    assert_eq!((low[1], low[3]), (None, None));
    assert_eq!(codes(&report), ["items_without_position", "criteria_without_weights", "criteria_of_one_rater"]);
}

#[test]
fn a_rubric_in_which_nothing_counts_has_no_crowd_score() {
    let items = [item("r", "rubric", "a b", Some(&[1, 1]))];
    let weights: Vec<u8> = [-3_i8, 0, -1, 0].into_iter().map(i8::cast_unsigned).collect();
    let report = report("rubric", json!({}), &items, &[(0, &weights)]);
    assert_eq!(column(&report, "positions", "crowd_score"), [None]);
    assert_eq!(codes(&report), ["nothing_to_reach"]);
}
