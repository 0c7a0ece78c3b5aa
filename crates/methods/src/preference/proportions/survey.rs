//! What a run fixes before the answers are seen: how people were drawn, and which domains there are.

use folkmoot_inference::classes::Drawn;
use folkmoot_inference::interval::Kind;
use serde::Deserialize;

use crate::contract::{Batch, Config, Dimension, ItemInfo, MethodError, Problem};
use crate::preference::dimensions::{named, problem};

/// The intervals there are, the default first.
pub(super) const INTERVALS: [Kind; 5] = [Kind::Logit, Kind::Wilson, Kind::KornGraubard, Kind::AgrestiCoull, Kind::Mean];

#[derive(Deserialize)]
struct Parameters {
    stratum: String,
    cluster: String,
    fpc: String,
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
    /// Place of the dimension of the strata's sizes, and the size each of its categories says.
    fpc: Option<(usize, Vec<f64>)>,
    /// What people are told apart by, then what the weights were made to meet.
    dimensions: Vec<Dimension>,
    /// How many of the dimensions are the latter.
    margins: usize,
}

/// Whose answers are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Domain {
    All,
    Level { dimension: usize, category: usize },
}

impl Survey {
    /// # Errors
    /// [`MethodError::BadParameters`] for a stratum, cluster or size that is no dimension of the run, for two
    /// in one, for sizes that are no numbers, and for more combinations of levels than can be told apart.
    pub(super) fn read(config: &Config, margins: usize) -> Result<Self, MethodError> {
        let parameters: Parameters = config.parameters()?;
        let told_apart = &config.dimensions[..config.dimensions.len().saturating_sub(margins)];
        let stratum = named(told_apart, "stratum", &parameters.stratum);
        let cluster = named(told_apart, "cluster", &parameters.cluster);
        let fpc = named(told_apart, "fpc", &parameters.fpc);
        let (stratum, cluster, fpc) = match (stratum, cluster, fpc) {
            (Ok(stratum), Ok(cluster), Ok(fpc)) => (stratum, cluster, fpc),
            (stratum, cluster, fpc) => {
                let unknown = [stratum.err(), cluster.err(), fpc.err()];
                return Err(refused(unknown.into_iter().flatten()));
            }
        };
        if cluster.is_some() && cluster == stratum {
            return Err(refused([problem("cluster", "the attribute is the stratum too".to_owned())]));
        }
        if fpc.is_some() && [stratum, cluster].contains(&fpc) {
            return Err(refused([problem("fpc", "the attribute is the stratum or the cluster too".to_owned())]));
        }
        let sizes = |place: usize| sizes(&told_apart[place]).map(|sizes| (place, sizes));
        let fpc = fpc.map(sizes).transpose().map_err(|problem| refused([problem]))?;
        let interval = INTERVALS.into_iter().find(|kind| kind.name() == parameters.interval);
        let unknown = || refused([problem("interval", "there is no such interval".to_owned())]);
        let survey = Self {
            items: config.items.clone(),
            interval: interval.ok_or_else(unknown)?,
            level: parameters.level,
            stratum,
            cluster,
            fpc,
            dimensions: config.dimensions.clone(),
            margins,
        };
        if survey.cells().is_none() {
            let message = "the levels of the attributes told apart have too many combinations".to_owned();
            return Err(refused([Problem { path: String::new(), message }]));
        }
        Ok(survey)
    }

    /// Levels of a dimension, the unknown one among them.
    fn levels(&self, dimension: usize) -> u64 {
        self.dimensions[dimension].categories.len() as u64 + 1
    }

    /// Combinations of levels; `None` where a number cannot hold them.
    pub(super) fn cells(&self) -> Option<u64> {
        (0..self.dimensions.len()).try_fold(1_u64, |cells, place| cells.checked_mul(self.levels(place)))
    }

    /// Whether nobody is told apart from anybody.
    pub(super) fn is_plain(&self) -> bool {
        self.dimensions.is_empty()
    }

