//! Pieces that several sections share.

use std::collections::BTreeMap;

use folkmoot_methods::report::{Cell, Chart, Column, Table, Unit};

use crate::{
    model::Page,
    number::{self, grouped},
    svg,
    text::{escape, short, visible},
};

/// Most rows of a table on the page.
const MAX_ROWS: usize = 200;

/// Most columns of a table on the page.
const MAX_COLUMNS: usize = 40;

/// Longest text of a cell, in characters.
const MAX_CELL: usize = 1000;

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
    let picture = picture(page, chart, table, words)?;
    Some(format!("<figure>\n{picture}{}</figure>\n", numbers(table)))
}

/// What a [`figure`] is without its table.
pub(super) fn picture(page: &Page, chart: &Chart, table: &Table, words: &str) -> Option<String> {
    let wide = svg::chart(chart, table)?;
    let narrow = svg::narrow_chart(chart, table)?;
    let simulated = if page.simulated { " <span class=\"tag\">simulated</span>" } else { "" };
    Some(format!(
        "<figcaption><b>{}{simulated}</b>{words}</figcaption>\n<div class=\"wide\">{wide}</div>\n\
         <div class=\"narrow\">{narrow}</div>\n",
        escape(&chart.title)
    ))
}

/// The table of a picture, behind a fold.
pub(super) fn numbers(table: &Table) -> String {
    format!("<details><summary>The same numbers as a table</summary>\n{}</details>\n", data_table(table))
}

/// The table, scrolling within its own box. Of a very large one the start, and how much more there is.
pub(super) fn data_table(table: &Table) -> String {
    let title = escape(&short(&table.title, MAX_CELL));
    if table.rows.is_empty() {
        return format!("<p class=\"small soft\"><bdi>{title}</bdi>: no rows.</p>\n");
    }
    let columns = &table.columns[..table.columns.len().min(MAX_COLUMNS)];
    let mut out = format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table><caption>{title}</caption>\n<thead><tr>"
    );
    for column in columns {
        out.push_str(&format!("<th scope=\"col\"{}>{}</th>", class(column), escape(&short(&column.label, MAX_CELL))));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in table.rows.iter().take(MAX_ROWS) {
        out.push_str("<tr>");
        for (index, column) in columns.iter().enumerate() {
            let words =
                row.get(index).map(|cell| short(&number::cell(cell, column.unit), MAX_CELL)).unwrap_or_default();
            let words = escape(&words);
            if index == 0 && column.unit == Unit::None {
                out.push_str(&format!("<th scope=\"row\">{words}</th>"));
            } else {
                out.push_str(&format!("<td{}>{words}</td>", class(column)));
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    let shown = [(MAX_ROWS, table.rows.len(), "rows"), (MAX_COLUMNS, table.columns.len(), "columns")];
    let left_out = shown.into_iter().filter(|(most, all, _)| all > most);
    let left_out: Vec<String> = left_out
        .map(|(most, all, what)| format!("{most} of {} {what}", grouped(i64::try_from(all).unwrap_or(i64::MAX))))
        .collect();
    if !left_out.is_empty() {
        let words = left_out.join(" and ");
        out.push_str(&format!(
            "<p class=\"small soft\">The first {words}; all of them are in the result’s file.</p>\n"
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
pub(super) struct ItemNames<'a>(BTreeMap<&'a str, String>);

impl<'a> ItemNames<'a> {
    pub(super) fn of(page: &'a Page) -> Self {
        let mut named: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for item in page.items.iter().filter(|item| !item.prompt.trim().is_empty()) {
            named.entry(short(&item.prompt, MAX_NAME)).or_default().push(&item.id);
        }
        let mut names = BTreeMap::new();
        for (name, ids) in named {
            let is_shared = ids.len() > 1;
            names.extend(
                ids.into_iter().map(|id| (id, if is_shared { format!("{name} ({id})") } else { name.clone() })),
            );
        }
        Self(names)
    }

    /// The name of one item; the id itself where there is none.
    pub(super) fn get(&self, id: &str) -> String {
        self.0.get(id).cloned().unwrap_or_else(|| visible(id))
    }

    /// The table with the items of its column `item` called by their names.
    pub(super) fn in_table(&self, table: &Table) -> Table {
        let mut table = table.clone();
        let Some(column) = table.column("item") else { return table };
        for cell in table.rows.iter_mut().filter_map(|row| row.get_mut(column)) {
            if let Some(id) = cell.as_str() {
                *cell = self.get(id).into();
            }
        }
        table
    }
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
