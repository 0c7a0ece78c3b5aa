//! The tables of the report.

use crate::ballot::sides;
use crate::preference::disagreement::class::Verdict;
use crate::preference::disagreement::design::Design;
use crate::preference::disagreement::part::Pair;
use crate::preference::disagreement::shown::Segment;
use crate::report::{Cell, Column, Table, Unit};

fn pair_text(design: &Design, item: usize, pair: Pair) -> String {
    let ids = sides(&design.items[item]);
    format!("{}>{}", ids[pair.against], ids[pair.preferred])
}

fn pair_column() -> Column {
    Column::new("pair", "Preference tested, against the position", Unit::None)
}

pub(super) fn items(design: &Design, verdicts: &[Verdict]) -> Table {
    let row = |verdict: &Verdict| {
        let shown = &verdict.shown;
        let (low, high) = shown.estimate.interval(design.rule.level);
        vec![
            design.items[verdict.item].id.as_str().into(),
            verdict.class.name().into(),
            pair_text(design, verdict.item, shown.pair).into(),
            shown.estimate.delta.into(),
            low.into(),
            high.into(),
            verdict.p.into(),
            (shown.sample.total.rows as i64).into(),
            shown.sample.total.effective().into(),
            (shown.estimate.freedom as i64 + 1).into(),
            shown.survives.into(),
            shown.second_agrees.into(),
        ]
    };
    Table {
        id: "items".into(),
        title: "Public and spec by item".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("class", "Class", Unit::None),
            pair_column(),
            Column::estimate("delta", "Net preference against the position", Unit::Correlation),
            Column::new("delta_low", "Lower end", Unit::Correlation),
            Column::new("delta_high", "Upper end", Unit::Correlation),
            Column::new("p", "p, adjusted", Unit::PValue),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
            Column::new("clusters", "Clusters", Unit::Count),
            Column::new("survives", "Stays with any segment left out", Unit::None),
            Column::new("second", "Borda says the same", Unit::None),
        ],
        rows: verdicts.iter().map(row).collect(),
    }
}

pub(super) fn segments(design: &Design, verdicts: &[Verdict]) -> Table {
    let mut rows = Vec::new();
    for verdict in verdicts {
        let pair = pair_text(design, verdict.item, verdict.shown.pair);
        for (label, segment) in design.segments.iter().zip(&verdict.shown.segments) {
            let names = [design.items[verdict.item].id.as_str(), label, &pair];
            let mut row: Vec<Cell> = names.map(Cell::from).into();
            row.extend(segment_figures(segment));
            rows.push(row);
        }
    }
    Table {
        id: "segments".into(),
        title: "Public and spec by segment".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("segment", "Segment", Unit::None),
            pair_column(),
            Column::estimate("delta", "Net preference against the position", Unit::Correlation),
            Column::new("delta_low", "Lower end", Unit::Correlation),
            Column::new("delta_high", "Upper end", Unit::Correlation),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
            Column::new("eligible", "Enough people", Unit::None),
            Column::new("direction", "Direction", Unit::None),
            Column::new("clusters", "Clusters", Unit::Count),
            Column::estimate("pooled", "Net preference, partially pooled", Unit::Correlation),
            Column::new("pooled_low", "Lower end", Unit::Correlation),
            Column::new("pooled_high", "Upper end", Unit::Correlation),
        ],
        rows,
    }
}

fn segment_figures(segment: &Segment) -> [Cell; 11] {
    let known = segment.estimate.as_ref();
    let pooled = segment.pooled;
    [
        known.map(|estimate| estimate.delta).into(),
        known.map(|_| segment.low).into(),
        known.map(|_| segment.high).into(),
        (segment.sample.total.rows as i64).into(),
        segment.sample.total.effective().into(),
        segment.eligible.into(),
        segment.direction().into(),
        known.map(|estimate| estimate.freedom as i64 + 1).into(),
        pooled.map(|(estimate, ..)| estimate).into(),
        pooled.map(|(_, low, _)| low).into(),
        pooled.map(|(.., high)| high).into(),
    ]
}

/// Whether segments differ, for each item with two of them at least.
pub(super) fn heterogeneity(design: &Design, verdicts: &[Verdict]) -> Table {
    let row = |verdict: &Verdict| {
        let apart = verdict.apart.as_ref()?;
        let together = &apart.together;
        let (mean, low, high) = together.mean().interval(design.rule.level);
        Some(vec![
            design.items[verdict.item].id.as_str().into(),
            pair_text(design, verdict.item, apart.pair).into(),
            (together.parts as i64).into(),
            together.q.into(),
            apart.p.into(),
            (apart.p <= design.rule.q).into(),
            together.i_squared.into(),
            libm::sqrt(together.between).into(),
            mean.into(),
            low.into(),
            high.into(),
        ])
    };
    Table {
        id: "heterogeneity".into(),
        title: "Whether segments differ".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            pair_column(),
            Column::new("segments", "Segments with enough people", Unit::Count),
            Column::new("q", "Cochran's Q", Unit::Score),
            Column::new("p", "p, adjusted", Unit::PValue),
            Column::new("differ", "Segments differ", Unit::None),
            Column::new("i_squared", "I², share of Q beyond chance", Unit::Share),
            Column::new("between", "Standard deviation between segments", Unit::Score),
            Column::estimate("mean", "Mean of segments", Unit::Correlation),
            Column::new("mean_low", "Lower end", Unit::Correlation),
            Column::new("mean_high", "Upper end", Unit::Correlation),
        ],
        rows: verdicts.iter().filter_map(row).collect(),
    }
}
