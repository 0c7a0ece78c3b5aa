//! What was asked and what people said.

use folkmoot_methods::report::{Cell, Chart, ChartKind, Table, Unit};

use super::{
    found,
    parts::{ItemNames, cell_words, clauses, count, figure, number_column, section, word_column},
};
use crate::{
    model::{ItemView, Page},
    text::escape,
};

/// More items than this are listed behind a fold.
const MANY_ITEMS: usize = 12;

/// The items with their candidates and positions.
pub(super) fn asked(page: &Page) -> String {
    if page.items.is_empty() {
        return String::new();
    }
    let list: String = page.items.iter().map(item).collect();
    let list = format!("<div class=\"stack\">\n{list}</div>\n");
    let list = if page.items.len() > MANY_ITEMS {
        format!("<details><summary>All {} items</summary>\n{list}</details>\n", page.items.len())
    } else {
        list
    };
    let bound = page.items.iter().filter(|item| !item.clauses.is_empty()).count();
    let binding = match bound {
        0 => String::new(),
        n if n == page.items.len() => {
            " Each is bound to clauses of the spec: an answer can be followed to the text it is about.".to_owned()
        }
        1 => " One of them is bound to clauses of the spec.".to_owned(),
        n => format!(" {n} of them are bound to clauses of the spec."),
    };
    let person = if page.simulated { "simulated participant" } else { "person" };
    let body = format!(
        "<p>{} {} put to {}, {} given in all.{binding}</p>\n{list}",
        count(page.items.len() as u64, "item"),
        if page.items.len() == 1 { "was" } else { "were" },
        count(page.counts.participants, person),
        count(page.counts.responses, "answer"),
    );
    section("asked", "What was asked", &body)
}

fn item(item: &ItemView) -> String {
    let mut candidates = String::new();
    for (id, wording) in &item.candidates {
        candidates.push_str(&format!("<li><b>{}</b><span dir=\"auto\">{}</span></li>", escape(id), escape(wording)));
    }
    if !candidates.is_empty() {
        candidates = format!("<ul class=\"candidates\">{candidates}</ul>\n");
    }
    let position = item
        .position
        .as_ref()
        .map(|position| format!("<p>The spec’s position: <code>{}</code></p>\n", escape(position)))
        .unwrap_or_default();
    let (heading, prompt) = match item.prompt.chars().count() {
        0 => (escape(&item.id), String::new()),
        1..=160 => (escape(&item.prompt), String::new()),
        _ => {
            let start: String = item.prompt.chars().take(150).collect();
            (
                format!("{}…", escape(&start)),
                format!("<p class=\"redline\" dir=\"auto\">{}</p>\n", escape(&item.prompt)),
            )
        }
    };
    format!(
        "<details class=\"box\"><summary><bdi>{heading}</bdi></summary>\n{prompt}{candidates}{position}\
         <p class=\"small soft\">Item <code>{}</code>, kind: {}</p>\n{}</details>\n",
        escape(&item.id),
        escape(&item.kind),
        clauses(&item.clauses)
    )
}

/// How far people side with the spec, item by item under the clauses they are bound to.
pub(super) fn agreement(page: &Page) -> String {
    let Some(source) = found::agreement(page) else { return String::new() };
    let table = agreement_table(page, &source);
    let chart = Chart {
        id: "agreement".to_owned(),
        title: "Agreement with the spec, by clause".to_owned(),
        kind: ChartKind::DotInterval,
        table: table.id.clone(),
        x: "accord".to_owned(),
        y: "item".to_owned(),
        group: Some("clause".to_owned()),
        value: None,
    };
    let caption = "Share of people’s preferences that go the same way as the spec’s position. A dot is the estimate, \
         the line its interval. At 50&nbsp;% as many go against the spec as with it. \
         Clauses and items with the least agreement come first.";
    let Some(picture) = figure(page, &chart, &table, caption) else { return String::new() };
    let (with, against, unclear) = tally(&source);
    let rest = match unclear {
        0 => String::new(),
        n => format!(" On {} no interval lies clear of 50&nbsp;%: these answers do not tell.", count(n as u64, "item")),
    };
    let words = format!(
        "<p>All pairs of an item’s answers taken together, people side with the spec on {with} of {} items and against it \
         on {against}.{rest} A single pair may still go clearly the other way: that is a finding, below.</p>\n",
        with + against + unclear
    );
    section("agreement", "How far people side with the spec", &format!("{words}{picture}"))
}

