//! The lines of a document and what each is: the place where a `#` is told from a heading.
//!
//! Rules, after CommonMark 0.31 (sections 4.2, 4.5, 4.6) with the commentary blocks of the Python
//! Markdown "admonition" extension: a fence of three or more `` ` `` or `~` lasts up to a fence of the
//! same character that is at least as long; a fence that is indented by four columns or more belongs to
//! a block and ends with it, at the first line with less indentation; `!!! meta` lasts as long as lines
//! are blank or indented by four columns; a comment lasts up to `-->`.

/// One line of the source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// From 1.
    pub(crate) number: usize,
    /// Offset of its first byte.
    pub(crate) start: usize,
    /// Offset of the first byte after its line end.
    pub(crate) next: usize,
    /// Its text without the line end.
    pub(crate) text: &'a str,
    pub(crate) kind: Kind,
    /// Whether it belongs to a `!!! meta` block.
    pub(crate) in_meta: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// `# ...` outside of everything; whether the rest is well formed is for `heading` to say.
    Heading,
    FenceOpen,
    Fenced,
    FenceClose,
    MetaOpen,
    /// Front matter and comments.
    Hidden,
}

#[derive(Clone, Copy)]
struct Fence {
    mark: u8,
    length: usize,
    indent: usize,
    line: usize,
}

/// Walks over the lines of a document.
pub(crate) struct Lines<'a> {
    source: &'a str,
    offset: usize,
    number: usize,
    /// Offset at which the front matter ends.
    front_matter_end: usize,
    fence: Option<Fence>,
    comment: Option<usize>,
    in_meta: bool,
    /// Lines of fences that were never closed.
    pub(crate) unclosed_fences: Vec<usize>,
    /// Line of a comment that was never closed.
    pub(crate) unclosed_comment: Option<usize>,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        Self {
            source,
            offset: 0,
            number: 0,
            front_matter_end: front_matter_end(source),
            fence: None,
            comment: None,
            in_meta: false,
            unclosed_fences: Vec::new(),
            unclosed_comment: None,
        }
    }

    /// The lines of a piece of a document, which cannot begin with front matter.
    pub(crate) fn of_piece(piece: &'a str) -> Self {
        Self { front_matter_end: 0, ..Self::new(piece) }
    }

    fn kind_of(&mut self, start: usize, text: &str) -> Kind {
        if start < self.front_matter_end {
            return Kind::Hidden;
        }
        if self.comment.is_some() {
            if text.contains("-->") {
                self.comment = None;
            }
            return Kind::Hidden;
        }
        let (indent, rest) = indentation(text);
        let ends_blocks = indent < 4 && !rest.is_empty();
        if let Some(fence) = self.fence {
            if fence.indent < 4 || !ends_blocks {
                return self.inside(fence, rest);
            }
            self.unclosed_fences.push(fence.line);
            self.fence = None;
        }
        if ends_blocks {
            self.in_meta = false;
        }
        if let Some((mark, length)) = opening_fence(rest) {
            self.fence = Some(Fence { mark, length, indent, line: self.number });
            return Kind::FenceOpen;
        }
        if !ends_blocks {
            return Kind::Text;
        }
        if is_meta(rest) {
            self.in_meta = true;
            return Kind::MetaOpen;
        }
        if is_atx_heading(rest) {
            return Kind::Heading;
        }
        if rest.starts_with("<!--") && !rest.contains("-->") {
            self.comment = Some(self.number);
            return Kind::Hidden;
        }
        Kind::Text
    }

    fn inside(&mut self, fence: Fence, rest: &str) -> Kind {
        let length = rest.bytes().take_while(|&b| b == fence.mark).count();
        if length < fence.length || !rest[length..].trim().is_empty() {
            return Kind::Fenced;
        }
        self.fence = None;
        Kind::FenceClose
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let start = self.offset;
        let Some(whole) = self.source[start..].split_inclusive('\n').next() else {
            self.unclosed_fences.extend(self.fence.take().map(|fence| fence.line));
            self.unclosed_comment = self.unclosed_comment.or(self.comment.take());
            return None;
        };
        self.offset += whole.len();
        self.number += 1;
        let text = whole.strip_suffix('\n').unwrap_or(whole);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let kind = self.kind_of(start, text);
        Some(Line { number: self.number, start, next: self.offset, text, kind, in_meta: self.in_meta })
    }
}

/// Columns of white space in front (a tab goes to the next multiple of four), and the rest without
/// white space at either end.
pub(crate) fn indentation(text: &str) -> (usize, &str) {
    let mut columns = 0;
    for byte in text.bytes() {
        match byte {
            b' ' => columns += 1,
            b'\t' => columns += 4 - columns % 4,
            _ => break,
        }
    }
    (columns, text.trim())
}

/// The text without up to four columns of indentation.
pub(crate) fn dedented(text: &str) -> &str {
    let mut columns = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b' ' if columns < 4 => columns += 1,
            b'\t' if columns < 4 => columns = 4,
            _ => return &text[at..],
        }
    }
    ""
}

fn opening_fence(rest: &str) -> Option<(u8, usize)> {
    let mark = rest.bytes().next().filter(|b| matches!(b, b'`' | b'~'))?;
    let length = rest.bytes().take_while(|&b| b == mark).count();
    let is_code_in_a_line = mark == b'`' && rest[length..].contains('`');
    (length >= 3 && !is_code_in_a_line).then_some((mark, length))
}

fn is_meta(rest: &str) -> bool {
    let Some(kind) = rest.strip_prefix("!!!") else { return false };
    kind.split_whitespace().next() == Some("meta")
}

fn is_atx_heading(rest: &str) -> bool {
    let level = rest.bytes().take_while(|&b| b == b'#').count();
    (1..=6).contains(&level) && (rest.len() == level || rest[level..].starts_with([' ', '\t']))
}

/// Offset after the `---` block that opens the document, 0 where there is none.
fn front_matter_end(source: &str) -> usize {
    let mut lines = source.split_inclusive('\n');
    let Some(first) = lines.next().filter(|line| line.trim_end() == "---") else { return 0 };
    let mut end = first.len();
    for line in lines {
        end += line.len();
        if matches!(line.trim_end(), "---" | "...") {
            return end;
        }
    }
    0
}
