//! Rows of named cells, from CSV, JSON lines or Parquet.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use folkmoot_core::Reason;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde_json::Value;

use crate::error::{FormatError, Refusal, refusal};
use crate::export::plain;

/// Longest JSON line.
const MAX_LINE_BYTES: u64 = 64 << 20;
/// About the most bytes of a CSV row: a quote that is never closed must not take in the whole file.
const MAX_ROW_BYTES: usize = 1 << 20;
/// What is read behind the end of a CSV file. It is a row of its own unless a quote is open.
const END: &[u8] = b"\nx\n";

/// One row.
pub(crate) struct Record {
    pub(crate) line: u64,
    pub(crate) cells: Vec<(Arc<str>, String)>,
}

impl Record {
    /// The cell `name`, empty or not; `None` where the file has no such cell.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.cells.iter().find(|(column, _)| &**column == name).map(|(_, cell)| cell.as_str())
    }

    /// The cell `name`, unless it is empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|cell| !cell.is_empty())
    }
}

/// A file of rows.
pub(crate) struct Table {
    /// The header, which JSON lines do not have.
    pub(crate) columns: Option<Vec<String>>,
    pub(crate) rows: Box<dyn Iterator<Item = Result<Record, Refusal>> + Send>,
}

fn ends_lines_with_crlf(path: &Path) -> std::io::Result<bool> {
    let mut first = Vec::new();
    BufReader::new(File::open(path)?).take(MAX_ROW_BYTES as u64).read_until(b'\n', &mut first)?;
    Ok(first.ends_with(b"\r\n"))
}

