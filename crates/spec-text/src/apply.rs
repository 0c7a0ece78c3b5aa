//! Edits of a document that leave everything else byte for byte.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::document::{DocumentError, Warnings};
use crate::heading;
use crate::lines::{Kind, Lines};
use crate::outline::{Outline, Section, outline};
use crate::parse::BYTE_ORDER_MARK;

/// One edit of a document. Edits are applied in order, each to what the one before it made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Edit {
    /// Other text for a clause. Blank lines around the old body stay and those around the new one are
    /// dropped.
    ReplaceBody {
        /// The clause.
        anchor: String,
        /// Its text, without headings.
        body: String,
    },
    /// Another level of authority, or none. An anchor that was made from the title is written down
    /// where the heading changes, so that the clause keeps it.
    SetAuthority {
        /// The clause.
        anchor: String,
        /// Letters, digits, `_` and `-`.
        authority: Option<String>,
    },
    /// Another title.
    SetTitle {
        /// The clause.
        anchor: String,
        /// One line, without attributes.
        title: String,
    },
    /// A new clause after another and what that one holds; as its first child where the new heading's
    /// level is deeper.
    InsertAfter {
        /// The clause before it.
        anchor: String,
        /// A heading and the text that follows it.
        markdown: String,
    },
    /// Takes out a clause that holds no others.
    Remove {
        /// The clause.
        anchor: String,
    },
}

impl Edit {
    /// The clause it is about.
    pub fn anchor(&self) -> &str {
        match self {
            Self::ReplaceBody { anchor, .. }
            | Self::SetAuthority { anchor, .. }
            | Self::SetTitle { anchor, .. }
            | Self::InsertAfter { anchor, .. }
            | Self::Remove { anchor } => anchor,
        }
    }
}

/// An edit that cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("edit {number} (clause {anchor:?}): {reason}")]
pub struct EditError {
    /// Which of the edits, from 1.
    pub number: usize,
    /// The clause it is about.
    pub anchor: String,
    /// Why it cannot be made.
    pub reason: EditReason,
}

/// Why an edit cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditReason {
    /// The document cannot be read, before the edit or after it.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// No clause has the anchor.
    #[error("the document has no such clause")]
    UnknownAnchor,
    /// A level of authority that no heading can hold.
    #[error("the authority {0:?} is not made of letters, digits, '_' and '-'")]
    BadAuthority(String),
    /// A title that would not be read back as it is.
    #[error("the title {0:?} is not one line of text that a heading can hold")]
    BadTitle(String),
    /// A body with a heading in it, at that line of the body, from 1.
    #[error("line {line} of the body is a heading; insert a clause instead")]
    HeadingInBody {
        /// From 1.
        line: usize,
    },
    /// Text to insert that does not begin with a heading.
    #[error("the text to insert does not begin with a heading")]
    NoHeading,
    /// A clause to remove that others stand in.
    #[error("the clause {0:?} stands in it and must be removed first")]
    HoldsClauses(String),
    /// The text would change how the rest is read, as by a fence that is never closed or by a name made
    /// from an equal title.
    #[error("the edit would change how the rest of the document is read")]
    DisturbsTheRest,
}

/// Applies `edits` to the source of a document, with its byte order mark and its kind of line ends.
///
/// # Errors
/// [`EditError`] for the first edit that cannot be made; none is applied then. What is returned can be
/// read by [`parse`](crate::parse) and differs from `document_source` in the named clauses only.
pub fn apply(document_source: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mark = if document_source.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK } else { "" };
    let mut text = document_source[mark.len()..].to_owned();
    for (index, edit) in edits.iter().enumerate() {
        let failed = |reason| EditError { number: index + 1, anchor: edit.anchor().to_owned(), reason };
        text = apply_one(&text, edit).map_err(failed)?;
    }
    Ok(format!("{mark}{text}"))
}

