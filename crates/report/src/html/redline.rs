//! How the text changed, word by word, long unchanged stretches left out.

use super::parts::{count, section};
use crate::{
    model::{ChangeView, Page, SpanKind},
    text::{escape, sentence, words},
};

/// Changes shown at once; the rest stands behind a fold.
const SHOWN: usize = 8;

/// Characters of unchanged text kept on either side of a change.
const CONTEXT: usize = 140;

/// The changed clauses, most of what a reader wants to see first.
pub(super) fn changes(page: &Page) -> String {
    if page.changes.is_empty() {
        return String::new();
    }
    let revision = page.new_revision.as_deref().map_or("the new text".to_owned(), |id| format!("revision {id}"));
    let (first, rest) = page.changes.split_at(page.changes.len().min(SHOWN));
    let mut body = format!(
        "<p>Changes from revision <bdi>{}</bdi> to <bdi>{}</bdi>. <ins>Added words</ins> are underlined, \
         <del>removed words</del> struck through; <span class=\"gap\">[…]</span> stands for text that did not change.</p>\n",
        escape(&page.base_revision),
        escape(&revision),
    );
    body.extend(first.iter().map(change));
    if !rest.is_empty() {
        let rest_cards: String = rest.iter().map(change).collect();
        body.push_str(&format!(
            "<details><summary>{} more</summary>\n{rest_cards}</details>\n",
            count(rest.len() as u64, "changed clause")
        ));
    }
    let heading = match page.changes.len() {
        1 => "The clause that changed".to_owned(),
        n => format!("The {n} clauses that changed"),
    };
    section("changes", &heading, &body)
}

fn change(change: &ChangeView) -> String {
    let badges: String = change
        .kinds
        .iter()
        .map(|kind| format!("<span class=\"badge plain\">{}</span>", escape(&sentence(&words(kind)))))
        .collect();
    let authority = match (&change.authority_before, &change.authority_after) {
        (Some(before), Some(after)) if before != after => format!(
            "<p class=\"small\">Level of authority: <del>{}</del> <ins>{}</ins></p>\n",
            escape(before),
            escape(after)
        ),
        _ => String::new(),
    };
    let title = if change.title.trim().is_empty() { &change.anchor } else { &change.title };
    format!(
        "<article class=\"card\">\n{badges}<h3><bdi>{}</bdi></h3>\n\
         <p class=\"small soft\"><code>{}</code></p>\n{authority}{}</article>\n",
        escape(title),
        escape(&change.anchor),
        text(&change.spans)
    )
}

fn text(spans: &[(SpanKind, String)]) -> String {
    if !spans.iter().any(|(kind, words)| *kind != SpanKind::Same && !words.is_empty()) {
        return "<p class=\"small soft\">The words did not change.</p>\n".to_owned();
    }
    let last = spans.len() - 1;
    let mut out = String::from("<p class=\"redline\" dir=\"auto\">");
    for (index, (kind, words)) in spans.iter().enumerate() {
        match kind {
            SpanKind::Same => out.push_str(&unchanged(words, index > 0, index < last)),
            SpanKind::Added => out.push_str(&format!("<ins>{}</ins>", escape(words))),
            SpanKind::Removed => out.push_str(&format!("<del>{}</del>", escape(words))),
        }
    }
    out.push_str("</p>\n");
    out
}

/// An unchanged stretch, only the parts next to a change kept: its start after one, its end before one.
fn unchanged(words: &str, after: bool, before: bool) -> String {
    let length = words.chars().count();
    let kept = CONTEXT * (usize::from(after) + usize::from(before));
    if length <= kept + CONTEXT / 2 {
        return escape(words);
    }
    let start = if after { head(words) } else { "" };
    let end = if before { tail(words) } else { "" };
    format!("{}<span class=\"gap\"> […] </span>{}", escape(start.trim_end()), escape(end.trim_start()))
}

/// About [`CONTEXT`] characters from the start, ended at a word.
fn head(words: &str) -> &str {
    let cut = words.char_indices().nth(CONTEXT).map_or(words.len(), |(at, _)| at);
    let end = words[..cut].rfind(char::is_whitespace).filter(|end| *end > cut / 2).unwrap_or(cut);
    &words[..end]
}

/// About [`CONTEXT`] characters from the end, begun at a word.
fn tail(words: &str) -> &str {
    let cut = words.char_indices().rev().nth(CONTEXT - 1).map_or(0, |(at, _)| at);
    let kept = &words[cut..];
    let begin = kept.find(char::is_whitespace).filter(|begin| *begin < kept.len() / 2).unwrap_or(0);
    &kept[begin..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_unchanged_stretches_are_left_out() {
        let long = "word ".repeat(200);
        let check = |after, before, starts: bool, ends: bool| {
            let got = unchanged(&long, after, before);
            assert!(got.chars().count() < 420, "{got}");
            assert!(got.contains("[…]"));
            assert_eq!(got.starts_with("word"), starts, "{got}");
            assert_eq!(got.ends_with("word "), ends, "{got}");
        };
        check(true, true, true, true);
        check(false, true, false, true);
        check(true, false, true, false);
        assert_eq!(unchanged("a < b", true, true), "a &lt; b");
        assert!(unchanged(&"文".repeat(900), true, true).contains("[…]"));
    }
}
