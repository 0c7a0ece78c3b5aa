//! When two texts are the same, and the hash of a clause.

use folkmoot_core::canonical::Hasher;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The text as it is compared: in Unicode Normalization Form C, with typographic quotes as `'` and `"`,
/// every dash and every run of two or more hyphens as one `-`, every run of white space as one space,
/// none at the ends.
pub fn normalise(text: &str) -> String {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => fold(text.chars(), text.len()),
        _ => fold(text.nfc(), text.len()),
    }
}

fn fold(chars: impl Iterator<Item = char>, capacity: usize) -> String {
    let mut out = String::with_capacity(capacity);
    let mut space = false;
    let mut dash = false;
    for c in chars {
        if c.is_whitespace() {
            space = true;
            dash = false;
            continue;
        }
        if space && !out.is_empty() {
            out.push(' ');
        }
        space = false;
        let plain = match c {
            '\u{2018}'..='\u{201b}' => '\'',
            '\u{201c}'..='\u{201f}' => '"',
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            other => other,
        };
        if plain != '-' || !dash {
            out.push(plain);
        }
        dash = plain == '-';
    }
    out
}

pub(crate) fn text_hash(title: &str, authority: Option<&str>, body: &str) -> String {
    Hasher::new("folkmoot/clause/v1")
        .field(normalise(title).as_bytes())
        .field(authority.unwrap_or("").as_bytes())
        .field(normalise(body).as_bytes())
        .finish()
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typography_is_no_difference() {
        let check = |text: &str, want: &str| assert_eq!(normalise(text), want, "{text:?}");
        check(" a \r\n\t b\u{a0}c ", "a b c");
        check("“it’s”", "\"it's\"");
        check("a—b a---b a–b a-b", "a-b a-b a-b a-b");
        check("- -- a", "- - a");
        check("e\u{301}", "é");
        check("", "");
    }

    /// The value is from Python's `hashlib` over the four fields with their lengths (`struct.pack("<Q")`).
    #[test]
    fn the_hash_can_be_made_elsewhere() {
        let hash = text_hash("Don’t  shout", Some("user"), "\nBe kind --- “always”.\n\n");
        assert_eq!(hash, "37e7f3fc35ad7c2c3aa45af44191fe328e63f87540212d4e019fc84b66858b81");
    }
}
