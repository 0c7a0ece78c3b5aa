//! What a run fixes before the answers are seen: how people were drawn, and which domains there are.

use folkmoot_inference::classes::Drawn;
use folkmoot_inference::interval::Kind;
use serde::Deserialize;

use crate::contract::{Batch, Config, Dimension, ItemInfo, MethodError, NO_STRATUM, Problem};
use crate::preference::dimensions::{named, problem};

/// The intervals there are, the default first.
pub(super) const INTERVALS: [Kind; 5] = [Kind::Logit, Kind::Wilson, Kind::KornGraubard, Kind::AgrestiCoull, Kind::Mean];

#[derive(Deserialize)]
struct Parameters {
    stratum: String,
    cluster: String,
    interval: String,
    level: f64,
}

/// The configuration as the method reads it.
pub(super) struct Survey {
    pub(super) items: Vec<ItemInfo>,
    pub(super) interval: Kind,
    pub(super) level: f64,
    /// Place of the dimension of strata.
    pub(super) stratum: Option<usize>,
    /// Place of the dimension of clusters; none where participants are the clusters.
    pub(super) cluster: Option<usize>,
    dimensions: Vec<Dimension>,
}

/// Whose answers are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Domain {
    All,
    Level { dimension: usize, category: usize },
}

impl Survey {
    /// # Errors
    /// [`MethodError::BadParameters`] for a stratum or cluster that is no dimension of the run, for both
    /// in one, and for more combinations of levels than can be told apart.
    pub(super) fn read(config: &Config) -> Result<Self, MethodError> {
        let parameters: Parameters = config.parameters()?;
        let stratum = named(&config.dimensions, "stratum", &parameters.stratum);
        let cluster = named(&config.dimensions, "cluster", &parameters.cluster);
        let (stratum, cluster) = match (stratum, cluster) {
            (Ok(Some(stratum)), Ok(Some(cluster))) if stratum == cluster => {
                return Err(refused([problem("cluster", "the attribute is the stratum too".to_owned())]));
            }
            (Ok(stratum), Ok(cluster)) => (stratum, cluster),
            (stratum, cluster) => return Err(refused(stratum.err().into_iter().chain(cluster.err()))),
        };
        let interval = INTERVALS.into_iter().find(|kind| kind.name() == parameters.interval);
        let unknown = || refused([problem("interval", "there is no such interval".to_owned())]);
        let survey = Self {
            items: config.items.clone(),
            interval: interval.ok_or_else(unknown)?,
            level: parameters.level,
            stratum,
            cluster,
            dimensions: config.dimensions.clone(),
        };
        let most = usize::from(NO_STRATUM);
        if survey.cells().is_none_or(|cells| cells > most) {
            let message = format!("the levels of the attributes told apart have more than {most} combinations");
            return Err(refused([Problem { path: String::new(), message }]));
        }
        Ok(survey)
    }

    /// Levels of a dimension, the unknown one among them.
    fn levels(&self, dimension: usize) -> usize {
        self.dimensions[dimension].categories.len() + 1
    }

    /// Combinations of levels; `None` where a number cannot hold them.
    pub(super) fn cells(&self) -> Option<usize> {
        (0..self.dimensions.len()).try_fold(1_usize, |cells, place| cells.checked_mul(self.levels(place)))
    }

    /// One code a row, below [`Survey::cells`], that says its level in every dimension.
    pub(super) fn codes(&self, batch: &Batch<'_>) -> Vec<u16> {
        let level = |row: usize, place: usize| {
            let stratum = batch.stratum(place).get(row).copied().unwrap_or(NO_STRATUM);
            usize::from(stratum).min(self.levels(place) - 1)
        };
        let code = |row: usize| {
            let places = 0..self.dimensions.len();
            places.fold(0, |code, place| code * self.levels(place) + level(row, place))
        };
        // The cast is exact: Survey::read refuses more codes than a u16 has.
        (0..batch.rows()).map(|row| code(row) as u16).collect()
    }

    /// The level that a code says for a dimension; the one behind the categories is the unknown one.
    fn level(&self, code: u16, dimension: usize) -> usize {
        let behind: usize = (dimension + 1..self.dimensions.len()).map(|place| self.levels(place)).product();
        usize::from(code) / behind % self.levels(dimension)
    }

    /// Stratum and cluster of a code; people of unknown level make one more of each.
    pub(super) fn drawn_in(&self, code: u16) -> (u32, u32) {
        let level = |dimension: Option<usize>| dimension.map_or(0, |place| self.level(code, place) as u32);
        (level(self.stratum), level(self.cluster))
    }

    pub(super) fn drawn(&self) -> Drawn {
        if self.cluster.is_some() { Drawn::Clusters } else { Drawn::Rows }
    }

    /// Everybody, and each level of the dimensions that are neither stratum nor cluster.
    pub(super) fn domains(&self) -> Vec<Domain> {
        let places = (0..self.dimensions.len()).filter(|&place| ![self.stratum, self.cluster].contains(&Some(place)));
        let levels = places.flat_map(|dimension| {
            let categories = 0..self.dimensions[dimension].categories.len();
            categories.map(move |category| Domain::Level { dimension, category })
        });
        std::iter::once(Domain::All).chain(levels).collect()
    }

    /// Whether the people of a code are of the domain.
    pub(super) fn holds(&self, domain: Domain, code: u16) -> bool {
        match domain {
            Domain::All => true,
            Domain::Level { dimension, category } => self.level(code, dimension) == category,
        }
    }

    /// What people read.
    pub(super) fn label(&self, domain: Domain) -> String {
        match domain {
            Domain::All => "all".to_owned(),
            Domain::Level { dimension, category } => {
                let dimension = &self.dimensions[dimension];
                format!("{}={}", dimension.name, dimension.categories[category].label)
            }
        }
    }
}

fn refused(problems: impl IntoIterator<Item = Problem>) -> MethodError {
    MethodError::BadParameters(problems.into_iter().collect())
}
