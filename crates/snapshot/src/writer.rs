//! From rows in any order to a sealed folder.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use folkmoot_core::answer::{MAX_WEIGHT, is_weight};
use folkmoot_core::{Item, ItemKind, Reason, canonical, text};
use serde_json::Value;
use tempfile::TempDir;

use crate::columns::{ResponsesFile, WordsFile};
use crate::error::SnapshotError;
use crate::files;
use crate::hash::{self, PartHasher};
use crate::manifest::{FORMAT, Manifest, Parts, round_part};
use crate::participants::{Participant, Participants};
use crate::reader::Snapshot;
use crate::row::{Key, Row, Sorted, fits, view_code, view_of};
use crate::sort::Sorter;

/// Beginnings of the names of folders that a writer works in.
const SEALING: &str = ".sealing-";
const SEALED: &str = ".sealed-";

/// What a snapshot says beside its data.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    /// Free JSON about the round; part of the hash.
    pub round: Value,
    /// Whether the answers are simulated; part of the hash.
    pub simulated: bool,
}

/// How much is held in memory before rows are sorted to disk.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most rows held.
    pub rows: usize,
    /// About the most bytes held.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 1 << 18, bytes: 64 << 20 }
    }
}

/// Takes the rows of a round in any order and seals them. Memory is bounded by [`Limits`] and the
/// participants; the rest waits on disk in the target folder.
pub struct Writer {
    parent: PathBuf,
    folder: TempDir,
    meta: Meta,
    items: Vec<Item>,
    places: HashMap<String, u32>,
    participants: Participants,
    sorter: Sorter,
}

impl Writer {
    /// Starts a snapshot that will become a folder in `parent_dir`, which is made where absent.
    ///
    /// # Errors
    /// Items that cannot be asked, participants that cannot be, or a folder that cannot be written.
    pub fn create(
        parent_dir: &Path,
        items: Vec<Item>,
        participants: impl IntoIterator<Item = Participant>,
        meta: Meta,
    ) -> Result<Self, SnapshotError> {
        Self::with_limits(parent_dir, items, participants, meta, Limits::default())
    }

    /// As [`Writer::create`], holding at most what `limits` say.
    ///
    /// # Errors
    /// As [`Writer::create`].
    pub fn with_limits(
        parent_dir: &Path,
        items: Vec<Item>,
        participants: impl IntoIterator<Item = Participant>,
        meta: Meta,
        limits: Limits,
    ) -> Result<Self, SnapshotError> {
        let mut places = HashMap::new();
        for (place, item) in items.iter().enumerate() {
            let at = format!("item {}", item.id);
            if let Some(violation) = item.violations().into_iter().next() {
                return Err(SnapshotError::refused(
                    format!("{at}, {}", violation.field),
                    violation.reason,
                    violation.message,
                ));
            }
            if places.insert(item.id.clone(), place as u32).is_some() {
                return Err(SnapshotError::refused(at, Reason::BadItem, "the item is listed twice"));
            }
        }
        let participants = Participants::collect(participants)?;
        fs::create_dir_all(parent_dir).map_err(|e| SnapshotError::io(parent_dir, e))?;
        let folder = tempfile::Builder::new()
            .prefix(SEALING)
            .tempdir_in(parent_dir)
            .map_err(|e| SnapshotError::io(parent_dir, e))?;
        let sorter = Sorter::new(folder.path(), limits.rows.max(1), limits.bytes);
        Ok(Self { parent: parent_dir.to_owned(), folder, meta, items, places, participants, sorter })
    }

    /// Adds an answer, in any order.
    ///
    /// # Errors
    /// An item or participant that is not listed, bytes that do not answer the item, words or numbers
    /// that cannot be. Duplicates are found by [`Writer::seal`].
    pub fn push(&mut self, row: Row<'_>) -> Result<(), SnapshotError> {
        let refuse = |reason, message: &str| {
            let place = format!("item {}, participant {}, view {}", row.item, row.participant, row.view.name());
            Err(SnapshotError::refused(place, reason, message))
        };
        let Some(&item) = self.places.get(row.item) else {
            return refuse(Reason::UnknownItem, "the round has no such item");
        };
        let Some(participant) = self.participants.place(row.participant) else {
            return refuse(Reason::ResourceNotFound, "the participant is not listed");
        };
        if let Some(weight) = row.weight.filter(|&weight| !is_weight(weight)) {
            let message = format!("the weight {weight} is not a number from 0 to {MAX_WEIGHT}");
            return refuse(Reason::BadNumber, &message);
        }
        let is_text = self.items[item as usize].kind == ItemKind::Text;
        let answer = if is_text { &[][..] } else { row.answer };
        if !fits(&self.items[item as usize], answer) {
            return refuse(Reason::AnswerKind, "the bytes are no answer to the item");
        }
        let mut words = [None, row.rationale.filter(|words| !words.is_empty())];
        if is_text {
            let Ok(answer) = std::str::from_utf8(row.answer) else {
                return refuse(Reason::BadText, "the words are not UTF-8");
            };
            words[0] = Some(answer);
        }
        let mut normal = [None, None];
        for (words, normal) in words.into_iter().zip(&mut normal) {
            let Some(words) = words else { continue };
            match text::normalise("", words, text::MAX_TEXT_CHARS) {
                Ok(words) => *normal = Some(words),
                Err(violation) => return refuse(violation.reason, &violation.message),
            }
        }
        let [text, rationale] = normal;
        self.sorter.push(Sorted {
            key: (item, participant, view_code(row.view)),
            answer: answer.to_vec(),
            rationale,
            text,
            weight: row.weight.map(|weight| weight + 0.0),
            duration_ms: row.duration_ms,
        })
    }

