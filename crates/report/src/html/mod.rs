//! The page, top to bottom: what was asked, what people said, where that differs from the spec,
//! what was decided, how the text changed, and how to check it all.

mod decisions;
mod found;
mod index;
mod methods;
mod opinions;
mod parts;
mod proof;
mod redline;
mod results;

use crate::{
    model::Page,
    number::grouped,
    svg,
    text::{escape, words},
};
pub use index::index;
use parts::{count, plural};

const STYLE: &str = include_str!("style.css");

/// The page as one self-contained HTML file. Parts of `page` that are empty leave their section out.
pub fn html(page: &Page) -> String {
    let body = [
        opinions::asked(page),
        opinions::agreement(page),
        opinions::segments(page),
        decisions::findings(page),
        opinions::map(page),
        decisions::proposals(page),
        redline::changes(page),
        decisions::trace(page),
        proof::check(page),
        results::results(page),
        methods::methods(page),
    ]
    .concat();
    let mark = if page.simulated { "SIMULATED · " } else { "" };
    let banner = if page.simulated { BANNER } else { "" };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{mark}{title}</title>\n<style>{STYLE}{charts}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the results</a>\n{banner}{header}\
         <main id=\"main\" class=\"column\">\n{body}</main>\n{footer}</body>\n</html>\n",
        title = escape(&page.round_title),
        charts = svg::STYLE,
        header = header(page),
        footer = footer(page),
    )
}

const BANNER: &str = "<aside class=\"simulated\" aria-label=\"Simulated\"><div class=\"column\"><p><strong>SIMULATED</strong> \
     No person gave these answers. A program made them up to rehearse the round. \
     Nothing on this page is evidence of what anyone thinks.</p></div></aside>\n";

fn header(page: &Page) -> String {
    let mut over: Vec<String> = Vec::new();
    if !page.organisation.is_empty() {
        over.push(format!("<bdi>{}</bdi>", escape(&page.organisation)));
    }
    over.push("What came of a public round".to_owned());
    format!(
        "<header class=\"top\"><div class=\"column\">\n<p class=\"over\">{}</p>\n<h1><bdi>{}</bdi></h1>\n\
         <p class=\"lead\">{}</p>\n{}</div></header>\n",
        over.join(" · "),
        escape(&page.round_title),
        lead(page),
        path(page)
    )
}

/// The whole story in two sentences.
fn lead(page: &Page) -> String {
    let people = if page.simulated { "simulated participant" } else { "person" };
    let mut lead = format!(
        "{} answered {} on <bdi>{}</bdi>",
        count(page.counts.participants, people),
        count(page.counts.items, "item"),
        escape(if page.spec_title.is_empty() { "the spec" } else { &page.spec_title }),
    );
    if !page.base_revision.is_empty() {
        lead.push_str(&format!(", revision <bdi>{}</bdi>", escape(&page.base_revision)));
    }
    lead.push('.');
    let decided: Vec<String> =
        page.proposals.iter().filter_map(|proposal| proposal.outcome.as_deref()).map(words).collect();
    if !decided.is_empty() {
        let adopted = decided.iter().filter(|outcome| *outcome == "adopted").count();
        lead.push_str(&format!(
            " Of {} put forward, {adopted} {} adopted.",
            count(page.proposals.len() as u64, "proposal"),
            if adopted == 1 { "was" } else { "were" }
        ));
    }
    if let Some(revision) = &page.new_revision {
        lead.push_str(&format!(
            " Revision <bdi>{}</bdi> changes {}.",
            escape(revision),
            count(page.changes.len() as u64, "clause")
        ));
    }
    lead
}

/// The path from answers to changed text, in numbers.
fn path(page: &Page) -> String {
    let against = page.findings.iter().filter(|finding| decisions::is_against(&finding.class)).count();
    let adopted = page.proposals.iter().filter(|p| p.outcome.as_deref().is_some_and(|o| words(o) == "adopted")).count();
    let simulated = if page.simulated { "simulated " } else { "" };
    let decided = !page.proposals.is_empty();
    let steps = [
        (page.counts.participants, format!("{simulated}participant{}", plural(page.counts.participants)), true),
        (page.counts.responses, format!("response{}", plural(page.counts.responses)), true),
        (against as u64, format!("finding{} against the spec", plural(against as u64)), !page.findings.is_empty()),
        (page.proposals.len() as u64, format!("proposal{}", plural(page.proposals.len() as u64)), decided),
        (adopted as u64, "adopted".to_owned(), decided),
        (
            page.changes.len() as u64,
            format!("clause{} changed", plural(page.changes.len() as u64)),
            page.new_revision.is_some() || !page.changes.is_empty(),
        ),
    ];
    let mut list = String::from("<ul class=\"path\" aria-label=\"From answers to changed text\">\n");
    for (number, label, _) in steps.into_iter().filter(|step| step.2) {
        let number = grouped(i64::try_from(number).unwrap_or(i64::MAX));
        list.push_str(&format!("<li><b>{number}</b><span>{label}</span></li>\n"));
    }
    list.push_str("</ul>\n");
    list
}

fn footer(page: &Page) -> String {
    let simulated = if page.simulated { "<b>Simulated answers.</b> " } else { "" };
    format!(
        "<footer><div class=\"column\">{simulated}This page is one file. It loads nothing, runs nothing and \
         follows nobody. Made by Folkmoot from the sealed snapshot <span class=\"hash\">{}</span>.</div></footer>\n",
        escape(&page.snapshot)
    )
}
