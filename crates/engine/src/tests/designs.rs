//! Replicates that follow a design, for methods that know none.

use folkmoot_core::{Fault, Reason};
use folkmoot_methods::report::{Cell, Table};

use super::*;
use crate::{Design, Lonely, Scheme};

/// A person's attributes, weight and one answer.
struct Person {
    attributes: Vec<(&'static str, String)>,
    weight: f64,
    answer: String,
}

fn seal(folder: &std::path::Path, kind: &str, people: &[Person]) -> Snapshot {
    let candidates = if kind == "rank" { json!([{"id": "A"}, {"id": "B"}]) } else { json!([]) };
    let items: Vec<Item> =
        serde_json::from_value(json!([{"id": "q", "kind": kind, "candidates": candidates}])).unwrap();
    let id = |n: usize| format!("p{n:05}");
    let person = |(n, person): (usize, &Person)| Participant {
        id: id(n),
        attributes: person.attributes.iter().map(|(name, level)| ((*name).to_owned(), level.clone())).collect(),
        weight: Some(person.weight),
    };
    let all = people.iter().enumerate().map(person);
    let mut writer = Writer::create(folder, items.clone(), all, Meta::default()).unwrap();
    for (n, person) in people.iter().enumerate() {
        let answer = Answer::parse(&items[0], &person.answer, None).unwrap().encode();
        let (item, participant, view) = ("q", &id(n)[..], View::Personal);
        let row = Row { item, participant, view, answer: &answer, rationale: None, weight: None, duration_ms: None };
        writer.push(row).unwrap();
    }
    writer.seal().unwrap()
}

/// Schools of R's package survey, their score of 2000 the answer.
fn schools(text: &str, size: fn(stratum: &str) -> &'static str) -> Vec<Person> {
    let person = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        Person {
            attributes: vec![
                ("type", cells[0].to_owned()),
                ("district", cells[1].to_owned()),
                ("wide", cells[3].to_owned()),
                ("size", size(cells[0]).to_owned()),
            ],
            weight: cells[2].parse().unwrap(),
            answer: cells[5].to_owned(),
        }
    };
    text.lines().skip(1).map(person).collect()
}

const STRAT: &str = include_str!("../../../inference/fixtures/apistrat.csv");
const CLUS1: &str = include_str!("../../../inference/fixtures/apiclus1.csv");
const CLUS2: &str = include_str!("../../../inference/fixtures/apiclus2.csv");

fn strat() -> Vec<Person> {
    schools(STRAT, |stratum| ["4421", "755", "1018"][stratum.parse::<usize>().unwrap()])
}

fn number(table: &Table, row: usize, id: &str) -> f64 {
    table.cell(&table.rows[row], id).and_then(Cell::as_f64).unwrap_or_else(|| panic!("{id} in {table:?}"))
}

fn designed(method: &str, scheme: Scheme, strata: Option<&str>, clusters: Option<&str>) -> RunSpec {
    let (strata, clusters) = (strata.map(str::to_owned), clusters.map(str::to_owned));
    RunSpec { design: Some(Design { scheme, strata, clusters, ..Design::default() }), ..spec(method) }
}

fn with_fpc(mut spec: RunSpec) -> RunSpec {
    spec.design.as_mut().unwrap().fpc = Some("size".to_owned());
    spec
}

/// R's package survey 4.1.1: SE(svymean(~api00, as.svrepdesign(d, type = ..., mse = TRUE))), of the designs that
/// `folkmoot-inference` names in its own references.
#[test]
fn errors_of_a_mean_are_those_of_r_survey() {
    let check = |people: Vec<Person>, spec: RunSpec, want: f64| {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = seal(folder.path(), "scale", &people);
        let result = go(&snapshot, &spec).unwrap();
        let got = number(result.report.table("items").unwrap(), 0, "mean_se");
        assert!((got - want).abs() < 1e-6 * want, "{:?}: {got}, not {want}", spec.design);
        assert_eq!(go(&snapshot, &result.spec()).unwrap().hash(), result.hash());
    };
    let jk1 = || designed("score", Scheme::Jk1, None, Some("district"));
    check(schools(CLUS2, |_| "1"), jk1(), 34.938759179982);
    check(schools(CLUS1, |_| "757"), with_fpc(jk1()), 26.334857668459);
    let jkn = designed("score", Scheme::Jkn, Some("type"), None);
    check(strat(), with_fpc(jkn), 9.408940802785);
}

