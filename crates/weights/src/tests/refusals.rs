//! What cannot be weighted is refused, with the margin, the level and the gap.

use super::{Sample, cells, close, margins};
use crate::{Distance, Failure, Method, Targets, Unknown, Weighting};

/// Two regions and two ages: 3 are young in the north, 1 is old there, 2 are young in the south and 4 old.
fn sample() -> Sample {
    let rows = ["north young"; 3].into_iter().chain(["north old"; 1]).chain(["south young"; 2]).chain(["south old"; 4]);
    Sample::of("region age", &rows.collect::<Vec<_>>())
}

fn rake() -> Weighting {
    Weighting::new(Method::Rake)
}

fn refused(sample: &Sample, targets: &Targets, weighting: &Weighting, want: &[&str]) -> Failure {
    let failure = sample.fit(targets, weighting).expect_err("there are no weights");
    let words = failure.to_string();
    want.iter().for_each(|want| assert!(words.contains(want), "{want:?} is not in {words:?}"));
    failure
}

#[test]
fn base_weights_that_are_none() {
    let check = |base: [f64; 10], want: &[&str]| {
        let sample = Sample { base: Some(base.into()), ..sample() };
        refused(&sample, &margins(&["region north=0.4 south=0.6"]), &rake(), want);
    };
    let with = |row: usize, weight: f64| std::array::from_fn(|at| if at == row { weight } else { 1.0 });
    check(with(3, -0.5), &["1 base weights are negative or no numbers, the first (-0.5) in row 3"]);
    check(with(0, f64::NAN), &["the first (NaN) in row 0"]);
    check(with(9, f64::INFINITY), &["the first (inf) in row 9"]);
    check([0.0; 10], &["the base weights add up to 0"]);
    let north_is_0 = std::array::from_fn(|at| if at < 4 { 0.0 } else { 1.0 });
    check(north_is_0, &["target region: those who are north, whose target is 0.4, have base weights of 0"]);
}

#[test]
fn targets_that_do_not_go_with_the_people() {
    let check = |lines: &[&str], want: &[&str]| {
        refused(&sample(), &margins(lines), &rake(), want);
    };
    check(&[], &["there are no targets"]);
    check(&["region north=0.4 east=0.1 south=0.5"], &["target region: nobody is east, whose target is 0.1"]);
    check(&["region north=1"], &["target region: 6 participants are south, which has no target"]);
    check(&["region north=1 south=0"], &["target region: 6 participants are south, whose target is 0"]);
    check(&["region north=0.4 south=0.5"], &["target region: the shares add up to 0.9, not to 1"]);
    check(&["region north=-0.4 south=1.4"], &["the share -0.4 of north is not from 0 to 1", "the share 1.4 of south"]);
    check(&["region north=NaN south=0.6"], &["the share NaN of north is not from 0 to 1"]);
    check(&["county a=1"], &["target county: there is no attribute \"county\"; known are region, age"]);
    let both = ["age old=0.4 young=0.3 baby=0.3", "region north=1"];
    check(&both, &["target age: nobody is baby", "target region: 6 participants are south"]);
    let nobody = Targets { population: Some(0.0), ..margins(&["region north=0.4 south=0.6"]) };
    refused(&sample(), &nobody, &rake(), &["target population: must be a number above 0"]);
    refused(&Sample::of("region", &[]), &margins(&["region north=1"]), &rake(), &["there are no participants"]);
}

#[test]
fn an_empty_level_with_a_target_of_0_is_no_matter() {
    let fit = sample().fit(&margins(&["region north=0.5 east=0 south=0.5"]), &rake()).unwrap();
    assert_eq!((fit.weights[0], fit.converged), (1.25, true));
}

#[test]
fn cells_that_are_none() {
    let check = |attributes: &str, shares: &[(&str, f64)], want: &[&str]| {
        let targets = Targets { cells: vec![cells(attributes, shares)], ..Targets::default() };
        refused(&sample(), &targets, &rake(), want);
    };
    let all = [("north young", 0.2), ("north old", 0.3), ("south young", 0.1), ("south old", 0.4)];
    check("region age", &all[1..], &["the shares add up to 0.8"]);
    check("region region", &all, &["the attribute \"region\" is given twice"]);
    check("region", &all, &["north young has 2 levels".replace("young", "x young").as_str(), "there are 1 attributes"]);
    check("region age", &[all[0], all[0], ("south old", 0.6)], &["north x young is given twice"]);
    check("region age", &[("north young", 0.4), ("south old", 0.6)], &["1 participants are north x old, which has no"]);
}

