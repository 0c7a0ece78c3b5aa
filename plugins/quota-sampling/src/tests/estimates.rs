//! Shares, standard errors and intervals against R's package survey, published values and arithmetic.

use folkmoot_plugin_sdk::stats::wilson;

use super::*;

const N: u16 = 0;
const S: u16 = 1;
const W: u16 = 2;
const Y: u16 = 0;
const O: u16 = 1;

/// Sixteen people of three regions and two ages; two did not answer the item. `unequal` gives base weights.
fn sixteen(unequal: bool) -> Vec<Person> {
    let base = [1.0, 2.0, 1.0, 1.0, 0.5, 1.0, 1.5, 2.0, 1.0, 1.0, 1.0, 0.5, 1.0, 1.0, 3.0, 1.0];
    let regions = [N, N, N, N, S, S, S, W, W, W, W, W, N, S, W, S];
    let ages = [Y, Y, O, O, Y, O, O, Y, Y, Y, O, O, Y, Y, O, O];
    let votes = *b"ADAADDAAADDA\0\0DA";
    (0..16).map(|i| (regions[i], ages[i], if unequal { base[i] } else { 1.0 }, votes[i])).collect()
}

fn regions() -> Dimension {
    dimension("region", &[("n", 0.5), ("s", 0.3), ("w", 0.2)])
}

fn ages() -> Dimension {
    dimension("age", &[("y", 0.55), ("o", 0.45)])
}

/// Two items, so that those who did not answer the first are there all the same.
fn report(parameters: Value, dimensions: &[Dimension], unequal: bool) -> Report {
    let mut config = config(parameters, dimensions);
    config.items.push(item("there", "vote", &[]));
    let people = sixteen(unequal);
    let mut rows = votes(&config, &people);
    let (missing, strata) = ([12, 13], dimensions.len());
    rows.extend(missing.map(|i: usize| Row {
        item: 1,
        participant: i as u32,
        strata: [people[i].0, people[i].1][..strata].to_vec(),
        weight: fixed(people[i].2),
        answer: b"P".to_vec(),
    }));
    run_rows(&config, &rows).unwrap()
}

/// Share and standard error of "agree" for the first item, and the design effect of the weights.
fn check(dimensions: &[Dimension], unequal: bool, want: [f64; 3]) {
    let report = report(json!({"rake_tolerance": 1e-12}), dimensions, unequal);
    let got = [
        numbers(&report, "items", "share")[0],
        numbers(&report, "items", "se")[0],
        numbers(&report, "weights", "design_effect")[1],
    ];
    close(&got, &want, 2e-9, "share, standard error, design effect");
}

#[test]
fn poststratified_shares_are_those_of_r_survey() {
    // R 4.2.2, survey 4.1-1: svyratio(~a, ~answered, postStratify(svydesign(ids=~1, weights=~bw), ~region, ...)).
    check(&[regions()], false, [0.619047619047619, 0.13988804076232, 1.19466666666667]);
    check(&[regions()], true, [0.563057907988098, 0.16499921421771, 1.34963352556709]);
}

#[test]
fn raked_shares_are_those_of_r_survey() {
    // R 4.2.2, survey 4.1-1: rake(design, list(~region, ~age), ..., control=list(epsilon=1e-13)).
    check(&[regions(), ages()], false, [0.609483028892771, 0.135814110706182, 1.19906481150559]);
    // calibrate(design, ~region+age, ..., calfun="raking"): rake gives the same weights, but residuals
    // that leave base weights out (0.17444).
    check(&[regions(), ages()], true, [0.553399816602045, 0.171778322014241, 1.36505822967068]);
}

#[test]
fn intervals_are_wilson_for_the_effective_n_of_the_standard_error() {
    let report = report(json!({"level": 0.9}), &[regions(), ages()], true);
    let of = |id: &str| numbers(&report, "items", id);
    for row in 0..4 {
        let (p, se, n_eff) = (of("share")[row], of("se")[row], of("n_eff")[row]);
        let (low, high) = wilson(p, n_eff, 0.9).unwrap();
        close(&[of("share_low")[row], of("share_high")[row]], &[low, high], 0.0, "ends");
        if p > 0.0 {
            let n = of("n")[row];
            close(&[n_eff], &[(p * (1.0 - p) / (se * se)).min(n)], 1e-12, "effective n");
            assert!(n_eff <= n);
        }
    }
}

#[test]
fn an_unweighted_share_has_the_published_interval() {
    // Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263 gives 0.2553 to 0.3662. A single region,
    // of everybody, weights nothing; with n - 1 in the variance the effective n is 262.
    let all = config(json!({}), &[dimension("region", &[("all", 1.0)])]);
    let people: Vec<Person> = (0..263).map(|i| (0, 0, 1.0, if i < 81 { b'A' } else { b'D' })).collect();
    let report = run(&all, &people).unwrap();
    close(&numbers(&report, "items", "n_eff")[..1], &[262.0], 1e-9, "effective n");
    let by_region = [numbers(&report, "by_region", "share_low")[0], numbers(&report, "by_region", "share_high")[0]];
    close(&by_region, &[0.2553, 0.3662], 5e-5, "by region, n = 263");
    let ends = [numbers(&report, "items", "share_low")[0], numbers(&report, "items", "share_high")[0]];
    close(&ends, &[0.2553, 0.3662], 2e-4, "overall, n = 262");
    close(&numbers(&report, "weights", "design_effect"), &[1.0, 1.0], 0.0, "design effect");
}

