//! Quota-weighted regional sampling: draws people to regional quotas, weights answers to regional
//! targets, and says what that costs in precision. See `README.md` for formulae, sources and limits.
//!
//! Two passes over the answers. The first (`people`) collects who is there; a plan (`design`) made
//! of it says who counts and what everybody weighs; the second (`tally`) adds up answers by stratum,
//! from which the report is made.
//!
//! | module | what it does |
//! |---|---|
//! | `descriptor`, `parameters`, `setup`, `options` | what is asked, and everything wrong with it |
//! | `people`, `numbers` | the first pass and its packed state |
//! | `design`, `collapse`, `quotas`, `draw`, `cells`, `fit` | the plan |
//! | `model` | the plan as bytes |
//! | `tally` | the second pass |
//! | `estimate`, `report`, `words` | the figures and how they are said |

mod cells;
mod collapse;
mod descriptor;
mod design;
mod draw;
mod estimate;
mod fit;
mod model;
mod numbers;
mod options;
mod parameters;
mod people;
mod quotas;
mod report;
mod setup;
mod tally;
#[cfg(test)]
mod tests;
mod words;

use folkmoot_plugin_sdk::{Batch, Config, Descriptor, Fold, MethodError, Outcome};

use crate::model::Model;
use crate::people::People;
use crate::setup::Setup;
use crate::tally::Tally;

/// The method's accumulator: who is there, then what they said.
pub struct QuotaSampling(Pass);

enum Pass {
    People(Box<Setup>, People),
    Answers(Box<Tally>),
}

impl Fold for QuotaSampling {
    fn describe() -> Descriptor {
        descriptor::descriptor()
    }

    fn open(config: &Config, _: u32, model: Option<&[u8]>) -> Result<Self, MethodError> {
        let setup = Setup::read(config)?;
        let Some(model) = model else {
            let people = People::new(&setup);
            return Ok(Self(Pass::People(Box::new(setup), people)));
        };
        let levels = setup.second.as_ref().map_or(0, |second| second.levels.len());
        let model = Model::decode(model, setup.region.levels.len(), levels, setup.participants)?;
        Ok(Self(Pass::Answers(Box::new(Tally::new(setup, model)))))
    }

    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        match &mut self.0 {
            Pass::People(_, people) => people.update(batch),
            Pass::Answers(tally) => tally.update(batch),
        }
    }

    fn save(&self) -> Vec<u8> {
        match &self.0 {
            Pass::People(_, people) => people.save(),
            Pass::Answers(tally) => tally.save(),
        }
    }

    fn merge(&mut self, partial: &[u8]) -> Result<(), MethodError> {
        match &mut self.0 {
            Pass::People(_, people) => people.merge(partial),
            Pass::Answers(tally) => tally.merge(partial),
        }
    }

    fn finish(self) -> Result<Outcome, MethodError> {
        match self.0 {
            Pass::People(setup, people) => design::plan(&setup, &people).map(|model| Outcome::Again(model.encode())),
            Pass::Answers(tally) => report::report(&tally).map(Outcome::Done),
        }
    }
}

folkmoot_plugin_sdk::export!(QuotaSampling);
