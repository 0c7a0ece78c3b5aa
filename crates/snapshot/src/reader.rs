//! A sealed folder, read.

use std::path::{Path, PathBuf};

use arrow::array::{Array, ArrowPrimitiveType, PrimitiveArray};
use folkmoot_core::{Answer, Item, ItemKind, Sha256Hash};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::statistics::Statistics;

use crate::columns::{self, ResponseColumns, WordColumns};
use crate::error::SnapshotError;
use crate::files::{self, ParquetRead};
use crate::manifest::{FORMAT, Manifest};
use crate::participants::Participants;
use crate::row::{Key, RowOut, Sorted, fits, view_of};

/// Most rows of an [`AnswerBatch`].
pub const MAX_BATCH_ROWS: usize = 65_536;

/// Duration of an answer that does not say how long it took.
pub const NO_DURATION: u32 = u32::MAX;

/// A round, frozen.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The folder.
    pub dir: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
    /// The items, in the round's order.
    pub items: Vec<Item>,
    /// The participants, ascending by id.
    pub participants: Participants,
}

/// Answers to one item, as columns of the same length in canonical order (participant, then view).
/// Every answer is well formed: its width and values fit the item; for a `text` item it is empty.
#[derive(Clone, Copy, Debug)]
pub struct AnswerBatch<'a> {
    /// Place in [`Snapshot::items`].
    pub item: u32,
    /// Places in [`Participants`], ascending; the same twice where both views were answered.
    pub participant: &'a [u32],
    /// 0 personal, 1 world.
    pub view: &'a [u8],
    /// The answers' own weights, 1 for those without; `None` where no answer of the batch has one.
    /// Participants' weights are not in them.
    pub weight: Option<&'a [f64]>,
    /// How long each answer took, [`NO_DURATION`] for those that do not say; `None` where no answer of the
    /// batch does.
    pub duration_ms: Option<&'a [u32]>,
    /// Answer `row` is `bytes[offsets[row]..offsets[row + 1]]`; the first offset need not be 0.
    pub offsets: &'a [i32],
    /// The answers' bytes, back to back from the first offset to the last.
    pub bytes: &'a [u8],
}

impl<'a> AnswerBatch<'a> {
    /// How many rows there are, one at least.
    pub fn rows(&self) -> usize {
        self.participant.len()
    }

    /// The answer at `row`, encoded as [`folkmoot_core::answer`] says.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn answer(&self, row: usize) -> &'a [u8] {
        &self.bytes[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }

    /// All answers, back to back.
    pub fn all_answers(&self) -> &'a [u8] {
        &self.bytes[self.offsets[0] as usize..self.offsets[self.rows()] as usize]
    }
}

impl Snapshot {
    /// Opens the folder `dir` and checks that its parts fit each other; hashes are checked by
    /// [`Snapshot::verify`].
    ///
    /// # Errors
    /// A file that is missing or is not what a snapshot holds.
    pub fn open(dir: impl AsRef<Path>) -> Result<Self, SnapshotError> {
        let dir = dir.as_ref().to_owned();
        let file = dir.join("manifest.json");
        let manifest: Manifest = files::read_json(&file)?;
        if manifest.format != FORMAT {
            let message = format!("the format is {:?}, not {FORMAT:?}", manifest.format);
            return Err(SnapshotError::corrupt(&file, "format", message));
        }
        let file = dir.join("items.json");
        let items: Vec<Item> = files::read_json(&file)?;
        for (place, item) in items.iter().enumerate() {
            if let Some(violation) = item.violations().into_iter().next() {
                let place = format!("[{place}].{}", violation.field);
                return Err(SnapshotError::corrupt(&file, place, violation.message));
            }
        }
        let participants = Participants::read(&dir.join("participants.parquet"))?;
        Ok(Self { dir, manifest, items, participants })
    }

    /// The snapshot's hash, as its manifest says it.
    pub fn hash(&self) -> Sha256Hash {
        self.manifest.hash
    }

    /// The files that are there, the manifest last; without `words.parquet` where it is withheld.
    pub fn files(&self) -> Vec<PathBuf> {
        let names = ["items.json", "participants.parquet", "responses.parquet", "words.parquet", "manifest.json"];
        names.into_iter().map(|name| self.dir.join(name)).filter(|file| file.is_file()).collect()
    }

    /// Whether the words part is there.
    pub fn has_words(&self) -> bool {
        self.words_file().is_file()
    }

    /// Place of the item `id`.
    pub fn item_place(&self, id: &str) -> Option<u32> {
        self.items.iter().position(|item| item.id == id).map(|place| place as u32)
    }

