//! Weights: by hand, against R's package survey and PyPI's ipfn, and what must hold for any data.

use super::*;
use crate::cells::{Cell as Stratum, key};
use crate::fit::{Parts, fit};

#[test]
fn weights_are_target_over_achieved() {
    // 6 of north, 3 of south, 1 of west; targets 30, 50 and 20 per cent.
    let config = config(json!({}), &[dimension("region", &[("north", 0.3), ("south", 0.5), ("west", 0.2)])]);
    let people: Vec<Person> = [(0, b"AAADDP".as_slice()), (1, b"AAD"), (2, b"D")]
        .into_iter()
        .flat_map(|(region, votes)| votes.iter().map(move |&vote| (region, 0, 1.0, vote)))
        .collect();
    let report = run(&config, &people).unwrap();
    let of = |id: &str| numbers(&report, "regions", id);
    close(&of("target"), &[0.3, 0.5, 0.2], 0.0, "target");
    close(&of("n"), &[6.0, 3.0, 1.0], 0.0, "n");
    close(&of("share_n"), &[0.6, 0.3, 0.1], 1e-15, "share of people");
    close(&of("share_weighted"), &[0.3, 0.5, 0.2], 1e-15, "weighted share");
    close(&of("gap"), &[0.0; 3], 0.0, "gap");
    close(&of("factor"), &[0.5, 5.0 / 3.0, 2.0], 1e-15, "factor");
    close(&of("quota"), &[3.0, 5.0, 2.0], 0.0, "quota of ten");
    close(&of("shortfall"), &[0.0, 2.0, 1.0], 0.0, "shortfall");
    // Agree: (3 * 0.5 + 2 * 5/3) / 10; the plain share is 5 of 10.
    close(&numbers(&report, "items", "share")[..1], &[29.0 / 60.0], 1e-15, "agree");
    close(&numbers(&report, "items", "share_unweighted")[..1], &[0.5], 0.0, "agree, unweighted");
    close(&numbers(&report, "items", "difference")[..1], &[-1.0 / 60.0], 1e-15, "difference");
    // Weights 6 x 1/2, 3 x 5/3, 1 x 2; sum 10, squares 6/4 + 75/9 + 4 = 83/6.
    close(&numbers(&report, "weights", "min"), &[1.0, 0.5], 1e-15, "min");
    close(&numbers(&report, "weights", "q1"), &[1.0, 0.5], 1e-15, "lower quartile");
    close(&numbers(&report, "weights", "median"), &[1.0, 0.5], 1e-15, "median");
    close(&numbers(&report, "weights", "q3"), &[1.0, 5.0 / 3.0], 1e-15, "upper quartile");
    close(&numbers(&report, "weights", "max"), &[1.0, 2.0], 1e-15, "max");
    close(&numbers(&report, "weights", "mean"), &[1.0, 1.0], 1e-15, "mean");
    close(&numbers(&report, "weights", "n_eff"), &[10.0, 600.0 / 83.0], 1e-14, "effective n");
    assert!(note(&report, "design_effect").is_none(), "1.38 is below 1.5");
    assert!(note(&report, "non_probability").is_some());
}

/// Strata of a table of counts, with the rows' and columns' totals as targets.
fn table(counts: &[[u64; 4]; 4], rows: [f64; 4], columns: [f64; 4]) -> (Vec<Stratum>, Vec<Parts>) {
    let people = |(row, counts): (usize, &[u64; 4])| {
        let of_column =
            |(column, &count): (usize, &u64)| vec![key(row as u8, column as u8, WEIGHT_ONE); count as usize];
        counts.iter().enumerate().flat_map(of_column).collect::<Vec<_>>()
    };
    let cells = Stratum::all(counts.iter().enumerate().flat_map(people).collect());
    let share = |totals: [f64; 4]| totals.map(|total| total / 1000.0).to_vec();
    let of_row = cells.iter().map(|cell| cell.region).collect();
    let of_column = cells.iter().map(|cell| cell.level).collect();
    let parts =
        vec![Parts { targets: share(rows), of_cell: of_row }, Parts { targets: share(columns), of_cell: of_column }];
    (cells, parts)
}