#[test]
fn levels_that_are_not_known() {
    let sample = Sample::of("region", &["north", "?", "south", "?", "south"]);
    let targets = margins(&["region north=0.5 south=0.5"]);
    refused(&sample, &targets, &rake(), &["target region: the level of 2 participants is not known"]);
    let keep = Weighting { unknown: Unknown::Keep, ..rake() };
    let fit = sample.fit(&targets, &keep).unwrap();
    fit.weights.iter().zip([1.5, 1.0, 0.75, 1.0, 0.75]).for_each(|(got, want)| close(*got, want, 1e-15));
}

#[test]
fn poststratification_meets_one_set_of_cells() {
    let two = margins(&["region north=0.4 south=0.6", "age old=0.5 young=0.5"]);
    let words = "poststratify meets one margin or one set of cells, and there are 2: age, region; take rake";
    refused(&sample(), &two, &Weighting::new(Method::Poststratify), &[words]);
}

#[test]
fn targets_that_cannot_be_met_together_are_named() {
    // Everybody in the north is young.
    let sample = Sample::of("region age", &["north young", "south young", "south old", "south old"]);
    let targets = margins(&["region north=0.6 south=0.4", "age old=0.5 young=0.5"]);
    let want = ["every participant in ", "cannot be met together"];
    let bounded = [Distance::Logit, Distance::TruncatedLinear].map(|d| Weighting::calibrate(d, Some((0.0, 100.0))));
    let free = [rake(), Weighting::calibrate(Distance::Raking, None), Weighting::calibrate(Distance::Linear, None)];
    for weighting in free.into_iter().chain(bounded) {
        let failure = refused(&sample, &targets, &weighting, &want);
        let Failure::Infeasible(conflict) = failure else { panic!("{failure:?}") };
        let names = |categories: &[crate::Category]| -> Vec<String> {
            categories.iter().map(|c| format!("{}={}", c.margin, c.level)).collect()
        };
        let sides = (names(&conflict.parts), names(&conflict.wholes));
        let one = |side: &str| vec![side.to_owned()];
        let either = [(one("region=north"), one("age=young")), (one("age=old"), one("region=south"))];
        assert!(either.contains(&sides), "{sides:?}");
        assert!((conflict.gap - 0.1).abs() < 1e-9, "{}", conflict.gap);
    }
}

#[test]
fn bounds_that_are_too_tight_are_named() {
    let targets = margins(&["region north=0.8 south=0.2"]);
    for distance in [Distance::Logit, Distance::TruncatedLinear] {
        let weighting = Weighting::calibrate(distance, Some((0.1, 1.5)));
        let words = [
            "no weights from 0.1 to 1.5 times the base weights",
            "too large for region=north (0.8); too small for region=south (0.2): by 0.2",
        ];
        refused(&sample(), &targets, &weighting, &words);
    }
}

#[test]
fn targets_that_only_weights_of_0_meet_are_named() {
    let sample = Sample::of("region age", &["north young", "south young", "south old", "south old"]);
    let targets = margins(&["region north=0.5 south=0.5", "age old=0.5 young=0.5"]);
    for weighting in
        [rake(), Weighting::calibrate(Distance::Raking, None), Weighting::calibrate(Distance::Linear, None)]
    {
        let failure = refused(&sample, &targets, &weighting, &["only be met with weights of 0", "0.500000"]);
        assert!(matches!(failure, Failure::Boundary(_)), "{failure:?}");
    }
}

#[test]
fn two_targets_of_one_attribute_that_differ_are_named() {
    let cells =
        cells("region age", &[("north young", 0.3), ("north old", 0.3), ("south young", 0.2), ("south old", 0.2)]);
    let targets = Targets { cells: vec![cells], ..margins(&["region north=0.4 south=0.6"]) };
    refused(&sample(), &targets, &rake(), &["region=north (0.4)", "region x age=north x young (0.3)"]);
}

