//! The sections of a document and their anchors: what reading and editing have in common.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use folkmoot_core::id::check_id;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::document::{DocumentError, MAX_CLAUSES, Warnings};
use crate::heading::{self, Heading};
use crate::lines::{Kind, Lines};

/// Longest anchor made from a title, in bytes, before the number that tells it from others.
const MAX_SLUG_BYTES: usize = 64;

/// A heading and the text up to the next one.
pub(crate) struct Section<'a> {
    pub(crate) heading: Heading,
    /// The heading's line, without its line end.
    pub(crate) heading_text: &'a str,
    /// From 1.
    pub(crate) line: usize,
    /// Offset of the heading's line.
    pub(crate) start: usize,
    pub(crate) body: Range<usize>,
    pub(crate) anchor: String,
    pub(crate) generated: bool,
    /// Place of the enclosing section.
    pub(crate) parent: Option<usize>,
}

impl Section<'_> {
    pub(crate) fn level(&self) -> u8 {
        self.heading.level
    }

    pub(crate) fn title(&self) -> &str {
        &self.heading_text[self.heading.title.clone()]
    }

    pub(crate) fn authority(&self) -> Option<&str> {
        let (_, value) = self.heading.attributes.as_ref()?.authority.clone()?;
        Some(&self.heading_text[value]).filter(|value| !value.is_empty())
    }

    fn written_anchor(&self) -> Option<&str> {
        let anchor = self.heading.attributes.as_ref()?.anchor.clone()?;
        Some(&self.heading_text[anchor])
    }
}

#[derive(Default)]
pub(crate) struct Outline<'a> {
    pub(crate) title: Option<String>,
    pub(crate) sections: Vec<Section<'a>>,
}

impl Outline<'_> {
    pub(crate) fn find(&self, anchor: &str) -> Option<usize> {
        self.sections.iter().position(|section| section.anchor == anchor)
    }

    pub(crate) fn parent_anchor(&self, section: &Section) -> Option<&str> {
        section.parent.map(|parent| self.sections[parent].anchor.as_str())
    }
}

/// Finds the sections of `source`, which has no byte order mark.
pub(crate) fn outline<'a>(source: &'a str, warnings: &mut Warnings) -> Result<Outline<'a>, DocumentError> {
    let mut sections = headings(source, warnings)?;
    let title = take_title(&mut sections).or_else(|| front_matter_title(source));
    for place in 0..sections.len() {
        sections[place].body.end = sections.get(place + 1).map_or(source.len(), |next| next.start);
    }
    name(&mut sections, warnings)?;
    nest(&mut sections);
    Ok(Outline { title, sections })
}

fn headings<'a>(source: &'a str, warnings: &mut Warnings) -> Result<Vec<Section<'a>>, DocumentError> {
    let mut sections = Vec::new();
    let mut lines = Lines::new(source);
    for line in lines.by_ref().filter(|line| line.kind == Kind::Heading) {
        if sections.len() == MAX_CLAUSES {
            return Err(DocumentError::TooManyClauses { line: line.number, limit: MAX_CLAUSES });
        }
        sections.push(Section {
            heading: heading::read(line.text),
            heading_text: line.text,
            line: line.number,
            start: line.start,
            body: line.next..source.len(),
            anchor: String::new(),
            generated: false,
            parent: None,
        });
    }
    for line in lines.unclosed_fences {
        warnings.add(line, "unclosed_fence", "the fence is never closed; all that follows in its block is its content");
    }
    if let Some(line) = lines.unclosed_comment {
        warnings.add(line, "unclosed_comment", "the comment is never closed; all that follows is its content");
    }
    Ok(sections)
}

/// The title of the document: its only heading of level 1, where that comes first. Without an anchor it
/// is no clause and is taken out.
fn take_title(sections: &mut Vec<Section>) -> Option<String> {
    let first = sections.first().filter(|first| first.level() == 1)?;
    if sections[1..].iter().any(|section| section.level() == 1) {
        return None;
    }
    let title = first.title().to_owned();
    if sections.len() > 1 && first.written_anchor().is_none() {
        sections.remove(0);
    }
    Some(title).filter(|title| !title.is_empty())
}

