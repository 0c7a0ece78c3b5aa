//! Why no panel is drawn.

use std::fmt;

/// Why no panel is drawn.
#[derive(Debug, thiserror::Error)]
pub enum PanelError {
    /// The pool and the quotas do not go together; each problem with its place, such as
    /// `quotas[0].attribute`.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Input(Vec<Problem>),
    /// No panel meets all quotas.
    #[error("{0}")]
    Infeasible(Relaxation),
    /// The solver broke off.
    #[error("the solver stopped without an answer: {0}")]
    Solver(String),
}

/// Something wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Such as `quotas[0].attribute`.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.message)
    }
}

/// The smallest change of the quotas that lets a panel be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relaxation {
    /// Seats by which all bounds give way together; no change gives way by fewer.
    pub seats: u32,
    /// The bounds that give way.
    pub changes: Vec<Change>,
}

/// One bound that gives way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The attribute.
    pub attribute: String,
    /// Its level.
    pub level: String,
    /// Which of its bounds.
    pub bound: Bound,
    /// As it was given.
    pub from: u32,
    /// As it would have to be.
    pub to: u32,
}

/// An end of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At least so many.
    Min,
    /// At most so many.
    Max,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attribute, level, from, to, .. } = self;
        let bound = match self.bound {
            Bound::Min => "min",
            Bound::Max => "max",
        };
        write!(f, "{attribute}={level}: {bound} {from} to {to}")
    }
}

impl fmt::Display for Relaxation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let changes: Vec<String> = self.changes.iter().map(ToString::to_string).collect();
        let seats = if self.seats == 1 { "seat" } else { "seats" };
        write!(
            f,
            "no panel of this pool meets all quotas; the smallest relaxation is {} {seats}: {}",
            self.seats,
            changes.join("; ")
        )
    }
}
