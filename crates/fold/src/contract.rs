//! The fold contract. A method describes itself, checks its configuration, and opens accumulators
//! that are updated with batches of columns, saved, merged and finished. The WIT world
//! `folkmoot:method` says the same thing; built-ins and plugins differ only in where they run.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::replicated::Replicated;
use crate::report::Report;

/// The fixed-point unit of weights: an answer of weight 1 carries this number, so that sums of
/// weights are exact integers whatever the order, the batches or the shards.
pub const WEIGHT_ONE: i64 = 1 << 20;

/// What a method says of itself, for people and for the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Descriptor {
    /// Short id, such as `borda`.
    pub id: String,
    /// Semantic version; another version may give other numbers.
    pub version: String,
    /// A few words.
    pub title: String,
    /// Which question it answers, in plain words.
    pub answers: String,
    /// What it takes for granted.
    pub assumes: String,
    /// When another method is the better choice.
    pub avoid_when: String,
    /// Where the definition comes from.
    pub source: String,
    /// Kinds of item it can fold, by name.
    pub kinds: Vec<String>,
    /// JSON Schema 2020-12 of its parameters.
    pub parameters: Value,
    /// Most passes over the data it may ask for.
    pub max_passes: u32,
    /// Who tells segments apart: the host runs one fold a segment, or the method reads the strata.
    pub segments: Segments,
    /// Whether the host may attach bootstrap intervals to its estimates.
    pub bootstrap: bool,
    /// Whether it reads [`Batch::participant`]; where not, a host need not send the column.
    pub participants: bool,
    /// What it promises beyond the laws that every method keeps.
    pub laws: Vec<Law>,
}

/// What a method may promise; [`crate::laws`] holds it to its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Law {
    /// Which number a participant has changes no figure.
    Anonymity,
    /// Candidates are treated alike: renaming them renames the report.
    Neutrality,
    /// All weights times a constant change no share, order or score.
    WeightScale,
    /// A participant who is there twice counts as one of twice the weight.
    Duplication,
}

/// Who tells segments apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Segments {
    /// The host opens one accumulator for each segment and one for all.
    Host,
    /// The method reads [`Batch::stratum`] itself.
    Method,
}

/// An item as a method sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemInfo {
    /// The item's id.
    pub id: String,
    /// The item's kind, by name. To a method that folds `unacceptable` a `rank` item is of that kind, with
    /// the rows of those who were asked what is unacceptable.
    pub kind: String,
    /// Ids of its candidates; width of its columns.
    pub candidates: Vec<String>,
    /// The spec's position in the encoding of this item's answers, if there is one.
    pub position: Option<Vec<u8>>,
}

/// An attribute of participants whose levels a method tells apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dimension {
    /// Its name, such as `region`.
    pub name: String,
    /// Its levels; a stratum is a place in this list.
    pub categories: Vec<Category>,
}

/// A level of an attribute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Category {
    /// What people read, such as `north`.
    pub label: String,
    /// Its share in the population, where targets were given.
    pub target: Option<f64>,
}

/// All that a run fixes before the first row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// Parameters, already valid under the descriptor's schema.
    pub parameters: Value,
    /// The items of the kinds the method folds; [`Batch::item`] is a place in this list.
    pub items: Vec<ItemInfo>,
    /// The attributes that [`Batch::strata`] tell apart; none unless the method reads them itself.
    pub dimensions: Vec<Dimension>,
    /// How many participants the snapshot has; [`Batch::participant`] is below it.
    pub participants: u32,
    /// The run's seed, the only randomness.
    pub seed: u64,
}

impl Config {
    /// The parameters as the method's own type.
    ///
    /// # Errors
    /// [`MethodError::BadParameters`], where the schema lets through what the type does not hold.
    pub fn parameters<P: serde::de::DeserializeOwned>(&self) -> Result<P, MethodError> {
        P::deserialize(&self.parameters)
            .map_err(|e| MethodError::BadParameters(vec![Problem { path: String::new(), message: e.to_string() }]))
    }
}

