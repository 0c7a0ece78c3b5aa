//! A made-up report of a plugin that nothing here knows: quota-weighted sampling by region. It declares
//! every kind of chart, a table without one, an empty table, one of very many rows, and a chart of nothing.

use folkmoot_methods::report::{Cell, Chart, ChartKind, Column, Note, Report, Scalar, Table, Unit};
use folkmoot_report::{PluginView, ResultView};

/// Region, its share of the population, its people in the round.
const REGIONS: [(&str, f64, i64); 5] =
    [("North", 0.31, 102), ("South", 0.24, 118), ("West", 0.22, 96), ("East", 0.18, 87), ("The isles", 0.05, 9)];

const ITEMS: [(&str, [f64; 4]); 3] = [
    ("lend-fines", [0.19, 0.47, 0.08, 0.26]),
    ("lend-waive", [0.33, 0.29, 0.31, 0.07]),
    ("data-history", [0.12, 0.66, 0.04, 0.18]),
];

const OPTIONS: [&str; 4] = ["A", "B", "C", "D"];

const PEOPLE: f64 = 412.0;

/// The result as a page shows it.
pub(crate) fn result() -> ResultView {
    ResultView {
        name: "results/77c0a9b0c1d2e3f4051627384950a1b2c3d4e5f60718293a4b5c6d7e8f901234.json".into(),
        title: "Quota-weighted shares".into(),
        method: "quota-sample".into(),
        version: "0.3.1".into(),
        plugin: Some(PluginView {
            hash: "5d0e8f901234a9b0c1d2e3f4051627384950a1b2c3d4e5f60718293a4b5c6d7e".into(),
            signed_by: "b7a3c12e9f0d4e5f60718293a4b5c6d7e8f9012345d0e8f901234a9b0c1d2e3f".into(),
        }),
        hash: "77c0a9b0c1d2e3f4051627384950a1b2c3d4e5f60718293a4b5c6d7e8f901234".into(),
        by: Some("region".into()),
        report: report(),
    }
}

fn report() -> Report {
    let scalar = |id: &str, label: &str, unit, value: Cell| Scalar { id: id.into(), label: label.into(), unit, value };
    let mut by_region =
        chart("by_region", "First places by region", ChartKind::HeatMap, "regional", "region", "option");
    by_region.group = Some("item".into());
    by_region.value = Some("weighted".into());
    let mut spread = chart(
        "spread",
        "Weight of each person against their region’s share",
        ChartKind::Scatter,
        "people",
        "share",
        "weight",
    );
    spread.group = Some("region".into());
    Report {
        scalars: vec![
            scalar("n", "People", Unit::Count, Cell::Int(412)),
            scalar("n_eff", "Effective people (Kish)", Unit::Weight, Cell::Float(331.7)),
            scalar("design_effect", "Design effect of the weights", Unit::Score, Cell::Float(1.242)),
            scalar(
                "trimmed",
                "Share of people whose weight was trimmed to the stated ratio",
                Unit::Share,
                Cell::Float(0.0218),
            ),
        ],
        tables: vec![coverage(), difference(), weights(), items(), regional(), people(), draws(), collapsed()],
        charts: vec![
            grouped(
                chart(
                    "coverage",
                    "Share of each region: wanted and reached",
                    ChartKind::Bar,
                    "coverage",
                    "share",
                    "which",
                ),
                "region",
            ),
            chart("difference", "Reached less wanted", ChartKind::DivergingBar, "difference", "difference", "region"),
            chart("weights", "How weights spread", ChartKind::Bar, "weights", "weight", "quantile"),
            grouped(
                chart("weighted", "First places, weighted", ChartKind::DotInterval, "items", "weighted", "option"),
                "item",
            ),
            grouped(
                chart("unweighted", "First places, without weights", ChartKind::Bar, "items", "unweighted", "option"),
                "item",
            ),
            by_region,
            spread,
            chart("collapsed", "Regions that were joined", ChartKind::Bar, "collapsed", "people", "region"),
        ],
        notes: vec![
            Note::warning(
                "short",
                "The isles have 9 people where the quota asks for 21; their weights are trimmed at 5.",
            ),
            Note::info("rounding", "Quotas are whole people by largest remainders."),
        ],
    }
}

fn chart(id: &str, title: &str, kind: ChartKind, table: &str, x: &str, y: &str) -> Chart {
    let (id, title, table, x, y) = (id.into(), title.into(), table.into(), x.into(), y.into());
    Chart { id, title, kind, table, x, y, group: None, value: None }
}

fn grouped(chart: Chart, group: &str) -> Chart {
    Chart { group: Some(group.into()), ..chart }
}

fn table(id: &str, title: &str, columns: Vec<Column>, rows: Vec<Vec<Cell>>) -> Table {
    Table { id: id.into(), title: title.into(), columns, rows }
}

