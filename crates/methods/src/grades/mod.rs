//! Methods over numbers that people give: means, medians, grades and weights of criteria.

mod majority;
mod mean;
mod outward;
mod rubric;
mod score;
#[cfg(test)]
mod tests;
mod values;

use crate::contract::Method;

/// The methods of this folder, in the order people read them.
pub(crate) fn methods() -> Vec<Box<dyn Method>> {
    vec![Box::new(score::Score), Box::new(majority::MajorityJudgment), Box::new(rubric::Rubric)]
}
