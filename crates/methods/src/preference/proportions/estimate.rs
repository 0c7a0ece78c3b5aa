//! From exact sums to a share, its error and its interval.

use std::collections::BTreeMap;

use folkmoot_inference::classes::{Class, Classes};
use folkmoot_inference::effect::{effective_of_share, of_share};
use folkmoot_inference::interval::{Interval, Share};
use folkmoot_inference::{DesignError, Lonely, Population};

use super::cells::{Cells, Sums};
use super::survey::Domain;
use crate::contract::MethodError;
use crate::stats::{effective, ratio};

/// What a stratum with a single cluster adds.
const LONELY: Lonely = Lonely::Adjust;

/// The share of one option in one domain.
pub(super) struct Proportion {
    /// Answers.
    pub(super) rows: i128,
    /// None where nobody answered.
    pub(super) share: Option<f64>,
    /// The simple random sample that the share is as sure as.
    pub(super) effective: Option<f64>,
    pub(super) design_effect: Option<f64>,
    pub(super) interval: Option<Interval>,
    /// Degrees of freedom: clusters less strata, of those with answers in the domain.
    pub(super) freedom: f64,
    /// Strata of the whole design with a single cluster.
    pub(super) lonely: usize,
}

/// One cluster, or the participants of one stratum.
#[derive(Clone, Copy, Default)]
struct Members {
    taken: Sums,
    left: Sums,
    /// Rows that are drawn and not of the domain.
    outside: i128,
}

/// The design with one option and one domain looked at.
struct Sample {
    members: BTreeMap<(u32, u32), Members>,
}

impl Cells {
    /// # Errors
    /// [`MethodError::Internal`], where the design is unsound.
    pub(super) fn proportion(&self, item: usize, option: usize, domain: Domain) -> Result<Proportion, MethodError> {
        let sample = self.sample(item, option, domain);
        let (taken, left) = (sample.sum(|members| members.taken), sample.sum(|members| members.left));
        let all = taken.plus(left);
        let freedom = self.freedom(&sample).map_err(unsound)?;
        let share = ratio(taken.weight, all.weight);
        let mut proportion = Proportion {
            rows: all.rows,
            share,
            effective: None,
            design_effect: None,
            interval: None,
            freedom,
            lonely: self.lonely(&sample),
        };
        let Some(share) = share.filter(|_| freedom >= 1.0) else { return Ok(proportion) };
        let variance = self.variance(&sample, share, all.weight as f64).map_err(unsound)?;
        let rows = all.rows as f64;
        let known = Share { share, variance, rows, effective: effective(all.weight, all.squares), freedom };
        proportion.effective = effective_of_share(share, variance);
        proportion.design_effect = of_share(variance, share, rows);
        proportion.interval = known.interval(self.survey.interval, self.survey.level);
        Ok(proportion)
    }

    fn sample(&self, item: usize, option: usize, domain: Domain) -> Sample {
        let mut members: BTreeMap<(u32, u32), Members> = BTreeMap::new();
        for (code, answers) in self.answers(item, option) {
            let of = members.entry(self.survey.drawn_in(code)).or_default();
            if !self.survey.holds(domain, code) {
                of.outside += answers.rows;
                continue;
            }
            of.taken = of.taken.plus(answers.taken);
            of.left = of.left.plus(answers.left);
            of.outside += answers.rows - answers.taken.rows - answers.left.rows;
        }
        Sample { members }
    }

    /// The linearised variance of a share of weight `all`; those outside stay in the design.
    fn variance(&self, sample: &Sample, share: f64, all: f64) -> Result<f64, DesignError> {
        let classes: Vec<Class> = sample.classes().flatten().collect();
        let parts = [(1.0 - share) / all, -share / all, 0.0].repeat(sample.members.len());
        Classes::new(&classes, self.survey.drawn(), Population::Large, LONELY)?.variance(&parts)
    }

    fn freedom(&self, sample: &Sample) -> Result<f64, DesignError> {
        let inside = sample.classes().flat_map(|[taken, left, _]| [taken, left]).filter(|class| class.rows > 0);
        let inside: Vec<Class> = inside.collect();
        Ok(Classes::new(&inside, self.survey.drawn(), Population::Large, LONELY)?.freedom())
    }

    fn lonely(&self, sample: &Sample) -> usize {
        let mut clusters: BTreeMap<u32, i128> = BTreeMap::new();
        for (&(stratum, _), members) in &sample.members {
            let rows = members.taken.rows + members.left.rows + members.outside;
            *clusters.entry(stratum).or_default() += if self.survey.cluster.is_some() { 1 } else { rows };
        }
        clusters.values().filter(|count| **count == 1).count()
    }
}

impl Sample {
    fn sum(&self, of: impl Fn(&Members) -> Sums) -> Sums {
        self.members.values().map(of).fold(Sums::default(), Sums::plus)
    }

    /// Those who took the option, those who did not and those outside, of each stratum and cluster.
    fn classes(&self) -> impl Iterator<Item = [Class; 3]> {
        self.members.iter().map(|(&(stratum, cluster), members)| {
            let class = |sums: Sums| Class {
                stratum,
                cluster,
                rows: sums.rows as u64,
                weight: sums.weight,
                squares: sums.squares,
            };
            [members.taken, members.left, Sums { rows: members.outside, ..Sums::default() }].map(class)
        })
    }
}

impl Sums {
    fn plus(self, other: Self) -> Self {
        Self { rows: self.rows + other.rows, weight: self.weight + other.weight, squares: self.squares + other.squares }
    }
}

fn unsound(error: DesignError) -> MethodError {
    MethodError::Internal(error.to_string())
}
