//! What holds of any weights.

use proptest::prelude::*;

use super::Sample;
use crate::{Category, Conflict, Distance, Failure, Fit, Method, Targets, Weighting};

const LEVELS: [usize; 3] = [2, 3, 4];

/// People over three attributes, each combination once at least, and targets away from 0.
fn round() -> impl Strategy<Value = (Sample, Targets)> {
    let all: usize = LEVELS.iter().product();
    let people = prop::collection::vec((0..all, 0.2_f64..3.0), 0..80);
    let shares = prop::collection::vec(0.2_f64..1.0, LEVELS.iter().sum::<usize>());
    (people, shares).prop_map(move |(people, shares)| {
        let people: Vec<(usize, f64)> = (0..all).map(|cell| (cell, 1.0)).chain(people).collect();
        let mut targets = Targets::default();
        let mut sample = Sample { base: Some(people.iter().map(|(_, base)| *base).collect()), ..Sample::default() };
        let mut rest = shares.as_slice();
        for (place, &levels) in LEVELS.iter().enumerate() {
            let names: Vec<String> = (0..levels).map(|level| format!("l{level}")).collect();
            let (own, others) = rest.split_at(levels);
            rest = others;
            let sum: f64 = own.iter().sum();
            let of_margin = names.iter().cloned().zip(own.iter().map(|share| share / sum)).collect();
            targets.margins.insert(format!("a{place}"), of_margin);
            let below: usize = LEVELS[..place].iter().product();
            sample.names.push(format!("a{place}"));
            sample.codes.push(people.iter().map(|(cell, _)| (cell / below % levels) as u16).collect());
            sample.levels.push(names);
        }
        (sample, targets)
    })
}

/// People of few of the combinations, so that targets often cannot be met.
fn sparse_round() -> impl Strategy<Value = (Sample, Targets)> {
    (round(), prop::collection::vec(0..24_usize, 4..12)).prop_map(|((sample, mut targets), kept)| {
        // The first 24 rows are the combinations.
        let sample = reordered(&sample, &kept);
        for (place, margin) in targets.margins.values_mut().enumerate() {
            let is_there = |level: &usize| sample.codes[place].contains(&(*level as u16));
            let kept = margin.clone().into_iter().enumerate().filter(|(level, _)| is_there(level));
            *margin = kept.map(|(_, pair)| pair).collect();
            let sum: f64 = margin.values().sum();
            margin.values_mut().for_each(|share| *share /= sum);
        }
        (sample, targets)
    })
}

/// What the groups of each row add up to: those of `parts` count up and those of `wholes` down.
fn totals(sample: &Sample, conflict: &Conflict) -> Vec<f64> {
    let mut totals = vec![0.0; sample.codes[0].len()];
    let up = conflict.parts.iter().map(|category| (category, category.times));
    let down = conflict.wholes.iter().map(|category| (category, -category.times));
    for (category, times) in up.chain(down) {
        let place = sample.names.iter().position(|name| *name == category.margin).unwrap();
        let level = sample.levels[place].iter().position(|level| *level == category.level).unwrap();
        let rows = totals.iter_mut().zip(&sample.codes[place]).filter(|(_, code)| usize::from(**code) == level);
        rows.for_each(|(total, _)| *total += times);
    }
    totals
}

fn weightings() -> [Weighting; 5] {
    let exact = |weighting| Weighting { tolerance: 1e-12, ..weighting };
    [
        exact(Weighting::new(Method::Rake)),
        exact(Weighting::calibrate(Distance::Raking, None)),
        exact(Weighting::calibrate(Distance::Linear, None)),
        exact(Weighting::calibrate(Distance::Logit, Some((0.01, 50.0)))),
        exact(Weighting::calibrate(Distance::TruncatedLinear, Some((0.01, 50.0)))),
    ]
}

/// The weights of every kind that has some.
fn fits(sample: &Sample, targets: &Targets) -> Vec<Option<Fit>> {
    weightings().iter().map(|weighting| sample.fit(targets, weighting).ok()).collect()
}

fn alike(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= 1e-8 * a.abs().max(1.0))
}

