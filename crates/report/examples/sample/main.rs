//! Writes a page of made-up answers to standard output, to look at:
//! `cargo run -p folkmoot-report --example sample > sample.html`.

mod quota;

use folkmoot_methods::Descriptor;
use folkmoot_methods::registry::Registry;
use folkmoot_methods::report::{Cell, Chart, ChartKind, Column, Note, Report, Scalar, Severity, Table, Unit};
use folkmoot_report::{
    ChangeView, Counts, FindingView, ItemView, MethodView, Page, ProposalView, ResultView, SegmentView, SpanKind,
    TraceView,
};

/// Id, clause, prompt, agreement and half the width of its interval.
const ITEMS: [(&str, &str, &str, f64, f64); 8] = [
    (
        "lend-notice",
        "lending.notice",
        "A borrower returns a book late for the third time. What should the desk do first?",
        0.71,
        0.04,
    ),
    (
        "lend-fines",
        "lending.fines",
        "A family with four children owes 60 in fines. What should happen to the debt?",
        0.34,
        0.05,
    ),
    ("lend-waive", "lending.fines", "Who may waive a fine at the desk, without asking a manager?", 0.47, 0.06),
    (
        "quiet-hours",
        "rooms.quiet",
        "Two groups want the large room at the same hour: a choir and an exam class.",
        0.62,
        0.05,
    ),
    ("quiet-phone", "rooms.quiet", "Someone takes a phone call in the quiet room.", 0.83, 0.03),
    ("data-history", "privacy.history", "How long should the library remember what you have borrowed?", 0.29, 0.04),
    ("data-police", "privacy.history", "The police ask, without a warrant, what one person has read.", 0.77, 0.04),
    (
        "buy-request",
        "collection.requests",
        "Thirty readers ask for a book that the selection committee finds poor.",
        0.52,
        0.05,
    ),
];

const SEGMENTS: [&str; 5] = ["16 to 24", "25 to 44", "45 to 64", "65 and over", "no answer"];

fn main() {
    print!("{}", folkmoot_report::html(&page()));
}

fn page() -> Page {
    Page {
        round_title: "How should our library treat its borrowers?".into(),
        organisation: "Public Library of Sample Town".into(),
        simulated: true,
        spec_title: "Library Charter".into(),
        base_revision: "2026-03".into(),
        new_revision: Some("2026-11".into()),
        snapshot: "9f2c1d7e5b3a48860c4e2f91d0b7a6355c8e1f20394ad6b7e8f9012a3b4c5d6e".into(),
        counts: Counts { participants: 412, responses: 3236, items: 8 },
        results: vec![agreement(), disagreement(), opinion_groups(), pairwise(), quota::result()],
        methods: methods(),
        items: items(),
        findings: findings(),
        proposals: proposals(),
        changes: changes(),
        trace: Some(trace()),
    }
}

/// Those of the results that are built in, as the registry has them.
fn methods() -> Vec<MethodView> {
    let ids = ["agreement", "disagreement", "opinion-groups", "schulze"];
    let registry = Registry::builtin();
    let found = ids.into_iter().filter_map(|id| registry.get(id)).map(|method| method.describe());
    let view = |method: Descriptor| MethodView {
        id: method.id,
        version: method.version,
        title: method.title,
        answers: method.answers,
        assumes: method.assumes,
        avoid_when: method.avoid_when,
        source: method.source,
    };
    found.map(view).collect()
}

fn items() -> Vec<ItemView> {
    ITEMS
        .iter()
        .map(|(id, clause, prompt, ..)| ItemView {
            id: (*id).into(),
            prompt: (*prompt).into(),
            kind: "rank".into(),
            candidates: vec![
                ("A".into(), "Follow the rule as it is written and tell the person why.".into()),
                ("B".into(), "Ask the person about their situation, then decide.".into()),
                ("C".into(), "Leave it to whoever is on duty.".into()),
                ("D".into(), "Pass it to a manager.".into()),
            ],
            clauses: vec![(*clause).into()],
            position: Some("A>B=D>C".into()),
        })
        .collect()
}

fn column(id: &str, label: &str, unit: Unit) -> Column {
    Column { id: id.into(), label: label.into(), unit, estimate: false }
}

