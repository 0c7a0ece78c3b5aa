//! What an organiser can read before asking anybody.

use folkmoot_core::{Fault, Item, ItemKind};
use folkmoot_fold::report::{Cell, Column, Note, Report, Table, Unit};

use super::Test;
use crate::dry_run::{self, expected_cells};
use crate::plan::Plan;

/// The splits that are spoken of.
const SPLITS: [(f64, &str); 2] = [(0.6, "60/40"), (0.7, "70/30")];
const WANTED: f64 = 0.80;
/// Effective answers a segment must have, as `disagreement` has it by default.
const ELIGIBLE: f64 = 50.0;
/// One side of an interval of 95 %.
const ONE_SIDE: f64 = 0.025;

/// The power of `disagreement` in the round that `plan` makes, with segments by `attribute`: how many
/// answers to expect, what they can show, and how many would be needed.
///
/// # Errors
/// As [`expected_cells`]; `BAD_FIELD` at `design_effect` below 1.
pub fn report(plan: &Plan, attribute: &str, design_effect: f64) -> Result<Report, Fault> {
    let cells = expected_cells(plan, attribute)?;
    if !(design_effect >= 1.0 && design_effect.is_finite()) {
        let words = format!("must be at least 1, not {design_effect}");
        return Err(Fault::field("design_effect", folkmoot_core::Reason::BadField, words));
    }
    let tested = plan.items.iter().filter(|item| item.about.is_none()).filter_map(pairs);
    let family = Family { items: tested.clone().count(), pairs: tested.max().unwrap_or(0), design_effect };
    let mut report = Report::default();
    if family.items == 0 {
        report.notes.push(Note::warning("nothing_to_test", "no item is of a kind that a position can be compared on"));
        return Ok(report);
    }
    report.tables.push(whole(&cells, family));
    report.tables.push(needed(family));
    report.tables.push(segments(&cells, family));
    report.notes.push(words(family));
    Ok(report)
}

/// What is tested together.
#[derive(Clone, Copy)]
struct Family {
    items: usize,
    pairs: usize,
    design_effect: f64,
}

impl Family {
    fn together(self, split: f64) -> Test {
        Test { items: self.items, pairs: self.pairs, design_effect: self.design_effect, ..Test::of_split(split) }
    }

    fn alone(self, split: f64) -> Test {
        Test { design_effect: self.design_effect, ..Test::of_split(split) }
    }

    /// That the lower end of a segment's interval is above 0.
    fn in_segment(self, split: f64) -> Test {
        Test { margin: 0.0, q: ONE_SIDE, ..self.alone(split) }
    }
}

/// The most pairs that a position on the item can tell apart; none for kinds that have no position.
fn pairs(item: &Item) -> Option<usize> {
    let width = item.candidates.len();
    match item.kind {
        ItemKind::Rank => Some(width * width.saturating_sub(1) / 2),
        ItemKind::Pair | ItemKind::Vote => Some(1),
        ItemKind::Approve => Some(width * width / 4),
        ItemKind::Choose => Some(width.saturating_sub(1)),
        _ => None,
    }
    .filter(|pairs| *pairs > 0)
}

fn item_words(cell: &dry_run::Cell) -> String {
    cell.item.clone().unwrap_or_else(|| "any other".to_owned())
}

fn split_columns(id: &str, label: &str) -> Vec<Column> {
    let column = |(_, split): (f64, &str)| {
        let percent = split.split_once('/').map_or(split, |(first, _)| first);
        Column::new(&format!("{id}_{percent}"), &format!("{label} {split}"), Unit::Share)
    };
    SPLITS.into_iter().map(column).collect()
}

fn powers(answers: f64, test: impl Fn(f64) -> Test) -> Vec<Cell> {
    SPLITS.into_iter().map(|(split, _)| test(split).power(answers).into()).collect()
}

fn whole(cells: &[dry_run::Cell], family: Family) -> Table {
    let mut answers: Vec<(String, f64)> = Vec::new();
    for cell in cells {
        let item = item_words(cell);
        match answers.iter_mut().find(|(known, _)| *known == item) {
            Some((_, sum)) => *sum += cell.expected_answers_per_item,
            None => answers.push((item, cell.expected_answers_per_item)),
        }
    }
    let row = |(item, answers): (String, f64)| -> Vec<Cell> {
        let mut row = vec![item.into(), answers.into(), (answers / family.design_effect).into()];
        row.extend(powers(answers, |split| family.alone(split)));
        row.extend(powers(answers, |split| family.together(split)));
        row
    };
    let mut columns = vec![
        Column::new("item", "Item", Unit::None),
        Column::new("answers", "Answers expected", Unit::Weight),
        Column::new("effective", "Effective answers", Unit::Weight),
    ];
    columns.extend(split_columns("alone", "Power alone"));
    columns.extend(split_columns("together", "Power among all"));
    let rows = answers.into_iter().map(row).collect();
    Table { id: "power".into(), title: "Power to find a disagreement".into(), columns, rows }
}

