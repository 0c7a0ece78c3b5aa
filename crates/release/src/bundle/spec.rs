//! What became of the spec's text.

use folkmoot_core::Fault;
use folkmoot_spec_text::{Diff, Document, SpanKind, parse, redline as spans};

use super::content::{Content, SpecContent};
use super::{corrupt, pretty};

/// Both revisions, read, and what differs.
pub(super) struct Changes {
    pub(super) base: Document,
    pub(super) new: Document,
    pub(super) diff: Diff,
}

/// What differs between the revisions; `None` where there is no later one.
pub(super) fn changes(spec: &SpecContent) -> Result<Option<Changes>, Fault> {
    let Some(new) = &spec.new else { return Ok(None) };
    let base = parse(spec.base.as_bytes()).map_err(|error| corrupt("spec/base.md", error))?;
    let new = parse(new.as_bytes()).map_err(|error| corrupt("spec/new.md", error))?;
    let diff = folkmoot_spec_text::diff(&base, &new);
    Ok(Some(Changes { base, new, diff }))
}

fn expected(content: &Content) -> Result<Changes, Fault> {
    let changes = content.spec.as_ref().map(changes).transpose()?.flatten();
    changes.ok_or_else(|| corrupt("spec/new.md", "there is no later revision"))
}

pub(super) fn diff(content: &Content) -> Result<String, Fault> {
    pretty(&expected(content)?.diff)
}

/// The changed clauses in Markdown: struck out what went, in bold what came.
pub(super) fn redline(content: &Content) -> Result<String, Fault> {
    let Changes { base, new, diff } = expected(content)?;
    let mut text = String::from("# Changed clauses\n\nRemoved text is ~~struck out~~, added text is **bold**.\n");
    for change in &diff.clauses {
        let kinds: Vec<&str> = change.kinds.iter().map(|kind| super::page::kind_name(*kind)).collect();
        text.push_str(&format!("\n## {} (`{}`): {}\n\n", change.title(), change.anchor, kinds.join(", ")));
        let authority = |document: &Document| document.clause(&change.anchor).and_then(|c| c.authority.clone());
        if let (before, after) = (authority(&base), authority(&new))
            && before != after
        {
            let shown = |level: Option<String>| level.unwrap_or_else(|| "none".to_owned());
            text.push_str(&format!("Authority: ~~{}~~ **{}**\n\n", shown(before), shown(after)));
        }
        for span in spans(&body(&base, &change.anchor), &body(&new, &change.anchor)) {
            match span.kind {
                SpanKind::Same => text.push_str(&span.text),
                SpanKind::Added => text.push_str(&marked(&span.text, "**")),
                SpanKind::Removed => text.push_str(&marked(&span.text, "~~")),
            }
        }
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    Ok(text)
}

/// The body of a clause; empty where the document has none of that anchor.
pub(super) fn body(document: &Document, anchor: &str) -> String {
    document.clause(anchor).map(|clause| clause.body.clone()).unwrap_or_default()
}

/// Marks every line by itself, as Markdown's marks end with a paragraph.
fn marked(text: &str, mark: &str) -> String {
    let line = |line: &str| {
        let words = line.trim();
        if words.is_empty() { line.to_owned() } else { line.replacen(words, &format!("{mark}{words}{mark}"), 1) }
    };
    text.split_inclusive('\n').map(line).collect()
}
