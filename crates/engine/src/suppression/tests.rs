//! Tables small enough to suppress by hand, and laws over many.

use folkmoot_methods::Report;
use folkmoot_methods::report::{Cell, Column, Note, Scalar, Table, Unit};
use proptest::prelude::*;

use super::{imprecise, suppress};

/// A table from text: columns, then a row a line. `*` marks an estimate; numbers are integers where they have
/// no point, and `–` is nothing.
fn table(id: &str, text: &str) -> Table {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let column = |name: &str| {
        let id = name.trim_end_matches('*');
        let unit = match id {
            "n" | "count" | "n_eff" | "place" => Unit::Count,
            "weight" => Unit::Weight,
            _ if id.starts_with("share") => Unit::Share,
            "mean" => Unit::Score,
            _ => Unit::None,
        };
        Column { estimate: name.ends_with('*'), ..Column::new(id, id, unit) }
    };
    let columns = lines.next().unwrap().split_whitespace().map(column).collect();
    let cell = |word: &str| match (word, word.parse::<i64>(), word.parse::<f64>()) {
        ("–", ..) => Cell::Null,
        ("suppressed", ..) => Cell::SUPPRESSED,
        (_, Ok(n), _) => n.into(),
        (_, _, Ok(x)) => x.into(),
        _ => word.into(),
    };
    let rows = lines.map(|line| line.split_whitespace().map(cell).collect()).collect();
    Table { id: id.into(), title: id.into(), columns, rows }
}

/// The table in the text that [`table`] reads, `-` what is suppressed.
fn text(table: &Table) -> Vec<String> {
    let word = |cell: &Cell| match cell {
        Cell::Null => "–".to_owned(),
        Cell::Suppressed(_) => "-".to_owned(),
        Cell::Bool(flag) => flag.to_string(),
        Cell::Int(n) => n.to_string(),
        Cell::Float(x) => format!("{x:?}"),
        Cell::Text(text) => text.clone(),
    };
    table.rows.iter().map(|row| row.iter().map(word).collect::<Vec<_>>().join(" ")).collect()
}

fn report(tables: &[(&str, &str)]) -> Report {
    Report { tables: tables.iter().map(|(id, text)| table(id, text)).collect(), ..Report::default() }
}

fn codes(report: &Report) -> Vec<&str> {
    report.notes.iter().map(|note| note.code.as_str()).collect()
}

