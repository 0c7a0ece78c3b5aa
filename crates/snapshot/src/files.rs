//! Parquet and plain files, with every failure located.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::error::SnapshotError;

/// A Parquet file being written.
pub(crate) struct ParquetFile {
    path: PathBuf,
    writer: ArrowWriter<File>,
}

impl ParquetFile {
    pub(crate) fn create(path: &Path, schema: SchemaRef) -> Result<Self, SnapshotError> {
        let file = File::create(path).map_err(|e| SnapshotError::io(path, e))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by("folkmoot".to_owned())
            .set_max_row_group_row_count(None)
            .build();
        let writer = ArrowWriter::try_new(file, schema, Some(properties)).map_err(|e| written(path, e))?;
        Ok(Self { path: path.to_owned(), writer })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), SnapshotError> {
        self.writer.write(batch).map_err(|e| written(&self.path, e))
    }

    /// Ends the row group.
    pub(crate) fn end_group(&mut self) -> Result<(), SnapshotError> {
        self.writer.flush().map_err(|e| written(&self.path, e))
    }

    pub(crate) fn finish(self) -> Result<(), SnapshotError> {
        let file = self.writer.into_inner().map_err(|e| written(&self.path, e))?;
        file.sync_all().map_err(|e| SnapshotError::io(&self.path, e))
    }
}

fn written(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> SnapshotError {
    SnapshotError::io(path, std::io::Error::other(error))
}

/// A Parquet file being read. The decoder of damaged pages may panic; whatever reads through this is
/// told of it as an error.
pub(crate) struct ParquetRead {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
    pub(crate) schema: SchemaRef,
}

impl ParquetRead {
    /// Reads the row groups that `wanted` picks, in batches of at most `rows`.
    pub(crate) fn open(
        path: &Path,
        rows: usize,
        wanted: impl Fn(&parquet::file::metadata::RowGroupMetaData) -> bool,
    ) -> Result<Self, SnapshotError> {
        let file = File::open(path).map_err(|e| SnapshotError::io(path, e))?;
        let reader = guarded(path, || {
            let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
            let groups = builder.metadata().row_groups().iter().enumerate();
            let groups = groups.filter(|(_, group)| wanted(group)).map(|(place, _)| place).collect();
            builder.with_batch_size(rows).with_row_groups(groups).build()
        })?;
        let schema = arrow::array::RecordBatchReader::schema(&reader);
        Ok(Self { path: path.to_owned(), reader, schema })
    }

    pub(crate) fn next(&mut self) -> Result<Option<RecordBatch>, SnapshotError> {
        let reader = &mut self.reader;
        guarded(&self.path, || reader.next().transpose())
    }
}

fn guarded<T, E: std::fmt::Display>(path: &Path, read: impl FnOnce() -> Result<T, E>) -> Result<T, SnapshotError> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(result) => result.map_err(|e| SnapshotError::corrupt(path, "Parquet", e)),
        Err(_) => Err(SnapshotError::corrupt(path, "Parquet", "the pages are damaged")),
    }
}

/// A whole small file in memory.
pub(crate) struct AllBatches {
    pub(crate) schema: SchemaRef,
    pub(crate) batches: Vec<RecordBatch>,
}

pub(crate) fn read_all(path: &Path) -> Result<AllBatches, SnapshotError> {
    let mut reader = ParquetRead::open(path, 8192, |_| true)?;
    let mut batches = Vec::new();
    while let Some(batch) = reader.next()? {
        batches.push(batch);
    }
    Ok(AllBatches { schema: reader.schema, batches })
}

/// Writes `text` and syncs it.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<(), SnapshotError> {
    use std::io::Write;
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|e| SnapshotError::io(path, e))
}

pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, SnapshotError> {
    let bytes = std::fs::read(path).map_err(|e| SnapshotError::io(path, e))?;
    serde_json::from_slice(&bytes).map_err(|e| SnapshotError::corrupt(path, format!("line {}", e.line()), e))
}

/// Makes a rename or a new entry in `folder` durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), SnapshotError> {
    let sync = || File::open(folder)?.sync_all();
    sync().map_err(|e| SnapshotError::io(folder, e))
}
