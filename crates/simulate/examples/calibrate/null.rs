//! Rounds without any disagreement.

use crate::judge::{classes, is_finding, naive};
use crate::round::{PLAIN, Round, Shape};

/// A kind of round in which the public does not differ from the position beyond the margin.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    shape: Shape,
}

/// How often.
#[derive(Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) hits: usize,
    pub(crate) of: usize,
}

impl Count {
    pub(crate) fn share(self) -> f64 {
        self.hits as f64 / self.of as f64
    }

    pub(crate) fn add(&mut self, hit: bool) {
        self.hits += usize::from(hit);
        self.of += 1;
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self { hits: self.hits + other.hits, of: self.of + other.of }
    }
}

/// Rounds with a finding of any kind.
pub(crate) struct Null {
    pub(crate) name: &'static str,
    /// By the method.
    pub(crate) found: Count,
    /// By naive errors with the method's corrections.
    pub(crate) naive: Count,
    /// By naive errors without any.
    pub(crate) uncorrected: Count,
}

pub(crate) fn scenarios() -> Vec<Scenario> {
    let few = Shape { items: 40, people: 800, answers: 400, ..PLAIN };
    let scenario = |name, shape| Scenario { name, shape };
    vec![
        scenario("at the margin's edge", PLAIN),
        scenario("at indifference", Shape { rest: 0.0, ..PLAIN }),
        scenario("at the edge, no segments", Shape { segments: &[], ..PLAIN }),
        scenario("at the edge, pairs", Shape { width: 2, ..PLAIN }),
        scenario("at the edge, 60 answers", Shape { answers: 60, segments: &[], ..PLAIN }),
        scenario("at the edge, 40 % ties", Shape { ties: 0.4, ..PLAIN }),
        scenario("at the edge, weights", Shape { weights: 0.8, ..PLAIN }),
        scenario("at indifference, weights", Shape { weights: 0.8, rest: 0.0, ..PLAIN }),
        scenario("segments differ, one at 0", Shape { segments: &[0.1, 0.0, 0.0, -0.1], ..PLAIN }),
        scenario("60 communities", Shape { communities: Some((60, 0.2)), ..few }),
        scenario("60 communities, no segments", Shape { communities: Some((60, 0.2)), segments: &[], ..few }),
        scenario("20 communities", Shape { communities: Some((20, 0.2)), ..few }),
        scenario("20 communities, weights", Shape { communities: Some((20, 0.2)), weights: 0.8, segments: &[], ..few }),
        scenario("20 communities, indifference", Shape { communities: Some((20, 0.2)), rest: 0.0, ..few }),
        scenario("8 communities, no segments", Shape { communities: Some((8, 0.2)), segments: &[], ..few }),
    ]
}

pub(crate) fn run(scenario: &Scenario, rounds: usize) -> Null {
    let halves = std::thread::scope(|scope| {
        let half = |first: usize| scope.spawn(move || of_rounds(scenario, (first..rounds).step_by(2)));
        [half(0), half(1)].map(|thread| thread.join().expect("a round that can be judged"))
    });
    let [even, odd] = halves;
    let null = Null {
        name: scenario.name,
        found: even.found.plus(odd.found),
        naive: even.naive.plus(odd.naive),
        uncorrected: even.uncorrected.plus(odd.uncorrected),
    };
    eprintln!("{}: {:.3}", null.name, null.found.share());
    null
}

fn of_rounds(scenario: &Scenario, rounds: impl Iterator<Item = usize>) -> Null {
    let [mut found, mut by_naive, mut uncorrected] = [Count::default(); 3];
    for number in rounds {
        let round = Round::draw(&scenario.shape, number as u64);
        found.add(classes(&round).iter().any(|class| is_finding(class)));
        let (with, without) = naive(&round);
        by_naive.add(with);
        uncorrected.add(without);
    }
    Null { name: scenario.name, found, naive: by_naive, uncorrected }
}
