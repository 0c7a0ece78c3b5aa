//! Charts in characters: the same marks as the picture, for people who read on a terminal.

use std::collections::BTreeMap;

use folkmoot_methods::report::{Chart, ChartKind, Table, Unit};
use unicode_width::UnicodeWidthStr;

use crate::marks::{Row, Side, UNTOLD, not_drawn, read, reference, side, sides, told};
use crate::scale::{Scale, domain};
use crate::svg::flow::{self, Band, Flow};
use crate::svg::{heat, scatter};
use crate::{number, text};

/// Most marks of a chart.
const MAX_ROWS: usize = 40;
/// Fewest characters that make a picture.
const NARROWEST: usize = 12;
/// Most grids of a heat map.
const MAX_GRIDS: usize = 12;
/// Letters of groups on a map, those of more groups alike.
const LETTERS: &[u8] = b"ox+*#@";
/// From nothing to the number that is farthest from it, by quarters.
const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];

/// The chart in lines at most `width` columns wide; none where there is nothing to draw or no room.
pub fn chart(chart: &Chart, table: &Table, width: usize) -> Option<String> {
    let (table, untold) = told(chart, table);
    let mut body = match chart.kind {
        ChartKind::Bar | ChartKind::DotInterval | ChartKind::DivergingBar => {
            marks(chart.kind, read(chart, &table)?, unit(chart, &table)?, width)
        }
        ChartKind::HeatMap => grids(chart, &table, width),
        ChartKind::Scatter => map(chart, &table, width),
        ChartKind::Flow => flow(chart, &table, width),
    }?;
    if untold > 0 {
        body.push_str(&format!("{}\n", not_drawn(untold, UNTOLD.0, UNTOLD.1)));
    }
    Some(format!("{}\n{body}", plain(&chart.title)))
}

fn unit(chart: &Chart, table: &Table) -> Option<Unit> {
    Some(table.columns[table.column(&chart.x)?].unit)
}

