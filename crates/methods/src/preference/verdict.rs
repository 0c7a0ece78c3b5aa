//! From exact sums to the classes of `disagreement`.

use crate::ballot::{note_unanswered, sides};
use crate::contract::MethodError;
use crate::preference::agreement::note_no_position;
use crate::preference::disagreement::{Fold, Rule};
use crate::preference::sample::{Estimate, Sample};
use crate::report::{Cell, Chart, ChartKind, Column, Note, Report, Table, Unit};
use crate::stats::{benjamini_hochberg, holm};

/// A strict preference of the position: `preferred` stands above `against`.
#[derive(Clone, Copy)]
struct Pair {
    preferred: usize,
    against: usize,
}

/// What one item shows before items are compared with each other.
struct Evidence {
    item: usize,
    /// What is shown: the pair with the strongest evidence against the position, or of a polarised item
    /// the pair on which the segments are most clearly apart.
    shown: Shown,
    /// The pair on which the segments are most clearly apart.
    apart: Pair,
    /// Holm's p of the pair with the strongest evidence: that the public prefers the other by more than the margin.
    p_against: f64,
    /// Largest p over the pairs: that the public is not against the position by the margin.
    p_agrees: f64,
    /// Smallest p over pairs that two segments point in opposite directions.
    p_polarised: f64,
    /// Whether the whole has enough people.
    enough: bool,
}

/// One pair of an item.
struct Shown {
    pair: Pair,
    sample: Sample,
    estimate: Estimate,
    /// Whether the finding stays when any one segment is left out.
    survives: bool,
    /// Whether a segment is so large that too few people remain without it to say whether it stays.
    rest_too_small: bool,
    /// Whether the Borda order too puts the other candidate above the position's.
    second_agrees: bool,
    segments: Vec<Segment>,
}

/// One segment's view of the pair shown.
struct Segment {
    sample: Sample,
    estimate: Option<Estimate>,
    low: f64,
    high: f64,
    eligible: bool,
}

pub(super) fn report(fold: &Fold, sums: &[i128]) -> Result<Report, MethodError> {
    let compared: Vec<_> = (0..fold.items.len()).filter(|&item| fold.positions[item].is_some()).collect();
    let mut found: Vec<_> = compared.iter().filter_map(|&item| evidence(fold, sums, item)).collect();
    let mut report = Report::default();
    let unanswered = compared.iter().filter(|&&item| found.iter().all(|evidence| evidence.item != item));
    note_unanswered(&mut report, compared.len(), unanswered.map(|&item| fold.items[item].id.as_str()))?;
    note_no_position(&mut report, &fold.items, &fold.positions);

    let adjusted = |p: fn(&Evidence) -> f64| benjamini_hochberg(&found.iter().map(p).collect::<Vec<_>>());
    let against = adjusted(|evidence| evidence.p_against);
    let agrees = adjusted(|evidence| evidence.p_agrees);
    let polarised = adjusted(|evidence| evidence.p_polarised);
    let classes: Vec<_> =
        (0..found.len()).map(|at| class(&found[at], &fold.rule, against[at], agrees[at], polarised[at])).collect();
    let mut p_shown = against;
    for (at, evidence) in found.iter_mut().enumerate().filter(|(at, _)| classes[*at] == POLARISED) {
        let apart = evidence.apart;
        let Some(estimate) = pair_sample(fold, sums, evidence.item, 0, apart).estimate() else { continue };
        evidence.shown = shown(fold, sums, evidence.item, apart, estimate);
        p_shown[at] = polarised[at];
    }
    report.tables.push(items_table(fold, &found, &classes, &p_shown));
    report.tables.push(segments_table(fold, &found));
    report.charts.push(chart("items", "Net preference against the position", "item", Some("class")));
    report.charts.push(chart("segments", "Net preference against the position by segment", "segment", Some("item")));
    add_notes(fold, &found, &mut report);
    Ok(report)
}

fn evidence(fold: &Fold, sums: &[i128], item: usize) -> Option<Evidence> {
    let rule = &fold.rule;
    let position = fold.positions[item].as_ref()?;
    let places = (0..position.len()).flat_map(|a| (0..position.len()).map(move |b| (a, b)));
    let strict = places.filter(|&(a, b)| position[a] < position[b] && position[b] != u8::MAX);
    let tested: Vec<(Pair, Estimate)> = strict
        .map(|(preferred, against)| Pair { preferred, against })
        .filter_map(|pair| Some((pair, pair_sample(fold, sums, item, 0, pair).estimate()?)))
        .collect();
    let p: Vec<_> = tested.iter().map(|(_, estimate)| estimate.p_above(rule.margin)).collect();
    let corrected = holm(&p);
    // The smallest p first; where p says nothing, the largest net preference; then the first pair.
    let stronger = |a: &usize, b: &usize| {
        p[*a].total_cmp(&p[*b]).then(tested[*b].1.delta.total_cmp(&tested[*a].1.delta)).then(a.cmp(b))
    };
    let at = (0..tested.len()).min_by(stronger)?;
    let (worst, estimate) = tested[at];
    let shown = shown(fold, sums, item, worst, estimate);
    let pairs: Vec<_> = tested.iter().map(|(pair, _)| *pair).collect();
    let (p_polarised, apart) = polarised(fold, sums, item, &pairs)?;
    Some(Evidence {
        item,
        apart,
        p_against: corrected[at],
        p_agrees: tested.iter().map(|(_, estimate)| estimate.p_below(rule.margin)).fold(0.0, f64::max),
        p_polarised,
        enough: shown.sample.effective() >= rule.min_effective,
        shown,
    })
}

