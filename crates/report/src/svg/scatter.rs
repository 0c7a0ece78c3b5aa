//! Scatter plots: a point a row, groups told apart by colour and shape, each inside its hull.

use folkmoot_methods::report::{Chart, Table, Unit};

use super::{
    canvas::{Anchor, Canvas, width_of},
    hull::convex_hull,
    scale::Scale,
};
use crate::number;

/// Most points drawn; of more, every n-th is.
const MAX_POINTS: usize = 4000;

/// Colours of the style sheet.
const COLOURS: usize = 6;

struct Group {
    /// None for points of no group.
    name: Option<String>,
    points: Vec<(f64, f64)>,
}

pub(super) fn draw(chart: &Chart, table: &Table, width: f64) -> Option<Canvas> {
    let x_column = table.column(&chart.x)?;
    let y_column = table.column(&chart.y)?;
    let groups = read(chart, table, x_column, y_column);
    let all: Vec<(f64, f64)> = groups.iter().flat_map(|group| group.points.iter().copied()).collect();
    if all.is_empty() {
        return None;
    }
    let named: Vec<&Group> = groups.iter().filter(|group| group.name.is_some()).collect();
    let kinds = match named.len() {
        0 => String::new(),
        n => format!(" in {n} groups"),
    };
    let mut canvas = Canvas::new(width, format!("{}: {} points{kinds}.", chart.title, all.len()));
    legend(&mut canvas, &groups, width);

    let top = canvas.height;
    let side = (width - 30.0, (width * 0.62).max(300.0));
    let units = (table.columns[x_column].unit, table.columns[y_column].unit);
    let (across, down) = scales(&all, (26.0, top), side, units.0 == units.1);
    canvas.rect((26.0, top), side, "frame", None);
    if (across.low..=across.high).contains(&0.0) {
        canvas.line((across.at(0.0), top), (across.at(0.0), top + side.1), "grid");
    }
    if (down.low..=down.high).contains(&0.0) {
        canvas.line((26.0, down.at(0.0)), (26.0 + side.0, down.at(0.0)), "grid");
    }
    canvas.height = top + side.1;
    for (index, group) in groups.iter().enumerate() {
        let colour = colour(group, index);
        let places: Vec<(f64, f64)> = group.points.iter().map(|p| (across.at(p.0), down.at(p.1))).collect();
        if group.name.is_some() && places.len() > 2 {
            canvas.polygon(&convex_hull(&places), &format!("hull {colour}"));
        }
        for place in places.iter().step_by(all.len().div_ceil(MAX_POINTS)) {
            canvas.mark(index, *place, 3.2, &format!("point {colour}"));
        }
    }
    name_groups(&mut canvas, &groups, &across, &down);
    ticks(&mut canvas, &across, &down, units);
    let below = canvas.height + 18.0;
    canvas.text(26.0 + side.0 / 2.0, below, Anchor::Middle, "soft", &table.columns[x_column].label);
    canvas.text_upwards(14.0, top + side.1 / 2.0, Anchor::Middle, "soft", &table.columns[y_column].label);
    canvas.height = below + 8.0;
    Some(canvas)
}

/// Points by group in the order groups first appear, those of none last.
fn read(chart: &Chart, table: &Table, x: usize, y: usize) -> Vec<Group> {
    let group = chart.group.as_deref().and_then(|id| table.column(id));
    let mut groups: Vec<Group> = Vec::new();
    for row in &table.rows {
        let number = |column: usize| row.get(column).and_then(|cell| cell.as_f64()).filter(|v| v.is_finite());
        let Some(point) = number(x).zip(number(y)) else { continue };
        let name = group
            .and_then(|column| row.get(column).map(|cell| number::cell(cell, table.columns[column].unit)))
            .filter(|name| name != number::UNKNOWN);
        match groups.iter_mut().find(|g| g.name == name) {
            Some(found) => found.points.push(point),
            None => groups.push(Group { name, points: vec![point] }),
        }
    }
    groups.sort_by(|a, b| a.name.is_none().cmp(&b.name.is_none()).then(a.name.cmp(&b.name)));
    groups
}

fn colour(group: &Group, index: usize) -> String {
    match group.name {
        Some(_) => format!("c{}", index % COLOURS),
        None => "none".to_owned(),
    }
}

/// Scales with a margin around all points; the same on both axes where they measure the same thing.
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
fn legend(canvas: &mut Canvas, groups: &[Group], width: f64) {
    if groups.iter().all(|group| group.name.is_none()) {
        return;
    }
    let (mut x, mut y) = (8.0, 14.0);
    for (index, group) in groups.iter().enumerate() {
        let name = group.name.as_deref().map_or("in no group".to_owned(), group_name);
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

/// Numbers along axes that measure something; points of a map have places only.
fn ticks(canvas: &mut Canvas, across: &Scale, down: &Scale, units: (Unit, Unit)) {
    let is_map = |unit| matches!(unit, Unit::Score | Unit::None);
    if is_map(units.0) || is_map(units.1) {
        return;
    }
    for tick in across.ticks(4) {
        canvas.text(across.at(tick), canvas.height + 15.0, Anchor::Middle, "soft", &number::number(tick, units.0));
    }
    for tick in down.ticks(4) {
        canvas.text(across.from + 4.0, down.at(tick) - 3.0, Anchor::Start, "soft", &number::number(tick, units.1));
    }
    canvas.height += 16.0;
}
