//! What each participant weighs in a run: their own weight, made to match the targets, nothing where they
//! are left out.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::ScopedJoinHandle;

use folkmoot_methods::contract::{Category, Descriptor, Dimension, NO_STRATUM, Problem, Segments};
use folkmoot_methods::{Report, WEIGHT_ONE};
use folkmoot_snapshot::{Participants, Snapshot};
use folkmoot_weights::{Attribute, Method, People, Plan, Targets, Weighting};

use crate::bootstrap::draws;
use crate::designs::Sample;
use crate::error::EngineError;
use crate::folds::Shape;
use crate::quality::Flags;
use crate::spec::{Progress, RunSpec};

/// Most weights of replicates that are kept at once.
const MOST_WEIGHTS: usize = 32 << 20;
/// Largest weight of a row in a replicate, so that sums of squared weights stay exact.
const LARGEST: i64 = WEIGHT_ONE << 20;

/// How a run weights its participants: raked to targets where it does not say. Plugins that read strata
/// themselves are given the targets instead.
///
/// # Errors
/// Trimming with replicates.
pub(crate) fn chosen(
    spec: &RunSpec,
    descriptor: &Descriptor,
    is_plugin: bool,
) -> Result<Option<Weighting>, EngineError> {
    let has_targets = !spec.targets.is_empty() || !spec.cells.is_empty();
    let by_default = has_targets && (descriptor.segments == Segments::Host || !is_plugin);
    let weighting = spec.weighting.clone().or_else(|| by_default.then(|| Weighting::new(Method::Rake)));
    let is_trimmed = weighting.as_ref().is_some_and(|weighting| weighting.trim.is_some());
    let is_replicated = descriptor.bootstrap && (spec.replicates > 0 || spec.design.is_some());
    if is_trimmed && is_replicated {
        let message = "does not go with replicates: it would cut who is drawn more than once".to_owned();
        let problems = vec![Problem { path: "/trim".to_owned(), message }];
        return Err(EngineError::BadRules { field: "weighting", problems });
    }
    Ok(weighting)
}

/// Participants and what they are weighted to.
pub(crate) struct Weights<'a> {
    participants: &'a Participants,
    targets: Targets,
    weighting: Option<&'a Weighting>,
    sample: Option<&'a Sample>,
}

/// A weight for each participant, `None` where everybody weighs 1; and what they achieve and cost, where
/// they were made.
pub(crate) type Weighted<'a> = (Option<Cow<'a, [f64]>>, Report);

impl<'a> Weights<'a> {
    /// `sample` is what replicates follow; where there is none, participants are drawn one by one.
    pub(crate) fn of(
        snapshot: &'a Snapshot,
        spec: &RunSpec,
        weighting: Option<&'a Weighting>,
        sample: Option<&'a Sample>,
    ) -> Self {
        let targets = Targets { margins: spec.targets.clone(), cells: spec.cells.clone(), population: None };
        Self { participants: &snapshot.participants, targets, weighting, sample }
    }

