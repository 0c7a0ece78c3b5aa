//! Every result in full: what its report declares, whatever the method is.

use folkmoot_methods::report::{Report, Severity};

use super::{
    found,
    parts::{ItemNames, data_table, numbers, picture, section},
};
use crate::{
    model::{Page, ResultView},
    number,
    text::{escape, short, words},
};

/// Results that no other section tells of stand open, unless there are more than this.
const MAX_OPEN: usize = 3;

/// Most figures, pictures, tables and notes of one result, each for itself.
const MAX_PARTS: usize = 60;

/// Longest text of a note or a figure, in characters.
const MAX_TEXT: usize = 2000;

/// How much of a hash is enough to tell it from others by eye.
const SHORT_HASH: usize = 12;

/// All figures, charts, tables and notes of every result.
pub(super) fn results(page: &Page) -> String {
    if page.results.is_empty() {
        return String::new();
    }
    let untold = page.results.iter().filter(|one| !found::is_told(one)).count();
    let is_open = |one: &ResultView| untold <= MAX_OPEN && !found::is_told(one);
    let names = ItemNames::of(page);
    let body: String = page.results.iter().map(|one| result(page, &names, one, is_open(one))).collect();
    section("results", "Every result in full", &body)
}

fn result(page: &Page, names: &ItemNames<'_>, result: &ResultView, is_open: bool) -> String {
    let report = &result.report;
    let body = [origin(result), notes(report), figures(report), pictures(page, names, report)].concat();
    let open = if is_open { " open" } else { "" };
    format!("<details class=\"box\"{open}><summary><bdi>{}</bdi></summary>\n{body}</details>\n", escape(title(result)))
}

/// Which method, which plugin, which result.
fn origin(result: &ResultView) -> String {
    let by = result.by.as_ref().map(|by| format!(", by {}", escape(&words(by)))).unwrap_or_default();
    let plugin = result.plugin.as_ref().map(|plugin| {
        let start: String = plugin.hash.chars().take(SHORT_HASH).collect();
        let signed = match plugin.signed_by.is_empty() {
            true => "not signed",
            false => "signed",
        };
        format!(", a plugin: component <code title=\"{}\">{}</code>, {signed}", escape(&plugin.hash), escape(&start))
    });
    format!(
        "<p class=\"small soft\">Method <code>{} {}</code>{}{by}. Result <code>{}</code></p>\n",
        escape(&result.method),
        escape(&result.version),
        plugin.unwrap_or_default(),
        escape(if result.name.is_empty() { &result.hash } else { &result.name })
    )
}

fn notes(report: &Report) -> String {
    let mut out = String::new();
    for note in report.notes.iter().take(MAX_PARTS) {
        let (class, mark) = match note.severity {
            Severity::Info => ("note", ""),
            Severity::Warning => ("note warning", "<b>Mind:</b> "),
        };
        let text = escape(&short(&note.text, MAX_TEXT));
        out.push_str(&format!("<p class=\"{class}\" dir=\"auto\">{mark}{text}</p>\n"));
    }
    out + &left_out(report.notes.len(), "notes")
}

fn figures(report: &Report) -> String {
    if report.scalars.is_empty() {
        return String::new();
    }
    let mut out = String::from("<dl>\n");
    for scalar in report.scalars.iter().take(MAX_PARTS) {
        let value = short(&number::cell(&scalar.value, scalar.unit), MAX_TEXT);
        out.push_str(&format!("<dt>{}</dt><dd>{}</dd>\n", escape(&short(&scalar.label, MAX_TEXT)), escape(&value)));
    }
    out.push_str("</dl>\n");
    out + &left_out(report.scalars.len(), "figures")
}

/// Every declared picture, its table under the first of them, and the tables without a picture.
fn pictures(page: &Page, names: &ItemNames<'_>, report: &Report) -> String {
    let tables: Vec<_> = report.tables.iter().map(|table| names.in_table(table)).collect();
    let mut is_shown = vec![false; tables.len()];
    let mut out = String::new();
    for chart in report.charts.iter().take(MAX_PARTS) {
        let place = tables.iter().position(|table| table.id == chart.table);
        let Some((place, drawn)) = place.and_then(|place| Some((place, picture(page, chart, &tables[place], "")?)))
        else {
            let title = escape(&short(&chart.title, MAX_TEXT));
            out.push_str(&format!("<p class=\"small soft\">There is nothing to draw for “<bdi>{title}</bdi>”.</p>\n"));
            continue;
        };
        let table = match is_shown[place] {
            false => numbers(&tables[place]),
            true => {
                "<p class=\"small soft\">The table with these numbers stands under a picture above.</p>\n".to_owned()
            }
        };
        is_shown[place] = true;
        out.push_str(&format!("<figure>\n{drawn}{table}</figure>\n"));
    }
    out.push_str(&left_out(report.charts.len(), "pictures"));
    let bare = tables.iter().zip(&is_shown).filter(|(_, is_shown)| !**is_shown);
    out.extend(bare.clone().take(MAX_PARTS).map(|(table, _)| data_table(table)));
    out + &left_out(bare.count(), "tables")
}

/// Says that only the first of `all` are shown.
fn left_out(all: usize, what: &str) -> String {
    if all <= MAX_PARTS {
        return String::new();
    }
    format!(
        "<p class=\"small soft\">The first {MAX_PARTS} of {all} {what}; all of them are in the result’s file.</p>\n"
    )
}

/// What people call a result.
pub(super) fn title(result: &ResultView) -> &str {
    [&result.title, &result.name].into_iter().find(|words| !words.trim().is_empty()).unwrap_or(&result.method)
}
