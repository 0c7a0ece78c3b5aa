//! The two files of rows: `responses.parquet` and `words.parquet`.

use std::path::Path;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryBuilder, Float64Array, Float64Builder, RecordBatch, StringArray,
    StringBuilder, UInt8Array, UInt8Builder, UInt32Array, UInt32Builder,
};
use arrow::datatypes::{DataType, Field, Float64Type, Schema, SchemaRef, UInt8Type, UInt32Type};

use crate::error::SnapshotError;
use crate::files::ParquetFile;
use crate::row::{Key, Sorted};

/// Rows of a batch on its way to a file.
const BATCH_ROWS: usize = 8192;
/// A row group ends with an item once it has this many rows, so that a scan of few items skips most
/// of the file while small items share a group.
const GROUP_ROWS: usize = 16_384;
/// A row group never has more than about this many rows.
const MOST_GROUP_ROWS: usize = 1 << 20;

fn schema(more: Vec<Field>) -> SchemaRef {
    let mut fields = vec![
        Field::new("item", DataType::UInt32, false),
        Field::new("participant", DataType::UInt32, false),
        Field::new("view", DataType::UInt8, false),
    ];
    fields.extend(more);
    Arc::new(Schema::new(fields))
}

pub(crate) fn responses_schema() -> SchemaRef {
    schema(vec![
        Field::new("answer", DataType::Binary, false),
        Field::new("weight", DataType::Float64, true),
        Field::new("duration_ms", DataType::UInt32, true),
    ])
}

pub(crate) fn words_schema() -> SchemaRef {
    schema(vec![Field::new("rationale", DataType::Utf8, true), Field::new("text", DataType::Utf8, true)])
}

#[derive(Default)]
struct Keys {
    item: UInt32Builder,
    participant: UInt32Builder,
    view: UInt8Builder,
}

impl Keys {
    fn push(&mut self, (item, participant, view): Key) {
        self.item.append_value(item);
        self.participant.append_value(participant);
        self.view.append_value(view);
    }

    fn finish(&mut self) -> Vec<ArrayRef> {
        vec![Arc::new(self.item.finish()), Arc::new(self.participant.finish()), Arc::new(self.view.finish())]
    }
}

/// Cuts rows into batches and row groups.
struct Groups {
    file: ParquetFile,
    schema: SchemaRef,
    item: u32,
    batch: usize,
    group: usize,
}

impl Groups {
    fn create(path: &Path, schema: SchemaRef) -> Result<Self, SnapshotError> {
        let file = ParquetFile::create(path, schema.clone())?;
        Ok(Self { file, schema, item: 0, batch: 0, group: 0 })
    }

    /// Whether the rows so far must be written before a row of `item`.
    fn batch_ends(&self, item: u32) -> bool {
        self.batch >= BATCH_ROWS || (self.batch > 0 && self.group_ends(item))
    }

    fn group_ends(&self, item: u32) -> bool {
        (item != self.item && self.group >= GROUP_ROWS) || self.group >= MOST_GROUP_ROWS
    }

    fn count(&mut self, item: u32) {
        self.item = item;
        self.batch += 1;
        self.group += 1;
    }

    fn write(&mut self, columns: Vec<ArrayRef>, next_item: Option<u32>) -> Result<(), SnapshotError> {
        let batch = RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(|e| SnapshotError::refused("row group", folkmoot_core::Reason::InternalError, e.to_string()))?;
        self.file.write(&batch)?;
        self.batch = 0;
        if next_item.is_some_and(|item| self.group_ends(item)) {
            self.file.end_group()?;
            self.group = 0;
        }
        Ok(())
    }
}

/// Writes `responses.parquet`.
pub(crate) struct ResponsesFile {
    groups: Groups,
    keys: Keys,
    answer: BinaryBuilder,
    weight: Float64Builder,
    duration: UInt32Builder,
}

impl ResponsesFile {
    pub(crate) fn create(path: &Path) -> Result<Self, SnapshotError> {
        let groups = Groups::create(path, responses_schema())?;
        Ok(Self {
            groups,
            keys: Keys::default(),
            answer: BinaryBuilder::new(),
            weight: Float64Builder::new(),
            duration: UInt32Builder::new(),
        })
    }

    pub(crate) fn push(&mut self, row: &Sorted) -> Result<(), SnapshotError> {
        let item = row.key.0;
        if self.groups.batch_ends(item) {
            self.write(Some(item))?;
        }
        self.groups.count(item);
        self.keys.push(row.key);
        self.answer.append_value(&row.answer);
        self.weight.append_option(row.weight);
        self.duration.append_option(row.duration_ms);
        Ok(())
    }

    fn write(&mut self, next_item: Option<u32>) -> Result<(), SnapshotError> {
        let mut columns = self.keys.finish();
        columns.push(Arc::new(self.answer.finish()));
        columns.push(Arc::new(self.weight.finish()));
        columns.push(Arc::new(self.duration.finish()));
        self.groups.write(columns, next_item)
    }

