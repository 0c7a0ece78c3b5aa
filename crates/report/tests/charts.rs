//! Every kind of chart on every kind of table.

use folkmoot_methods::report::{Cell, Chart, ChartKind, Column, Table, Unit};
use folkmoot_report::{svg, terminal};

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
fn numbers_of_any_size_are_drawn_or_left_out() {
    for number in [f64::MAX, f64::MIN, 1e99, -1e99, 5e-324, 1e-9, -0.0] {
        let mut rows = vec![row("a", 0.4, "g"), row("b", 0.5, "h")];
        rows[0][1] = number.into();
        rows[0][2] = (-number.abs()).into();
        rows[0][3] = number.abs().into();
        rows[0][4] = number.into();
        let table = table(rows);
        for kind in KINDS {
            for svg in [svg::chart, svg::narrow_chart] {
                let picture = svg(&chart(kind), &table).unwrap();
                assert!(!picture.contains("NaN") && !picture.contains("inf"), "{kind:?} {number}: {picture}");
            }
        }
    }
}

#[test]
fn a_picture_says_what_it_leaves_out() {
    let check = |kind, rows: Vec<[Cell; 6]>, words: &str| {
        let picture = svg::chart(&chart(kind), &table(rows)).unwrap();
        assert!(picture.contains(words), "{kind:?}: {words:?}");
        assert!(picture.len() < 2_000_000, "{kind:?}: {} bytes", picture.len());
    };
    let many = |count: usize, groups: usize| -> Vec<[Cell; 6]> {
        (0..count).map(|n| row(&format!("row {n}"), n as f64 / count as f64, &format!("g {}", n % groups))).collect()
    };
    check(ChartKind::Bar, many(81, 2), "1 more row is not drawn");
    check(ChartKind::DotInterval, many(5000, 5), "4,920 more rows are not drawn");
    check(ChartKind::Scatter, many(9000, 2), "one point of 3 is drawn");
    check(ChartKind::Scatter, many(50, 50), "in no or another group: 14");
    let heat = |count, groups| {
        let mut heat = chart(ChartKind::HeatMap);
        heat.group = None;
        svg::chart(&heat, &table(many(count, groups))).unwrap()
    };
    assert!(heat(45, 42).contains("5 more columns are not drawn"));
    assert!(heat(45, 42).contains("2 more rows are not drawn"));
    let twice = vec![row("a", 0.1, "g"), row("a", 0.9, "g")];
    check(ChartKind::HeatMap, twice.clone(), "1 more number for a cell that is taken is not drawn");
}

#[test]
fn people_on_a_map_have_no_axes_and_other_points_have() {
    let rows = vec![row("a", 0.1, "g"), row("b", 0.9, "h"), row("c", 0.5, "g"), row("d", 0.2, "g")];
    let mut scatter = chart(ChartKind::Scatter);
    assert!(svg::chart(&scatter, &table(rows.clone())).unwrap().contains("50 %"));
    let mut people = table(rows);
    people.columns[0].id = "participant".into();
    people.columns[1].unit = Unit::Score;
    let picture = svg::chart(&scatter, &people).unwrap();
    assert!(picture.contains("Group g") && picture.contains("hull"), "{picture}");
    scatter.group = None;
    assert!(!svg::chart(&scatter, &people).unwrap().contains("hull"));
}

/// Three steps of a count: C goes out, then B.
fn count() -> (Chart, Table) {
    let column = |id: &str, unit| Column { id: id.into(), label: id.into(), unit, estimate: false };
    let row = |step: &str, from: &str, to: &str, weight: f64| -> Vec<Cell> {
        vec![step.into(), from.into(), to.into(), weight.into()]
    };
    let table = Table {
        id: "flow".into(),
        title: "Where votes went".into(),
        columns: vec![
            column("round", Unit::None),
            column("from", Unit::None),
            column("to", Unit::None),
            column("weight", Unit::Weight),
        ],
        rows: vec![
            row("Round 1", "Ada", "Ada", 45.0),
            row("Round 1", "Bo", "Bo", 35.0),
            row("Round 1", "Cy", "Ada", 5.0),
            row("Round 1", "Cy", "Bo", 12.0),
            row("Round 1", "Cy", "exhausted", 3.0),
            row("Round 2", "Ada", "Ada", 50.0),
            row("Round 2", "Bo", "Ada", 9.0),
            row("Round 2", "Bo", "exhausted", 38.0),
        ],
    };
    let chart = Chart {
        id: "flow".into(),
        title: "Where votes went".into(),
        kind: ChartKind::Flow,
        table: "flow".into(),
        x: "round".into(),
        y: "from".into(),
        group: Some("to".into()),
        value: Some("weight".into()),
    };
    (chart, table)
}

#[test]
fn a_flow_keeps_what_goes_into_a_node() {
    let (chart, mut table) = count();
    let picture = svg::chart(&chart, &table).unwrap();
    assert_eq!(picture.matches("class=\"band").count(), 8);
    // Three nodes, then three with those who are exhausted, then two.
    assert_eq!(picture.matches("class=\"node").count(), 8);
    assert!(picture.contains("Round 2") && picture.contains("Ada 59"), "{picture}");
    let mut items = table.clone();
    items.columns.push(Column::new("item", "item", Unit::None));
    items.rows.iter_mut().zip(0..).for_each(|(row, n)| row.push(["x", "y"][n % 2].into()));
    let picture = svg::chart(&chart, &items).unwrap();
    assert_eq!((picture.matches("class=\"band").count(), picture.matches("class=\"facet").count()), (8, 2));
    table.rows.iter_mut().for_each(|row| row[3] = Cell::Null);
    assert_eq!(svg::chart(&chart, &table), None);
    table.rows = (0..60)
        .map(|n| vec!["one".into(), format!("node {n}").into(), "</svg><b>".into(), f64::from(n + 1).into()])
        .collect();
    let picture = svg::narrow_chart(&chart, &table).unwrap();
    assert!(picture.contains("37 more rows are not drawn") && !picture.contains("<b>"), "{picture}");
}

#[test]
fn charts_in_characters() {
    let (flow, votes) = count();
    let rows = vec![row("Above half", 0.7, "g"), row("Across half", 0.45, "g"), row("Below half", 0.2, "h")];
    let table = table(rows);
    let mut drawn: Vec<String> = KINDS.iter().map(|&kind| terminal::chart(&chart(kind), &table, 60).unwrap()).collect();
    drawn.push(terminal::chart(&flow, &votes, 60).unwrap());
    let drawn = drawn.join("\n");
    assert!(drawn.lines().all(|line| line.chars().count() <= 60), "{drawn}");
    insta::assert_snapshot!(drawn);
}

#[test]
fn characters_are_left_out_where_there_is_no_room() {
    let table = table(vec![row("a", 0.5, "g")]);
    KINDS.iter().for_each(|&kind| assert_eq!(terminal::chart(&chart(kind), &table, 6), None, "{kind:?}"));
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
