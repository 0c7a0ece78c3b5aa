//! The tables described for tools: Frictionless data package and Croissant.

use folkmoot_core::Fault;
use serde_json::{Value, json};

use super::content::Content;
use super::{hash_file, plugin_file, pretty};

/// Columns of the responses: name, Frictionless type, meaning.
pub(super) const RESPONSE_COLUMNS: [(&str, &str, &str); 8] = [
    ("participant", "string", "pseudonym of who answered"),
    ("item", "string", "id of the item in items.json"),
    ("view", "string", "whose eyes the answer takes: personal or world"),
    ("answer", "string", "the answer, written as its kind of item says"),
    ("unacceptable", "string", "candidates that are not acceptable at any place; NA where that was not asked"),
    ("rationale", "string", "why, in the participant's words; empty where words are withheld"),
    ("weight", "number", "weight of the answer beside the participant's own"),
    ("duration_ms", "integer", "how long the answer took, in milliseconds"),
];

const TABLES: [(&str, &str, &str); 3] = [
    ("responses", "data/responses.parquet", "application/vnd.apache.parquet"),
    ("responses-lines", "data/responses.jsonl", "application/jsonlines"),
    ("participants", "data/participants.csv", "text/csv"),
];

/// Columns of the participants: name, Frictionless type, meaning.
fn participant_columns(content: &Content) -> Vec<(String, &'static str, String)> {
    let people = &content.snapshot.participants;
    let mut columns = vec![("participant".to_owned(), "string", "pseudonym".to_owned())];
    let attribute = |a: &folkmoot_snapshot::Attribute| (a.name.clone(), "string", format!("attribute {}", a.name));
    columns.extend(people.attributes.iter().map(attribute));
    if people.weights.is_some() {
        columns.push(("weight".to_owned(), "number", "how many people the participant stands for".to_owned()));
    }
    columns
}

fn columns(content: &Content, table: &str) -> Vec<(String, &'static str, String)> {
    if table == "participants" {
        return participant_columns(content);
    }
    RESPONSE_COLUMNS.iter().map(|(name, kind, meaning)| ((*name).to_owned(), *kind, (*meaning).to_owned())).collect()
}

/// A name for programs: lower case, digits and dashes.
fn slug(content: &Content) -> String {
    let name = content.manifest.name.trim_start_matches("releases/").to_lowercase();
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect()
}

fn title(content: &Content) -> &str {
    &content.manifest.round.title
}

pub(super) fn datapackage(content: &Content) -> Result<String, Fault> {
    let mut resources = Vec::new();
    for (name, path, media) in TABLES {
        let (bytes, hash) = hash_file(&content.dir.join(path))?;
        let field =
            |(name, kind, meaning): (String, &str, String)| json!({"name": name, "type": kind, "description": meaning});
        let fields: Vec<Value> = columns(content, name).into_iter().map(field).collect();
        resources.push(json!({
            "name": name,
            "path": path,
            "format": path.rsplit('.').next(),
            "mediatype": media,
            "encoding": "utf-8",
            "bytes": bytes,
            "hash": format!("sha256:{hash}"),
            "schema": {"fields": fields},
        }));
    }
    for plugin in &content.manifest.plugins {
        let path = plugin_file(&plugin.sha256);
        let (bytes, hash) = hash_file(&content.dir.join(&path))?;
        resources.push(json!({
            "name": format!("plugin-{}", plugin.sha256),
            "title": format!("{} {}", plugin.id, plugin.version),
            "description": format!("WebAssembly component of folkmoot:method {}", plugin.world),
            "path": path,
            "format": "wasm",
            "mediatype": "application/wasm",
            "bytes": bytes,
            "hash": format!("sha256:{hash}"),
        }));
    }
    let manifest = &content.manifest;
    pretty(&json!({
        "name": slug(content),
        "id": manifest.snapshot.hash,
        "title": title(content),
        "description": manifest.round.description,
        "created": manifest.create_time,
        "licenses": [{"name": manifest.license}],
        "contributors": [{"title": manifest.publisher, "role": "publisher"}],
        "resources": resources,
    }))
}

pub(super) fn croissant(content: &Content) -> Result<String, Fault> {
    let mut files = Vec::new();
    for (name, path, media) in TABLES {
        let (bytes, hash) = hash_file(&content.dir.join(path))?;
        files.push(json!({
            "@type": "cr:FileObject",
            "@id": name,
            "name": name,
            "contentUrl": path,
            "contentSize": format!("{bytes} B"),
            "encodingFormat": media,
            "sha256": hash,
        }));
    }
    let records: Vec<Value> = ["responses", "participants"].map(|table| record_set(content, table)).into();
    let manifest = &content.manifest;
    pretty(&json!({
        "@context": context(),
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": slug(content),
        "alternateName": title(content),
        "description": manifest.round.description,
        "license": manifest.license,
        "creator": {"@type": "sc:Organization", "name": manifest.publisher},
        "datePublished": manifest.create_time,
        "version": "1.0.0",
        "distribution": files,
        "recordSet": records,
    }))
}

fn record_set(content: &Content, table: &str) -> Value {
    let field = |(name, kind, meaning): (String, &str, String)| {
        let of = match kind {
            "number" => "sc:Float",
            "integer" => "sc:Integer",
            _ => "sc:Text",
        };
        json!({
            "@type": "cr:Field",
            "@id": format!("{table}-records/{name}"),
            "name": name,
            "description": meaning,
            "dataType": of,
            "source": {"fileObject": {"@id": table}, "extract": {"column": name}},
        })
    };
    let fields: Vec<Value> = columns(content, table).into_iter().map(field).collect();
    json!({"@type": "cr:RecordSet", "@id": format!("{table}-records"), "name": table, "field": fields})
}

/// The terms used above, as the Croissant specification gives them.
fn context() -> Value {
    json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "sc": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "dct": "http://purl.org/dc/terms/",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "extract": "cr:extract",
        "field": "cr:field",
        "fileObject": "cr:fileObject",
        "recordSet": "cr:recordSet",
        "source": "cr:source",
    })
}
