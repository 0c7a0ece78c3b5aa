//! Pieces that several sections share.

use folkmoot_methods::report::{Cell, Chart, Column, Table, Unit};

use crate::{
    model::Page,
    number::{self, grouped},
    svg,
    text::{escape, visible},
};

/// Most rows of a table on the page; the release has them all.
const MAX_ROWS: usize = 200;

/// Longest name of an item in a chart, in characters.
const MAX_NAME: usize = 96;

/// A section with its heading, both already markup.
pub(super) fn section(id: &str, heading: &str, body: &str) -> String {
    format!(
        "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{heading}</h2>\n{body}</section>\n"
    )
}

/// `1 item`, `8 items`, `412 people`.
pub(super) fn count(n: u64, one: &str) -> String {
    let number = grouped(i64::try_from(n).unwrap_or(i64::MAX));
    match (n, one) {
        (2.., "person") | (0, "person") => format!("{number} people"),
        _ => format!("{number} {one}{}", plural(n)),
    }
}

/// The `s` of what there is not one of.
pub(super) fn plural(n: u64) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// A chart with its words and its table; none where there is nothing to draw. `words` is markup.
pub(super) fn figure(page: &Page, chart: &Chart, table: &Table, words: &str) -> Option<String> {
    let wide = svg::chart(chart, table)?;
    let narrow = svg::narrow_chart(chart, table)?;
    let simulated = if page.simulated { " <span class=\"tag\">simulated</span>" } else { "" };
    Some(format!(
        "<figure>\n<figcaption><b>{}{simulated}</b>{words}</figcaption>\n<div class=\"wide\">{wide}</div>\n\
         <div class=\"narrow\">{narrow}</div>\n\
         <details><summary>The same numbers as a table</summary>\n{}</details>\n</figure>\n",
        escape(&chart.title),
        data_table(table)
    ))
}

/// The table, scrolling within its own box.
pub(super) fn data_table(table: &Table) -> String {
    let title = escape(&table.title);
    let mut out = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table><caption>{title}</caption>\n<thead><tr>"
    );
    for column in &table.columns {
        out.push_str(&format!("<th scope=\"col\"{}>{}</th>", class(column), escape(&column.label)));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in table.rows.iter().take(MAX_ROWS) {
        out.push_str("<tr>");
        for (index, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
            let words = escape(&number::cell(cell, column.unit));
            if index == 0 && column.unit == Unit::None {
                out.push_str(&format!("<th scope=\"row\">{words}</th>"));
            } else {
                out.push_str(&format!("<td{}>{words}</td>", class(column)));
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    if table.rows.len() > MAX_ROWS {
        let all = grouped(i64::try_from(table.rows.len()).unwrap_or(i64::MAX));
        out.push_str(&format!(
            "<p class=\"small soft\">The first {MAX_ROWS} of {all} rows; the release has them all.</p>\n"
        ));
    }
    out
}

fn class(column: &Column) -> &'static str {
    if column.unit == Unit::None { "" } else { " class=\"number\"" }
}

/// Anchors of clauses as a list of chips; nothing for none.
pub(super) fn clauses(anchors: &[String]) -> String {
    if anchors.is_empty() {
        return String::new();
    }
    let chips: Vec<String> = anchors.iter().map(|anchor| format!("<li><bdi>{}</bdi></li>", escape(anchor))).collect();
    format!("<ul class=\"chips\" aria-label=\"Clauses\">{}</ul>\n", chips.concat())
}

/// What people read instead of an item's id: its prompt, cut short; not yet escaped.
pub(super) fn item_name(page: &Page, id: &str) -> String {
    let short = |prompt: &str| {
        let line = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() <= MAX_NAME {
            return line;
        }
        let cut: String = line.chars().take(MAX_NAME - 1).collect();
        let end = cut.rfind(' ').filter(|end| *end > MAX_NAME / 2).unwrap_or(cut.len());
        format!("{}…", &cut[..end])
    };
    let Some(item) = page.items.iter().find(|item| item.id == id).filter(|item| !item.prompt.trim().is_empty()) else {
        return visible(id);
    };
    let name = short(&item.prompt);
    let is_shared = page.items.iter().any(|other| other.id != item.id && short(&other.prompt) == name);
    if is_shared { format!("{name} ({id})") } else { name }
}

/// A column of words.
pub(super) fn word_column(id: &str, label: &str) -> Column {
    Column { id: id.to_owned(), label: label.to_owned(), unit: Unit::None, estimate: false }
}

/// A column of numbers.
pub(super) fn number_column(id: &str, label: &str, unit: Unit) -> Column {
    Column { id: id.to_owned(), label: label.to_owned(), unit, estimate: false }
}

/// The words of a cell, empty where there are none.
pub(super) fn cell_words(table: &Table, row: &[Cell], column: &str) -> String {
    match table.cell(row, column) {
        None | Some(Cell::Null) => String::new(),
        Some(Cell::Text(words)) => words.clone(),
        Some(other) => number::cell(other, Unit::None),
    }
}