#[test]
fn negative_weights_are_refused() {
    let rows = ["a x"; 50].into_iter().chain(["a y"; 5]).chain(["b x"; 5]).chain(["b y"; 40]);
    let sample = Sample::of("p q", &rows.collect::<Vec<_>>());
    let targets = margins(&["p a=0.1 b=0.9", "q x=0.7 y=0.3"]);
    let words = ["5 weights are negative, the least (", "for p=a, q=y; take a distance of raking"];
    refused(&sample, &targets, &Weighting::calibrate(Distance::Linear, None), &words);
    assert!(sample.fit(&targets, &Weighting::calibrate(Distance::Raking, None)).is_ok());
}

#[test]
fn raking_that_takes_too_long_says_how_far_it_came() {
    let targets = margins(&["region north=0.1 south=0.9", "age old=0.2 young=0.8"]);
    // One round of raking, and then one step of Newton's method.
    let weighting = Weighting { max_iterations: 1, ..rake() };
    let failure = refused(&sample(), &targets, &weighting, &["not converged after 2 iterations: ", "tolerance 1e-8"]);
    let Failure::NotConverged { margin, share, target, .. } = failure else { panic!("{failure:?}") };
    assert!(margin == "region" || margin == "age");
    assert!((share - target).abs() > 1e-8);
}

#[test]
fn base_weights_of_another_length() {
    let sample = sample();
    let plan = crate::Plan::new(&sample.people(), &margins(&["region north=0.4 south=0.6"]), &rake()).unwrap();
    let failure = plan.fit(Some(&[1.0, 2.0])).unwrap_err();
    assert_eq!(failure.to_string(), "base weights has 2 rows, there are 10 participants");
}

#[test]
fn columns_that_are_no_levels() {
    let mut sample = sample();
    sample.codes[0][2] = 7;
    refused(
        &sample,
        &margins(&["region north=0.4 south=0.6"]),
        &rake(),
        &["region: 1 participants have a code that is"],
    );
}

#[test]
fn a_conflict_among_a_thousand_cells_is_found() {
    let row = |n: usize| format!("a{} b{} c{} d{}", n % 5, n / 5 % 4, n / 20 % 6, n / 120 % 10);
    let rows: Vec<String> = (0..1200).filter(|n| n % 5 > 0 || n / 120 % 10 == 3).map(row).collect();
    let sample = Sample::of("a b c d", &rows.iter().map(String::as_str).collect::<Vec<_>>());
    let even = |name: &str, levels: usize| {
        let shares = (0..levels).map(|level| format!(" {name}{level}={}", 1.0 / levels as f64));
        format!("{name}{}", shares.collect::<String>())
    };
    let lines = [even("a", 5), even("b", 4), even("c", 6), even("d", 10)];
    let targets = margins(&lines.each_ref().map(String::as_str));
    // Everybody of a0 is d3.
    refused(&sample, &targets, &rake(), &["a=a0 (0.2)", "d=d3 (0.1)"]);
}

#[test]
fn bounds_too_tight_for_thousands_of_cells_are_named() {
    let row = |n: usize| format!("a{} b{} c{} d{} e{}", n % 5, n / 5 % 4, n / 20 % 6, n / 120 % 10, n / 1200 % 3);
    let rows: Vec<String> = (0..3600).map(row).collect();
    let sample = Sample::of("a b c d e", &rows.iter().map(String::as_str).collect::<Vec<_>>());
    let targets = margins(&["a a0=0.5 a1=0.1 a2=0.1 a3=0.1 a4=0.2", "e e0=0.4 e1=0.3 e2=0.3"]);
    let targets = Targets { cells: vec![cells("b c d", &even_cells())], ..targets };
    let weighting = Weighting::calibrate(Distance::Logit, Some((0.4, 2.0)));
    refused(&sample, &targets, &weighting, &["too large for a=a0 (0.5)", "by 0.1"]);
}

/// 240 cells of the same share.
fn even_cells() -> Vec<(&'static str, f64)> {
    let name = |n: usize| -> &'static str { format!("b{} c{} d{}", n % 4, n / 4 % 6, n / 24).leak() };
    (0..240).map(|n| (name(n), 1.0 / 240.0)).collect()
}
