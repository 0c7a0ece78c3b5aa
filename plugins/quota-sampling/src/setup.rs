//! What a configuration comes to, once everything wrong with it has been told.

use folkmoot_plugin_sdk::{Config, Dimension, MethodError, Problem};

use crate::descriptor::KINDS;
use crate::options::Item;
use crate::parameters::Parameters;

/// Most levels of an attribute; a level is a byte in the state, and one byte value means unknown.
pub(crate) const MOST_LEVELS: usize = 254;

/// A level of an attribute.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) label: String,
    /// Share of the population, from 0 to 1.
    pub(crate) target: f64,
}

/// An attribute whose shares are to be met.
#[derive(Clone, Debug)]
pub(crate) struct Margin {
    pub(crate) name: String,
    pub(crate) levels: Vec<Level>,
}

/// All that a run fixes before the first row.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) parameters: Parameters,
    pub(crate) items: Vec<Item>,
    pub(crate) region: Margin,
    pub(crate) second: Option<Margin>,
    /// For each region the one that takes its people and target when it has too few.
    pub(crate) takers: Vec<Option<usize>>,
    /// Participants' numbers are below it.
    pub(crate) participants: usize,
    pub(crate) seed: u64,
}

impl Setup {
    /// # Errors
    /// [`MethodError::BadParameters`] with every problem; [`MethodError::Undefined`] without items.
    pub(crate) fn read(config: &Config) -> Result<Self, MethodError> {
        let parameters: Parameters = config.parameters()?;
        let mut problems = Problems::default();
        parameters.contradictions().into_iter().for_each(|(path, words)| problems.add(path, words));
        let mut margins = config.dimensions.iter().map(|dimension| margin(dimension, &mut problems));
        let (region, second) = (margins.next(), margins.next());
        if let Some(third) = margins.next() {
            problems.add("", format!("two attributes at most are weighted to, {} is one too many", third.name));
        }
        if region.is_none() {
            problems.add("", "no region is told apart: name the attribute with --by, such as --by region".to_owned());
        }
        if let Some(second) = second.as_ref().filter(|_| !parameters.mode.weights()) {
            let words = format!("draws by the first attribute alone: leave {} out, or take \"both\"", second.name);
            problems.add("/mode", words);
        }
        let takers = region.as_ref().map(|region| takers(region, &parameters.collapse_into, &mut problems));
        problems.end()?;
        let items = Item::all(&config.items);
        if items.is_empty() {
            return Err(MethodError::Undefined(format!("there is no item of kind {}", KINDS.join(", "))));
        }
        let (Some(region), Some(takers)) = (region, takers) else {
            return Err(MethodError::Internal("a missing region was not told".to_owned()));
        };
        Ok(Self {
            parameters,
            items,
            region,
            second,
            takers,
            participants: config.participants as usize,
            seed: config.seed,
        })
    }

    /// How many attributes are told apart.
    pub(crate) fn attributes(&self) -> usize {
        1 + usize::from(self.second.is_some())
    }
}

#[derive(Default)]
struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, path: &str, message: String) {
        self.0.push(Problem { path: path.to_owned(), message });
    }

    fn end(self) -> Result<(), MethodError> {
        if self.0.is_empty() { Ok(()) } else { Err(MethodError::BadParameters(self.0)) }
    }
}

fn margin(dimension: &Dimension, problems: &mut Problems) -> Margin {
    let name = &dimension.name;
    let given = dimension.categories.iter().filter_map(|category| category.target).count();
    let all = dimension.categories.len();
    if given < all || all == 0 {
        let words = match given {
            0 => format!("{name} has no targets: give its shares of the population with --targets"),
            _ => format!("{name} has targets for {given} of its {all} levels only"),
        };
        problems.add("", words);
    }
    if all > MOST_LEVELS {
        problems.add("", format!("{name} has {all} levels, at most {MOST_LEVELS} are told apart"));
    }
    let levels: Vec<Level> = dimension
        .categories
        .iter()
        .map(|category| Level { label: category.label.clone(), target: category.target.unwrap_or(0.0) })
        .collect();
    if given == all && all > 0 && !levels.iter().any(|level| level.target > 0.0) {
        problems.add("", format!("every target of {name} is 0"));
    }
    Margin { name: name.clone(), levels }
}

/// Reads `from>into; from>into`.
fn takers(region: &Margin, rules: &str, problems: &mut Problems) -> Vec<Option<usize>> {
    let path = "/collapse_into";
    let mut takers = vec![None; region.levels.len()];
    for rule in rules.split(';').map(str::trim).filter(|rule| !rule.is_empty()) {
        let Some((from, into)) = rule.split_once('>') else {
            problems.add(path, format!("{rule:?} is not of the form from>into"));
            continue;
        };
        let place = |label: &str| region.levels.iter().position(|level| level.label == label.trim());
        let (Some(from), Some(into)) = (place(from), place(into)) else {
            let known: Vec<_> = region.levels.iter().map(|level| level.label.as_str()).collect();
            problems.add(path, format!("{rule:?} names no level of {}; known are {}", region.name, known.join(", ")));
            continue;
        };
        if takers[from].is_some() {
            problems.add(path, format!("{:?} is given to two others", region.levels[from].label));
        }
        if region.levels[into].target <= 0.0 {
            problems.add(path, format!("{:?} has a target of 0 and takes nobody", region.levels[into].label));
        }
        takers[from] = Some(into);
    }
    let circle = (0..takers.len()).find(|&start| {
        let mut at = start;
        (0..takers.len()).any(|_| match takers[at] {
            Some(next) => {
                at = next;
                at == start
            }
            None => false,
        })
    });
    if let Some(start) = circle {
        problems.add(path, format!("leads in a circle from {:?} back to it", region.levels[start].label));
    }
    takers
}