    /// Hands the answers to `items` (all where empty) to `f`, in canonical order: one item a batch,
    /// at most [`MAX_BATCH_ROWS`] rows. Row groups without a wanted item are not read.
    ///
    /// # Errors
    /// A damaged file, or what `f` returns.
    pub fn scan(
        &self,
        items: &[u32],
        f: &mut dyn FnMut(&AnswerBatch<'_>) -> Result<(), SnapshotError>,
    ) -> Result<(), SnapshotError> {
        let mut wanted = vec![items.is_empty(); self.items.len()];
        items.iter().for_each(|&item| {
            if let Some(flag) = wanted.get_mut(item as usize) {
                *flag = true;
            }
        });
        let mut rows = Responses::open(self, &wanted)?;
        while let Some(batch) = rows.next()? {
            let keys = &batch.keys;
            let starts = keys.item.values();
            let mut start = 0;
            while start < starts.len() {
                let item = starts[start];
                let end = start + starts[start..].partition_point(|&other| other == item);
                if wanted[item as usize] {
                    f(&slice(&batch, item, start, end, &mut Filled::default()))?;
                }
                start = end;
            }
        }
        Ok(())
    }

    /// Hands every row, with its words, to `f` in canonical order.
    ///
    /// # Errors
    /// A damaged file, or what `f` returns.
    pub fn for_each_row(
        &self,
        mut f: impl FnMut(RowOut<'_>) -> Result<(), SnapshotError>,
    ) -> Result<(), SnapshotError> {
        let file = self.responses_file();
        let mut words = match self.has_words() {
            true => Some(Words::open(self)?),
            false => None,
        };
        let mut rows = Responses::open(self, &vec![true; self.items.len()])?;
        while let Some(batch) = rows.next()? {
            for place in 0..batch.keys.item.len() {
                let mut row = batch.row(place);
                if let Some(words) = &mut words {
                    words.join(&mut row)?;
                }
                let (item, participant, view) = row.key;
                let item = &self.items[item as usize];
                let answer = match item.kind {
                    ItemKind::Text => Answer::Text(row.text.unwrap_or_default()),
                    _ => Answer::decode(item, &row.answer)
                        .map_err(|violation| SnapshotError::corrupt(&file, "answer", violation.message))?,
                };
                f(RowOut {
                    item,
                    participant: &self.participants.ids[participant as usize],
                    place: participant,
                    view: view_of(view).unwrap_or_default(),
                    answer,
                    rationale: row.rationale,
                    weight: row.weight,
                    duration_ms: row.duration_ms,
                })?;
            }
        }
        match words.map(|mut words| words.peek()) {
            Some(Ok(Some(_))) => Err(SnapshotError::corrupt(&self.words_file(), "rows", "words belong to no answer")),
            Some(Err(error)) => Err(error),
            _ => Ok(()),
        }
    }

    pub(crate) fn responses_file(&self) -> PathBuf {
        self.dir.join("responses.parquet")
    }

    pub(crate) fn words_file(&self) -> PathBuf {
        self.dir.join("words.parquet")
    }

    pub(crate) fn check_key(&self, file: &Path, row: u64, last: Option<Key>, key: Key) -> Result<(), SnapshotError> {
        let refuse = |message: &str| Err(SnapshotError::corrupt(file, format!("row {row}"), message));
        let (item, participant, view) = key;
        if item as usize >= self.items.len() {
            return refuse("there is no such item");
        }
        if participant as usize >= self.participants.ids.len() {
            return refuse("there is no such participant");
        }
        if view_of(view).is_none() {
            return refuse("there is no such view");
        }
        if last.is_some_and(|last| last >= key) {
            return refuse("the rows are not in canonical order");
        }
        Ok(())
    }
}

/// Room for columns of a batch whose gaps are filled.
#[derive(Default)]
struct Filled {
    weight: Vec<f64>,
    duration_ms: Vec<u32>,
}

fn slice<'a>(
    batch: &'a ResponseColumns,
    item: u32,
    start: usize,
    end: usize,
    filled: &'a mut Filled,
) -> AnswerBatch<'a> {
    AnswerBatch {
        item,
        participant: &batch.keys.participant.values()[start..end],
        view: &batch.keys.view.values()[start..end],
        weight: known(&batch.weight, start, end, 1.0, &mut filled.weight),
        duration_ms: known(&batch.duration, start, end, NO_DURATION, &mut filled.duration_ms),
        offsets: &batch.answer.value_offsets()[start..=end],
        bytes: batch.answer.value_data(),
    }
}

