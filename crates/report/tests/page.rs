//! The page as its readers meet it.

#[path = "../examples/sample/quota.rs"]
mod quota;

use folkmoot_methods::report::{Cell, Chart, ChartKind, Column, Note, Report, Scalar, Table, Unit};
use folkmoot_report::{
    ChangeView, Counts, FindingView, ItemView, MethodView, Page, PluginView, ProposalView, ResultView, SegmentView,
    SpanKind, TraceView, html,
};

/// A small page with every section, `said` wherever people's words go.
fn page(said: &str) -> Page {
    let said = || said.to_owned();
    let column = |id: &str, unit| Column { id: id.into(), label: said(), unit, estimate: false };
    let items = Table {
        id: "items".into(),
        title: said(),
        columns: vec![
            column("item", Unit::None),
            column("accord", Unit::Share),
            column("accord_low", Unit::Share),
            column("accord_high", Unit::Share),
        ],
        rows: vec![
            vec!["q1".into(), Cell::Float(0.62), Cell::Float(0.58), Cell::Float(0.66)],
            vec!["q2".into(), Cell::Float(0.3), Cell::Float(0.2), Cell::Float(0.4)],
            vec!["q3".into(), Cell::Null, Cell::Null, Cell::Null],
        ],
    };
    Page {
        round_title: said(),
        organisation: said(),
        simulated: true,
        spec_title: said(),
        base_revision: "r1".into(),
        new_revision: Some("r2".into()),
        snapshot: "aa11".into(),
        counts: Counts { participants: 1, responses: 1200, items: 3 },
        results: vec![ResultView {
            name: said(),
            title: said(),
            method: "agreement".into(),
            version: "1.0.0".into(),
            plugin: None,
            hash: "bb22".into(),
            by: Some(said()),
            report: Report { tables: vec![items], ..Report::default() },
        }],
        methods: vec![MethodView {
            id: "agreement".into(),
            version: "1.0.0".into(),
            title: said(),
            answers: said(),
            assumes: said(),
            avoid_when: said(),
            source: said(),
        }],
        items: vec![ItemView {
            id: "q1".into(),
            prompt: said(),
            kind: "rank".into(),
            candidates: vec![("A".into(), said())],
            clauses: vec![said()],
            position: Some("A>B".into()),
        }],
        findings: vec![FindingView {
            item: "q2".into(),
            class: "majority_against".into(),
            summary: said(),
            clauses: vec![said()],
            segments: vec![SegmentView {
                segment: said(),
                delta: Some(0.4),
                low: Some(0.2),
                high: Some(0.6),
                eligible: true,
            }],
        }],
        proposals: vec![ProposalView {
            id: "p1".into(),
            title: said(),
            kind: "clarification".into(),
            clauses: vec![said()],
            rationale: said(),
            outcome: Some("adopted".into()),
            reason: said(),
            deciders: vec![said()],
            dissent: vec![said()],
        }],
        changes: vec![ChangeView {
            anchor: "c1".into(),
            title: said(),
            kinds: vec!["changed".into()],
            authority_before: Some("guideline".into()),
            authority_after: Some("rule".into()),
            spans: vec![(SpanKind::Same, said()), (SpanKind::Removed, said()), (SpanKind::Added, said())],
        }],
        trace: Some(TraceView {
            clause: "c1".into(),
            steps: vec![("decision".into(), said(), said()), ("snapshot".into(), said(), "aa11".into())],
        }),
    }
}

/// What is read aloud of the page, a line for each piece of text.
fn skeleton(page: &str) -> String {
    let body = &page[page.find("<body>").unwrap()..];
    let mut lines = Vec::new();
    for piece in body.split('<').skip(1) {
        let (tag, words) = piece.split_once('>').unwrap();
        let heading = ["h1", "h2", "h3"].iter().find(|h| tag.starts_with(**h));
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        match heading {
            Some(heading) => lines.push(format!("{heading} {words}")),
            None if !words.is_empty() => lines.push(words),
            None => {}
        }
    }
    lines.join("\n")
}

#[test]
fn the_page_tells_its_story() {
    insta::assert_snapshot!(skeleton(&html(&page("said"))));
}

#[test]
fn hostile_words_change_nothing_but_themselves() {
    let tags = |page: &str| page.matches('<').count();
    let calm = html(&page("said"));
    for hostile in [
        "</title></style><script>alert(1)</script>",
        "\" onload=\"x",
        "</table></details></main>",
        "=1+1",
        "'; DROP TABLE items; --",
        "&lt;b&gt;",
    ] {
        let page = html(&page(hostile));
        assert!(!page.contains("<script"), "{hostile}");
        assert!(!page.contains(" onload=\""), "{hostile}");
        assert_eq!(page.matches("</main>").count(), calm.matches("</main>").count(), "{hostile}");
    }
    for hidden in ['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{1b}', '\0'] {
        let page = html(&page(&format!("a{hidden}b")));
        assert!(!page.contains(hidden), "{hidden:?}");
        assert!(page.contains(&format!("⟨U+{:04X}⟩", hidden as u32)), "{hidden:?}");
    }
    assert_eq!(tags(&html(&page("a\u{202e}"))), tags(&html(&page("ab"))));
}

