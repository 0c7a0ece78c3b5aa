//! Targets matched with people by name.

use std::collections::BTreeMap;

use crate::cells::{Collapsed, Column};
use crate::failure::Mismatch;
use crate::people::{Attribute, People, UNKNOWN};
use crate::targets::Targets;
use crate::weighting::Unknown;

/// How far the shares of a margin may be from 1 together; they are divided by their sum.
const TOLERANCE: f64 = 1e-6;

/// A set of levels, or of combinations of levels, with their targets.
#[derive(Clone, Debug)]
pub(crate) struct Margin {
    /// The attribute or attributes.
    pub(crate) name: String,
    /// Those with participants.
    pub(crate) groups: Vec<Group>,
    /// The group of each cell.
    pub(crate) of_cell: Vec<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// The level or levels.
    pub(crate) label: String,
    pub(crate) people: usize,
    /// None for those whose level is not known: they keep their share.
    pub(crate) target: Option<f64>,
}

impl Margin {
    /// The share of each group: of cells with these base weights, each times its ratio.
    pub(crate) fn shares(&self, base: &[f64], ratios: Option<&[f64]>) -> Vec<f64> {
        let mut sums = vec![0.0; self.groups.len()];
        match ratios {
            None => self.of_cell.iter().zip(base).for_each(|(&group, base)| sums[group as usize] += base),
            Some(ratios) => {
                let cells = self.of_cell.iter().zip(base.iter().zip(ratios));
                cells.for_each(|(&group, (base, ratio))| sums[group as usize] += base * ratio);
            }
        }
        sums
    }
}

/// A margin or a set of cells as it is given.
struct Given<'a> {
    name: String,
    attributes: Vec<&'a str>,
    shares: Vec<(Vec<&'a str>, f64)>,
}

/// Cells of the people and the margins they are to meet.
pub(crate) fn matched(
    people: &People<'_>,
    targets: &Targets,
    unknown: Unknown,
) -> Result<(Collapsed, Vec<Margin>), Vec<Mismatch>> {
    let given = given(targets);
    let mut found = Vec::new();
    if given.is_empty() {
        found.push(Mismatch::NoTargets);
    }
    if targets.population.is_some_and(|population| !(population > 0.0 && population < f64::INFINITY)) {
        let message = "must be a number above 0".to_owned();
        found.push(Mismatch::Target { margin: "population".to_owned(), message });
    }
    found.extend(given.iter().flat_map(shape));
    let used = used(people, &given, &mut found);
    found.extend(columns(people, &used));
    if !found.is_empty() {
        return Err(found);
    }
    // The last radix is of those whose level is not known. A u16 holds it: UNKNOWN is no place.
    let columns = used.iter().map(|used| Column { codes: used.codes, radix: used.levels.len() as u16 + 1 });
    let collapsed = Collapsed::of(&columns.collect::<Vec<_>>(), people.count());
    let mut margins = Vec::new();
    for given in &given {
        let (margin, problems) = margin(given, &used, &collapsed, unknown);
        margins.push(margin);
        found.extend(problems);
    }
    if found.is_empty() { Ok((collapsed, margins)) } else { Err(found) }
}

fn given(targets: &Targets) -> Vec<Given<'_>> {
    let margins = targets.margins.iter().map(|(attribute, shares)| Given {
        name: attribute.clone(),
        attributes: vec![attribute],
        shares: shares.iter().map(|(level, share)| (vec![level.as_str()], *share)).collect(),
    });
    let cells = targets.cells.iter().map(|cells| Given {
        name: cells.attributes.join(" x "),
        attributes: cells.attributes.iter().map(String::as_str).collect(),
        shares: cells.shares.iter().map(|(levels, share)| (strs(levels), *share)).collect(),
    });
    margins.chain(cells).collect()
}

fn strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// What is wrong with a target whoever the people are.
fn shape(given: &Given<'_>) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let mut refuse = |message: String| found.push(Mismatch::Target { margin: given.name.clone(), message });
    let mut names = given.attributes.clone();
    names.sort_unstable();
    if names.is_empty() {
        refuse("cells without attributes".to_owned());
    }
    for twice in names.chunk_by(|a, b| a == b).filter(|same| same.len() > 1) {
        refuse(format!("the attribute {:?} is given twice", twice[0]));
    }
    let mut seen = BTreeMap::new();
    for (levels, share) in &given.shares {
        let label = levels.join(" x ");
        if levels.len() != given.attributes.len() {
            refuse(format!("{label} has {} levels, there are {} attributes", levels.len(), given.attributes.len()));
        }
        if !(0.0..=1.0).contains(share) {
            refuse(format!("the share {share} of {label} is not from 0 to 1"));
        }
        if seen.insert(levels, share).is_some() {
            refuse(format!("{label} is given twice"));
        }
    }
    let sum: f64 = given.shares.iter().map(|(_, share)| share).sum();
    if (sum - 1.0).abs() > TOLERANCE {
        refuse(format!("the shares add up to {sum}, not to 1"));
    }
    found
}