fn chart(id: &str, title: &str, kind: ChartKind, table: &str, x: &str, y: &str) -> Chart {
    Chart {
        id: id.into(),
        title: title.into(),
        kind,
        table: table.into(),
        x: x.into(),
        y: y.into(),
        group: None,
        value: None,
    }
}

fn agreement() -> ResultView {
    let table = Table {
        id: "items".into(),
        title: "Agreement with the spec's position".into(),
        columns: vec![
            column("item", "item", Unit::None),
            column("n", "answers", Unit::Count),
            column("n_eff", "effective answers", Unit::Weight),
            column("accord", "accord", Unit::Share),
            column("accord_low", "from", Unit::Share),
            column("accord_high", "to", Unit::Share),
            column("tau", "Kendall's tau-b", Unit::Correlation),
        ],
        rows: ITEMS
            .iter()
            .enumerate()
            .map(|(index, (id, _, _, accord, half))| {
                vec![
                    (*id).into(),
                    Cell::Int(398 + 2 * index as i64),
                    Cell::Float(361.4 + index as f64),
                    Cell::Float(*accord),
                    Cell::Float(accord - half),
                    Cell::Float(accord + half),
                    Cell::Float(2.0 * accord - 1.0),
                ]
            })
            .collect(),
    };
    ResultView {
        name: "analyses/1/results/ab12".into(),
        title: "Agreement with the charter".into(),
        method: "agreement".into(),
        version: "1.0.0".into(),
        plugin: None,
        hash: "ab12c7d95e1f4b0382ac6d7e9f01b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3".into(),
        by: None,
        report: Report {
            scalars: vec![Scalar {
                id: "mean_accord".into(),
                label: "Mean accord over items".into(),
                unit: Unit::Share,
                value: Cell::Float(0.57),
            }],
            charts: vec![
                chart("accord", "Accord by item", ChartKind::Bar, "items", "accord", "item"),
                chart("tau", "Kendall's tau-b by item", ChartKind::DivergingBar, "items", "tau", "item"),
            ],
            tables: vec![table],
            notes: vec![Note {
                severity: Severity::Info,
                code: "simulated".into(),
                text: "The answers are simulated.".into(),
            }],
        },
    }
}

/// Net preference against the spec in a segment: the item's, bent a little; one item splits by age.
fn delta(item: usize, segment: usize) -> Option<f64> {
    let (id, _, _, accord, _) = ITEMS[item];
    if SEGMENTS[segment] == "no answer" {
        return item.is_multiple_of(3).then_some(1.0 - 2.0 * accord);
    }
    let bend =
        if id == "lend-waive" { 0.34 - 0.2 * segment as f64 } else { 0.06 * (((item + 2 * segment) % 4) as f64 - 1.5) };
    Some(1.0 - 2.0 * accord + bend)
}

fn disagreement() -> ResultView {
    let mut rows = Vec::new();
    for (index, item) in ITEMS.iter().enumerate() {
        for (place, segment) in SEGMENTS.iter().enumerate() {
            let delta = delta(index, place);
            rows.push(vec![
                item.0.into(),
                (*segment).into(),
                delta.into(),
                delta.map(|d| d - 0.12).into(),
                delta.map(|d| d + 0.12).into(),
                Cell::Int(if place == 4 { 14 } else { 99 }),
                Cell::Bool(place != 4),
            ]);
        }
    }
    let table = Table {
        id: "segments".into(),
        title: "Public against spec by age".into(),
        columns: vec![
            column("item", "item", Unit::None),
            column("segment", "age", Unit::None),
            column("delta", "net preference against", Unit::Correlation),
            column("low", "from", Unit::Correlation),
            column("high", "to", Unit::Correlation),
            column("n", "answers", Unit::Count),
            column("eligible", "enough people", Unit::None),
        ],
        rows,
    };
    ResultView {
        name: "analyses/2/results/cd34".into(),
        title: "Where public and charter differ".into(),
        method: "disagreement".into(),
        version: "1.0.0".into(),
        plugin: None,
        hash: "cd34e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e".into(),
        by: Some("age".into()),
        report: Report {
            tables: vec![table],
            notes: vec![Note {
                severity: Severity::Warning,
                code: "small_groups_dropped".into(),
                text: "One segment has fewer than 50 effective participants and counts in no class.".into(),
            }],
            ..Report::default()
        },
    }
}