/// Items whose interval lies above half, below it, and neither; an item without interval is neither.
fn tally(table: &Table) -> (usize, usize, usize) {
    let (mut with, mut against, mut unclear) = (0, 0, 0);
    for row in &table.rows {
        let number = |id: &str| table.cell(row, id).and_then(Cell::as_f64);
        if number("accord").is_none() {
            continue;
        }
        match (number("accord_low"), number("accord_high")) {
            (Some(low), _) if low > 0.5 => with += 1,
            (_, Some(high)) if high < 0.5 => against += 1,
            _ => unclear += 1,
        }
    }
    (with, against, unclear)
}

/// The rows of `source` under each clause of their item, least agreement first.
fn agreement_table(page: &Page, source: &Table) -> Table {
    let optional = [
        ("accord_low", "from", Unit::Share),
        ("accord_high", "to", Unit::Share),
        ("n", "answers", Unit::Count),
        ("n_eff", "effective answers", Unit::Weight),
    ];
    let kept: Vec<_> = optional.into_iter().filter(|(id, ..)| source.column(id).is_some()).collect();
    let mut columns = vec![
        word_column("clause", "clause"),
        word_column("item", "item"),
        number_column("accord", "agreement", Unit::Share),
    ];
    columns.extend(kept.iter().map(|(id, label, unit)| number_column(id, label, *unit)));

    let names = ItemNames::of(page);
    let mut rows: Vec<(String, f64, Vec<Cell>)> = Vec::new();
    for row in &source.rows {
        let id = cell_words(source, row, "item");
        let bound = page.items.iter().find(|item| item.id == id).map(|item| item.clauses.clone()).unwrap_or_default();
        let bound = if bound.is_empty() { vec!["bound to no clause".to_owned()] } else { bound };
        let accord = source.cell(row, "accord").and_then(Cell::as_f64);
        for clause in bound {
            let cell = |id| source.cell(row, id).cloned().unwrap_or(Cell::Null);
            let mut cells: Vec<Cell> = vec![clause.clone().into(), names.get(&id).into(), cell("accord")];
            cells.extend(kept.iter().map(|(id, ..)| cell(id)));
            rows.push((clause, accord.unwrap_or(f64::INFINITY), cells));
        }
    }
    let least = |clause: &str| rows.iter().filter(|row| row.0 == clause).map(|row| row.1).fold(f64::INFINITY, f64::min);
    let mut keyed: Vec<_> = rows.iter().map(|row| (least(&row.0), row)).collect();
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.0.cmp(&b.1.0)).then(a.1.1.total_cmp(&b.1.1)));
    Table {
        id: "agreement".to_owned(),
        title: "Agreement with the spec, by clause".to_owned(),
        columns,
        rows: keyed.into_iter().map(|(_, row)| row.2.clone()).collect(),
    }
}

/// The same question in every segment.
pub(super) fn segments(page: &Page) -> String {
    let Some((source, segment, value)) = found::by_segment(page) else { return String::new() };
    let is_delta = value == "delta";
    let table = ItemNames::of(page).in_table(source);
    let title =
        if is_delta { "Net preference against the spec, by segment" } else { "Agreement with the spec, by segment" };
    let chart = Chart {
        id: "segments".to_owned(),
        title: title.to_owned(),
        kind: ChartKind::HeatMap,
        table: table.id.clone(),
        x: segment.to_owned(),
        y: "item".to_owned(),
        group: None,
        value: Some(value.to_owned()),
    };
    let caption = if is_delta {
        "From −1.00 (all go with the spec) over 0.00 (as many with as against) to +1.00 (all go against it), for the \
         pair of options where the difference is clearest. A dash stands where too few people answered."
    } else {
        "Share of preferences that go the same way as the spec’s position. A dash stands where too few people answered."
    };
    let Some(picture) = figure(page, &chart, &table, caption) else { return String::new() };
    let frame = if is_delta { format!("<div class=\"against\">{picture}</div>") } else { picture };
    let intro = "<p>An average can hide that one part of the public says yes and another no. \
         Read along a row to see whether the segments tell the same story.</p>\n";
    section("segments", "Do all parts of the public say the same?", &format!("{intro}{frame}\n"))
}

/// People as points, those who answer alike close together.
pub(super) fn map(page: &Page) -> String {
    let Some((result, chart, table)) = found::map(page) else { return String::new() };
    let caption = "Each mark is one participant. Those who answered alike stand close together; the axes have no \
         meaning of their own. The outlines enclose groups that an algorithm drew from the same answers.";
    let Some(picture) = figure(page, chart, table, caption) else { return String::new() };
    let intro = format!(
        "<p>This picture is for exploring, not for proof: the groups come from the very answers they describe, \
         so no finding rests on them. Drawn by the method <code>{}</code>.</p>\n",
        escape(&result.method)
    );
    section("map", "Who thinks alike", &format!("{intro}{picture}"))
}
