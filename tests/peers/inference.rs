//! Our side of proportions: twenty, weighted, with errors and logit intervals.

mod ours;

use std::path::Path;

use folkmoot_fold::WEIGHT_ONE;
use folkmoot_fold::stats::effective;
use folkmoot_inference::classes::{Class, Classes, Drawn};
use folkmoot_inference::interval::{Interval, Kind, Share};
use folkmoot_inference::{Lonely, Population};
use ours::{Numbers, measure, write};

const ROWS: usize = 1_000_000;
const QUESTIONS: usize = 20;
const LEVEL: f64 = 0.95;

fn main() {
    ours::main(&[("proportions", proportions)]);
}

struct Estimate {
    share: f64,
    error: f64,
    interval: Interval,
}

fn proportions(folder: &Path) {
    let mut numbers = Numbers(6);
    let weight: Vec<i64> = (0..ROWS).map(|_| WEIGHT_ONE / 2 + numbers.below(WEIGHT_ONE as u64) as i64).collect();
    let mut question = |place: usize| -> Vec<u8> {
        let yes = 0.04 * (place as f64 + 1.0);
        (0..ROWS).map(|_| u8::from(numbers.share() < yes)).collect()
    };
    let answers: Vec<Vec<u8>> = (0..QUESTIONS).map(&mut question).collect();
    write(folder, "answers.u8", answers.iter().flatten().map(|answer| [*answer]));
    write(folder, "weights.f64", weight.iter().map(|weight| (*weight as f64 / WEIGHT_ONE as f64).to_le_bytes()));

    let estimates = || answers.iter().map(|answers| estimate(answers, &weight)).collect::<Vec<_>>();
    measure(estimates, |found| {
        let (first, last) = (&found[0], &found[QUESTIONS - 1]);
        vec![
            ("est0", first.share),
            ("se0", first.error),
            ("lci0", first.interval.low),
            ("uci0", first.interval.high),
            ("est19", last.share),
            ("se19", last.error),
            ("lci19", last.interval.low),
            ("uci19", last.interval.high),
        ]
    });
}

fn estimate(answers: &[u8], weights: &[i64]) -> Estimate {
    let mut classes = [Class::default(); 2];
    for (answers, weights) in answers.chunks(1 << 12).zip(weights.chunks(1 << 12)) {
        let sums = sums(answers, weights);
        for (class, [rows, weight, squares]) in classes.iter_mut().zip(sums) {
            class.rows += rows;
            class.weight += i128::from(weight);
            class.squares += i128::from(squares);
        }
    }
    let [no, yes] = classes;
    let (all, squares) = (no.weight + yes.weight, no.squares + yes.squares);
    let share = yes.weight as f64 / all as f64;
    let drawn = Classes::new(&classes, Drawn::Rows, Population::Large, Lonely::Fail).expect("the design is sound");
    let parts = [-share / all as f64, (1.0 - share) / all as f64];
    let variance = drawn.variance(&parts).expect("there are rows enough");
    let known = Share {
        share,
        variance,
        rows: (no.rows + yes.rows) as f64,
        effective: effective(all, squares),
        freedom: drawn.freedom(),
    };
    let interval = known.interval(Kind::Logit, LEVEL).expect("there are rows enough");
    Estimate { share, error: libm::sqrt(variance), interval }
}

/// Rows, weight and squared weights of those who said no and of those who said yes.
fn sums(answers: &[u8], weights: &[i64]) -> [[u64; 3]; 2] {
    let mut all = [0; 3];
    let mut yes = [0; 3];
    for (&answer, weight) in answers.iter().zip(weights) {
        let (answer, weight) = (u64::from(answer), weight.unsigned_abs());
        let row = [1, weight, weight * weight];
        for place in 0..3 {
            all[place] += row[place];
            yes[place] += answer * row[place];
        }
    }
    [std::array::from_fn(|place| all[place] - yes[place]), yes]
}
