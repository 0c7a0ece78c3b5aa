//! What a selection is given: people, and what the panel must look like.

use std::collections::BTreeMap;

/// Somebody who can be drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// The pseudonym.
    pub id: String,
    /// Attributes by name.
    pub attributes: BTreeMap<String, String>,
}

/// What every panel must look like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quotas {
    /// Seats of the panel.
    pub seats: u32,
    /// One for each attribute that counts.
    pub quotas: Vec<Quota>,
    /// Attribute whose value tells households apart: a panel has at most one of each. People without a
    /// value live alone.
    pub household: Option<String>,
}

/// The seats of an attribute's levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quota {
    /// The attribute.
    pub attribute: String,
    /// Who gets how many.
    pub rule: Rule,
}

/// How seats are given to levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// At least and at most so many of each level; other levels are free.
    Bounds(BTreeMap<String, Bounds>),
    /// All seats, by largest remainder: in proportion to these numbers.
    Shares(BTreeMap<String, u64>),
}

/// A level's seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// At least so many.
    pub min: u32,
    /// At most so many.
    pub max: u32,
}

/// What is made as large as can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The smallest probability, then the second smallest, and so on.
    Leximin,
    /// The smallest probability.
    Maximin,
    /// The product of the probabilities.
    Nash,
}

impl Method {
    /// Its id.
    pub fn name(self) -> &'static str {
        match self {
            Self::Leximin => "leximin",
            Self::Maximin => "maximin",
            Self::Nash => "nash",
        }
    }
}