    /// The weights, nothing for those flagged in `left_out`.
    ///
    /// # Errors
    /// Targets that do not go with the participants or cannot be met.
    pub(crate) fn without(&self, left_out: Option<&Flags>) -> Result<Weighted<'a>, EngineError> {
        let kept = Kept::of(self.participants, left_out);
        let Some(weighting) = self.weighting else {
            let own = self.participants.weights.as_deref();
            let all = left_out.is_none().then_some(own.map(Cow::Borrowed));
            return Ok((all.unwrap_or_else(|| Some(Cow::Owned(kept.spread(&kept.base)))), Report::default()));
        };
        let people = kept.people(self.participants);
        let plan = Plan::new(&people, &self.targets, weighting)?;
        let fit = plan.fit(None)?;
        let report = folkmoot_weights::report(&people, &plan, &fit);
        Ok((Some(Cow::Owned(kept.spread(&fit.weights))), report))
    }

    /// What the weights are made to meet, a group for each participant.
    ///
    /// # Errors
    /// Targets that do not go with the participants.
    pub(crate) fn margins(&self) -> Result<Vec<Margin>, EngineError> {
        let Some(weighting) = self.weighting else { return Ok(Vec::new()) };
        let kept = Kept::of(self.participants, None);
        let people = kept.people(self.participants);
        let plan = Plan::new(&people, &self.targets, weighting)?;
        let category = |label: &str| Category { label: label.to_owned(), target: None };
        let margin = |(name, labels, groups): (&str, Vec<&str>, Vec<u32>)| Margin {
            dimension: Dimension { name: name.to_owned(), categories: labels.into_iter().map(category).collect() },
            codes: groups.into_iter().map(|group| u16::try_from(group).unwrap_or(NO_STRATUM)).collect(),
        };
        Ok(plan.margins().map(margin).collect())
    }

    /// The weights of every replicate, made from its own draws on so many threads; `None` where draws times
    /// weights will do.
    ///
    /// # Errors
    /// [`EngineError::TooMuch`] and [`EngineError::Cancelled`].
    pub(crate) fn replicates(
        &self,
        left_out: Option<&Flags>,
        weights: Option<&[f64]>,
        shape: Shape,
        threads: usize,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Option<Reweighted>, EngineError> {
        let (Some(weighting), Some(weights)) = (self.weighting, weights) else { return self.multiplied(shape) };
        let count = self.participants.ids.len();
        let (stop, mut factors) = (AtomicBool::new(false), vec![0.0; room(count, shape)?]);
        let kept = Kept::of(self.participants, left_out);
        let people = kept.people(self.participants);
        let plan = Plan::new(&people, &self.targets, weighting)?;
        let refit = Refit { of: self, plan: &plan, kept: &kept, weights, seed: shape.seed, stop: &stop };
        let each = shape.replicates.div_ceil(threads.max(1) as u32).max(1) as usize;
        let (sender, receiver) = mpsc::channel();
        let undefined = std::thread::scope(|scope| {
            let mut workers = Vec::new();
            for (first, factors) in (1..).step_by(each).zip(factors.chunks_mut((each * count).max(1))) {
                let (sender, refit) = (sender.clone(), &refit);
                workers.push(scope.spawn(move || refit.all(first, factors, &sender)));
            }
            drop(sender);
            for (done, ()) in (1_u32..).zip(receiver) {
                let fraction = f64::from(done) / f64::from(shape.replicates);
                if progress(&Progress { phase: "weights of replicates".to_owned(), fraction, rows: 0 }).is_break() {
                    stop.store(true, Ordering::Relaxed);
                }
            }
            let panicked = |_| EngineError::Internal("the weighting panicked".to_owned());
            let join = |worker: ScopedJoinHandle<'_, Vec<u32>>| worker.join().map_err(panicked);
            workers.into_iter().map(join).collect::<Result<Vec<_>, _>>()
        })?;
        if stop.load(Ordering::Relaxed) {
            return Err(EngineError::Cancelled);
        }
        Ok(Some(Reweighted { people: count, factors, undefined: undefined.concat() }))
    }

    /// By how much a replicate multiplies the weight of a participant, before it is weighted anew.
    fn times(&self, seed: u64, replicate: u32) -> impl Fn(u32) -> f64 {
        let factors = self.sample.map(|sample| sample.factors(replicate));
        move |place| match &factors {
            Some(factors) => factors[place as usize],
            None => draws(seed, replicate, place) as f64,
        }
    }

    /// The factors of a design, where there is one and nothing to be met.
    fn multiplied(&self, shape: Shape) -> Result<Option<Reweighted>, EngineError> {
        let Some(sample) = self.sample else { return Ok(None) };
        let people = self.participants.ids.len();
        room(people, shape)?;
        let factors = (1..=shape.replicates).flat_map(|replicate| sample.factors(replicate)).collect();
        Ok(Some(Reweighted { people, factors, undefined: Vec::new() }))
    }
}