#[test]
fn what_rests_on_few_answers_goes_and_what_would_tell_it() {
    let check = |why: &str, given: &[(&str, &str)], want: &[&str]| {
        let mut report = report(given);
        suppress(&mut report, 10);
        let got: Vec<String> = report.tables.iter().flat_map(text).collect();
        assert_eq!(got, want, "{why}");
    };
    check(
        "a small base takes all but the name; nobody's answers are known to be nobody's",
        &[("t", "item option n mean\n q1 A 9 1.5\n q2 A 10 2.5\n q3 A 0 –")],
        &["q1 - - -", "q2 A 10 2.5", "q3 A 0 –"],
    );
    check(
        "a small count takes its weight and share, not the base nor the place; approvals add up to nothing",
        &[(
            "t",
            "item option place n count weight share*\n q A 1 100 60 60.0 0.6\n q B 2 100 3 3.0 0.03\n q C 3 100 50 50.0 0.5",
        )],
        &["q A 1 100 60 60.0 0.6", "q B 2 100 - - -", "q C 3 100 50 50.0 0.5"],
    );
    check(
        "an answer that nobody of many gave is a small cell",
        &[("t", "item option n count\n q A 100 60\n q B 100 0\n q C 100 70")],
        &["q A 100 60", "q B 100 -", "q C 100 70"],
    );
    check(
        "where counts add up to the base, the next smallest goes too",
        &[("t", "item option n count\n q A 100 57\n q B 100 40\n q C 100 3\n r A 90 50\n r B 90 40")],
        &["q A 100 57", "q B 100 -", "q C 100 -", "r A 90 50", "r B 90 40"],
    );
    check(
        "two that are hidden may still be few together",
        &[("t", "item option n count\n q A 100 50\n q B 100 44\n q C 100 4\n q D 100 2")],
        &["q A 100 50", "q B 100 -", "q C 100 -", "q D 100 -"],
    );
    check(
        "agreement among those who voted is made of the same answers, and its base tells who passed",
        &[(
            "t",
            "item option n count share*\n v agree 100 57 0.57\n v disagree 100 40 0.4\n v pass 100 3 0.03\n v of_voted 97 57 0.588",
        )],
        &["v agree 100 57 0.57", "v disagree 100 - -", "v pass 100 - -", "v of_voted - - -"],
    );
    check(
        "also where nobody passed",
        &[("t", "item option n count\n v agree 100 60\n v disagree 100 40\n v pass 100 0\n v of_voted 100 60")],
        &["v agree 100 60", "v disagree 100 -", "v pass 100 -", "v of_voted - -"],
    );
    check(
        "one segment could be had from all and the others",
        &[("t", "segment item n mean\n all q 60 1.5\n north q 30 1.0\n south q 25 2.0\n west q 5 3.0")],
        &["all q 60 1.5", "north q 30 1.0", "south q - -", "west q - -"],
    );
    check(
        "people of no segment hide one as well as another would, where they are enough",
        &[("t", "segment item n mean\n all q 100 1.5\n north q 60 1.0\n west q 5 3.0")],
        &["all q 100 1.5", "north q 60 1.0", "west q - -"],
    );
    check(
        "a few people of no segment could be had from all and the segments",
        &[("t", "segment item n mean\n all q 63 1.5\n north q 40 1.0\n south q 20 3.0")],
        &["all q 63 1.5", "north q 40 1.0", "south q - -"],
    );
    check(
        "counts of one answer add up over segments, and over answers in each",
        &[(
            "t",
            "segment item option n count\n all q A 100 64\n all q B 100 36\n n q A 50 34\n n q B 50 16\n s q A 30 17\n \
             s q B 30 13\n w q A 20 13\n w q B 20 7",
        )],
        &[
            "all q A 100 64",
            "all q B 100 36",
            "n q A 50 34",
            "n q B 50 16",
            "s q A 30 -",
            "s q B 30 -",
            "w q A 20 -",
            "w q B 20 -",
        ],
    );
    check(
        "totals may stand in another table, by fewer names",
        &[
            ("items", "item n class\n q 60 agrees"),
            ("segments", "item segment pair n\n q north A>B 30\n q south A>B 25\n q west B>A 5"),
        ],
        &["q 60 agrees", "q north A>B 30", "q south - -", "q west - -"],
    );
    check(
        "or over all items, by none",
        &[("items", "item mean n\n q 0.5 60\n r 0.5 40\n s 0.1 4"), ("overall", "figure mean n\n accord 0.5 104")],
        &["q 0.5 60", "r - -", "s - -", "accord 0.5 104"],
    );
    check(
        "a table without bases goes by the table that names its rows, and its rows tell nothing by their number",
        &[
            ("orders", "segment item order n\n all q A>B 60\n north q A>B 55\n west q B>A 5"),
            ("rounds", "segment item round candidate votes\n all q 1 A 40\n west q 1 A 2\n west q 2 B 3"),
        ],
        &["all q A>B 60", "north q - -", "west q - -", "all q 1 A 40", "west q - - -"],
    );
    check(
        "grades that nobody of a segment gave have no row",
        &[
            ("items", "segment item n mean\n all s 40 2.0\n north s 20 2.0\n south s 20 2.0"),
            (
                "values",
                "segment item value count share\n all s 1.0 25 0.6\n all s 2.0 15 0.4\n north s 1.0 10 0.5\n \
                 north s 2.0 10 0.5\n south s 1.0 15 0.75\n south s 2.0 5 0.25",
            ),
        ],
        &[
            "all s 40 2.0",
            "north s 20 2.0",
            "south s 20 2.0",
            "all s 1.0 25 0.6",
            "all s 2.0 15 0.4",
            "north s 1.0 - -",
            "north s 2.0 - -",
            "south s 1.0 - -",
            "south s 2.0 - -",
        ],
    );
    check(
        "without the flagged, who are few",
        &[("t", "item mean n\n q 0.5 60\n r 0.5 60"), ("t_without_flagged", "item mean n\n q 0.6 57\n r 0.4 40")],
        &["q 0.5 60", "r 0.5 60", "q - -", "r 0.4 40"],
    );
    check(
        "a count that names its row is no count of answers",
        &[("silhouettes", "count mean\n 2 0.4\n 3 0.5"), ("groups", "group n share\n A 40 0.5\n B 40 0.5")],
        &["2 0.4", "3 0.5", "A 40 0.5", "B 40 0.5"],
    );
}

