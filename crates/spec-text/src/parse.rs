//! A document from its bytes.

use std::collections::HashSet;

use crate::document::{Clause, Document, DocumentError, Example, Footnote, MAX_DOCUMENT_BYTES, Warnings};
use crate::inline::{self, Name};
use crate::lines::{Kind, Line, Lines, dedented, indentation};
use crate::normal::text_hash;
use crate::outline::{Outline, Section, outline};

/// The mark that some editors put in front of UTF-8.
pub(crate) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Reads a document in time linear in its bytes. A byte order mark is dropped; line ends are `\n` or
/// `\r\n` and stay as they are in preamble and bodies.
///
/// # Errors
/// [`DocumentError`], with the line to look at. Everything else that is odd becomes a warning.
pub fn parse(bytes: &[u8]) -> Result<Document, DocumentError> {
    let source = text(bytes)?;
    let mut warnings = Warnings::default();
    let outline = outline(source, &mut warnings)?;
    let mut document = Document {
        title: outline.title.clone(),
        preamble: source[..outline.sections.first().map_or(source.len(), |first| first.start)].to_owned(),
        clauses: clauses(source, &outline),
        ..Document::default()
    };
    if document.clauses.is_empty() {
        warnings.add(1, "no_clauses", "the document has no heading and therefore no clause");
    }
    Reader::new(&mut document, &mut warnings).read(source);
    document.warnings = warnings.into_sorted();
    Ok(document)
}

/// The text of a document without its byte order mark.
fn text(bytes: &[u8]) -> Result<&str, DocumentError> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(DocumentError::TooLarge { bytes: bytes.len(), limit: MAX_DOCUMENT_BYTES });
    }
    let line_at = |offset: usize| 1 + bytes[..offset].iter().filter(|&&b| b == b'\n').count();
    let source = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        DocumentError::NotUtf8 { line: line_at(offset), offset }
    })?;
    if let Some(offset) = source.find('\0') {
        return Err(DocumentError::NulCharacter { line: line_at(offset) });
    }
    Ok(source.strip_prefix(BYTE_ORDER_MARK).unwrap_or(source))
}

fn clauses(source: &str, outline: &Outline) -> Vec<Clause> {
    let clause = |section: &Section| {
        let body = &source[section.body.clone()];
        Clause {
            anchor: section.anchor.clone(),
            title: section.title().to_owned(),
            level: section.level(),
            authority: section.authority().map(str::to_owned),
            parent: outline.parent_anchor(section).map(str::to_owned),
            line: section.line,
            body: body.to_owned(),
            text_hash: text_hash(section.title(), section.authority(), body),
            examples: Vec::new(),
            commentary: Vec::new(),
            footnotes: Vec::new(),
            references: Vec::new(),
            generated_anchor: section.generated,
        }
    };
    outline.sections.iter().map(clause).collect()
}

/// Where the reader is between `**Example**` and the end of its fence.
enum ExampleState {
    Outside,
    /// The title may go on with the next line.
    Title(Example),
    /// The fence must come next.
    Wanted(Example),
    Fenced(Example),
}

/// Fills in what the clauses hold, line by line.
struct Reader<'d> {
    document: &'d mut Document,
    warnings: &'d mut Warnings,
    /// How many clauses have begun.
    begun: usize,
    example: ExampleState,
    definition: Option<Footnote>,
    commentary: Option<String>,
    /// Names by the clause that uses them, as each counts once in a clause.
    seen: HashSet<(usize, Name, String)>,
    references: Vec<(usize, String)>,
    footnotes: Vec<(usize, String)>,
    previous_is_paragraph: bool,
}

impl<'d> Reader<'d> {
    fn new(document: &'d mut Document, warnings: &'d mut Warnings) -> Self {
        Self {
            document,
            warnings,
            begun: 0,
            example: ExampleState::Outside,
            definition: None,
            commentary: None,
            seen: HashSet::new(),
            references: Vec::new(),
            footnotes: Vec::new(),
            previous_is_paragraph: false,
        }
    }

    fn read(mut self, source: &str) {
        for line in Lines::new(source) {
            let begins = self.document.clauses.get(self.begun).is_some_and(|next| next.line == line.number);
            if begins {
                self.end_blocks();
                self.begun += 1;
            }
            self.line(&line);
        }
        self.end_blocks();
        self.check_names();
    }

    fn line(&mut self, line: &Line) {
        let (indent, rest) = indentation(line.text);
        self.commentary_line(line);
        self.example_line(line, indent, rest);
        if !matches!(line.kind, Kind::Text | Kind::Heading | Kind::MetaOpen) {
            self.previous_is_paragraph = false;
            return;
        }
        let is_flush_text = line.kind == Kind::Text && !line.in_meta && indent < 4;
        if self.previous_is_paragraph && is_flush_text && is_underline(rest) {
            let message = "an underlined heading is read as text; write it with `#` in front";
            self.warnings.add(line.number, "underlined_heading", message);
        }
        self.previous_is_paragraph = is_flush_text && rest.starts_with(char::is_alphabetic);
        self.definition_line(line, is_flush_text, rest);
        self.names(line, rest);
    }

    fn commentary_line(&mut self, line: &Line) {
        if line.kind == Kind::MetaOpen {
            self.end_commentary();
            self.commentary = Some(String::new());
        } else if !line.in_meta {
            self.end_commentary();
        } else if let Some(text) = &mut self.commentary {
            text.push_str(dedented(line.text));
            text.push('\n');
        }
    }