#[test]
fn raked_tables_are_those_of_ipfn() {
    // PyPI ipfn 1.4.4, convergence rate 1e-14; the table is the usual example of the procedure.
    let counts = [[40, 30, 20, 10], [35, 50, 100, 75], [30, 80, 70, 120], [20, 30, 40, 50]];
    let (cells, parts) = table(&counts, [150.0, 300.0, 400.0, 150.0], [200.0, 300.0, 400.0, 100.0]);
    let fitted = fit(&cells, &parts, f64::INFINITY, 1e-13, 5000).unwrap();
    let total: u64 = counts.iter().flatten().sum();
    let people = counts.iter().flatten().zip(&fitted.rules);
    let got: Vec<f64> = people.map(|(&count, rule)| count as f64 * rule.factor * 1000.0 / total as f64).collect();
    let want = [
        64.558509781,
        46.232459713,
        35.384298268,
        3.824732250,
        49.967919416,
        68.159354070,
        156.498546419,
        25.374180087,
        56.721943600,
        144.428225563,
        145.082481429,
        53.767349399,
        28.751627201,
        41.179960652,
        63.034673882,
        17.033738261,
    ];
    close(&got, &want, 1e-6, "fitted table");
}

/// The final weights of the sixteen people of `estimates`, by trim and whether ages are met too.
fn trimmed(trim: f64, ages: bool) -> Vec<f64> {
    let base = [1.0, 2.0, 1.0, 1.0, 0.5, 1.0, 1.5, 2.0, 1.0, 1.0, 1.0, 0.5, 1.0, 1.0, 3.0, 1.0];
    let regions = *b"\0\0\0\0\x01\x01\x01\x02\x02\x02\x02\x02\0\x01\x02\x01";
    let levels = *b"\0\0\x01\x01\0\x01\x01\0\0\0\x01\x01\0\0\x01\x01";
    let level = |i: usize| if ages { levels[i] } else { 0 };
    let cells = Stratum::all((0..16).map(|i| key(regions[i], level(i), fixed(base[i]))).collect());
    let of_region = cells.iter().map(|cell| cell.region).collect();
    let mut parts = vec![Parts { targets: vec![0.5, 0.3, 0.2], of_cell: of_region }];
    if ages {
        let of_level = cells.iter().map(|cell| cell.level).collect();
        parts.push(Parts { targets: vec![0.55, 0.45], of_cell: of_level });
    }
    let cap = trim * 19.5 / 16.0 * WEIGHT_ONE as f64;
    let fitted = fit(&cells, &parts, cap, 1e-13, 10_000).unwrap();
    let weight = |i: usize| {
        let place = cells.iter().position(|cell| (cell.region, cell.level) == (regions[i].into(), level(i).into()));
        fitted.rules[place.unwrap()].weight(fixed(base[i])) / WEIGHT_ONE as f64
    };
    (0..16).map(weight).collect()
}

#[test]
fn trimmed_weights_are_those_of_r_survey() {
    // R 4.2.2, survey 4.1-1: calibrate(design, ~region+age, ..., calfun="raking", bounds=c(0, trim * mean),
    // bounds.const=TRUE, epsilon=1e-12); then the same with ~region alone.
    let want = [
        1.83279132722454,
        3.046875,
        1.51877117277546,
        1.51877117277546,
        0.664722919656505,
        1.10166606886585,
        1.65249910329878,
        1.00918679329071,
        0.504593396645355,
        0.504593396645355,
        0.418139202981909,
        0.209069601490954,
        1.83279132722454,
        1.32944583931301,
        1.25441760894573,
        1.10166606886585,
    ];
    close(&trimmed(2.5, true), &want, 1e-9, "raked, 2.5 times the mean");
    let want = [
        2.10619983888111,
        2.315625,
        1.61098766111889,
        1.61098766111889,
        0.700250623911072,
        1.07121375093337,
        1.60682062640005,
        1.04811172525228,
        0.524055862626142,
        0.524055862626142,
        0.400839233221207,
        0.200419616610603,
        2.10619983888111,
        1.40050124782214,
        1.20251769966362,
        1.07121375093337,
    ];
    close(&trimmed(1.9, true), &want, 1e-9, "raked, 1.9 times the mean");
    let want = [
        1.8890625,
        2.19375,
        1.8890625,
        1.8890625,
        0.585,
        1.17,
        1.755,
        0.917647058823529,
        0.458823529411765,
        0.458823529411765,
        0.458823529411765,
        0.229411764705882,
        1.8890625,
        1.17,
        1.37647058823529,
        1.17,
    ];
    close(&trimmed(1.8, false), &want, 1e-12, "regions alone, 1.8 times the mean");
}

