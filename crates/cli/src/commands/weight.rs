//! `folkmoot weight`: participants of a file, weighted to the shares of a population. Offline.

use std::path::PathBuf;

use folkmoot_core::Fault;
use folkmoot_engine::{EngineError, Weighting};
use folkmoot_methods::Report;
use folkmoot_methods::report::{Cell, Column, Table, Unit};
use folkmoot_report::terminal;
use folkmoot_snapshot::Participants;
use folkmoot_weights::{Attribute, People, Plan};
use serde_json::{Value, json};

use crate::Format;
use crate::failure::{End, Failure};
use crate::input;
use crate::out::Session;

/// Weights participants to the shares of a population. `--format csv` gives the participants with their
/// weights, to be used as a participants file; `table` what the weights achieve and cost; `json` both.
#[derive(clap::Args)]
pub struct Weight {
    /// How: raking of any margins, poststratification to one set of cells, or calibration by a distance.
    #[arg(long, value_enum)]
    method: Method,
    /// Participants with their attributes, and base weights if they have a column of them.
    #[arg(long, value_name = "FILE")]
    participants: PathBuf,
    /// Shares of the population, or counts: {"margins": [{"attribute": "region", "shares": {"north": 0.4,
    /// "south": 0.6}}], "population": 1000000}.
    #[arg(long, value_name = "FILE")]
    targets: PathBuf,
    /// Further parameters as a JSON object, or @FILE: distance (linear, raking, logit, truncated-linear),
    /// lower and upper for calibrate; trim (largest weight in multiples of the mean) for the others;
    /// tolerance, max_iterations, unknown (refuse or keep).
    #[arg(long, value_name = "JSON")]
    params: Option<String>,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Method {
    Rake,
    Poststratify,
    Calibrate,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Rake => "rake",
            Self::Poststratify => "poststratify",
            Self::Calibrate => "calibrate",
        }
    }
}

pub(crate) fn run(weight: &Weight, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    let weighting = weight.weighting()?;
    let participants = Participants::collect(folkmoot_formats::tidy::participants(&weight.participants)?)?;
    let targets = folkmoot_formats::targets::read(&weight.targets)?;
    let attributes = participants.attributes.iter();
    let people = People {
        base: participants.weights.as_deref(),
        attributes: attributes.map(|of| Attribute { name: &of.name, levels: &of.levels, codes: &of.codes }).collect(),
    };
    let plan = Plan::new(&people, &targets, &weighting).map_err(EngineError::from)?;
    let fit = plan.fit(None).map_err(EngineError::from)?;
    let report = folkmoot_weights::report(&people, &plan, &fit);
    show(&weighting, &participants, &fit.weights, &report, session)?;
    Ok(End::Done)
}

impl Weight {
    fn weighting(&self) -> Result<Weighting, Failure> {
        let mut params = input::json_object("--params", self.params.as_deref())?;
        params["method"] = self.method.name().into();
        input::checked("--params", &params, Weighting::read)
    }
}

fn show(
    weighting: &Weighting,
    participants: &Participants,
    weights: &[f64],
    report: &Report,
    session: &mut Session<'_, '_>,
) -> Result<(), Failure> {
    match session.format() {
        Format::Table => session.print(&terminal::report(report, session.width(), session.colour())),
        Format::Csv => {
            report.notes.iter().for_each(|note| session.say(&note.text));
            session.csv(&weighted(participants, weights))
        }
        Format::Json => {
            let each = participants.ids.iter().zip(weights);
            let each: Vec<Value> =
                each.map(|(participant, weight)| json!({"participant": participant, "weight": weight})).collect();
            session.json(&json!({
                "weighting": serde_json::to_value(weighting).map_err(Fault::internal)?,
                "report": serde_json::to_value(report).map_err(Fault::internal)?,
                "weights": each,
            }))
        }
    }
}

/// The participants as a file of theirs, each with the weight that was found.
fn weighted(participants: &Participants, weights: &[f64]) -> Table {
    let mut columns = vec![Column::new("participant", "Participant", Unit::None)];
    columns.extend(participants.attributes.iter().map(|of| Column::new(&of.name, &of.name, Unit::None)));
    columns.push(Column::new("weight", "Weight", Unit::Weight));
    let row = |(place, weight): (usize, &f64)| {
        let mut row = vec![Cell::from(participants.ids[place].as_str())];
        row.extend(participants.attributes.iter().map(|of| Cell::from(of.level(place))));
        row.push(Cell::from(*weight));
        row
    };
    Table {
        id: "participants".into(),
        title: "Participants with their weights".into(),
        columns,
        rows: weights.iter().enumerate().map(row).collect(),
    }
}
