//! What each participant weighs in a run: their own weight, made to match the targets, nothing where they
//! are left out.

use std::borrow::Cow;

use folkmoot_methods::Report;
use folkmoot_methods::contract::{Descriptor, Segments};
use folkmoot_snapshot::Snapshot;
use folkmoot_weights::{Attribute, Method, People, Plan, Targets, Weighting};

use crate::error::EngineError;
use crate::quality::Flags;
use crate::spec::RunSpec;

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

    /// The weights, and what they achieve and cost where they were made; `None` where everybody weighs 1.
    ///
    /// # Errors
    /// Targets that cannot be met.
    pub(crate) fn without(&self, left_out: Option<&Flags>) -> Result<(Option<Cow<'a, [f64]>>, Report), EngineError> {
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

    fn kept(&self, place: usize, flags: &Flags) -> f64 {
        if flags.any(place) { 0.0 } else { self.own.map_or(1.0, |own| own[place]) }
    }
}