#[test]
fn a_target_beyond_the_trim_is_met_as_far_as_it_goes() {
    // One of ten is to weigh half of all, but no more than twice the mean: 2 of 10, and the nine share the rest
    // as their targets say, 3 to 2.
    let config = config(json!({"trim": 2}), &[dimension("region", &[("a", 0.5), ("b", 0.3), ("c", 0.2)])]);
    let mut people: Vec<Person> = vec![(0, 0, 1.0, b'A')];
    people.extend((0..9).map(|i| (1 + u16::from(i >= 6), 0, 1.0, b'D')));
    let report = run(&config, &people).unwrap();
    close(&numbers(&report, "regions", "share_weighted"), &[0.2, 0.48, 0.32], 1e-15, "weighted shares");
    close(&numbers(&report, "regions", "gap"), &[-0.3, 0.18, 0.12], 1e-15, "gaps");
    close(&numbers(&report, "weights", "max_over_mean"), &[1.0, 2.0], 1e-15, "largest weight");
    close(&numbers(&report, "weights", "trimmed")[1..], &[0.1], 0.0, "trimmed");
    let words = note(&report, "trimmed").unwrap();
    assert!(words.ends_with("below target even so: \"a\" at 20.0 % for 50.0 %"), "{words}");
}

/// Any people, targets and trims: what the weights promise.
#[test]
fn weights_keep_what_they_promise() {
    let mut numbers = Numbers(3);
    let mut trims = 0;
    for case in 0..600 {
        let (regions, levels) = (1 + numbers.next(5) as usize, 1 + numbers.next(3) as usize);
        let mut people: Vec<(u8, u8, i64)> = (0..regions)
            .flat_map(|region| (0..levels).map(move |level| (region as u8, level as u8, WEIGHT_ONE)))
            .collect();
        people.extend((0..numbers.next(60)).map(|_| {
            let place = (numbers.next(regions as u64) as u8, numbers.next(levels as u64) as u8);
            (place.0, place.1, WEIGHT_ONE / 4 + numbers.next(3 * WEIGHT_ONE as u64) as i64)
        }));
        let mut targets = |count: usize| {
            let shares: Vec<f64> = (0..count).map(|_| 1.0 + numbers.next(8) as f64).collect();
            let sum: f64 = shares.iter().sum();
            shares.into_iter().map(|share| share / sum).collect::<Vec<_>>()
        };
        let (region_targets, level_targets) = (targets(regions), targets(levels));
        let total = people.iter().map(|person| person.2).sum::<i64>() as f64;
        let mean = total / people.len() as f64;
        let trim = [f64::INFINITY, 3.0, 2.0, 1.3][case % 4];
        let cells = Stratum::all(people.iter().map(|person| key(person.0, person.1, person.2)).collect());
        let mut parts =
            vec![Parts { targets: region_targets, of_cell: cells.iter().map(|cell| cell.region).collect() }];
        if case % 3 > 0 {
            parts.push(Parts { targets: level_targets, of_cell: cells.iter().map(|cell| cell.level).collect() });
        }
        let Ok(fitted) = fit(&cells, &parts, trim * mean, 1e-9, 20_000) else {
            assert!(trim.is_finite() && parts.len() == 2, "case {case}: only both limits together can fail");
            continue;
        };
        let of_person = |person: &(u8, u8, i64)| {
            let place = cells.iter().position(|cell| (cell.region, cell.level) == (person.0.into(), person.1.into()));
            (place.unwrap(), fitted.rules[place.unwrap()].weight(person.2))
        };
        let weights: Vec<(usize, f64)> = people.iter().map(of_person).collect();
        let sum: f64 = weights.iter().map(|(_, weight)| weight).sum();
        close(&[sum / total], &[1.0], 1e-8, "total");
        assert!(weights.iter().all(|(_, weight)| *weight <= trim * mean * (1.0 + 1e-12)), "case {case}: above the cap");
        trims += usize::from(weights.iter().any(|(_, weight)| *weight == trim * mean));
        for parts in &parts {
            for (part, target) in parts.targets.iter().enumerate() {
                let of_part = weights.iter().filter(|(place, _)| parts.of_cell[*place] == part);
                let (count, weight) = of_part.fold((0.0, 0.0), |(n, sum), (_, weight)| (n + 1.0, sum + weight));
                let all_cut = weight >= count * trim * mean * (1.0 - 1e-9);
                // A part at its limit weighs less than its target; then the others may weigh more.
                let met = (weight / total - target).abs() < 1e-7 || trim.is_finite();
                assert!(met || all_cut, "case {case}: part {part} weighs {} for {target}", weight / total);
            }
        }
    }
    assert!(trims > 100, "{trims} of 600 cases trim");
}