fn front_matter_title(source: &str) -> Option<String> {
    let line =
        Lines::new(source).take_while(|line| line.kind == Kind::Hidden).find(|l| l.text.starts_with("title:"))?;
    let title = line.text["title:".len()..].trim().trim_matches(['"', '\'']);
    (!title.is_empty()).then(|| title.to_owned())
}

/// Gives every section its anchor: the written one, or one made from its title.
fn name(sections: &mut [Section], warnings: &mut Warnings) -> Result<(), DocumentError> {
    let mut taken: HashMap<String, usize> = HashMap::new();
    for section in sections.iter_mut() {
        let Some(written) = section.written_anchor().filter(|anchor| check_id("anchor", anchor, false).is_ok()) else {
            section.generated = true;
            continue;
        };
        section.anchor = written.to_owned();
        if let Some(first) = taken.insert(section.anchor.clone(), section.line) {
            let anchor = section.anchor.clone();
            return Err(DocumentError::DuplicateAnchor { anchor, first, second: section.line });
        }
    }
    let mut names = Names { taken: taken.into_keys().collect(), next: HashMap::new() };
    for section in sections.iter_mut().filter(|section| section.generated) {
        section.anchor = names.unused(slug(section.title()));
        warn_of_generated(section, warnings);
    }
    Ok(())
}

struct Names {
    taken: HashSet<String>,
    /// The number to try next for a slug, so that many equal titles stay cheap.
    next: HashMap<String, usize>,
}

impl Names {
    fn unused(&mut self, slug: String) -> String {
        let next = self.next.entry(slug.clone()).or_insert(1);
        loop {
            let name = if *next == 1 { slug.clone() } else { format!("{slug}-{next}") };
            *next += 1;
            if self.taken.insert(name.clone()) {
                return name;
            }
        }
    }
}

fn warn_of_generated(section: &Section, warnings: &mut Warnings) {
    let made = &section.anchor;
    if section.title().is_empty() {
        warnings.add(section.line, "empty_title", "the heading has no title");
    }
    if let Some(written) = section.written_anchor() {
        let message = format!(
            "the anchor {written:?} is not 1 to 128 letters, digits, '.', '_', '~' or '-'; {made:?} is used instead"
        );
        return warnings.add(section.line, "bad_anchor", message);
    }
    if section.heading.malformed {
        let message =
            format!("what stands in braces is no list of attributes and is read as title; the anchor is {made:?}");
        return warnings.add(section.line, "bad_attributes", message);
    }
    let message = format!("the heading has no anchor; {made:?} is made from its title and changes with it");
    warnings.add(section.line, "missing_anchor", message);
}

/// Lower-case ASCII letters and digits of the title, everything else a `-` between them; accents are
/// dropped, and a title without any such character becomes `section`.
fn slug(title: &str) -> String {
    let mut slug = String::new();
    let mut gap = false;
    for c in title.nfkd().filter(|&c| !is_combining_mark(c) && !matches!(c, '\'' | '\u{2019}')) {
        if !c.is_ascii_alphanumeric() {
            gap = true;
            continue;
        }
        if slug.len() + 2 > MAX_SLUG_BYTES {
            break;
        }
        if gap && !slug.is_empty() {
            slug.push('-');
        }
        gap = false;
        slug.push(c.to_ascii_lowercase());
    }
    if slug.is_empty() { "section".to_owned() } else { slug }
}

fn nest(sections: &mut [Section]) {
    let mut open: Vec<usize> = Vec::new();
    for place in 0..sections.len() {
        while open.last().is_some_and(|&above| sections[above].level() >= sections[place].level()) {
            open.pop();
        }
        sections[place].parent = open.last().copied();
        open.push(place);
    }
}
