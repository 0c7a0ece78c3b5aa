//! What is asked of a run and what comes of it: both are data, so that anybody can run it again.

use std::collections::BTreeMap;

use folkmoot_core::{Sha256Hash, View, canonical};
use folkmoot_methods::Report;
use folkmoot_methods::report::Note;
use folkmoot_weights::{Cells, Weighting};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::designs::Design;
use crate::quality::Quality;
use crate::suppression::PUBLIC_THRESHOLD;

/// A method and everything it depends on beside the snapshot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunSpec {
    /// `id` for the newest version of a method, `id@version`, or a plugin's SHA-256.
    pub method: String,
    /// Parameters under the method's schema; what is left out takes its default.
    pub params: Value,
    /// The only randomness of the run.
    pub seed: u64,
    /// Attribute whose levels are told apart; at most 200 levels, none of them `all`.
    pub by: Option<String>,
    /// Further attributes, for methods that read strata themselves.
    pub also_by: Vec<String>,
    /// Shares of the population, by attribute and level: what participants are weighted to, and what
    /// methods that read strata themselves are told of the attributes told apart.
    pub targets: Targets,
    /// Shares of the population by combinations of levels, to weight to.
    pub cells: Vec<Cells>,
    /// How participants are weighted to the targets. Where absent they are raked, but for plugins that read
    /// strata themselves, which are given the targets alone.
    pub weighting: Option<Weighting>,
    /// Rules by which participants are flagged, to see the figures with and without them.
    pub quality: Option<Quality>,
    /// How participants were drawn, where replicates are to follow that: those of a jackknife or of halves
    /// need no number. Where absent, participants are drawn one by one.
    pub design: Option<Design>,
    /// Whose eyes the answers take.
    pub view: View,
    /// What the spec says, by item id, in the grammar of the item's answers; where empty, the
    /// snapshot's own positions.
    pub positions: BTreeMap<String, String>,
    /// Ids of the items to fold; where empty, all of them.
    pub items: Vec<String>,
    /// Bootstrap replicates for the intervals of estimates; 0 for none. Items times segments times
    /// replicates are at most two million; forty for methods that take replicates at once.
    pub replicates: u32,
    /// Cells that rest on fewer answers are suppressed; none where 0.
    pub suppress_below: u32,
}

/// Shares of the population by attribute, then by level; those of an attribute add up to 1.
pub type Targets = BTreeMap<String, BTreeMap<String, f64>>;

/// How far a run is.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// What is being done, in a word or two.
    pub phase: String,
    /// From 0 to 1.
    pub fraction: f64,
    /// Rows folded so far.
    pub rows: u64,
}

/// A method's name for ever.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodRef {
    /// Short id.
    pub id: String,
    /// Semantic version.
    pub version: String,
    /// SHA-256 of the component, where the method is a plugin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Sha256Hash>,
}

/// A report and everything it was computed from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunResult {
    /// The method.
    pub method: MethodRef,
    /// Content hash of the snapshot.
    pub snapshot: Sha256Hash,
    /// The parameters, defaults filled in.
    pub params: Value,
    /// The run's seed.
    pub seed: u64,
    /// The attribute told apart.
    pub by: Option<String>,
    /// Further attributes told apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_by: Vec<String>,
    /// Shares of the population.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub targets: Targets,
    /// Shares of the population by combinations of levels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<Cells>,
    /// How participants were weighted to the targets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weighting: Option<Weighting>,
    /// Rules by which participants were flagged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<Quality>,
    /// How participants were drawn, where replicates follow that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub design: Option<Design>,
    /// Whose eyes the answers take.
    pub view: View,
    /// The positions compared with, in their canonical text.
    pub positions: BTreeMap<String, String>,
    /// The items asked for; empty for all.
    pub items: Vec<String>,
    /// Bootstrap replicates.
    pub replicates: u32,
    /// Fewer answers than this are suppressed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub suppress_below: u32,
    /// Version of this crate.
    pub engine: String,
    /// The figures.
    pub report: Report,
    /// What the engine has to say beside the method's own notes.
    pub notes: Vec<Note>,
}

impl RunResult {
    /// Hash of the result's canonical JSON: equal hashes are equal results, bit for bit.
    pub fn hash(&self) -> Sha256Hash {
        Sha256Hash::of(canonical::json(self).as_bytes())
    }

    /// The run that gives this result again.
    pub fn spec(&self) -> RunSpec {
        RunSpec {
            method: match self.method.component {
                Some(hash) => hash.to_string(),
                None => format!("{}@{}", self.method.id, self.method.version),
            },
            params: self.params.clone(),
            seed: self.seed,
            by: self.by.clone(),
            also_by: self.also_by.clone(),
            targets: self.targets.clone(),
            cells: self.cells.clone(),
            weighting: self.weighting.clone(),
            quality: self.quality.clone(),
            design: self.design.clone(),
            view: self.view,
            positions: self.positions.clone(),
            items: self.items.clone(),
            replicates: self.replicates,
            suppress_below: self.suppress_below,
        }
    }

    /// Whether its figures may be shown to everybody: they are suppressed below [`PUBLIC_THRESHOLD`], at
    /// least.
    pub fn is_public(&self) -> bool {
        self.suppress_below >= PUBLIC_THRESHOLD
    }
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}
