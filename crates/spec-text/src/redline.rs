//! What was struck out and what was written in, word by word.

use serde::{Deserialize, Serialize};
use similar::{ChangeTag, TextDiff};

/// Most bytes of two texts together that are compared piece by piece; the time for more could be felt.
pub const MAX_REDLINE_BYTES: usize = 2 * 1024 * 1024;

/// A piece of a redline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Where the piece stands.
    pub kind: SpanKind,
    /// The piece, with its white space.
    pub text: String,
}

/// Where a piece of text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// In both texts.
    Same,
    /// Only in the new text.
    Added,
    /// Only in the old text.
    Removed,
}

/// The way from `before` to `after`, by words (Myers' algorithm with bounded work). The spans that are
/// not added give `before` and those that are not removed give `after`, byte for byte. Changes that only
/// a space keeps apart become one: what is removed comes first, then what is added. Above
/// [`MAX_REDLINE_BYTES`] all of `before` is removed and all of `after` added.
pub fn redline(before: &str, after: &str) -> Vec<Span> {
    let mut redline = Redline::default();
    if before.len() + after.len() > MAX_REDLINE_BYTES {
        redline.push(ChangeTag::Delete, before);
        redline.push(ChangeTag::Insert, after);
        return redline.finish();
    }
    for change in TextDiff::from_words(before, after).iter_all_changes() {
        redline.push(change.tag(), change.value());
    }
    redline.finish()
}

/// Collects changes so that neighbours become one span.
#[derive(Default)]
struct Redline {
    spans: Vec<Span>,
    removed: String,
    added: String,
    /// Space between two changes, until it is known whether another change follows.
    space: String,
}

impl Redline {
    fn push(&mut self, tag: ChangeTag, text: &str) {
        match tag {
            ChangeTag::Equal => self.push_same(text),
            ChangeTag::Delete => {
                self.join();
                self.removed.push_str(text);
            }
            ChangeTag::Insert => {
                self.join();
                self.added.push_str(text);
            }
        }
    }

    fn push_same(&mut self, text: &str) {
        let in_change = !(self.removed.is_empty() && self.added.is_empty());
        if in_change && self.space.is_empty() && text.chars().all(|c| c == ' ') {
            self.space.push_str(text);
            return;
        }
        self.flush();
        self.span(SpanKind::Same, text.to_owned());
    }

    /// The space between two changes becomes a part of both.
    fn join(&mut self) {
        let space = std::mem::take(&mut self.space);
        self.removed.push_str(&space);
        self.added.push_str(&space);
    }

    fn flush(&mut self) {
        let removed = std::mem::take(&mut self.removed);
        let added = std::mem::take(&mut self.added);
        let space = std::mem::take(&mut self.space);
        self.span(SpanKind::Removed, removed);
        self.span(SpanKind::Added, added);
        self.span(SpanKind::Same, space);
    }

    fn span(&mut self, kind: SpanKind, text: String) {
        if text.is_empty() {
            return;
        }
        match self.spans.last_mut() {
            Some(last) if last.kind == kind => last.text.push_str(&text),
            _ => self.spans.push(Span { kind, text }),
        }
    }

    fn finish(mut self) -> Vec<Span> {
        self.flush();
        self.spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redlines_read_like_a_person_wrote_them() {
        let check = |before: &str, after: &str, want: &str| {
            let shown: String = redline(before, after)
                .iter()
                .map(|span| match span.kind {
                    SpanKind::Same => span.text.clone(),
                    SpanKind::Added => format!("{{+{}+}}", span.text),
                    SpanKind::Removed => format!("[-{}-]", span.text),
                })
                .collect();
            assert_eq!(shown, want);
        };
        check("Be kind.", "Be kind.", "Be kind.");
        check("Be kind.", "Be very kind.", "Be {+very +}kind.");
        check("Be kind to all.", "Be fair with all.", "Be [-kind to-]{+fair with+} all.");
        check("", "New.", "{+New.+}");
        check("Old.", "", "[-Old.-]");
    }
}