fn apply_one(source: &str, edit: &Edit) -> Result<String, EditReason> {
    let before = outline(source, &mut Warnings::default())?;
    let place = before.find(edit.anchor()).ok_or(EditReason::UnknownAnchor)?;
    let line_end = if source.split_inclusive('\n').next().is_some_and(|l| l.ends_with("\r\n")) { "\r\n" } else { "\n" };
    let (range, text) = match edit {
        Edit::ReplaceBody { body, .. } => replaced_body(source, &before.sections[place], body, line_end)?,
        Edit::SetAuthority { authority, .. } => with_authority(&before.sections[place], authority.as_deref())?,
        Edit::SetTitle { title, .. } => with_title(&before.sections[place], title)?,
        Edit::InsertAfter { markdown, .. } => inserted(source, &before, place, markdown, line_end)?,
        Edit::Remove { .. } => removed(&before, place)?,
    };
    let result = format!("{}{text}{}", &source[..range.start], &source[range.end..]);
    let after = outline(&result, &mut Warnings::default())?;
    check(edit, place, (source, &before), (&result, &after))?;
    Ok(result)
}

type Replacement = (Range<usize>, String);

fn replaced_body(source: &str, section: &Section, body: &str, line_end: &str) -> Result<Replacement, EditReason> {
    if let Some(line) = Lines::of_piece(body).find(|line| line.kind == Kind::Heading) {
        return Err(EditReason::HeadingInBody { line: line.number });
    }
    let old = &source[section.body.clone()];
    let new = with_line_ends(without_blank_edges(body), line_end);
    let is_last = section.body.end == source.len();
    let old_text = without_blank_edges(old);
    let (front, back) = if old_text.is_empty() {
        (line_end.to_owned(), if is_last { line_end.to_owned() } else { line_end.repeat(2) })
    } else {
        let start = old.find(old_text).unwrap_or(0);
        (old[..start].to_owned(), old[start + old_text.len()..].to_owned())
    };
    let mut text = match (new.is_empty(), old_text.is_empty()) {
        (true, true) => old.to_owned(),
        (true, false) => back.strip_prefix(line_end).unwrap_or(&back).to_owned(),
        (false, _) => format!("{front}{new}{back}"),
    };
    let heading_ends_the_file = section.start + section.heading_text.len() == source.len();
    if heading_ends_the_file && !text.is_empty() {
        text.insert_str(0, line_end);
    }
    Ok((section.body.clone(), text))
}

fn with_authority(section: &Section, authority: Option<&str>) -> Result<Replacement, EditReason> {
    if let Some(authority) = authority {
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if authority.is_empty() || !authority.chars().all(is_word) {
            return Err(EditReason::BadAuthority(authority.to_owned()));
        }
    }
    let line = section.heading_text;
    let addition = authority.map(|authority| format!(" authority={authority}")).unwrap_or_default();
    let written = section.heading.attributes.as_ref().and_then(|a| a.authority.clone());
    let (range, text) = match (written, authority) {
        (Some((range, _)), Some(authority)) => (range, format!("authority={authority}")),
        (Some((range, _)), None) if section.generated => (range, format!("#{}", section.anchor)),
        (Some((range, _)), None) => (line[..range.start].trim_end().len()..range.end, String::new()),
        (None, _) => return Ok(with_anchor(section, section.title(), &addition)),
    };
    Ok((section.start + range.start..section.start + range.end, text))
}

fn with_title(section: &Section, title: &str) -> Result<Replacement, EditReason> {
    let is_one_line = !title.contains(['\n', '\r', '\0']) && title.trim() == title && !title.is_empty();
    if !is_one_line {
        return Err(EditReason::BadTitle(title.to_owned()));
    }
    Ok(with_anchor(section, title, ""))
}

/// The heading with this title and `addition` among its attributes, and with its anchor written down
/// where it has none.
fn with_anchor(section: &Section, title: &str, addition: &str) -> Replacement {
    let line = section.heading_text;
    let anchor = if section.generated { format!("#{}", section.anchor) } else { String::new() };
    let title_range = section.heading.title.clone();
    let Some(attributes) = &section.heading.attributes else {
        let end = section.start + title_range.end;
        let space = if title_range.start == title_range.end && !line.ends_with([' ', '\t']) { " " } else { "" };
        return (section.start + title_range.start..end, format!("{space}{title} {{{anchor}{addition}}}"));
    };
    let mut block = line[attributes.block.clone()].to_owned();
    if section.generated {
        // An anchor that cannot be used makes room for the one that is.
        match &attributes.anchor {
            Some(bad) => {
                let (start, end) = (bad.start - 1 - attributes.block.start, bad.end - attributes.block.start);
                block.replace_range(start..end, &anchor);
            }
            None => block.insert_str(1, &format!("{anchor} ")),
        }
    }
    block.insert_str(block.len() - 1, addition);
    let gap = &line[title_range.end..attributes.block.start];
    let gap = if title_range.is_empty() && gap.is_empty() { " " } else { gap };
    (section.start + title_range.start..section.start + attributes.block.end, format!("{title}{gap}{block}"))
}

