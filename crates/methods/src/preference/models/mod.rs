//! Models of choice: `bradley-terry` and `plackett-luce`.
//!
//! Both lower answers to [choices](choices) out of sets, of two candidates or of all that are left, and
//! fit the one [model](davidson) to them. They differ in nothing else.

mod bradley_terry;
mod choices;
mod davidson;
mod errors;
mod estimate;
mod fit;
mod graph;
mod linear;
mod method;
mod notes;
mod plackett_luce;
mod report;
mod tables;
#[cfg(test)]
mod tests;

use crate::contract::Method;

/// The method `bradley-terry`.
pub(super) fn bradley_terry() -> Box<dyn Method> {
    Box::new(method::ModelMethod(bradley_terry::model))
}

/// The method `plackett-luce`.
pub(super) fn plackett_luce() -> Box<dyn Method> {
    Box::new(method::ModelMethod(plackett_luce::model))
}