fn reordered(sample: &Sample, order: &[usize]) -> Sample {
    let base = sample.base.as_ref().map(|base| order.iter().map(|&row| base[row]).collect());
    let codes = sample.codes.iter().map(|codes| order.iter().map(|&row| codes[row]).collect()).collect();
    Sample { base, codes, ..sample.clone() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn targets_are_met_and_the_mean_is_1((sample, targets) in round()) {
        for fit in fits(&sample, &targets).into_iter().flatten() {
            let sum: f64 = fit.weights.iter().sum();
            prop_assert!((sum / fit.weights.len() as f64 - 1.0).abs() < 1e-12);
            for (place, margin) in targets.margins.values().enumerate() {
                for (level, target) in margin.values().enumerate() {
                    let people = fit.weights.iter().zip(&sample.codes[place]);
                    let share = people.filter(|(_, code)| usize::from(**code) == level).map(|(w, _)| w).sum::<f64>() / sum;
                    prop_assert!((share - target).abs() < 1e-10, "{} is not {}", share, target);
                }
            }
        }
    }

    #[test]
    fn raking_and_positive_distances_always_find_weights((sample, targets) in round()) {
        let fits = fits(&sample, &targets);
        prop_assert!(fits[0].is_some() && fits[1].is_some());
        let (raked, calibrated) = (fits[0].as_ref().unwrap(), fits[1].as_ref().unwrap());
        prop_assert!(alike(&raked.weights, &calibrated.weights));
    }

    #[test]
    fn what_cannot_be_raked_is_proven((sample, targets) in sparse_round()) {
        let sum = |side: &[Category]| side.iter().map(|category| category.target * category.times).sum::<f64>();
        for weighting in [Weighting::new(Method::Rake), Weighting::calibrate(Distance::Raking, None)] {
            let (conflict, least) = match sample.fit(&targets, &weighting) {
                Ok(_) => continue,
                Err(Failure::Infeasible(conflict)) => (conflict, 1e-9),
                Err(Failure::Boundary(conflict)) => (conflict, -1e-6),
                Err(other) => return Err(TestCaseError::fail(other.to_string())),
            };
            let totals = totals(&sample, &conflict);
            prop_assert!(totals.iter().all(|total| *total < 1e-5), "{conflict}: {totals:?}");
            prop_assert!(sum(&conflict.parts) - sum(&conflict.wholes) > least, "{conflict}");
        }
    }

    #[test]
    fn the_order_of_people_changes_no_bit((sample, targets) in round(), seed in 1_usize..1000) {
        let n = sample.codes[0].len();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|row| (row * 7919 + seed * 104_729) % 10_007);
        let there = fits(&sample, &targets);
        let back = fits(&reordered(&sample, &order), &targets);
        for (there, back) in there.iter().zip(&back) {
            let there: Option<Vec<f64>> = there.as_ref().map(|fit| order.iter().map(|&row| fit.weights[row]).collect());
            prop_assert_eq!(there, back.as_ref().map(|fit| fit.weights.clone()));
        }
    }

    #[test]
    fn the_order_of_margins_does_not_matter((sample, targets) in round()) {
        // Margins are met in the order of their names.
        let names = ["z", "y", "x"];
        let renamed = Sample { names: names.map(str::to_owned).into(), ..sample.clone() };
        let margins = targets.margins.values().cloned();
        let renamed_targets = Targets { margins: names.map(str::to_owned).into_iter().zip(margins).collect(), ..targets.clone() };
        for (a, b) in fits(&sample, &targets).iter().zip(&fits(&renamed, &renamed_targets)) {
            let weights = |fit: &Option<Fit>| fit.as_ref().map(|fit| fit.weights.clone()).unwrap_or_default();
            prop_assert!(alike(&weights(a), &weights(b)));
        }
    }

    #[test]
    fn all_base_weights_times_a_constant_change_nothing((sample, targets) in round(), by in 1e-6_f64..1e6) {
        let base = sample.base.as_ref().map(|base| base.iter().map(|weight| weight * by).collect());
        let scaled = Sample { base, ..sample.clone() };
        for (a, b) in fits(&sample, &targets).iter().zip(&fits(&scaled, &targets)) {
            let weights = |fit: &Option<Fit>| fit.as_ref().map(|fit| fit.weights.clone()).unwrap_or_default();
            prop_assert!(alike(&weights(a), &weights(b)));
        }
    }

    #[test]
    fn somebody_twice_is_somebody_of_twice_the_weight((sample, targets) in round(), row in 0_usize..24) {
        let n = sample.codes[0].len();
        let twice = reordered(&sample, &(0..n).chain([row]).collect::<Vec<_>>());
        let mut heavy = sample.clone();
        heavy.base.as_mut().unwrap()[row] *= 2.0;
        for (a, b) in fits(&twice, &targets).iter().zip(&fits(&heavy, &targets)) {
            let (Some(a), Some(b)) = (a, b) else { continue };
            let mut merged: Vec<f64> = a.weights[..n].iter().map(|w| w * n as f64 / (n + 1) as f64).collect();
            merged[row] *= 2.0;
            prop_assert!(alike(&merged, &b.weights));
        }
    }
}