#[test]
fn what_is_not_there_is_left_out() {
    let sections = |page: &Page| -> Vec<String> {
        let html = html(page);
        html.split("<section id=\"").skip(1).map(|s| s.split('"').next().unwrap().to_owned()).collect()
    };
    assert_eq!(sections(&Page::default()), ["check"]);
    assert_eq!(
        sections(&page("said")),
        ["asked", "agreement", "findings", "proposals", "changes", "trace", "check", "results", "methods"]
    );
    let mut told_apart = page("said");
    let table = &mut told_apart.results[0].report.tables[0];
    table.columns.push(Column { id: "segment".into(), label: "segment".into(), unit: Unit::None, estimate: false });
    for (row, segment) in table.rows.iter_mut().zip(["all", "north", "south"]) {
        row.push(segment.into());
    }
    assert!(sections(&told_apart).starts_with(&["asked".into(), "agreement".into(), "segments".into()]));
    let mut bare = page("said");
    bare.results[0].report = Report::default();
    assert!(!sections(&bare).contains(&"agreement".to_owned()));
}

#[test]
fn only_a_simulated_round_says_so() {
    let mut real = page("said");
    real.simulated = false;
    assert!(html(&page("said")).contains("SIMULATED"));
    assert!(!html(&real).to_lowercase().contains("simulated\""));
    assert!(!html(&real).contains("SIMULATED"));
}

#[test]
fn the_page_loads_and_runs_nothing() {
    let page = html(&page("said"));
    for banned in ["<script", "<link", "<img", "<iframe", "url(", "@import", "src=", "http://", "https://"] {
        let found = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!found.contains(banned), "{banned}");
    }
}

#[test]
fn a_plugin_is_told_by_what_it_declares() {
    let mut page = page("said");
    page.items[0].id = "lend-fines".into();
    page.items[0].prompt = "Who pays?".into();
    page.results.push(quota::result());
    let html = html(&page);
    let result = &html[html.find("<summary><bdi>Quota-weighted shares").unwrap()..];
    let drawn = quota::result().report.charts.len() - 1;
    assert_eq!(result.matches("<figure>").count(), drawn);
    assert_eq!(result.matches("<svg").count(), 2 * drawn);
    assert_eq!(result.matches("The same numbers as a table").count(), drawn - 1, "two pictures share a table");
    let told = [
        "a plugin: component <code title=\"5d0e8f901234a9b0c1d2e3f4051627384950a1b2c3d4e5f60718293a4b5c6d7e\">5d0e8f901234</code>, signed",
        "Effective people (Kish)</dt><dd>331.7</dd>",
        "<b>Mind:</b> The isles have 9 people",
        "There is nothing to draw for “<bdi>Regions that were joined</bdi>”.",
        "The table with these numbers stands under a picture above.",
        "The first 200 of 1,500 rows and 40 of 45 columns;",
        "joined to a neighbour</bdi>: no rows.",
        "Who pays?",
    ];
    for words in told {
        assert!(result.contains(words), "{words:?}");
    }
    let check = &html[html.find("<section id=\"check\"").unwrap()..html.find("<section id=\"results\"").unwrap()];
    assert!(check.contains("Every plugin by hash") && check.contains("quota-sample 0.3.1"), "{check}");
    assert!(check.contains("signed under the key"), "{check}");
    assert!(!html.contains("Who thinks alike"), "its points are no people on a map");
}

#[test]
fn what_no_section_tells_stands_open() {
    let open = |page: &Page| html(page).matches("<details class=\"box\" open>").count();
    let mut page = page("said");
    assert_eq!(open(&page), 0);
    page.results.extend([quota::result(), quota::result(), quota::result()]);
    assert_eq!(open(&page), 3);
    page.results.push(quota::result());
    assert_eq!(open(&page), 0);
}

#[test]
fn a_plugin_that_says_far_too_much_does_not_flood_the_page() {
    let words = "</svg><script>\u{202e}".repeat(5_000);
    let table = |id: String| Table {
        id,
        title: words.clone(),
        columns: (0..500).map(|n| Column::new(&format!("c{n}"), &words[..40], Unit::Share)).collect(),
        rows: vec![vec![words[..80].into(); 500]; 300],
    };
    let chart = |table: &str| Chart {
        id: "c".into(),
        title: words.clone(),
        kind: ChartKind::HeatMap,
        table: table.into(),
        x: "c0".into(),
        y: "c1".into(),
        group: None,
        value: None,
    };
    let mut page = page("said");
    page.results[0].plugin = Some(PluginView { hash: words.clone(), signed_by: String::new() });
    page.results[0].report = Report {
        scalars: vec![
            Scalar { id: "s".into(), label: words.clone(), unit: Unit::None, value: words.as_str().into() };
            100
        ],
        tables: vec![table("t".into()), table("t".into())],
        charts: vec![chart("t"), chart("nowhere")],
        notes: vec![Note::warning("n", words.clone()); 100],
    };
    let html = html(&page);
    assert!(!html.contains("<script") && !html.contains('\u{202e}'));
    assert_eq!(html.matches("</main>").count(), 1);
    assert!(html.contains("The first 60 of 100 notes"));
    assert_eq!(
        html.matches("The first 200 of 300 rows and 40 of 500 columns").count(),
        2,
        "tables of one id are two tables"
    );
    assert!(html.len() < 20_000_000, "{} bytes", html.len());
}
