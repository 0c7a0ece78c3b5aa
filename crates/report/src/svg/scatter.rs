//! Scatter plots: a point a row, groups told apart by colour and shape, each inside its hull.

use std::collections::BTreeMap;

use folkmoot_methods::report::{Chart, ChartKind, Table, Unit};

use super::canvas::{Anchor, Canvas, SHAPES, width_of, wrap};
use super::hull::convex_hull;
use crate::marks::{drawable, label};
use crate::number;
use crate::scale::Scale;

/// Most points drawn; of more, every n-th is.
const MAX_POINTS: usize = 4000;

/// Colours of the style sheet.
const COLOURS: usize = 6;

/// Most groups: each has a colour and a shape that no other has together.
const MAX_GROUPS: usize = COLOURS * SHAPES;

/// The points of one group.
pub(crate) struct Group {
    /// None for points of no group.
    pub(crate) name: Option<String>,
    pub(crate) points: Vec<(f64, f64)>,
}

pub(super) fn draw(chart: &Chart, table: &Table, width: f64) -> Option<Canvas> {
    let x_column = table.column(&chart.x)?;
    let y_column = table.column(&chart.y)?;
    let groups = read(chart, table, x_column, y_column);
    let all: Vec<(f64, f64)> = groups.iter().flat_map(|group| group.points.iter().copied()).collect();
    if all.is_empty() {
        return None;
    }
    let kinds = match groups.iter().filter(|group| group.name.is_some()).count() {
        0 => String::new(),
        n => format!(" in {n} groups"),
    };
    let is_map = is_map(chart, table);
    let mut canvas = Canvas::new(width, format!("{}: {} points{kinds}.", chart.title, all.len()));
    legend(&mut canvas, &groups, is_map, width);

    let top = canvas.height;
    let side = (width - 30.0, (width * 0.62).max(300.0));
    let units = (table.columns[x_column].unit, table.columns[y_column].unit);
    let (across, down) = scales(&all, (26.0, top), side, is_map);
    canvas.rect((26.0, top), side, "frame", None);
    if (across.low..=across.high).contains(&0.0) {
        canvas.line((across.at(0.0), top), (across.at(0.0), top + side.1), "grid");
    }
    if (down.low..=down.high).contains(&0.0) {
        canvas.line((26.0, down.at(0.0)), (26.0 + side.0, down.at(0.0)), "grid");
    }
    canvas.height = top + side.1;
    let step = all.len().div_ceil(MAX_POINTS);
    for (index, group) in groups.iter().enumerate() {
        let colour = colour(group, index);
        let places: Vec<(f64, f64)> = group.points.iter().map(|p| (across.at(p.0), down.at(p.1))).collect();
        if is_map && group.name.is_some() && places.len() > 2 {
            canvas.polygon(&convex_hull(&places), &format!("hull {colour}"));
        }
        for place in places.iter().step_by(step) {
            canvas.mark(index, *place, 3.2, &format!("point {colour}"));
        }
    }
    if is_map {
        name_groups(&mut canvas, &groups, &across, &down);
    } else {
        ticks(&mut canvas, &across, &down, units);
    }
    let below = canvas.height + 18.0;
    let name = |column: usize, room: f64| wrap(&table.columns[column].label, room, 12.0, 1).pop().unwrap_or_default();
    canvas.text(26.0 + side.0 / 2.0, below, Anchor::Middle, "soft", &name(x_column, side.0));
    canvas.text_upwards(14.0, top + side.1 / 2.0, Anchor::Middle, "soft", &name(y_column, side.1));
    canvas.height = below + 8.0;
    if step > 1 {
        canvas.height += 14.0;
        let words = format!("one point of {step} is drawn");
        canvas.text(0.0, canvas.height, Anchor::Start, "soft", &words);
        canvas.height += 4.0;
    }
    Some(canvas)
}

/// Whether the points are people on a map: a row a participant, in groups, and axes that measure nothing.
pub(crate) fn is_map(chart: &Chart, table: &Table) -> bool {
    let is_place = |id: &str| table.column(id).is_some_and(|place| table.columns[place].unit == Unit::Score);
    let is_scatter = chart.kind == ChartKind::Scatter;
    is_scatter
        && chart.group.is_some()
        && table.column("participant").is_some()
        && is_place(&chart.x)
        && is_place(&chart.y)
}

