//! The shape of the file, before its numbers are looked at.

use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) margins: Option<Vec<Margin>>,
    pub(super) population: Option<f64>,
    pub(super) attributes: Option<Vec<String>>,
    pub(super) cells: Option<Vec<Cell>>,
}

/// One attribute with shares, or attributes with cells.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Margin {
    pub(super) attribute: Option<String>,
    pub(super) shares: Option<Shares>,
    pub(super) attributes: Option<Vec<String>>,
    pub(super) cells: Option<Vec<Cell>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cell {
    pub(super) values: Vec<String>,
    pub(super) share: f64,
}

/// The pairs of an object in the order of the file, those with the same key too.
pub(super) struct Shares(pub(super) Vec<(String, f64)>);

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
