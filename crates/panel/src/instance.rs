//! The pool and the quotas as numbers: people of one type merged, quotas as sums over types.

use std::collections::{BTreeMap, BTreeSet};

use crate::apportion::largest_remainder;
use crate::error::{PanelError, Problem};
use crate::pool::{Bounds, Person, Quotas, Rule};
use crate::solver::Program;

/// Seats given to each type, in the order of [`Instance::types`].
pub(crate) type Panel = Vec<u32>;

/// A selection as numbers.
pub(crate) struct Instance {
    pub(crate) seats: u32,
    /// Attributes with a quota, in the order they were given.
    pub(crate) attributes: Vec<String>,
    /// Ascending by levels, then by the first person's id.
    pub(crate) types: Vec<Type>,
    pub(crate) cells: Vec<Cell>,
    /// Types of one person each, of whom a panel has at most one.
    pub(crate) households: Vec<Vec<usize>>,
    /// Attributes whose seats an equal remainder and an equal share left to the order of levels.
    pub(crate) tied: Vec<(String, Vec<String>)>,
}

/// People who are the same to every quota.
pub(crate) struct Type {
    /// By attribute; none where the person has no value.
    pub(crate) levels: Vec<Option<String>>,
    /// Places in the pool, ascending by id.
    pub(crate) people: Vec<usize>,
}

/// A quota of one level.
pub(crate) struct Cell {
    /// Place in [`Instance::attributes`].
    pub(crate) attribute: usize,
    pub(crate) level: String,
    pub(crate) bounds: Bounds,
    /// The types with this level.
    pub(crate) types: Vec<usize>,
}

impl Instance {
    /// # Errors
    /// Problems of the pool and the quotas, all at once.
    pub(crate) fn new(pool: &[Person], quotas: &Quotas) -> Result<Self, PanelError> {
        let problems = problems(pool, quotas);
        if !problems.is_empty() {
            return Err(PanelError::Input(problems));
        }
        let attributes: Vec<String> = quotas.quotas.iter().map(|quota| quota.attribute.clone()).collect();
        let housemates = housemates(pool, quotas.household.as_deref());
        let types = types(pool, &attributes, &housemates);
        let place_of = |person: usize| types.iter().position(|t| t.people[0] == person).unwrap_or_default();
        let households = housemates.iter().map(|people| people.iter().map(|&person| place_of(person)).collect());
        let households = households.collect();
        let mut tied = Vec::new();
        let mut cells = Vec::new();
        for (attribute, quota) in quotas.quotas.iter().enumerate() {
            for (level, bounds) in bounds(&quota.rule, quotas.seats, &quota.attribute, &mut tied) {
                let has = |&place: &usize| types[place].levels[attribute].as_deref() == Some(level.as_str());
                let members = (0..types.len()).filter(has).collect();
                cells.push(Cell { attribute, level, bounds, types: members });
            }
        }
        Ok(Self { seats: quotas.seats, attributes, types, cells, households, tied })
    }

    /// People of a type.
    pub(crate) fn people(&self, place: usize) -> u32 {
        self.types[place].people.len() as u32
    }

    /// People of a type, as a factor.
    pub(crate) fn size(&self, place: usize) -> f64 {
        f64::from(self.people(place))
    }

    /// Seats a panel gives to a cell.
    pub(crate) fn seats_of(&self, panel: &Panel, cell: &Cell) -> u32 {
        cell.types.iter().map(|&place| panel[place]).sum()
    }

    /// Adds what every panel keeps, apart from the quotas: the seats, and one of a household. The first
    /// columns of `program` are the types' seats.
    pub(crate) fn frame(&self, program: &mut Program) {
        let all: Vec<(usize, f64)> = (0..self.types.len()).map(|place| (place, 1.0)).collect();
        let seats = f64::from(self.seats);
        program.row(seats..=seats, &all);
        for household in &self.households {
            let members: Vec<(usize, f64)> = household.iter().map(|&place| (place, 1.0)).collect();
            program.row(0.0..=1.0, &members);
        }
    }

    /// Adds the quotas.
    pub(crate) fn quotas(&self, program: &mut Program) {
        for cell in &self.cells {
            let members: Vec<(usize, f64)> = cell.types.iter().map(|&place| (place, 1.0)).collect();
            program.row(f64::from(cell.bounds.min)..=f64::from(cell.bounds.max), &members);
        }
    }
}

