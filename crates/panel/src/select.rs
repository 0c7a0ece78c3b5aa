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

/// Most bounds that are learnt before a search is given up.
const MOST_CUTS: usize = 10_000;

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
            Outcome::Beyond(_) if marginals.cuts.len() == MOST_CUTS => {
                return Err(PanelError::Solver(format!("{MOST_CUTS} bounds on the probabilities were not enough")));
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::Panel;
    use crate::pool::{Bounds, Quota, Rule};
    use crate::solver::Program;
    use proptest::prelude::*;

    /// Every panel that meets the quotas.
    fn panels(instance: &Instance) -> Vec<Panel> {
        let mut all: Vec<Panel> = vec![Vec::new()];
        for place in 0..instance.types.len() {
            let longer =
                |panel: Panel| (0..=instance.people(place)).map(move |seats| [panel.clone(), vec![seats]].concat());
            all = all.into_iter().flat_map(longer).collect();
        }
        let meets = |panel: &Panel| {
            let within = |cell| (cell_bounds(cell).0..=cell_bounds(cell).1).contains(&instance.seats_of(panel, cell));
            panel.iter().sum::<u32>() == instance.seats && instance.cells.iter().all(within)
        };
        all.into_iter().filter(meets).collect()
    }

    fn cell_bounds(cell: &crate::instance::Cell) -> (u32, u32) {
        (cell.bounds.min, cell.bounds.max)
    }

    /// The largest that the probability of `raised` types can be at least, the others at least `fixed`.
    fn raise(instance: &Instance, panels: &[Panel], fixed: &[Option<f64>], raised: &[usize]) -> f64 {
        let mut program = Program::default();
        let chances: Vec<usize> = panels.iter().map(|_| program.column(0.0, 0.0..=1.0)).collect();
        let least = program.column(1.0, 0.0..=1.0);
        let one: Vec<(usize, f64)> = chances.iter().map(|&chance| (chance, 1.0)).collect();
        program.row(1.0..=1.0, &one);
        for place in 0..fixed.len() {
            let seats = chances.iter().zip(panels).map(|(&chance, panel)| (chance, f64::from(panel[place])));
            let mut terms: Vec<(usize, f64)> = seats.filter(|(_, seats)| *seats > 0.0).collect();
            let mut floor = fixed[place].map_or(0.0, |p| (p - 1e-9).max(0.0) * instance.size(place));
            if raised.contains(&place) {
                terms.push((least, -instance.size(place)));
                floor = 0.0;
            }
            program.row(floor..=f64::INFINITY, &terms);
        }
        program.maximise().unwrap().unwrap().value
    }

    /// Leximin from its definition over all panels: a type is fixed once it alone cannot rise further.
    fn leximin(instance: &Instance, panels: &[Panel]) -> Vec<f64> {
        let mut fixed: Vec<Option<f64>> = vec![None; instance.types.len()];
        while fixed.contains(&None) {
            let open: Vec<usize> = (0..fixed.len()).filter(|&place| fixed[place].is_none()).collect();
            let smallest = raise(instance, panels, &fixed, &open);
            let floors: Vec<Option<f64>> = fixed.iter().map(|p| p.or(Some(smallest))).collect();
            let stuck = |&place: &usize| raise(instance, panels, &floors, &[place]) < smallest + 1e-6;
            open.into_iter().filter(stuck).for_each(|place| fixed[place] = Some(smallest));
        }
        fixed.into_iter().flatten().collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn leximin_is_what_all_panels_enumerated_give(
            levels in proptest::collection::vec((0_u8..2, 0_u8..2, 0_u8..2), 5..9),
            bounds in proptest::collection::vec((0_u32..2, 1_u32..3), 3),
            seats in 2_u32..4,
        ) {
            let names = ["a", "b", "c"];
            let person = |(place, &(a, b, c)): (usize, &(u8, u8, u8))| Person {
                id: place.to_string(),
                attributes: names.iter().map(|name| (*name).to_owned()).zip([a, b, c].map(|l| l.to_string())).collect(),
            };
            let pool: Vec<Person> = levels.iter().enumerate().map(person).collect();
            let quota = |(name, &(min, max)): (&&str, &(u32, u32))| {
                let rule = Rule::Bounds([("0".to_owned(), Bounds { min, max })].into());
                Quota { attribute: (*name).to_owned(), rule }
            };
            let quotas = Quotas { seats, quotas: names.iter().zip(&bounds).map(quota).collect(), household: None };
            let Ok(selection) = select(&pool, &quotas, Method::Leximin) else { return Ok(()) };
            let want = leximin(&selection.instance, &panels(&selection.instance));
            for (place, want) in want.into_iter().enumerate() {
                let found = selection.probability(place);
                prop_assert!((found - want).abs() < 1e-5, "type {place}: {found} is not {want}");
            }
        }
    }
}