#[test]
fn single_figures_go_where_there_are_few_answers_at_all() {
    let scalar = || Scalar { id: "accord".into(), label: "Accord".into(), unit: Unit::Share, value: 0.5.into() };
    let check = |n: i64, want: Cell| {
        let mut report = report(&[("t", &format!("item n\n q {n}"))]);
        report.scalars.push(scalar());
        suppress(&mut report, 10);
        assert_eq!(report.scalars[0].value, want, "{n}");
    };
    check(9, Cell::SUPPRESSED);
    check(10, Cell::from(0.5));
}

#[test]
fn notes_say_what_is_not_told_and_say_it_of_nobody() {
    let given = || {
        let mut report =
            report(&[("t", "segment item n mean\n all q 60 1.5\n north q 30 1.0\n south q 25 2.0\n west q 5 3.0")]);
        report.notes.push(Note::info("order", "west: by mean q1>q2"));
        report.notes.push(Note::info("order", "north: by mean q1>q2"));
        report
    };
    let mut untouched = given();
    suppress(&mut untouched, 0);
    assert_eq!(untouched, given());
    let mut report = given();
    suppress(&mut report, 10);
    let words: Vec<&str> = report.notes.iter().map(|note| note.text.as_str()).collect();
    assert_eq!(
        words,
        [
            "north: by mean q1>q2",
            "4 cells are suppressed: 1 row rests on fewer than 10 answers; 1 further row goes with them, which would \
             give them away"
        ]
    );
    let mut unknown = self::report(&[("t", "item mean\n q 1.5")]);
    suppress(&mut unknown, 10);
    assert_eq!(codes(&unknown), ["base_unknown"]);
}

#[test]
fn imprecise_shares_are_those_of_the_standard() {
    let check = |p: f64, low: f64, high: f64, answers: f64, want: bool| {
        assert_eq!(imprecise::is_imprecise(p, high - low, answers), want, "{p} ({low} to {high}) of {answers}");
    };
    check(0.5, 0.36, 0.64, 30.0, false);
    check(0.5, 0.36, 0.64, 29.9, true);
    check(0.5, 0.25, 0.75, 500.0, true);
    // Above a width of 0.05 the relative width counts, up to 130 %.
    check(0.02, 0.0, 0.04, 500.0, false);
    check(0.05, 0.02, 0.084, 500.0, false);
    check(0.05, 0.02, 0.086, 500.0, true);
    check(0.0, 0.0, 0.06, 100.0, true);
}

#[test]
fn a_note_names_the_imprecise_rows_up_to_ten() {
    let rows: String = (0..12).map(|n| format!("q{n} 20 0.5 0.3 0.7\n")).collect();
    let mut report = report(&[("t", &format!("item n share share_low share_high\n big 500 0.5 0.46 0.54\n{rows}"))]);
    suppress(&mut report, 10);
    let note = report.notes.iter().find(|note| note.code == "imprecise").unwrap();
    assert!(note.text.starts_with("shares of 12 rows are imprecise"), "{}", note.text);
    assert!(
        note.text.ends_with("t q0; t q1; t q2; t q3; t q4; t q5; t q6; t q7; t q8; t q9 and 2 more"),
        "{}",
        note.text
    );
}

/// Choices of one item by segment: counts of each option in each segment, and in none.
fn choices() -> impl Strategy<Value = Vec<Vec<i64>>> {
    (2..5_usize, 2..5_usize).prop_flat_map(|(segments, options)| {
        let count = prop_oneof![0..12_i64, 0..60_i64];
        prop::collection::vec(prop::collection::vec(count, options), segments + 1)
    })
}

