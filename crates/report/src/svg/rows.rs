//! Charts of one mark a row: bars, diverging bars, dots with intervals. Rows of one group stand
//! together under its name; on a phone labels stand above their marks.

use folkmoot_methods::report::{Chart, ChartKind, Table, Unit};

use super::canvas::{Anchor, Canvas, TEXT, width_of, wrap};
use crate::marks::{Row, Side, read, reference, side, sides};
use crate::number;
use crate::scale::{Scale, domain};

/// Most rows of a picture; it says how many it leaves out.
const MAX_ROWS: usize = 80;

/// Below this width labels stand above their marks.
const STACKED_BELOW: f64 = 520.0;

const LINE: f64 = 16.0;

fn class(side: Side) -> &'static str {
    match side {
        Side::Above => "above",
        Side::Below => "below",
        Side::Unclear => "unclear",
    }
}

fn shape(side: Side) -> usize {
    match side {
        Side::Above => 2,
        Side::Below => 1,
        Side::Unclear => 0,
    }
}

/// Room right of the marks, where the numbers themselves stand.
struct Figures {
    value: f64,
    interval: f64,
}

impl Figures {
    fn of(rows: &[Row], unit: Unit, with_intervals: bool, width: f64) -> Self {
        let widest = |words: &mut dyn Iterator<Item = String>, size: f64| {
            words.map(|words| width_of(&words, size)).fold(0.0, f64::max)
        };
        let value = widest(&mut rows.iter().filter_map(|row| Some(number::number(row.value?, unit))), TEXT);
        let interval =
            widest(&mut rows.iter().filter_map(|row| row.interval.map(|i| number::interval(i.0, i.1, unit))), 12.0);
        Self {
            // They stand in bold.
            value: (value * 1.15 + 8.0).clamp(56.0, width / 3.0),
            // Numbers too long to stand beside the picture are in the table.
            interval: if with_intervals && interval < width / 4.0 { interval.max(100.0) } else { 0.0 },
        }
    }

    fn room(&self) -> f64 {
        self.value + self.interval
    }
}

pub(super) fn draw(chart: &Chart, table: &Table, width: f64) -> Option<Canvas> {
    let unit = table.columns[table.column(&chart.x)?].unit;
    let mut rows = read(chart, table)?;
    let hidden = rows.len().saturating_sub(MAX_ROWS);
    rows.truncate(MAX_ROWS);
    let numbers: Vec<f64> = rows
        .iter()
        .flat_map(|row| row.value.into_iter().chain(row.interval.into_iter().flat_map(|i| [i.0, i.1])))
        .collect();
    if !rows.iter().any(|row| row.value.is_some()) {
        return None;
    }
    let (low, high) = domain(&numbers, unit, chart.kind != ChartKind::DotInterval);
    let has_negative = rows.iter().filter_map(|row| row.value).any(|value| value < 0.0);
    let reference = reference(chart.kind, unit, low, has_negative);

    let stacked = width < STACKED_BELOW;
    let widest = rows.iter().map(|row| width_of(&row.label, TEXT)).fold(0.0, f64::max);
    let gutter = if stacked { 0.0 } else { (widest + 4.0).clamp(60.0, width * 0.38) };
    let has_intervals = rows.iter().any(|row| row.interval.is_some());
    let figures = Figures::of(&rows, unit, has_intervals && !stacked, width);
    let scale =
        Scale { low, high, from: if stacked { 22.0 } else { gutter + 10.0 }, to: width - figures.room() - 10.0 };

    let mut canvas = Canvas::new(width, describe(chart, &rows, unit));
    if let Some(reference) = reference.filter(|_| chart.kind == ChartKind::DotInterval && has_intervals) {
        legend(&mut canvas, &rows, reference, unit, stacked);
    }
    let top = canvas.height;
    let mut marks = Vec::new();
    let mut group: Option<&str> = None;
    for row in &rows {
        if row.group.is_some() && row.group.as_deref() != group {
            group = row.group.as_deref();
            canvas.height += if canvas.height > top { 10.0 } else { 0.0 };
            for line in wrap(group.unwrap_or_default(), width, TEXT + 1.0, 2) {
                canvas.height += LINE;
                canvas.text(0.0, canvas.height, Anchor::Start, "facet", &line);
            }
            canvas.height += 6.0;
        }
        let start = canvas.height;
        let lines = wrap(&row.label, if stacked { width } else { gutter }, TEXT, 3);
        let middle = if stacked {
            for line in &lines {
                canvas.height += LINE;
                canvas.text(0.0, canvas.height, Anchor::Start, "", line);
            }
            canvas.height += 28.0;
            canvas.height - 13.0
        } else {
            let needed = (lines.len() as f64 * LINE).max(LINE) + 12.0;
            let first = start + 6.0 + 12.0;
            for (index, line) in lines.iter().enumerate() {
                canvas.text(gutter, first + index as f64 * LINE, Anchor::End, "", line);
            }
            canvas.height += needed;
            start + needed / 2.0
        };
        marks.push((row, middle));
    }
    let bottom = canvas.height + 2.0;
    let bands: Vec<(f64, f64)> = match stacked {
        true => marks.iter().map(|(_, middle)| (middle - 8.0, middle + 8.0)).collect(),
        false => vec![(top, bottom)],
    };
    axis(&mut canvas, &scale, unit, reference, bottom, &bands);
    for (row, middle) in marks {
        mark(&mut canvas, chart.kind, row, &scale, middle, reference);
        figure(&mut canvas, row, unit, width - figures.room(), middle, &figures);
    }
    canvas.leave_out(hidden, ("row", "rows"));
    Some(canvas)
}

