//! Why there are no weights.

use std::fmt;

use folkmoot_fold::contract::Problem;

/// Why people cannot be weighted, with the margin, the level and the numbers.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Failure {
    /// Parameters; every problem with its JSON pointer.
    #[error("bad parameters: {}", list(.0.iter().map(|p| format!("{}: {}", p.path, p.message))))]
    Parameters(Vec<Problem>),
    /// Columns, targets and people that do not go together; every mismatch.
    #[error("{}", list(.0))]
    Mismatch(Vec<Mismatch>),
    /// Base weights that are negative or no numbers.
    #[error("{count} base weights are negative or no numbers, the first ({weight}) in row {row}")]
    BaseWeight {
        /// The first row, counted from 0.
        row: usize,
        /// Its weight.
        weight: f64,
        /// How many there are.
        count: usize,
    },
    /// Nobody has a base weight.
    #[error("the base weights add up to 0")]
    NoBaseWeight,
    /// No weights of 0 or more, or within the bounds, meet all targets.
    #[error("{0}")]
    Infeasible(Conflict),
    /// The targets can be met, but only with weights of 0 for some people.
    #[error("{0}")]
    Boundary(Conflict),
    /// The last iteration is still too far from the targets.
    #[error(
        "not converged after {iterations} iterations: {margin}={level} has a share of {share}, its target is {target} \
         (gap {gap:e}, tolerance {tolerance:e})", gap = (share - target).abs()
    )]
    NotConverged {
        /// How many there were.
        iterations: u32,
        /// The attribute or attributes of the widest gap.
        margin: String,
        /// Its level or levels.
        level: String,
        /// What was reached.
        share: f64,
        /// What was to be reached.
        target: f64,
        /// How far apart they may be.
        tolerance: f64,
    },
    /// Weights below 0, which no method that counts people can use.
    #[error(
        "{count} weights are negative, the least ({weight} of a mean of 1) for {cell}; \
         take a distance of raking, logit or truncated-linear"
    )]
    Negative {
        /// Whose weight is least, by their levels.
        cell: String,
        /// The least weight, where the mean is 1.
        weight: f64,
        /// How many participants have one.
        count: usize,
    },
}

/// One thing of people, columns or targets that does not go with another.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Mismatch {
    /// There is nobody.
    #[error("there are no participants")]
    Nobody,
    /// A column of another length than the people.
    #[error("{column} has {rows} rows, there are {people} participants")]
    Length {
        /// Which column.
        column: String,
        /// Its length.
        rows: usize,
        /// How many participants there are.
        people: usize,
    },
    /// Codes that are no place in the levels.
    #[error("{attribute}: {people} participants have a code that is no level")]
    Code {
        /// The attribute.
        attribute: String,
        /// How many have one.
        people: usize,
    },
    /// No targets at all.
    #[error("there are no targets")]
    NoTargets,
    /// Poststratification to more than one set of levels.
    #[error("poststratify meets one margin or one set of cells, and there are {given}: {margins}; take rake")]
    OneMargin {
        /// How many there are.
        given: usize,
        /// Which.
        margins: String,
    },
    /// Shares that are none.
    #[error("target {margin}: {message}")]
    Target {
        /// The attribute or attributes.
        margin: String,
        /// What is wrong.
        message: String,
    },
    /// An attribute that participants do not have.
    #[error("target {margin}: there is no attribute {attribute:?}; known are {known}")]
    UnknownAttribute {
        /// The attribute or attributes of the target.
        margin: String,
        /// The one that is not there.
        attribute: String,
        /// Those that are.
        known: String,
    },
    /// Participants whose level is not known.
    #[error("target {margin}: the level of {people} participants is not known; leave them out, or set unknown to keep")]
    UnknownLevel {
        /// The attribute or attributes.
        margin: String,
        /// How many.
        people: usize,
    },
    /// Participants of a level without a target.
    #[error("target {margin}: {people} participants are {level}, which has no target")]
    NoTarget {
        /// The attribute or attributes.
        margin: String,
        /// The level or levels.
        level: String,
        /// How many.
        people: usize,
    },
    /// Participants of a level whose target is 0: their weights would be.
    #[error(
        "target {margin}: {people} participants are {level}, whose target is 0; leave them out or collapse the level"
    )]
    ZeroTarget {
        /// The attribute or attributes.
        margin: String,
        /// The level or levels.
        level: String,
        /// How many.
        people: usize,
    },
    /// A target that nobody is there to meet: a missing stratum.
    #[error("target {margin}: nobody is {level}, whose target is {target}; collapse it with another level")]
    Missing {
        /// The attribute or attributes.
        margin: String,
        /// The level or levels.
        level: String,
        /// Its share.
        target: f64,
    },
    /// A target whose people have no base weight.
    #[error("target {margin}: those who are {level}, whose target is {target}, have base weights of 0")]
    Weightless {
        /// The attribute or attributes.
        margin: String,
        /// The level or levels.
        level: String,
        /// Its share.
        target: f64,
    },
}

/// A level with a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Category {
    /// The attribute or attributes.
    pub margin: String,
    /// The level or levels.
    pub level: String,
    /// Its share of the population.
    pub target: f64,
    /// How often it is counted in the conflict; 1 but in rare cases.
    pub times: f64,
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={} ({}", self.margin, self.level, rounded(self.target))?;
        if self.times != 1.0 {
            write!(f, ", counted {} times", rounded(self.times))?;
        }
        f.write_str(")")
    }
}

/// Targets that cannot be met together: whoever is counted in `parts` is counted in `wholes` at least as
/// often, and yet the targets of `parts` are as large or larger. With bounds: the targets of `parts` are too
/// large and those of `wholes` too small to be met within them.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// Levels whose targets are too large.
    pub parts: Vec<Category>,
    /// Levels whose targets are too small.
    pub wholes: Vec<Category>,
    /// By how much the targets of `parts` exceed those of `wholes`, 0 at a boundary; with bounds, the share
    /// that would have to move from some targets to others.
    pub gap: f64,
    /// The bounds of weights over base weights, if any.
    pub bounds: Option<(f64, f64)>,
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |categories: &[Category]| match categories {
            [] => "nobody".to_owned(),
            _ => list(categories),
        };
        let (parts, wholes) = (names(&self.parts), names(&self.wholes));
        let sum = |categories: &[Category]| categories.iter().map(|c| c.target * c.times).sum::<f64>();
        if let Some((lower, upper)) = self.bounds {
            let sides = [("too large", &self.parts), ("too small", &self.wholes)];
            let sides = sides.iter().filter(|(_, side)| !side.is_empty());
            let sides = list(sides.map(|(what, side)| format!("{what} for {}", list(*side))));
            let gap = self.gap;
            return write!(
                f,
                "no weights from {lower} to {upper} times the base weights meet the targets, which are {sides}: \
                 by {gap:.6}; widen the bounds or change these targets"
            );
        }
        if self.gap > 0.0 {
            return write!(
                f,
                "the targets cannot be met together: every participant in {parts} is in {wholes} too, \
                 yet the former are to be {:.6} and the latter {:.6}",
                sum(&self.parts),
                sum(&self.wholes)
            );
        }
        write!(
            f,
            "the targets can only be met with weights of 0: every participant in {parts} is in {wholes} too, \
             and as both are to be {:.6}, those who are in the latter alone would count nothing",
            sum(&self.parts)
        )
    }
}

/// To six places, without the zeros at the end.
fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

fn list(items: impl IntoIterator<Item = impl fmt::Display>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join("; ")
}
