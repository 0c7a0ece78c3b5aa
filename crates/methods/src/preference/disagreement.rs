//! `disagreement`: where the public and the spec differ beyond noise, and in which way.
//!
//! The exact sums are folded here; [`verdict`](super::verdict) turns them into classes.

use serde::Deserialize;
use serde_json::json;

use crate::ballot::{check_items, compare, tiers};
use crate::contract::{Accumulator, Config, Descriptor, ItemInfo, Law, Method, MethodError, NO_STRATUM, Segments};
use crate::fold::{Summed, Tally, open};
use crate::preference::agreement::{KINDS, positions};
use crate::preference::sample::{SLOTS, Sample};
use crate::preference::verdict;
use crate::report::Report;

/// The rule, fixed before the data is opened.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Rule {
    /// Net preference that still counts as agreement.
    pub(crate) margin: f64,
    /// Share of false findings tolerated.
    pub(crate) q: f64,
    /// Confidence of the intervals.
    pub(crate) level: f64,
    /// Effective participants a segment, and an item, must have.
    pub(crate) min_effective: f64,
}

pub(crate) struct Disagreement;

impl Method for Disagreement {
    fn describe(&self) -> Descriptor {
        Descriptor {
            id: "disagreement".into(),
            version: "1.0.0".into(),
            title: "Where public and spec disagree".into(),
            answers: "On which items does the public prefer something to what the spec prefers, by more than noise, \
                      and is that so in every segment?"
                .into(),
            assumes: "Participants answer independently of each other. Net preference: the share that puts b above a \
                      less the share that puts a above b; ties count as neither and dilute. Method, weights, \
                      segments and rule are fixed before the answers are seen."
                .into(),
            avoid_when: "Fewer than some 200 people answered each item, or the segments are opinion groups made from \
                         the same votes, which can confirm nothing."
                .into(),
            source: "Linearised variance with participants as clusters; Holm 1979 within an item; Benjamini and \
                     Hochberg 1995 over items; equivalence as in Schuirmann 1987"
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
                    "min_effective": {"type": "number", "minimum": 2.0, "maximum": 1_000_000.0, "default": 50.0,
                                      "description": "effective participants that an item or a segment must have"},
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
        config.parameters::<Rule>()?;
        positions(&config.items).map(|_| ())
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        let positions = positions(&config.items)?;
        let categories = config.dimensions.first().map_or(&[][..], |dimension| &dimension.categories);
        let groups = categories.len() + 1;
        let mut starts = vec![0];
        for position in &positions {
            let width = position.as_ref().map_or(0, Vec::len);
            starts.push(starts[starts.len() - 1] + groups * pairs(width) * SLOTS);
        }
        let segments = categories.iter().map(|category| category.label.clone()).collect();
        Ok(open(Fold { items: config.items.clone(), positions, segments, starts, rule: config.parameters()? }))
    }
}

fn pairs(width: usize) -> usize {
    width * width.saturating_sub(1) / 2
}

/// Place of the pair `b < a` among all pairs.
fn pair(a: usize, b: usize) -> usize {
    pairs(a) + b
}

pub(crate) struct Fold {
    pub(crate) items: Vec<ItemInfo>,
    pub(crate) positions: Vec<Option<Vec<u8>>>,
    pub(crate) segments: Vec<String>,
    starts: Vec<usize>,
    pub(crate) rule: Rule,
}

impl Fold {
    /// Net preference for `against` over `preferred` on an item: in all for group 0, else in segment
    /// `group - 1`.
    pub(crate) fn sample(&self, sums: &[i128], item: usize, group: usize, preferred: usize, against: usize) -> Sample {
        let width = self.positions[item].as_ref().map_or(0, Vec::len);
        let (high, low) = (preferred.max(against), preferred.min(against));
        let at = self.starts[item] + (group * pairs(width) + pair(high, low)) * SLOTS;
        let sample = Sample::read(&sums[at..at + SLOTS]);
        // The sums count the higher place above the lower as 1.
        if against == high { sample } else { sample.reversed() }
    }
}

impl Summed for Fold {
    fn tag(&self) -> String {
        "disagreement@1.0.0".into()
    }

    fn size(&self) -> usize {
        self.starts[self.items.len()]
    }

    fn add(&self, sums: &mut [i128], item: usize, stratum: u16, answer: &[u8], tally: &Tally) {
        let Some(position) = &self.positions[item] else { return };
        let mut given = Vec::new();
        if tiers(&self.items[item], answer, &mut given).is_none() {
            return;
        }
        let sums = &mut sums[self.starts[item]..self.starts[item + 1]];
        let count = pairs(position.len());
        let segment = (stratum != NO_STRATUM && !self.segments.is_empty()).then(|| 1 + usize::from(stratum));
        let (weight, squares) = (i128::from(tally.weight), tally.squares as i128);
        for a in 0..position.len() {
            for b in 0..a {
                let Some(x) = compare(&given, a, b).map(i128::from) else { continue };
                for group in [Some(0), segment].into_iter().flatten() {
                    let slot = &mut sums[(group * count + pair(a, b)) * SLOTS..][..SLOTS];
                    let added = [i128::from(tally.rows), weight, squares, weight * x, squares * x, squares * x * x];
                    slot.iter_mut().zip(added).for_each(|(sum, more)| *sum += more);
                }
            }
        }
    }

    fn report(&self, sums: &[i128]) -> Result<Report, MethodError> {
        verdict::report(self, sums)
    }
}