/// The answers of a group to a pair; group 0 is everybody.
fn pair_sample(fold: &Fold, sums: &[i128], item: usize, group: usize, pair: Pair) -> Sample {
    fold.sample(sums, item, group, pair.preferred, pair.against)
}

fn shown(fold: &Fold, sums: &[i128], item: usize, pair: Pair, estimate: Estimate) -> Shown {
    let rule = &fold.rule;
    let sample = pair_sample(fold, sums, item, 0, pair);
    let of_group = |group| segment(pair_sample(fold, sums, item, group, pair), rule);
    let segments: Vec<_> = (1..=fold.segments.len()).map(of_group).collect();
    let eligible = segments.iter().filter(|segment| segment.eligible);
    let rests: Vec<_> = eligible.map(|segment| sample - segment.sample).collect();
    let too_small = |rest: &Sample| rest.effective() < rule.min_effective;
    let stays = |rest: &Sample| {
        !too_small(rest) && rest.estimate().is_some_and(|estimate| estimate.p_above(rule.margin) <= rule.q)
    };
    Shown {
        pair,
        sample,
        estimate,
        survives: rests.iter().all(stays),
        rest_too_small: rests.iter().any(too_small),
        second_agrees: borda_points(fold, sums, item, pair.against) > borda_points(fold, sums, item, pair.preferred),
        segments,
    }
}

fn segment(sample: Sample, rule: &Rule) -> Segment {
    let estimate = sample.estimate();
    let (low, high) = estimate.map_or((-1.0, 1.0), |estimate| estimate.interval(rule.level));
    Segment { sample, estimate, low, high, eligible: sample.effective() >= rule.min_effective }
}

/// The smallest p over pairs of the weaker of two opposite findings in eligible segments, Holm's over
/// all segments, pairs and directions of the item; and its pair, the first among equals.
fn polarised(fold: &Fold, sums: &[i128], item: usize, pairs: &[Pair]) -> Option<(f64, Pair)> {
    let mut p = Vec::new();
    for &pair in pairs {
        for group in 1..=fold.segments.len() {
            let sample = pair_sample(fold, sums, item, group, pair);
            let estimate = sample.estimate().filter(|_| sample.effective() >= fold.rule.min_effective);
            p.push(estimate.map_or(1.0, |estimate| estimate.p_above(0.0)));
            p.push(estimate.map_or(1.0, |estimate| estimate.p_below(0.0)));
        }
    }
    let corrected = holm(&p);
    let smallest = |ps: &[f64], side: usize| ps.iter().skip(side).step_by(2).copied().fold(1.0, f64::min);
    let each = 2 * fold.segments.len();
    let of_pair = |place: usize| {
        let ps = &corrected[place * each..][..each];
        smallest(ps, 0).max(smallest(ps, 1))
    };
    let weaker = pairs.iter().enumerate().map(|(place, &pair)| (of_pair(place), pair));
    weaker.min_by(|a, b| a.0.total_cmp(&b.0))
}

/// The candidate's mean net preference over all others: the symmetric Borda score, the second
/// aggregator that a finding must not contradict.
fn borda_points(fold: &Fold, sums: &[i128], item: usize, candidate: usize) -> f64 {
    let width = fold.positions[item].as_ref().map_or(0, Vec::len);
    let others = (0..width).filter(|&other| other != candidate);
    let (won, compared) = others.fold((0, 0), |(won, compared), other| {
        let sample = fold.sample(sums, item, 0, other, candidate);
        (won + sample.first, compared + sample.weight)
    });
    if compared == 0 { 0.0 } else { won as f64 / compared as f64 }
}

const POLARISED: &str = "polarised";

fn class(evidence: &Evidence, rule: &Rule, p_against: f64, p_agrees: f64, p_polarised: f64) -> &'static str {
    if !evidence.enough {
        return "insufficient";
    }
    if p_polarised <= rule.q {
        return POLARISED;
    }
    if p_against <= rule.q && evidence.shown.survives && evidence.shown.second_agrees {
        let mut eligible = evidence.shown.segments.iter().filter(|segment| segment.eligible).peekable();
        let everywhere = eligible.peek().is_some() && eligible.all(|segment| segment.low > 0.0);
        return if everywhere { "consensus_against" } else { "majority_against" };
    }
    if p_agrees <= rule.q { "agrees" } else { "insufficient" }
}

