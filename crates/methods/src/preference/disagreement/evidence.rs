//! What one item shows before items are compared with each other.

use crate::preference::disagreement::cells::Cells;
use crate::preference::disagreement::estimate::{Estimate, Sample};
use crate::preference::disagreement::part::{Pair, Part};
use crate::preference::disagreement::shown::Shown;
use crate::stats::holm;

/// The p-values of an item, each none where too few people answered to test it.
pub(super) struct Evidence {
    pub(super) item: usize,
    /// The pair with the strongest evidence against the position.
    pub(super) shown: Shown,
    /// Its p after Holm's correction over the item's pairs: that the public prefers the other by more
    /// than the margin.
    pub(super) p_against: Option<f64>,
    /// Largest p over the pairs: that the public is not against the position by the margin.
    pub(super) p_agrees: Option<f64>,
    /// Smallest corrected p over the pairs that two segments point in opposite directions, and the pair.
    pub(super) polarised: Option<(f64, Pair)>,
}

/// A pair that somebody compared.
struct Compared {
    pair: Pair,
    estimate: Estimate,
    /// p that the net preference is above the margin.
    p: Option<f64>,
}

impl Evidence {
    /// Nothing where nobody compared candidates that the position tells apart.
    pub(super) fn gather(cells: &Cells, item: usize) -> Option<Self> {
        let margin = cells.design.rule.margin;
        let compared: Vec<_> =
            strict_pairs(cells, item).into_iter().filter_map(|pair| compare(cells, item, pair)).collect();
        let strongest = compared.iter().min_by(|a, b| weaker(a, b))?;
        let tested: Vec<_> = compared.iter().filter_map(|one| one.p).collect();
        let corrected = strongest.p.map(|p| (p * tested.len() as f64).min(1.0));
        let whole = tested.len() == compared.len();
        let p_agrees = compared.iter().map(|one| one.estimate.p_below(margin)).fold(0.0, f64::max);
        let pairs: Vec<_> = compared.iter().map(|one| one.pair).collect();
        Some(Self {
            item,
            shown: Shown::of(cells, item, strongest.pair)?,
            p_against: corrected,
            p_agrees: whole.then_some(p_agrees),
            polarised: polarised(cells, item, &pairs),
        })
    }
}

/// The pairs that the position of an item tells apart.
fn strict_pairs(cells: &Cells, item: usize) -> Vec<Pair> {
    let Some(position) = &cells.design.positions[item] else { return Vec::new() };
    let places = (0..position.len()).flat_map(|a| (0..position.len()).map(move |b| (a, b)));
    let strict = places.filter(|&(a, b)| position[a] < position[b] && position[b] != u8::MAX);
    strict.map(|(preferred, against)| Pair { preferred, against }).collect()
}

fn compare(cells: &Cells, item: usize, pair: Pair) -> Option<Compared> {
    let sample = cells.sample(item, pair, Part::All);
    let estimate = cells.estimate(&sample, item, pair, Part::All)?;
    let p = cells.is_enough(&sample).then(|| estimate.p_above(cells.design.rule.margin));
    Some(Compared { pair, estimate, p })
}

/// The smallest p first; where p says nothing, the largest net preference; then the first pair.
fn weaker(a: &Compared, b: &Compared) -> std::cmp::Ordering {
    let p = |one: &Compared| one.p.unwrap_or(f64::INFINITY);
    p(a).total_cmp(&p(b)).then(b.estimate.delta.total_cmp(&a.estimate.delta))
}

/// The clearest pair on which two segments point in opposite directions. In a pair each direction is
/// shown by its clearest segment, p times the number of segments (Bonferroni), and both must be shown;
/// then Holm over the pairs.
fn polarised(cells: &Cells, item: usize, pairs: &[Pair]) -> Option<(f64, Pair)> {
    let tested: Vec<_> =
        pairs.iter().filter_map(|&pair| Some((p_opposite(&eligible(cells, item, pair))?, pair))).collect();
    let corrected = holm(&tested.iter().map(|(p, _)| *p).collect::<Vec<_>>());
    let pairs = tested.iter().zip(corrected).map(|((_, pair), p)| (p, *pair));
    pairs.min_by(|a, b| a.0.total_cmp(&b.0))
}

/// The estimates of the segments that have enough people.
fn eligible(cells: &Cells, item: usize, pair: Pair) -> Vec<Estimate> {
    let of_segment = |segment: usize| {
        let part = Part::In(segment);
        let sample: Sample = cells.sample(item, pair, part);
        cells.estimate(&sample, item, pair, part).filter(|_| cells.is_enough(&sample))
    };
    (0..cells.design.segments.len()).filter_map(of_segment).collect()
}

fn p_opposite(segments: &[Estimate]) -> Option<f64> {
    if segments.len() < 2 {
        return None;
    }
    let smallest = |p: fn(&Estimate) -> f64| {
        let least = segments.iter().map(p).fold(1.0, f64::min);
        (least * segments.len() as f64).min(1.0)
    };
    Some(smallest(|estimate| estimate.p_above(0.0)).max(smallest(|estimate| estimate.p_below(0.0))))
}
