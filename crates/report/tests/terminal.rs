//! Reports as a terminal shows them.

#[path = "../examples/sample/quota.rs"]
mod quota;

use folkmoot_methods::report::{Cell, Chart, ChartKind, Column, Note, Report, Scalar, Severity, Table, Unit};
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
fn what_is_suppressed_says_so_in_charts_and_tables() {
    let mut report = sample();
    report.tables[0].rows.push(vec!["quiet-room".into(), Cell::SUPPRESSED, Cell::SUPPRESSED]);
    report.charts.push(Chart {
        id: "items".into(),
        title: "Agreement by item".into(),
        kind: ChartKind::Bar,
        table: "items".into(),
        x: "accord".into(),
        y: "item".into(),
        group: None,
        value: None,
    });
    report.notes = vec![Note::info("suppressed", "2 cells are suppressed: 1 row rests on fewer than 10 answers")];
    insta::assert_snapshot!(terminal::report(&report, Some(60), false));
    let picture = folkmoot_report::svg::chart(&report.charts[0], &report.tables[0]).unwrap();
    assert!(picture.contains("1 more suppressed row is not drawn") && !picture.contains("quiet-room"), "{picture}");
    report.tables[0].rows.iter_mut().for_each(|row| row[2] = Cell::SUPPRESSED);
    assert_eq!(folkmoot_report::svg::chart(&report.charts[0], &report.tables[0]), None);
}

#[test]
fn no_text_moves_the_cursor_and_plain_means_plain() {
    let table = &sample().tables[0];
    assert!(!terminal::table(table, Some(60), false).contains('\u{1b}'));
    let mut table = table.clone();
    table.title = "\u{1b}[2J".into();
    table.columns[1].label = "\u{1b}[2J".into();
    let coloured = terminal::table(&table, Some(60), true);
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

#[test]
fn a_wide_table_breaks_its_lines_between_words() {
    let column = |label: &str| Column { id: label.into(), label: label.into(), unit: Unit::None, estimate: false };
    let statement = "Everybody should be heard before a neighbourhood is reorganised";
    let table = Table {
        id: "t".into(),
        title: "Statements".into(),
        columns: ["statement", "accountability", "short"].map(column).into(),
        rows: vec![vec![statement.into(), "representativeness of participants".into(), "x".into()]; 3],
    };
    let words: Vec<&str> = statement.split(' ').chain(["representativeness", "accountability"]).collect();
    for width in [52, 60, 80, 100] {
        let shown = terminal::table(&table, Some(width), false);
        assert!(shown.lines().all(|line| line.chars().count() <= width), "{width}\n{shown}");
        for word in &words {
            assert!(shown.split_whitespace().any(|found| found == *word), "{word} at {width}\n{shown}");
        }
    }
}

#[test]
fn a_report_of_an_unknown_method_shows_all_it_declares_and_says_what_it_leaves_out() {
    let report = quota::result().report;
    let check = |width: Option<usize>, has: &[&str], has_not: &[&str]| {
        let shown = terminal::report(&report, width, false);
        for words in has {
            assert!(shown.contains(words), "{words:?} at {width:?}\n{shown}");
        }
        for words in has_not {
            assert!(!shown.contains(words), "{words:?} at {width:?}");
        }
        let most = width.unwrap_or(usize::MAX);
        let tables = shown.lines().filter(|line| line.starts_with([' ', '─']));
        assert!(tables.clone().all(|line| line.chars().count() <= most), "{width:?}");
    };
    let always =
        ["Design effect of the weights: 1.24", "lend-fines", "The isles", "a neighbour: no rows", "warning: The isles"];
    check(None, &always, &["the first"]);
    check(Some(100), &always, &["of 7 columns"]);
    check(Some(100), &["the first 200 of 412 rows;", "the first 200 of 1,500 rows and 14 of 45 columns;"], &[]);
    check(Some(40), &[always[0], always[3]], &[]);
    check(Some(40), &["the first 3 of 7 columns; --format json gives all of them"], &[]);
}
