//! Samples drawn to quotas.

use super::*;

fn regions() -> Dimension {
    dimension("region", &[("north", 0.5), ("south", 0.3), ("west", 0.2)])
}

/// 60 of north, 60 of south, 30 of west; all of north agree, nobody else.
fn crowd() -> Vec<Person> {
    let region = |i: u16| if i < 60 { 0 } else { 1 + u16::from(i >= 120) };
    (0..150).map(|i| (region(i), i % 2, 1.0, if i < 60 { b'A' } else { b'D' })).collect()
}

fn selected(report: &Report) -> Vec<f64> {
    numbers(report, "regions", "selected")
}

#[test]
fn a_sample_of_a_size_fills_its_quotas() {
    let report = run(&config(json!({"mode": "select", "size": 25}), &[regions()]), &crowd()).unwrap();
    // 12.5, 7.5 and 5: of equal remainders the first region has the person.
    assert_eq!(numbers(&report, "regions", "quota"), [13.0, 7.0, 5.0]);
    assert_eq!(selected(&report), [13.0, 7.0, 5.0]);
    assert_eq!(numbers(&report, "regions", "shortfall"), [0.0; 3]);
    close(&numbers(&report, "items", "share")[..1], &[13.0 / 25.0], 1e-15, "agree in the sample");
    close(&numbers(&report, "items", "share_unweighted")[..1], &[60.0 / 150.0], 1e-15, "agree of all");
    assert_eq!(numbers(&report, "items", "n")[..1], [25.0]);
    assert_eq!(numbers(&report, "items", "n_unweighted")[..1], [150.0]);
    close(&numbers(&report, "weights", "design_effect"), &[1.0, 1.0], 0.0, "nothing is weighted");
    assert!(note(&report, "draw").unwrap().starts_with("25 of 150 participants were drawn with the seed 7;"));
}

#[test]
fn without_a_size_the_sample_is_the_largest_that_fits() {
    // 60 of north are half of 120 or 121: the third remainder of 121 (60.5, 36.3, 24.2) goes to north, which
    // has only 60; 120 fits.
    let report = run(&config(json!({"mode": "select"}), &[regions()]), &crowd()).unwrap();
    assert_eq!(selected(&report), [60.0, 36.0, 24.0]);
}

#[test]
fn drawing_and_weighting_meets_the_targets_exactly() {
    let report = run(&config(json!({"mode": "both", "size": 25}), &[regions()]), &crowd()).unwrap();
    assert_eq!(selected(&report), [13.0, 7.0, 5.0]);
    close(&numbers(&report, "regions", "share_weighted"), &[0.5, 0.3, 0.2], 1e-15, "weighted");
    close(&numbers(&report, "items", "share")[..1], &[0.5], 1e-15, "agree");
    let factors = [12.5 / 13.0, 7.5 / 7.0, 1.0];
    close(&numbers(&report, "regions", "factor"), &factors, 1e-15, "factors within the sample");
    let age = dimension("age", &[("young", 0.6), ("old", 0.4)]);
    let report = run(&config(json!({"mode": "both", "size": 30}), &[regions(), age]), &crowd()).unwrap();
    close(&numbers(&report, "regions", "share_weighted"), &[0.5, 0.3, 0.2], 1e-8, "regions, raked");
    close(&numbers(&report, "second", "share_weighted"), &[0.6, 0.4], 1e-8, "ages, raked");
    assert_eq!(numbers(&report, "second", "n"), [75.0, 75.0]);
}

#[test]
fn a_minimum_raises_quotas_and_weights_make_up_for_it() {
    let small = dimension("region", &[("north", 0.9), ("south", 0.06), ("west", 0.04)]);
    let run = |mode: &str| {
        let parameters = json!({"mode": mode, "size": 20, "minimum": 3});
        run(&config(parameters, std::slice::from_ref(&small)), &crowd()).unwrap()
    };
    let drawn = run("select");
    assert_eq!(selected(&drawn), [14.0, 3.0, 3.0]);
    assert!(note(&drawn, "raised_quota").unwrap().contains("\"south\" and \"west\""));
    close(&numbers(&drawn, "regions", "gap"), &[-0.2, 0.09, 0.11], 1e-15, "gap");
    close(&numbers(&run("both"), "items", "share")[..1], &[0.9], 1e-15, "agree, weighted");
}

#[test]
fn the_seed_decides_who_is_drawn_and_the_same_seed_draws_the_same() {
    // Everybody of a region is told apart by the vote: the first half agrees.
    let people: Vec<Person> = (0..200).map(|i| (0, 0, 1.0, if i < 100 { b'A' } else { b'D' })).collect();
    let all = dimension("region", &[("all", 1.0)]);
    let share = |seed: u64| {
        let config = Config { seed, ..config(json!({"mode": "select", "size": 40}), std::slice::from_ref(&all)) };
        numbers(&run(&config, &people).unwrap(), "items", "share")[0]
    };
    let shares: Vec<f64> = (0..40).map(share).collect();
    assert_eq!(shares, (0..40).map(share).collect::<Vec<_>>());
    assert!(shares.iter().any(|&x| x != shares[0]));
    let mean: f64 = shares.iter().sum::<f64>() / 40.0;
    // Five standard errors of a mean of 40 samples.
    assert!((mean - 0.5).abs() < 5.0 * (0.25 / 40.0 / 40.0_f64).sqrt(), "{mean}");
}

#[test]
fn collapsed_regions_share_a_quota() {
    let rules =
        json!({"mode": "select", "size": 10, "minimum": 20, "empty_region": "collapse", "collapse_into": "west>south"});
    let mut people = crowd();
    people.truncate(130);
    let report = undefined(run(&config(rules, &[regions()]), &people));
    // South and west count as one with 70; two quotas of at least 20 are more than 10.
    assert_eq!(report, "2 regions and at least 20 of each are more than the sample of 10: draw 40 or more");
    let rules =
        json!({"mode": "select", "size": 60, "minimum": 20, "empty_region": "collapse", "collapse_into": "west>south"});
    let report = run(&config(rules, &[regions()]), &people).unwrap();
    let quotas = column(&report, "regions", "quota");
    assert_eq!(quotas, [Cell::Int(30), Cell::Int(30), Cell::Null]);
    let drawn = selected(&report);
    assert_eq!(drawn[1] + drawn[2], 30.0);
}