impl Table {
    /// Opens `path` by its extension.
    pub(crate) fn open(path: &Path) -> Result<Self, FormatError> {
        let file = File::open(path).map_err(|e| FormatError::io(path, e))?;
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("jsonl" | "ndjson") => Ok(Self::json_lines(path, file)),
            Some("parquet") => Self::parquet(path, file),
            _ => Self::csv(path, file),
        }
    }

    /// Refuses a header that lacks a `needed` column or, where `only` names all there may be, has
    /// another.
    pub(crate) fn check_columns(&self, path: &Path, needed: &[&str], only: Option<&[&str]>) -> Result<(), FormatError> {
        let Some(columns) = &self.columns else { return Ok(()) };
        let has = |name: &&str| columns.iter().any(|column| column == name);
        let unknown = |column: &String| only.is_some_and(|only| !only.contains(&column.as_str()));
        let twice = (1..columns.len()).any(|place| columns[..place].contains(&columns[place]));
        if needed.iter().all(has) && !columns.iter().any(unknown) && !twice {
            return Ok(());
        }
        let optional = only.map(|only| only.iter().filter(|name| !needed.contains(name)).copied().collect::<Vec<_>>());
        let mut expected = needed.join(",");
        if let Some(optional) = optional.filter(|optional| !optional.is_empty()) {
            expected.push_str(&format!(" and optionally {}", optional.join(",")));
        }
        Err(FormatError::Columns { file: path.display().to_string(), expected, found: columns.join(",") })
    }

    fn csv(path: &Path, file: File) -> Result<Self, FormatError> {
        // The reader takes the first half of a CRLF for the end of a line and counts the second.
        let behind = u64::from(ends_lines_with_crlf(path).map_err(|e| FormatError::io(path, e))?);
        let input = CsvInput { file, allowed: MAX_ROW_BYTES, read: 0, end: END };
        let mut reader = csv::ReaderBuilder::new().flexible(true).buffer_capacity(1 << 16).from_reader(input);
        let header = reader.byte_headers().map_err(|e| FormatError::bad(path, 1, "columns", e))?;
        let columns = header
            .iter()
            .map(|cell| std::str::from_utf8(cell).map(|name| plain(name.trim()).to_owned()))
            .collect::<Result<Vec<String>, _>>()
            .map_err(|_| FormatError::bad(path, 1, "columns", "the line is not UTF-8"))?;
        let names: Vec<Arc<str>> = columns.iter().map(|name| Arc::from(name.as_str())).collect();
        let file = path.display().to_string();
        let rows = CsvRows { file: file.clone(), reader, ended: false }.map(move |record| {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line) + behind;
            if record.len() != names.len() {
                let message = format!("the row has {} cells, the header has {}", record.len(), names.len());
                return Err(whose(refusal(&file, line, "", Reason::BadRow, message), &names, &record));
            }
            let mut cells = Vec::with_capacity(names.len());
            for (name, cell) in names.iter().zip(&record) {
                let Ok(cell) = std::str::from_utf8(cell) else {
                    let refused = refusal(&file, line, name, Reason::BadText, "the cell is not UTF-8");
                    return Err(whose(refused, &names, &record));
                };
                cells.push((name.clone(), plain(cell).to_owned()));
            }
            Ok(Record { line, cells })
        });
        Ok(Self { columns: Some(columns), rows: Box::new(rows) })
    }

    fn json_lines(path: &Path, file: File) -> Self {
        let file_name = path.display().to_string();
        let rows = JsonLines::new(path, file).map(move |entry| {
            let (line, value) = entry?;
            let Value::Object(object) = value else {
                return Err(refusal(&file_name, line, "", Reason::BadRow, "the line is no JSON object"));
            };
            let participant = object.get("participant").and_then(Value::as_str).map(str::to_owned);
            let mut cells = Vec::with_capacity(object.len());
            for (name, value) in object {
                let cell = match value {
                    Value::Null => continue,
                    Value::String(text) => text,
                    Value::Number(number) => number.to_string(),
                    Value::Bool(flag) => flag.to_string(),
                    Value::Array(_) | Value::Object(_) => {
                        let message = "expected text or a number";
                        let refused = refusal(&file_name, line, &name, Reason::BadRow, message);
                        return Err(Refusal { participant, ..refused });
                    }
                };
                cells.push((Arc::from(name), cell));
            }
            Ok(Record { line, cells })
        });
        Self { columns: None, rows: Box::new(rows) }
    }

    fn parquet(path: &Path, file: File) -> Result<Self, FormatError> {
        let open = || ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(8192).build();
        let reader = match catch_unwind(AssertUnwindSafe(open)) {
            Ok(reader) => reader.map_err(|e| FormatError::bad(path, 1, "", e))?,
            Err(_) => return Err(FormatError::bad(path, 1, "", "the Parquet file is damaged")),
        };
        let schema = arrow::array::RecordBatchReader::schema(&reader);
        let columns: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let names = columns.iter().map(|name| Arc::from(name.as_str())).collect();
        let rows = ParquetRows {
            file: path.display().to_string(),
            names,
            reader: Some(reader),
            batch: Vec::new(),
            row: 0,
            line: 0,
        };
        Ok(Self { columns: Some(columns), rows: Box::new(rows) })
    }
}

/// The bytes of a CSV file and then [`END`], as long as they are `allowed`.
struct CsvInput {
    file: File,
    allowed: usize,
    /// Bytes read of the file itself.
    read: u64,
    end: &'static [u8],
}

impl Read for CsvInput {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.allowed == 0 {
            return Err(io::Error::other(format!(
                "the row has more than {MAX_ROW_BYTES} bytes; is a quote left open?"
            )));
        }
        let room = into.len().min(self.allowed);
        let mut count = self.file.read(&mut into[..room])?;
        self.read += count as u64;
        // An empty file has no rows, not even a header.
        if count == 0 && self.read > 0 {
            count = self.end.read(&mut into[..room])?;
        }
        self.allowed -= count;
        Ok(count)
    }
}

/// The rows behind the header, until the first that has no end.
struct CsvRows {
    file: String,
    reader: csv::Reader<CsvInput>,
    ended: bool,
}

impl Iterator for CsvRows {
    type Item = Result<csv::ByteRecord, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let line = self.reader.position().line();
        self.reader.get_mut().allowed = MAX_ROW_BYTES;
        let mut record = csv::ByteRecord::new();
        let message = match self.reader.read_byte_record(&mut record) {
            Ok(true) if self.reader.position().byte() <= self.reader.get_ref().read + 1 => return Some(Ok(record)),
            Ok(true) if record.iter().ne([b"x"]) => "a quote is left open".to_owned(),
            Ok(_) => return None,
            Err(e) => e.to_string(),
        };
        self.ended = true;
        Some(Err(refusal(&self.file, line, "", Reason::BadRow, message)))
    }
}

