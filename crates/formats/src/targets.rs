//! The targets file: shares of the population, or counts of it, by attribute and level.
//!
//! ```json
//! {"margins": [{"attribute": "region", "shares": {"north": 0.4, "south": 0.6}}], "population": 1000000}
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use folkmoot_core::{Reason, Violation};
use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};

use crate::error::FormatError;

/// How far shares may be from 1 together.
const TOLERANCE: f64 = 1e-6;

/// Shares of the population, by attribute and level; those of an attribute add up to 1.
pub type Targets = BTreeMap<String, BTreeMap<String, f64>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    margins: Option<Vec<Margin>>,
    population: Option<f64>,
    attributes: Option<IgnoredAny>,
    cells: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Margin {
    attribute: Option<String>,
    shares: Option<Shares>,
    attributes: Option<IgnoredAny>,
    cells: Option<IgnoredAny>,
}

/// The pairs of an object in the order of the file, those with the same key too.
struct Shares(Vec<(String, f64)>);

impl<'de> Deserialize<'de> for Shares {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Pairs)
    }
}

struct Pairs;

impl<'de> Visitor<'de> for Pairs {
    type Value = Shares;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of levels and their shares, such as {\"north\": 0.4, \"south\": 0.6}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shares, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Shares(pairs))
    }
}

/// Reads a targets file. The levels of an attribute have shares that add up to 1, or whole numbers,
/// which are counts and are divided by their sum.
///
/// # Errors
/// JSON of another shape, with its line; numbers that are no shares, every violation with its path such
/// as `$.margins[0].shares.north`.
pub fn read(file: &Path) -> Result<Targets, FormatError> {
    let bytes = std::fs::read(file).map_err(|e| FormatError::io(file, e))?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let read: File = serde_json::from_slice(bytes).map_err(|e| FormatError::bad(file, e.line() as u64, "", e))?;
    targets(read).map_err(|violations| FormatError::Targets { file: file.display().to_string(), violations })
}

fn targets(file: File) -> Result<Targets, Vec<Violation>> {
    let mut found = Vec::new();
    let mut refuse = |path: String, message: String| found.push(Violation::new(path, Reason::BadField, message));
    let cells = "cells over several attributes are not there yet; give the margins of each attribute";
    if file.cells.is_some() || file.attributes.is_some() {
        refuse("$.cells".to_owned(), cells.to_owned());
    }
    if let Some(population) = file.population
        && population < 1.0
    {
        refuse("$.population".to_owned(), format!("{population} is no number of people"));
    }
    if file.margins.as_ref().is_none_or(Vec::is_empty) && file.cells.is_none() {
        refuse("$.margins".to_owned(), "give at least one attribute with the shares of its levels".to_owned());
    }
    let mut targets = Targets::new();
    for (place, margin) in file.margins.into_iter().flatten().enumerate() {
        let at = format!("$.margins[{place}]");
        if margin.cells.is_some() || margin.attributes.is_some() {
            refuse(format!("{at}.cells"), cells.to_owned());
            continue;
        }
        let attribute = margin.attribute.unwrap_or_default();
        if attribute.is_empty() {
            refuse(format!("{at}.attribute"), "the name of an attribute is needed".to_owned());
        }
        match shares(&format!("{at}.shares"), margin.shares) {
            Err(violations) => violations.into_iter().for_each(|(path, message)| refuse(path, message)),
            Ok(shares) => {
                if targets.insert(attribute.clone(), shares).is_some() {
                    refuse(format!("{at}.attribute"), format!("the attribute {attribute:?} is given twice"));
                }
            }
        }
    }
    if found.is_empty() { Ok(targets) } else { Err(found) }
}

/// The shares of one attribute, or every problem with its path.
fn shares(at: &str, given: Option<Shares>) -> Result<BTreeMap<String, f64>, Vec<(String, String)>> {
    let Shares(pairs) = given.unwrap_or(Shares(Vec::new()));
    let mut found = Vec::new();
    let mut shares = BTreeMap::new();
    for (level, number) in pairs {
        let path = format!("{at}.{level}");
        if level.is_empty() {
            found.push((path.clone(), "a level without a name is nobody's".to_owned()));
        }
        if number < 0.0 {
            found.push((path.clone(), format!("{number} is negative")));
        }
        if shares.insert(level, number).is_some() {
            found.push((path, "the level is given twice".to_owned()));
        }
    }
    if !found.is_empty() {
        return Err(found);
    }
    let refuse = |words: String| Err(vec![(at.to_owned(), words)]);
    if shares.is_empty() {
        return refuse("give each level its share".to_owned());
    }
    let sum: f64 = shares.values().sum();
    if sum == 0.0 {
        return refuse("the shares add up to 0".to_owned());
    }
    if !sum.is_finite() {
        return refuse("the counts are too large to add up".to_owned());
    }
    let are_counts = shares.values().all(|number| number.fract() == 0.0);
    if are_counts {
        shares.values_mut().for_each(|number| *number /= sum);
        return Ok(shares);
    }
    match (sum - 1.0).abs() > TOLERANCE {
        true => refuse(format!("the shares add up to {sum}, not to 1 (counts are whole numbers)")),
        false => Ok(shares),
    }
}