/// The people of each household that has several in the pool.
fn housemates(pool: &[Person], household: Option<&str>) -> Vec<Vec<usize>> {
    let Some(household) = household else { return Vec::new() };
    let mut found: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, person) in pool.iter().enumerate() {
        if let Some(name) = person.attributes.get(household) {
            found.entry(name).or_default().push(place);
        }
    }
    found.into_values().filter(|people| people.len() > 1).collect()
}

/// Merges people with the same levels, apart from those with housemates in the pool: whether one of them
/// can be seated depends on who they are.
fn types(pool: &[Person], attributes: &[String], housemates: &[Vec<usize>]) -> Vec<Type> {
    let apart: BTreeSet<usize> = housemates.iter().flatten().copied().collect();
    let mut order: Vec<usize> = (0..pool.len()).collect();
    order.sort_by_key(|&place| &pool[place].id);
    let mut merged: BTreeMap<Vec<Option<String>>, Vec<usize>> = BTreeMap::new();
    let mut types = Vec::new();
    for place in order {
        let level = |attribute: &String| pool[place].attributes.get(attribute).cloned();
        let levels: Vec<Option<String>> = attributes.iter().map(level).collect();
        match apart.contains(&place) {
            true => types.push(Type { levels, people: vec![place] }),
            false => merged.entry(levels).or_default().push(place),
        }
    }
    types.extend(merged.into_iter().map(|(levels, people)| Type { levels, people }));
    types.sort_by(|a, b| (&a.levels, &pool[a.people[0]].id).cmp(&(&b.levels, &pool[b.people[0]].id)));
    types
}

fn bounds(rule: &Rule, seats: u32, attribute: &str, tied: &mut Vec<(String, Vec<String>)>) -> BTreeMap<String, Bounds> {
    let shares = match rule {
        Rule::Bounds(bounds) => return bounds.clone(),
        Rule::Shares(shares) => shares,
    };
    let parts: Vec<u64> = shares.values().copied().collect();
    let (given, by_order) = largest_remainder(&parts, seats);
    if !by_order.is_empty() {
        let levels: Vec<&String> = shares.keys().collect();
        tied.push((attribute.to_owned(), by_order.into_iter().map(|place| levels[place].clone()).collect()));
    }
    let exactly = |(level, seats): (&String, u32)| (level.clone(), Bounds { min: seats, max: seats });
    shares.keys().zip(given).map(exactly).collect()
}

fn problems(pool: &[Person], quotas: &Quotas) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut refuse = |field: String, message: String| found.push(Problem { field, message });
    let mut ids = BTreeSet::new();
    for person in pool {
        if !ids.insert(&person.id) {
            refuse("pool".to_owned(), format!("the person {:?} stands twice", person.id));
        }
    }
    if quotas.seats == 0 {
        refuse("seats".to_owned(), "a panel has at least one seat".to_owned());
    }
    if (pool.len() as u64) < u64::from(quotas.seats) {
        refuse("seats".to_owned(), format!("{} seats are more than the {} people", quotas.seats, pool.len()));
    }
    let has = |attribute: &str| pool.iter().any(|person| person.attributes.contains_key(attribute));
    if let Some(household) = quotas.household.as_ref().filter(|name| !has(name)) {
        refuse("household".to_owned(), format!("nobody of the pool has the attribute {household:?}"));
    }
    let mut seen = BTreeSet::new();
    for (place, quota) in quotas.quotas.iter().enumerate() {
        let at = |field: &str| format!("quotas[{place}].{field}");
        if !seen.insert(&quota.attribute) {
            refuse(at("attribute"), format!("the attribute {:?} is given twice", quota.attribute));
        }
        if !has(&quota.attribute) {
            refuse(at("attribute"), format!("nobody of the pool has the attribute {:?}", quota.attribute));
        }
        match &quota.rule {
            Rule::Bounds(bounds) => {
                for (level, Bounds { min, max }) in bounds.iter().filter(|(_, bounds)| bounds.min > bounds.max) {
                    refuse(at(&format!("levels.{level}")), format!("min {min} is above max {max}"));
                }
                for (level, Bounds { min, .. }) in bounds.iter().filter(|(_, bounds)| bounds.min > quotas.seats) {
                    let message = format!("min {min} is more than the {} seats", quotas.seats);
                    refuse(at(&format!("levels.{level}")), message);
                }
            }
            Rule::Shares(shares) if shares.values().all(|&part| part == 0) => {
                refuse(at("shares"), "the shares add up to 0".to_owned());
            }
            Rule::Shares(_) => {}
        }
    }
    found
}
