//! Every kind of chart on every kind of table.

use folkmoot_methods::report::{Cell, Chart, ChartKind, Column, Table, Unit};
use folkmoot_report::svg;

const KINDS: [ChartKind; 5] =
    [ChartKind::Bar, ChartKind::DotInterval, ChartKind::DivergingBar, ChartKind::HeatMap, ChartKind::Scatter];

/// A table of `label, share, share_low, share_high, score, group`.
fn table(rows: Vec<[Cell; 6]>) -> Table {
    let columns = [
        ("label", Unit::None),
        ("share", Unit::Share),
        ("share_low", Unit::Share),
        ("share_high", Unit::Share),
        ("score", Unit::Score),
        ("group", Unit::None),
    ];
    Table {
        id: "t".into(),
        title: "A table".into(),
        columns: columns
            .into_iter()
            .map(|(id, unit)| Column { id: id.into(), label: id.into(), unit, estimate: false })
            .collect(),
        rows: rows.into_iter().map(Vec::from).collect(),
    }
}

fn row(label: &str, share: f64, group: &str) -> [Cell; 6] {
    [label.into(), share.into(), (share - 0.1).into(), (share + 0.1).into(), (share * 7.0).into(), group.into()]
}

fn chart(kind: ChartKind) -> Chart {
    let (x, y) = match kind {
        ChartKind::Scatter => ("share", "score"),
        ChartKind::HeatMap => ("label", "group"),
        _ => ("share", "label"),
    };
    Chart {
        id: "c".into(),
        title: "A chart".into(),
        kind,
        table: "t".into(),
        x: x.into(),
        y: y.into(),
        group: Some("group".into()),
        value: (kind == ChartKind::HeatMap).then(|| "share".into()),
    }
}

#[test]
fn a_chart_is_drawn_where_there_is_a_number() {
    let check = |rows: Vec<[Cell; 6]>, drawn: bool| {
        let table = table(rows);
        for kind in KINDS {
            for svg in [svg::chart, svg::narrow_chart, svg::file] {
                let picture = svg(&chart(kind), &table);
                assert_eq!(picture.is_some(), drawn, "{kind:?} of {} rows", table.rows.len());
                if let Some(picture) = picture {
                    assert!(picture.starts_with("<svg") && picture.ends_with("</svg>"));
                    assert!(!picture.contains("NaN") && !picture.contains("inf"), "{kind:?}: {picture}");
                }
            }
        }
    };
    let null = || [Cell::Null, Cell::Null, Cell::Null, Cell::Null, Cell::Null, Cell::Null];
    check(vec![], false);
    check(vec![null()], false);
    check(vec![row("a", 0.5, "g")], true);
    check(vec![row("a", 0.0, "g"), null()], true);
    check(vec![row("a", 0.3, "g"), row("b", 0.3, "h"), row("a", 0.9, "h"), row("b", 0.2, "g")], true);
    check((0..500).map(|n| row(&format!("row {n}"), f64::from(n) / 500.0, "g")).collect(), true);
    check(vec![row(&"long".repeat(200), 0.4, &"w".repeat(300))], true);
}

#[test]
fn a_chart_of_columns_that_are_not_there_is_not_drawn() {
    let table = table(vec![row("a", 0.5, "g")]);
    for kind in KINDS {
        let mut wrong = chart(kind);
        wrong.x = "absent".into();
        assert_eq!(svg::chart(&wrong, &table), None);
    }
    let mut ragged = table.clone();
    ragged.rows.push(vec!["only a label".into()]);
    assert!(svg::chart(&chart(ChartKind::DotInterval), &ragged).is_some());
}

#[test]
fn labels_cannot_leave_the_picture() {
    let table = table(vec![row("</svg><script>\u{202e}x", 0.5, "\"><b>")]);
    for kind in KINDS {
        let picture = svg::chart(&chart(kind), &table).unwrap();
        assert!(!picture.contains("<script") && !picture.contains("<b>") && !picture.contains('\u{202e}'), "{picture}");
        assert_eq!(picture.matches("</svg>").count(), 1);
    }
}

#[test]
fn a_dot_and_its_interval() {
    let table = table(vec![row("Above half", 0.7, "g"), row("Across half", 0.45, "g"), row("Below half", 0.2, "g")]);
    let picture = svg::chart(&chart(ChartKind::DotInterval), &table).unwrap();
    insta::assert_snapshot!(picture.replace("><", ">\n<"));
}
