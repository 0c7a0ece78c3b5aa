//! What a run fixes before the answers are seen: the rule, the positions, and who stands where.

use serde::Deserialize;

use crate::contract::{Batch, Config, ItemInfo, MethodError, NO_STRATUM, Problem};
use crate::preference::agreement::positions;
use crate::preference::dimensions::{named, problem};

/// The rule.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Rule {
    /// Net preference that still counts as agreement.
    pub(super) margin: f64,
    /// Share of false findings tolerated.
    pub(super) q: f64,
    /// Confidence of the intervals.
    pub(super) level: f64,
    /// Effective participants a segment, and an item, must have.
    pub(super) min_effective: f64,
    /// The dimension whose categories were recruited as a whole; empty where participants were.
    cluster: String,
}

/// The configuration as the method reads it.
pub(super) struct Design {
    pub(super) rule: Rule,
    pub(super) items: Vec<ItemInfo>,
    /// Tiers of each item's position.
    pub(super) positions: Vec<Option<Vec<u8>>>,
    pub(super) segments: Vec<String>,
    /// How many communities there are; none where participants were recruited one by one.
    pub(super) communities: Option<usize>,
    pub(super) seed: u64,
    segment_dimension: Option<usize>,
    cluster_dimension: Option<usize>,
}

/// Where a participant stands; what is unknown or not told apart is [`NO_STRATUM`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    pub(super) segment: u16,
    pub(super) community: u16,
}

impl Design {
    /// # Errors
    /// [`MethodError::BadParameters`] for a `cluster` that is no dimension of the run, or has too many
    /// categories; [`MethodError::Undefined`] where no item has a position.
    pub(super) fn read(config: &Config) -> Result<Self, MethodError> {
        let rule: Rule = config.parameters()?;
        let cluster_dimension = named(&config.dimensions, "cluster", &rule.cluster).map_err(bad_cluster)?;
        let segment_dimension = (0..config.dimensions.len()).find(|place| Some(*place) != cluster_dimension);
        let categories = |place: usize| config.dimensions[place].categories.as_slice();
        let labels = segment_dimension.map_or(&[][..], categories).iter().map(|category| category.label.clone());
        let design = Self {
            rule,
            items: config.items.clone(),
            positions: positions(&config.items)?,
            segments: labels.collect(),
            communities: cluster_dimension.map(|place| categories(place).len()),
            seed: config.seed,
            segment_dimension,
            cluster_dimension,
        };
        if (design.segments.len() + 1) * design.row() > usize::from(NO_STRATUM) {
            let words = "has too many categories to be crossed with the segments";
            return Err(bad_cluster(problem("cluster", words.to_owned())));
        }
        Ok(design)
    }

    /// Codes of one segment: its communities, and none.
    fn row(&self) -> usize {
        self.communities.unwrap_or(0) + 1
    }

    /// One code a row that says segment and community; empty without dimensions.
    pub(super) fn codes(&self, batch: &Batch<'_>) -> Vec<u16> {
        if self.segment_dimension.is_none() && self.cluster_dimension.is_none() {
            return Vec::new();
        }
        let strata = |dimension: Option<usize>| dimension.map_or(&[][..], |place| batch.stratum(place));
        let (segments, communities) = (strata(self.segment_dimension), strata(self.cluster_dimension));
        let place = |strata: &[u16], row: usize, count: usize| {
            strata.get(row).map_or(count, |stratum| usize::from(*stratum).min(count))
        };
        let code = |row: usize| {
            let segment = place(segments, row, self.segments.len());
            segment * self.row() + place(communities, row, self.row() - 1)
        };
        // The cast is exact: Design::read refuses more codes than a u16 has.
        (0..batch.rows()).map(|row| code(row) as u16).collect()
    }

    /// What a code of [`Design::codes`] says.
    pub(super) fn group(&self, code: u16) -> Group {
        if code == NO_STRATUM {
            return Group { segment: NO_STRATUM, community: NO_STRATUM };
        }
        let known = |place: usize, count: usize| if place < count { place as u16 } else { NO_STRATUM };
        let code = usize::from(code);
        Group {
            segment: known(code / self.row(), self.segments.len()),
            community: known(code % self.row(), self.row() - 1),
        }
    }

    /// Candidates of an item's position; 0 where it has none.
    pub(super) fn width(&self, item: usize) -> usize {
        self.positions[item].as_ref().map_or(0, Vec::len)
    }
}

fn bad_cluster(problem: Problem) -> MethodError {
    MethodError::BadParameters(vec![problem])
}