fn opinion_groups() -> ResultView {
    let mut state = 7_u64;
    let mut step = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut rows = Vec::new();
    for (group, centre, size) in [("A", (-1.7, 0.4), 200), ("B", (1.5, -0.2), 200)] {
        for _ in 0..size {
            let x = centre.0 + (0..4).map(|_| step() - 0.5).sum::<f64>() * 1.5;
            let y = centre.1 + (0..4).map(|_| step() - 0.5).sum::<f64>() * 1.9;
            rows.push(vec![Cell::Int(rows.len() as i64), x.into(), y.into(), group.into()]);
        }
    }
    let mut map = chart("map", "Opinion map", ChartKind::Scatter, "map", "x", "y");
    map.group = Some("group".into());
    ResultView {
        name: "analyses/3/results/ef56".into(),
        title: "Opinion groups".into(),
        method: "opinion-groups".into(),
        version: "1.0.0".into(),
        plugin: None,
        hash: "ef5678a9b0c1d2e3f4051627384950a1b2c3d4e5f60718293a4b5c6d7e8f9012".into(),
        by: None,
        report: Report {
            tables: vec![Table {
                id: "map".into(),
                title: "Participants on the map".into(),
                columns: vec![
                    column("participant", "participant", Unit::Count),
                    column("x", "first direction", Unit::Score),
                    column("y", "second direction", Unit::Score),
                    column("group", "group", Unit::None),
                ],
                rows,
            }],
            charts: vec![map],
            ..Report::default()
        },
    }
}

fn pairwise() -> ResultView {
    let mut rows = Vec::new();
    for (item, lean) in [("lend-fines", 0.1), ("quiet-hours", -0.05)] {
        for (a, candidate) in ["A", "B", "C", "D"].into_iter().enumerate() {
            for (b, over) in ["A", "B", "C", "D"].into_iter().enumerate() {
                let share = (a != b).then_some(0.5 + (b as f64 - a as f64) * lean);
                rows.push(vec![item.into(), candidate.into(), over.into(), share.into()]);
            }
        }
    }
    let mut pairs = chart("pairs", "Support of row over column", ChartKind::HeatMap, "pairs", "over", "candidate");
    pairs.group = Some("item".into());
    pairs.value = Some("share".into());
    ResultView {
        title: "Every pair of candidates".into(),
        method: "pairwise".into(),
        version: "1.0.0".into(),
        plugin: None,
        hash: "0178a9b0c1d2e3f4051627384950a1b2c3d4e5f60718293a4b5c6d7e8f901234".into(),
        report: Report {
            tables: vec![Table {
                id: "pairs".into(),
                title: "Every pair of candidates".into(),
                columns: vec![
                    column("item", "item", Unit::None),
                    column("candidate", "candidate", Unit::None),
                    column("over", "over", Unit::None),
                    column("share", "share in support", Unit::Share),
                ],
                rows,
            }],
            charts: vec![pairs],
            ..Report::default()
        },
        ..ResultView::default()
    }
}

fn findings() -> Vec<FindingView> {
    let said = [
        (
            1,
            "majority_against",
            "66 % of preferences go against the charter on forgiving fines (61 to 71 %, p = 0.002 after correction).",
        ),
        (
            2,
            "polarised",
            "Readers under 45 want any member of staff to waive fines; readers over 45 want a manager to.",
        ),
        (
            5,
            "consensus_against",
            "71 % of preferences go against keeping the loan history for a year (67 to 75 %, p < 0.001 after correction).",
        ),
        (
            4,
            "agrees",
            "83 % of preferences go the same way as the charter on phone calls in the quiet room (80 to 86 %).",
        ),
    ];
    said.into_iter()
        .map(|(item, class, summary)| FindingView {
            item: ITEMS[item].0.into(),
            class: class.into(),
            summary: summary.into(),
            clauses: vec![ITEMS[item].1.into()],
            segments: SEGMENTS
                .iter()
                .enumerate()
                .map(|(place, name)| {
                    let delta = delta(item, place);
                    SegmentView {
                        segment: (*name).into(),
                        delta,
                        low: delta.map(|d| d - 0.12),
                        high: delta.map(|d| d + 0.12),
                        eligible: place != 4,
                    }
                })
                .collect(),
        })
        .collect()
}

