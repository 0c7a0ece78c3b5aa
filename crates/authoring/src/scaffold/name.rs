//! Names of plugins.

use crate::error::ScaffoldError;

const LONGEST: usize = 63;

/// Names that mean something else to a language's own tools.
const TAKEN: [&str; 6] = ["core", "std", "alloc", "test", "method", "vendor"];

pub(crate) fn check(name: &str) -> Result<(), ScaffoldError> {
    let refuse = |message| Err(ScaffoldError::BadName { name: name.to_owned(), message });
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        return refuse("a name starts with a lower case letter");
    }
    if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        return refuse("a name is of lower case letters, digits and '-'");
    }
    if name.len() > LONGEST {
        return refuse("a name has at most 63 letters");
    }
    if TAKEN.contains(&name) {
        return refuse("a name that languages use for something else");
    }
    Ok(())
}
