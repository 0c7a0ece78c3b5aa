//! People's words: normalised, limited, never silently altered beyond that.

use unicode_normalization::UnicodeNormalization;

use crate::fault::{Reason, Violation};

/// Longest rationale or free-text answer, in code points.
pub const MAX_TEXT_CHARS: usize = 10_000;

/// The text in Unicode Normalization Form C, the form that is stored and hashed. Bidirectional and
/// zero-width characters are data and stay; pages escape them.
///
/// # Errors
/// `BAD_TEXT` for NUL and other control characters except tab and line ends; `TEXT_TOO_LONG` over
/// `max_chars` code points. Both at `field`.
pub fn normalise(field: &str, text: &str, max_chars: usize) -> Result<String, Violation> {
    if let Some(c) = text.chars().find(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r')) {
        return Err(Violation::new(
            field,
            Reason::BadText,
            format!("the text has the control character U+{:04X}", c as u32),
        ));
    }
    let normal: String = text.nfc().collect();
    let length = normal.chars().count();
    if length > max_chars {
        return Err(Violation::new(
            field,
            Reason::TextTooLong,
            format!("the text has {length} characters, at most {max_chars} are allowed"),
        ));
    }
    Ok(normal)
}

/// `text` on one line, at most `max_chars` code points, with `…` where something was cut: for tables
/// and titles.
pub fn ellipsis(text: &str, max_chars: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= max_chars {
        return line;
    }
    line.chars().take(max_chars.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_normalised_and_checked() {
        let check = |text: &str, want: Result<&str, Reason>| {
            let got = normalise("t", text, 5);
            assert_eq!(got.as_deref().map_err(|v| v.reason), want, "{text:?}");
        };
        check("e\u{301}", Ok("é"));
        check("a\u{202e}b", Ok("a\u{202e}b"));
        check("a\0", Err(Reason::BadText));
        check("123456", Err(Reason::TextTooLong));
        check("12345", Ok("12345"));
    }

    #[test]
    fn ellipsis_says_that_something_was_cut() {
        assert_eq!(ellipsis("one  two\nthree", 40), "one two three");
        assert_eq!(ellipsis("one two three", 8), "one two…");
    }
}
