//! From the evidence on every item to a class for each.

use crate::preference::disagreement::cells::Cells;
use crate::preference::disagreement::design::Rule;
use crate::preference::disagreement::evidence::Evidence;
use crate::preference::disagreement::heterogeneity::Heterogeneity;
use crate::preference::disagreement::part::Pair;
use crate::preference::disagreement::shown::Shown;
use crate::stats::benjamini_hochberg;

/// How the public stands to the position on an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    ConsensusAgainst,
    MajorityAgainst,
    Polarised,
    Agrees,
    Insufficient,
}

impl Class {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::ConsensusAgainst => "consensus_against",
            Self::MajorityAgainst => "majority_against",
            Self::Polarised => "polarised",
            Self::Agrees => "agrees",
            Self::Insufficient => "insufficient",
        }
    }
}

/// An item with its class.
pub(super) struct Verdict {
    pub(super) item: usize,
    pub(super) class: Class,
    /// The pair with the strongest evidence against the position, or of a polarised item the pair on
    /// which the segments are most clearly apart.
    pub(super) shown: Shown,
    /// p of what is shown after all corrections; none where it was not tested.
    pub(super) p: Option<f64>,
    /// Whether segments differ, on the pair with the strongest evidence against the position.
    pub(super) apart: Option<Apart>,
}

/// The test of whether segments differ.
pub(super) struct Apart {
    pub(super) pair: Pair,
    pub(super) together: Heterogeneity,
    /// p after the correction over items.
    pub(super) p: f64,
}

/// How many items each family of tests has.
pub(super) struct Families {
    pub(super) against: usize,
    pub(super) agrees: usize,
    pub(super) polarised: usize,
    pub(super) heterogeneity: usize,
}

/// Corrects over items, each question a family of its own, and classifies.
pub(super) fn classify(cells: &Cells, found: Vec<Evidence>) -> (Vec<Verdict>, Families) {
    let family = |p: fn(&Evidence) -> Option<f64>| found.iter().map(p).collect::<Vec<_>>();
    let against = over_items(&family(|evidence| evidence.p_against));
    let agrees = over_items(&family(|evidence| evidence.p_agrees));
    let polarised = over_items(&family(|evidence| evidence.polarised.map(|(p, _)| p)));
    let heterogeneity = over_items(&family(|evidence| evidence.shown.heterogeneity.map(|together| together.p)));
    let count = |family: &[Option<f64>]| family.iter().flatten().count();
    let families = Families {
        against: count(&against),
        agrees: count(&agrees),
        polarised: count(&polarised),
        heterogeneity: count(&heterogeneity),
    };
    let mut verdicts = Vec::with_capacity(found.len());
    for (at, evidence) in found.into_iter().enumerate() {
        let class = class(&evidence.shown, &cells.design.rule, against[at], agrees[at], polarised[at]);
        let apart = evidence.shown.apart(heterogeneity[at]);
        let opposite = evidence.polarised.filter(|_| class == Class::Polarised);
        let opposite = opposite.and_then(|(_, pair)| Shown::of(cells, evidence.item, pair));
        let p = if opposite.is_some() { polarised[at] } else { against[at] };
        verdicts.push(Verdict { item: evidence.item, class, shown: opposite.unwrap_or(evidence.shown), p, apart });
    }
    (verdicts, families)
}

impl Shown {
    fn apart(&self, p: Option<f64>) -> Option<Apart> {
        Some(Apart { pair: self.pair, together: self.heterogeneity?, p: p? })
    }
}

/// Benjamini and Hochberg's correction over the items that were tested.
fn over_items(p: &[Option<f64>]) -> Vec<Option<f64>> {
    let tested: Vec<f64> = p.iter().flatten().copied().collect();
    let mut corrected = benjamini_hochberg(&tested).into_iter();
    p.iter().map(|p| p.and_then(|_| corrected.next())).collect()
}

fn class(shown: &Shown, rule: &Rule, p_against: Option<f64>, p_agrees: Option<f64>, p_polarised: Option<f64>) -> Class {
    let is_shown = |p: Option<f64>| p.is_some_and(|p| p <= rule.q);
    if is_shown(p_polarised) {
        return Class::Polarised;
    }
    if is_shown(p_against) && shown.survives && shown.second_agrees {
        let mut eligible = shown.segments.iter().filter(|segment| segment.eligible).peekable();
        let everywhere = eligible.peek().is_some() && eligible.all(|segment| segment.low > 0.0);
        return if everywhere { Class::ConsensusAgainst } else { Class::MajorityAgainst };
    }
    if is_shown(p_agrees) { Class::Agrees } else { Class::Insufficient }
}