fn proposals() -> Vec<ProposalView> {
    vec![
        ProposalView {
            id: "p1".into(),
            title: "Forget what people borrow once it is back".into(),
            kind: "change_of_principle".into(),
            clauses: vec!["privacy.history".into()],
            rationale: "In every age group people rank the shortest memory first, and their reasons name trust, not convenience.".into(),
            outcome: Some("adopted".into()),
            reason: "The charter promises that reading is private. A year of history serves the library more than its readers.".into(),
            deciders: vec!["R. Vale (chair)".into(), "M. Osei".into(), "T. Lindqvist".into()],
            dissent: vec!["T. Lindqvist: without a month of history we cannot tell who damaged a book.".into()],
        },
        ProposalView {
            id: "p2".into(),
            title: "Let the desk forgive fines up to 20".into(),
            kind: "clarification".into(),
            clauses: vec!["lending.fines".into()],
            rationale: "A majority wants fines forgiven more freely, and the present wording leaves open who may do it.".into(),
            outcome: Some("deferred".into()),
            reason: "Age groups differ clearly on who should decide. A second round will ask about limits.".into(),
            deciders: vec!["R. Vale (chair)".into(), "M. Osei".into()],
            dissent: vec![],
        },
    ]
}

fn changes() -> Vec<ChangeView> {
    let span = |kind, words: &str| (kind, words.to_owned());
    vec![
        ChangeView {
            anchor: "privacy.history".into(),
            title: "What we remember of your loans".into(),
            kinds: vec!["changed".into(), "authority_changed".into()],
            authority_before: Some("guideline".into()),
            authority_after: Some("rule".into()),
            spans: vec![
                span(
                    SpanKind::Same,
                    "A library knows more about its readers than they would tell a friend, and it holds that knowledge in trust. \
                     We collect what lending needs and nothing else; we never sell it, and we show it to nobody who does not bring \
                     a warrant. Readers may ask at any desk what is stored about them, and they get the whole answer, in plain \
                     words, on paper if they like. This clause says how long we keep it. ",
                ),
                span(
                    SpanKind::Removed,
                    "We keep a list of your past loans for one year, so that we can help you find a book again.",
                ),
                span(
                    SpanKind::Added,
                    "We forget each loan once the book is back and has been looked over, within seven days. Readers who want a list \
                     of their past loans can switch it on for themselves, and off again.",
                ),
                span(SpanKind::Same, " Loans that are not back stay on record until they are. "),
                span(SpanKind::Removed, "Statistics may be kept."),
                span(SpanKind::Added, "Statistics are kept by title and month, never by reader."),
            ],
        },
        ChangeView {
            anchor: "privacy.switch".into(),
            title: "Switching the loan list on".into(),
            kinds: vec!["added".into()],
            authority_before: None,
            authority_after: Some("guideline".into()),
            spans: vec![span(
                SpanKind::Added,
                "The switch is off for everyone at first. Staff never ask readers to turn it on.",
            )],
        },
    ]
}

fn trace() -> TraceView {
    let step = |kind: &str, said: &str, reference: &str| (kind.to_owned(), said.to_owned(), reference.to_owned());
    TraceView {
        clause: "privacy.history".into(),
        steps: vec![
            step(
                "revision",
                "Revision 2026-11 of the Library Charter brought these words.",
                "specs/charter/revisions/2026-11",
            ),
            step("decision", "Adopted by three deciders, one dissent kept.", "specs/charter/decisions/d1"),
            step(
                "proposal",
                "Forget what people borrow once it is back (change of principle).",
                "specs/charter/proposals/p1",
            ),
            step(
                "finding",
                "Consensus against the old words: 71 % of preferences, in every age group.",
                "specs/charter/findings/f3",
            ),
            step(
                "result",
                "Public against spec, with intervals and correction for many comparisons.",
                "cd34e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e",
            ),
            step(
                "snapshot",
                "3,236 simulated answers of 412 simulated participants, sealed.",
                "9f2c1d7e5b3a48860c4e2f91d0b7a6355c8e1f20394ad6b7e8f9012a3b4c5d6e",
            ),
        ],
    }
}
