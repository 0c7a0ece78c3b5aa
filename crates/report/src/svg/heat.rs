//! Heat maps: a colour for each pair of row and column, the number inside it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use folkmoot_methods::report::{Cell, Chart, Table, Unit};

use super::canvas::{Anchor, Canvas, TEXT, width_of, wrap};
use crate::marks::{drawable, label};
use crate::number;

/// Most rows and most columns of a grid; the picture says how many it leaves out.
const MAX_SIDE: usize = 40;

/// Deepest colour, light enough for the number on it to be read.
const DEEPEST: f64 = 0.55;

/// Most grids of a picture.
const MAX_GRIDS: usize = 24;

/// The cells of one group.
#[derive(Default)]
pub(crate) struct Grid {
    pub(crate) columns: Names,
    pub(crate) lines: Names,
    /// By line and column.
    pub(crate) cells: BTreeMap<(usize, usize), Option<f64>>,
    /// Rows whose cell an earlier row has taken.
    taken: usize,
}

/// Names in the order they first appear, and those there is no room for.
#[derive(Default)]
pub(crate) struct Names {
    pub(crate) shown: Vec<String>,
    hidden: BTreeSet<String>,
}

/// From numbers to colours, the same for every grid.
struct Colours {
    unit: Unit,
    reach: f64,
}

pub(super) fn draw(chart: &Chart, table: &Table, width: f64) -> Option<Canvas> {
    let (grids, unit) = read(chart, table)?;
    let numbers: Vec<f64> = grids.iter().flat_map(|(_, grid)| grid.cells.values().copied().flatten()).collect();
    let reach = numbers.iter().map(|v| v.abs()).reduce(f64::max)?;
    let is_share = unit == Unit::Share && numbers.iter().all(|v| *v >= 0.0);
    let colours = Colours { unit, reach: if is_share { 1.0 } else { reach.max(f64::MIN_POSITIVE) } };

    let (lines, columns) = grids
        .iter()
        .fold((0, 0), |most, (_, grid)| (most.0 + grid.lines.shown.len(), most.1.max(grid.columns.shown.len())));
    let mut canvas = Canvas::new(width, format!("{}: {lines} rows by {columns} columns.", chart.title));
    let hidden = grids.len().saturating_sub(MAX_GRIDS);
    let is_one = grids.len() == 1;
    for (name, grid) in grids.into_iter().take(MAX_GRIDS) {
        if !is_one {
            for line in wrap(&name, width, TEXT + 1.0, 2) {
                canvas.height += 18.0;
                canvas.text(0.0, canvas.height, Anchor::Start, "facet", &line);
            }
            canvas.height += 8.0;
        }
        draw_grid(&mut canvas, &grid, &colours, width);
        canvas.leave_out(grid.lines.hidden.len(), ("row", "rows"));
        canvas.leave_out(grid.columns.hidden.len(), ("column", "columns"));
        canvas.leave_out(grid.taken, ("number for a cell that is taken", "numbers for cells that are taken"));
        canvas.height += if is_one { 4.0 } else { 18.0 };
    }
    canvas.leave_out(hidden, ("group", "groups"));
    Some(canvas)
}

/// The cells by group, in the order groups first appear, and the unit of their numbers.
pub(crate) fn read(chart: &Chart, table: &Table) -> Option<(Vec<(String, Grid)>, Unit)> {
    let across = table.column(&chart.x)?;
    let down = table.column(&chart.y)?;
    let value = table.column(chart.value.as_deref()?)?;
    let group = chart.group.as_deref().and_then(|id| table.column(id)).filter(|g| *g != across && *g != down);
    let name = |row: &[Cell], column: usize| {
        row.get(column).map(|cell| label(cell, table.columns[column].unit)).unwrap_or_default()
    };
    let mut grids: Vec<(String, Grid)> = Vec::new();
    for row in &table.rows {
        let group = group.map(|column| name(row, column)).unwrap_or_default();
        let place = grids.iter().rposition(|grid| grid.0 == group).unwrap_or_else(|| {
            grids.push((group, Grid::default()));
            grids.len() - 1
        });
        let grid = &mut grids[place].1;
        let x = place_in(&mut grid.columns, name(row, across));
        let y = place_in(&mut grid.lines, name(row, down));
        let (Some(x), Some(y)) = (x, y) else { continue };
        match grid.cells.entry((y, x)) {
            Entry::Occupied(_) => grid.taken += 1,
            Entry::Vacant(free) => {
                free.insert(row.get(value).and_then(drawable));
            }
        }
    }
    grids.iter_mut().for_each(|(_, grid)| grid.align());
    Some((grids, table.columns[value].unit))
}