/// The survival rates of R's data set `scd`: two ambulances in each of three regions.
fn arrests() -> Vec<Person> {
    let counts = [(120, 25), (78, 24), (185, 30), (228, 49), (670, 80), (530, 70)];
    let person = |ambulance: usize, survived: bool| Person {
        attributes: vec![
            ("region", (ambulance / 2).to_string()),
            ("ambulance", ambulance.to_string()),
            ("alive", survived.to_string()),
        ],
        weight: 1.0,
        answer: if survived { "A>B" } else { "B>A" }.to_owned(),
    };
    let of = |(ambulance, (all, alive)): (usize, (usize, usize))| (0..all).map(move |n| (ambulance, n < alive));
    counts.into_iter().enumerate().flat_map(of).map(|(ambulance, alive)| person(ambulance, alive)).collect()
}

/// R's package survey 4.1.1: SE(svyratio(~alive, ~arrests, as.svrepdesign(d, type = "BRR", hadamard.matrix = H,
/// mse = TRUE))), and the same with type = "Fay", fay.rho = 0.3.
#[test]
fn errors_of_halves_are_those_of_r_survey() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = seal(folder.path(), "rank", &arrests());
    let check = |scheme: Scheme, kept: Option<f64>, want: f64| {
        let mut spec = designed("borda", scheme, Some("region"), Some("ambulance"));
        spec.design.as_mut().unwrap().kept = kept;
        let report = go(&snapshot, &spec).unwrap().report;
        let table = report.table("candidates").unwrap();
        let error = number(table, 0, "share_se");
        assert!((error - want).abs() < 1e-6 * want, "{scheme:?}: {error}, not {want}");
        // Student's t of three degrees of freedom, tabulated.
        let half = (number(table, 0, "share_high") - number(table, 0, "share_low")) / 2.0;
        assert!((half / error - 3.182_446).abs() < 1e-6, "{scheme:?}: {half}");
    };
    check(Scheme::Brr, None, 0.010307906841);
    check(Scheme::Fay, Some(0.3), 0.010143984068);
}

#[test]
fn a_jackknife_of_a_mean_is_its_closed_form() {
    // Of n answers of weight 1, JK1's variance of the mean is s^2 / n.
    let folder = tempfile::tempdir().unwrap();
    let answers: Vec<f64> = (0..60).map(|n| f64::from(n * 37 % 101)).collect();
    let person = |answer: &f64| Person { attributes: Vec::new(), weight: 1.0, answer: answer.to_string() };
    let people: Vec<Person> = answers.iter().map(person).collect();
    let snapshot = seal(folder.path(), "scale", &people);
    let report = go(&snapshot, &designed("score", Scheme::Jk1, None, None)).unwrap().report;
    let n = answers.len() as f64;
    let mean = answers.iter().sum::<f64>() / n;
    let squares: f64 = answers.iter().map(|answer| (answer - mean) * (answer - mean)).sum();
    let want = (squares / (n - 1.0) / n).sqrt();
    let got = number(report.table("items").unwrap(), 0, "mean_se");
    assert!((got - want).abs() < 1e-6 * want, "{got}, not {want}");
}

#[test]
fn threads_change_no_bit() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = seal(folder.path(), "scale", &strat());
    let registry = Registry::builtin();
    let method = registry.get("score").unwrap();
    let run = |spec: &RunSpec, threads: usize| {
        let runnable = Runnable { method, component: None };
        run_method(runnable, &snapshot, spec, threads, &mut |_| ControlFlow::Continue(())).unwrap()
    };
    let shares = [("0".to_owned(), 0.2), ("1".to_owned(), 0.8)];
    let raked = |spec: RunSpec| RunSpec { targets: [("wide".to_owned(), shares.clone().into())].into(), ..spec };
    let bootstrap = || RunSpec { replicates: 100, seed: 3, ..designed("score", Scheme::Bootstrap, Some("type"), None) };
    for spec in [designed("score", Scheme::Jkn, Some("type"), None), bootstrap(), raked(bootstrap())] {
        assert_eq!(run(&spec, 1).hash(), run(&spec, 3).hash(), "{spec:?}");
    }
}

