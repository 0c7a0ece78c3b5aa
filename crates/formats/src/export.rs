//! The project's own files, written from a snapshot.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt32Array};
use arrow::datatypes::{DataType, Field, Schema};
use folkmoot_core::canonical;
use folkmoot_snapshot::{Participant, RowOut, Snapshot};
use parquet::arrow::ArrowWriter;
use serde_json::{Map, Value, json};

use crate::error::FormatError;

const COLUMNS: [&str; 8] =
    ["participant", "item", "view", "answer", "unacceptable", "rationale", "weight", "duration_ms"];
/// Rows of a Parquet batch.
const BATCH_ROWS: usize = 8192;

/// People's words as a spreadsheet may show them: what it would take for a formula gets an apostrophe
/// in front, and so does what has one already, so that reading can take it off again.
pub fn neutralised(words: &str) -> String {
    if is_formula(words.trim_start_matches('\'')) { format!("'{words}") } else { words.to_owned() }
}

/// The words behind a cell that was [`neutralised`].
pub(crate) fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(words) if is_formula(words.trim_start_matches('\'')) => words,
        _ => cell,
    }
}

fn is_formula(words: &str) -> bool {
    words.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Writes the items file.
///
/// # Errors
/// A disk that fails.
pub fn items(snapshot: &Snapshot, file: &Path) -> Result<(), FormatError> {
    let text = serde_json::to_string_pretty(&json!(snapshot.items)).map_err(|e| failed(file, e))?;
    std::fs::write(file, text + "\n").map_err(|e| FormatError::io(file, e))
}

/// Writes the responses: CSV, JSON lines or Parquet by the extension of `file`. In CSV, and only
/// there, words are [`neutralised`].
///
/// # Errors
/// A damaged snapshot, a disk that fails.
pub fn responses(snapshot: &Snapshot, file: &Path) -> Result<(), FormatError> {
    let mut sink = Sink::create(file, &COLUMNS.map(|name| (name, kind_of(name))))?;
    let mut failure = None;
    let read = snapshot.for_each_row(|row| {
        sink.push(cells(&row)).map_err(|error| {
            let fault = folkmoot_core::Fault::from(error);
            failure = Some(fault.clone());
            fault.into()
        })
    });
    match (read, failure) {
        (Err(_), Some(fault)) => return Err(failed(file, fault)),
        (read, _) => read?,
    }
    sink.finish()
}

/// Writes the participants: CSV, JSON lines or Parquet by the extension of `file`.
///
/// # Errors
/// A disk that fails.
pub fn participants(snapshot: &Snapshot, file: &Path) -> Result<(), FormatError> {
    let people = &snapshot.participants;
    let attributes = people.attributes.iter().map(|attribute| (attribute.name.as_str(), Kind::Label));
    let mut columns: Vec<(&str, Kind)> = [("participant", Kind::Plain)].into_iter().chain(attributes).collect();
    if people.weights.is_some() {
        columns.push(("weight", Kind::Number));
    }
    let mut sink = Sink::create(file, &columns)?;
    for place in 0..people.ids.len() {
        let Participant { id, attributes, weight } = people.get(place);
        let cell = |(name, _): &(&str, Kind)| match *name {
            "participant" => json!(id),
            "weight" => json!(weight),
            name => json!(attributes.get(name)),
        };
        sink.push(columns.iter().map(cell).collect())?;
    }
    sink.finish()
}

fn cells(row: &RowOut<'_>) -> Vec<Value> {
    vec![
        json!(row.participant),
        json!(row.item.id),
        json!(row.view.name()),
        json!(row.answer.text(row.item)),
        json!(row.answer.unacceptable_text(row.item)),
        json!(row.rationale),
        json!(row.weight),
        json!(row.duration_ms),
    ]
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Ids and names of Folkmoot's own grammar.
    Plain,
    /// An answer, which may be people's words.
    Answer,
    /// People's words, or a label that people chose.
    Label,
    /// A double.
    Number,
    /// A whole number.
    Count,
}

fn kind_of(column: &str) -> Kind {
    match column {
        "answer" => Kind::Answer,
        "rationale" => Kind::Label,
        "weight" => Kind::Number,
        "duration_ms" => Kind::Count,
        _ => Kind::Plain,
    }
}

enum Sink {
    Csv(std::path::PathBuf, Vec<Kind>, Box<csv::Writer<File>>),
    Lines(std::path::PathBuf, Vec<String>, BufWriter<File>),
    Parquet(std::path::PathBuf, Vec<Kind>, Arc<Schema>, Box<ArrowWriter<File>>, Vec<Vec<Value>>),
}

fn failed(file: &Path, error: impl std::error::Error + Send + Sync + 'static) -> FormatError {
    FormatError::io(file, std::io::Error::other(error))
}

impl Sink {
    fn create(path: &Path, columns: &[(&str, Kind)]) -> Result<Self, FormatError> {
        let file = File::create(path).map_err(|e| FormatError::io(path, e))?;
        let kinds: Vec<Kind> = columns.iter().map(|(_, kind)| *kind).collect();
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("jsonl" | "ndjson") => {
                let names = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
                Ok(Self::Lines(path.to_owned(), names, BufWriter::new(file)))
            }
            Some("parquet") => {
                let field = |(name, kind): &(&str, Kind)| {
                    let of = match kind {
                        Kind::Number => DataType::Float64,
                        Kind::Count => DataType::UInt32,
                        _ => DataType::Utf8,
                    };
                    Field::new(*name, of, true)
                };
                let schema = Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()));
                let writer = ArrowWriter::try_new(file, schema.clone(), None).map_err(|e| failed(path, e))?;
                Ok(Self::Parquet(path.to_owned(), kinds, schema, Box::new(writer), Vec::new()))
            }
            _ => {
                let mut writer = csv::Writer::from_writer(file);
                writer.write_record(columns.iter().map(|(name, _)| neutralised(name))).map_err(|e| failed(path, e))?;
                Ok(Self::Csv(path.to_owned(), kinds, Box::new(writer)))
            }
        }
    }

    fn push(&mut self, cells: Vec<Value>) -> Result<(), FormatError> {
        match self {
            Self::Csv(path, kinds, writer) => {
                let cell = |(cell, kind): (&Value, &Kind)| match (cell, kind) {
                    (Value::Null, _) => String::new(),
                    // A number and a ranking's leading minus must stay what they are.
                    (Value::String(text), Kind::Label) => neutralised(text),
                    (Value::String(text), Kind::Answer) if text.parse::<f64>().is_err() => neutralised(text),
                    (Value::String(text), _) => text.clone(),
                    (other, _) => other.to_string(),
                };
                writer.write_record(cells.iter().zip(kinds.iter()).map(cell)).map_err(|e| failed(path, e))
            }
            Self::Lines(path, names, writer) => {
                let filled = names.iter().cloned().zip(cells).filter(|(_, cell)| !cell.is_null());
                let line = canonical::json(&filled.collect::<Map<_, _>>());
                writeln!(writer, "{line}").map_err(|e| FormatError::io(path, e))
            }
            Self::Parquet(.., rows) => {
                rows.push(cells);
                if rows.len() < BATCH_ROWS { Ok(()) } else { self.write_batch() }
            }
        }
    }

    fn write_batch(&mut self) -> Result<(), FormatError> {
        let Self::Parquet(path, kinds, schema, writer, rows) = self else { return Ok(()) };
        let column = |(place, kind): (usize, &Kind)| -> ArrayRef {
            let cells = rows.iter().map(|row| &row[place]);
            match kind {
                Kind::Number => Arc::new(cells.map(Value::as_f64).collect::<Float64Array>()),
                Kind::Count => Arc::new(cells.map(|c| c.as_u64().map(|n| n as u32)).collect::<UInt32Array>()),
                _ => Arc::new(cells.map(Value::as_str).collect::<StringArray>()),
            }
        };
        let columns = kinds.iter().enumerate().map(column).collect();
        let batch = RecordBatch::try_new(schema.clone(), columns).map_err(|e| failed(path, e))?;
        rows.clear();
        writer.write(&batch).map_err(|e| failed(path, e))
    }

    fn finish(mut self) -> Result<(), FormatError> {
        self.write_batch()?;
        match self {
            Self::Csv(path, _, mut writer) => writer.flush().map_err(|e| FormatError::io(&path, e)),
            Self::Lines(path, _, mut writer) => writer.flush().map_err(|e| FormatError::io(&path, e)),
            Self::Parquet(path, _, _, writer, _) => writer.close().map(drop).map_err(|e| failed(&path, e)),
        }
    }
}
