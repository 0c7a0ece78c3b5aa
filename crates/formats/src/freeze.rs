//! From an import to a snapshot.

use std::collections::HashMap;
use std::path::Path;

use folkmoot_core::{Reason, View};
use folkmoot_snapshot::{Meta, Row, Snapshot, SnapshotError, Writer};

use crate::error::{FormatError, Refusal};
use crate::import::{Import, Rows, Source, open};

/// Most refusals that are listed one by one.
const LISTED: usize = 100;

/// What happens to rows that cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Any refused row is an error that lists them.
    Strict,
    /// Participants whose every row is good are kept, the others are left out whole. Of an answer given
    /// twice the first is kept and the others are refused.
    KeepGood,
}

/// What became of the rows of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows read.
    pub read: u64,
    /// Rows in the snapshot.
    pub kept: u64,
    /// Rows refused, with those of participants left out for another row.
    pub refused: u64,
    /// The first refusals, at most a hundred, in the order of the file.
    pub first: Vec<Refusal>,
}

impl Tally {
    fn refuse(&mut self, refusal: Refusal) {
        self.refused += 1;
        if self.first.len() < LISTED {
            self.first.push(refusal);
        }
    }

    /// Counts a row that was read: refused, or kept.
    pub(crate) fn count(&mut self, refused: Option<&Refusal>) {
        self.read += 1;
        match refused {
            Some(refusal) => self.refuse(refusal.clone()),
            None => self.kept += 1,
        }
    }

    /// The listed refusals, one a line.
    pub fn lines(&self) -> String {
        let mut lines: Vec<String> = self.first.iter().map(Refusal::to_string).collect();
        let more = self.refused.saturating_sub(self.first.len() as u64);
        if more > 0 {
            lines.push(format!("and {more} more"));
        }
        lines.join("\n")
    }
}

/// Freezes `import` into a folder in `parent_dir`. Good rows are read twice under
/// [`Policy::KeepGood`]: first to find who must be left out. A file in which an answer is given twice is
/// read again, to tell on which lines.
///
/// # Errors
/// Refused rows under [`Policy::Strict`], among them an answer given twice; under both a refused row that
/// may be anybody's; a disk that fails.
pub fn snapshot(
    import: Import,
    parent_dir: &Path,
    policy: Policy,
    meta: Meta,
) -> Result<(Snapshot, Tally), FormatError> {
    let source = import.source.clone();
    match write(import, parent_dir, policy, meta.clone(), &HashMap::new()) {
        Err(FormatError::Snapshot(SnapshotError::Refused { reason: Reason::DuplicateAnswer, .. })) => {
            let repeats = repeats(open(source.clone())?.rows);
            write(open(source)?, parent_dir, policy, meta, &repeats)
        }
        written => written,
    }
}

/// The good rows that repeat an answer, by their place among all rows from 1, with the line of the first.
fn repeats(rows: Rows) -> HashMap<u64, u64> {
    let mut first: HashMap<(String, String, View), u64> = HashMap::new();
    let mut repeats = HashMap::new();
    for (place, row) in (1..).zip(rows) {
        let Ok(row) = row else { continue };
        let line = *first.entry((row.participant, row.item, row.view)).or_insert(row.line);
        if line != row.line {
            repeats.insert(place, line);
        }
    }
    repeats
}

fn write(
    mut import: Import,
    parent_dir: &Path,
    policy: Policy,
    meta: Meta,
    repeats: &HashMap<u64, u64>,
) -> Result<(Snapshot, Tally), FormatError> {
    let file = file_of(&import.source).display().to_string();
    let left_out = match policy {
        Policy::Strict => HashMap::new(),
        Policy::KeepGood => {
            let found = refused_participants(&mut import)?;
            import.rows = open(import.source.clone())?.rows;
            found
        }
    };
    let kept = import.participants.into_iter().filter(|person| !left_out.contains_key(&person.id));
    let mut writer = Writer::create(parent_dir, import.items, kept.collect::<Vec<_>>(), meta)?;
    let mut tally = Tally::default();
    for row in import.rows {
        tally.read += 1;
        let row = match row {
            Ok(row) => row,
            Err(refusal) => {
                tally.refuse(refusal);
                continue;
            }
        };
        if let Some(because) = left_out.get(&row.participant) {
            tally.refuse(Refusal {
                line: row.line,
                field: "participant".into(),
                reason: because.reason,
                message: format!("left out whole: line {} of the same participant is refused", because.line),
                participant: Some(row.participant),
                file: because.file.clone(),
            });
            continue;
        }
        if let Some(first) = repeats.get(&tally.read) {
            tally.refuse(Refusal {
                line: row.line,
                field: String::new(),
                reason: Reason::DuplicateAnswer,
                message: format!("{} answered {} on line {first} already", row.participant, row.item),
                participant: Some(row.participant),
                file: file.clone(),
            });
            continue;
        }
        tally.kept += 1;
        writer.push(Row {
            item: &row.item,
            participant: &row.participant,
            view: row.view,
            answer: &row.answer.encode(),
            rationale: row.rationale.as_deref(),
            weight: row.weight,
            duration_ms: row.duration_ms,
        })?;
    }
    if policy == Policy::Strict && tally.refused > 0 {
        return Err(FormatError::Refused(Box::new(tally)));
    }
    Ok((writer.seal()?, tally))
}

/// The file or folder whose lines the rows have.
fn file_of(source: &Source) -> &Path {
    match source {
        Source::Tidy(files) => &files.responses,
        Source::Polis { dir: path, .. }
        | Source::CollectiveAlignment(path)
        | Source::Prompts(path)
        | Source::PrefLib(path) => path,
    }
}

struct Because {
    file: String,
    line: u64,
    reason: Reason,
}

fn refused_participants(import: &mut Import) -> Result<HashMap<String, Because>, FormatError> {
    let mut found = HashMap::new();
    for refusal in import.rows.by_ref().filter_map(Result::err) {
        let Some(participant) = refusal.participant.clone() else { return Err(FormatError::anybodys(refusal)) };
        let Refusal { file, line, reason, .. } = refusal;
        found.entry(participant).or_insert(Because { file, line, reason });
    }
    Ok(found)
}
