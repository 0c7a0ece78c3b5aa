//! Where public and spec differ, what was proposed, what was decided, and one clause traced back.

use folkmoot_methods::report::{Cell, Chart, ChartKind, Table, Unit};

use super::{
    found,
    parts::{ItemNames, cell_words, clauses, count, figure, number_column, section, word_column},
};
use crate::{
    model::{FindingView, ItemView, Page, ProposalView, SegmentView},
    text::{escape, sentence, words},
};

/// How a class of finding is shown: its name in [`words`], badge, colour, and what it means.
const CLASSES: [(&str, &str, &str, &str); 5] = [
    (
        "consensus against",
        "▼ Consensus against",
        "warm",
        "Every segment with enough people goes against the spec here.",
    ),
    (
        "majority against",
        "▽ Majority against",
        "warm",
        "Taken together people go against the spec; in at least one segment it is not clear.",
    ),
    (
        "polarised",
        "◆ Polarised",
        "accent",
        "At least one segment clearly goes with the spec and another clearly against it.",
    ),
    ("agrees", "● Agrees", "good", "People and the spec agree, within a margin that was fixed beforehand."),
    (
        "insufficient",
        "○ Not shown",
        "plain",
        "These answers show nothing either way. That is not the same as agreement.",
    ),
];

/// Of more findings than this, those that show no difference stand behind a fold.
const MANY_FINDINGS: usize = 6;

/// Whether a class says that people go against the spec.
pub(super) fn is_against(class: &str) -> bool {
    words(class).ends_with("against")
}

/// One card for each finding, those against the spec first.
pub(super) fn findings(page: &Page) -> String {
    if page.findings.is_empty() {
        return String::new();
    }
    let place = |finding: &FindingView| {
        CLASSES.iter().position(|class| class.0 == words(&finding.class)).unwrap_or(CLASSES.len())
    };
    let mut ordered: Vec<&FindingView> = page.findings.iter().collect();
    ordered.sort_by_key(|one| place(one));
    let at_once =
        if ordered.len() > MANY_FINDINGS { ordered.partition_point(|one| place(one) < 3) } else { ordered.len() };
    let names = ItemNames::of(page);
    let mut cards: String = ordered[..at_once].iter().map(|one| finding(page, &names, one)).collect();
    if at_once < ordered.len() {
        let rest: String = ordered[at_once..].iter().map(|one| finding(page, &names, one)).collect();
        let number = count((ordered.len() - at_once) as u64, "item");
        cards.push_str(&format!(
            "<details><summary>{number} where public and spec agree, or nothing is shown</summary>\n{rest}</details>\n"
        ));
    }
    let intro = "<p>A difference counts as a finding only where it is larger than chance explains, \
         after correction for how many comparisons were made.</p>\n";
    section("findings", "Where the public and the spec differ", &format!("{intro}{cards}"))
}

fn finding(page: &Page, names: &ItemNames<'_>, finding: &FindingView) -> String {
    let class = words(&finding.class);
    let (badge, colour, means) = CLASSES
        .iter()
        .find(|known| known.0 == class)
        .map_or_else(|| (sentence(&class), "plain", ""), |known| (known.1.to_owned(), known.2, known.3));
    let item = page.items.iter().find(|item| item.id == finding.item);
    let position = item
        .and_then(|item| item.position.as_ref())
        .map(|position| format!("<p>The spec’s position: <code>{}</code></p>", escape(position)))
        .unwrap_or_default();
    format!(
        "<article class=\"card\">\n<p class=\"means\"><span class=\"badge {colour}\">{}</span>{means}</p>\n\
         <h3><bdi>{}</bdi></h3>\n<p dir=\"auto\">{}</p>\n{}<div class=\"facts\">{}{position}</div>\n{}</article>\n",
        escape(&badge),
        escape(&names.get(&finding.item)),
        escape(&finding.summary),
        item.map(|item| named(item, &finding.summary)).unwrap_or_default(),
        clauses(&finding.clauses),
        finding_segments(page, finding).unwrap_or_default()
    )
}

/// What the candidates say that the summary names by their ids.
fn named(item: &ItemView, summary: &str) -> String {
    let is_named = |id: &String| summary.split(|c: char| !c.is_alphanumeric()).any(|word| word == id);
    let list: String = item
        .candidates
        .iter()
        .filter(|(id, text)| is_named(id) && !text.is_empty())
        .map(|(id, text)| format!("<li><b>{}</b><span dir=\"auto\">{}</span></li>", escape(id), escape(text)))
        .collect();
    if list.is_empty() { list } else { format!("<ul class=\"candidates\">{list}</ul>\n") }
}

