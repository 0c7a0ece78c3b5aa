//! Sorting more rows than memory holds: sorted runs on disk, then one merge.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::SnapshotError;
use crate::row::{Key, Sorted};

/// Rows waiting to be sorted.
pub(crate) struct Sorter {
    folder: PathBuf,
    rows: Vec<Sorted>,
    bytes: usize,
    run_rows: usize,
    run_bytes: usize,
    runs: Vec<PathBuf>,
}

impl Sorter {
    pub(crate) fn new(folder: &Path, run_rows: usize, run_bytes: usize) -> Self {
        Self { folder: folder.to_owned(), rows: Vec::new(), bytes: 0, run_rows, run_bytes, runs: Vec::new() }
    }

    pub(crate) fn push(&mut self, row: Sorted) -> Result<(), SnapshotError> {
        self.bytes += row.size();
        self.rows.push(row);
        if self.rows.len() >= self.run_rows || self.bytes >= self.run_bytes {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<(), SnapshotError> {
        self.rows.sort_unstable_by_key(|row| row.key);
        let path = self.folder.join(format!("run-{}", self.runs.len()));
        let write = || {
            let mut file = BufWriter::new(File::create(&path)?);
            self.rows.iter().try_for_each(|row| write_row(&mut file, row))?;
            file.flush()
        };
        write().map_err(|e| SnapshotError::io(&path, e))?;
        self.runs.push(path);
        self.rows.clear();
        self.bytes = 0;
        Ok(())
    }

    /// All rows, ascending by key.
    pub(crate) fn merge(mut self) -> Result<Merge, SnapshotError> {
        self.rows.sort_unstable_by_key(|row| row.key);
        let mut sources = vec![Source::Memory(self.rows.into_iter())];
        for path in self.runs {
            let file = File::open(&path).map_err(|e| SnapshotError::io(&path, e))?;
            sources.push(Source::Run(path, BufReader::new(file)));
        }
        let mut merge = Merge { heads: BinaryHeap::new(), pending: vec![None; sources.len()], sources };
        for source in 0..merge.sources.len() {
            merge.advance(source)?;
        }
        Ok(merge)
    }
}

enum Source {
    Memory(std::vec::IntoIter<Sorted>),
    Run(PathBuf, BufReader<File>),
}

/// The merged rows.
pub(crate) struct Merge {
    heads: BinaryHeap<Reverse<(Key, usize)>>,
    pending: Vec<Option<Sorted>>,
    sources: Vec<Source>,
}

impl Merge {
    pub(crate) fn next(&mut self) -> Result<Option<Sorted>, SnapshotError> {
        let Some(Reverse((_, source))) = self.heads.pop() else { return Ok(None) };
        let row = self.pending[source].take();
        self.advance(source)?;
        Ok(row)
    }

    fn advance(&mut self, place: usize) -> Result<(), SnapshotError> {
        let row = match &mut self.sources[place] {
            Source::Memory(rows) => rows.next(),
            Source::Run(path, file) => read_row(file).map_err(|e| SnapshotError::io(path, e))?,
        };
        if let Some(row) = &row {
            self.heads.push(Reverse((row.key, place)));
        }
        self.pending[place] = row;
        Ok(())
    }
}

fn write_row(out: &mut impl Write, row: &Sorted) -> std::io::Result<()> {
    let (item, participant, view) = row.key;
    let present = u8::from(row.rationale.is_some())
        | u8::from(row.text.is_some()) << 1
        | u8::from(row.weight.is_some()) << 2
        | u8::from(row.duration_ms.is_some()) << 3;
    out.write_all(&item.to_le_bytes())?;
    out.write_all(&participant.to_le_bytes())?;
    out.write_all(&[view, present])?;
    write_bytes(out, &row.answer)?;
    for words in [&row.rationale, &row.text].into_iter().flatten() {
        write_bytes(out, words.as_bytes())?;
    }
    if let Some(weight) = row.weight {
        out.write_all(&weight.to_le_bytes())?;
    }
    if let Some(duration) = row.duration_ms {
        out.write_all(&duration.to_le_bytes())?;
    }
    Ok(())
}

fn write_bytes(out: &mut impl Write, bytes: &[u8]) -> std::io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(std::io::Error::other)?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(bytes)
}

fn read_row(from: &mut BufReader<File>) -> std::io::Result<Option<Sorted>> {
    if std::io::BufRead::fill_buf(from)?.is_empty() {
        return Ok(None);
    }
    let item = u32::from_le_bytes(read_array(from)?);
    let participant = u32::from_le_bytes(read_array(from)?);
    let [view, present] = read_array(from)?;
    let answer = read_bytes(from)?;
    let words = |from: &mut BufReader<File>, bit: u8| {
        if present & bit == 0 {
            return Ok(None);
        }
        String::from_utf8(read_bytes(from)?).map(Some).map_err(std::io::Error::other)
    };
    let rationale = words(from, 1)?;
    let text = words(from, 2)?;
    let weight = if present & 4 == 0 { None } else { Some(f64::from_le_bytes(read_array(from)?)) };
    let duration_ms = if present & 8 == 0 { None } else { Some(u32::from_le_bytes(read_array(from)?)) };
    Ok(Some(Sorted { key: (item, participant, view), answer, rationale, text, weight, duration_ms }))
}

fn read_array<const N: usize>(from: &mut impl Read) -> std::io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn read_bytes(from: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; u32::from_le_bytes(read_array(from)?) as usize];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}