fn inserted(
    source: &str,
    before: &Outline,
    place: usize,
    markdown: &str,
    line_end: &str,
) -> Result<Replacement, EditReason> {
    let markdown = without_blank_edges(markdown);
    let first =
        Lines::of_piece(markdown).next().filter(|line| line.kind == Kind::Heading).ok_or(EditReason::NoHeading)?;
    let level = heading::read(first.text).level;
    let deeper = before.sections[place + 1..].iter().take_while(|section| section.level() > level).count();
    let at = before.sections[place + deeper].body.end;
    let text = with_line_ends(markdown, line_end);
    let gap = match &source[..at] {
        above if above.ends_with("\n\n") || above.ends_with("\n\r\n") => String::new(),
        above if above.ends_with('\n') => line_end.to_owned(),
        _ => line_end.repeat(2),
    };
    let end = if at == source.len() { line_end.to_owned() } else { line_end.repeat(2) };
    Ok((at..at, format!("{gap}{text}{end}")))
}

fn removed(before: &Outline, place: usize) -> Result<Replacement, EditReason> {
    if let Some(child) = before.sections.get(place + 1).filter(|next| next.parent == Some(place)) {
        return Err(EditReason::HoldsClauses(child.anchor.clone()));
    }
    let section = &before.sections[place];
    Ok((section.start..section.body.end, String::new()))
}

/// Whether the edit did what it says and nothing else.
fn check(
    edit: &Edit,
    place: usize,
    (old, before): (&str, &Outline),
    (new, after): (&str, &Outline),
) -> Result<(), EditReason> {
    let disturbs = Err(EditReason::DisturbsTheRest);
    let same = |left: usize, right: usize| {
        let (a, b) = (&before.sections[left], &after.sections[right]);
        a.anchor == b.anchor
            && a.level() == b.level()
            && a.title() == b.title()
            && a.authority() == b.authority()
            && before.parent_anchor(a) == after.parent_anchor(b)
            && old[a.body.clone()].trim_end() == new[b.body.clone()].trim_end()
    };
    let count = before.sections.len();
    let grown = after.sections.len() as isize - count as isize;
    let is_as_expected = match edit {
        Edit::InsertAfter { .. } => {
            let grown = usize::try_from(grown).unwrap_or(0);
            let kept = (0..count).take_while(|&at| same(at, at)).count();
            grown > 0 && kept > place && (kept..count).all(|at| same(at, at + grown))
        }
        Edit::Remove { .. } => {
            grown == -1 && (0..place).all(|at| same(at, at)) && (place + 1..count).all(|at| same(at, at - 1))
        }
        _ => grown == 0 && (0..count).filter(|&at| at != place).all(|at| same(at, at)),
    };
    if !is_as_expected {
        return disturbs;
    }
    let (Some(was), Some(is)) = (before.sections.get(place), after.sections.get(place)) else { return Ok(()) };
    let keeps_body = old[was.body.clone()] == new[is.body.clone()];
    let keeps_title = was.title() == is.title();
    let keeps_authority = was.authority() == is.authority();
    match edit {
        Edit::InsertAfter { .. } | Edit::Remove { .. } => Ok(()),
        _ if was.anchor != is.anchor => disturbs,
        Edit::ReplaceBody { .. } if keeps_title && keeps_authority => Ok(()),
        Edit::SetTitle { title, .. } if is.title() != title => Err(EditReason::BadTitle(title.clone())),
        Edit::SetTitle { .. } if keeps_authority && keeps_body => Ok(()),
        Edit::SetAuthority { authority, .. } if is.authority() == authority.as_deref() && keeps_title && keeps_body => {
            Ok(())
        }
        _ => disturbs,
    }
}

/// The text without blank lines in front and without white space at its end; the indentation of its
/// first line stays.
fn without_blank_edges(text: &str) -> &str {
    let text = text.trim_end();
    let first = text.len() - text.trim_start().len();
    let line_start = text[..first].rfind('\n').map_or(0, |at| at + 1);
    &text[line_start..]
}

fn with_line_ends(text: &str, line_end: &str) -> String {
    let plain = text.replace("\r\n", "\n");
    if line_end == "\n" { plain } else { plain.replace('\n', line_end) }
}
