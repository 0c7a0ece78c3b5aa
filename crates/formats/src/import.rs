//! The one shape of every reader.

use std::path::{Path, PathBuf};

use folkmoot_core::{Answer, Item, Timestamp, View};
use folkmoot_snapshot::Participant;

use crate::error::{FormatError, Refusal};
use crate::{collective_alignment, polis, preflib, tidy};

/// Files that a round can be read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Tidy responses, CSV, JSON lines or Parquet by their extension.
    Tidy(TidyFiles),
    /// The folder of a Polis export.
    Polis {
        /// The folder.
        dir: PathBuf,
        /// Which of its two accounts of the votes is read.
        votes: PolisVotes,
    },
    /// The folder of a collective-alignment release.
    CollectiveAlignment(PathBuf),
    /// A file of prompts with their candidate responses, and no answers.
    Prompts(PathBuf),
    /// A PrefLib file: `.soc`, `.soi`, `.toc` or `.toi`.
    PrefLib(PathBuf),
}

/// The project's own files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TidyFiles {
    /// The responses.
    pub responses: PathBuf,
    /// The participants; without it they are those who answered.
    pub participants: Option<PathBuf>,
    /// The items; without it they are inferred from the answers.
    pub items: Option<PathBuf>,
}

/// Which account of the votes a Polis folder is read by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PolisVotes {
    /// `participants-votes.csv`: the votes as they stood in the end.
    #[default]
    Matrix,
    /// `votes.csv`: every event; the last of a voter on a comment counts.
    Events,
}

/// A stream of rows, each kept or refused.
pub type Rows = Box<dyn Iterator<Item = Result<ResponseRow, Refusal>> + Send>;

/// A source, opened.
pub struct Import {
    /// Where it came from; reading it again gives the same rows.
    pub source: Source,
    /// The items.
    pub items: Vec<Item>,
    /// The participants.
    pub participants: Vec<Participant>,
    /// What was assumed, in words, such as `the kind of item q1 is inferred: rank`.
    pub notes: Vec<String>,
    /// The responses, in the order of the file.
    pub rows: Rows,
}

/// One response of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct ResponseRow {
    /// The line it stands on, counted from 1; in Parquet the row.
    pub line: u64,
    /// The participant's id.
    pub participant: String,
    /// The item's id.
    pub item: String,
    /// Whose eyes the answer takes.
    pub view: View,
    /// The answer, which fits the item.
    pub answer: Answer,
    /// Why, in their words.
    pub rationale: Option<String>,
    /// The answer's own weight.
    pub weight: Option<f64>,
    /// How long the answer took.
    pub duration_ms: Option<u32>,
    /// When it was submitted.
    pub submitted_at: Option<Timestamp>,
}

/// Opens `source`: reads its items and participants and makes ready to stream its rows.
///
/// # Errors
/// A file that is missing, has other columns than its format, or whose items cannot be asked. A row
/// that cannot be kept is no error here: it comes out of [`Import::rows`] as a [`Refusal`].
pub fn open(source: Source) -> Result<Import, FormatError> {
    match source {
        Source::Tidy(files) => tidy::open(files),
        Source::Polis { dir, votes } => polis::open(dir, votes),
        Source::CollectiveAlignment(dir) => collective_alignment::open(dir),
        Source::Prompts(file) => collective_alignment::open_prompts(file),
        Source::PrefLib(file) => preflib::open(file),
    }
}

impl Source {
    /// What the file or folder at `path` is, from its name and the names in it.
    ///
    /// # Errors
    /// A path of no known format; the message says what was looked for.
    pub fn detect(path: &Path) -> Result<Self, FormatError> {
        if path.is_dir() {
            return detect_folder(path);
        }
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("soc" | "soi" | "toc" | "toi") => Ok(Self::PrefLib(path.to_owned())),
            Some("jsonl") if collective_alignment::is_prompts(path) => Ok(Self::Prompts(path.to_owned())),
            Some("csv" | "jsonl" | "parquet") => {
                Ok(Self::Tidy(TidyFiles { responses: path.to_owned(), ..TidyFiles::default() }))
            }
            _ => Err(FormatError::Unknown {
                path: path.display().to_string(),
                message: "expected a .csv, .jsonl, .parquet, .soc, .soi, .toc or .toi file or a folder".into(),
            }),
        }
    }
}

fn detect_folder(dir: &Path) -> Result<Source, FormatError> {
    let has = |name: &str| dir.join(name).is_file();
    let one_of = |stem: &str, extensions: &[&str]| {
        extensions.iter().map(|extension| dir.join(format!("{stem}.{extension}"))).find(|file| file.is_file())
    };
    if has("comparisons.jsonl") || has("merged_comparisons_annotators.jsonl") {
        return Ok(Source::CollectiveAlignment(dir.to_owned()));
    }
    if has("comments.csv") && (has("participants-votes.csv") || has("votes.csv")) {
        let votes = if has("participants-votes.csv") { PolisVotes::Matrix } else { PolisVotes::Events };
        return Ok(Source::Polis { dir: dir.to_owned(), votes });
    }
    let tables = ["parquet", "jsonl", "csv"];
    if let Some(responses) = one_of("responses", &tables) {
        let (participants, items) = (one_of("participants", &tables), one_of("items", &["json"]));
        return Ok(Source::Tidy(TidyFiles { responses, participants, items }));
    }
    Err(FormatError::Unknown {
        path: dir.display().to_string(),
        message: "expected comparisons.jsonl, comments.csv with participants-votes.csv, or responses.csv in it".into(),
    })
}