/// The attributes that targets name, each once.
fn used<'a>(people: &'a People<'a>, given: &[Given<'_>], found: &mut Vec<Mismatch>) -> Vec<&'a Attribute<'a>> {
    let mut used: Vec<&Attribute<'_>> = Vec::new();
    for given in given {
        for &name in &given.attributes {
            match people.attribute(name) {
                Some(attribute) if used.iter().all(|other| other.name != name) => used.push(attribute),
                Some(_) => {}
                None => found.push(Mismatch::UnknownAttribute {
                    margin: given.name.clone(),
                    attribute: name.to_owned(),
                    known: people.attributes.iter().map(|attribute| attribute.name).collect::<Vec<_>>().join(", "),
                }),
            }
        }
    }
    used
}

/// What is wrong with the columns.
fn columns(people: &People<'_>, used: &[&Attribute<'_>]) -> Vec<Mismatch> {
    let count = people.count();
    let mut found = Vec::new();
    if count == 0 {
        found.push(Mismatch::Nobody);
    }
    let mut check = |column: &str, rows: usize| {
        if rows != count {
            found.push(Mismatch::Length { column: column.to_owned(), rows, people: count });
        }
    };
    people.base.iter().for_each(|base| check("base weights", base.len()));
    used.iter().for_each(|attribute| check(attribute.name, attribute.codes.len()));
    for attribute in used {
        let levels = attribute.levels.len();
        let is_bad = |code: u16| usize::from(code) >= levels && code != UNKNOWN;
        let people = attribute.codes.iter().filter(|code| is_bad(**code)).count();
        if people > 0 || levels >= usize::from(UNKNOWN) {
            found.push(Mismatch::Code { attribute: attribute.name.to_owned(), people });
        }
    }
    found
}

/// The combinations of the levels of some columns that occur, by code, so that groups stand in the order of
/// the levels; none where a level is not known.
struct Combinations {
    of_cell: Vec<Option<Vec<u16>>>,
    people: BTreeMap<Option<Vec<u16>>, usize>,
}

impl Combinations {
    fn of(columns: &[usize], used: &[&Attribute<'_>], collapsed: &Collapsed) -> Self {
        let code = |column: usize, cell: usize| {
            let code = collapsed.codes[column][cell];
            (usize::from(code) < used[column].levels.len()).then_some(code)
        };
        let combination = |cell: usize| columns.iter().map(|&column| code(column, cell)).collect();
        let of_cell: Vec<Option<Vec<u16>>> = (0..collapsed.len()).map(combination).collect();
        let mut people = BTreeMap::new();
        for (combination, &n) in of_cell.iter().zip(&collapsed.people) {
            *people.entry(combination.clone()).or_default() += n as usize;
        }
        Self { of_cell, people }
    }
}

fn margin(
    given: &Given<'_>,
    used: &[&Attribute<'_>],
    collapsed: &Collapsed,
    unknown: Unknown,
) -> (Margin, Vec<Mismatch>) {
    let place = |name: &&str| used.iter().position(|attribute| attribute.name == *name);
    let columns: Vec<usize> = given.attributes.iter().filter_map(place).collect();
    let mut combinations = Combinations::of(&columns, used, collapsed);
    let nobody_knows = combinations.people.remove(&None);
    let names = |codes: &[u16]| -> Vec<&str> {
        columns.iter().zip(codes).map(|(&column, &code)| used[column].levels[usize::from(code)].as_str()).collect()
    };
    let mut targets: BTreeMap<Vec<&str>, f64> = given.shares.iter().cloned().collect();
    let sum: f64 = targets.values().sum();
    let margin = || given.name.clone();
    let mut found = Vec::new();
    let mut groups = Vec::new();
    let mut places = BTreeMap::new();
    for (combination, &people) in &combinations.people {
        let names = names(combination.as_deref().unwrap_or_default());
        let label = names.join(" x ");
        let target = targets.remove(&names);
        match target {
            None => found.push(Mismatch::NoTarget { margin: margin(), level: label.clone(), people }),
            Some(0.0) => found.push(Mismatch::ZeroTarget { margin: margin(), level: label.clone(), people }),
            Some(_) => {}
        }
        places.insert(combination.clone(), groups.len() as u32);
        groups.push(Group { label, people, target: Some(target.unwrap_or_default() / sum) });
    }
    let missing = targets.into_iter().filter(|(_, target)| *target > 0.0);
    found.extend(missing.map(|(names, target)| Mismatch::Missing {
        margin: margin(),
        level: names.join(" x "),
        target,
    }));
    match nobody_knows {
        Some(people) if unknown == Unknown::Refuse => found.push(Mismatch::UnknownLevel { margin: margin(), people }),
        Some(people) => {
            places.insert(None, groups.len() as u32);
            groups.push(Group { label: "(not known)".to_owned(), people, target: None });
        }
        None => {}
    }
    let of_cell = combinations.of_cell.iter().map(|group| places.get(group).copied().unwrap_or_default()).collect();
    (Margin { name: margin(), groups, of_cell }, found)
}
