//! The numbers: the snapshot's hash and every result, computed again.

use std::ops::ControlFlow;

use folkmoot_core::{Sha256Hash, canonical};
use folkmoot_engine::{EngineError, PUBLIC_THRESHOLD, Progress, RunResult, Runnable, run, run_method, worth_while};
use folkmoot_snapshot::PartState;

use super::plugins::{Plugins, Trouble};
use super::{Outcome, Verification, Verifier};
use crate::bundle::{Content, Figure, plugin_file, result_file};

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
pub(super) fn figures(verifier: &Verifier, content: &Content, to: &mut Verification) {
    let mut plugins = Plugins::of(verifier, content);
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
        let method = match figure.result.method.component {
            None => format!("{} {}", figure.result.method.id, figure.result.method.version),
            Some(hash) => {
                format!("{} {} of {}", figure.result.method.id, figure.result.method.version, plugin_file(&hash))
            }
        };
        match again(content, &figure.result, &mut plugins) {
            Ok(text) if text == figure.text => {
                to.add(name, Outcome::Pass, format!("{method}: the same, bit for bit"));
            }
            Ok(text) => {
                let at = text.bytes().zip(figure.text.bytes()).take_while(|(a, b)| a == b).count();
                to.add(name, Outcome::Fail, format!("{file}: {method} gives another result, from byte {at}"));
            }
            Err(Trouble::CannotRun(words)) => to.add(name, Outcome::NotChecked, words),
            Err(Trouble::Fails(words)) => {
                to.add(name, Outcome::Fail, format!("{file}: {method} does not run: {words}"));
            }
        }
    }
}

/// Every result was run to suppress small cells; that it does follows from its being the same again.
pub(super) fn small_cells(content: &Content, to: &mut Verification) {
    if !content.manifest.suppresses() {
        return to.add("small cells", Outcome::NotChecked, "the release is of before they were suppressed");
    }
    let is_open = |figure: &&Figure| !figure.result.is_public();
    let complaint = |figure: &Figure| {
        let (file, below) = (result_file(&figure.entry.hash), figure.result.suppress_below);
        format!("{file}: suppressed below {below}, not {PUBLIC_THRESHOLD}")
    };
    let complaints: Vec<String> = content.results.iter().filter(is_open).map(complaint).collect();
    let passed = format!("every result suppresses what rests on fewer than {PUBLIC_THRESHOLD} answers");
    to.settle("small cells", passed, complaints);
}

/// The result's run once more, as canonical JSON. The engine's own version may be another.
fn again(content: &Content, stated: &RunResult, plugins: &mut Plugins<'_>) -> Result<String, Trouble> {
    let spec = stated.spec();
    let go_on = &mut |_: &Progress| ControlFlow::Continue(());
    let run = match stated.method.component {
        None => run(&content.snapshot, &spec, go_on),
        Some(component) => {
            let runnable = Runnable { method: plugins.get(component)?, component: Some(component) };
            run_method(runnable, &content.snapshot, &spec, worth_while(&content.snapshot), go_on)
        }
    };
    let mut result = run.map_err(|error| match error {
        EngineError::UnknownMethod(method) => {
            Trouble::CannotRun(format!("this version does not have the method {method}"))
        }
        // The reader's limits may be lower than the publisher's, and the machine slower.
        EngineError::OverBudget(words) => Trouble::CannotRun(words),
        error => Trouble::Fails(error.to_string()),
    })?;
    result.engine.clone_from(&stated.engine);
    Ok(canonical::json(&result))
}
