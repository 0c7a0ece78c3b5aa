//! The quotas file: what every panel drawn from a pool must look like.
//!
//! ```json
//! {"seats": 40, "household": "address", "quotas": [
//!   {"attribute": "gender", "levels": {"female": {"min": 19, "max": 21}, "male": {"min": 19}}},
//!   {"attribute": "region", "shares": {"north": 0.4, "south": 0.6}}]}
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::path::Path;

use folkmoot_core::{Reason, Violation};
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};

use crate::error::FormatError;

/// How far shares may be from 1 together.
const TOLERANCE: f64 = 1e-6;
/// Parts that a share of 1 has.
const PARTS: f64 = 1e9;
/// Counts up to this are exact.
const MOST_PARTS: f64 = 9_007_199_254_740_992.0;

/// What a quotas file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quotas {
    /// Seats of the panel, where the file says so.
    pub seats: Option<u32>,
    /// Attribute that tells households apart.
    pub household: Option<String>,
    /// By attribute, in the order of the file.
    pub quotas: Vec<(String, Quota)>,
}

/// The seats of an attribute's levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quota {
    /// By level.
    Levels(BTreeMap<String, Bounds>),
    /// All seats in proportion to these numbers, by level: counts, or shares in billionths.
    Shares(BTreeMap<String, u64>),
}

/// At least and at most so many seats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    /// At least so many.
    #[serde(default)]
    pub min: u32,
    /// At most so many; any number where absent.
    pub max: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    seats: Option<u32>,
    household: Option<String>,
    quotas: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    attribute: Option<String>,
    levels: Option<Pairs<Bounds>>,
    shares: Option<Pairs<f64>>,
}

/// The pairs of an object in the order of the file, those with the same key too.
struct Pairs<T>(Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsOf(PhantomData))
    }
}

struct PairsOf<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsOf<T> {
    type Value = Pairs<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with an entry for each level, such as {\"north\": {\"min\": 1}} or {\"north\": 0.4}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Pairs(pairs))
    }
}

/// Reads a quotas file.
///
/// # Errors
/// JSON of another shape, with its line; what is no quota, every violation with its path such as
/// `$.quotas[0].levels.female`.
pub fn read(file: &Path) -> Result<Quotas, FormatError> {
    let bytes = std::fs::read(file).map_err(|e| FormatError::io(file, e))?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let read: File = serde_json::from_slice(bytes).map_err(|e| FormatError::bad(file, e.line() as u64, "", e))?;
    quotas(read).map_err(|violations| FormatError::Quotas { file: file.display().to_string(), violations })
}

fn quotas(file: File) -> Result<Quotas, Vec<Violation>> {
    let mut found = Vec::new();
    let mut refuse = |path: String, message: String| found.push(Violation::new(path, Reason::BadField, message));
    if file.seats == Some(0) {
        refuse("$.seats".to_owned(), "a panel has at least one seat".to_owned());
    }
    if file.household.as_deref() == Some("") {
        refuse("$.household".to_owned(), "the name of an attribute is needed".to_owned());
    }
    let mut quotas: Vec<(String, Quota)> = Vec::new();
    for (place, entry) in file.quotas.into_iter().flatten().enumerate() {
        let at = format!("$.quotas[{place}]");
        let attribute = entry.attribute.unwrap_or_default();
        if attribute.is_empty() {
            refuse(format!("{at}.attribute"), "the name of an attribute is needed".to_owned());
        }
        if quotas.iter().any(|(other, _)| *other == attribute) {
            refuse(format!("{at}.attribute"), format!("the attribute {attribute:?} is given twice"));
        }
        let quota = match (entry.levels, entry.shares) {
            (Some(levels), None) => levels_of(&format!("{at}.levels"), levels),
            (None, Some(shares)) => shares_of(&format!("{at}.shares"), shares),
            _ => Err(vec![(at, "give either levels, with min and max, or shares".to_owned())]),
        };
        match quota {
            Ok(quota) => quotas.push((attribute, quota)),
            Err(violations) => violations.into_iter().for_each(|(path, message)| refuse(path, message)),
        }
    }
    if found.is_empty() { Ok(Quotas { seats: file.seats, household: file.household, quotas }) } else { Err(found) }
}

type Wrong = Vec<(String, String)>;

fn levels_of(at: &str, pairs: Pairs<Bounds>) -> Result<Quota, Wrong> {
    let check = |bounds: &Bounds| match bounds.max {
        Some(max) if max < bounds.min => Some(format!("min {} is above max {max}", bounds.min)),
        _ => None,
    };
    Ok(Quota::Levels(by_level(at, pairs, check)?))
}

/// Shares that add up to 1, or whole numbers, which are counts.
fn shares_of(at: &str, pairs: Pairs<f64>) -> Result<Quota, Wrong> {
    let check = |share: &f64| match *share {
        share if share < 0.0 => Some(format!("{share} is negative")),
        share if share > MOST_PARTS => Some(format!("{share} is too large")),
        _ => None,
    };
    let shares = by_level(at, pairs, check)?;
    let refuse = |words: String| Err(vec![(at.to_owned(), words)]);
    let sum: f64 = shares.values().sum();
    if sum == 0.0 {
        return refuse("the shares add up to 0".to_owned());
    }
    let are_counts = shares.values().all(|share| share.fract() == 0.0);
    if !are_counts && (sum - 1.0).abs() > TOLERANCE {
        return refuse(format!("the shares add up to {sum}, not to 1 (counts are whole numbers)"));
    }
    let scale = if are_counts { 1.0 } else { PARTS };
    Ok(Quota::Shares(shares.into_iter().map(|(level, share)| (level, (share * scale).round() as u64)).collect()))
}

/// The pairs by level, unless one is wrong or stands twice.
fn by_level<T>(at: &str, pairs: Pairs<T>, check: impl Fn(&T) -> Option<String>) -> Result<BTreeMap<String, T>, Wrong> {
    let mut found = Vec::new();
    let mut levels = BTreeMap::new();
    for (level, value) in pairs.0 {
        let path = format!("{at}.{level}");
        if level.is_empty() {
            found.push((path.clone(), "a level without a name is nobody's".to_owned()));
        }
        found.extend(check(&value).map(|message| (path.clone(), message)));
        if levels.insert(level, value).is_some() {
            found.push((path, "the level is given twice".to_owned()));
        }
    }
    if levels.is_empty() {
        found.push((at.to_owned(), "give at least one level".to_owned()));
    }
    if found.is_empty() { Ok(levels) } else { Err(found) }
}