/// Points by group, those of none last, with those of more groups than can be told apart.
pub(crate) fn read(chart: &Chart, table: &Table, x: usize, y: usize) -> Vec<Group> {
    let group = chart.group.as_deref().and_then(|id| table.column(id));
    let mut groups: BTreeMap<Option<String>, Vec<(f64, f64)>> = BTreeMap::new();
    for row in &table.rows {
        let number = |column: usize| row.get(column).and_then(drawable);
        let Some(point) = number(x).zip(number(y)) else { continue };
        let name = group
            .and_then(|column| row.get(column).map(|cell| label(cell, table.columns[column].unit)))
            .filter(|name| name != number::UNKNOWN);
        groups.entry(name).or_default().push(point);
    }
    let mut rest = groups.remove(&None).unwrap_or_default();
    let mut named: Vec<Group> = Vec::new();
    for (name, points) in groups {
        match named.len() < MAX_GROUPS {
            true => named.push(Group { name, points }),
            false => rest.extend(points),
        }
    }
    if !rest.is_empty() {
        named.push(Group { name: None, points: rest });
    }
    named
}

fn colour(group: &Group, index: usize) -> String {
    match group.name {
        Some(_) => format!("c{}", (index + index / SHAPES) % COLOURS),
        None => "none".to_owned(),
    }
}

/// Scales with a margin around all points; the same on both axes where `equal`.
fn scales(points: &[(f64, f64)], corner: (f64, f64), side: (f64, f64), equal: bool) -> (Scale, Scale) {
    let reach = |pick: fn(&(f64, f64)) -> f64| {
        let low = points.iter().map(pick).fold(f64::INFINITY, f64::min);
        let high = points.iter().map(pick).fold(f64::NEG_INFINITY, f64::max);
        let span = if high > low { high - low } else { 1.0 };
        ((low + high) / 2.0, span * 1.12)
    };
    let (x_middle, mut x_span) = reach(|p| p.0);
    let (y_middle, mut y_span) = reach(|p| p.1);
    if equal {
        let per_pixel = (x_span / side.0).max(y_span / side.1);
        x_span = per_pixel * side.0;
        y_span = per_pixel * side.1;
    }
    let across =
        Scale { low: x_middle - x_span / 2.0, high: x_middle + x_span / 2.0, from: corner.0, to: corner.0 + side.0 };
    let down =
        Scale { low: y_middle - y_span / 2.0, high: y_middle + y_span / 2.0, from: corner.1 + side.1, to: corner.1 };
    (across, down)
}

/// What a colour and shape mean, and how many points have it.
fn legend(canvas: &mut Canvas, groups: &[Group], is_map: bool, width: f64) {
    if groups.iter().all(|group| group.name.is_none()) {
        return;
    }
    let (mut x, mut y) = (8.0, 14.0);
    for (index, group) in groups.iter().enumerate() {
        let name = match group.name.as_deref() {
            None if groups.len() > MAX_GROUPS => "in no or another group".to_owned(),
            None => "in no group".to_owned(),
            Some(name) if is_map => group_name(name),
            Some(name) => wrap(name, width - 100.0, 12.0, 1).pop().unwrap_or_default(),
        };
        let words = format!("{name}: {}", number::number(group.points.len() as f64, Unit::Count));
        let needed = width_of(&words, 12.0) + 40.0;
        if x + needed > width && x > 8.0 {
            (x, y) = (8.0, y + 20.0);
        }
        canvas.mark(index, (x, y - 4.0), 5.0, &colour(group, index));
        canvas.text(x + 12.0, y, Anchor::Start, "soft", &words);
        x += needed;
    }
    canvas.height = y + 12.0;
}

/// Groups that are only numbered or lettered are called so.
fn group_name(name: &str) -> String {
    if name.chars().count() <= 2 { format!("Group {name}") } else { name.to_owned() }
}

/// Names in the middle of their points, one moved down where two would overlap.
fn name_groups(canvas: &mut Canvas, groups: &[Group], across: &Scale, down: &Scale) {
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    for group in groups {
        let Some(name) = group.name.as_deref().map(group_name) else { continue };
        let count = group.points.len() as f64;
        let half = width_of(&name, 14.0) / 2.0;
        let x = across.at(group.points.iter().map(|p| p.0).sum::<f64>() / count);
        let x = x.clamp(across.from + half.min(100.0), across.to - half.min(100.0));
        let mut y = down.at(group.points.iter().map(|p| p.1).sum::<f64>() / count);
        while taken.iter().any(|t| (t.0 - x).abs() < t.2 + half && (t.1 - y).abs() < 18.0) {
            y += 18.0;
        }
        taken.push((x, y, half));
        canvas.text(x, y + 5.0, Anchor::Middle, "halo", &name);
    }
}

/// Numbers along the axes.
fn ticks(canvas: &mut Canvas, across: &Scale, down: &Scale, units: (Unit, Unit)) {
    for tick in across.ticks(4) {
        canvas.text(across.at(tick), canvas.height + 15.0, Anchor::Middle, "soft", &number::number(tick, units.0));
    }
    for tick in down.ticks(4) {
        canvas.text(across.from + 4.0, down.at(tick) - 3.0, Anchor::Start, "soft", &number::number(tick, units.1));
    }
    canvas.height += 16.0;
}
