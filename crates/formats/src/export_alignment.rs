//! The layout of a collective-alignment release, written from a snapshot: three JSON-lines files.
//!
//! Written are the `rank` items with their questions, as [`crate::collective_alignment`] reads them.
//! What the layout has no place for (items of other kinds, weights, durations) is named in the notes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use folkmoot_core::{Answer, Item, ItemKind, View, canonical};
use folkmoot_snapshot::{RowOut, Snapshot};
use serde_json::{Map, Value, json};

use crate::collective_alignment::{IDEAL, QUESTIONS, UNACCEPTABLE};
use crate::error::FormatError;

/// Writes `comparisons.jsonl`, `annotators.jsonl` and `merged_comparisons_annotators.jsonl` into
/// `dir`, and says in notes what they could not take. Holds the assessments in memory, as two of the
/// three files are ordered by people.
///
/// # Errors
/// A damaged snapshot, a disk that fails.
pub fn write(snapshot: &Snapshot, dir: &Path) -> Result<Vec<String>, FormatError> {
    let mut found = Found::default();
    snapshot.for_each_row(|row| {
        found.see(&row);
        Ok(())
    })?;
    let ids = &snapshot.participants.ids;
    let demographics: Vec<Value> = (0..ids.len()).map(|place| found.demographics(snapshot, place)).collect();

    let prompts = snapshot.items.iter().filter(|item| item.kind == ItemKind::Rank);
    let comparison = |item: &Item| {
        let given = found.assessments.get(&item.id).into_iter().flatten();
        let given: Vec<Value> = given.map(|(place, given)| assessment(&ids[*place as usize], given)).collect();
        let response = |c: &folkmoot_core::Candidate| json!({"response_index": c.id, "messages": [{"role": "assistant", "content": c.text}]});
        json!({
            "prompt_id": item.id,
            "prompt": {"messages": [{"role": "user", "content": item.prompt}]},
            "responses": item.candidates.iter().map(response).collect::<Vec<_>>(),
            "metadata": {"assessments": given},
        })
    };
    lines(&dir.join("comparisons.jsonl"), prompts.map(comparison))?;

    let mut by_person: BTreeMap<u32, Vec<(&str, &Value)>> = BTreeMap::new();
    for (prompt, given) in &found.assessments {
        given.iter().for_each(|(place, value)| by_person.entry(*place).or_default().push((prompt, value)));
    }
    let annotator = |place: usize| {
        let given = by_person.get(&(place as u32)).into_iter().flatten();
        let given: Vec<Value> = given
            .map(|(prompt, value)| with(assessment(&ids[place], value), "conversation_id", json!(prompt)))
            .collect();
        json!({"annotator_id": ids[place], "demographics": demographics[place], "assessments": given})
    };
    lines(&dir.join("annotators.jsonl"), (0..ids.len()).map(annotator))?;

    let demographics = &demographics;
    let merged = found.assessments.iter().flat_map(|(prompt, given)| {
        given.iter().map(move |(place, value)| {
            let line = with(assessment(&ids[*place as usize], value), "prompt_id", json!(prompt));
            with(line, "demographics", demographics[*place as usize].clone())
        })
    });
    lines(&dir.join("merged_comparisons_annotators.jsonl"), merged)?;
    Ok(found.notes())
}

#[derive(Default)]
struct Found {
    /// By prompt and participant: the assessment's fields.
    assessments: BTreeMap<String, BTreeMap<u32, Value>>,
    ideals: BTreeMap<u32, String>,
    left_out: BTreeSet<String>,
    weights: bool,
    durations: bool,
}

impl Found {
    fn see(&mut self, row: &RowOut<'_>) {
        self.weights |= row.weight.is_some();
        self.durations |= row.duration_ms.is_some();
        let about = row.item.about.as_deref();
        let question = about.and_then(|about| row.item.id.strip_prefix(about)).map(|name| name.trim_start_matches('/'));
        match (&row.answer, about, question) {
            (Answer::Rank { unacceptable, .. }, None, _) => {
                let view = row.view.name();
                let why = row.rationale.as_deref().unwrap_or("");
                let block = json!({"ranking": row.answer.text(row.item), "rationale": why});
                let blocks = &mut self.assessment(&row.item.id, row.place)["ranking_blocks"];
                blocks[view] = json!([block]);
                if let Some(flags) = unacceptable {
                    let flagged = row.item.candidates.iter().zip(flags).filter(|(_, flag)| **flag);
                    let rating: Vec<String> = flagged.map(|(c, _)| format!("{} {}", c.id, c.text)).collect();
                    let why = blocks["unacceptable"][0]["rationale"].as_str().unwrap_or("").to_owned();
                    blocks["unacceptable"] = json!([{"rating": rating, "rationale": why}]);
                }
            }
            (Answer::Choose(place), Some(about), Some(name)) if QUESTIONS.contains(&name) => {
                let chosen = &row.item.candidates[usize::from(*place)];
                let text = if chosen.text.is_empty() { &chosen.id } else { &chosen.text };
                self.assessment(about, row.place)[name] = json!(text);
            }
            (Answer::Text(why), Some(about), Some(UNACCEPTABLE)) => {
                let blocks = &mut self.assessment(about, row.place)["ranking_blocks"];
                let rating = blocks["unacceptable"][0]["rating"].take();
                let rating = if rating.is_array() { rating } else { json!([]) };
                blocks["unacceptable"] = json!([{"rating": rating, "rationale": why}]);
            }
            (Answer::Text(words), None, _) if row.item.id == IDEAL && row.view == View::Personal => {
                self.ideals.insert(row.place, words.clone());
            }
            _ => {
                self.left_out.insert(row.item.id.clone());
            }
        }
    }

    fn assessment(&mut self, prompt: &str, place: u32) -> &mut Value {
        let empty = || json!({"ranking_blocks": {"world": [], "personal": [], "unacceptable": []}});
        self.assessments.entry(prompt.to_owned()).or_default().entry(place).or_insert_with(empty)
    }

    fn demographics(&self, snapshot: &Snapshot, place: usize) -> Value {
        let attributes = snapshot.participants.get(place).attributes;
        let mut found: Map<String, Value> = attributes.into_iter().map(|(name, value)| (name, json!(value))).collect();
        if let Some(ideal) = self.ideals.get(&(place as u32)) {
            found.insert(IDEAL.to_owned(), json!(ideal));
        }
        Value::Object(found)
    }

    fn notes(self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.left_out.is_empty() {
            let ids: Vec<String> = self.left_out.into_iter().collect();
            notes.push(format!("the layout has no place for the answers to {}", ids.join(", ")));
        }
        if self.weights {
            notes.push("the layout has no place for weights".into());
        }
        if self.durations {
            notes.push("the layout has no place for durations".into());
        }
        notes
    }
}

fn assessment(participant: &str, given: &Value) -> Value {
    let complete = QUESTIONS.iter().fold(given.clone(), |given, name| match given.get(name) {
        Some(_) => given,
        None => with(given, name, json!("")),
    });
    with(complete, "annotator_id", json!(participant))
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn lines(path: &Path, values: impl Iterator<Item = Value>) -> Result<(), FormatError> {
    let write = || {
        let mut file = BufWriter::new(File::create(path)?);
        for value in values {
            writeln!(file, "{}", canonical::json(&value))?;
        }
        file.flush()
    };
    write().map_err(|e| FormatError::io(path, e))
}