fn needed(family: Family) -> Table {
    let count = |test: Test| Cell::from(test.answers_needed(WANTED).map(i64::from));
    let row = |(split, words): (f64, &str)| {
        vec![words.into(), count(family.alone(split)), count(family.together(split)), count(family.in_segment(split))]
    };
    Table {
        id: "needed".into(),
        title: "Answers to an item for a power of 80 %".into(),
        columns: vec![
            Column::new("split", "Split", Unit::None),
            Column::new("alone", "One item and pair alone", Unit::Count),
            Column::new("together", "Among all", Unit::Count),
            Column::new("segment", "Direction of a segment", Unit::Count),
        ],
        rows: SPLITS.into_iter().map(row).collect(),
    }
}

fn segments(cells: &[dry_run::Cell], family: Family) -> Table {
    let row = |cell: &dry_run::Cell| -> Vec<Cell> {
        let answers = cell.expected_answers_per_item;
        let eligible = answers / family.design_effect >= ELIGIBLE;
        let mut row = vec![
            cell.level.as_str().into(),
            item_words(cell).into(),
            cell.expected_people.into(),
            answers.into(),
            eligible.into(),
        ];
        row.extend(powers(answers, |split| family.in_segment(split)));
        row
    };
    let mut columns = vec![
        Column::new("segment", "Segment", Unit::None),
        Column::new("item", "Item", Unit::None),
        Column::new("people", "People expected", Unit::Weight),
        Column::new("answers", "Answers expected", Unit::Weight),
        Column::new("eligible", "Enough to be spoken of", Unit::None),
    ];
    columns.extend(split_columns("direction", "Direction seen"));
    let rows = cells.iter().map(row).collect();
    Table { id: "segments".into(), title: "What segments can show".into(), columns, rows }
}

fn words(family: Family) -> Note {
    let Family { items, pairs, design_effect } = family;
    Note::info(
        "power",
        format!(
            "power is the chance that disagreement finds a split beyond 55/45 at 5 %: for one pair of one item alone, \
             and as the only one that differs among {items} items of up to {pairs} pairs; the more items differ, the \
             nearer the second comes to the first. Ties make a split smaller: a third of ties turns 60/40 into a net \
             preference of 13 of 100 rather than 20. Answers are divided by a design effect of {design_effect}. A \
             segment is spoken of from {ELIGIBLE} effective answers on, and its direction is seen where the lower \
             end of its interval of 95 % is above 0"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(participants: u32) -> Plan {
        let items = (0..40).map(|number| {
            let json = format!(
                r#"{{"id": "q{number}", "kind": "rank", "candidates": [{{"id": "A"}}, {{"id": "B"}}, {{"id": "C"}}]}}"#
            );
            serde_json::from_str(&json).unwrap()
        });
        Plan::new(items.collect(), participants, 1)
    }

    fn figure(report: &Report, table: &str, row: usize, column: &str) -> f64 {
        let table = report.table(table).unwrap();
        table.cell(&table.rows[row], column).and_then(Cell::as_f64).unwrap()
    }

    #[test]
    fn a_planned_round_is_told_what_it_can_show() {
        let report = report(&plan(1000), "age", 1.0).unwrap();
        assert_eq!(report.defects(), Vec::<String>::new());
        // The anchor is answered by all.
        assert!((figure(&report, "power", 0, "answers") - 1000.0).abs() < 1e-9);
        let test = Test { items: 40, pairs: 3, ..Test::of_split(0.6) };
        assert_eq!(Some(figure(&report, "power", 0, "together_60")), test.power(1000.0));
        assert_eq!(figure(&report, "needed", 0, "together"), f64::from(test.answers_needed(0.8).unwrap()));
        assert!(figure(&report, "power", 1, "answers") < 1000.0);
    }

    #[test]
    fn a_design_effect_costs_answers() {
        let [plain, clustered] = [1.0, 2.0].map(|effect| report(&plan(1000), "age", effect).unwrap());
        assert!(figure(&clustered, "needed", 1, "alone") > 1.9 * figure(&plain, "needed", 1, "alone"));
        assert_eq!(report(&plan(1000), "age", 0.5).unwrap_err().reason, folkmoot_core::Reason::BadField);
    }
}
