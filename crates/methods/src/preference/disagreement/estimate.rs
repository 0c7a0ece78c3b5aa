//! Net preference for one candidate over another in a sample: mean, standard error, tests.

use std::collections::BTreeMap;

use crate::preference::disagreement::design::Group;
use crate::preference::disagreement::moments::Moments;
use crate::preference::disagreement::wild::{self, Cluster};
use crate::stats::{student_cdf, student_quantile, student_tail};

/// With fewer clusters tests are bootstrapped.
pub(super) const MANY_CLUSTERS: usize = 40;

/// The people a figure is of, and the clusters they were recruited in.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    pub(super) total: Moments,
    /// Weight and sum of w x in each community; none where participants are the clusters.
    communities: Option<BTreeMap<u16, (i128, i128)>>,
}

impl Sample {
    /// `by_community`: whether communities are the clusters, those of no known community one more.
    pub(super) fn gather(groups: impl Iterator<Item = (Group, Moments)>, by_community: bool) -> Self {
        let mut sample = Self { total: Moments::default(), communities: by_community.then(BTreeMap::new) };
        for (group, moments) in groups.filter(|(_, moments)| moments.rows > 0) {
            sample.total = sample.total + moments;
            if let Some(communities) = &mut sample.communities {
                let sums = communities.entry(group.community).or_default();
                *sums = (sums.0 + moments.weight, sums.1 + moments.first);
            }
        }
        sample
    }

    /// The estimate, if anybody was shown both; its draws, if it needs any, follow from `key`.
    ///
    /// The variance is that of a ratio by linearisation, G / (G - 1) times the sum over clusters of
    /// (sum of w (x - delta))² / (sum of w)². The error is at least what one opposite answer among
    /// effectively as many would give, 2 / n_eff, so that unanimity is not certainty.
    pub(super) fn estimate(&self, key: u64) -> Option<Estimate> {
        let total = &self.total;
        if total.rows < 1 || total.weight <= 0 {
            return None;
        }
        let delta = total.first as f64 / total.weight as f64;
        let clusters = self.clusters();
        let count = clusters.as_ref().map_or(total.rows as f64, |clusters| clusters.len() as f64);
        let squares = clusters.as_deref().map_or_else(|| Squares::of_participants(total), Squares::of_clusters);
        let variance = if count > 1.0 { count / (count - 1.0) * squares.about(delta) } else { 0.0 };
        let error = libm::sqrt(variance).max(2.0 / total.effective());
        let few = clusters.filter(|clusters| clusters.len() < MANY_CLUSTERS);
        Some(Estimate { delta, error, freedom: count - 1.0, squares, few, key })
    }

    fn clusters(&self) -> Option<Vec<Cluster>> {
        let weight = self.total.weight as f64;
        let share = |(of, first): &(i128, i128)| Cluster { weight: *of as f64 / weight, first: *first as f64 / weight };
        self.communities.as_ref().map(|communities| communities.values().map(share).collect())
    }
}

/// Sums over clusters of products of what they add to the mean and of their shares of the weight.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Squares {
    first_first: f64,
    first_weight: f64,
    weight_weight: f64,
}

impl Squares {
    fn of_participants(total: &Moments) -> Self {
        let all = total.weight as f64 * total.weight as f64;
        Self {
            first_first: total.squares_second as f64 / all,
            first_weight: total.squares_first as f64 / all,
            weight_weight: total.squares as f64 / all,
        }
    }

    fn of_clusters(clusters: &[Cluster]) -> Self {
        let sum = |product: fn(&Cluster) -> f64| clusters.iter().map(product).sum();
        Self {
            first_first: sum(|cluster| cluster.first * cluster.first),
            first_weight: sum(|cluster| cluster.first * cluster.weight),
            weight_weight: sum(|cluster| cluster.weight * cluster.weight),
        }
    }

    /// Sum over clusters of (sum of w (x - mean))², of weights that add up to 1.
    fn about(&self, mean: f64) -> f64 {
        (self.first_first - 2.0 * mean * self.first_weight + mean * mean * self.weight_weight).max(0.0)
    }
}

/// A linearised mean with its clustered standard error.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Estimate {
    /// Net preference, -1 to 1.
    pub(super) delta: f64,
    pub(super) error: f64,
    /// Clusters less one.
    pub(super) freedom: f64,
    squares: Squares,
    /// The clusters, where they are too few for Student's t.
    few: Option<Vec<Cluster>>,
    key: u64,
}

impl Estimate {
    /// p of the null hypothesis that the net preference is at most `margin`.
    pub(super) fn p_above(&self, margin: f64) -> f64 {
        match &self.few {
            _ if self.freedom < 1.0 => 1.0,
            Some(clusters) => wild::p_above(clusters, margin, self.key),
            None => student_tail(self.score(margin), self.freedom),
        }
    }

    /// p of the null hypothesis that the net preference is at least `margin`.
    pub(super) fn p_below(&self, margin: f64) -> f64 {
        match &self.few {
            _ if self.freedom < 1.0 => 1.0,
            Some(clusters) => wild::p_below(clusters, margin, self.key),
            None => student_cdf(self.score(margin), self.freedom),
        }
    }

    /// The distance from `margin` over an error about the margin, as the hypothesis has it (the score test
    /// of Boos 1992, The American Statistician 46). An error about the mean is small just where chance
    /// has carried the mean far out, so that far tails would be twice as full as they say.
    fn score(&self, margin: f64) -> f64 {
        (self.delta - margin) / libm::sqrt(self.squares.about(margin)).max(1e-12)
    }

    /// Whether the tests are bootstrapped.
    pub(super) fn is_bootstrapped(&self) -> bool {
        self.few.is_some()
    }

    /// The two-sided interval at `level` by Student's t; from -1 to 1 with fewer than two clusters.
    pub(super) fn interval(&self, level: f64) -> (f64, f64) {
        if self.freedom < 1.0 {
            return (-1.0, 1.0);
        }
        let half = student_quantile(0.5 + level / 2.0, self.freedom) * self.error;
        ((self.delta - half).max(-1.0), (self.delta + half).min(1.0))
    }
}