/// The answers of a batch, each element encoded as `folkmoot_core::answer` says.
#[derive(Clone, Copy, Debug)]
pub enum Values<'a> {
    /// `rank` and `pair`: `rows * width` tiers, row by row.
    Ranks(&'a [u8]),
    /// `vote`: one of `b'A'`, `b'D'`, `b'P'` a row.
    Votes(&'a [u8]),
    /// `choose`: the place of the chosen candidate.
    Choices(&'a [u8]),
    /// `approve` and `unacceptable`: `rows * width` zeros and ones.
    Approvals(&'a [u8]),
    /// `scale`: finite numbers.
    Scores(&'a [f64]),
    /// `rubric`: `rows * width` weights, [`i8::MIN`] where none was given.
    Rubrics(&'a [i8]),
}

/// Rows of one item, as columns of the same length.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Place in [`Config::items`]; every row of a batch answers the same item.
    pub item: u32,
    /// Candidates a row: elements of `values` a row for the kinds that have one for each candidate.
    pub width: usize,
    /// Who answered, the cluster of the row; ascending within an item. Empty where the method does not
    /// read it.
    pub participant: &'a [u32],
    /// Weight in units of [`WEIGHT_ONE`], never negative.
    pub weight: &'a [i64],
    /// Places in the categories of [`Config::dimensions`], or [`NO_STRATUM`]: the rows of the first
    /// dimension, then those of the second; empty without dimensions.
    pub strata: &'a [u16],
    /// The answers.
    pub values: Values<'a>,
}

/// Stratum of a participant whose attribute is unknown.
pub const NO_STRATUM: u16 = u16::MAX;

impl<'a> Batch<'a> {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.weight.len()
    }

    /// The strata of one dimension; empty where there is no such dimension.
    pub fn stratum(&self, dimension: usize) -> &'a [u16] {
        self.strata.get(dimension * self.rows()..(dimension + 1) * self.rows()).unwrap_or_default()
    }

    /// The rows from `start` to `end`, which are at most as many as there are.
    pub fn slice(&self, start: usize, end: usize, strata: &'a mut Vec<u16>) -> Batch<'a> {
        strata.clear();
        let dimensions = self.strata.len().checked_div(self.rows()).unwrap_or(0);
        (0..dimensions).for_each(|dimension| strata.extend_from_slice(&self.stratum(dimension)[start..end]));
        let wide = start * self.width..end * self.width;
        Batch {
            participant: self.participant.get(start..end).unwrap_or_default(),
            weight: &self.weight[start..end],
            strata,
            values: match self.values {
                Values::Ranks(tiers) => Values::Ranks(&tiers[wide]),
                Values::Votes(votes) => Values::Votes(&votes[start..end]),
                Values::Choices(places) => Values::Choices(&places[start..end]),
                Values::Approvals(flags) => Values::Approvals(&flags[wide]),
                Values::Scores(scores) => Values::Scores(&scores[start..end]),
                Values::Rubrics(weights) => Values::Rubrics(&weights[wide]),
            },
            ..*self
        }
    }
}

/// One thing wrong with a configuration, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// JSON pointer into the parameters, such as `/replicates`; empty for the configuration itself.
    pub path: String,
    /// What is wrong, in words.
    pub message: String,
}

/// Why a method gives no report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MethodError {
    /// Parameters the schema or the method refuses; every problem is listed.
    #[error("bad parameters: {}", .0.iter().map(|p| format!("{}: {}", p.path, p.message)).collect::<Vec<_>>().join("; "))]
    BadParameters(Vec<Problem>),
    /// The method has no value on this data, and why.
    #[error("undefined on this data: {0}")]
    Undefined(String),
    /// Saved state that this method did not write.
    #[error("bad state: {0}")]
    BadState(String),
    /// A defect of the method.
    #[error("method failed: {0}")]
    Internal(String),
    /// A limit of the host that the method reached: which, where, and how to raise it.
    #[error("{0}")]
    OverBudget(String),
    /// The method broke off in the middle of a call, and where.
    #[error("{0}")]
    Trapped(String),
}

/// What a pass ends in.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Another pass over the same rows is needed, with this model.
    Again(Vec<u8>),
    /// The report.
    Done(Report),
}

/// An aggregation method.
pub trait Method: Send + Sync {
    /// What the method is.
    fn describe(&self) -> Descriptor;

    /// Checks a configuration before any data is read.
    ///
    /// # Errors
    /// [`MethodError::BadParameters`] with all problems, or [`MethodError::Undefined`].
    fn check(&self, config: &Config) -> Result<(), MethodError>;

    /// An empty accumulator for pass `pass` (0 first) with the model the last pass asked to go on with.
    ///
    /// # Errors
    /// [`MethodError::BadState`] for a model this method did not write.
    fn open(&self, config: &Config, pass: u32, model: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError>;

    /// An accumulator for each of `models`, all for one thread, as [`Method::open`] gives them one by
    /// one. A method whose accumulators can share room overrides it.
    ///
    /// # Errors
    /// As [`Method::open`].
    fn open_all(
        &self,
        config: &Config,
        pass: u32,
        models: &[Option<&[u8]>],
    ) -> Result<Vec<Box<dyn Accumulator>>, MethodError> {
        models.iter().map(|model| self.open(config, pass, *model)).collect()
    }

    /// The method where weights were made to meet `margins` margins: the last dimensions of a configuration
    /// are these, and tell people apart for nothing but the errors. None where that makes no difference.
    fn calibrated(&self, margins: usize) -> Option<Box<dyn Method>> {
        let _ = margins;
        None
    }

    /// An accumulator of `lanes` replicates at once, of a method of one pass that can tell what its
    /// estimates are under other weights without a report for each. Others are folded once a replicate.
    ///
    /// # Errors
    /// As [`Method::open`].
    fn replicated(&self, config: &Config, lanes: usize) -> Result<Option<Box<dyn Replicated>>, MethodError> {
        let _ = (config, lanes);
        Ok(None)
    }
}

/// A partial aggregate. Rows, batches and shards in any order and grouping give the same bytes.
pub trait Accumulator: Send {
    /// Folds a batch in.
    ///
    /// # Errors
    /// [`MethodError::Internal`] for columns the method did not ask for.
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError>;

    /// Canonical bytes of the partial state.
    ///
    /// # Errors
    /// [`MethodError::OverBudget`] and [`MethodError::Trapped`], of a plugin.
    fn save(&mut self) -> Result<Vec<u8>, MethodError>;

    /// Folds in the saved state of another accumulator of the same pass.
    ///
    /// # Errors
    /// [`MethodError::BadState`] for bytes this method did not write.
    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError>;

    /// Ends the pass.
    ///
    /// # Errors
    /// [`MethodError::Undefined`] where the data has no answer; never a report with NaN.
    fn finish(self: Box<Self>) -> Result<Outcome, MethodError>;
}
