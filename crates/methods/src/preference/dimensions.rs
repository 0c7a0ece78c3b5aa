//! Dimensions of a run that a parameter names.

use crate::contract::{Dimension, Problem};

/// The place of the dimension `name`, which is the value of `parameter`; none for an empty name.
///
/// # Errors
/// The problem, where the run has no such dimension.
pub(super) fn named(dimensions: &[Dimension], parameter: &str, name: &str) -> Result<Option<usize>, Problem> {
    if name.is_empty() {
        return Ok(None);
    }
    let place = dimensions.iter().position(|dimension| dimension.name == name);
    let known = || dimensions.iter().map(|dimension| dimension.name.as_str()).collect::<Vec<_>>().join(", ");
    let missing = || problem(parameter, format!("{name:?} is not among the attributes told apart ({})", known()));
    place.map(Some).ok_or_else(missing)
}

/// A problem of one parameter.
pub(super) fn problem(parameter: &str, message: String) -> Problem {
    Problem { path: format!("/{parameter}"), message }
}
