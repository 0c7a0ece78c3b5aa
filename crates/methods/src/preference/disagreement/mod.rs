//! `disagreement`: where the public and the spec differ beyond noise, and in which way.
//!
//! A reader meets the parts in this order: `design` is what is fixed before the answers are seen;
//! `cells` folds exact sums (`moments`) of them; `part` takes the answers of some people to one pair
//! out of these; `estimate` makes a figure with its tests of them, by `wild` where clusters are few;
//! `evidence` tests an item; `shown` looks at its clearest pair in every segment, which
//! `heterogeneity` compares; `class` corrects over items and decides; `report`, `tables` and `notes`
//! say so.

mod cells;
mod class;
mod design;
mod estimate;
mod evidence;
mod heterogeneity;
mod moments;
mod notes;
mod part;
mod report;
mod shown;
mod tables;
#[cfg(test)]
mod tests;
mod wild;

use cells::Cells;
use design::Design;
use serde_json::json;

use crate::ballot::check_items;
use crate::contract::{Accumulator, Config, Descriptor, Law, Method, MethodError, Segments};
use crate::preference::agreement::KINDS;

pub(crate) struct Disagreement;

impl Method for Disagreement {
    fn describe(&self) -> Descriptor {
        Descriptor {
            id: "disagreement".into(),
            version: "2.0.0".into(),
            title: "Where public and spec disagree".into(),
            answers: "On which items does the public prefer something to what the spec prefers, by more than noise, \
                      and is that so in every segment?"
                .into(),
            assumes:
                "Participants, or the communities they were recruited in, answer independently of each other. Net \
                      preference: the share that puts b above a less the share that puts a above b; ties count as \
                      neither and dilute. Method, weights, segments and rule are fixed before the answers are seen."
                    .into(),
            avoid_when: "Fewer than some 200 people answered each item, or the segments are opinion groups made from \
                         the same votes, which can confirm nothing."
                .into(),
            source: "Linearised variance with participants or communities as clusters; score tests, Boos 1992; wild cluster \
                     bootstrap under 40 communities: Cameron, Gelbach and Miller 2008; Holm 1979 within an item; Benjamini and \
                     Hochberg 1995 over items; equivalence as in Schuirmann 1987; Cochran 1954, DerSimonian and Laird \
                     1986 and Morris 1983 for segments"
                .into(),
            kinds: KINDS.map(str::to_owned).into(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "margin": {"type": "number", "minimum": 0.0, "maximum": 0.9, "default": 0.1,
                               "description": "net preference against the position that still counts as agreement; 0.1 is a 55/45 split"},
                    "q": {"type": "number", "minimum": 0.0001, "maximum": 0.5, "default": 0.05,
                          "description": "share of false findings tolerated"},
                    "level": {"type": "number", "minimum": 0.5, "maximum": 0.999, "default": 0.95,
                              "description": "confidence of the intervals"},
                    "min_effective": {"type": "number", "minimum": 40.0, "maximum": 1_000_000.0, "default": 50.0,
                                      "description": "effective participants that an item or a segment must have"},
                    "cluster": {"type": "string", "default": "",
                                "description": "attribute, among those told apart, whose levels were recruited as a whole, such as community; empty where participants were recruited one by one. Segments are the first of the others"},
                },
                "additionalProperties": false,
            }),
            max_passes: 1,
            segments: Segments::Method,
            bootstrap: false,
            participants: false,
            laws: vec![Law::Anonymity, Law::WeightScale],
        }
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        check_items(config, &KINDS)?;
        Design::read(config).map(|_| ())
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        Ok(Box::new(Cells::new(Design::read(config)?)))
    }
}
