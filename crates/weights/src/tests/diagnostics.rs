//! What the report says.

use folkmoot_fold::report::{Report, Severity};

use super::{Sample, close, margins};
use crate::{Fit, Method, Plan, Targets, Weighting, report};

fn run(sample: &Sample, targets: &Targets, weighting: &Weighting) -> (Fit, Report) {
    let people = sample.people();
    let plan = Plan::new(&people, targets, weighting).unwrap();
    let fit = plan.fit(None).unwrap();
    let report = report(&people, &plan, &fit);
    assert_eq!(report.defects(), Vec::<String>::new());
    (fit, report)
}

fn scalar(report: &Report, id: &str) -> f64 {
    report.scalars.iter().find(|scalar| scalar.id == id).and_then(|scalar| scalar.value.as_f64()).unwrap()
}

fn codes(report: &Report, severity: Severity) -> Vec<&str> {
    report.notes.iter().filter(|note| note.severity == severity).map(|note| note.code.as_str()).collect()
}

fn of_regions(north: usize, south: usize) -> Sample {
    let rows = std::iter::repeat_n("north", north).chain(std::iter::repeat_n("south", south));
    Sample::of("region", &rows.collect::<Vec<_>>())
}

#[test]
fn achieved_and_cost_are_told() {
    let (_, report) =
        run(&of_regions(60, 140), &margins(&["region north=0.6 south=0.4"]), &Weighting::new(Method::Rake));
    // 60 people weigh 2 and 140 weigh 4/7: n times the sum of squares over the square of the sum.
    let deff = (60.0 * 4.0 + 140.0 * 16.0 / 49.0) / 200.0;
    close(scalar(&report, "deff_kish"), deff, 1e-12);
    close(scalar(&report, "n_eff"), 200.0 / deff, 1e-12);
    close(scalar(&report, "max_over_mean"), 2.0, 1e-12);
    let levels = report.table("levels").unwrap();
    let cell = |row: usize, id: &str| levels.cell(&levels.rows[row], id).unwrap().as_f64().unwrap();
    close(cell(0, "share_n"), 0.3, 1e-15);
    close(cell(0, "share_weighted"), 0.6, 1e-12);
    assert_eq!(cell(0, "target"), 0.6);
    let histogram = report.table("histogram").unwrap();
    let people = |name: &str| -> i64 {
        let rows = histogram.rows.iter().filter(|row| row[0].as_str() == Some(name));
        rows.map(|row| histogram.cell(row, "n").unwrap().as_f64().unwrap() as i64).sum()
    };
    assert_eq!((people("before"), people("after")), (200, 200));
    assert_eq!(codes(&report, Severity::Warning), Vec::<&str>::new());
    assert_eq!(codes(&report, Severity::Info), ["weighted"]);
}

#[test]
fn what_costs_much_is_warned_of() {
    let check = |north: usize, south: usize, warnings: &[&str], infos: &[&str]| {
        let targets = margins(&["region north=0.5 south=0.5"]);
        let (_, report) = run(&of_regions(north, south), &targets, &Weighting::new(Method::Poststratify));
        assert_eq!(codes(&report, Severity::Warning), warnings);
        assert_eq!(codes(&report, Severity::Info), infos);
    };
    check(100, 100, &[], &["weighted"]);
    check(50, 250, &["design_effect"], &["weighted"]);
    check(40, 320, &["design_effect", "sign_off"], &["weighted"]);
    check(20, 380, &["design_effect", "sign_off", "large_weights"], &["weighted", "collapse_levels"]);
    check(29, 71, &[], &["weighted", "collapse_levels"]);
    check(49, 1951, &["design_effect", "sign_off", "large_weights"], &["weighted", "collapse_levels"]);
}

#[test]
fn trimmed_weights_stay_below_the_limit_and_the_error_is_told() {
    let targets = margins(&["region north=0.5 south=0.5"]);
    let trimmed = Weighting { trim: Some(2.0), ..Weighting::new(Method::Rake) };
    // Each of the 20 would weigh 5; at 2 they have a share of 0.2.
    let (fit, report) = run(&of_regions(20, 180), &targets, &trimmed);
    close(fit.weights[0], 2.0, 1e-12);
    close(fit.weights.iter().sum::<f64>(), 200.0, 1e-12);
    close(fit.gap, 0.3, 1e-9);
    assert!(!fit.converged);
    assert_eq!(fit.trimmed.map(|trimmed| trimmed.people), Some(20));
    assert_eq!(codes(&report, Severity::Warning), ["trim_margin_error"]);
    let untouched = Weighting { trim: Some(6.0), ..Weighting::new(Method::Rake) };
    let (fit, report) = run(&of_regions(20, 180), &targets, &untouched);
    assert!(fit.converged && fit.trimmed.map(|trimmed| trimmed.people) == Some(0));
    assert_eq!(codes(&report, Severity::Warning), ["design_effect", "sign_off"]);
}

#[test]
fn trimming_that_leaves_room_meets_the_targets() {
    // Base weights are spread within a region: those below the limit take up what is cut.
    let cells: Vec<(&str, usize, f64)> = vec![("north", 5, 8.0), ("north", 95, 1.0), ("south", 100, 1.0)];
    let trimmed = Weighting { trim: Some(3.0), ..Weighting::new(Method::Rake) };
    let (fit, report) = run(&Sample::counted("region", &cells), &margins(&["region north=0.5 south=0.5"]), &trimmed);
    assert!(fit.converged, "{}", fit.gap);
    assert!(fit.weights.iter().all(|weight| *weight <= 3.0));
    assert_eq!(fit.trimmed.map(|trimmed| trimmed.people), Some(5));
    assert_eq!(codes(&report, Severity::Warning), Vec::<&str>::new());
}

#[test]
fn weights_add_up_to_the_population() {
    let targets = Targets { population: Some(1e6), ..margins(&["region north=0.6 south=0.4"]) };
    let (fit, report) = run(&of_regions(60, 140), &targets, &Weighting::new(Method::Rake));
    close(fit.weights.iter().sum::<f64>(), 1e6, 1e-12);
    close(scalar(&report, "sum"), 1e6, 1e-12);
}

#[test]
fn a_plan_weights_any_base_weights() {
    let sample = of_regions(2, 2);
    let plan =
        Plan::new(&sample.people(), &margins(&["region north=0.5 south=0.5"]), &Weighting::new(Method::Rake)).unwrap();
    assert_eq!(plan.fit(None).unwrap().weights, [1.0; 4]);
    assert_eq!(plan.fit(Some(&[0.0, 3.0, 1.0, 1.0])).unwrap().weights, [0.0, 2.0, 1.0, 1.0]);
}
