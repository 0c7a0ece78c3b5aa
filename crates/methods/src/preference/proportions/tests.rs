//! The whole method against R's package survey 4.1 on its `api` data, and what is refused.

use folkmoot_fold::rows::{Row, run};
use folkmoot_inference::calibration::Margins;
use folkmoot_inference::{Design, Lonely, Population};
use serde_json::{Value, json};

use super::Proportions;
use crate::contract::{Category, Config, Dimension, Method, MethodError, WEIGHT_ONE};
use crate::report::{Cell, Report};
use crate::testing::{config, votes_item};

const STRAT: &str = include_str!("../../../../inference/fixtures/apistrat.csv");
const CLUS1: &str = include_str!("../../../../inference/fixtures/apiclus1.csv");
const CLUS2: &str = include_str!("../../../../inference/fixtures/apiclus2.csv");

fn dimension(name: &str, labels: impl IntoIterator<Item = String>) -> Dimension {
    let categories = labels.into_iter().map(|label| Category { label, target: None }).collect();
    Dimension { name: name.to_owned(), categories }
}

fn settings(parameters: &Value, dimensions: Vec<Dimension>) -> Config {
    Config { dimensions, ..config(&Proportions::default(), parameters, &[votes_item("wide")], 0) }
}

/// A fixture's rows: type of school, district, weight, whether it met the school-wide target, scores.
fn lines(text: &str) -> Vec<Vec<f64>> {
    text.lines().skip(1).map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect()).collect()
}

/// Schools vote on whether they met the school-wide target; `low` is what those of a low score vote
/// instead, if anything else.
fn schools(text: &str, parameters: &Value, low: Option<u8>) -> Report {
    let lines = lines(text);
    let mut districts: Vec<u32> = lines.iter().map(|line| line[1] as u32).collect();
    districts.sort_unstable();
    districts.dedup();
    let row = |(participant, line): (u32, &Vec<f64>)| {
        let high = line[4] > 600.0;
        let vote = if line[3] == 1.0 { b'A' } else { b'D' };
        let district = districts.binary_search(&(line[1] as u32)).unwrap();
        Row {
            item: 0,
            participant,
            strata: vec![line[0] as u16, u16::from(high), district as u16],
            weight: (line[2] * WEIGHT_ONE as f64).round() as i64,
            answer: vec![low.filter(|_| !high).unwrap_or(vote)],
        }
    };
    let rows: Vec<Row> = (0..).zip(&lines).map(row).collect();
    let dimensions = vec![
        dimension("type", ["E", "H", "M"].map(str::to_owned)),
        dimension("score", ["low", "high"].map(str::to_owned)),
        dimension("district", districts.iter().map(u32::to_string)),
    ];
    run(&Proportions::default(), &settings(parameters, dimensions), &rows).unwrap()
}

/// Share, effective answers, design effect and interval of one row.
fn figures(report: &Report, domain: &str, option: &str) -> [f64; 5] {
    let table = report.table("proportions").unwrap();
    let word = |row: &[Cell], column: &str| table.cell(row, column).and_then(Cell::as_str).map(str::to_owned);
    let is_it = |row: &&Vec<Cell>| {
        word(row, "domain").as_deref() == Some(domain) && word(row, "option").as_deref() == Some(option)
    };
    let row = table.rows.iter().find(is_it).unwrap();
    ["share", "n_eff", "deff", "share_low", "share_high"]
        .map(|column| table.cell(row, column).and_then(Cell::as_f64).unwrap())
}

fn close<const N: usize>(what: &str, got: [f64; N], want: [f64; N]) {
    let near = |(got, want): (f64, f64)| (got - want).abs() <= 1e-9 * want.max(1.0);
    assert!(got.into_iter().zip(want).all(near), "{what}: {got:?}, not {want:?}");
}