    /// One code a row, below [`Survey::cells`], that says its level in every dimension.
    pub(super) fn codes(&self, batch: &Batch<'_>, codes: &mut Vec<u64>) {
        codes.clear();
        codes.resize(batch.rows(), 0);
        for place in 0..self.dimensions.len() {
            let levels = self.levels(place);
            for (code, &stratum) in codes.iter_mut().zip(batch.stratum(place)) {
                *code = *code * levels + u64::from(stratum).min(levels - 1);
            }
        }
    }

    /// The level that a code says for a dimension; the one behind the categories is the unknown one.
    fn level(&self, code: u64, dimension: usize) -> usize {
        let behind: u64 = (dimension + 1..self.dimensions.len()).map(|place| self.levels(place)).product();
        // The cast is exact: a dimension has fewer levels than u16 has values.
        (code / behind % self.levels(dimension)) as usize
    }

    /// Stratum and cluster of a code; people of unknown level make one more of each.
    pub(super) fn drawn_in(&self, code: u64) -> (u32, u32) {
        let level = |dimension: Option<usize>| dimension.map_or(0, |place| self.level(code, place) as u32);
        (level(self.stratum), level(self.cluster))
    }

    /// How many clusters the code's stratum has in the population, where its people say.
    pub(super) fn size(&self, code: u64) -> Option<f64> {
        let (place, sizes) = self.fpc.as_ref()?;
        sizes.get(self.level(code, *place)).copied()
    }

    pub(super) fn is_finite(&self) -> bool {
        self.fpc.is_some()
    }

    /// What people read of a stratum.
    pub(super) fn stratum_label(&self, stratum: u32) -> String {
        let Some(place) = self.stratum else { return "the population".to_owned() };
        let unknown = || "the stratum of those of no known level".to_owned();
        let known = self.dimensions[place].categories.get(stratum as usize);
        known.map_or_else(unknown, |level| format!("the stratum {:?}", level.label))
    }

    /// The levels of a code that its weight was made to meet, as one code.
    pub(super) fn margin_code(&self, code: u64) -> u64 {
        let margins = self.margin_places();
        code % margins.map(|place| self.levels(place)).product::<u64>()
    }

    /// Dimensions that the weights were made to meet.
    pub(super) fn margin_places(&self) -> std::ops::Range<usize> {
        self.dimensions.len() - self.margins..self.dimensions.len()
    }

    /// The level that a code, or a code of margins, says for one of these.
    pub(super) fn margin_level(&self, code: u64, place: usize) -> u32 {
        self.level(code, place) as u32
    }

    /// Their names.
    pub(super) fn margin_names(&self) -> Vec<&str> {
        self.dimensions[self.margin_places()].iter().map(|dimension| dimension.name.as_str()).collect()
    }

    pub(super) fn drawn(&self) -> Drawn {
        if self.cluster.is_some() { Drawn::Clusters } else { Drawn::Rows }
    }

    /// Everybody, and each level of the dimensions that are neither stratum nor cluster nor sizes.
    pub(super) fn domains(&self) -> Vec<Domain> {
        let design = [self.stratum, self.cluster, self.fpc.as_ref().map(|(place, _)| *place)];
        let places = (0..self.margin_places().start).filter(|&place| !design.contains(&Some(place)));
        let levels = places.flat_map(|dimension| {
            let categories = 0..self.dimensions[dimension].categories.len();
            categories.map(move |category| Domain::Level { dimension, category })
        });
        std::iter::once(Domain::All).chain(levels).collect()
    }

    /// Whether the people of a code are of the domain.
    pub(super) fn holds(&self, domain: Domain, code: u64) -> bool {
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

/// The number of clusters that each category of a dimension says.
fn sizes(dimension: &Dimension) -> Result<Vec<f64>, Problem> {
    let size = |label: &str| label.parse::<f64>().ok().filter(|size| *size >= 1.0 && size.is_finite());
    let bad = |label: &str| problem("fpc", format!("{label:?} of {:?} is no number of clusters", dimension.name));
    let categories = dimension.categories.iter();
    categories.map(|category| size(&category.label).ok_or_else(|| bad(&category.label))).collect()
}

fn refused(problems: impl IntoIterator<Item = Problem>) -> MethodError {
    MethodError::BadParameters(problems.into_iter().collect())
}