fn plain(words: &str) -> String {
    text::visible(words).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `words` in exactly `width` columns.
fn padded(words: &str, width: usize) -> String {
    let mut words = plain(words);
    if words.width() > width {
        while words.width() >= width && words.pop().is_some() {}
        words.push('…');
    }
    let missing = width.saturating_sub(words.width());
    words + &" ".repeat(missing)
}

fn marks(kind: ChartKind, mut rows: Vec<Row>, unit: Unit, width: usize) -> Option<String> {
    let hidden = rows.len().saturating_sub(MAX_ROWS);
    rows.truncate(MAX_ROWS);
    let values = || rows.iter().filter_map(|row| row.value);
    values().next()?;
    let ends = rows.iter().filter_map(|row| row.interval).flat_map(|(low, high)| [low, high]);
    let (low, high) = domain(&values().chain(ends).collect::<Vec<_>>(), unit, kind != ChartKind::DotInterval);
    let reference = reference(kind, unit, low, values().any(|value| value < 0.0));
    let figure = |row: &Row| row.value.map_or(number::UNKNOWN.to_owned(), |value| number::number(value, unit));
    let labels = rows.iter().map(|row| plain(&row.label).width()).max().unwrap_or(0).min(width / 3);
    let figures = rows.iter().map(|row| figure(row).width()).max().unwrap_or(0);
    let track = width.checked_sub(labels + figures + 4).filter(|track| *track >= NARROWEST)?.min(72);
    let scale = Scale { low, high, from: 0.0, to: (track - 1) as f64 };
    let mut out = String::new();
    let mut group = None;
    for row in &rows {
        if row.group.is_some() && row.group != group {
            group = row.group.clone();
            out.push_str(&format!("{}\n", plain(group.as_deref().unwrap_or_default())));
        }
        let drawn = draw(kind, row, &scale, track, reference);
        out.push_str(&format!("{}  {drawn}  {:>figures$}\n", padded(&row.label, labels), figure(row)));
    }
    let [from, to] = [low, high].map(|end| number::number(end, unit));
    let between = track.saturating_sub(from.width() + to.width()).max(1);
    out.push_str(&format!("{}  {from}{}{to}\n", " ".repeat(labels), " ".repeat(between)));
    out.push_str(&beside(&legend(kind, &rows, unit, reference), width));
    if hidden > 0 {
        out.push_str(&format!("{}\n", not_drawn(hidden, "row", "rows")));
    }
    Some(out)
}

/// One mark on its track.
fn draw(kind: ChartKind, row: &Row, scale: &Scale, track: usize, reference: Option<f64>) -> String {
    let at = |x: f64| scale.at(x).round() as usize;
    let mut line = vec![' '; track];
    if let Some(middle) = reference.filter(|middle| (scale.low..=scale.high).contains(middle)) {
        line[at(middle)] = '┊';
    }
    let Some(value) = row.value else { return line.into_iter().collect() };
    if kind != ChartKind::DotInterval {
        let middle = reference.unwrap_or(0.0).clamp(scale.low, scale.high);
        if value != middle {
            let (from, to) = (at(middle).min(at(value)), at(middle).max(at(value)));
            line[from..=to].fill(if from == to { '▏' } else { '█' });
        }
        return line.into_iter().collect();
    }
    if let Some((low, high)) = row.interval {
        line[at(low)..=at(high)].fill('─');
        (line[at(low)], line[at(high)]) = ('├', '┤');
    }
    line[at(value)] = mark(side(row, reference));
    line.into_iter().collect()
}

fn mark(side: Side) -> char {
    match side {
        Side::Above => '■',
        Side::Below => '◆',
        Side::Unclear => '○',
    }
}

/// What the marks say, of those that are drawn.
fn legend(kind: ChartKind, rows: &[Row], unit: Unit, reference: Option<f64>) -> Vec<String> {
    let mut entries = Vec::new();
    if kind == ChartKind::DotInterval {
        match reference {
            Some(middle) => {
                let sides = sides(rows, middle, unit).into_iter();
                entries.extend(sides.map(|(side, words)| format!("{} {words}", mark(side))));
            }
            None => entries.push(format!("{} value", mark(Side::Above))),
        }
        if rows.iter().any(|row| row.value.is_some() && row.interval.is_some()) {
            entries.push("├─┤ interval".to_owned());
        }
    }
    entries.extend(reference.map(|middle| format!("┊ {}", number::number(middle, unit))));
    entries
}

/// The entries beside each other, on as many lines as it takes.
fn beside(entries: &[String], width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for entry in entries {
        match lines.last_mut() {
            Some(line) if line.width() + 3 + entry.width() <= width => line.push_str(&format!("   {entry}")),
            _ => lines.push(entry.clone()),
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn grids(chart: &Chart, table: &Table, width: usize) -> Option<String> {
    let (grids, unit) = heat::read(chart, table)?;
    let numbers: Vec<f64> = grids.iter().flat_map(|(_, grid)| grid.cells.values().copied().flatten()).collect();
    let reach = numbers.iter().map(|v| v.abs()).reduce(f64::max)?.max(f64::MIN_POSITIVE);
    let hidden = grids.len().saturating_sub(MAX_GRIDS);
    let is_one = grids.len() == 1;
    let mut out = String::new();
    for (name, grid) in grids.iter().take(MAX_GRIDS) {
        if !is_one {
            out.push_str(&format!("{}\n", plain(name)));
        }
        out.push_str(&grid_lines(grid, unit, reach, width)?);
    }
    let shade = |step: usize| format!("{} {}", SHADES[step], number::number(reach * step as f64 / 4.0, unit));
    out.push_str(&beside(&["about".to_owned()].into_iter().chain((1..=4).map(shade)).collect::<Vec<_>>(), width));
    if hidden > 0 {
        out.push_str(&format!("{}\n", not_drawn(hidden, "group", "groups")));
    }
    Some(out)
}

/// The numbers of a grid, each behind a shade that says how far from nothing it is.
fn grid_lines(grid: &heat::Grid, unit: Unit, reach: f64, width: usize) -> Option<String> {
    let words = |cell: Option<f64>| cell.map_or(number::UNKNOWN.to_owned(), |v| number::number(v, unit));
    let widest = grid.cells.values().map(|cell| words(*cell).width()).max().unwrap_or(0);
    let column = 2 + widest.max(grid.columns.shown.iter().map(|name| plain(name).width()).max().unwrap_or(0).min(12));
    let labels = grid.lines.shown.iter().map(|line| plain(line).width()).max().unwrap_or(0).min(width / 3);
    if labels + grid.columns.shown.len() * (column + 1) > width {
        return None;
    }
    let mut out = " ".repeat(labels);
    grid.columns.shown.iter().for_each(|name| out.push_str(&format!(" {}", padded(name, column))));
    out.push('\n');
    for (y, line) in grid.lines.shown.iter().enumerate() {
        out.push_str(&padded(line, labels));
        for x in 0..grid.columns.shown.len() {
            let cell = grid.cells.get(&(y, x)).copied();
            let shade = cell.flatten().map_or(' ', |v| SHADES[(v.abs() / reach * 4.0).round() as usize]);
            let words = cell.map(words).unwrap_or_default();
            out.push_str(&format!(" {shade} {}", padded(&words, column - 2)));
        }
        out.push('\n');
    }
    Some(out)
}

fn map(chart: &Chart, table: &Table, width: usize) -> Option<String> {
    let groups = scatter::read(chart, table, table.column(&chart.x)?, table.column(&chart.y)?);
    let points = || groups.iter().flat_map(|group| group.points.iter());
    points().next()?;
    let columns = width.min(72);
    let lines = columns / 3;
    if columns < NARROWEST {
        return None;
    }
    let scale = |pick: fn(&(f64, f64)) -> f64, from: usize, to: usize| {
        let low = points().map(pick).fold(f64::INFINITY, f64::min);
        let high = points().map(pick).fold(f64::NEG_INFINITY, f64::max);
        Scale { low, high, from: from as f64, to: to as f64 }
    };
    let (across, down) = (scale(|p| p.0, 0, columns - 1), scale(|p| p.1, lines - 1, 0));
    // Where groups overlap, the one with more points there is seen.
    let mut counts: BTreeMap<(usize, usize, usize), usize> = BTreeMap::new();
    for (index, group) in groups.iter().enumerate() {
        for (x, y) in &group.points {
            *counts.entry((down.at(*y).round() as usize, across.at(*x).round() as usize, index)).or_default() += 1;
        }
    }
    let mut seen: BTreeMap<(usize, usize), (usize, usize)> = BTreeMap::new();
    for ((y, x, index), count) in counts {
        let most = seen.entry((y, x)).or_insert((count, index));
        if count > most.0 {
            *most = (count, index);
        }
    }
    let mut out = String::new();
    for y in 0..lines {
        let line: String = (0..columns).map(|x| seen.get(&(y, x)).map_or(' ', |(_, index)| letter(*index))).collect();
        out.push_str(line.trim_end());
        out.push('\n');
    }
    for (index, group) in groups.iter().enumerate().filter(|_| groups.len() > 1) {
        let name = group.name.as_deref().map_or("in no group".to_owned(), plain);
        out.push_str(&format!(
            "{} {name}: {}\n",
            letter(index),
            number::number(group.points.len() as f64, Unit::Count)
        ));
    }
    Some(out)
}

fn letter(index: usize) -> char {
    LETTERS[index % LETTERS.len()].into()
}

/// A bar for what goes from node to node, under the name of its step.
fn flow(chart: &Chart, table: &Table, width: usize) -> Option<String> {
    let flows = flow::read(chart, table)?;
    let unit = flows.first()?.1.unit;
    let row = |facet: &str, flow: &Flow, band: &Band| Row {
        label: format!("{} → {}", flow.nodes[band.from], flow.nodes[band.to]),
        value: Some(band.weight),
        interval: None,
        group: Some(match facet {
            "" => flow.steps[band.step].clone(),
            facet => format!("{facet} · {}", flow.steps[band.step]),
        }),
    };
    let rows = flows.iter().flat_map(|(facet, flow)| flow.bands.iter().map(move |band| row(facet, flow, band)));
    let drawn = marks(ChartKind::Bar, rows.collect(), unit, width)?;
    Some(match flows.iter().map(|(_, flow)| flow.hidden).sum() {
        0 => drawn,
        hidden => format!("{drawn}{}\n", not_drawn(hidden, "row", "rows")),
    })
}