    fn end_commentary(&mut self) {
        let Some(text) = self.commentary.take() else { return };
        if let Some(clause) = self.begun.checked_sub(1) {
            self.document.clauses[clause].commentary.push(text.trim_matches('\n').trim_end().to_owned());
        }
    }

    fn example_line(&mut self, line: &Line, indent: usize, rest: &str) {
        use ExampleState::{Fenced, Outside, Title, Wanted};
        let begins = if line.kind == Kind::Text && !line.in_meta && indent < 4 { example_title(rest) } else { None };
        self.example = match std::mem::replace(&mut self.example, Outside) {
            Fenced(mut example) if line.kind == Kind::Fenced => {
                example.text.push_str(line.text);
                example.text.push('\n');
                Fenced(example)
            }
            Fenced(example) => {
                self.keep_example(example);
                Outside
            }
            Title(mut example) | Wanted(mut example) if line.kind == Kind::FenceOpen => {
                let info = rest.trim_start_matches(['`', '~']);
                example.language = info.split_whitespace().next().unwrap_or("").to_owned();
                Fenced(example)
            }
            Title(example) | Wanted(example) if rest.is_empty() => Wanted(example),
            Title(mut example) if begins.is_none() && line.kind == Kind::Text && !line.in_meta => {
                example.title.push(' ');
                example.title.push_str(rest);
                Title(example)
            }
            Title(example) | Wanted(example) => {
                self.warn_of_example(&example);
                Outside
            }
            Outside => Outside,
        };
        if let Some(title) = begins {
            let (title, line) = (title.to_owned(), line.number);
            self.example = Title(Example { title, line, language: String::new(), text: String::new() });
        }
    }

    fn keep_example(&mut self, mut example: Example) {
        if example.text.ends_with('\n') {
            example.text.pop();
        }
        if let Some(clause) = self.begun.checked_sub(1) {
            self.document.clauses[clause].examples.push(example);
        }
    }

    fn warn_of_example(&mut self, example: &Example) {
        self.warnings.add(
            example.line,
            "example_without_fence",
            "no fenced block follows the example; it is read as text",
        );
    }

    fn definition_line(&mut self, line: &Line, is_flush_text: bool, rest: &str) {
        let begins = inline::definition(rest).filter(|_| is_flush_text);
        if let Some((id, text)) = begins {
            self.end_definition();
            self.definition = Some(Footnote { id: id.to_owned(), line: line.number, text: text.to_owned() });
            return;
        }
        if rest.is_empty() || line.kind != Kind::Text || line.in_meta {
            return self.end_definition();
        }
        if let Some(definition) = &mut self.definition {
            definition.text.push(' ');
            definition.text.push_str(rest);
        }
    }

    fn end_definition(&mut self) {
        self.document.footnotes.extend(self.definition.take());
    }

    fn end_blocks(&mut self) {
        self.end_commentary();
        self.end_definition();
        match std::mem::replace(&mut self.example, ExampleState::Outside) {
            ExampleState::Outside => {}
            ExampleState::Fenced(example) => self.keep_example(example),
            ExampleState::Title(example) | ExampleState::Wanted(example) => self.warn_of_example(&example),
        }
    }

    fn names(&mut self, line: &Line, rest: &str) {
        let text = inline::definition(rest).map_or(line.text, |(_, text)| text);
        let Self { document, seen, references, footnotes, begun, .. } = self;
        let mut clause = begun.checked_sub(1).map(|place| &mut document.clauses[place]);
        inline::scan(text, |kind, name| {
            if !seen.insert((*begun, kind, name.to_owned())) {
                return;
            }
            let uses = if kind == Name::Clause { &mut *references } else { &mut *footnotes };
            uses.push((line.number, name.to_owned()));
            if let Some(clause) = &mut clause {
                let names = if kind == Name::Clause { &mut clause.references } else { &mut clause.footnotes };
                names.push(name.to_owned());
            }
        });
    }

    /// Warns of names that lead nowhere. A document without any definition of a foot-note keeps them
    /// elsewhere and gets no warning.
    fn check_names(self) {
        let anchors: HashSet<&str> = self.document.clauses.iter().map(|clause| clause.anchor.as_str()).collect();
        for (line, anchor) in self.references {
            if !anchors.contains(anchor.as_str()) {
                let message = format!("no clause has the anchor {anchor:?} that is referred to");
                self.warnings.add(line, "unknown_reference", message);
            }
        }
        let defined: HashSet<&str> = self.document.footnotes.iter().map(|footnote| footnote.id.as_str()).collect();
        for (line, id) in self.footnotes {
            if !defined.is_empty() && !defined.contains(id.as_str()) {
                self.warnings.add(line, "unknown_footnote", format!("the foot-note {id:?} is not defined"));
            }
        }
    }
}

/// The title in `**Example**: title` or `**Example:** title`.
fn example_title(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix("**Example")?;
    rest.strip_prefix("**:").or_else(|| rest.strip_prefix(":**")).map(str::trim)
}

fn is_underline(rest: &str) -> bool {
    rest.len() >= 3 && (rest.bytes().all(|b| b == b'=') || rest.bytes().all(|b| b == b'-'))
}
