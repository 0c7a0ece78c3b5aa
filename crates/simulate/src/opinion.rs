//! What each item's candidates are worth to whom.

use folkmoot_core::answer::NOT_RANKED;
use folkmoot_core::{Answer, Item, Vote};

use crate::chance::Chance;
use crate::people::{self, ATTRIBUTES, Person};
use crate::plan::{Effect, Plan, read_order};

/// Spreads of latent worths, in log odds: between candidates, between countries, between age bands and
/// between people of one segment. Assumptions: large enough to be found at 1,000 people, small enough
/// that firsts stay roughly even over many items, as they are in the real round.
const CANDIDATE_SPREAD: f64 = 0.6;
const COUNTRY_SPREAD: f64 = 0.35;
const AGE_SPREAD: f64 = 0.25;
const TASTE_SPREAD: f64 = 0.4;

/// How strongly ideology moves votes and scales.
const LOADING: f64 = 1.6;

/// The opinions on one item.
pub(crate) enum Opinion {
    /// From the seed: worths of the candidates (one worth for a kind without), shifted by segment.
    Latent { base: Vec<f64>, by_country: Vec<Vec<f64>>, by_age: Vec<Vec<f64>>, loading: [f64; 2] },
    /// From an effect: the preferences of the people before and after the cut of an attribute.
    Planted { attribute: usize, cut: usize, sides: [Preference; 2] },
}

/// A planted preference.
#[derive(Clone, Default)]
pub(crate) struct Preference {
    /// Log worth of each candidate.
    pub(crate) worths: Vec<f64>,
    /// Log odds of agreeing.
    pub(crate) lean: f64,
    /// Log odds of passing, where the order says pass.
    pub(crate) pass: Option<f64>,
    /// Where numbers gather on a scale, and how strongly.
    pub(crate) target: Option<(f64, f64)>,
}

impl Opinion {
    /// The opinion on `item`.
    ///
    /// # Panics
    /// When [`Plan::check`] refuses the item's effect.
    pub(crate) fn of(plan: &Plan, item: &Item) -> Self {
        let width = item.candidates.len();
        let nothing = Preference { worths: vec![0.0; width], ..Preference::default() };
        match plan.effects.get(&item.id) {
            None => Self::latent(plan.seed, item),
            Some(Effect::Indifferent) => Self::Planted { attribute: 0, cut: 0, sides: [nothing.clone(), nothing] },
            Some(Effect::Follows { order, strength }) => {
                let side = Preference::read(item, order, *strength);
                Self::Planted { attribute: 0, cut: 0, sides: [side.clone(), side] }
            }
            Some(Effect::Polarised { attribute, order_a, order_b, strength }) => {
                let place = ATTRIBUTES.iter().position(|known| known.name == attribute).expect("a checked plan");
                let sides = [order_a, order_b].map(|order| Preference::read(item, order, *strength));
                Self::Planted { attribute: place, cut: ATTRIBUTES[place].cut(), sides }
            }
        }
    }

    fn latent(seed: u64, item: &Item) -> Self {
        let width = item.candidates.len().max(1);
        let mut chance = Chance::of_item(seed, &item.id);
        let mut spread = |deviation: f64| -> Vec<f64> { (0..width).map(|_| deviation * chance.normal()).collect() };
        let base = spread(CANDIDATE_SPREAD);
        let by_country = ATTRIBUTES[people::COUNTRY].levels.iter().map(|_| spread(COUNTRY_SPREAD)).collect();
        let by_age = ATTRIBUTES[people::AGE].levels.iter().map(|_| spread(AGE_SPREAD)).collect();
        let direction = std::f64::consts::TAU * chance.uniform();
        let loading = [LOADING * libm::cos(direction), LOADING * libm::sin(direction)];
        Self::Latent { base, by_country, by_age, loading }
    }

    /// Log worth of each candidate to this person.
    pub(crate) fn worths(&self, person: &Person, chance: &mut Chance) -> Vec<f64> {
        match self {
            Self::Latent { base, .. } => (0..base.len())
                .map(|candidate| self.segment_worth(person, candidate) + TASTE_SPREAD * chance.normal())
                .collect(),
            Self::Planted { .. } => self.side(person).map(|side| side.worths.clone()).unwrap_or_default(),
        }
    }

    /// Log odds of agreeing, before the noise of a single answer.
    pub(crate) fn lean(&self, person: &Person) -> f64 {
        match self {
            Self::Latent { loading, .. } => {
                let [x, y] = person.ideology;
                self.segment_worth(person, 0) + loading[0] * x + loading[1] * y
            }
            Self::Planted { .. } => self.side(person).map_or(0.0, |side| side.lean),
        }
    }

    /// The planted preference of this person; `None` where opinions are latent.
    pub(crate) fn side(&self, person: &Person) -> Option<&Preference> {
        match self {
            Self::Latent { .. } => None,
            Self::Planted { attribute, cut, sides } => Some(&sides[usize::from(person.levels[*attribute] >= *cut)]),
        }
    }

    fn segment_worth(&self, person: &Person, candidate: usize) -> f64 {
        match self {
            Self::Latent { base, by_country, by_age, .. } => {
                base[candidate]
                    + by_country[person.levels[people::COUNTRY]][candidate]
                    + by_age[person.levels[people::AGE]][candidate]
            }
            Self::Planted { .. } => 0.0,
        }
    }
}

impl Preference {
    fn read(item: &Item, order: &str, strength: f64) -> Self {
        let order = read_order(item, order).expect("a checked plan");
        let mut side = Self { worths: vec![0.0; item.candidates.len()], ..Self::default() };
        match order {
            Answer::Rank { tiers, .. } => side.worths = tier_worths(&tiers, strength),
            Answer::Pair(tiers) => side.worths = tier_worths(&tiers, strength),
            Answer::Approve(flags) => {
                side.worths = flags.iter().map(|&approved| if approved { 0.0 } else { -strength }).collect();
            }
            Answer::Choose(place) => {
                side.worths.fill(-strength);
                side.worths[usize::from(place)] = 0.0;
            }
            Answer::Rubric(scores) => {
                let worth = |&score: &i8| if score == i8::MIN { 0.0 } else { strength * f64::from(score) / 10.0 };
                side.worths = scores.iter().map(worth).collect();
            }
            Answer::Vote(Vote::Agree) => side.lean = strength,
            Answer::Vote(Vote::Disagree) => side.lean = -strength,
            Answer::Vote(Vote::Pass) => side.pass = Some(strength),
            Answer::Scale(number) => side.target = Some((number, strength)),
            Answer::Text(_) => {}
        }
        side
    }
}

/// One tier below is `strength` less; what is left out stands one tier below the last.
fn tier_worths(tiers: &[u8], strength: f64) -> Vec<f64> {
    let depth = tiers.iter().filter(|&&tier| tier < NOT_RANKED).max().map_or(0, |tier| tier + 1);
    tiers.iter().map(|&tier| -strength * f64::from(tier.min(depth))).collect()
}
