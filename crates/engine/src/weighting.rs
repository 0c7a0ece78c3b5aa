//! What each participant weighs in a run: their own weight, made to match the targets, nothing where they
//! are left out.

use std::borrow::Cow;

use folkmoot_methods::contract::{Descriptor, Segments};
use folkmoot_methods::{Report, WEIGHT_ONE};
use folkmoot_snapshot::Snapshot;
use folkmoot_weights::{Attribute, Method, People, Plan, Targets, Weighting};

use crate::bootstrap::draws;
use crate::error::EngineError;
use crate::folds::Shape;
use crate::quality::Flags;
use crate::spec::RunSpec;

/// Most weights of replicates that are kept at once.
const MOST_WEIGHTS: usize = 32 << 20;
/// Largest weight of a row in a replicate, so that sums of squared weights stay exact.
const LARGEST: i64 = WEIGHT_ONE << 20;

/// How a run weights its participants, whatever its method: the host's own way where the method does not
/// read targets itself.
pub(crate) fn chosen(spec: &RunSpec, descriptor: &Descriptor) -> Option<Weighting> {
    let has_targets = !spec.targets.is_empty() || !spec.cells.is_empty();
    let by_default = has_targets && descriptor.segments == Segments::Host;
    spec.weighting.clone().or_else(|| by_default.then(|| Weighting::new(Method::Rake)))
}

/// Participants ready to be weighted.
pub(crate) struct Weights<'a> {
    own: Option<&'a [f64]>,
    count: usize,
    fitted: Option<(People<'a>, Plan<'a>)>,
}

/// A weight for each participant, `None` where everybody weighs 1; and what they achieve and cost, where
/// they were made.
pub(crate) type Weighted<'a> = (Option<Cow<'a, [f64]>>, Report);

impl<'a> Weights<'a> {
    /// # Errors
    /// Parameters that cannot be, and targets that do not go with the participants.
    pub(crate) fn of(
        snapshot: &'a Snapshot,
        spec: &RunSpec,
        weighting: Option<&Weighting>,
    ) -> Result<Self, EngineError> {
        let own = snapshot.participants.weights.as_deref();
        let attributes = snapshot.participants.attributes.iter();
        let attribute = |attribute: &'a folkmoot_snapshot::Attribute| Attribute {
            name: &attribute.name,
            levels: &attribute.levels,
            codes: &attribute.codes,
        };
        let fitted = match weighting {
            None => None,
            Some(weighting) => {
                let people = People { base: own, attributes: attributes.map(attribute).collect() };
                let targets = Targets { margins: spec.targets.clone(), cells: spec.cells.clone(), population: None };
                let plan = Plan::new(&people, &targets, weighting)?;
                Some((people, plan))
            }
        };
        Ok(Self { own, count: snapshot.participants.ids.len(), fitted })
    }

    /// The weights, nothing for those flagged in `left_out`.
    ///
    /// # Errors
    /// Targets that cannot be met.
    pub(crate) fn without(&self, left_out: Option<&Flags>) -> Result<Weighted<'a>, EngineError> {
        let base = match left_out {
            None => self.own.map(Cow::Borrowed),
            Some(flags) => Some(Cow::Owned((0..self.count).map(|place| self.kept(place, flags)).collect())),
        };
        let Some((people, plan)) = &self.fitted else { return Ok((base, Report::default())) };
        let people = People { base: base.as_deref(), ..people.clone() };
        let fit = plan.fit(base.as_deref())?;
        let report = folkmoot_weights::report(&people, plan, &fit);
        Ok((Some(Cow::Owned(fit.weights)), report))
    }

    /// The weights of every replicate, made from its own draws; `None` where draws times weights will do.
    ///
    /// # Errors
    /// [`EngineError::TooMuch`].
    pub(crate) fn replicates(
        &self,
        left_out: Option<&Flags>,
        weights: Option<&[f64]>,
        shape: Shape,
    ) -> Result<Option<Reweighted>, EngineError> {
        let (Some((_, plan)), Some(weights)) = (&self.fitted, weights) else { return Ok(None) };
        let kept = self.count.saturating_mul(shape.replicates as usize);
        if kept > MOST_WEIGHTS {
            let message = format!(
                "{} replicates of {} participants are {kept} weights to make, at most {MOST_WEIGHTS} are made at once",
                shape.replicates, self.count
            );
            return Err(EngineError::TooMuch(message));
        }
        let base = |place: usize| match left_out {
            Some(flags) => self.kept(place, flags),
            None => self.own.map_or(1.0, |own| own[place]),
        };
        let mut made = Reweighted { people: self.count, factors: Vec::with_capacity(kept), undefined: Vec::new() };
        let mut drawn = vec![0.0; self.count];
        for replicate in 1..=shape.replicates {
            for (place, drawn) in drawn.iter_mut().enumerate() {
                *drawn = base(place) * draws(shape.seed, replicate, place as u32) as f64;
            }
            match plan.fit(Some(&drawn)) {
                Ok(fit) => {
                    let factors = fit.weights.iter().zip(weights);
                    made.factors.extend(factors.map(|(own, all)| if *all > 0.0 { own / all } else { 0.0 }));
                }
                // Nobody of some level was drawn.
                Err(_) => {
                    made.undefined.push(replicate);
                    made.factors.resize(made.factors.len() + self.count, 0.0);
                }
            }
        }
        Ok(Some(made))
    }

    fn kept(&self, place: usize, flags: &Flags) -> f64 {
        if flags.any(place) { 0.0 } else { self.own.map_or(1.0, |own| own[place]) }
    }
}

/// By how much each replicate multiplies the weights of the run.
pub(crate) struct Reweighted {
    people: usize,
    /// A factor for each participant, replicate by replicate.
    factors: Vec<f64>,
    /// Replicates whose draws cannot be weighted, ascending.
    pub(crate) undefined: Vec<u32>,
}

impl Reweighted {
    /// The weight of a row in `replicate`, counted from 1, where it weighs `weight` in the run.
    pub(crate) fn weight(&self, replicate: u32, participant: u32, weight: i64) -> i64 {
        let factor = self.factors[(replicate as usize - 1) * self.people + participant as usize];
        ((weight as f64 * factor).round_ties_even() as i64).min(LARGEST)
    }
}