#[test]
fn nobody_and_everybody_have_intervals_too() {
    let config = config(json!({}), &[regions()]);
    let people: Vec<Person> = (0..30).map(|i| (i % 3, 0, 1.0, b'A')).collect();
    let report = run(&config, &people).unwrap();
    close(&numbers(&report, "items", "share"), &[1.0, 0.0, 0.0, 1.0], 0.0, "shares");
    close(&numbers(&report, "items", "se"), &[0.0; 4], 0.0, "standard errors");
    let n_eff = numbers(&report, "weights", "n_eff")[1];
    close(&numbers(&report, "items", "n_eff"), &[n_eff; 4], 1e-12, "Kish's effective n");
    let low = numbers(&report, "items", "share_low")[0];
    assert!(low > 0.8 && low < 1.0, "{low}");
    close(&numbers(&report, "items", "share_high")[1..2], &[1.0 - low], 1e-12, "as far from nobody");
}

#[test]
fn kish_design_effect_is_one_plus_the_squared_coefficient_of_variation() {
    // Kish 1965: deff = 1 + cv². Weights 1, 1, 3, 3 within one region: mean 2, variance 1, deff 1.25.
    let config = config(json!({}), &[dimension("region", &[("all", 1.0)])]);
    let people = [(0, 0, 1.0, b'A'), (0, 0, 1.0, b'D'), (0, 0, 3.0, b'A'), (0, 0, 3.0, b'D')];
    let report = run(&config, &people).unwrap();
    close(&numbers(&report, "weights", "design_effect"), &[1.25, 1.25], 1e-15, "design effect");
    close(&numbers(&report, "weights", "n_eff"), &[3.2, 3.2], 1e-15, "effective n");
}

#[test]
fn options_are_those_of_the_built_in_shares() {
    let mut config = config(json!({}), &[dimension("region", &[("a", 0.5), ("b", 0.5)])]);
    config.items = vec![
        item("choose", "choose", &["x", "y", "z"]),
        item("approve", "approve", &["x", "y"]),
        item("rank", "rank", &["x", "y", "z"]),
        item("pair", "pair", &["x", "y"]),
    ];
    // One person of each region says the first answer, another the second: every weight is 1.
    let answers: [[&[u8]; 2]; 4] =
        [[&[0], &[2]], [&[1, 1], &[0, 1]], [&[0, 1, 0xFF], &[0, 0, 0xFE]], [&[0, 1], &[0, 0]]];
    let mut rows = Vec::new();
    for (item, [first, second]) in (0..).zip(answers) {
        for participant in 0..4_u32 {
            let answer = if participant < 2 { first } else { second }.to_vec();
            let strata = vec![(participant % 2) as u16];
            rows.push(Row { item, participant, strata, weight: WEIGHT_ONE, answer });
        }
    }
    let report = run_rows(&config, &rows).unwrap();
    let want = [0.5, 0.0, 0.5, 0.5, 1.0, 1.0, 0.5, 0.0, 1.0, 0.5];
    close(&numbers(&report, "items", "share"), &want, 1e-15, "shares");
    close(&numbers(&report, "items", "share_unweighted"), &want, 1e-15, "unweighted shares");
    // The third candidate was not shown to two of the four.
    close(&numbers(&report, "items", "n"), &[4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 4.0, 2.0, 4.0, 4.0], 0.0, "answers");
    assert!(note(&report, "first_places").is_some());
}

#[test]
fn small_cells_are_suppressed_and_never_nothing() {
    let config = config(json!({}), &[dimension("region", &[("a", 0.5), ("b", 0.5)])]);
    let people: Vec<Person> = (0..19).map(|i| (u16::from(i >= 9), 0, 1.0, b"AD"[i % 2])).collect();
    let report = run(&config, &people).unwrap();
    let shares = column(&report, "by_region", "share");
    // Nine answers in region a, ten in b; options by option.
    assert_eq!(numbers(&report, "by_region", "n")[..2], [9.0, 10.0]);
    assert_eq!(shares[..2], [Cell::Null, Cell::Float(0.5)]);
    assert_eq!(column(&report, "by_region", "share_low")[0], Cell::Null);
    assert_eq!(note(&report, "suppressed"), Some("4 shares by region are suppressed: fewer than 10 answers"));
}

#[test]
fn confidence_intervals_cover_as_often_as_they_say() {
    // Two regions that answer very differently and are heard out of proportion; truth 0.3 * 0.8 + 0.7 * 0.2.
    let config = config(json!({}), &[dimension("region", &[("a", 0.3), ("b", 0.7)])]);
    let mut numbers_of = Numbers(11);
    let (truth, rounds) = (0.38, 400);
    let mut covered = 0;
    for _ in 0..rounds {
        let mut person = |region: u16, percent: u64| -> Person {
            (region, 0, 1.0, if numbers_of.next(100) < percent { b'A' } else { b'D' })
        };
        let people: Vec<Person> = (0..200).map(|i| if i < 120 { person(0, 80) } else { person(1, 20) }).collect();
        let report = run(&config, &people).unwrap();
        let ends = [numbers(&report, "items", "share_low")[0], numbers(&report, "items", "share_high")[0]];
        covered += u32::from(ends[0] <= truth && truth <= ends[1]);
    }
    // 95 per cent, less what chance explains; the bounded effective n makes the interval no narrower.
    let share = f64::from(covered) / f64::from(rounds);
    assert!((0.92..=0.99).contains(&share), "{share}");
}
