//! What is judged alike: units whose values mean the same.

use std::collections::BTreeMap;

use crate::contract::ItemInfo;
use crate::fold::Histogram;
use crate::reliability::alpha::Metric;
use crate::report::Cell;

/// Units of one sort.
pub(crate) struct Group {
    /// The kind of their items; of choices, with what is chosen from.
    pub(crate) name: String,
    /// Each unit with its name.
    pub(crate) units: Vec<(String, Histogram)>,
    /// What a difference between two values is, unless something else is asked for.
    pub(crate) metric: Metric,
    /// Whether the values are places in `options`, which have no order.
    pub(crate) is_unordered: bool,
    options: Vec<String>,
}

impl Group {
    /// What people read for a value.
    pub(crate) fn value(&self, value: f64) -> Cell {
        match (self.name.as_str(), value) {
            ("vote", 1.0) => "agree".into(),
            ("vote", -1.0) => "disagree".into(),
            ("vote", _) => "pass".into(),
            // The cast is exact: a place.
            _ if self.is_unordered => self.options.get(value as usize).map(String::as_str).into(),
            _ => value.into(),
        }
    }
}

/// The units that anybody judged, by what their values mean. Choices go together if they are from the
/// same options, in whatever order.
pub(crate) fn groups(items: &[ItemInfo], histograms: &[Histogram]) -> Vec<Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for histogram in histograms {
        let item = &items[histogram.item];
        let is_unordered = item.kind == "choose";
        let mut options = item.candidates.clone();
        options.sort_unstable();
        let name = if is_unordered { format!("choose from {}", options.join(", ")) } else { item.kind.clone() };
        let is_number = matches!(item.kind.as_str(), "scale" | "rubric");
        let metric = if is_number { Metric::Interval } else { Metric::Nominal };
        let group = groups.entry(name.clone()).or_insert_with(|| Group {
            name,
            units: Vec::new(),
            metric,
            is_unordered,
            options: options.clone(),
        });
        let unit = if is_unordered { by_option(item, histogram, &options) } else { histogram.clone() };
        group.units.push((unit_name(item, histogram.place), unit));
    }
    groups.into_values().collect()
}

/// The candidate or criterion of its item, or the item itself.
fn unit_name(item: &ItemInfo, place: usize) -> String {
    match item.kind.as_str() {
        "approve" | "rubric" => format!("{}/{}", item.id, item.candidates[place]),
        _ => item.id.clone(),
    }
}

/// Choices as places among the sorted options rather than among the item's candidates.
fn by_option(item: &ItemInfo, histogram: &Histogram, options: &[String]) -> Histogram {
    let place = |value: f64| {
        // The cast is exact: a place.
        let chosen = item.candidates.get(value as usize);
        options.iter().position(|option| Some(option) == chosen).map_or(f64::from(u8::MAX), |at| at as f64)
    };
    let mut values: Vec<_> = histogram.values.iter().map(|(value, count)| (place(*value), *count)).collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    Histogram { values, ..*histogram }
}
