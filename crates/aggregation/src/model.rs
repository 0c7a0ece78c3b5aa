//! What the service speaks of: no wire type, no row.

use std::collections::BTreeMap;
use std::fmt;

use folkmoot_core::{Code, Fault, Reason, Sha256Hash, Timestamp, View};
use folkmoot_engine::{Cells, Design, MethodRef, Quality, Targets, Weighting};
use folkmoot_methods::contract::Descriptor;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A snapshot of a round.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SnapshotName {
    /// Id of the round.
    pub round: String,
    /// The content hash.
    pub hash: Sha256Hash,
}

impl fmt::Display for SnapshotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rounds/{}/snapshots/{}", self.round, self.hash)
    }
}

/// What to run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// Over which answers.
    pub snapshot: SnapshotName,
    /// The method in the caller's words: an id, `id@version` or a component's hash.
    pub method: String,
    /// What these words meant when the analysis was created; `None` in analyses of before there were plugins.
    #[serde(default)]
    pub resolved: Option<MethodRef>,
    /// Parameters as the caller gave them, an object.
    pub parameters: Value,
    /// The only randomness.
    pub seed: u64,
    /// Attribute whose values make the segments, if any.
    pub by: Option<String>,
    /// Further attributes, for methods that read strata themselves.
    #[serde(default)]
    pub also_by: Vec<String>,
    /// Shares of the population.
    #[serde(default)]
    pub targets: Targets,
    /// Shares of the population by combinations of levels.
    #[serde(default)]
    pub cells: Vec<Cells>,
    /// How participants are weighted to them, where the caller says.
    #[serde(default)]
    pub weighting: Option<Weighting>,
    /// Rules by which participants are flagged.
    #[serde(default)]
    pub quality: Option<Quality>,
    /// How participants were drawn, where replicates follow that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub design: Option<Design>,
    /// Whose eyes.
    pub view: View,
    /// The spec's positions by item id.
    pub positions: BTreeMap<String, String>,
    /// Name of the revision that further positions come from, if any.
    pub positions_of: Option<String>,
    /// Ids of the items to use; all where empty.
    pub items: Vec<String>,
    /// Bootstrap replicates; no intervals where 0.
    pub replicates: u32,
    /// Cells that rest on fewer answers are suppressed; none in analyses of before there was a threshold.
    #[serde(default)]
    pub suppress_below: u32,
}

/// Where an analysis stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Waiting or being worked on.
    Running,
    /// It found this result.
    Succeeded(Sha256Hash),
    /// It ended without a result.
    Failed(Failure),
    /// Somebody cancelled it.
    Cancelled(Failure),
}

/// Why an analysis has no result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub code: Code,
    /// Why, for programs.
    pub reason: Reason,
    /// Why, for people.
    pub message: String,
}

impl Failure {
    /// The failure of an analysis whose process ended before it did.
    pub fn interrupted() -> Self {
        let message = "interrupted by a restart; run it again".to_owned();
        Self { code: Code::Internal, reason: Reason::InternalError, message }
    }
}

impl From<&Fault> for Failure {
    /// A plugin chooses the words of its failure, and PostgreSQL keeps no text with a NUL.
    fn from(fault: &Fault) -> Self {
        Self { code: fault.code, reason: fault.reason, message: fault.message.replace('\0', "\u{FFFD}") }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Fault::new(failure.code, failure.reason, failure.message)
    }
}

/// A method run over a snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Its id.
    pub id: String,
    /// What was asked for, its positions filled in once they were read.
    pub spec: Spec,
    /// Where it stands.
    pub state: State,
    /// When it was asked for.
    pub created: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

/// Who may see a result's figures, and so who can recompute it. Single cells of a public one may still be
/// suppressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Anybody, from the release.
    Public,
    /// An auditor who holds the sealed data.
    Auditor,
    /// Nobody is shown it.
    Suppressed,
}

/// What an analysis found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Id of the analysis.
    pub analysis: String,
    /// Over which answers.
    pub snapshot: SnapshotName,
    /// SHA-256 of `json`.
    pub hash: Sha256Hash,
    /// Canonical JSON of the run and its report.
    pub json: String,
    /// The method's id.
    pub method: String,
    /// The method's version.
    pub method_version: String,
    /// The method's component, where it is a plugin.
    pub component: Option<Sha256Hash>,
    /// Version of the engine that ran it.
    pub engine_version: String,
    /// Who can recompute it.
    pub class: Class,
    /// When it was stored.
    pub created: Timestamp,
}

impl Found {
    /// `analyses/{analysis}/results/{sha256}`.
    pub fn name(&self) -> String {
        format!("analyses/{}/results/{}", self.analysis, self.hash)
    }
}

/// How far a running analysis is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// What is being done: `waiting`, `fetching`, `folding`, `finishing`.
    pub phase: &'static str,
    /// From 0 to 1.
    pub fraction: f64,
    /// Answers folded so far, over all passes.
    pub rows: u64,
}

/// A method that is a component which a tenant registered.
#[derive(Clone, Debug, PartialEq)]
pub struct Plugin {
    /// SHA-256 of the component.
    pub component: Sha256Hash,
    /// What it says of itself.
    pub descriptor: Descriptor,
    /// Size of the component.
    pub bytes: u64,
    /// Version of the world that it implements.
    pub world: String,
    /// Who vouches for it, if anybody.
    pub signature: Option<Signature>,
    /// When it was registered.
    pub created: Timestamp,
    /// Since when, and why, it starts no more analyses.
    pub disabled: Option<Disabled>,
}

impl Plugin {
    /// `plugins/{sha256}`.
    pub fn name(&self) -> String {
        format!("plugins/{}", self.component)
    }
}

/// A signature that was checked, and the key that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The Ed25519 signature.
    pub signature: [u8; 64],
    /// The Ed25519 key.
    pub public_key: [u8; 32],
}

/// The end of a plugin's use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disabled {
    /// When.
    pub at: Timestamp,
    /// Why, in somebody's words.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_plugin_can_be_stored() {
        let fault = Fault::precondition(Reason::PluginTrap, "it said \0");
        assert_eq!(Failure::from(&fault).message, "it said \u{FFFD}");
    }

    #[test]
    fn a_spec_of_before_there_were_plugins_can_be_read() {
        let hash = Sha256Hash::of(b"snapshot");
        let text = format!(
            r#"{{"by":"region","items":[],"method":"borda","parameters":{{}},"positions":{{}},"positions_of":null,"replicates":0,"seed":1,"snapshot":{{"hash":"{hash}","round":"r"}},"view":"personal"}}"#
        );
        let spec: Spec = serde_json::from_str(&text).unwrap();
        assert_eq!((spec.method.as_str(), spec.resolved, spec.also_by.len()), ("borda", None, 0));
    }
}
