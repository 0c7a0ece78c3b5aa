//! What can be said of a text alone: its clauses, and how it differs from another.

use std::fmt::Write as _;

use folkmoot_core::Fault;
use folkmoot_methods::report::{Cell, Table, Unit};
use folkmoot_report::text::visible;
use folkmoot_spec_text::{ChangeKind, Clause, ClauseChange, Diff, Document, LineKind, RedlineLine, SpanKind, redline};

use crate::Format;
use crate::commands::spec::OfSpec;
use crate::commands::spec::source::Source;
use crate::failure::Failure;
use crate::out::{Session, table};

pub(crate) fn show(what: &str, of: &OfSpec, source: bool, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let text = Source::read(what, of, session)?;
    let document = text.document()?;
    for warning in &document.warnings {
        session.say(format!("{}:{}: {} ({})", text.label, warning.line, warning.message, warning.code));
    }
    if source {
        return session.print(&String::from_utf8_lossy(&text.bytes));
    }
    let columns = [("Anchor", Unit::None), ("Title", Unit::None), ("Authority", Unit::None), ("Line", Unit::Count)];
    let row = |clause: &Clause| {
        let indent = "· ".repeat(usize::from(clause.level.saturating_sub(1)));
        vec![
            clause.anchor.as_str().into(),
            format!("{indent}{}", clause.title).into(),
            clause.authority.clone().into(),
            (clause.line as i64).into(),
        ]
    };
    let rows = document.clauses.iter().map(row).collect();
    let json = serde_json::to_value(&document.clauses).map_err(Fault::internal)?;
    let title = document.title.as_deref().unwrap_or(&text.label);
    session.show(&table(title, &columns, rows), &json)
}

pub(crate) fn diff(from: &str, to: &str, of: &OfSpec, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let (from, to) = (Source::read(from, of, session)?, Source::read(to, of, session)?);
    let (from, to) = (from.document()?, to.document()?);
    let diff = folkmoot_spec_text::diff(&from, &to);
    match session.format() {
        Format::Json => session.json(&serde_json::to_value(&diff).map_err(Fault::internal)?),
        Format::Csv => session.csv(&changes(&diff)),
        Format::Table => {
            let words = diff_words(&diff, (&from, &to), session.colour());
            session.print(&words)
        }
    }
}

fn changes(diff: &Diff) -> Table {
    let columns = [("Anchor", Unit::None), ("Title", Unit::None), ("Kinds", Unit::None), ("Line", Unit::Count)];
    let row = |change: &ClauseChange| {
        let line = change.after.as_ref().or(change.before.as_ref()).map(|side| side.line as i64);
        vec![change.anchor.as_str().into(), change.title().into(), Cell::Text(kinds(change)), line.into()]
    };
    table("Changed clauses", &columns, diff.clauses.iter().map(row).collect())
}

fn kinds(change: &ClauseChange) -> String {
    let word = |kind: &ChangeKind| match kind {
        ChangeKind::Added => "added",
        ChangeKind::Removed => "removed",
        ChangeKind::Changed => "changed",
        ChangeKind::AuthorityChanged => "authority changed",
        ChangeKind::Moved => "moved",
        ChangeKind::Retitled => "retitled",
    };
    change.kinds.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn diff_words(diff: &Diff, (from, to): (&Document, &Document), colour: bool) -> String {
    if diff.is_empty() {
        return "no clause differs\n".to_owned();
    }
    let counts = [
        (diff.summary.added, "added"),
        (diff.summary.removed, "removed"),
        (diff.summary.changed, "changed"),
        (diff.summary.authority_changed, "with another authority"),
        (diff.summary.moved, "moved"),
        (diff.summary.retitled, "retitled"),
    ];
    let counts: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let mut words = format!("{}\n", counts.join(", "));
    for change in &diff.clauses {
        let _ = write!(words, "\n{} {{#{}}}: {}\n", visible(change.title()), visible(&change.anchor), kinds(change));
        if let (Some(before), Some(after)) = (&change.before, &change.after) {
            if change.is(ChangeKind::Retitled) {
                let _ = writeln!(words, "  title: {}", redline_words(&before.title, &after.title, colour));
            }
            if change.is(ChangeKind::AuthorityChanged) {
                let level = |authority: &Option<String>| authority.clone().unwrap_or_else(|| "none".to_owned());
                let (before, after) = (level(&before.authority), level(&after.authority));
                let _ = writeln!(words, "  authority: {}", redline_words(&before, &after, colour));
            }
        }
        // A clause that only one side has is told whole.
        if change.is(ChangeKind::Removed) || change.is(ChangeKind::Added) {
            indented(&redline_words(body(from, &change.anchor), body(to, &change.anchor), colour), &mut words);
        }
        lines_words(&change.lines, colour, &mut words);
    }
    words
}

fn body<'d>(document: &'d Document, anchor: &str) -> &'d str {
    document.clause(anchor).map_or("", |clause| clause.body.trim())
}

/// Changed lines with their neighbours; a run of changed lines reads as one redline.
fn lines_words(lines: &[RedlineLine], colour: bool, words: &mut String) {
    let mut rest = lines;
    let mut last: Option<usize> = None;
    while let Some(first) = rest.first() {
        if let (Some(last), Some(number)) = (last, first.after.or(first.before))
            && first.kind == LineKind::Same
            && number > last + 1
        {
            words.push_str("  ...\n");
        }
        if first.kind == LineKind::Same {
            indented(&visible(&first.text), words);
            last = first.after;
            rest = &rest[1..];
            continue;
        }
        let run = rest.iter().take_while(|line| line.kind != LineKind::Same).count();
        let side = |kind: LineKind| {
            rest[..run].iter().filter(|l| l.kind == kind).map(|l| l.text.as_str()).collect::<Vec<_>>().join("\n")
        };
        indented(&redline_words(&side(LineKind::Removed), &side(LineKind::Added), colour), words);
        last = rest[..run].iter().rev().find_map(|line| line.after).or(last);
        rest = &rest[run..];
    }
}

fn indented(text: &str, words: &mut String) {
    for line in text.lines() {
        let _ = writeln!(words, "{}", format!("  {line}").trim_end());
    }
}

/// What was struck out as `[-this-]` and what was written in as `{+this+}`, or in colour.
pub(crate) fn redline_words(before: &str, after: &str, colour: bool) -> String {
    let mut words = String::new();
    for span in redline(before, after) {
        let text = visible(&span.text);
        words.push_str(&match (span.kind, colour) {
            (SpanKind::Same, _) => text,
            (SpanKind::Removed, false) => format!("[-{text}-]"),
            (SpanKind::Added, false) => format!("{{+{text}+}}"),
            (SpanKind::Removed, true) => format!("\x1b[9;31m{text}\x1b[0m"),
            (SpanKind::Added, true) => format!("\x1b[4;32m{text}\x1b[0m"),
        });
    }
    words
}
