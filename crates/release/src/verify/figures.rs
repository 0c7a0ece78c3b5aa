//! The numbers: the snapshot's hash and every result, computed again.

use std::ops::ControlFlow;

use folkmoot_core::{Sha256Hash, canonical};
use folkmoot_engine::{EngineError, RunResult, run};
use folkmoot_snapshot::PartState;

use super::{Outcome, Verification};
use crate::bundle::{Content, result_file};

/// More replicates than any service takes would only cost the reader time.
const MAX_REPLICATES: u32 = 10_000;

/// The snapshot's hash, recomputed from its content.
pub(super) fn snapshot(content: &Content, to: &mut Verification) {
    let wanted = content.manifest.snapshot.hash;
    let checked = match content.snapshot.verify() {
        Ok(checked) => checked,
        Err(error) => return to.settle("snapshot", "", vec![error.to_string()]),
    };
    let mut complaints = Vec::new();
    for part in &checked.parts {
        match &part.state {
            PartState::Same => {}
            PartState::Withheld if part.part == "words" && !content.manifest.words_included => {}
            PartState::Withheld => complaints.push(format!("snapshot: the {} are missing", part.part)),
            PartState::Differs { found } => {
                complaints.push(format!("snapshot: the {} hash to {}", part.part, found.sha256));
            }
            PartState::Damaged { .. } => complaints.push(format!("snapshot: the {} cannot be read", part.part)),
        }
    }
    if checked.recomputed != wanted || checked.claimed != wanted {
        complaints.push(format!("snapshot: the content hashes to {}, not to {wanted}", checked.recomputed));
    }
    if !content.manifest.words_included && content.snapshot.has_words() {
        complaints.push("snapshot/words.parquet: the release says that words are withheld".to_owned());
    }
    let passed = match content.manifest.words_included {
        true => format!("the content hashes to {wanted}"),
        false => format!("the content hashes to {wanted}; of the withheld words only their hash is known"),
    };
    to.settle("snapshot", passed, complaints);
}

/// Every result: its name, its snapshot, and the same bits from a new run.
pub(super) fn figures(content: &Content, to: &mut Verification) {
    for figure in &content.results {
        let file = result_file(&figure.entry.hash);
        let hash = Sha256Hash::of(figure.text.as_bytes());
        let name = format!("figure {file}");
        let mut complaints = Vec::new();
        if hash != figure.entry.hash {
            complaints.push(format!("{file}: the bytes hash to {hash}"));
        }
        if !figure.entry.name.ends_with(&format!("/{}", figure.entry.hash)) {
            complaints.push(format!("{file}: its name {} does not end in its hash", figure.entry.name));
        }
        if figure.result.snapshot != content.manifest.snapshot.hash {
            complaints.push(format!("{file}: it is over another snapshot, {}", figure.result.snapshot));
        }
        if figure.result.replicates > MAX_REPLICATES {
            complaints.push(format!("{file}: more than {MAX_REPLICATES} replicates"));
        }
        if !complaints.is_empty() {
            to.settle(name, "", complaints);
            continue;
        }
        let method = format!("{} {}", figure.result.method.id, figure.result.method.version);
        match again(content, &figure.result) {
            Ok(text) if text == figure.text => {
                to.add(name, Outcome::Pass, format!("{method}: the same, bit for bit"));
            }
            Ok(text) => {
                let at = text.bytes().zip(figure.text.bytes()).take_while(|(a, b)| a == b).count();
                to.add(name, Outcome::Fail, format!("{file}: {method} gives another result, from byte {at}"));
            }
            Err(EngineError::UnknownMethod(_)) => {
                to.add(name, Outcome::NotChecked, format!("this version does not have the method {method}"));
            }
            Err(error) => to.add(name, Outcome::Fail, format!("{file}: {method} does not run: {error}")),
        }
    }
}

/// The result's run once more, as canonical JSON. The engine's own version may be another.
fn again(content: &Content, stated: &RunResult) -> Result<String, EngineError> {
    let mut result = run(&content.snapshot, &stated.spec(), &mut |_| ControlFlow::Continue(()))?;
    result.engine.clone_from(&stated.engine);
    Ok(canonical::json(&result))
}