/// Their table: a row for each option, of all and of each segment; the last line of `counts` is of no segment.
fn chosen(counts: &[Vec<i64>]) -> Table {
    let all: Vec<i64> = (0..counts[0].len()).map(|option| counts.iter().map(|of| of[option]).sum()).collect();
    let segments = counts[..counts.len() - 1].iter().enumerate().map(|(at, of)| (format!("s{at}"), of.clone()));
    let mut text = "segment item option n count share*\n".to_owned();
    for (label, of) in std::iter::once(("all".to_owned(), all)).chain(segments) {
        let n: i64 = of.iter().sum();
        for (option, count) in of.iter().enumerate() {
            text += &format!("{label} q o{option} {n} {count} 0.5\n");
        }
    }
    table("shares", &text)
}

/// What a cell that should be a count says, where it says something.
fn number(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Int(n) => Some(*n),
        _ => None,
    }
}

/// Whether `total` less the told parts is told, and is of what `rest` of them do not tell.
fn rest(total: Option<i64>, parts: &[Option<i64>]) -> Option<(i64, usize)> {
    let untold = parts.iter().filter(|part| part.is_none()).count();
    Some((total? - parts.iter().flatten().sum::<i64>(), untold))
}

proptest! {
    #[test]
    fn no_small_cell_is_told_nor_had_by_subtraction_and_no_other_goes_for_nothing(counts in choices(), threshold in 1..15_u32) {
        let given = chosen(&counts);
        let mut report = Report { tables: vec![given.clone()], ..Report::default() };
        suppress(&mut report, threshold);
        let threshold = i64::from(threshold);
        let (options, got) = (counts[0].len(), &report.tables[0]);
        prop_assert_eq!(got.rows.len(), given.rows.len());
        let (n, count) = (3, 4);
        let told = |row: usize, column: usize| number(&got.rows[row][column]);
        let was = |row: usize, column: usize| number(&given.rows[row][column]).unwrap();
        for row in 0..got.rows.len() {
            prop_assert!(told(row, n).is_none_or(|n| n == 0 || n >= threshold));
            prop_assert!(told(row, count).is_none_or(|c| c >= threshold || was(row, n) == 0));
            // The share goes with the count, and is never nought or nothing instead.
            prop_assert_eq!(got.rows[row][5] == Cell::SUPPRESSED, told(row, count).is_none());
            prop_assert!(told(row, n).is_some() || told(row, count).is_none());
        }
        let row = |segment: usize, option: usize| segment * options + option;
        let segments = given.rows.len() / options;
        let safe = |rest: Option<(i64, usize)>, others: i64| {
            let Some((left, untold)) = rest else { return true };
            let unknown = untold + usize::from(others > 0);
            unknown == 0 || (left >= threshold && (untold == 0 || unknown > 1))
        };
        for option in 0..options {
            for column in [n, count] {
                let parts: Vec<_> = (1..segments).map(|segment| told(row(segment, option), column)).collect();
                let others = was(row(0, option), column) - (1..segments).map(|s| was(row(s, option), column)).sum::<i64>();
                // Where all that could go is gone, the total is as small as they are, or theirs alone.
                let all_gone = parts.iter().all(|part| part.is_none_or(|part| part == 0));
                prop_assert!(all_gone || safe(rest(told(row(0, option), column), &parts), others), "{:?}", text(got));
            }
        }
        for segment in 0..segments {
            let parts: Vec<_> = (0..options).map(|option| told(row(segment, option), count)).collect();
            let all_gone = parts.iter().all(|part| part.is_none_or(|part| part == 0));
            prop_assert!(all_gone || safe(rest(told(row(segment, 0), n), &parts), 0), "{:?}", text(got));
        }
        let few = |row: usize| (1..threshold).contains(&was(row, n)) || (was(row, n) > 0 && was(row, count) < threshold);
        let others_are_few = (0..options).any(|option| {
            let of = |column: usize| was(row(0, option), column) - (1..segments).map(|s| was(row(s, option), column)).sum::<i64>();
            (1..threshold).contains(&of(n)) || (1..threshold).contains(&of(count))
        });
        if !(0..got.rows.len()).any(few) && !others_are_few {
            prop_assert_eq!(got, &given, "nothing is small, and something went");
        }
    }
}
