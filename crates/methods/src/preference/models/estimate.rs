//! A fit read as worths, differences and chances, each with its interval.

use super::choices::{Counts, Data};
use super::errors::{Errors, errors};
use super::fit::{Fit, fit};
use crate::ballot::places;
use crate::stats::effective;

/// Log-worths nearer than this are level: they differ by less than the fit is sure of.
const LEVEL: f64 = 1e-9;

/// What came of fitting one item, or all together.
pub(super) struct Fitted<'a> {
    pub(super) label: &'a str,
    pub(super) candidates: &'a [&'a str],
    pub(super) counts: Counts,
    pub(super) estimate: Result<Estimate, String>,
}

/// A fit and what it says of candidates.
pub(super) struct Estimate {
    pub(super) fit: Fit,
    pub(super) errors: Errors,
    /// Of sum 1 over the candidates compared, 0 for the others.
    pub(super) worths: Vec<f64>,
}

impl<'a> Fitted<'a> {
    pub(super) fn new(label: &'a str, candidates: &'a [&'a str], data: &Data<'_>, level: f64) -> Self {
        let counts = data.counts();
        let estimate = fit(data, &counts, candidates).map(|fit| {
            let errors = errors(data, &counts, &fit, level);
            let worths = worths(&fit, candidates.len());
            Estimate { fit, errors, worths }
        });
        Self { label, candidates, counts, estimate }
    }

    /// Kish's effective number of the answers that hold a choice.
    pub(super) fn n_eff(&self) -> f64 {
        effective(self.counts.answers.weight, self.counts.answers.squares)
    }
}

/// Worths of sum 1 over the candidates compared, 0 for the others.
fn worths(fit: &Fit, width: usize) -> Vec<f64> {
    let worth = |at: usize| if fit.compared >> at & 1 == 1 { libm::exp(fit.parameters[at]) } else { 0.0 };
    let worths: Vec<f64> = (0..width).map(worth).collect();
    let total: f64 = worths.iter().sum();
    worths.into_iter().map(|worth| worth / total).collect()
}

/// An estimate and its interval.
pub(super) struct Interval {
    pub(super) value: f64,
    /// Its standard error.
    pub(super) error: Option<f64>,
    pub(super) ends: Option<(f64, f64)>,
}

impl Estimate {
    /// Whether the candidate stood in some choice.
    pub(super) fn compared(&self, candidate: usize) -> bool {
        self.fit.compared >> candidate & 1 == 1
    }

    fn interval(&self, factors: &[f64], value: f64) -> Interval {
        let error = self.errors.of(factors);
        Interval { value, error, ends: error.and_then(|error| self.errors.ends(value, error)) }
    }

    pub(super) fn log_worth(&self, candidate: usize) -> Interval {
        let factors: Vec<f64> = (0..self.worths.len()).map(|at| f64::from(at == candidate)).collect();
        self.interval(&factors, self.fit.parameters[candidate])
    }

    /// The ends of a worth's interval: those of its logit, so that of two candidates one is the other's
    /// rest.
    pub(super) fn worth_ends(&self, candidate: usize) -> Option<(f64, f64)> {
        let worth = self.worths[candidate];
        let rest = 1.0 - worth;
        if rest <= 0.0 {
            return None;
        }
        let factor = |(at, share): (usize, &f64)| (f64::from(at == candidate) - share) / rest;
        let factors: Vec<f64> = self.worths.iter().enumerate().map(factor).collect();
        let (low, high) = self.interval(&factors, libm::log(worth / rest)).ends?;
        let share = |logit: f64| 1.0 / (1.0 + libm::exp(-logit));
        Some((share(low).min(worth), share(high).max(worth)))
    }

    pub(super) fn difference(&self, a: usize, b: usize) -> Interval {
        let factor = |at: usize| f64::from(at == a) - f64::from(at == b);
        let factors: Vec<f64> = (0..self.worths.len()).map(factor).collect();
        self.interval(&factors, self.fit.parameters[a] - self.fit.parameters[b])
    }

    pub(super) fn log_prevalence(&self, tie: usize) -> Interval {
        let place = self.worths.len() + tie;
        let factors: Vec<f64> = (0..=place).map(|at| f64::from(at == place)).collect();
        self.interval(&factors, self.fit.parameters[place])
    }

    /// Chances that of these two the first stands above the second, and that they stand level.
    pub(super) fn chances(&self, a: usize, b: usize) -> (f64, f64) {
        let mut mean = vec![0.0; self.fit.parameters.len()];
        self.fit.model.add_mean(1 << a | 1 << b, 1.0, &mut mean);
        let tie = if self.fit.ties.first() == Some(&2) { mean[self.worths.len()] } else { 0.0 };
        // A tie counts half to either.
        ((mean[a] - tie / 2.0).max(0.0), tie)
    }

    /// Places by worth, 1 the best, level ones sharing one; candidates without a worth stand last.
    pub(super) fn places(&self) -> Vec<i64> {
        let logs = &self.fit.parameters;
        places(self.worths.len(), |i, j| match (self.compared(i), self.compared(j)) {
            (true, true) => logs[i] - logs[j] > LEVEL,
            (first, second) => first && !second,
        })
    }
}
