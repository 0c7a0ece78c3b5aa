//! What the first pass hands on to the second: who counts, how their weights change, and the figures
//! about people. A few hundred bytes, and a bit for each participant where a sample is drawn.

use folkmoot_plugin_sdk::{MethodError, state};

use crate::cells::Rule;
use crate::numbers::{Reader, put, put_double};

const TAG: &str = "quota-sampling@1.0.0 model";

/// Most cells that a model can have: all regions with all levels.
const MOST_CELLS: usize = 1 << 16;

/// People of one region and one level, in the sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CellFacts {
    pub(crate) region: usize,
    pub(crate) level: usize,
    pub(crate) rule: Rule,
    /// Sum of their base weights.
    pub(crate) base: f64,
    /// Sum of their final weights, and of the squares.
    pub(crate) weight: f64,
    pub(crate) squares: f64,
}

/// People of a region, or of a level of the second attribute.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct PartFacts {
    /// People who count.
    pub(crate) people: u64,
    /// Sum of their base weights.
    pub(crate) base: f64,
    /// Those of them who are in the sample.
    pub(crate) sampled: u64,
    /// Sum of the final weights of these.
    pub(crate) weight: f64,
}

/// A region's part in the plan.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct RegionFacts {
    pub(crate) part: PartFacts,
    /// The region that answers for it.
    pub(crate) root: usize,
    /// How many people it, with those it answers for, should have; 0 where another answers for it.
    pub(crate) quota: u64,
    /// Whether the quota was raised to the minimum.
    pub(crate) raised: bool,
}

/// How the weights of the sample are spread, in units of [`folkmoot_plugin_sdk::WEIGHT_ONE`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Spread {
    /// Minimum, lower quartile, median, upper quartile, maximum.
    pub(crate) quantiles: [f64; 5],
    pub(crate) mean: f64,
    /// Kish's effective n.
    pub(crate) n_eff: f64,
}

/// The model.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    pub(crate) cells: Vec<CellFacts>,
    pub(crate) regions: Vec<RegionFacts>,
    pub(crate) levels: Vec<PartFacts>,
    /// A bit for each participant, lowest first; empty where everybody who counts is in the sample.
    pub(crate) drawn: Vec<u8>,
    /// People in the sample.
    pub(crate) sampled: u64,
    /// People left out because their region, or only their second attribute, is unknown.
    pub(crate) unknown: [u64; 2],
    /// People left out because the target of their region or level is 0.
    pub(crate) untargeted: u64,
    /// People whose answers weigh differently.
    pub(crate) differing: u64,
    /// People whose weight was cut to the cap.
    pub(crate) trimmed: u64,
    /// Under the base weights and under the final ones.
    pub(crate) before: Spread,
    pub(crate) after: Spread,
    /// Rounds of raking and the largest gap they leave.
    pub(crate) rounds: u64,
    pub(crate) gap: f64,
}

impl Model {
    /// Whether the participant is in the sample, if they count at all.
    pub(crate) fn is_drawn(&self, participant: u32) -> bool {
        self.drawn.is_empty()
            || self.drawn.get(participant as usize / 8).is_some_and(|byte| byte >> (participant % 8) & 1 == 1)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = state::header(TAG);
        put(&mut bytes, self.cells.len() as u64);
        for cell in &self.cells {
            put(&mut bytes, cell.region as u64);
            put(&mut bytes, cell.level as u64);
            let doubles = [cell.rule.factor, cell.rule.cap, cell.base, cell.weight, cell.squares];
            doubles.iter().for_each(|&x| put_double(&mut bytes, x));
        }
        put(&mut bytes, self.regions.len() as u64);
        for region in &self.regions {
            encode_part(&mut bytes, &region.part);
            [region.root as u64, region.quota, region.raised.into()].iter().for_each(|&n| put(&mut bytes, n));
        }
        put(&mut bytes, self.levels.len() as u64);
        self.levels.iter().for_each(|part| encode_part(&mut bytes, part));
        put(&mut bytes, self.drawn.len() as u64);
        bytes.extend_from_slice(&self.drawn);
        let counts = [self.sampled, self.unknown[0], self.unknown[1], self.untargeted, self.differing, self.trimmed];
        counts.iter().for_each(|&n| put(&mut bytes, n));
        for spread in [&self.before, &self.after] {
            spread.quantiles.iter().for_each(|&x| put_double(&mut bytes, x));
            put_double(&mut bytes, spread.mean);
            put_double(&mut bytes, spread.n_eff);
        }
        put(&mut bytes, self.rounds);
        put_double(&mut bytes, self.gap);
        bytes
    }

    /// # Errors
    /// [`MethodError::BadState`] for bytes that [`Model::encode`] did not write for these many regions,
    /// levels and participants.
    pub(crate) fn decode(
        bytes: &[u8],
        regions: usize,
        levels: usize,
        participants: usize,
    ) -> Result<Self, MethodError> {
        let mut reader = Reader::new(state::body(TAG, bytes)?);
        let mut model = Self::default();
        for _ in 0..reader.at_most(MOST_CELLS)? {
            let region = reader.at_most(regions.saturating_sub(1))?;
            let level = reader.at_most(levels.saturating_sub(1))?;
            let rule = Rule::new(reader.double()?, reader.double()?);
            let [base, weight, squares] = [reader.double()?, reader.double()?, reader.double()?];
            model.cells.push(CellFacts { region, level, rule, base, weight, squares });
        }
        for _ in 0..reader.at_most(regions)? {
            let part = decode_part(&mut reader)?;
            let root = reader.at_most(regions.saturating_sub(1))?;
            model.regions.push(RegionFacts { part, root, quota: reader.number()?, raised: reader.number()? == 1 });
        }
        for _ in 0..reader.at_most(levels)? {
            model.levels.push(decode_part(&mut reader)?);
        }
        let drawn = reader.at_most(participants.div_ceil(8))?;
        model.drawn = reader.take(drawn)?.to_vec();
        model.sampled = reader.number()?;
        model.unknown = [reader.number()?, reader.number()?];
        [model.untargeted, model.differing, model.trimmed] = [reader.number()?, reader.number()?, reader.number()?];
        for spread in [&mut model.before, &mut model.after] {
            for quantile in &mut spread.quantiles {
                *quantile = reader.double()?;
            }
            [spread.mean, spread.n_eff] = [reader.double()?, reader.double()?];
        }
        model.rounds = reader.number()?;
        model.gap = reader.double()?;
        if model.regions.len() != regions || model.levels.len() != levels {
            return Err(MethodError::BadState("it is of other attributes".to_owned()));
        }
        reader.end().map(|()| model)
    }
}

fn encode_part(bytes: &mut Vec<u8>, part: &PartFacts) {
    put(bytes, part.people);
    put_double(bytes, part.base);
    put(bytes, part.sampled);
    put_double(bytes, part.weight);
}

fn decode_part(reader: &mut Reader<'_>) -> Result<PartFacts, MethodError> {
    Ok(PartFacts {
        people: reader.number()?,
        base: reader.double()?,
        sampled: reader.number()?,
        weight: reader.double()?,
    })
}
