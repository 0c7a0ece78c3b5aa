//! From a pool and quotas to a lottery.

use crate::cover::{Cover, cover};
use crate::decompose::{Outcome, decompose};
use crate::draw;
use crate::error::PanelError;
use crate::instance::Instance;
use crate::lottery::{Entry, TICKETS, tickets};
use crate::marginals::Marginals;
use crate::pool::{Method, Person, Quotas};
use crate::pricing::Pricing;
use crate::{leximin, nash};

/// A lottery over panels, ready to be drawn.
pub struct Selection<'a> {
    pub(crate) pool: &'a [Person],
    pub(crate) method: Method,
    pub(crate) instance: Instance,
    pub(crate) lottery: Vec<Entry>,
    /// Types that no panel has.
    pub(crate) never: Vec<usize>,
    pub(crate) effort: Effort,
}

/// What the lottery took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Effort {
    /// Stages of leximin and rounds of the product, of the last optimum.
    pub(crate) rounds: u32,
    /// Bounds that were learnt.
    pub(crate) cuts: usize,
    /// Panels that were found.
    pub(crate) panels: usize,
    /// Pricing programs that were solved.
    pub(crate) priced: u32,
    /// How far the mean logarithm of the probabilities may be from the best, for the product.
    pub(crate) gap: Option<f64>,
}

/// Who was drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The ticket.
    pub ticket: u64,
    /// Place of the panel in the lottery.
    pub entry: usize,
    /// Places in the pool, ascending by id.
    pub people: Vec<usize>,
}

/// Finds the lottery whose probabilities are best by `method`.
///
/// The best probabilities are sought among all that keep the quotas on average, where everything is a
/// linear program. If a lottery over panels has them, nothing is better; if none has, what stands in the
/// way is a bound that every panel keeps, and the search goes on within it.
///
/// # Errors
/// A pool and quotas that do not go together; quotas that no panel meets, with the smallest relaxation; a
/// solver that gives up.
pub fn select<'a>(pool: &'a [Person], quotas: &Quotas, method: Method) -> Result<Selection<'a>, PanelError> {
    let instance = Instance::new(pool, quotas)?;
    let mut pricing = Pricing::new(&instance)?;
    let Cover { mut panels, never } = cover(&instance, &mut pricing)?;
    let mut marginals = Marginals { instance: &instance, never: &never, cuts: Vec::new() };
    let mut effort = Effort::default();
    let chances = loop {
        let wanted = wanted(method, &marginals, &mut effort)?;
        match decompose(&instance, &wanted, &mut panels, &mut pricing)? {
            Outcome::Lottery(chances) => break chances,
            Outcome::Beyond(cut) => marginals.cuts.push(cut),
        }
    };
    effort = Effort { cuts: marginals.cuts.len(), panels: panels.len(), priced: pricing.solved, ..effort };
    let lottery = tickets(chances);
    Ok(Selection { pool, method, lottery, never, effort, instance })
}

/// Expected seats by type.
fn wanted(method: Method, marginals: &Marginals<'_>, effort: &mut Effort) -> Result<Vec<f64>, PanelError> {
    match method {
        Method::Leximin => {
            let (seats, stages) = leximin::seats(marginals)?;
            effort.rounds = stages;
            Ok(seats)
        }
        Method::Maximin => {
            let smallest = leximin::smallest(marginals)?;
            let least = |place| if marginals.never.contains(&place) { 0.0 } else { smallest };
            Ok((0..marginals.instance.types.len()).map(|place| least(place) * marginals.instance.size(place)).collect())
        }
        Method::Nash => {
            let nash::Nash { seats, rounds, gap } = nash::seats(marginals)?;
            effort.rounds = rounds;
            effort.gap = Some(gap);
            Ok(seats)
        }
    }
}

impl Selection<'_> {
    /// Each person's probability to be on the panel, in the order of the pool: tickets of the panels times
    /// the type's seats on them, spread over its people.
    pub fn probabilities(&self) -> Vec<f64> {
        let mut probabilities = vec![0.0; self.pool.len()];
        for (place, members) in self.instance.types.iter().enumerate() {
            let probability = self.probability(place);
            members.people.iter().for_each(|&person| probabilities[person] = probability);
        }
        probabilities
    }

    /// The panels that can be drawn, ascending.
    pub fn lottery(&self) -> &[Entry] {
        &self.lottery
    }

    /// The people of each type, in the order of [`Entry::seats`]: places in the pool.
    pub fn types(&self) -> impl Iterator<Item = &[usize]> {
        self.instance.types.iter().map(|members| members.people.as_slice())
    }

    /// Draws a panel, as [`crate::draw`] says.
    pub fn draw(&self, seed: &str) -> Drawn {
        let ticket = draw::ticket(seed);
        let entry = draw::entry(&self.lottery, ticket);
        let mut people = Vec::with_capacity(self.instance.seats as usize);
        for (members, &seats) in self.instance.types.iter().zip(&self.lottery[entry].seats) {
            let ids: Vec<&str> = members.people.iter().map(|&place| self.pool[place].id.as_str()).collect();
            people.extend(draw::seated(seed, &ids, seats).into_iter().map(|place| members.people[place]));
        }
        people.sort_by_key(|&place| &self.pool[place].id);
        Drawn { ticket, entry, people }
    }

    /// The probability of a person of a type.
    pub(crate) fn probability(&self, place: usize) -> f64 {
        let seats: u128 =
            self.lottery.iter().map(|entry| u128::from(entry.tickets) * u128::from(entry.seats[place])).sum();
        seats as f64 / (u128::from(TICKETS) * u128::from(self.instance.people(place))) as f64
    }
}
