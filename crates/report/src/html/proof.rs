//! How to check the page, and every table behind it.

use folkmoot_methods::report::Severity;

use super::parts::{data_table, figure, section};
use crate::{
    model::{Page, ResultView},
    number,
    text::{escape, words},
};

/// What to run and which hashes to compare.
pub(super) fn check(page: &Page) -> String {
    let mut rows = String::new();
    for result in &page.results {
        rows.push_str(&format!(
            "<tr><th scope=\"row\"><bdi>{}</bdi></th><td><code>{} {}</code></td><td><code class=\"hash\">{}</code></td></tr>\n",
            escape(title(result)),
            escape(&result.method),
            escape(&result.version),
            escape(&result.hash)
        ));
    }
    if !rows.is_empty() {
        rows = format!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Results\"><table><caption>Every result by hash\
             </caption>\n<thead><tr><th scope=\"col\">Result</th><th scope=\"col\">Method</th><th scope=\"col\">Hash\
             </th></tr></thead>\n<tbody>\n{rows}</tbody></table></div>\n"
        );
    }
    let revision = page
        .new_revision
        .as_ref()
        .map(|revision| format!("<dt>New revision</dt><dd><code>{}</code></dd>\n", escape(revision)))
        .unwrap_or_default();
    let body = format!(
        "<p>No number here has to be believed. With the release folder of this round, one command works it all out \
         again, without a network, and fails if a single byte was changed:</p>\n\
         <pre><code>folkmoot verify RELEASE_FOLDER</code></pre>\n\
         <dl>\n<dt>Sealed snapshot</dt><dd><code>{}</code></dd>\n<dt>Revision asked about</dt><dd><code>{}</code></dd>\n\
         {revision}</dl>\n{rows}",
        escape(&page.snapshot),
        escape(&page.base_revision)
    );
    section("check", "How to check this", &body)
}

/// All figures, charts, tables and notes of every result.
pub(super) fn results(page: &Page) -> String {
    if page.results.is_empty() {
        return String::new();
    }
    let body: String = page.results.iter().map(|one| result(page, one)).collect();
    section("results", "Every result in full", &body)
}

fn result(page: &Page, result: &ResultView) -> String {
    let by = result.by.as_ref().map(|by| format!(", by {}", escape(&words(by)))).unwrap_or_default();
    let mut body = format!(
        "<p class=\"small soft\">Method <code>{} {}</code>{by}. Result <code>{}</code></p>\n",
        escape(&result.method),
        escape(&result.version),
        escape(&result.hash)
    );
    let report = &result.report;
    for note in &report.notes {
        let (class, mark) = match note.severity {
            Severity::Info => ("note", ""),
            Severity::Warning => ("note warning", "<b>Mind:</b> "),
        };
        body.push_str(&format!("<p class=\"{class}\">{mark}{}</p>\n", escape(&note.text)));
    }
    if !report.scalars.is_empty() {
        body.push_str("<dl>\n");
        for scalar in &report.scalars {
            let value = escape(&number::cell(&scalar.value, scalar.unit));
            body.push_str(&format!("<dt>{}</dt><dd>{value}</dd>\n", escape(&scalar.label)));
        }
        body.push_str("</dl>\n");
    }
    let mut drawn: Vec<&str> = Vec::new();
    for chart in &report.charts {
        let Some(table) = report.table(&chart.table) else { continue };
        if let Some(picture) = figure(page, chart, table, "") {
            body.push_str(&picture);
            drawn.push(&chart.table);
        }
    }
    for table in report.tables.iter().filter(|table| !drawn.contains(&table.id.as_str())) {
        body.push_str(&data_table(table));
    }
    format!("<details class=\"box\"><summary><bdi>{}</bdi></summary>\n{body}</details>\n", escape(title(result)))
}

fn title(result: &ResultView) -> &str {
    [&result.title, &result.name].into_iter().find(|words| !words.trim().is_empty()).unwrap_or(&result.method)
}