fn a_fifth_alive(spec: RunSpec) -> RunSpec {
    let shares = [("false".to_owned(), 0.8), ("true".to_owned(), 0.2)].into();
    RunSpec { targets: [("alive".to_owned(), shares)].into(), ..spec }
}

#[test]
fn weights_are_made_anew_in_every_replicate() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = seal(folder.path(), "rank", &arrests());
    // The answer is the margin's, whose share every replicate meets.
    for scheme in [Scheme::Jkn, Scheme::Brr, Scheme::Fay] {
        let spec = a_fifth_alive(designed("borda", scheme, Some("region"), Some("ambulance")));
        let error = number(go(&snapshot, &spec).unwrap().report.table("candidates").unwrap(), 0, "share_se");
        assert!(error < 1e-6, "{scheme:?}: {error}");
    }
}

#[test]
fn proportions_are_told_what_the_weights_were_made_to_meet() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = seal(folder.path(), "rank", &arrests());
    let params = json!({"stratum": "region", "cluster": "ambulance"});
    let (by, also_by) = (Some("region".to_owned()), vec!["ambulance".to_owned()]);
    let plain = RunSpec { params, by, also_by, ..spec("proportions") };
    let width = |spec: &RunSpec| {
        let result = go(&snapshot, spec).unwrap();
        let table = result.report.table("proportions").unwrap();
        assert_eq!(table.rows.len(), 2, "margins are no domains");
        number(table, 0, "share_high") - number(table, 0, "share_low")
    };
    assert!(width(&plain) > 0.05);
    assert!(width(&a_fifth_alive(plain)) < 1e-6);
}

#[test]
fn what_does_not_go_with_the_design_is_refused_where_it_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let snapshot = seal(folder.path(), "rank", &arrests());
    let check = |spec: RunSpec, field: &str, words: &str| {
        let fault = Fault::from(go(&snapshot, &spec).unwrap_err());
        let found = &fault.violations[0];
        assert_eq!((fault.reason, found.field.as_str()), (Reason::BadField, field), "{fault:?}");
        assert!(found.message.contains(words), "{fault:?}");
    };
    let brr = |strata, clusters| designed("borda", Scheme::Brr, strata, clusters);
    check(brr(None, Some("ambulance")), "design/strata", "the population has 6 clusters, brr needs two");
    check(brr(Some("town"), None), "design/strata", "no attribute \"town\"; they have alive, ambulance, region");
    let jkn = || designed("borda", Scheme::Jkn, Some("ambulance"), Some("region"));
    check(jkn(), "design/clusters", "no stratum has two clusters");
    check(designed("borda", Scheme::Jk1, Some("region"), None), "design/strata", "unknown to jk1");
    check(RunSpec { replicates: 9, ..brr(Some("region"), Some("ambulance")) }, "design/scheme", "ask for none");
    check(designed("borda", Scheme::Bootstrap, Some("region"), None), "design/scheme", "needs a number");
    let sized = |name: &str| {
        let mut spec = designed("borda", Scheme::Jkn, Some("region"), Some("ambulance"));
        spec.design.as_mut().unwrap().fpc = Some(name.to_owned());
        spec
    };
    check(sized("region"), "design/fpc", "\"0\" of \"region\" is no number");
    check(sized("ambulance"), "design/fpc", "is no number");
}

#[test]
fn a_lonely_cluster_is_refused_unless_it_is_said_to_be_certain() {
    let folder = tempfile::tempdir().unwrap();
    let mut people = arrests();
    people.retain(|person| person.attributes[1].1 != "5");
    let snapshot = seal(folder.path(), "rank", &people);
    let mut spec = designed("borda", Scheme::Jkn, Some("region"), Some("ambulance"));
    let refused = go(&snapshot, &spec).unwrap_err().to_string();
    assert!(refused.contains("the stratum \"2\" has a single cluster"), "{refused}");
    spec.design.as_mut().unwrap().lonely = Lonely::Certainty;
    let result = go(&snapshot, &spec).unwrap();
    assert!(number(result.report.table("candidates").unwrap(), 0, "share_se") > 0.0);
    assert!(result.notes.iter().any(|note| note.code == "lonely_strata"), "{:?}", result.notes);
}
