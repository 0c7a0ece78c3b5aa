//! Cross-references and foot-notes in a line of text, outside of code spans.

/// Longest foot-note id or anchor that is looked for, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// What a name in a text refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    /// The anchor in `](#anchor)`.
    Clause,
    /// The id in `[^id]`.
    Footnote,
}

/// Calls `found` for every name in a line.
pub(crate) fn scan(line: &str, mut found: impl FnMut(Name, &str)) {
    if !line.contains("](#") && !line.contains("[^") {
        return;
    }
    for text in outside_code(line) {
        for (at, _) in text.match_indices("](#") {
            if let Some(anchor) = name(&text[at + 3..], ')') {
                found(Name::Clause, anchor);
            }
        }
        for (at, _) in text.match_indices("[^") {
            if let Some(id) = name(&text[at + 2..], ']') {
                found(Name::Footnote, id);
            }
        }
    }
}

/// The id and text of a line `[^id]: text`.
pub(crate) fn definition(rest: &str) -> Option<(&str, &str)> {
    let rest = rest.strip_prefix("[^")?;
    let id = name(rest, ']')?;
    let text = rest[id.len() + 1..].strip_prefix(':')?;
    Some((id, text.trim()))
}

/// What stands before `end`, where that comes before white space or another bracket.
fn name(text: &str, end: char) -> Option<&str> {
    for (at, c) in text.char_indices() {
        if c == end {
            return (at > 0).then(|| &text[..at]);
        }
        if c.is_whitespace() || "[]()".contains(c) || at > MAX_NAME_BYTES {
            return None;
        }
    }
    None
}

/// The pieces of a line between its code spans: a run of backticks up to the next run of the same
/// length. A run without a partner is text.
fn outside_code(line: &str) -> Vec<&str> {
    let runs = backtick_runs(line);
    let mut last_of_length = std::collections::HashMap::new();
    for (index, &(_, length)) in runs.iter().enumerate() {
        last_of_length.insert(length, index);
    }
    let mut pieces = Vec::new();
    let mut from = 0;
    let mut index = 0;
    while index < runs.len() {
        let (start, length) = runs[index];
        let has_partner = last_of_length[&length] > index;
        if !has_partner {
            index += 1;
            continue;
        }
        pieces.push(&line[from..start]);
        index += 1;
        while runs[index].1 != length {
            index += 1;
        }
        from = runs[index].0 + length;
        index += 1;
    }
    pieces.push(&line[from..]);
    pieces
}

fn backtick_runs(line: &str) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in line.match_indices('`') {
        match runs.last_mut() {
            Some((start, length)) if *start + *length == at => *length += 1,
            _ => runs.push((at, 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_footnotes_are_found_outside_of_code() {
        let check = |line: &str, references: &[&str], footnotes: &[&str]| {
            let (mut r, mut f) = (Vec::new(), Vec::new());
            scan(
                line,
                |name, text| if name == Name::Clause { r.push(text.to_owned()) } else { f.push(text.to_owned()) },
            );
            assert_eq!((r, f), (to_owned(references), to_owned(footnotes)), "{line:?}");
        };
        check("see [?](#a) and [b](#b-c)", &["a", "b-c"], &[]);
        check("rule[^8ep1].", &[], &["8ep1"]);
        check("`[?](#a)` [?](#b) ``[^x] ` [^y]`` [^z]", &["b"], &["z"]);
        check("a ` alone [?](#a)", &["a"], &[]);
        check("[?](#) [^] [^a b] [?](#a b) [x](http://y#z)", &[], &[]);
    }

    fn to_owned(list: &[&str]) -> Vec<String> {
        list.iter().map(|s| (*s).to_owned()).collect()
    }

    #[test]
    fn definitions_are_told_from_uses() {
        assert_eq!(definition("[^a]: the text "), Some(("a", "the text")));
        assert_eq!(definition("[^a] is used"), None);
    }
}
