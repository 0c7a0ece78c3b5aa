//! What may be set, and what makes no sense together.

use serde::Deserialize;

/// What is done to the people who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// A sample is drawn to quotas; base weights stay.
    Select,
    /// Everybody counts, with weights to the targets.
    Weight,
    /// A sample is drawn and then weighted.
    Both,
}

impl Mode {
    /// Whether a sample is drawn.
    pub(crate) fn draws(self) -> bool {
        self != Self::Weight
    }

    /// Whether weights are fitted to the targets.
    pub(crate) fn weights(self) -> bool {
        self != Self::Select
    }
}

/// What becomes of a region with too few people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EmptyRegion {
    /// The run ends with the region's name and what it lacks.
    Fail,
    /// Its people and its target go to another region.
    Collapse,
}

/// The parameters, as the schema in the descriptor tells them.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Parameters {
    pub(crate) mode: Mode,
    pub(crate) size: u64,
    pub(crate) minimum: u64,
    pub(crate) empty_region: EmptyRegion,
    pub(crate) collapse_into: String,
    pub(crate) trim: f64,
    pub(crate) rake_tolerance: f64,
    pub(crate) rake_iterations: u32,
    pub(crate) level: f64,
}

impl Parameters {
    /// Pointer and words for each pair of parameters that make no sense together.
    pub(crate) fn contradictions(&self) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        let mut refuse = |path, words: &str| found.push((path, words.to_owned()));
        if self.size > 0 && !self.mode.draws() {
            refuse("/size", "is of no use in the mode \"weight\", which draws nobody");
        }
        if self.trim > 0.0 && self.trim < 1.0 {
            refuse("/trim", "must be 0 for no limit, or at least 1: weights cannot all be below their mean");
        }
        if self.trim > 0.0 && !self.mode.weights() {
            refuse("/trim", "is of no use in the mode \"select\", which keeps the base weights");
        }
        match (self.empty_region, self.collapse_into.trim().is_empty()) {
            (EmptyRegion::Fail, false) => refuse("/collapse_into", "is of no use unless empty_region is \"collapse\""),
            (EmptyRegion::Collapse, true) => {
                refuse("/collapse_into", "is required when empty_region is \"collapse\", such as \"north>south\"");
            }
            _ => {}
        }
        found
    }
}
