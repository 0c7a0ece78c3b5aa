//! What the models share as methods: parameters, the fold, and which answers are fitted together.

use serde::Deserialize;
use serde_json::{Value, json};

use super::choices::{Answers, Data, Lowering, MOST_CANDIDATES};
use super::estimate::Fitted;
use super::report::report;
use crate::ballot::check_items;
use crate::contract::{Accumulator, Config, Descriptor, ItemInfo, Method, MethodError};
use crate::fold::{Distinct, keep};

/// A description and what the method takes a ranking for.
pub(super) struct Model {
    pub(super) descriptor: Descriptor,
    pub(super) lowering: Lowering,
}

/// The method that `0` describes.
pub(super) struct ModelMethod(pub(super) fn() -> Model);

/// Which answers are fitted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scope {
    Item,
    Round,
}

#[derive(Clone, Copy, Deserialize)]
struct Parameters {
    level: f64,
    scope: Scope,
}

/// The schema of the parameters.
pub(super) fn parameters() -> Value {
    json!({
        "type": "object",
        "properties": {
            "level": {"type": "number", "minimum": 0.5, "maximum": 0.999, "default": 0.95,
                      "description": "confidence of the intervals"},
            "scope": {"type": "string", "enum": ["item", "round"], "default": "item",
                      "description": "fit each item alone, or all items together, where candidates of the same id are the same"},
        },
        "additionalProperties": false,
    })
}

impl Method for ModelMethod {
    fn describe(&self) -> Descriptor {
        self.0().descriptor
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        let kinds = self.describe().kinds;
        check_items(config, &kinds.iter().map(String::as_str).collect::<Vec<_>>())?;
        let parts = parts(&config.items, config.parameters::<Parameters>()?.scope);
        match parts.iter().find(|part| part.candidates.len() > MOST_CANDIDATES) {
            None => Ok(()),
            Some(part) => Err(MethodError::Undefined(format!(
                "{} has {} candidates; a model takes at most {MOST_CANDIDATES}",
                part.label,
                part.candidates.len()
            ))),
        }
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        let Model { descriptor, lowering } = self.0();
        let tag = format!("{}@{}", descriptor.id, descriptor.version);
        let Parameters { level, scope } = config.parameters()?;
        let items = config.items.clone();
        let finish = move |distinct: &[Distinct]| {
            let parts = parts(&items, scope);
            let fitted = parts.iter().map(|part| {
                let answers = part.items.iter().map(|&item| part.answers(&items[item], &distinct[item]));
                let data = Data {
                    lowering,
                    width: part.candidates.len(),
                    by_participant: scope == Scope::Round,
                    answers: answers.collect(),
                };
                Fitted::new(&part.label, &part.candidates, &data, level)
            });
            report(&fitted.collect::<Vec<_>>(), lowering, level)
        };
        Ok(keep(tag, config.items.iter().map(by_id).collect(), scope == Scope::Round, Box::new(finish)))
    }
}

/// The places of an item's candidates in the order of their ids. Sums of floating-point numbers go by it,
/// so that they do not depend on the order in which candidates were listed.
fn by_id(item: &ItemInfo) -> Vec<usize> {
    let mut order: Vec<usize> = (0..item.candidates.len()).collect();
    order.sort_by_key(|&place| &item.candidates[place]);
    order
}

/// Items that are fitted together.
struct Part<'a> {
    label: String,
    /// Ids, sorted.
    candidates: Vec<&'a str>,
    items: Vec<usize>,
}

impl<'a> Part<'a> {
    fn new(label: &str, items: Vec<usize>, all: &'a [ItemInfo]) -> Self {
        let ids = items.iter().flat_map(|&item| all[item].candidates.iter().map(String::as_str));
        let mut candidates: Vec<_> = ids.collect();
        candidates.sort_unstable();
        candidates.dedup();
        Self { label: label.to_owned(), candidates, items }
    }

    fn answers<'d>(&self, item: &ItemInfo, distinct: &'d Distinct) -> Answers<'d> {
        let place = |column: usize| self.candidates.partition_point(|id| *id < item.candidates[column].as_str());
        Answers { distinct, places: by_id(item).into_iter().map(place).collect() }
    }
}

fn parts(items: &[ItemInfo], scope: Scope) -> Vec<Part<'_>> {
    match scope {
        Scope::Item => (0..items.len()).map(|item| Part::new(&items[item].id, vec![item], items)).collect(),
        Scope::Round => vec![Part::new("all items", (0..items.len()).collect(), items)],
    }
}
