//! Replicates that follow how people were drawn: which clusters of which strata count how often in each,
//! and what the values of an estimate in all of them say of its error.

use std::collections::HashMap;

use folkmoot_inference as inference;
use folkmoot_inference::interval::of_estimate;
use folkmoot_inference::{DesignError, Population, Replicates};
use folkmoot_methods::Report;
use folkmoot_methods::contract::Problem;
use folkmoot_methods::replicated::LEVEL;
use folkmoot_methods::report::{Cell, Column, Note, Table, Unit};
use folkmoot_snapshot::{Attribute, NO_LEVEL, Snapshot};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bootstrap::key;
use crate::error::EngineError;
use crate::spec::RunSpec;

/// Share of a weight that Fay's replicates keep where nothing is said.
const KEPT: f64 = 0.5;

/// How participants were drawn, and which replicates that makes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Design {
    /// Which replicates.
    pub scheme: Scheme,
    /// Attribute within whose levels clusters were drawn; none where there were no strata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strata: Option<String>,
    /// Attribute whose levels, each within its stratum, were drawn as a whole; participants where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clusters: Option<String>,
    /// Attribute whose value is how many clusters the participant's stratum has in the population; many
    /// where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fpc: Option<String>,
    /// What becomes of a stratum with a single cluster.
    pub lonely: Lonely,
    /// The share of a weight that [`Scheme::Fay`] keeps, from 0 up to 1; a half where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<f64>,
}

/// How replicates are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// All but one of a stratum's clusters drawn with replacement, rescaled (Rao and Wu 1988); as many as the
    /// run asks for, for percentile intervals.
    #[default]
    Bootstrap,
    /// Each cluster left out once, without strata (Quenouille 1956).
    Jk1,
    /// Each cluster left out once, its stratum's others raised (Rust and Rao 1996).
    Jkn,
    /// One of the two clusters of each stratum, balanced (McCarthy 1966).
    Brr,
    /// The same, with a share of each weight kept (Fay 1989).
    Fay,
}

/// What becomes of a stratum with a single cluster, whose own spread nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lonely {
    /// The run is refused.
    #[default]
    Fail,
    /// The cluster was certain to be drawn and adds nothing.
    Certainty,
}

impl Scheme {
    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bootstrap => "bootstrap",
            Self::Jk1 => "jk1",
            Self::Jkn => "jkn",
            Self::Brr => "brr",
            Self::Fay => "fay",
        }
    }
}

impl Design {
    /// A design from JSON.
    ///
    /// # Errors
    /// Every problem, each with the JSON pointer of its value.
    pub fn read(given: &Value) -> Result<Self, Vec<Problem>> {
        let design =
            Self::deserialize(given).map_err(|e| vec![Problem { path: String::new(), message: e.to_string() }])?;
        let found = design.problems();
        if found.is_empty() { Ok(design) } else { Err(found) }
    }

    fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if let Some(kept) = self.kept {
            match self.scheme {
                Scheme::Fay if (0.0..1.0).contains(&kept) => {}
                Scheme::Fay => found.push(problem("/kept", format!("must be from 0 up to 1, not {kept}"))),
                other => found.push(problem("/kept", format!("is of fay, not of {}", other.name()))),
            }
        }
        if self.scheme == Scheme::Jk1 && self.strata.is_some() {
            found.push(problem("/strata", "are unknown to jk1: jkn leaves clusters out within strata".to_owned()));
        }
        if self.clusters.is_some() && self.clusters == self.strata {
            found.push(problem("/clusters", "are the strata too".to_owned()));
        }
        found
    }
}

/// The participants of a snapshot as they were drawn.
pub(crate) struct Sample {
    scheme: inference::Scheme,
    name: Scheme,
    design: inference::Design,
    replicates: usize,
    lonely: usize,
    what: String,
}

