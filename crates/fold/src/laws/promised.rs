//! What a method keeps if it promises to.

use super::Case;
use super::people::{Numbers, Person, people, rows};
use super::required::{alike, words};
use crate::contract::{Config, ItemInfo, MethodError};
use crate::report::{Cell, Column, Report, Table, Unit};
use crate::rows::{Row, run};

pub(super) fn anonymity(case: &Case<'_>) -> Result<(), String> {
    let people = people(case.seed);
    let mut numbers = Numbers(case.seed);
    let mut renamed = people.clone();
    for last in (1..renamed.len()).rev() {
        renamed.swap(last, numbers.next(last as u64 + 1) as usize);
    }
    let want = figures(case, &rows(&case.config, &people), everything)?;
    let got = figures(case, &rows(&case.config, &renamed), everything)?;
    alike(&want, &got, "participants renumbered")
}

pub(super) fn weight_scale(case: &Case<'_>) -> Result<(), String> {
    let people = people(case.seed);
    let twice: Vec<Person> = people.iter().map(|person| Person { weight: 2 * person.weight, ..*person }).collect();
    let keep = |column: &Column| column.unit != Unit::Weight;
    let want = figures(case, &rows(&case.config, &people), keep)?;
    let got = figures(case, &rows(&case.config, &twice), keep)?;
    alike(&want, &got, "all weights doubled")
}

pub(super) fn duplication(case: &Case<'_>) -> Result<(), String> {
    let people = people(case.seed);
    let heavy: Vec<Person> = people.iter().map(|person| Person { weight: 2 * person.weight, ..*person }).collect();
    let twice: Vec<Person> = people.iter().flat_map(|person| [*person, *person]).collect();
    let keep = |column: &Column| column.unit == Unit::None || (column.estimate && column.unit != Unit::Weight);
    let want = figures(case, &rows(&case.config, &heavy), keep)?;
    let got = figures(case, &rows(&case.config, &twice), keep)?;
    alike(&want, &got, "everybody there twice against everybody of twice the weight")
}

/// Candidates in another order: the same figures for each, in whatever order the rows stand.
pub(super) fn neutrality(case: &Case<'_>) -> Result<(), String> {
    let rows = rows(&case.config, &people(case.seed));
    let turned: Vec<ItemInfo> = case.config.items.iter().map(turn_item).collect();
    let turned_config = Config { items: turned, ..case.config.clone() };
    let turned_rows: Vec<Row> = rows.iter().map(|row| turn_row(&case.config, row)).collect();
    let turned_case = Case { method: case.method, config: turned_config, seed: case.seed };
    let mut want = figures(case, &rows, everything)?;
    let mut got = figures(&turned_case, &turned_rows, everything)?;
    want.sort();
    got.sort();
    alike(&want, &got, "candidates in the other order")
}

fn turn_item(item: &ItemInfo) -> ItemInfo {
    let turn = |position: &Vec<u8>| turn_answer(item, position);
    ItemInfo {
        candidates: item.candidates.iter().rev().cloned().collect(),
        position: item.position.as_ref().map(turn),
        ..item.clone()
    }
}

fn turn_row(config: &Config, row: &Row) -> Row {
    Row { answer: turn_answer(&config.items[row.item as usize], &row.answer), ..row.clone() }
}

fn turn_answer(item: &ItemInfo, answer: &[u8]) -> Vec<u8> {
    match item.kind.as_str() {
        "vote" | "scale" => answer.to_vec(),
        "choose" => vec![(item.candidates.len() - 1) as u8 - answer[0]],
        _ => answer.iter().rev().copied().collect(),
    }
}

fn everything(_: &Column) -> bool {
    true
}

/// The scalars and rows as text, without the columns that may change; or the reason why there are none.
fn figures(case: &Case<'_>, rows: &[Row], keep: impl Fn(&Column) -> bool + Copy) -> Result<Vec<String>, String> {
    match run(case.method, &case.config, rows) {
        Ok(report) => Ok(lines(&report, keep)),
        Err(MethodError::Undefined(why)) => Ok(vec![why]),
        Err(error) => Err(words(error)),
    }
}

fn lines(report: &Report, keep: impl Fn(&Column) -> bool + Copy) -> Vec<String> {
    // A scalar says as little about uncertainty as a plain column.
    let scalars = report.scalars.iter().filter(|scalar| keep(&Column::new(&scalar.id, &scalar.label, scalar.unit)));
    let mut lines: Vec<String> = scalars.map(|scalar| format!("{} {}", scalar.id, text(&scalar.value))).collect();
    // Rows about single participants go by their numbers.
    let of_all = report.tables.iter().filter(|table| table.column("participant").is_none());
    lines.extend(of_all.flat_map(|table| table.rows.iter().map(move |row| line(table, row, keep))));
    lines
}

fn line(table: &Table, row: &[Cell], keep: impl Fn(&Column) -> bool) -> String {
    let kept = table.columns.iter().zip(row).filter(|(column, _)| keep(column)).map(|(_, cell)| text(cell));
    format!("{} {}", table.id, kept.collect::<Vec<_>>().join(" "))
}

/// A cell; tied candidates of an order stand in their names' order.
fn text(cell: &Cell) -> String {
    let Cell::Text(text) = cell else { return format!("{cell:?}") };
    let tier = |tier: &str| {
        let mut ids: Vec<_> = tier.split('=').collect();
        ids.sort_unstable();
        ids.join("=")
    };
    text.split('>').map(tier).collect::<Vec<_>>().join(">")
}
