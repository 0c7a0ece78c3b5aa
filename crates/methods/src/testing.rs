//! Small data for the tests of methods.

use serde_json::Value;

use folkmoot_fold::rows::{Row, answer_bytes, run};

use crate::contract::{Category, Config, Dimension, ItemInfo, Method, WEIGHT_ONE};
use crate::registry::Registry;
use crate::report::Report;
use crate::schema;

pub(crate) fn item(id: &str, kind: &str, candidates: &str, position: Option<&[u8]>) -> ItemInfo {
    ItemInfo {
        id: id.to_owned(),
        kind: kind.to_owned(),
        candidates: candidates.split_whitespace().map(str::to_owned).collect(),
        position: position.map(<[u8]>::to_vec),
    }
}

pub(crate) fn votes_item(id: &str) -> ItemInfo {
    item(id, "vote", "", None)
}

/// The method's configuration, parameters checked as a host does.
pub(crate) fn config(method: &dyn Method, parameters: &Value, items: &[ItemInfo], strata: usize) -> Config {
    let descriptor = method.describe();
    let label = |index| Category { label: format!("s{index}"), target: None };
    let dimension = || Dimension { name: "s".to_owned(), categories: (0..strata).map(label).collect() };
    let dimensions = (strata > 0).then(dimension).into_iter().collect();
    Config {
        parameters: schema::check(&descriptor.parameters, parameters).expect("the parameters are valid"),
        items: items.iter().filter(|item| descriptor.kinds.contains(&item.kind)).cloned().collect(),
        dimensions,
        participants: 1_000_000,
        seed: 1,
    }
}

/// The report over one answer after the other, each of weight 1 and without stratum; `answers` holds
/// the bytes of all the answers to an item.
pub(crate) fn report(id: &str, parameters: Value, items: &[ItemInfo], answers: &[(u32, &[u8])]) -> Report {
    let registry = Registry::builtin();
    let method = registry.get(id).expect("the method is built in");
    let config = config(method, &parameters, items, 0);
    let mut rows = Vec::new();
    for &(item, bytes) in answers {
        for (participant, answer) in (0..).zip(bytes.chunks(answer_bytes(&items[item as usize]))) {
            rows.push(Row { item, participant, strata: Vec::new(), weight: WEIGHT_ONE, answer: answer.to_vec() });
        }
    }
    let report = run(method, &config, &rows).unwrap_or_else(|error| panic!("{id}: {error}"));
    assert_eq!(report.defects(), Vec::<String>::new());
    report
}