impl Sample {
    /// The sample of `spec`, where replicates are to follow its design.
    ///
    /// # Errors
    /// [`EngineError::BadRules`] for attributes that are not there or say no sizes, and for replicates that
    /// do not go with the design.
    pub(crate) fn of(snapshot: &Snapshot, spec: &RunSpec) -> Result<Option<Self>, EngineError> {
        let Some(given) = &spec.design else { return Ok(None) };
        let mut found = given.problems();
        let counts = given.scheme == Scheme::Bootstrap;
        if counts != (spec.replicates > 0) {
            let name = given.scheme.name();
            found.push(problem(
                "/scheme",
                match counts {
                    true => format!("{name} needs a number of replicates"),
                    false => format!("{name} has as many replicates as the design gives; ask for none by number"),
                },
            ));
        }
        if found.is_empty() { Self::drawn(snapshot, given, spec).map(Some) } else { Err(refused(found)) }
    }

    fn drawn(snapshot: &Snapshot, given: &Design, spec: &RunSpec) -> Result<Self, EngineError> {
        let column = |path: &str, name: &Option<String>| {
            name.as_ref().map(|name| attribute(snapshot, path, name)).transpose().map_err(|p| refused(vec![p]))
        };
        let strata = column("/strata", &given.strata)?;
        let clusters = column("/clusters", &given.clusters)?;
        let fpc = column("/fpc", &given.fpc)?;
        let people = snapshot.participants.ids.len();
        let strata_of = strata.map(codes);
        let sizes = fpc.map(|fpc| sizes(fpc, strata, strata_of.as_deref())).transpose();
        let sizes = sizes.map_err(|p| refused(vec![p]))?;
        let population = sizes.as_deref().map_or(Population::Large, Population::Clusters);
        let lonely = match given.lonely {
            Lonely::Fail => inference::Lonely::Fail,
            Lonely::Certainty => inference::Lonely::Certainty,
        };
        let clusters_of = clusters.map(codes);
        let design = inference::Design::new(people, strata_of.as_deref(), clusters_of.as_deref(), population, lonely);
        let design = design.map_err(|error| unfit(&error, strata, given.scheme))?;
        let scheme = match given.scheme {
            Scheme::Bootstrap => inference::Scheme::RaoWu { replicates: spec.replicates, seed: spec.seed },
            Scheme::Jk1 => inference::Scheme::Jk1,
            Scheme::Jkn => inference::Scheme::Jkn,
            Scheme::Brr => inference::Scheme::Brr,
            Scheme::Fay => inference::Scheme::Fay(given.kept.unwrap_or(KEPT)),
        };
        let replicates = Replicates::new(&design, scheme).map_err(|error| unfit(&error, strata, given.scheme))?;
        let replicates = replicates.count();
        let lonely = design.sizes().filter(|clusters| *clusters == 1).count();
        let drawn = given.clusters.as_ref().map_or("participants".to_owned(), |name| format!("clusters ({name})"));
        let within = given.strata.as_ref().map_or(String::new(), |name| format!(" within strata ({name})"));
        let of = if sizes.is_some() { ", of as many as there are" } else { "" };
        let what = format!("{drawn} drawn{within}{of}");
        Ok(Self { scheme, name: given.scheme, design, replicates, lonely, what })
    }

    /// How many replicates there are.
    pub(crate) fn count(&self) -> usize {
        self.replicates
    }

    /// Whether replicates are drawn at random, so that their values are a distribution.
    pub(crate) fn is_bootstrap(&self) -> bool {
        self.name == Scheme::Bootstrap
    }

    /// By how much each participant's weight is multiplied in `replicate`, counted from 1.
    pub(crate) fn factors(&self, replicate: u32) -> Vec<f64> {
        let Ok(replicates) = Replicates::new(&self.design, self.scheme) else { return Vec::new() };
        let of_cluster = replicates.factors(replicate as usize - 1);
        self.design.cluster_of_rows().iter().map(|&cluster| of_cluster[cluster as usize]).collect()
    }

