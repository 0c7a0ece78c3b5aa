//! `figures.json`: every result in one list.

use folkmoot_core::{Fault, canonical};
use serde_json::{Value, json};

use super::content::Content;
use super::corrupt;

/// Who can recompute a figure of this list: anybody, from the release.
const CLASS: &str = "public";

pub(super) fn figures(content: &Content) -> Result<String, Fault> {
    let mut lines = Vec::new();
    for figure in &content.results {
        let name = super::result_file(&figure.entry.hash);
        let result: Value = serde_json::from_str(&figure.text).map_err(|error| corrupt(&name, error))?;
        lines.push(canonical::json(&json!({
            "hash": figure.entry.hash,
            "name": figure.entry.name,
            "title": figure.entry.title,
            "class": CLASS,
            "result": result,
        })));
    }
    Ok(format!("[\n{}\n]\n", lines.join(",\n")))
}
