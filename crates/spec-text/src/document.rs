//! What a document is made of, and why one is refused.

use serde::{Deserialize, Serialize};

/// Largest document, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 16 * 1024 * 1024;

/// Most clauses of a document.
pub const MAX_CLAUSES: usize = 20_000;

/// One revision of a spec, read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The only heading of level 1 where it comes first, or `title:` of the front matter.
    pub title: Option<String>,
    /// The exact source before the heading of the first clause: front matter, introduction, and the
    /// title's heading where that one has no anchor and is therefore no clause.
    pub preamble: String,
    /// The clauses, in the order of the document.
    pub clauses: Vec<Clause>,
    /// The definitions `[^id]: text`, in the order of the document.
    pub footnotes: Vec<Footnote>,
    /// What the reader had to guess or could not resolve, by line.
    pub warnings: Vec<Warning>,
}

impl Document {
    /// The clause with this anchor.
    pub fn clause(&self, anchor: &str) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.anchor == anchor)
    }
}

/// An addressable part of a spec: a heading and the text that follows it, up to the next heading of
/// any level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clause {
    /// The stable id: 1 to 128 of `A-Z a-z 0-9 . _ ~ -`, unique in the document.
    pub anchor: String,
    /// The heading's text, without marks and attributes.
    pub title: String,
    /// Level of the heading, 1 to 6.
    pub level: u8,
    /// The heading's `authority=` attribute.
    pub authority: Option<String>,
    /// Anchor of the nearest clause above with a lower level number.
    pub parent: Option<String>,
    /// Line of the heading, from 1.
    pub line: usize,
    /// The exact source after the heading's line, up to the next clause's heading.
    pub body: String,
    /// SHA-256 in 64 hexadecimal digits over the fields `folkmoot/clause/v1`, title, authority (empty
    /// where there is none) and body, each with its length in front
    /// (`folkmoot_core::canonical::Hasher`), title and body as by [`normalise`](crate::normalise).
    pub text_hash: String,
    /// The examples, in order.
    pub examples: Vec<Example>,
    /// The texts of the `!!! meta` blocks, without their indentation.
    pub commentary: Vec<String>,
    /// Ids of the foot-notes that are used, each once, in order.
    pub footnotes: Vec<String>,
    /// Anchors that `[text](#anchor)` points to, each once, in order. They may be unknown.
    pub references: Vec<String>,
    /// True where the source gives no usable anchor and one was made from the title.
    pub generated_anchor: bool,
}

/// `**Example**: title` and the fenced block that follows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// What the example shows.
    pub title: String,
    /// Line of `**Example**`, from 1.
    pub line: usize,
    /// First word after the fence, such as `xml`; may be empty.
    pub language: String,
    /// What stands inside the fence, lines joined with `\n`.
    pub text: String,
}

/// `[^id]: text`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footnote {
    /// The id between `[^` and `]`.
    pub id: String,
    /// Its line, from 1.
    pub line: usize,
    /// Its first paragraph, lines joined with a space.
    pub text: String,
}

/// Something a person should look at; the document is read all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Line it is about, from 1.
    pub line: usize,
    /// `missing_anchor`, `bad_anchor`, `bad_attributes`, `empty_title`, `underlined_heading`,
    /// `unclosed_fence`, `unclosed_comment`, `example_without_fence`, `unknown_reference`,
    /// `unknown_footnote`, `no_clauses` or `more_warnings`.
    pub code: String,
    /// What is wrong and what was done about it.
    pub message: String,
}

/// Why a document is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Two headings claim one anchor.
    #[error("lines {first} and {second}: the anchor {anchor:?} is used twice")]
    DuplicateAnchor {
        /// The anchor.
        anchor: String,
        /// Line of its first use.
        first: usize,
        /// Line of its second use.
        second: usize,
    },
    /// The bytes are not UTF-8.
    #[error("line {line}: the text is not UTF-8 (byte {offset} of the document)")]
    NotUtf8 {
        /// Line of the first bad byte.
        line: usize,
        /// Its offset from the start, from 0.
        offset: usize,
    },
    /// The text holds U+0000, which not every store can keep.
    #[error("line {line}: the text has the character U+0000")]
    NulCharacter {
        /// Line of the first one.
        line: usize,
    },
    /// More bytes than [`MAX_DOCUMENT_BYTES`].
    #[error("the document has {bytes} bytes, at most {limit} are allowed")]
    TooLarge {
        /// Bytes of the document.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// More headings than [`MAX_CLAUSES`].
    #[error("line {line}: the document has more than {limit} clauses")]
    TooManyClauses {
        /// Line of the first heading too many.
        line: usize,
        /// Clauses allowed.
        limit: usize,
    },
}

impl DocumentError {
    /// The line to look at, from 1, where there is one.
    pub fn line(&self) -> Option<usize> {
        match self {
            Self::DuplicateAnchor { second, .. } => Some(*second),
            Self::NotUtf8 { line, .. } | Self::NulCharacter { line } | Self::TooManyClauses { line, .. } => Some(*line),
            Self::TooLarge { .. } => None,
        }
    }
}

/// Warnings, up to a number that a person may still read.
#[derive(Default)]
pub(crate) struct Warnings {
    kept: Vec<Warning>,
    left_out: usize,
}

impl Warnings {
    const MOST: usize = 1000;

    pub(crate) fn add(&mut self, line: usize, code: &str, message: impl Into<String>) {
        if self.kept.len() == Self::MOST {
            self.left_out += 1;
            return;
        }
        self.kept.push(Warning { line, code: code.to_owned(), message: message.into() });
    }

    pub(crate) fn into_sorted(mut self) -> Vec<Warning> {
        self.kept.sort_by_key(|warning| warning.line);
        if self.left_out > 0 {
            let line = self.kept.last().map_or(1, |warning| warning.line);
            let message = format!("{} more warnings are left out", self.left_out);
            self.kept.push(Warning { line, code: "more_warnings".to_owned(), message });
        }
        self.kept
    }
}