/// What weights replicates anew.
struct Refit<'a> {
    of: &'a Weights<'a>,
    plan: &'a Plan<'a>,
    kept: &'a Kept,
    /// The weights of the run.
    weights: &'a [f64],
    seed: u64,
    stop: &'a AtomicBool,
}

impl Refit<'_> {
    /// The factors of the replicates from `first` on, one after the other; those that cannot be weighted.
    fn all(&self, first: u32, factors: &mut [f64], sender: &mpsc::Sender<()>) -> Vec<u32> {
        let mut undefined = Vec::new();
        for (replicate, factors) in (first..).zip(factors.chunks_mut(self.kept.count.max(1))) {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let times = self.of.times(self.seed, replicate);
            let drawn = |(place, base): (&u32, &f64)| base * times(*place);
            let drawn: Vec<f64> = self.kept.places.iter().zip(&self.kept.base).map(drawn).collect();
            match self.plan.fit(Some(&drawn)) {
                Ok(fit) => {
                    let own = self.kept.spread(&fit.weights);
                    let ratio = |(own, all): (&f64, &f64)| if *all > 0.0 { own / all } else { 0.0 };
                    let ratios = own.iter().zip(self.weights).map(ratio);
                    factors.iter_mut().zip(ratios).for_each(|(factor, ratio)| *factor = ratio);
                }
                // The draws hold nobody of some level, or too few to meet the targets.
                Err(_) => undefined.push(replicate),
            }
            // The receiver lives until every sender is gone.
            let _ = sender.send(());
        }
        undefined
    }
}

/// How many weights the replicates are.
fn room(count: usize, shape: Shape) -> Result<usize, EngineError> {
    let made = count.saturating_mul(shape.replicates as usize);
    if made <= MOST_WEIGHTS {
        return Ok(made);
    }
    let message = format!(
        "{} replicates of {count} participants are {made} weights to make, at most {MOST_WEIGHTS} are made at once",
        shape.replicates
    );
    Err(EngineError::TooMuch(message))
}

/// Groups of participants whose shares the weights meet.
pub(crate) struct Margin {
    pub(crate) dimension: Dimension,
    /// A category for each participant.
    pub(crate) codes: Vec<u16>,
}

/// Those who count, as columns of their own.
struct Kept {
    /// Their places among all.
    places: Vec<u32>,
    base: Vec<f64>,
    /// Their codes, attribute by attribute.
    codes: Vec<Vec<u16>>,
    count: usize,
}

impl Kept {
    fn of(participants: &Participants, left_out: Option<&Flags>) -> Self {
        let count = participants.ids.len();
        // The cast is exact: participants are counted in a u32.
        let all = (0..count).filter(|&place| left_out.is_none_or(|flags| !flags.any(place)));
        let places: Vec<u32> = all.map(|place| place as u32).collect();
        let base = |place: &u32| participants.weights.as_ref().map_or(1.0, |weights| weights[*place as usize]);
        let of = |codes: &Vec<u16>| places.iter().map(|place| codes[*place as usize]).collect();
        Self {
            base: places.iter().map(base).collect(),
            codes: participants.attributes.iter().map(|attribute| of(&attribute.codes)).collect(),
            places,
            count,
        }
    }

    fn people<'a>(&'a self, participants: &'a Participants) -> People<'a> {
        let columns = participants.attributes.iter().zip(&self.codes);
        let attributes = columns.map(|(of, codes)| Attribute { name: &of.name, levels: &of.levels, codes });
        People { base: Some(&self.base), attributes: attributes.collect() }
    }

    /// A weight for each participant, 0 for those who do not count.
    fn spread(&self, weights: &[f64]) -> Vec<f64> {
        let mut all = vec![0.0; self.count];
        self.places.iter().zip(weights).for_each(|(place, weight)| all[*place as usize] = *weight);
        all
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
