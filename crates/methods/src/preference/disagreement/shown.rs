//! All that is said about one pair of an item: in the whole, in each segment, and without each segment.

use crate::preference::disagreement::cells::Cells;
use crate::preference::disagreement::design::Rule;
use crate::preference::disagreement::estimate::{Estimate, Sample};
use crate::preference::disagreement::heterogeneity::{self, Heterogeneity, heterogeneity};
use crate::preference::disagreement::part::{Pair, Part};
use crate::stats::normal_quantile;

/// One pair of an item.
pub(super) struct Shown {
    pub(super) pair: Pair,
    pub(super) sample: Sample,
    pub(super) estimate: Estimate,
    /// Whether the finding stays when any one segment is left out.
    pub(super) survives: bool,
    /// Whether a segment is so large that too few people remain without it to say whether it stays.
    pub(super) rest_too_small: bool,
    /// Whether the Borda order too puts the other candidate above the position's.
    pub(super) second_agrees: bool,
    pub(super) segments: Vec<Segment>,
    /// What the eligible segments say together.
    pub(super) heterogeneity: Option<Heterogeneity>,
}

/// One segment's view of the pair shown.
pub(super) struct Segment {
    pub(super) sample: Sample,
    pub(super) estimate: Option<Estimate>,
    pub(super) low: f64,
    pub(super) high: f64,
    /// Whether it has enough people to be spoken of.
    pub(super) eligible: bool,
    /// Estimate, lower and upper end, drawn towards the mean of the eligible segments.
    pub(super) pooled: Option<(f64, f64, f64)>,
}

impl Shown {
    /// Nothing where nobody compared the two.
    pub(super) fn of(cells: &Cells, item: usize, pair: Pair) -> Option<Self> {
        let sample = cells.sample(item, pair, Part::All);
        let estimate = cells.estimate(&sample, item, pair, Part::All)?;
        let count = cells.design.segments.len();
        let mut segments: Vec<_> = (0..count).map(|place| Segment::of(cells, item, pair, place)).collect();
        let parts: Vec<_> = segments.iter().filter_map(Segment::part).collect();
        let heterogeneity = heterogeneity(&parts);
        if let Some(together) = &heterogeneity {
            segments.iter_mut().for_each(|segment| segment.pool(together, cells.design.rule.level));
        }
        let people = (0..count).filter(|place| segments[*place].sample.total.rows > 0).map(Part::Without);
        let rests: Vec<_> = people.map(|part| (part, cells.sample(item, pair, part))).collect();
        let rule = &cells.design.rule;
        let is_shown = |estimate: &Estimate| estimate.p_above(rule.margin) <= rule.q;
        let stays = |(part, rest): &(Part, Sample)| {
            cells.is_enough(rest) && cells.estimate(rest, item, pair, *part).is_some_and(|rest| is_shown(&rest))
        };
        Some(Self {
            pair,
            survives: is_shown(&estimate) && rests.iter().all(stays),
            rest_too_small: rests.iter().any(|(_, rest)| !cells.is_enough(rest)),
            second_agrees: cells.borda_points(item, pair.against) > cells.borda_points(item, pair.preferred),
            sample,
            estimate,
            segments,
            heterogeneity,
        })
    }
}

impl Segment {
    fn of(cells: &Cells, item: usize, pair: Pair, place: usize) -> Self {
        let Rule { level, .. } = cells.design.rule;
        let sample = cells.sample(item, pair, Part::In(place));
        let estimate = cells.estimate(&sample, item, pair, Part::In(place));
        let (low, high) = estimate.as_ref().map_or((-1.0, 1.0), |estimate| estimate.interval(level));
        let eligible = cells.is_enough(&sample);
        Self { sample, estimate, low, high, eligible, pooled: None }
    }

    /// What is pooled: of an eligible segment whose error is known.
    fn part(&self) -> Option<heterogeneity::Part> {
        let known = self.estimate.as_ref().filter(|estimate| self.eligible && estimate.freedom >= 1.0)?;
        Some(heterogeneity::Part { estimate: known.delta, variance: known.error * known.error })
    }

    fn pool(&mut self, together: &Heterogeneity, level: f64) {
        let pooled = self.part().map(|part| together.pooled(part));
        self.pooled = pooled.map(|part| part.interval(level));
    }

    /// Which way the segment points beyond its interval.
    pub(super) fn direction(&self) -> &'static str {
        match (self.eligible, self.low > 0.0, self.high < 0.0) {
            (true, true, _) => "against",
            (true, _, true) => "for",
            _ => "unclear",
        }
    }
}

impl heterogeneity::Part {
    /// The estimate with its normal interval inside -1 to 1.
    pub(super) fn interval(self, level: f64) -> (f64, f64, f64) {
        let half = normal_quantile(0.5 + level / 2.0) * libm::sqrt(self.variance);
        (self.estimate, (self.estimate - half).max(-1.0), (self.estimate + half).min(1.0))
    }
}