    pub(crate) fn finish(mut self) -> Result<(), SnapshotError> {
        self.write(None)?;
        self.groups.file.finish()
    }
}

/// Writes `words.parquet`.
pub(crate) struct WordsFile {
    groups: Groups,
    keys: Keys,
    rationale: StringBuilder,
    text: StringBuilder,
}

impl WordsFile {
    pub(crate) fn create(path: &Path) -> Result<Self, SnapshotError> {
        let groups = Groups::create(path, words_schema())?;
        Ok(Self { groups, keys: Keys::default(), rationale: StringBuilder::new(), text: StringBuilder::new() })
    }

    pub(crate) fn push(&mut self, row: &Sorted) -> Result<(), SnapshotError> {
        let item = row.key.0;
        if self.groups.batch_ends(item) {
            self.write(Some(item))?;
        }
        self.groups.count(item);
        self.keys.push(row.key);
        self.rationale.append_option(row.rationale.as_deref());
        self.text.append_option(row.text.as_deref());
        Ok(())
    }

    fn write(&mut self, next_item: Option<u32>) -> Result<(), SnapshotError> {
        let mut columns = self.keys.finish();
        columns.push(Arc::new(self.rationale.finish()));
        columns.push(Arc::new(self.text.finish()));
        self.groups.write(columns, next_item)
    }

    pub(crate) fn finish(mut self) -> Result<(), SnapshotError> {
        self.write(None)?;
        self.groups.file.finish()
    }
}

/// The key columns of a batch that was read.
pub(crate) struct KeyColumns {
    pub(crate) item: UInt32Array,
    pub(crate) participant: UInt32Array,
    pub(crate) view: UInt8Array,
}

impl KeyColumns {
    fn of(batch: &RecordBatch) -> Self {
        let columns = batch.columns();
        Self {
            item: columns[0].as_primitive::<UInt32Type>().clone(),
            participant: columns[1].as_primitive::<UInt32Type>().clone(),
            view: columns[2].as_primitive::<UInt8Type>().clone(),
        }
    }

    pub(crate) fn key(&self, row: usize) -> Key {
        (self.item.value(row), self.participant.value(row), self.view.value(row))
    }
}

/// A batch of `responses.parquet`.
pub(crate) struct ResponseColumns {
    pub(crate) keys: KeyColumns,
    pub(crate) answer: BinaryArray,
    pub(crate) weight: Float64Array,
    pub(crate) duration: UInt32Array,
}

impl ResponseColumns {
    /// The columns of `batch`, whose schema was checked by [`check_schema`].
    pub(crate) fn of(batch: &RecordBatch) -> Self {
        let columns = batch.columns();
        Self {
            keys: KeyColumns::of(batch),
            answer: columns[3].as_binary::<i32>().clone(),
            weight: columns[4].as_primitive::<Float64Type>().clone(),
            duration: columns[5].as_primitive::<UInt32Type>().clone(),
        }
    }

    pub(crate) fn row(&self, row: usize) -> Sorted {
        Sorted {
            key: self.keys.key(row),
            answer: self.answer.value(row).to_vec(),
            rationale: None,
            text: None,
            weight: self.weight.is_valid(row).then(|| self.weight.value(row)),
            duration_ms: self.duration.is_valid(row).then(|| self.duration.value(row)),
        }
    }
}

/// A batch of `words.parquet`.
pub(crate) struct WordColumns {
    pub(crate) keys: KeyColumns,
    rationale: StringArray,
    text: StringArray,
}

impl WordColumns {
    /// The columns of `batch`, whose schema was checked by [`check_schema`].
    pub(crate) fn of(batch: &RecordBatch) -> Self {
        let columns = batch.columns();
        let (rationale, text) = (columns[3].as_string::<i32>().clone(), columns[4].as_string::<i32>().clone());
        Self { keys: KeyColumns::of(batch), rationale, text }
    }

    pub(crate) fn row(&self, row: usize) -> Sorted {
        let cell = |column: &StringArray| column.is_valid(row).then(|| column.value(row).to_owned());
        Sorted {
            key: self.keys.key(row),
            answer: Vec::new(),
            rationale: cell(&self.rationale),
            text: cell(&self.text),
            weight: None,
            duration_ms: None,
        }
    }
}

/// Refuses a file whose columns are not `wanted`: names, types and which may be empty.
pub(crate) fn check_schema(path: &Path, found: &SchemaRef, wanted: &SchemaRef) -> Result<(), SnapshotError> {
    let describe = |schema: &SchemaRef| {
        let field =
            |f: &Arc<Field>| format!("{} {}{}", f.name(), f.data_type(), if f.is_nullable() { "?" } else { "" });
        schema.fields().iter().map(field).collect::<Vec<_>>().join(", ")
    };
    let (found, wanted) = (describe(found), describe(wanted));
    if found == wanted {
        return Ok(());
    }
    Err(SnapshotError::corrupt(path, "columns", format!("expected {wanted}; found {found}")))
}
