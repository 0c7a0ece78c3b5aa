//! The targets file: shares of the population, or counts of it, by attribute and level, or by combinations
//! of levels (cells).
//!
//! ```json
//! {"margins": [{"attribute": "region", "shares": {"north": 0.4, "south": 0.6}},
//!              {"attributes": ["region", "age"], "cells": [{"values": ["north", "old"], "share": 0.1}, ...]}],
//!  "population": 1000000}
//! ```
//! One set of cells may also stand outside: `{"attributes": [...], "cells": [...]}`.

mod numbers;
mod shape;

use std::collections::BTreeMap;
use std::path::Path;

use folkmoot_core::{Reason, Violation};
use folkmoot_weights::{Cells, Targets};

use crate::error::FormatError;
use shape::{Cell, File, Margin, Shares};

/// A place in the file and what is wrong there.
type Refusals = Vec<(String, String)>;

/// Reads a targets file: margins, cells and the number of people. The shares of the levels of an attribute,
/// and those of a set of cells, add up to 1, or they are whole numbers, which are counts and are divided by
/// their sum.
///
/// # Errors
/// JSON of another shape, with its line; numbers that are no shares, every violation with its path such
/// as `$.margins[0].shares.north`.
pub fn read(file: &Path) -> Result<Targets, FormatError> {
    let bytes = std::fs::read(file).map_err(|e| FormatError::io(file, e))?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let read = serde_json::from_slice(bytes).map_err(|e| FormatError::bad(file, e.line() as u64, "", e))?;
    let (targets, refused) = targets(read);
    if refused.is_empty() {
        return Ok(targets);
    }
    let violation = |(path, message)| Violation::new(path, Reason::BadField, message);
    let violations = refused.into_iter().map(violation).collect();
    Err(FormatError::Targets { file: file.display().to_string(), violations })
}

fn targets(file: File) -> (Targets, Refusals) {
    let mut read = Targets { population: file.population, ..Targets::default() };
    let mut refused = Refusals::new();
    let mut refuse = |path: &str, message: String| refused.push((path.to_owned(), message));
    if let Some(population) = file.population.filter(|population| *population < 1.0) {
        refuse("$.population", format!("{population} is no number of people"));
    }
    let has_cells = file.attributes.is_some() || file.cells.is_some();
    if file.margins.as_ref().is_none_or(Vec::is_empty) && !has_cells {
        refuse("$.margins", "give at least one attribute with the shares of its levels".to_owned());
    }
    let outside = has_cells.then(|| {
        let margin = Margin { attribute: None, shares: None, attributes: file.attributes, cells: file.cells };
        ("$".to_owned(), margin)
    });
    let margins = file.margins.into_iter().flatten().enumerate();
    for (at, margin) in margins.map(|(place, margin)| (format!("$.margins[{place}]"), margin)).chain(outside) {
        let found = match margin.attributes.is_some() || margin.cells.is_some() {
            true => add_cells(&mut read, &at, margin),
            false => add_margin(&mut read.margins, &at, margin),
        };
        refused.extend(found.err().unwrap_or_default());
    }
    (read, refused)
}

fn add_margin(margins: &mut BTreeMap<String, BTreeMap<String, f64>>, at: &str, margin: Margin) -> Result<(), Refusals> {
    let mut refused = Refusals::new();
    let attribute = margin.attribute.unwrap_or_default();
    if attribute.is_empty() {
        refused.push((format!("{at}.attribute"), "the name of an attribute is needed".to_owned()));
    }
    match shares(&format!("{at}.shares"), margin.shares) {
        Err(found) => refused.extend(found),
        Ok(shares) => {
            if margins.insert(attribute.clone(), shares).is_some() {
                refused.push((format!("{at}.attribute"), format!("the attribute {attribute:?} is given twice")));
            }
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(refused) }
}

/// The shares of one attribute, or every problem with its path.
fn shares(at: &str, given: Option<Shares>) -> Result<BTreeMap<String, f64>, Refusals> {
    let Shares(pairs) = given.unwrap_or(Shares(Vec::new()));
    let mut refused = Refusals::new();
    let mut shares = BTreeMap::new();
    for (level, number) in pairs {
        let path = format!("{at}.{level}");
        if level.is_empty() {
            refused.push((path.clone(), "a level without a name is nobody's".to_owned()));
        }
        if number < 0.0 {
            refused.push((path.clone(), format!("{number} is negative")));
        }
        if shares.insert(level, number).is_some() {
            refused.push((path, "the level is given twice".to_owned()));
        }
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let numbers = numbers::shares(shares.values().copied().collect(), "level");
    let numbers = numbers.map_err(|message| vec![(at.to_owned(), message)])?;
    Ok(shares.into_keys().zip(numbers).collect())
}

fn add_cells(read: &mut Targets, at: &str, margin: Margin) -> Result<(), Refusals> {
    let mut refused = Refusals::new();
    let mut refuse = |path: &str, message: String| refused.push((format!("{at}.{path}"), message));
    if margin.attribute.is_some() || margin.shares.is_some() {
        refuse("attribute", "one attribute with shares, or attributes with cells, but not both".to_owned());
    }
    let attributes = margin.attributes.unwrap_or_default();
    if attributes.is_empty() {
        refuse("attributes", "the names of the attributes are needed".to_owned());
    }
    for (place, name) in attributes.iter().enumerate() {
        let path = format!("attributes[{place}]");
        if name.is_empty() {
            refuse(&path, "the name of an attribute is needed".to_owned());
        }
        if attributes[..place].contains(name) {
            refuse(&path, format!("the attribute {name:?} is given twice"));
        }
    }
    let sorted = |attributes: &[String]| -> Vec<String> {
        let mut sorted = attributes.to_vec();
        sorted.sort();
        sorted
    };
    if read.cells.iter().any(|cells| sorted(&cells.attributes) == sorted(&attributes)) {
        refuse("attributes", "there are other cells of the same attributes".to_owned());
    }
    match cells(&format!("{at}.cells"), attributes.len(), margin.cells.unwrap_or_default()) {
        Err(found) => refused.extend(found),
        Ok(shares) => read.cells.push(Cells { attributes, shares }),
    }
    if refused.is_empty() { Ok(()) } else { Err(refused) }
}

/// The shares of cells of `width` attributes, or every problem with its path.
fn cells(at: &str, width: usize, given: Vec<Cell>) -> Result<Vec<(Vec<String>, f64)>, Refusals> {
    let mut refused = Refusals::new();
    let mut seen = BTreeMap::new();
    for (place, cell) in given.iter().enumerate() {
        let mut refuse = |field: &str, message: String| refused.push((format!("{at}[{place}].{field}"), message));
        if cell.values.len() != width {
            refuse("values", format!("{} levels, there are {width} attributes", cell.values.len()));
        }
        if cell.values.iter().any(String::is_empty) {
            refuse("values", "a level without a name is nobody's".to_owned());
        }
        if cell.share < 0.0 {
            refuse("share", format!("{} is negative", cell.share));
        }
        if let Some(before) = seen.insert(&cell.values, place) {
            refuse("values", format!("the cell is given twice, first as {at}[{before}]"));
        }
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    let numbers = numbers::shares(given.iter().map(|cell| cell.share).collect(), "cell");
    let numbers = numbers.map_err(|message| vec![(at.to_owned(), message)])?;
    Ok(given.into_iter().map(|cell| cell.values).zip(numbers).collect())
}