fn coverage() -> Table {
    let row = |region: &str, which: &str, share: f64| vec![region.into(), which.into(), share.into()];
    let rows = REGIONS.iter().flat_map(|(region, target, people)| {
        [row(region, "wanted", *target), row(region, "reached", *people as f64 / PEOPLE)]
    });
    let columns = vec![
        Column::new("region", "Region", Unit::None),
        Column::new("which", "Which", Unit::None),
        Column::new("share", "Share of people", Unit::Share),
    ];
    table("coverage", "Wanted and reached", columns, rows.collect())
}

fn difference() -> Table {
    let row = |(region, target, people): &(&str, f64, i64)| {
        let quota = (target * PEOPLE).round();
        let reached = *people as f64 / PEOPLE;
        vec![
            (*region).into(),
            Cell::Int(quota as i64),
            (*people).into(),
            (reached - target).into(),
            (*people as f64 >= quota).into(),
        ]
    };
    let columns = vec![
        Column::new("region", "Region", Unit::None),
        Column::new("quota", "Quota", Unit::Count),
        Column::new("people", "People", Unit::Count),
        Column::new("difference", "Reached less wanted", Unit::Share),
        Column::new("met", "Quota met", Unit::None),
    ];
    table("difference", "Quotas", columns, REGIONS.iter().map(row).collect())
}

fn weights() -> Table {
    let quantiles =
        [("least", 0.71), ("lower quarter", 0.86), ("middle", 0.94), ("upper quarter", 1.25), ("most", 5.0)];
    let columns =
        vec![Column::new("quantile", "Of all weights", Unit::None), Column::new("weight", "Weight", Unit::Weight)];
    let row = |(name, weight): (&str, f64)| vec![name.into(), weight.into()];
    table("weights", "Weights", columns, quantiles.into_iter().map(row).collect())
}

fn items() -> Table {
    let mut rows = Vec::new();
    for (item, shares) in ITEMS {
        for (place, (option, share)) in OPTIONS.into_iter().zip(shares).enumerate() {
            let half = 0.03 + 0.01 * place as f64;
            rows.push(vec![
                item.into(),
                option.into(),
                share.into(),
                (share - half).into(),
                (share + half).into(),
                (share + 0.02 - 0.015 * place as f64).into(),
                Cell::Int(398),
            ]);
        }
    }
    let columns = vec![
        Column::new("item", "Item", Unit::None),
        Column::new("option", "Option", Unit::None),
        Column::estimate("weighted", "Weighted", Unit::Share),
        Column::new("weighted_low", "from", Unit::Share),
        Column::new("weighted_high", "to", Unit::Share),
        Column::new("unweighted", "Without weights", Unit::Share),
        Column::new("n", "Answers", Unit::Count),
    ];
    table("items", "First places", columns, rows)
}

fn regional() -> Table {
    let mut rows = Vec::new();
    for (item, shares) in ITEMS {
        for (option, share) in OPTIONS.into_iter().zip(shares) {
            for (place, (region, _, people)) in REGIONS.into_iter().enumerate() {
                let share = (people > 20).then_some(share + 0.03 * (place as f64 - 1.5) * (share - 0.25));
                rows.push(vec![item.into(), option.into(), region.into(), share.into()]);
            }
        }
    }
    let columns = vec![
        Column::new("item", "Item", Unit::None),
        Column::new("option", "Option", Unit::None),
        Column::new("region", "Region", Unit::None),
        Column::new("weighted", "Weighted", Unit::Share),
    ];
    table("regional", "First places by region", columns, rows)
}

fn people() -> Table {
    let mut rows = Vec::new();
    for (region, target, people) in REGIONS {
        for n in 0..people {
            let bend = 1.0 + 0.3 * (n as f64 / people as f64 - 0.5);
            let weight = (target * PEOPLE / people as f64 * bend).min(5.0);
            rows.push(vec![region.into(), (people as f64 / PEOPLE * bend).into(), weight.into()]);
        }
    }
    let columns = vec![
        Column::new("region", "Region", Unit::None),
        Column::new("share", "Share of people in the region", Unit::Share),
        Column::new("weight", "Weight", Unit::Weight),
    ];
    table("people", "Everybody’s weight", columns, rows)
}

/// A table that no chart draws, of more rows and columns than a page holds.
fn draws() -> Table {
    let columns = (0..45).map(|n| Column::new(&format!("draw_{n}"), &format!("Draw {n}"), Unit::Count));
    let row = |row: i64| (0..45).map(|n| Cell::Int((row * 7919 + n * 104_729) % 412)).collect();
    table("draws", "Order of the seeded draws", columns.collect(), (0..1500).map(row).collect())
}

fn collapsed() -> Table {
    let columns = vec![Column::new("region", "Region", Unit::None), Column::new("people", "People", Unit::Count)];
    table("collapsed", "Regions that were joined to a neighbour", columns, Vec::new())
}