    /// Adds `<id>_se` beside every estimate, where it has a value in every replicate, and Student's interval of
    /// the design's degrees of freedom, `<id>_low` and `<id>_high`, where the method gives none itself.
    pub(crate) fn attach_errors(&self, report: &mut Report, replicates: &[Report]) {
        for table in &mut report.tables {
            let estimates = table.columns.iter().filter(|column| column.estimate);
            let estimates: Vec<String> = estimates.map(|column| column.id.clone()).collect();
            for id in estimates {
                let errors = self.errors(table, &id, replicates);
                self.attach(table, &id, &errors);
            }
        }
    }

    fn errors(&self, table: &Table, id: &str, replicates: &[Report]) -> Vec<Option<f64>> {
        let mut values: HashMap<Vec<String>, Vec<f64>> = HashMap::new();
        for replicate in replicates.iter().filter_map(|report| report.table(&table.id)) {
            for row in &replicate.rows {
                if let Some(value) = replicate.cell(row, id).and_then(Cell::as_f64) {
                    values.entry(key(replicate, row)).or_default().push(value);
                }
            }
        }
        let error = |row: &Vec<Cell>| {
            let estimate = table.cell(row, id).and_then(Cell::as_f64)?;
            // The variance refuses fewer values than there are replicates.
            let replicates = Replicates::new(&self.design, self.scheme).ok()?;
            replicates.variance(estimate, values.get(&key(table, row))?).ok().map(f64::sqrt)
        };
        table.rows.iter().map(error).collect()
    }

    fn attach(&self, table: &mut Table, id: &str, errors: &[Option<f64>]) {
        let Some(place) = table.column(id) else { return };
        let Column { label, unit, .. } = table.columns[place].clone();
        let own = table.column(&format!("{id}_low")).is_some();
        let added = if own { 1 } else { 3 };
        for (row, error) in table.rows.iter_mut().zip(errors) {
            let estimate = row[place].as_f64().zip(*error);
            let interval = |(value, error)| of_estimate(value, error, self.design.freedom(), LEVEL);
            let ends = estimate.map(|estimate| within(unit, interval(estimate)));
            let cells = [(*error).into(), ends.map(|ends| ends.0).into(), ends.map(|ends| ends.1).into()];
            row.splice(place + 1..place + 1, cells.into_iter().take(added));
        }
        let column = |suffix, words| Column::new(&format!("{id}_{suffix}"), &format!("{label}, {words}"), unit);
        let columns = [column("se", "standard error"), column("low", "lower end"), column("high", "upper end")];
        table.columns.splice(place + 1..place + 1, columns.into_iter().take(added));
    }

    /// How errors were made, of which `defined` replicates had a report.
    pub(crate) fn notes(&self, defined: usize) -> Vec<Note> {
        let (count, name, percent) = (self.replicates, self.name.name(), LEVEL * 100.0);
        let words = match self.name {
            Scheme::Bootstrap => format!(
                "{percent}% percentile intervals from {defined} of {count} rescaled bootstrap replicates (Rao and Wu), \
                 {}",
                self.what
            ),
            _ => format!(
                "standard errors from {count} {name} replicates, {}; {percent}% intervals are Student's t with {} \
                 degrees of freedom, clusters less strata; a method's own intervals stay its own",
                self.what,
                self.design.freedom()
            ),
        };
        let mut notes = vec![Note::info("replicates", words)];
        if self.name != Scheme::Bootstrap && defined < count {
            let words = format!(
                "{} of {count} replicates have no report; an estimate that lacks a replicate has no error",
                count - defined
            );
            notes.push(Note::warning("undefined_replicates", words));
        }
        if self.lonely > 0 {
            let words = format!(
                "{} strata have a single cluster, which counts as certain to be drawn and adds no error",
                self.lonely
            );
            notes.push(Note::warning("lonely_strata", words));
        }
        notes
    }
}

