//! What is prepared once for people and targets, and fitted for any base weights.

use crate::base::Sums;
use crate::cells::Collapsed;
use crate::failure::{Failure, Mismatch};
use crate::fit::{self, System};
use crate::margins::{self, Margin};
use crate::people::People;
use crate::targets::Targets;
use crate::weighting::{Method, Weighting};

/// People collapsed to cells, with the margins they are to meet: ready for any base weights.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    pub(crate) weighting: Weighting,
    pub(crate) margins: Vec<Margin>,
    pub(crate) collapsed: Collapsed,
    base: Option<&'a [f64]>,
    /// What the weights add up to.
    total: f64,
}

/// Weights, and how they came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// A weight for each participant: with a population they add up to it, without one to the number of
    /// participants, so that their mean is 1.
    pub weights: Vec<f64>,
    /// Rounds of raking or steps of Newton's method.
    pub iterations: u32,
    /// The largest distance of a share from its target.
    pub gap: f64,
    /// Whether that is within the tolerance; what did not converge is a failure, unless it is trimmed.
    pub converged: bool,
    /// What trimming did, where it was wanted.
    pub trimmed: Option<Trimmed>,
}

/// What trimming did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trimmed {
    /// How many participants have the largest weight allowed.
    pub people: usize,
    /// How often weights were trimmed and raked again.
    pub rounds: u32,
}

impl<'a> Plan<'a> {
    /// Matches targets with people by name and collapses the people.
    ///
    /// # Errors
    /// [`Failure::Parameters`] and [`Failure::Mismatch`], with everything that is wrong.
    pub fn new(people: &People<'a>, targets: &Targets, weighting: &Weighting) -> Result<Self, Failure> {
        let problems = weighting.problems();
        if !problems.is_empty() {
            return Err(Failure::Parameters(problems));
        }
        let (collapsed, margins) = margins::matched(people, targets, weighting.unknown).map_err(Failure::Mismatch)?;
        if weighting.method == Method::Poststratify && margins.len() > 1 {
            let names = margins.iter().map(|margin| margin.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Failure::Mismatch(vec![Mismatch::OneMargin { given: margins.len(), margins: names }]));
        }
        Ok(Self {
            weighting: weighting.clone(),
            margins,
            collapsed,
            base: people.base,
            total: targets.population.unwrap_or(people.count() as f64),
        })
    }

    /// Weights from `base`, one for each participant; without, from the people's own base weights.
    ///
    /// # Errors
    /// Base weights that are none, and whatever keeps the targets from being met.
    pub fn fit(&self, base: Option<&[f64]>) -> Result<Fit, Failure> {
        let people = self.collapsed.of_row.len();
        let base = base.or(self.base);
        if let Some(base) = base
            && base.len() != people
        {
            let column = "base weights".to_owned();
            return Err(Failure::Mismatch(vec![Mismatch::Length { column, rows: base.len(), people }]));
        }
        let sums = self.sums(base)?;
        let system = System::new(&self.margins, &sums.shares).map_err(Failure::Mismatch)?;
        let solved = fit::solve(&system, &self.weighting, &self.collapsed.people)?;
        // One factor a cell takes its people from base weights to final ones. Shares add up to 1 within the
        // tolerance only; the weights add up to their total.
        let met: f64 = sums.shares.iter().zip(&solved.ratios).map(|(share, ratio)| share * ratio).sum();
        let scale = self.total / (sums.total * met);
        let factors: Vec<f64> = solved.ratios.iter().map(|ratio| ratio * scale).collect();
        let of_row = self.collapsed.of_row.iter();
        let mut fit = Fit {
            weights: match base {
                None => of_row.map(|&cell| factors[cell as usize]).collect(),
                Some(base) => base.iter().zip(of_row).map(|(base, &cell)| base * factors[cell as usize]).collect(),
            },
            iterations: solved.iterations,
            gap: solved.gap,
            converged: true,
            trimmed: None,
        };
        if let Some(limit) = self.weighting.trim {
            let limit = limit * self.total / people as f64;
            fit::trim(&mut fit, self, &system, limit)?;
        }
        Ok(fit)
    }

    /// What the weights are made to meet: the name of each margin, the labels of its groups and the group of
    /// each participant, a place in the labels. Those of no known level are a group of their own.
    pub fn margins(&self) -> impl Iterator<Item = (&str, Vec<&str>, Vec<u32>)> {
        self.margins.iter().map(|margin| {
            let labels = margin.groups.iter().map(|group| group.label.as_str()).collect();
            let groups = self.collapsed.of_row.iter().map(|&cell| margin.of_cell[cell as usize]).collect();
            (margin.name.as_str(), labels, groups)
        })
    }

    /// Weights by cell; all 1 without any.
    pub(crate) fn sums(&self, weights: Option<&[f64]>) -> Result<Sums, Failure> {
        match weights {
            None => Ok(Sums::of_people(&self.collapsed.people)),
            Some(weights) => Sums::of_weights(weights, &self.collapsed.of_row, self.collapsed.len()),
        }
    }

    /// What the weights add up to.
    pub(crate) fn total(&self) -> f64 {
        self.total
    }
}