fn pair_text(fold: &Fold, evidence: &Evidence) -> String {
    let ids = sides(&fold.items[evidence.item]);
    format!("{}>{}", ids[evidence.shown.pair.against], ids[evidence.shown.pair.preferred])
}

fn items_table(fold: &Fold, found: &[Evidence], classes: &[&str], p_adjusted: &[f64]) -> Table {
    let row = |(at, evidence): (usize, &Evidence)| {
        let (low, high) = evidence.shown.estimate.interval(fold.rule.level);
        vec![
            fold.items[evidence.item].id.as_str().into(),
            classes[at].into(),
            pair_text(fold, evidence).into(),
            evidence.shown.estimate.delta.into(),
            low.into(),
            high.into(),
            p_adjusted[at].into(),
            (evidence.shown.sample.rows as i64).into(),
            evidence.shown.sample.effective().into(),
            evidence.shown.survives.into(),
            evidence.shown.second_agrees.into(),
        ]
    };
    Table {
        id: "items".into(),
        title: "Public and spec by item".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("class", "Class", Unit::None),
            Column::new("pair", "Preference tested, against the position", Unit::None),
            Column::estimate("delta", "Net preference against the position", Unit::Correlation),
            Column::new("delta_low", "Lower end", Unit::Correlation),
            Column::new("delta_high", "Upper end", Unit::Correlation),
            Column::new("p", "p, adjusted", Unit::PValue),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
            Column::new("survives", "Stays with any segment left out", Unit::None),
            Column::new("second", "Borda says the same", Unit::None),
        ],
        rows: found.iter().enumerate().map(row).collect(),
    }
}

fn segments_table(fold: &Fold, found: &[Evidence]) -> Table {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for evidence in found {
        for (label, segment) in fold.segments.iter().zip(&evidence.shown.segments) {
            let known = segment.estimate.is_some();
            let direction = match (segment.eligible, segment.low > 0.0, segment.high < 0.0) {
                (true, true, _) => "against",
                (true, _, true) => "for",
                _ => "unclear",
            };
            rows.push(vec![
                fold.items[evidence.item].id.as_str().into(),
                label.as_str().into(),
                pair_text(fold, evidence).into(),
                segment.estimate.map(|estimate| estimate.delta).into(),
                known.then_some(segment.low).into(),
                known.then_some(segment.high).into(),
                (segment.sample.rows as i64).into(),
                segment.sample.effective().into(),
                segment.eligible.into(),
                direction.into(),
            ]);
        }
    }
    Table {
        id: "segments".into(),
        title: "Public and spec by segment".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("segment", "Segment", Unit::None),
            Column::new("pair", "Preference tested, against the position", Unit::None),
            Column::estimate("delta", "Net preference against the position", Unit::Correlation),
            Column::new("delta_low", "Lower end", Unit::Correlation),
            Column::new("delta_high", "Upper end", Unit::Correlation),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
            Column::new("eligible", "Enough people", Unit::None),
            Column::new("direction", "Direction", Unit::None),
        ],
        rows,
    }
}

fn chart(table: &str, title: &str, y: &str, group: Option<&str>) -> Chart {
    Chart {
        id: table.to_owned(),
        title: title.to_owned(),
        kind: ChartKind::DotInterval,
        table: table.to_owned(),
        x: "delta".into(),
        y: y.to_owned(),
        group: group.map(str::to_owned),
        value: None,
    }
}

fn add_notes(fold: &Fold, found: &[Evidence], report: &mut Report) {
    let rule = &fold.rule;
    report.notes.push(Note::info(
        "rule",
        format!(
            "a finding needs a net preference above {} with adjusted p at most {}, the same with any one segment left \
             out, and the same direction by Borda; agrees means that every preference against the position is shown \
             to be below {}; insufficient means that nothing was shown, not that there is nothing",
            rule.margin, rule.q, rule.margin
        ),
    ));
    if fold.segments.is_empty() {
        let words = "no segments were chosen, so that consensus and polarisation cannot be told";
        report.notes.push(Note::warning("no_segments", words));
    }
    let alone = found.iter().filter(|evidence| evidence.shown.rest_too_small).count();
    if alone > 0 {
        let words = format!(
            "{alone} items have a segment without which fewer than {} effective answers remain; no finding of theirs \
             stays with that segment left out",
            rule.min_effective
        );
        report.notes.push(Note::info("rest_too_small", words));
    }
    let small = found.iter().filter(|evidence| evidence.shown.estimate.freedom < 39.0).count();
    if small > 0 {
        let words = format!("{small} items have fewer than 40 participants; their tests are approximate");
        report.notes.push(Note::warning("few_clusters", words));
    }
}
