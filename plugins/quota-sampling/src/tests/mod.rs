//! The method as a host sees it, on rows made by hand.

mod estimates;
mod laws;
mod refusals;
mod selecting;
mod speed;
mod states;
mod weighting;

use folkmoot_plugin_sdk::rows::{self, Row};
use folkmoot_plugin_sdk::{
    Category, Cell, Config, Dimension, ItemInfo, MethodError, NO_STRATUM, Native, Report, WEIGHT_ONE, schema,
};
use serde_json::{Value, json};

use crate::QuotaSampling;
use crate::draw::Numbers;

/// What somebody is and said: region, level of the second attribute, base weight, vote (0 for none).
type Person = (u16, u16, f64, u8);

fn item(id: &str, kind: &str, candidates: &[&str]) -> ItemInfo {
    let candidates = candidates.iter().map(|id| (*id).to_owned()).collect();
    ItemInfo { id: id.to_owned(), kind: kind.to_owned(), candidates, position: None }
}

fn dimension(name: &str, targets: &[(&str, f64)]) -> Dimension {
    let category = |(label, share): &(&str, f64)| Category { label: (*label).to_owned(), target: Some(*share) };
    Dimension { name: name.to_owned(), categories: targets.iter().map(category).collect() }
}

/// A configuration with one vote item, defaults filled in.
fn config(parameters: Value, dimensions: &[Dimension]) -> Config {
    let known = crate::descriptor::descriptor().parameters;
    Config {
        parameters: schema::check(&known, &parameters).unwrap(),
        items: vec![item("v", "vote", &[])],
        dimensions: dimensions.to_vec(),
        participants: 1_000_000,
        seed: 7,
    }
}

fn fixed(weight: f64) -> i64 {
    (weight * WEIGHT_ONE as f64) as i64
}

/// A row a person that voted, for all items alike.
fn votes(config: &Config, people: &[Person]) -> Vec<Row> {
    let mut rows = Vec::new();
    for item in 0..config.items.len() as u32 {
        for (participant, &(region, level, weight, vote)) in (0..).zip(people) {
            if vote != 0 {
                let strata = [region, level][..config.dimensions.len()].to_vec();
                rows.push(Row { item, participant, strata, weight: fixed(weight), answer: vec![vote] });
            }
        }
    }
    rows
}

fn run(config: &Config, people: &[Person]) -> Result<Report, MethodError> {
    run_rows(config, &votes(config, people))
}

fn run_rows(config: &Config, rows: &[Row]) -> Result<Report, MethodError> {
    let report = rows::run(&Native::<QuotaSampling>::new(), config, rows)?;
    assert_eq!(report.defects(), Vec::<String>::new());
    Ok(report)
}

/// Cells of a column, by the order of rows.
fn column(report: &Report, table: &str, id: &str) -> Vec<Cell> {
    let table = report.table(table).unwrap_or_else(|| panic!("no table {table}"));
    table.rows.iter().map(|row| table.cell(row, id).unwrap_or_else(|| panic!("no column {id}")).clone()).collect()
}

fn numbers(report: &Report, table: &str, id: &str) -> Vec<f64> {
    column(report, table, id).iter().map(|cell| cell.as_f64().unwrap_or(f64::NAN)).collect()
}

fn close(got: &[f64], want: &[f64], within: f64, what: &str) {
    let near = |(got, want): (&f64, &f64)| (got - want).abs() <= within || (got.is_nan() && want.is_nan());
    assert!(got.len() == want.len() && got.iter().zip(want).all(near), "{what}: {got:?} is not {want:?}");
}

fn note<'a>(report: &'a Report, code: &str) -> Option<&'a str> {
    report.notes.iter().find(|note| note.code == code).map(|note| note.text.as_str())
}

fn undefined(outcome: Result<Report, MethodError>) -> String {
    match outcome {
        Err(MethodError::Undefined(why)) => why,
        other => panic!("not undefined: {other:?}"),
    }
}