/// A dot and interval for each segment.
fn finding_segments(page: &Page, finding: &FindingView) -> Option<String> {
    let mut table = Table {
        id: "segments".to_owned(),
        title: "By segment".to_owned(),
        columns: vec![
            word_column("segment", "segment"),
            number_column("delta", "net preference against the spec", Unit::Correlation),
            number_column("delta_low", "from", Unit::Correlation),
            number_column("delta_high", "to", Unit::Correlation),
            word_column("eligible", "enough people"),
        ],
        rows: Vec::new(),
    };
    let found = if finding.segments.is_empty() { segments_of(page, &finding.item) } else { finding.segments.clone() };
    for one in &found {
        let name = if one.eligible { one.segment.clone() } else { format!("{} (too few people)", one.segment) };
        table.rows.push(vec![name.into(), one.delta.into(), one.low.into(), one.high.into(), Cell::Bool(one.eligible)]);
    }
    let chart = Chart {
        id: "segments".to_owned(),
        title: "By segment".to_owned(),
        kind: ChartKind::DotInterval,
        table: table.id.clone(),
        x: "delta".to_owned(),
        y: "segment".to_owned(),
        group: None,
        value: None,
    };
    let caption = "Right of the dashed line: against the spec. Left of it: with the spec.";
    figure(page, &chart, &table, caption).map(|picture| format!("<div class=\"against\">{picture}</div>\n"))
}

/// The item's rows of the segment table, for a finding that carries none itself.
fn segments_of(page: &Page, item: &str) -> Vec<SegmentView> {
    let Some((table, segment, "delta")) = found::by_segment(page) else { return Vec::new() };
    let rows = table.rows.iter().filter(|row| cell_words(table, row, "item") == item);
    rows.map(|row| {
        let number = |ids: [&str; 2]| ids.iter().find_map(|id| table.cell(row, id).and_then(Cell::as_f64));
        SegmentView {
            segment: cell_words(table, row, segment),
            delta: table.cell(row, "delta").and_then(Cell::as_f64),
            low: number(["delta_low", "low"]),
            high: number(["delta_high", "high"]),
            eligible: !matches!(table.cell(row, "eligible"), Some(Cell::Bool(false) | Cell::Suppressed(_))),
        }
    })
    .collect()
}

/// One card for each proposal with what became of it and why.
pub(super) fn proposals(page: &Page) -> String {
    if page.proposals.is_empty() {
        return String::new();
    }
    let cards: String = page.proposals.iter().map(proposal).collect();
    let intro = "<p>Findings change nothing by themselves. People proposed changes, and people decided on them, \
         with a reason and with dissent kept as it was said.</p>\n";
    section("proposals", "What was proposed, and what was decided", &format!("{intro}{cards}"))
}

fn proposal(proposal: &ProposalView) -> String {
    let outcome = proposal.outcome.as_deref().map(words);
    let (mark, colour) = match outcome.as_deref() {
        None => ("○ ", "plain"),
        Some("adopted") => ("✓ ", "good"),
        Some("deferred") => ("→ ", "accent"),
        Some(_) => ("✕ ", "warm"),
    };
    let badge = sentence(outcome.as_deref().unwrap_or("not yet decided"));
    let mut lines = String::new();
    let mut line = |term: &str, said: &str| {
        if !said.trim().is_empty() {
            lines.push_str(&format!("<dt>{term}</dt><dd dir=\"auto\">{}</dd>\n", escape(said)));
        }
    };
    line("Why proposed", &proposal.rationale);
    line("Decision’s reason", &proposal.reason);
    line("Decided by", &proposal.deciders.join(", "));
    for dissent in &proposal.dissent {
        line("Dissent", dissent);
    }
    let lines = if lines.is_empty() { lines } else { format!("<dl>\n{lines}</dl>\n") };
    format!(
        "<article class=\"card\">\n<span class=\"badge {colour}\">{mark}{}</span><span class=\"badge plain\">{}</span>\n\
         <h3><bdi>{}</bdi></h3>\n{}{lines}</article>\n",
        escape(&badge),
        escape(&sentence(&words(&proposal.kind))),
        escape(&proposal.title),
        clauses(&proposal.clauses)
    )
}

/// One changed clause walked back to the answers, a step below the other.
pub(super) fn trace(page: &Page) -> String {
    let Some(trace) = page.trace.as_ref().filter(|trace| !trace.steps.is_empty()) else { return String::new() };
    let mut steps = String::new();
    for (kind, said, reference) in &trace.steps {
        let reference = if reference.is_empty() {
            String::new()
        } else {
            format!("<code class=\"soft\">{}</code>", escape(reference))
        };
        steps.push_str(&format!(
            "<li><b>{}</b><p dir=\"auto\">{}</p>{reference}</li>\n",
            escape(&sentence(&words(kind))),
            escape(said)
        ));
    }
    let body = format!(
        "<p>Any clause can be asked where its words come from. This is the answer of \
         <code>{}</code>, from the text back to the people.</p>\n<ol class=\"chain\">\n{steps}</ol>\n",
        escape(&trace.clause)
    );
    section("trace", "Why does this clause read as it does?", &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_tells_what_the_candidates_say_that_it_names() {
        let candidate = |id: &str, text: &str| (id.to_owned(), text.to_owned());
        let candidates = vec![candidate("A", "salad"), candidate("B", "<soup>"), candidate("C", "nothing")];
        let item = ItemView { candidates, ..ItemView::default() };
        let list = named(&item, "people prefer B over A by 24 points against the spec's A over B");
        assert!(list.contains("salad") && list.contains("&lt;soup&gt;"), "{list}");
        assert!(!list.contains("nothing"), "{list}");
        assert_eq!(named(&item, "people agree"), "");
    }
}