/// Grid lines through `bands`, so that they never run through words, and the axis at `bottom`.
fn axis(canvas: &mut Canvas, scale: &Scale, unit: Unit, reference: Option<f64>, bottom: f64, bands: &[(f64, f64)]) {
    let widest =
        [scale.low, scale.high].map(|end| width_of(&number::number(end, unit), 12.0)).into_iter().fold(46.0, f64::max);
    let room = ((scale.to - scale.from) / (widest + 16.0)).floor().clamp(1.0, 4.0) as usize;
    let upright = |canvas: &mut Canvas, x: f64, class: &str| {
        for (top, bottom) in bands {
            canvas.line((x, *top), (x, *bottom), class);
        }
    };
    for tick in scale.ticks(room) {
        let x = scale.at(tick);
        upright(canvas, x, "grid");
        canvas.line((x, bottom), (x, bottom + 4.0), "axis");
        canvas.text(x, bottom + 17.0, Anchor::Middle, "soft", &number::number(tick, unit));
    }
    canvas.line((scale.from, bottom), (scale.to, bottom), "axis");
    if let Some(middle) = reference.filter(|m| (scale.low..=scale.high).contains(m)) {
        upright(canvas, scale.at(middle), "middle");
    }
    canvas.height = bottom + 24.0;
}

fn mark(canvas: &mut Canvas, kind: ChartKind, row: &Row, scale: &Scale, y: f64, reference: Option<f64>) {
    let Some(value) = row.value else {
        canvas.text(scale.from + 8.0, y + 4.5, Anchor::Start, "note", "not enough data");
        return;
    };
    let side = side(row, reference);
    if kind != ChartKind::DotInterval {
        let origin = scale.at(reference.unwrap_or(0.0));
        let end = scale.at(value);
        canvas.rect(
            (origin.min(end), y - 7.0),
            ((end - origin).abs().max(1.0), 14.0),
            class(side),
            row.interval.map(|_| 0.5),
        );
    }
    if let Some((low, high)) = row.interval {
        let class = if kind == ChartKind::DotInterval { class(side) } else { "over" };
        canvas.line((scale.at(low), y), (scale.at(high), y), &format!("whisker {class}"));
    }
    if kind == ChartKind::DotInterval {
        canvas.mark(shape(side), (scale.at(value), y), 5.5, class(side));
    }
}

/// The number itself, so that nobody has to read it off an axis.
fn figure(canvas: &mut Canvas, row: &Row, unit: Unit, x: f64, y: f64, figures: &Figures) {
    let Some(value) = row.value else { return };
    canvas.text(x, y + 4.5, Anchor::Start, "strong", &number::number(value, unit));
    if let Some((low, high)) = row.interval.filter(|_| figures.interval > 0.0) {
        canvas.text(x + figures.value, y + 4.5, Anchor::Start, "soft", &number::interval(low, high, unit));
    }
}

fn legend(canvas: &mut Canvas, rows: &[Row], reference: f64, unit: Unit, stacked: bool) {
    let mut x = 6.0;
    let mut y = 14.0;
    for (which, words) in sides(rows, reference, unit) {
        canvas.mark(shape(which), (x, y - 4.0), 5.0, class(which));
        canvas.text(x + 12.0, y, Anchor::Start, "soft", &words);
        if stacked {
            y += 18.0;
        } else {
            x += width_of(&words, 12.0) + 34.0;
        }
    }
    canvas.height = if stacked { y - 4.0 } else { y + 12.0 };
}

/// What the picture shows, for those who hear it.
fn describe(chart: &Chart, rows: &[Row], unit: Unit) -> String {
    let known = || rows.iter().filter_map(|row| row.value.map(|value| (value, row)));
    let say = |found: Option<(f64, &Row)>| {
        found.map(|(value, row)| format!("{} {}", row.label, number::number(value, unit))).unwrap_or_default()
    };
    let least = say(known().min_by(|a, b| a.0.total_cmp(&b.0)));
    let most = say(known().max_by(|a, b| a.0.total_cmp(&b.0)));
    match rows.len() {
        1 => format!("{}: {most}.", chart.title),
        n => format!("{}: {n} rows, from {least} to {most}.", chart.title),
    }
}