#[test]
fn base_weights_are_kept_within_a_region() {
    let config = config(json!({}), &[dimension("region", &[("a", 0.5), ("b", 0.5)])]);
    let people = [(0, 0, 3.0, b'A'), (0, 0, 1.0, b'D'), (1, 0, 1.0, b'D'), (1, 0, 1.0, b'D')];
    let report = run(&config, &people).unwrap();
    // Three quarters of half.
    close(&numbers(&report, "items", "share")[..1], &[0.375], 1e-15, "agree");
    close(&numbers(&report, "regions", "share_base"), &[2.0 / 3.0, 1.0 / 3.0], 1e-15, "base shares");
    close(&numbers(&report, "regions", "factor"), &[0.75, 1.5], 1e-15, "factors");
}

#[test]
fn people_without_a_region_are_left_out_and_told() {
    let config = config(json!({}), &[dimension("region", &[("a", 0.5), ("b", 0.5), ("c", 0.0)])]);
    let people = [
        (0, 0, 1.0, b'A'),
        (1, 0, 1.0, b'D'),
        (NO_STRATUM, 0, 1.0, b'A'),
        (NO_STRATUM, 0, 1.0, b'A'),
        (2, 0, 1.0, b'A'),
        (0, 0, 0.0, b'A'),
    ];
    let report = run(&config, &people).unwrap();
    close(&numbers(&report, "items", "share")[..1], &[0.5], 0.0, "agree");
    close(&numbers(&report, "items", "n")[..1], &[2.0], 0.0, "answers");
    assert_eq!(note(&report, "unknown_region"), Some("left out: 2 participants (40.0 %) of unknown region"));
    assert_eq!(note(&report, "no_target"), Some("left out: 1 participant (20.0 %) of a level whose target is 0"));
}

#[test]
fn empty_regions_collapse_into_the_one_named() {
    let targets = [("a", 0.2), ("b", 0.3), ("c", 0.5)];
    let rules = json!({"empty_region": "collapse", "collapse_into": "a > b; b>c", "minimum": 3});
    let config = config(rules, &[dimension("region", &targets)]);
    let people: Vec<Person> = [1_u16, 2, 2, 2, 2, 0, 1].into_iter().map(|region| (region, 0, 1.0, b'A')).collect();
    // One of a goes to b, which has three then and stays.
    let report = run(&config, &people).unwrap();
    let of = |id: &str| column(&report, "regions", id);
    assert_eq!(of("collapsed_into"), [Cell::from("b"), Cell::Null, Cell::Null]);
    assert_eq!(of("target_used"), [Cell::Null, Cell::Float(0.5), Cell::Float(0.5)]);
    close(&numbers(&report, "regions", "share_weighted"), &[0.5 / 3.0, 1.0 / 3.0, 0.5], 1e-15, "weighted");
    assert_eq!(of("gap"), [Cell::Null, Cell::Float(0.0), Cell::Float(0.0)]);
    assert_eq!(note(&report, "collapsed"), Some("collapsed: \"a\" into \"b\"; people and targets are taken together"));
    // Without the second of b the three go on to c.
    let report = run(&config, &people[..6]).unwrap();
    assert_eq!(column(&report, "regions", "collapsed_into"), [Cell::from("c"), Cell::from("c"), Cell::Null]);
    close(&numbers(&report, "regions", "share_weighted"), &[1.0 / 6.0, 1.0 / 6.0, 4.0 / 6.0], 1e-15, "weighted");
}

#[test]
fn high_design_effects_and_weights_are_told() {
    let config = config(json!({}), &[dimension("region", &[("a", 0.9), ("b", 0.1)])]);
    let people: Vec<Person> = (0..100).map(|i| (u16::from(i > 9), 0, 1.0, b'A')).collect();
    let report = run(&config, &people).unwrap();
    // Weights 9 and 1/9: squares 810 + 90/81, of 100² / n.
    let effect = (810.0 + 90.0 / 81.0) / 100.0;
    close(&numbers(&report, "weights", "design_effect")[1..], &[effect], 1e-12, "design effect");
    let words = note(&report, "design_effect").unwrap();
    assert!(words.contains("8.11") && words.contains("sign it off"), "{words}");
    assert!(note(&report, "large_weight").unwrap().starts_with("the largest weight is 9.0 times the mean"));
    assert!(note(&report, "small_regions").unwrap().starts_with("few participants in \"a\": fewer than 30"));
}