    /// Sorts, writes and hashes everything and gives the folder its name. Either the whole folder is
    /// there afterwards or nothing is; where the same snapshot exists already, it stays.
    ///
    /// # Errors
    /// `DUPLICATE_ANSWER` for two rows of one item, participant and view; a disk that fails.
    pub fn seal(self) -> Result<Snapshot, SnapshotError> {
        let Self { parent, folder, meta, items, participants, sorter, .. } = self;
        let runs = folder;
        let made =
            tempfile::Builder::new().prefix(SEALED).tempdir_in(&parent).map_err(|e| SnapshotError::io(&parent, e))?;
        let dir = made.path();
        let (responses, words) = write_rows(dir, sorter, &items, &participants)?;
        drop(runs);
        files::write_text(&dir.join("items.json"), &canonical::json(&items))?;
        participants.write(&dir.join("participants.parquet"))?;
        let parts = Parts {
            items: hash::items(&items),
            participants: hash::participants(&participants),
            responses,
            words,
            round: round_part(&meta.round, meta.simulated),
        };
        let hash = parts.hash();
        let Meta { round, simulated } = meta;
        let manifest = Manifest { format: FORMAT.to_owned(), hash, parts, simulated, round };
        files::write_text(&dir.join("manifest.json"), &canonical::json(&manifest))?;
        files::sync_folder(dir)?;
        let target = parent.join(hash.to_string());
        if target.is_dir() {
            return Snapshot::open(&target);
        }
        match fs::rename(dir, &target) {
            // Nothing is left at the temporary place to clean up.
            Ok(()) => drop(made.keep()),
            Err(_) if target.is_dir() => {}
            Err(e) => return Err(SnapshotError::io(&target, e)),
        }
        files::sync_folder(&parent)?;
        Ok(Snapshot { dir: target, manifest, items, participants })
    }
}

/// Removes what writers that never ended left in `parent_dir`. No writer may be at work there.
///
/// # Errors
/// A folder that cannot be read or removed.
pub fn remove_unfinished(parent_dir: &Path) -> Result<(), SnapshotError> {
    let entries = match fs::read_dir(parent_dir) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|e| SnapshotError::io(parent_dir, e))?,
    };
    for entry in entries {
        let entry = entry.map_err(|e| SnapshotError::io(parent_dir, e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(SEALING) || name.starts_with(SEALED) {
            fs::remove_dir_all(entry.path()).map_err(|e| SnapshotError::io(&entry.path(), e))?;
        }
    }
    Ok(())
}

fn write_rows(
    dir: &Path,
    sorter: Sorter,
    items: &[Item],
    participants: &Participants,
) -> Result<(crate::Part, crate::Part), SnapshotError> {
    let mut responses = (ResponsesFile::create(&dir.join("responses.parquet"))?, PartHasher::responses());
    let mut words = (WordsFile::create(&dir.join("words.parquet"))?, PartHasher::words());
    let mut rows = sorter.merge()?;
    let mut last: Option<Key> = None;
    while let Some(row) = rows.next()? {
        if last == Some(row.key) {
            let (item, participant, view) = row.key;
            let place = format!(
                "item {}, participant {}, view {}",
                items[item as usize].id,
                participants.ids[participant as usize],
                view_of(view).unwrap_or_default().name()
            );
            return Err(SnapshotError::refused(place, Reason::DuplicateAnswer, "the answer is given twice"));
        }
        last = Some(row.key);
        responses.0.push(&row)?;
        responses.1.add_response(&row);
        if row.has_words() {
            words.0.push(&row)?;
            words.1.add_words(&row);
        }
    }
    responses.0.finish()?;
    words.0.finish()?;
    Ok((responses.1.finish(), words.1.finish()))
}