/// R 4.2.2, survey 4.1, weights rounded as ours: w <- round(weight * 2^20) / 2^20. Figures are coef,
/// p (1 - p) / vcov and deff of svymean(~I(wide == 1), d, deff = "replace"), and svyciprop of the same; first
/// of d, then of subset(d, api99 > 600).
#[test]
fn shares_errors_and_intervals_are_those_of_r_survey() {
    let check = |text: &str, parameters: &Value, all: [f64; 5], high: [f64; 5]| {
        let report = schools(text, parameters, None);
        close(&format!("{parameters} all"), figures(&report, "all", "agree"), all);
        close(&format!("{parameters} high"), figures(&report, "score=high", "agree"), high);
        // Whom an option does not count for is outside its domain in the same way.
        let passed = schools(text, parameters, Some(b'P'));
        close(&format!("{parameters} voted"), figures(&passed, "all", "agree_of_voted"), high);
    };
    // svydesign(id = ~1, strata = ~stratum, weights = ~w, data = apistrat); method = "xlogit", "beta", "mean"
    let all = |low, high| [0.827_948_011_416, 232.420_080_190_494, 0.856_208_292_489, low, high];
    let above = |low, high| [0.847_576_643_296, 111.102_667_037_157, 0.999_075_926_439, low, high];
    check(
        STRAT,
        &json!({"stratum": "type"}),
        all(0.773_542_009_726, 0.871_455_182_759),
        above(0.767_201_828_881, 0.903_685_342_234),
    );
    check(
        STRAT,
        &json!({"stratum": "type", "interval": "korn-graubard"}),
        all(0.773_157_461_316, 0.874_156_694_040),
        above(0.767_008_175_017, 0.908_743_428_443),
    );
    check(
        STRAT,
        &json!({"stratum": "type", "interval": "mean"}),
        all(0.779_125_639_522, 0.876_770_383_310),
        above(0.779_991_765_134, 0.915_161_521_458),
    );
    // svydesign(id = ~1, weights = ~w, data = apistrat)
    check(
        STRAT,
        &json!({}),
        [0.827_948_011_416, 209.616_127_316_671, 0.949_354_434_448, 0.770_348_721_705, 0.873_473_500_907],
        [0.847_576_643_296, 108.864_511_991_114, 1.019_616_015_998, 0.766_264_022_127, 0.904_140_756_460],
    );
    // svydesign(id = ~cluster, weights = ~w, data = apiclus2)
    check(
        CLUS2,
        &json!({"cluster": "district"}),
        [0.751_291_512_999, 41.975_820_618_954, 2.977_904_854_671, 0.594_662_553_639, 0.861_493_511_043],
        [0.849_999_999_864, 28.298_351_981_382, 2.791_682_005_086, 0.658_782_211_095, 0.943_285_017_405],
    );
    // The same with strata = ~stratum, nest = TRUE, where districts are drawn anew in each type of school.
    check(
        CLUS2,
        &json!({"stratum": "type", "cluster": "district"}),
        [0.751_291_512_999, 25.871_141_078_283, 4.831_638_450_804, 0.549_260_001_435, 0.882_190_934_586],
        [0.849_999_999_864, 34.959_385_826_694, 2.259_765_099_754, 0.685_547_070_641, 0.936_423_227_118],
    );
}

#[test]
fn the_notes_name_interval_freedom_and_lonely_strata() {
    let report = schools(CLUS2, &json!({"stratum": "type", "cluster": "district", "interval": "wilson"}), None);
    let note = |code: &str| report.notes.iter().find(|note| note.code == code).unwrap().text.as_str();
    assert!(note("design").contains("wilson at level 0.95"));
    assert!(note("freedom").contains("67 for all answers"));
    assert!(note("lonely_strata").contains("adjust"));
}

#[test]
fn a_stratum_and_a_cluster_must_be_told_apart() {
    let check = |parameters: Value, want: &[(&str, &str)]| {
        let dimensions = vec![dimension("age", ["young", "old"].map(str::to_owned))];
        let refused = run(&Proportions::default(), &settings(&parameters, dimensions), &[]);
        let Err(MethodError::BadParameters(problems)) = refused else { panic!("{refused:?}") };
        let got: Vec<_> = problems.iter().map(|problem| (problem.path.as_str(), problem.message.as_str())).collect();
        assert_eq!(got, want);
    };
    let unknown = "\"town\" is not among the attributes told apart (age)";
    check(json!({"stratum": "town"}), &[("/stratum", unknown)]);
    check(json!({"stratum": "town", "cluster": "town"}), &[("/stratum", unknown), ("/cluster", unknown)]);
    check(json!({"stratum": "age", "cluster": "age"}), &[("/cluster", "the attribute is the stratum too")]);
}

/// Schools in their districts, with the number of clusters that `size` says of their type.
fn sized(text: &str, parameters: &Value, size: &[&str]) -> Result<Report, MethodError> {
    let row = |(participant, line): (u32, &Vec<f64>)| Row {
        item: 0,
        participant,
        strata: vec![line[0] as u16, line[1] as u16, (line[0] as u16).min(size.len() as u16 - 1)],
        weight: (line[2] * WEIGHT_ONE as f64).round() as i64,
        answer: vec![if line[3] == 1.0 { b'A' } else { b'D' }],
    };
    let rows: Vec<Row> = (0..).zip(&lines(text)).map(row).collect();
    let dimensions = vec![
        dimension("type", ["E", "H", "M"].map(str::to_owned)),
        dimension("district", (0..1_000).map(|district| district.to_string())),
        dimension("size", size.iter().map(|size| (*size).to_owned())),
    ];
    run(&Proportions::default(), &settings(parameters, dimensions), &rows)
}