impl Grid {
    /// Puts the columns in the order of the rows where both have the same names, so that what a thing has
    /// with itself stands on the diagonal.
    fn align(&mut self) {
        let place = |name: &String| self.lines.shown.iter().position(|line| line == name);
        let places: Option<Vec<usize>> = self.columns.shown.iter().map(place).collect();
        let Some(places) = places.filter(|places| places.len() == self.lines.shown.len()) else { return };
        let moved = std::mem::take(&mut self.cells).into_iter().map(|((y, x), cell)| ((y, places[x]), cell));
        self.cells = moved.collect();
        self.columns.shown.clone_from(&self.lines.shown);
    }
}

fn draw_grid(canvas: &mut Canvas, grid: &Grid, colours: &Colours, width: f64) {
    let widest = grid.lines.shown.iter().map(|line| width_of(line, TEXT)).fold(0.0, f64::max);
    let gutter = (widest + 8.0).clamp(24.0, width * 0.38);
    let step = ((width - gutter) / grid.columns.shown.len() as f64).min(120.0);
    headings(canvas, &grid.columns.shown, gutter, step);

    let mut tops = Vec::with_capacity(grid.lines.shown.len());
    for line in &grid.lines.shown {
        let words = wrap(line, gutter - 8.0, TEXT, 3);
        let height = (words.len() as f64 * 16.0 + 12.0).max(34.0);
        tops.push((canvas.height, height));
        let first = canvas.height + height / 2.0 + 4.5 - (words.len().saturating_sub(1)) as f64 * 8.0;
        for (index, line) in words.iter().enumerate() {
            canvas.text(gutter - 8.0, first + index as f64 * 16.0, Anchor::End, "", line);
        }
        canvas.height += height;
    }
    for ((y, x), v) in &grid.cells {
        let (top, height) = tops[*y];
        let corner = (gutter + *x as f64 * step, top);
        let centre = (corner.0 + step / 2.0, top + height / 2.0 + 4.5);
        let Some(v) = *v else {
            canvas.rect((corner.0 + 2.0, top + 2.0), (step - 4.0, height - 4.0), "blank", None);
            canvas.text(centre.0, centre.1, Anchor::Middle, "soft", number::UNKNOWN);
            continue;
        };
        let class = if v < 0.0 { "cell below" } else { "cell above" };
        let depth = 0.04 + (DEEPEST - 0.04) * (v.abs() / colours.reach).min(1.0);
        canvas.rect(corner, (step, height), class, Some(depth));
        let words = number::number(v, colours.unit);
        if width_of(&words, 12.0) <= step - 2.0 {
            canvas.text(centre.0, centre.1, Anchor::Middle, "small", &words);
        } else if width_of(&words, 12.0) <= height - 2.0 {
            canvas.text_upwards(centre.0 + 4.5, centre.1 - 4.5, Anchor::Middle, "small", &words);
        }
    }
}

/// Place of `name` in the list, entered where new; none where the picture is full.
fn place_in(names: &mut Names, name: String) -> Option<usize> {
    if let Some(found) = names.shown.iter().position(|n| *n == name) {
        return Some(found);
    }
    if names.shown.len() == MAX_SIDE {
        names.hidden.insert(name);
        return None;
    }
    names.shown.push(name);
    Some(names.shown.len() - 1)
}

/// Names of the columns: level where they fit, upright where they do not.
fn headings(canvas: &mut Canvas, columns: &[String], gutter: f64, step: f64) {
    let longest_word = columns.iter().flat_map(|c| c.split_whitespace()).map(|w| width_of(w, 12.0)).fold(0.0, f64::max);
    if longest_word <= step - 6.0 {
        let wrapped: Vec<Vec<String>> = columns.iter().map(|c| wrap(c, step - 6.0, 12.0, 3)).collect();
        let most = wrapped.iter().map(Vec::len).max().unwrap_or(0);
        for (x, lines) in wrapped.iter().enumerate() {
            let lowest = canvas.height + most as f64 * 15.0;
            for (index, line) in lines.iter().enumerate() {
                let y = lowest - (lines.len() - 1 - index) as f64 * 15.0;
                canvas.text(gutter + (x as f64 + 0.5) * step, y, Anchor::Middle, "soft", line);
            }
        }
        canvas.height += most as f64 * 15.0 + 8.0;
        return;
    }
    let room = columns.iter().map(|c| width_of(c, 12.0)).fold(0.0, f64::max).min(120.0);
    for (x, name) in columns.iter().enumerate() {
        let line = wrap(name, room, 12.0, 1).pop().unwrap_or_default();
        canvas.text_upwards(
            gutter + (x as f64 + 0.5) * step + 4.0,
            canvas.height + room + 4.0,
            Anchor::Start,
            "soft",
            &line,
        );
    }
    canvas.height += room + 10.0;
}
