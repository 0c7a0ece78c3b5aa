//! What the sample is weighted to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Shares of the population. They are matched by name and never by place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Targets {
    /// By attribute and level; those of an attribute add up to 1.
    pub margins: BTreeMap<String, BTreeMap<String, f64>>,
    /// Of combinations of levels.
    pub cells: Vec<Cells>,
    /// People of the population: what the weights add up to. Without it they add up to the participants.
    pub population: Option<f64>,
}

/// Shares of the combinations of levels of some attributes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cells {
    /// The attributes.
    pub attributes: Vec<String>,
    /// A level of each attribute and the share of the people who have them all; together 1.
    pub shares: Vec<(Vec<String>, f64)>,
}
