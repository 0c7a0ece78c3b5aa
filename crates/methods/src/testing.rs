//! Small data for the tests of methods.

use serde_json::Value;

use crate::contract::{
    Accumulator, Batch, Category, Config, ItemInfo, Method, MethodError, Outcome, Values, WEIGHT_ONE,
};
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
    Config {
        parameters: schema::check(&descriptor.parameters, parameters).expect("the parameters are valid"),
        items: items.iter().filter(|item| descriptor.kinds.contains(&item.kind)).cloned().collect(),
        dimension: (strata > 0).then(|| "s".to_owned()),
        categories: (0..strata).map(label).collect(),
        participants: 1_000_000,
        seed: 1,
    }
}

/// One row: item, participant, stratum, weight, answer.
pub(crate) type Row = (u32, u32, u16, i64, Vec<u8>);

/// Folds rows in the given order, `batch_rows` of one item at a time.
pub(crate) fn fold(
    accumulator: &mut dyn Accumulator,
    config: &Config,
    rows: &[Row],
    batch_rows: usize,
) -> Result<(), MethodError> {
    for of_item in rows.chunk_by(|a, b| a.0 == b.0) {
        for chunk in of_item.chunks(batch_rows) {
            let item = &config.items[chunk[0].0 as usize];
            let bytes: Vec<u8> = chunk.iter().flat_map(|row| row.4.iter().copied()).collect();
            let participant: Vec<u32> = chunk.iter().map(|row| row.1).collect();
            let weight: Vec<i64> = chunk.iter().map(|row| row.3).collect();
            let stratum: Vec<u16> = chunk.iter().map(|row| row.2).collect();
            accumulator.update(&Batch {
                item: chunk[0].0,
                width: item.candidates.len(),
                participant: &participant,
                weight: &weight,
                stratum: if config.dimension.is_some() { &stratum } else { &[] },
                values: match item.kind.as_str() {
                    "vote" => Values::Votes(&bytes),
                    "choose" => Values::Choices(&bytes),
                    "approve" => Values::Approvals(&bytes),
                    _ => Values::Ranks(&bytes),
                },
            })?;
        }
    }
    Ok(())
}

/// The report of a method over rows.
pub(crate) fn run(method: &dyn Method, config: &Config, rows: &[Row]) -> Result<Report, MethodError> {
    method.check(config)?;
    let mut accumulator = method.open(config, 0, None)?;
    fold(accumulator.as_mut(), config, rows, usize::MAX)?;
    match accumulator.finish()? {
        Outcome::Done(report) => {
            assert_eq!(report.defects(), Vec::<String>::new());
            Ok(report)
        }
        Outcome::Again(_) => Err(MethodError::Internal("one pass is enough for every builtin".to_owned())),
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
        let width = if matches!(items[item as usize].kind.as_str(), "vote" | "choose") {
            1
        } else {
            items[item as usize].candidates.len()
        };
        for (participant, answer) in bytes.chunks(width).enumerate() {
            rows.push((item, participant as u32, 0, WEIGHT_ONE, answer.to_vec()));
        }
    }
    run(method, &config, &rows).unwrap_or_else(|error| panic!("{id}: {error}"))
}