/// What a unit leaves of an interval.
fn within(unit: Unit, (low, high): (f64, f64)) -> (f64, f64) {
    match unit {
        Unit::Share | Unit::PValue => (low.clamp(0.0, 1.0), high.clamp(0.0, 1.0)),
        Unit::Correlation => (low.clamp(-1.0, 1.0), high.clamp(-1.0, 1.0)),
        _ => (low, high),
    }
}

fn attribute<'a>(snapshot: &'a Snapshot, path: &str, name: &str) -> Result<&'a Attribute, Problem> {
    let people = &snapshot.participants;
    let found = people.attribute(name).ok_or_else(|| {
        let known: Vec<&str> = people.attributes.iter().map(|attribute| attribute.name.as_str()).collect();
        problem(path, format!("the participants have no attribute {name:?}; they have {}", known.join(", ")))
    })?;
    // A snapshot gives no levels to an attribute with more values than it can count.
    match found.levels.is_empty() {
        true => Err(problem(path, format!("the attribute {name:?} has too many values or none"))),
        false => Ok(found),
    }
}

/// The levels of an attribute; those of no known level are of one more.
fn codes(attribute: &Attribute) -> Vec<u32> {
    let last = attribute.levels.len() as u32;
    let code = |&code: &u16| if code == NO_LEVEL { last } else { u32::from(code) };
    attribute.codes.iter().map(code).collect()
}

/// Clusters of each stratum in the population, by the stratum's code; without end where nobody says.
fn sizes(fpc: &Attribute, strata: Option<&Attribute>, strata_of: Option<&[u32]>) -> Result<Vec<f64>, Problem> {
    let refuse = |message: String| Err(problem("/fpc", message));
    let mut sizes = vec![f64::INFINITY; strata.map_or(1, |strata| strata.levels.len() + 1)];
    for (person, &code) in fpc.codes.iter().enumerate().filter(|(_, code)| **code != NO_LEVEL) {
        let level = &fpc.levels[usize::from(code)];
        let size = match level.parse::<f64>() {
            Ok(size) if size >= 1.0 && size.is_finite() => size,
            _ => return refuse(format!("the value {level:?} of {:?} is no number of clusters", fpc.name)),
        };
        let stratum = strata_of.map_or(0, |strata| strata[person]);
        let known = &mut sizes[stratum as usize];
        if known.is_finite() && *known != size {
            let name = stratum_name(strata, stratum);
            return refuse(format!("{name} has {known} clusters of one participant and {size} of another"));
        }
        *known = size;
    }
    Ok(sizes)
}

fn stratum_name(strata: Option<&Attribute>, code: u32) -> String {
    let Some(strata) = strata else { return "the population".to_owned() };
    let unknown = || "the stratum of those of no known level".to_owned();
    strata.levels.get(code as usize).map_or_else(unknown, |level| format!("the stratum {level:?}"))
}

/// What of the design does not go with its replicates.
fn unfit(error: &DesignError, strata: Option<&Attribute>, scheme: Scheme) -> EngineError {
    let name = |code: &u32| stratum_name(strata, *code);
    let found = match error {
        DesignError::LonelyCluster { stratum } => {
            let rule = "put it to another stratum, or let it count as certain to be drawn (lonely: certainty)";
            problem("/strata", format!("{} has a single cluster: {rule}", name(stratum)))
        }
        DesignError::NotPaired { stratum, drawn } => {
            let message = format!("{} has {drawn} clusters, {} needs two in each", name(stratum), scheme.name());
            problem("/strata", message)
        }
        DesignError::BadPopulation { stratum, drawn, population } => {
            problem("/fpc", format!("{} has {drawn} clusters of a population of {population}", name(stratum)))
        }
        other => problem("/clusters", other.to_string()),
    };
    refused(vec![found])
}

fn problem(path: &str, message: String) -> Problem {
    Problem { path: path.to_owned(), message }
}

fn refused(problems: Vec<Problem>) -> EngineError {
    EngineError::BadRules { field: "design", problems }
}
