//! From exact sums to a share, its error and its interval.

use std::collections::BTreeMap;

use folkmoot_inference::calibration::Margins;
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

/// One cluster, or the participants of one stratum; of these, those who are alike in all that their weights
/// were made to meet.
#[derive(Clone, Copy, Default)]
struct Members {
    taken: Sums,
    left: Sums,
    /// Those who are drawn and not of the domain.
    outside: Sums,
}

/// The design with one option and one domain looked at.
struct Sample {
    /// By stratum, cluster and code of the margins.
    members: BTreeMap<(u32, u32, u64), Members>,
    /// Clusters of the population, by stratum; without end where nobody says.
    sizes: Vec<f64>,
}

impl Cells {
    /// # Errors
    /// [`MethodError::Undefined`] for sizes of strata that cannot be; [`MethodError::Internal`], where the design is
    /// unsound.
    pub(super) fn proportion(&self, item: usize, option: usize, domain: Domain) -> Result<Proportion, MethodError> {
        let sample = self.sample(item, option, domain)?;
        let (taken, left) = (sample.sum(|members| members.taken), sample.sum(|members| members.left));
        let all = taken.plus(left);
        let freedom = self.freedom(&sample).map_err(|error| self.unsound(&error))?;
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
        let variance = self.variance(&sample, share, all.weight as f64).map_err(|error| self.unsound(&error))?;
        let rows = all.rows as f64;
        let known = Share { share, variance, rows, effective: effective(all.weight, all.squares), freedom };
        proportion.effective = effective_of_share(share, variance);
        proportion.design_effect = of_share(variance, share, rows);
        proportion.interval = known.interval(self.survey.interval, self.survey.level);
        Ok(proportion)
    }

    fn sample(&self, item: usize, option: usize, domain: Domain) -> Result<Sample, MethodError> {
        let mut sample = Sample { members: BTreeMap::new(), sizes: Vec::new() };
        for (code, answers) in self.answers(item, option) {
            let (stratum, cluster) = self.survey.drawn_in(code);
            sample.resize(stratum, self.survey.size(code)).map_err(|sizes| {
                let stratum = self.survey.stratum_label(stratum);
                MethodError::Undefined(format!("the fpc gives {stratum} {} and {} clusters", sizes.0, sizes.1))
            })?;
            let of = sample.members.entry((stratum, cluster, self.survey.margin_code(code))).or_default();
            if !self.survey.holds(domain, code) {
                of.outside = of.outside.plus(answers.all);
                continue;
            }
            of.taken = of.taken.plus(answers.taken);
            of.left = of.left.plus(answers.left);
            of.outside = of.outside.plus(answers.all).less(answers.taken).less(answers.left);
        }
        Ok(sample)
    }

    /// The linearised variance of a share of weight `all`; those outside stay in the design. Where weights were
    /// made to meet margins, what these leave unexplained stands for what a row adds.
    fn variance(&self, sample: &Sample, share: f64, all: f64) -> Result<f64, DesignError> {
        let classes: Vec<Class> = sample.classes().flatten().collect();
        let mut parts = [(1.0 - share) / all, -share / all, 0.0].repeat(sample.members.len());
        let margins = self.survey.margin_places();
        if !margins.is_empty() {
            let level = |place| move |key: &(u32, u32, u64)| [self.survey.margin_level(key.2, place); 3];
            let levels: Vec<Vec<u32>> =
                margins.map(|place| sample.members.keys().flat_map(level(place)).collect()).collect();
            let weights: Vec<f64> = classes.iter().map(|class| class.weight as f64).collect();
            parts = Margins::new(levels.iter().map(Vec::as_slice).collect(), &weights)?.residuals(&parts)?;
        }
        let population = match self.survey.is_finite() {
            true => Population::Clusters(&sample.sizes),
            false => Population::Large,
        };
        Classes::new(&classes, self.survey.drawn(), population, LONELY)?.variance(&parts)
    }

    fn freedom(&self, sample: &Sample) -> Result<f64, DesignError> {
        let inside = sample.classes().flat_map(|[taken, left, _]| [taken, left]).filter(|class| class.rows > 0);
        let inside: Vec<Class> = inside.collect();
        Ok(Classes::new(&inside, self.survey.drawn(), Population::Large, LONELY)?.freedom())
    }

    fn lonely(&self, sample: &Sample) -> usize {
        let mut drawn: BTreeMap<u32, BTreeMap<u32, i128>> = BTreeMap::new();
        for (&(stratum, cluster, _), members) in &sample.members {
            let rows = members.taken.rows + members.left.rows + members.outside.rows;
            *drawn.entry(stratum).or_default().entry(cluster).or_default() += rows;
        }
        let is_lonely = |clusters: &&BTreeMap<u32, i128>| match self.survey.cluster {
            Some(_) => clusters.len() == 1,
            None => clusters.values().sum::<i128>() == 1,
        };
        drawn.values().filter(is_lonely).count()
    }

    fn unsound(&self, error: &DesignError) -> MethodError {
        match error {
            DesignError::BadPopulation { stratum, drawn, population } => {
                let stratum = self.survey.stratum_label(*stratum);
                let words = format!("{drawn} clusters of {stratum} answered, the fpc says {population}");
                MethodError::Undefined(words)
            }
            other => MethodError::Internal(other.to_string()),
        }
    }
}

impl Sample {
    /// Takes down the size of a stratum.
    ///
    /// # Errors
    /// The two sizes, where it has another already.
    fn resize(&mut self, stratum: u32, size: Option<f64>) -> Result<(), (f64, f64)> {
        let strata = self.sizes.len().max(stratum as usize + 1);
        self.sizes.resize(strata, f64::INFINITY);
        let known = &mut self.sizes[stratum as usize];
        match size {
            Some(size) if known.is_finite() && *known != size => return Err((*known, size)),
            Some(size) => *known = size,
            None => {}
        }
        Ok(())
    }

    fn sum(&self, of: impl Fn(&Members) -> Sums) -> Sums {
        self.members.values().map(of).fold(Sums::default(), Sums::plus)
    }

    /// Those who took the option, those who did not and those outside, of each stratum and cluster.
    fn classes(&self) -> impl Iterator<Item = [Class; 3]> {
        self.members.iter().map(|(&(stratum, cluster, _), members)| {
            let class = |sums: Sums| Class {
                stratum,
                cluster,
                rows: sums.rows as u64,
                weight: sums.weight,
                squares: sums.squares,
            };
            [members.taken, members.left, members.outside].map(class)
        })
    }
}

impl Sums {
    fn plus(self, other: Self) -> Self {
        Self { rows: self.rows + other.rows, weight: self.weight + other.weight, squares: self.squares + other.squares }
    }

    fn less(self, other: Self) -> Self {
        Self { rows: self.rows - other.rows, weight: self.weight - other.weight, squares: self.squares - other.squares }
    }
}
