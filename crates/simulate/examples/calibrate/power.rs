//! Rounds in which some items differ by a known split.

use folkmoot_simulate::power::Test;

use crate::judge::{classes, is_finding};
use crate::null::Count;
use crate::round::{PLAIN, Round, Shape};

/// What was found of what there was.
pub(crate) struct Power {
    pub(crate) split: &'static str,
    pub(crate) answers: usize,
    /// Items that differ found, of a round of one pair.
    pub(crate) alone: Count,
    /// What the formula says of it.
    pub(crate) alone_said: f64,
    /// Items that differ found, where they are 20 among 100 rankings of four.
    pub(crate) together: Count,
    /// What the formula says where one differs.
    pub(crate) together_said: f64,
    /// Findings that are none, of all findings.
    pub(crate) false_ones: Count,
}

const SPLITS: [(&str, f64); 2] = [("60/40", 0.2), ("70/30", 0.4)];
const ANSWERS: [usize; 5] = [100, 200, 400, 800, 1_600];

pub(crate) fn run(rounds: usize) -> Vec<Power> {
    let mut powers = Vec::new();
    for (split, delta) in SPLITS {
        for answers in ANSWERS {
            powers.push(power(split, delta, answers, rounds));
        }
    }
    powers
}

fn power(split: &'static str, delta: f64, answers: usize, rounds: usize) -> Power {
    let plain = Shape { delta, answers, people: 2 * answers, rest: 0.0, segments: &[], ..PLAIN };
    let alone = Shape { items: 1, differing: 1, width: 2, ..plain };
    let together = Shape { differing: 20, ..plain };
    let (found_alone, _) = found(&alone, 5 * rounds);
    let (found_together, false_ones) = found(&together, rounds.div_ceil(4));
    let test = Test::of_split(0.5 + delta / 2.0);
    let said = |test: Test| test.power(answers as f64).expect("it is a test");
    Power {
        split,
        answers,
        alone: found_alone,
        alone_said: said(test),
        together: found_together,
        together_said: said(Test { items: 100, pairs: 6, ..test }),
        false_ones,
    }
}

/// Items that differ found, and findings that are none of all findings.
fn found(shape: &Shape, rounds: usize) -> (Count, Count) {
    let (mut found, mut false_ones) = (Count::default(), Count::default());
    for number in 0..rounds {
        let round = Round::draw(shape, number as u64);
        for (item, class) in classes(&round).iter().enumerate() {
            let differs = item < shape.differing;
            if differs {
                found.add(is_finding(class));
            }
            if is_finding(class) {
                false_ones.add(!differs);
            }
        }
    }
    (found, false_ones)
}