/// The rows from `start` to `end`, `absent` where there is no value; `None` where there is none at all.
fn known<'a, T: ArrowPrimitiveType>(
    column: &'a PrimitiveArray<T>,
    start: usize,
    end: usize,
    absent: T::Native,
    filled: &'a mut Vec<T::Native>,
) -> Option<&'a [T::Native]> {
    let missing = column.nulls().map_or(0, |nulls| nulls.slice(start, end - start).null_count());
    if missing == end - start {
        return None;
    }
    if missing == 0 {
        return Some(&column.values()[start..end]);
    }
    filled.extend((start..end).map(|row| if column.is_valid(row) { column.value(row) } else { absent }));
    Some(filled)
}

/// `responses.parquet`, read in order with every row checked.
pub(crate) struct Responses<'a> {
    snapshot: &'a Snapshot,
    file: PathBuf,
    reader: ParquetRead,
    last: Option<Key>,
    read: u64,
}

impl<'a> Responses<'a> {
    pub(crate) fn open(snapshot: &'a Snapshot, wanted: &[bool]) -> Result<Self, SnapshotError> {
        let file = snapshot.responses_file();
        let reader = ParquetRead::open(&file, MAX_BATCH_ROWS, |group| may_hold(group, wanted))?;
        columns::check_schema(&file, &reader.schema, &columns::responses_schema())?;
        Ok(Self { snapshot, file, reader, last: None, read: 0 })
    }

    pub(crate) fn next(&mut self) -> Result<Option<ResponseColumns>, SnapshotError> {
        let Some(batch) = self.reader.next()? else { return Ok(None) };
        let columns = ResponseColumns::of(&batch);
        for row in 0..batch.num_rows() {
            self.read += 1;
            let key = columns.keys.key(row);
            self.snapshot.check_key(&self.file, self.read, self.last, key)?;
            self.last = Some(key);
            let refuse = |message| Err(SnapshotError::corrupt(&self.file, format!("row {}", self.read), message));
            if !fits(&self.snapshot.items[key.0 as usize], columns.answer.value(row)) {
                return refuse("the bytes are no answer to the item");
            }
            if columns.weight.is_valid(row)
                && !(columns.weight.value(row).is_finite() && columns.weight.value(row) >= 0.0)
            {
                return refuse("the weight is not a finite number from 0");
            }
        }
        Ok(Some(columns))
    }
}

/// Whether a row group can hold an answer to a wanted item; one without statistics can.
fn may_hold(group: &RowGroupMetaData, wanted: &[bool]) -> bool {
    let statistics = group.columns().first().and_then(|column| column.statistics());
    let Some(Statistics::Int32(range)) = statistics else { return true };
    let (Some(&low), Some(&high)) = (range.min_opt(), range.max_opt()) else { return true };
    // Parquet stores unsigned places in signed cells.
    let (low, high) = (low.cast_unsigned() as usize, high.cast_unsigned() as usize);
    high >= wanted.len() || low > high || wanted[low..=high].contains(&true)
}

/// `words.parquet`, read in order beside the responses.
pub(crate) struct Words<'a> {
    snapshot: &'a Snapshot,
    file: PathBuf,
    reader: ParquetRead,
    batch: Option<WordColumns>,
    row: usize,
    last: Option<Key>,
    read: u64,
}

impl<'a> Words<'a> {
    pub(crate) fn open(snapshot: &'a Snapshot) -> Result<Self, SnapshotError> {
        let file = snapshot.words_file();
        let reader = ParquetRead::open(&file, 8192, |_| true)?;
        columns::check_schema(&file, &reader.schema, &columns::words_schema())?;
        Ok(Self { snapshot, file, reader, batch: None, row: 0, last: None, read: 0 })
    }

    /// Key of the next row.
    fn peek(&mut self) -> Result<Option<Key>, SnapshotError> {
        loop {
            if let Some(batch) = &self.batch
                && self.row < batch.keys.item.len()
            {
                return Ok(Some(batch.keys.key(self.row)));
            }
            let Some(batch) = self.reader.next()? else { return Ok(None) };
            self.batch = Some(WordColumns::of(&batch));
            self.row = 0;
        }
    }

    pub(crate) fn next(&mut self) -> Result<Option<Sorted>, SnapshotError> {
        let Some(key) = self.peek()? else { return Ok(None) };
        self.read += 1;
        self.snapshot.check_key(&self.file, self.read, self.last, key)?;
        self.last = Some(key);
        let row = self.batch.as_ref().map(|batch| batch.row(self.row));
        self.row += 1;
        Ok(row)
    }

    /// Gives `row` its words, if it has any.
    fn join(&mut self, row: &mut Sorted) -> Result<(), SnapshotError> {
        if self.peek()? != Some(row.key) {
            return Ok(());
        }
        if let Some(words) = self.next()? {
            row.rationale = words.rationale;
            row.text = words.text;
        }
        Ok(())
    }
}
