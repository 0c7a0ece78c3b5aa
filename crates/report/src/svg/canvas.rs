//! An `<svg>` element under construction, and how wide text is on it.

use unicode_width::UnicodeWidthChar;

use crate::marks::not_drawn;
use crate::text;

/// Size of ordinary text in pixels, as the style sheet has it.
pub(crate) const TEXT: f64 = 13.0;

/// Where a text stands to its point.
#[derive(Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Anchor {
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// Marks that differ in shape as well as in colour.
pub(crate) const SHAPES: usize = 6;

/// Elements of a picture that grows downwards.
pub(crate) struct Canvas {
    width: f64,
    /// Height so far.
    pub(crate) height: f64,
    label: String,
    body: String,
}

impl Canvas {
    pub(crate) fn new(width: f64, label: String) -> Self {
        Self { width, height: 0.0, label, body: String::new() }
    }

    /// The element, with its style inside where it must stand alone.
    pub(crate) fn finish(self, style: Option<&str>) -> String {
        let style = style.map(|css| format!("<style>{css}</style>")).unwrap_or_default();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"fm\" role=\"img\" viewBox=\"0 0 {} {}\" aria-label=\"{}\">{style}{}</svg>",
            place(self.width),
            place(self.height),
            text::escape(&self.label),
            self.body
        )
    }

    pub(crate) fn text(&mut self, x: f64, y: f64, anchor: Anchor, class: &str, words: &str) {
        self.body.push_str(&format!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"{}\"{}>{}</text>",
            place(x),
            place(y),
            anchor.name(),
            class_attribute(class),
            text::escape(words)
        ));
    }

    /// Says below all else how many things there was no room for; nothing where there was.
    pub(crate) fn leave_out(&mut self, hidden: usize, (one, more): (&str, &str)) {
        if hidden > 0 {
            self.height += 18.0;
            self.text(0.0, self.height, Anchor::Start, "soft", &not_drawn(hidden, one, more));
            self.height += 4.0;
        }
    }

    /// Text that reads upwards from its point.
    pub(crate) fn text_upwards(&mut self, x: f64, y: f64, anchor: Anchor, class: &str, words: &str) {
        let (x, y) = (place(x), place(y));
        self.body.push_str(&format!(
            "<text x=\"{x}\" y=\"{y}\" transform=\"rotate(-90 {x} {y})\" text-anchor=\"{}\"{}>{}</text>",
            anchor.name(),
            class_attribute(class),
            text::escape(words)
        ));
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &str) {
        self.body.push_str(&format!(
            "<path d=\"M{} {}L{} {}\"{}/>",
            place(from.0),
            place(from.1),
            place(to.0),
            place(to.1),
            class_attribute(class)
        ));
    }

    pub(crate) fn rect(&mut self, corner: (f64, f64), size: (f64, f64), class: &str, opacity: Option<f64>) {
        let opacity = opacity.map(|o| format!(" fill-opacity=\"{}\"", place(o))).unwrap_or_default();
        self.body.push_str(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\"{}{opacity}/>",
            place(corner.0),
            place(corner.1),
            place(size.0.max(0.0)),
            place(size.1.max(0.0)),
            class_attribute(class)
        ));
    }

    pub(crate) fn polygon(&mut self, points: &[(f64, f64)], class: &str) {
        let points: Vec<String> = points.iter().map(|p| format!("{},{}", place(p.0), place(p.1))).collect();
        self.body.push_str(&format!("<polygon points=\"{}\"{}/>", points.join(" "), class_attribute(class)));
    }

    /// A mark of radius `r`: circle, diamond, square, triangle, cross or upturned triangle.
    pub(crate) fn mark(&mut self, shape: usize, at: (f64, f64), r: f64, class: &str) {
        let (x, y) = at;
        let corners: &[(f64, f64)] = match shape % SHAPES {
            0 => {
                let (x, y, r) = (place(x), place(y), place(r));
                self.body.push_str(&format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"{}/>", class_attribute(class)));
                return;
            }
            1 => &[(0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)],
            2 => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            3 => &[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)],
            4 => &[
                (-0.4, -1.1),
                (0.4, -1.1),
                (0.4, -0.4),
                (1.1, -0.4),
                (1.1, 0.4),
                (0.4, 0.4),
                (0.4, 1.1),
                (-0.4, 1.1),
                (-0.4, 0.4),
                (-1.1, 0.4),
                (-1.1, -0.4),
                (-0.4, -0.4),
            ],
            _ => &[(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)],
        };
        let points: Vec<(f64, f64)> = corners.iter().map(|c| (x + c.0 * r, y + c.1 * r)).collect();
        self.polygon(&points, class);
    }
}

/// A coordinate with one decimal at most.
fn place(x: f64) -> String {
    let words = format!("{x:.2}");
    words.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn class_attribute(class: &str) -> String {
    if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") }
}

/// Generous estimate of the width of `words` at `size` pixels, for any sans serif font.
pub(crate) fn width_of(words: &str, size: f64) -> f64 {
    let ems: f64 = words
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '\'' | '.' | ',' | ':' | ';' | '|' | '!' | ' ' => 0.34,
            'f' | 't' | 'r' | 'I' | '(' | ')' | '-' => 0.43,
            'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.98,
            'A'..='Z' => 0.72,
            '0'..='9' | 'a'..='z' => 0.61,
            _ => 0.65 * c.width().unwrap_or(1) as f64,
        })
        .sum();
    ems * size
}

/// `words` in at most `max_lines` lines no wider than `width`; what does not fit ends in `…`.
pub(crate) fn wrap(words: &str, width: f64, size: f64, max_lines: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text::visible(words).split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if width_of(&longer, size) <= width {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        line = word.to_owned();
        while width_of(&line, size) > width && line.chars().count() > 1 {
            let rest = break_word(&mut line, width, size);
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > max_lines {
        lines.truncate(max_lines);
        if let Some(last) = lines.last_mut() {
            while width_of(last, size) + size > width && last.pop().is_some() {}
            let kept = last.trim_end().len();
            last.truncate(kept);
            last.push('…');
        }
    }
    lines
}

/// Cuts `word` to what fits in `width`, one character at least, and gives the rest.
fn break_word(word: &mut String, width: f64, size: f64) -> String {
    let mut used = 0.0;
    for (index, c) in word.char_indices() {
        used += width_of(c.encode_utf8(&mut [0; 4]), size);
        if used > width && index > 0 {
            return word.split_off(index);
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_to_its_width() {
        let check = |words: &str, width: f64, lines: usize, want: &[&str]| {
            let got = wrap(words, width, 10.0, lines);
            assert_eq!(got, want, "{words:?}");
            assert!(got.iter().all(|line| width_of(line, 10.0) <= width), "{got:?}");
        };
        check("", 50.0, 2, &[]);
        check("one two", 100.0, 2, &["one two"]);
        check("one two three", 45.0, 3, &["one two", "three"]);
        check("aaaaaaaaaaaa", 40.0, 3, &["aaaaaa", "aaaaaa"]);
        check("one two three four", 45.0, 2, &["one two", "three…"]);
        check("文文文文文文", 40.0, 2, &["文文文", "文文文"]);
    }
}
