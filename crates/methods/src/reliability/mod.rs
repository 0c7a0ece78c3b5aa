//! Methods over what several people say of the same things: how far they agree beyond chance.

mod alpha;
mod groups;
mod krippendorff;

use crate::contract::Method;

/// The methods of this folder, in the order people read them.
pub(crate) fn methods() -> Vec<Box<dyn Method>> {
    vec![Box::new(krippendorff::Krippendorff)]
}