/// R's package survey 4.1.1, designs with fpc: svyciprop(~I(sch.wide == "Yes"), d, method = "xlogit") of `strat`
/// and `clus1`, as `folkmoot-inference` names them in its own references.
#[test]
fn a_finite_population_leaves_less_to_be_unsure_of() {
    let check = |text: &str, parameters: Value, size: &[&str], want: [f64; 2]| {
        let report = sized(text, &parameters, size).unwrap();
        let [_, _, _, low, high] = figures(&report, "all", "agree");
        assert!((low - want[0]).abs() < 1e-7 && (high - want[1]).abs() < 1e-7, "{parameters}: {low} {high}");
        assert_eq!(report.table("proportions").unwrap().rows.len() % 4, 0, "sizes are no domain");
    };
    let strat = json!({"stratum": "type", "fpc": "size"});
    check(STRAT, strat, &["4421", "755", "1018"], [0.774539654747, 0.870814854944]);
    let clus1 = json!({"cluster": "district", "fpc": "size"});
    check(CLUS1, clus1, &["757"], [0.823798892383, 0.911900077024]);
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    let check = |parameters: Value, size: &[&str], want: &str| {
        let refused = sized(STRAT, &parameters, size).unwrap_err().to_string();
        assert!(refused.contains(want), "{refused}");
    };
    let strat = json!({"stratum": "type", "fpc": "size"});
    check(strat.clone(), &["many"], "/fpc: \"many\" of \"size\" is no number of clusters");
    check(strat, &["4421", "49", "1018"], "50 clusters of the stratum \"H\" answered, the fpc says 49");
    check(json!({"fpc": "size"}), &["4421", "755", "1018"], "gives the population 4421 and 755");
    check(json!({"stratum": "size", "fpc": "size"}), &["9"], "/fpc: the attribute is the stratum");
}

/// The weights of R's `postStratify(clus1, ~stype, ...)` and `calibrate(clus1, ~stype+sch.wide, ...,
/// calfun = "raking")` of its own references: the variance is the one that [`folkmoot_inference`] gives of rows
/// and their residuals, which is R's to nine digits.
#[test]
fn what_weighting_explains_is_taken_out_of_errors() {
    let lines = lines(CLUS1);
    let codes = |of: &dyn Fn(&Vec<f64>) -> u32| lines.iter().map(of).collect::<Vec<u32>>();
    let (types, wide, district) =
        (codes(&|line| line[0] as u32), codes(&|line| line[3] as u32), codes(&|line| line[1] as u32));
    let high: Vec<f64> = lines.iter().map(|line| f64::from(u8::from(line[4] > 600.0))).collect();
    let check = |weight: &dyn Fn(usize) -> f64, margins: &[&Vec<u32>]| {
        let weight: Vec<i64> = (0..lines.len()).map(|row| (weight(row) * WEIGHT_ONE as f64).round() as i64).collect();
        let row = |place: usize| Row {
            item: 0,
            participant: place as u32,
            strata: std::iter::once(district[place])
                .chain(margins.iter().map(|m| m[place]))
                .map(|c| c as u16)
                .collect(),
            weight: weight[place],
            answer: vec![if high[place] > 0.0 { b'A' } else { b'D' }],
        };
        let rows: Vec<Row> = (0..lines.len()).map(row).collect();
        let names = ["district", "first", "second"].into_iter().take(1 + margins.len());
        let dimensions = names.map(|name| dimension(name, (0..1_000).map(|level| level.to_string()))).collect();
        let method = Proportions::default().calibrated(margins.len()).unwrap();
        let report = run(&*method, &settings(&json!({"cluster": "district"}), dimensions), &rows).unwrap();
        let [share, effective, ..] = figures(&report, "all", "agree");
        let got = [share, share * (1.0 - share) / effective];

        let weight: Vec<f64> = weight.iter().map(|weight| *weight as f64).collect();
        let design = Design::new(lines.len(), None, Some(&district), Population::Large, Lonely::Fail).unwrap();
        let residuals = Margins::new(margins.iter().map(|codes| codes.as_slice()).collect(), &weight).unwrap();
        let total =
            |column: &[f64]| design.calibrated_total(&weight, column, &residuals.residuals(column).unwrap()).unwrap();
        let mean = total(&high).ratio(&total(&vec![1.0; lines.len()])).unwrap();
        close("calibrated", got, [mean.value, design.variance(&mean).unwrap()]);
        let plain =
            design.total(&weight, &high).unwrap().ratio(&design.total(&weight, &vec![1.0; lines.len()]).unwrap());
        let plain = design.variance(&plain.unwrap()).unwrap();
        assert!((got[1] / plain - 1.0).abs() > 1e-3, "margins that explain nothing");
    };
    let by_type = [30.701388888889, 53.928571428571, 40.72];
    check(&|row| by_type[types[row] as usize], &[&types]);
    let by_both =
        [[39.839236247131, 29.870675492685], [67.125529241194, 50.329401116038], [49.069072163856, 36.791024864068]];
    check(&|row| by_both[types[row] as usize][wide[row] as usize], &[&types, &wide]);
}
