//! `proportions`: the share of each option under a survey design, for everybody and in each domain.
//!
//! `survey` is what is fixed before the answers are seen; `cells` folds exact sums; `estimate` makes a
//! share with its error of them; `report` says so.

mod cells;
mod estimate;
mod report;
mod survey;
#[cfg(test)]
mod tests;

use serde_json::json;

use self::cells::Cells;
use self::survey::{INTERVALS, Survey};
use crate::ballot::check_items;
use crate::contract::{Accumulator, Config, Descriptor, Law, Method, MethodError, Segments};
use crate::preference::shares::KINDS;

/// The method; of the dimensions it is given, the last `margins` are what the weights were made to meet.
#[derive(Default)]
pub(crate) struct Proportions {
    margins: usize,
}

impl Method for Proportions {
    fn describe(&self) -> Descriptor {
        Descriptor {
            id: "proportions".into(),
            version: "1.1.0".into(),
            title: "Share of each option under a survey design".into(),
            answers:
                "How many agree, choose, approve, or put a candidate first, and how sure is that given the strata \
                      and clusters in which people were drawn?"
                    .into(),
            assumes:
                "Clusters, or participants where no cluster is named, were drawn independently within strata, with \
                      equal chances; from many more than were drawn, where fpc does not say from how many. Where \
                      the run weights to targets, what these explain is taken out of the errors; other weights \
                      are taken as given."
                    .into(),
            avoid_when:
                "Nobody was drawn by strata or clusters and no domains are compared: shares says the same with less."
                    .into(),
            source:
                "Linearised variance: Woodruff 1971, Binder 1983; intervals: logit (Korn and Graubard 1999), Wilson \
                     1927, Korn and Graubard 1998, Agresti and Coull 1998; design effect: Kish 1965; \
                     errors under weights that meet targets: Deville and Särndal 1992"
                    .into(),
            kinds: KINDS.map(str::to_owned).into(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "stratum": {"type": "string", "default": "",
                                "description": "attribute, among those told apart, within whose levels people were drawn; empty where there were no strata"},
                    "cluster": {"type": "string", "default": "",
                                "description": "attribute, among those told apart, whose levels were drawn as a whole; empty where participants were drawn one by one. The attributes that are neither stratum nor cluster nor fpc are domains"},
                    "fpc": {"type": "string", "default": "",
                            "description": "attribute, among those told apart, whose value is how many clusters (participants, where no cluster is named) the population has in the stratum, as in R's survey; empty for so many that it does not matter"},
                    "interval": {"type": "string", "enum": INTERVALS.map(|kind| kind.name()), "default": "logit",
                                 "description": "how intervals are made"},
                    "level": {"type": "number", "minimum": 0.5, "maximum": 0.999, "default": 0.95,
                              "description": "confidence of the intervals"},
                },
                "additionalProperties": false,
            }),
            max_passes: 1,
            segments: Segments::Method,
            bootstrap: false,
            participants: false,
            laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
        }
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        check_items(config, &KINDS)?;
        Survey::read(config, self.margins).map(|_| ())
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        Ok(Box::new(Cells::new(Survey::read(config, self.margins)?)))
    }

    fn calibrated(&self, margins: usize) -> Option<Box<dyn Method>> {
        Some(Box::new(Self { margins }))
    }
}