/// The refusal, with the participant of the row where that cell can be read.
fn whose(refused: Refusal, names: &[Arc<str>], record: &csv::ByteRecord) -> Refusal {
    let place = names.iter().position(|name| &**name == "participant");
    let cell = place.and_then(|place| record.get(place)).and_then(|cell| std::str::from_utf8(cell).ok());
    Refusal { participant: cell.map(str::to_owned), ..refused }
}

/// A file with a JSON value on each line.
pub(crate) struct JsonLines {
    file: String,
    reader: BufReader<File>,
    line: u64,
    ended: bool,
}

impl JsonLines {
    pub(crate) fn new(path: &Path, file: File) -> Self {
        let reader = BufReader::with_capacity(1 << 16, file);
        Self { file: path.display().to_string(), reader, line: 0, ended: false }
    }

    pub(crate) fn open(path: &Path) -> Result<Self, FormatError> {
        File::open(path).map(|file| Self::new(path, file)).map_err(|e| FormatError::io(path, e))
    }
}

impl Iterator for JsonLines {
    type Item = Result<(u64, Value), Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut bytes = Vec::new();
        while !self.ended {
            bytes.clear();
            self.line += 1;
            let refuse = |message: String| Some(Err(refusal(&self.file, self.line, "", Reason::BadRow, message)));
            match self.reader.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut bytes) {
                Err(e) => {
                    self.ended = true;
                    return refuse(e.to_string());
                }
                Ok(0) => return None,
                Ok(read) if read as u64 == MAX_LINE_BYTES => {
                    self.ended = true;
                    return refuse(format!("the line has more than {MAX_LINE_BYTES} bytes"));
                }
                Ok(_) => {}
            }
            let text = if self.line == 1 { bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes) } else { &bytes };
            if text.trim_ascii().is_empty() {
                continue;
            }
            if std::str::from_utf8(text).is_err() {
                let refused = refusal(&self.file, self.line, "", Reason::BadText, "the line is not UTF-8");
                return Some(Err(refused));
            }
            return match serde_json::from_slice(text) {
                Ok(value) => Some(Ok((self.line, value))),
                Err(e) => refuse(format!("the line is no JSON: {e}")),
            };
        }
        None
    }
}

struct ParquetRows {
    file: String,
    names: Vec<Arc<str>>,
    reader: Option<ParquetRecordBatchReader>,
    batch: Vec<StringArray>,
    row: usize,
    line: u64,
}

impl ParquetRows {
    fn load(&mut self) -> Result<bool, String> {
        let Some(reader) = &mut self.reader else { return Ok(false) };
        let next = || match reader.next() {
            Some(batch) => batch.and_then(|batch| as_text(&batch)).map(Some),
            None => Ok(None),
        };
        let batch = match catch_unwind(AssertUnwindSafe(next)) {
            Ok(batch) => batch.map_err(|e| e.to_string())?,
            Err(_) => return Err("the Parquet file is damaged".into()),
        };
        self.row = 0;
        self.batch = batch.unwrap_or_default();
        Ok(!self.batch.is_empty())
    }
}

fn as_text(batch: &RecordBatch) -> Result<Vec<StringArray>, arrow::error::ArrowError> {
    let text =
        |column: &Arc<dyn Array>| cast(column, &DataType::Utf8).map(|column| StringArray::from(column.to_data()));
    batch.columns().iter().map(text).collect()
}

impl Iterator for ParquetRows {
    type Item = Result<Record, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.batch.first().is_none_or(|column| self.row >= column.len()) {
            match self.load() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(message) => {
                    self.reader = None;
                    self.batch.clear();
                    return Some(Err(refusal(&self.file, self.line + 1, "", Reason::BadRow, message)));
                }
            }
        }
        self.line += 1;
        let columns = self.names.iter().zip(&self.batch).filter(|(_, column)| column.is_valid(self.row));
        let cells = columns.map(|(name, column)| (name.clone(), column.value(self.row).to_owned())).collect();
        self.row += 1;
        Some(Ok(Record { line: self.line, cells }))
    }
}
