//! `## Title {#anchor authority=user}`, read with the places of its parts so that they can be edited.

use std::ops::Range;

/// A heading's line, read. Ranges are bytes of that line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) level: u8,
    pub(crate) title: Range<usize>,
    pub(crate) attributes: Option<Attributes>,
    /// Whether the line ends in `{#...}` that is no list of attributes and was left in the title.
    pub(crate) malformed: bool,
}

/// What stands between `{` and `}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// From `{` to `}`, both included.
    pub(crate) block: Range<usize>,
    pub(crate) anchor: Option<Range<usize>>,
    /// The whole `authority=value`, and the value alone.
    pub(crate) authority: Option<(Range<usize>, Range<usize>)>,
}

/// Reads a line that `lines` says is a heading.
pub(crate) fn read(line: &str) -> Heading {
    let hashes = line.len() - line.trim_start().len();
    let level = line[hashes..].bytes().take_while(|&b| b == b'#').count();
    let content = without_closing(line, trimmed(line, hashes + level..line.len()));
    let text = &line[content.clone()];
    let heading = |title, attributes, malformed| Heading { level: level as u8, title, attributes, malformed };

    let Some(open) = text.ends_with('}').then(|| text.rfind('{')).flatten() else {
        return heading(content, None, false);
    };
    let block = content.start + open..content.end;
    let malformed = text[open..].starts_with("{#");
    let Some(attributes) = attributes(line, block.clone()) else {
        return heading(content, None, malformed);
    };
    let title = without_closing(line, trimmed(line, content.start..block.start));
    heading(title, Some(attributes), false)
}

fn trimmed(line: &str, range: Range<usize>) -> Range<usize> {
    let text = &line[range.clone()];
    let start = range.start + (text.len() - text.trim_start().len());
    start..start + text.trim().len()
}

/// Without the `##` that may close a heading.
fn without_closing(line: &str, range: Range<usize>) -> Range<usize> {
    let text = &line[range.clone()];
    let open = text.trim_end_matches('#');
    if open.len() < text.len() && (open.is_empty() || open.ends_with([' ', '\t'])) {
        return range.start..range.start + open.trim_end().len();
    }
    range
}

/// `#id`, `.class`, `key=value` and `key="a value"`, in any order; `None` where something else stands
/// there or an id or authority comes twice.
fn attributes(line: &str, block: Range<usize>) -> Option<Attributes> {
    let end = block.end - 1;
    let mut found = Attributes { block: block.clone(), ..Attributes::default() };
    let mut at = block.start + 1;
    let mut count = 0;
    loop {
        at = trimmed(line, at..end).start;
        if at >= end {
            return (count > 0).then_some(found);
        }
        count += 1;
        let word = at..at + line[at..end].find(char::is_whitespace).unwrap_or(end - at);
        let text = &line[word.clone()];
        if text.starts_with(['#', '.']) {
            if text.len() == 1 || text.contains(['=', '"']) {
                return None;
            }
            if text.starts_with('#') && found.anchor.replace(word.start + 1..word.end).is_some() {
                return None;
            }
            at = word.end;
            continue;
        }
        let key = text.find('=').filter(|&equals| equals > 0)?;
        let value_start = at + key + 1;
        let (value, next) = value(line, value_start, end)?;
        if &text[..key] == "authority" && found.authority.replace((at..next, value)).is_some() {
            return None;
        }
        at = next;
    }
}

/// The range of a value that may be quoted, and where the next attribute may begin.
fn value(line: &str, start: usize, end: usize) -> Option<(Range<usize>, usize)> {
    let text = &line[start..end];
    if let Some(quoted) = text.strip_prefix('"') {
        let length = quoted.find('"')?;
        return Some((start + 1..start + 1 + length, start + length + 2));
    }
    let length = text.find(char::is_whitespace).unwrap_or(text.len());
    (length > 0).then(|| (start..start + length, start + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_read_with_their_attributes() {
        let check = |line: &str, want: (u8, &str, Option<&str>, Option<&str>, bool)| {
            let heading = read(line);
            let attributes = heading.attributes.as_ref();
            let anchor = attributes.and_then(|a| a.anchor.clone()).map(|range| &line[range]);
            let authority = attributes.and_then(|a| a.authority.clone()).map(|(_, range)| &line[range]);
            let got = (heading.level, &line[heading.title.clone()], anchor, authority, heading.malformed);
            assert_eq!(got, want, "{line:?}");
        };
        check("# Title {#a}", (1, "Title", Some("a"), None, false));
        check("   ### Title {#a authority=user}  ", (3, "Title", Some("a"), Some("user"), false));
        check("## T {authority=\"the user\" .red #a-b_c}", (2, "T", Some("a-b_c"), Some("the user"), false));
        check("## T ## {#a}", (2, "T", Some("a"), None, false));
        check("## T {#a} ##", (2, "T", Some("a"), None, false));
        check("## T{#a}", (2, "T", Some("a"), None, false));
        check("## {#a}", (2, "", Some("a"), None, false));
        check("##", (2, "", None, None, false));
        check("## #", (2, "", None, None, false));
        check("## C#", (2, "C#", None, None, false));
        check("## Sets {1, 2}", (2, "Sets {1, 2}", None, None, false));
        check("## T {}", (2, "T {}", None, None, false));
        check("## T {#a #b}", (2, "T {#a #b}", None, None, true));
        check("## T {#a authority = user}", (2, "T {#a authority = user}", None, None, true));
        check("## T {#a authority=}", (2, "T {#a authority=}", None, None, true));
    }
}
