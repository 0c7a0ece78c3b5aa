//! Foreign text made safe to show: what participants, spec authors and plugins wrote.

/// The text with every character that is invisible, controls a terminal or reorders its
/// surroundings written out as `⟨U+202E⟩`. Tabs and line ends stay.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            shown.push_str(&format!("⟨U+{:04X}⟩", c as u32));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// [`visible`] text as HTML or SVG content or as a quoted attribute value.
pub fn escape(text: &str) -> String {
    let mut markup = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '"' => markup.push_str("&quot;"),
            '\'' => markup.push_str("&#39;"),
            _ => markup.push(c),
        }
    }
    markup
}

/// The text on one line, cut to at most `most` characters at the end of a word where there is one in its
/// second half; what is cut ends in `…`.
pub fn short(text: &str, most: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= most {
        return line;
    }
    let cut: String = line.chars().take(most.saturating_sub(1)).collect();
    let end = cut.rfind(' ').filter(|end| *end > cut.len() / 2).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end())
}

/// An id in the words people read: `change_of_principle` is `change of principle`.
pub fn words(id: &str) -> String {
    id.replace(['_', '-'], " ").to_lowercase()
}

/// The first letter in upper case.
pub fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Controls, bidirectional marks, zero-width and other invisible characters. Joiners that ordinary
/// scripts and emoji use are among them: a page shows them rather than let anyone hide text in them.
fn is_hidden(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => false,
        _ if c.is_control() => true,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' => true,
        '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' => true,
        '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' => true,
        '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_harmless() {
        let check = |text: &str, want: &str| assert_eq!(escape(text), want, "{text:?}");
        check("", "");
        check("plain, ünï cödé, 文字, עברית 🙂", "plain, ünï cödé, 文字, עברית 🙂");
        check("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;");
        check("\"><img src=x onerror='x'>", "&quot;&gt;&lt;img src=x onerror=&#39;x&#39;&gt;");
        check("&amp;", "&amp;amp;");
        check("=HYPERLINK(\"http://x\")", "=HYPERLINK(&quot;http://x&quot;)");
        check("'; DROP TABLE responses; --", "&#39;; DROP TABLE responses; --");
        check("user\u{202e}gnp.exe", "user⟨U+202E⟩gnp.exe");
        check("a\u{2066}b\u{2069}", "a⟨U+2066⟩b⟨U+2069⟩");
        check("zero\u{200b}width\u{feff}", "zero⟨U+200B⟩width⟨U+FEFF⟩");
        check("\u{1b}[31mred\0", "⟨U+001B⟩[31mred⟨U+0000⟩");
        check("tag\u{e0041}", "tag⟨U+E0041⟩");
        check("two\nlines\tand a tab", "two\nlines\tand a tab");
        check("{{ 7 * 7 }} ${x} %s", "{{ 7 * 7 }} ${x} %s");
    }

    #[test]
    fn long_text_is_cut_at_the_end_of_a_word() {
        let check = |text: &str, most: usize, want: &str| {
            assert_eq!(short(text, most), want, "{text:?}");
            assert!(short(text, most).chars().count() <= most);
        };
        check("", 5, "");
        check("one\n two", 7, "one two");
        check("one two three", 9, "one two…");
        check("one two three", 7, "one tw…");
        check("one two three", 8, "one two…");
        check("abcdefghij", 5, "abcd…");
        check("a bcdefghij", 5, "a bc…");
        check("文文文文文文", 4, "文文文…");
    }

    #[test]
    fn ids_read_as_words() {
        assert_eq!(sentence(&words("CHANGE_OF_PRINCIPLE")), "Change of principle");
        assert_eq!(sentence(""), "");
    }
}
