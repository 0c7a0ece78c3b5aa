//! Reports as a terminal shows them.

use folkmoot_methods::report::{Cell, Column, Note, Report, Scalar, Severity, Table, Unit};
use folkmoot_report::terminal;

fn sample() -> Report {
    let column = |id: &str, label: &str, unit| Column { id: id.into(), label: label.into(), unit, estimate: false };
    Report {
        scalars: vec![Scalar {
            id: "mean".into(),
            label: "Mean accord".into(),
            unit: Unit::Share,
            value: Cell::Float(0.57),
        }],
        tables: vec![Table {
            id: "items".into(),
            title: "Agreement".into(),
            columns: vec![
                column("item", "item", Unit::None),
                column("n", "answers", Unit::Count),
                column("accord", "accord", Unit::Share),
            ],
            rows: vec![
                vec!["lend-fines".into(), Cell::Int(1402), Cell::Float(0.34)],
                vec!["\u{1b}[2Jwipe\u{202e}".into(), Cell::Int(3), Cell::Null],
            ],
        }],
        charts: vec![],
        notes: vec![Note { severity: Severity::Warning, code: "few".into(), text: "one item has few answers".into() }],
    }
}

#[test]
fn a_report_reads_well() {
    insta::assert_snapshot!(terminal::report(&sample(), Some(60), false));
}

#[test]
fn no_text_moves_the_cursor_and_plain_means_plain() {
    let table = &sample().tables[0];
    assert!(!terminal::table(table, Some(60), false).contains('\u{1b}'));
    let coloured = terminal::table(table, Some(60), true);
    assert!(coloured.contains('\u{1b}') && !coloured.contains("\u{1b}[2J"));
}

#[test]
fn a_narrow_terminal_wraps_rather_than_cuts() {
    let mut table = sample().tables.remove(0);
    table.rows = vec![vec!["a long name of an item that needs more than one line".into(), Cell::Int(3), Cell::Null]];
    let shown = terminal::table(&table, Some(40), false);
    assert!(shown.lines().all(|line| line.chars().count() <= 40), "{shown}");
    assert!(shown.contains("line"), "{shown}");
}
