//! Flows: nodes of one step above those of the next, bands between them as wide as what goes along.

use folkmoot_methods::report::{Cell, Chart, Table, Unit};

use super::canvas::{Anchor, Canvas, TEXT, width_of, wrap};
use crate::marks::{drawable, facet, label};
use crate::number;

/// Most flows of a picture.
const MAX_FLOWS: usize = 12;
/// Most steps of a flow.
const MAX_STEPS: usize = 40;
/// Most nodes side by side.
const MAX_NODES: usize = 24;
/// Colours of the style sheet.
const COLOURS: usize = 6;

const GAP: f64 = 8.0;
const NODE: f64 = 20.0;
const BAND: f64 = 46.0;

/// What goes from a node to a node of the next step.
pub(crate) struct Band {
    pub(crate) step: usize,
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) weight: f64,
}

pub(crate) struct Flow {
    pub(crate) steps: Vec<String>,
    pub(crate) nodes: Vec<String>,
    pub(crate) bands: Vec<Band>,
    /// Rows there is no room for.
    pub(crate) hidden: usize,
    pub(crate) unit: Unit,
}

/// Where a node stands at a step.
#[derive(Clone, Copy, Default)]
struct Place {
    x: f64,
    width: f64,
    weight: f64,
}

pub(super) fn draw(chart: &Chart, table: &Table, width: f64) -> Option<Canvas> {
    let mut flows = read(chart, table)?;
    let hidden = flows.len().saturating_sub(MAX_FLOWS);
    flows.truncate(MAX_FLOWS);
    let (steps, nodes) =
        flows.iter().fold((0, 0), |most, (_, flow)| (most.0.max(flow.steps.len()), most.1.max(flow.nodes.len())));
    let mut canvas = Canvas::new(width, format!("{}: {steps} steps, {nodes} nodes.", chart.title));
    for (name, flow) in &flows {
        for line in wrap(name, width, TEXT + 1.0, 2) {
            canvas.height += 18.0;
            canvas.text(0.0, canvas.height, Anchor::Start, "facet", &line);
        }
        draw_one(&mut canvas, flow, width);
        canvas.leave_out(flow.hidden, ("row", "rows"));
    }
    canvas.leave_out(hidden, ("flow", "flows"));
    (!flows.is_empty()).then_some(canvas)
}

fn draw_one(canvas: &mut Canvas, flow: &Flow, width: f64) {
    legend(canvas, flow, width);
    let levels = places(flow, width);
    let first = canvas.height + 6.0;
    let tops: Vec<f64> = (0..levels.len()).map(|level| first + level as f64 * (NODE + BAND)).collect();
    bands(canvas, flow, &levels, &tops);
    for (level, places) in levels.iter().enumerate() {
        nodes(canvas, flow, places, tops[level]);
        if let Some(step) = flow.steps.get(level) {
            let words = wrap(step, width, 12.0, 1).pop().unwrap_or_default();
            canvas.text(0.0, tops[level] + NODE + 15.0, Anchor::Start, "note", &words);
        }
    }
    canvas.height = first + levels.len() as f64 * (NODE + BAND) - BAND + 10.0;
}

/// The flows by item and segment, where the table has several, in the order they first appear.
pub(crate) fn read(chart: &Chart, table: &Table) -> Option<Vec<(String, Flow)>> {
    let [step, from] = [&chart.x, &chart.y].map(|id| table.column(id));
    let (step, from) = (step?, from?);
    let to = table.column(chart.group.as_deref()?)?;
    let value = table.column(chart.value.as_deref()?)?;
    let unit = table.columns[value].unit;
    let name = |row: &[Cell], column: usize| {
        row.get(column).map(|cell| label(cell, table.columns[column].unit)).unwrap_or_default()
    };
    let mut flows: Vec<(String, Flow)> = Vec::new();
    for row in &table.rows {
        let Some(weight) = row.get(value).and_then(drawable).filter(|weight| *weight > 0.0) else { continue };
        let facet = facet(table, row, &[step, from, to, value]);
        let at = flows.iter().rposition(|(known, _)| *known == facet).unwrap_or_else(|| {
            flows.push((facet, Flow { steps: Vec::new(), nodes: Vec::new(), bands: Vec::new(), hidden: 0, unit }));
            flows.len() - 1
        });
        let flow = &mut flows[at].1;
        let ends = [from, to].map(|column| place(&mut flow.nodes, name(row, column), MAX_NODES));
        match (place(&mut flow.steps, name(row, step), MAX_STEPS), ends) {
            (Some(step), [Some(from), Some(to)]) => flow.bands.push(Band { step, from, to, weight }),
            _ => flow.hidden += 1,
        }
    }
    // Bands of a node leave and arrive in the order of the nodes, so that they cross as little as can be.
    flows.iter_mut().for_each(|(_, flow)| flow.bands.sort_by_key(|band| (band.step, band.from, band.to)));
    Some(flows)
}

/// Place of `name` in the list, entered where new; none where there are `most` already.
fn place(names: &mut Vec<String>, name: String, most: usize) -> Option<usize> {
    if let Some(place) = names.iter().position(|known| *known == name) {
        return Some(place);
    }
    (names.len() < most).then(|| {
        names.push(name);
        names.len() - 1
    })
}

/// The nodes of every level: those of each step, and where the last step leads.
fn places(flow: &Flow, width: f64) -> Vec<Vec<Place>> {
    let mut levels = vec![vec![Place::default(); flow.nodes.len()]; flow.steps.len() + 1];
    let sum = |of: &dyn Fn(&&Band) -> bool| flow.bands.iter().filter(of).map(|band| band.weight).sum::<f64>();
    for (level, places) in levels.iter_mut().enumerate() {
        for (node, place) in places.iter_mut().enumerate() {
            let leaves = sum(&|band| band.step == level && band.from == node);
            let arrives = sum(&|band| band.step + 1 == level && band.to == node);
            place.weight = leaves.max(arrives);
        }
    }
    let most = levels.iter().map(|places| places.iter().map(|place| place.weight).sum()).fold(0.0, f64::max);
    let shown = |places: &[Place]| places.iter().filter(|place| place.weight > 0.0).count();
    let gaps = levels.iter().map(|places| shown(places).saturating_sub(1)).max().unwrap_or(0) as f64 * GAP;
    let scale = (width - gaps) / most;
    for places in &mut levels {
        let mut x = 0.0;
        for place in places.iter_mut().filter(|place| place.weight > 0.0) {
            (place.x, place.width) = (x, place.weight * scale);
            x += place.width + GAP;
        }
    }
    levels
}

fn bands(canvas: &mut Canvas, flow: &Flow, levels: &[Vec<Place>], tops: &[f64]) {
    let mut left = vec![vec![0.0; flow.nodes.len()]; levels.len()];
    let mut arrived = left.clone();
    for band in &flow.bands {
        let (from, to) = (levels[band.step][band.from], levels[band.step + 1][band.to]);
        let thick = band.weight * from.width / from.weight;
        let start = from.x + left[band.step][band.from];
        let end = to.x + arrived[band.step + 1][band.to];
        left[band.step][band.from] += thick;
        arrived[band.step + 1][band.to] += thick;
        let (upper, lower) = (tops[band.step] + NODE, tops[band.step + 1]);
        let corners = [(start, upper), (start + thick, upper), (end + thick, lower), (end, lower)];
        canvas.polygon(&corners, &format!("band c{}", band.from % COLOURS));
    }
}

fn nodes(canvas: &mut Canvas, flow: &Flow, places: &[Place], top: f64) {
    for (node, place) in places.iter().enumerate().filter(|(_, place)| place.weight > 0.0) {
        canvas.rect((place.x, top), (place.width.max(1.5), NODE), &format!("node c{}", node % COLOURS), None);
        let figure = number::number(place.weight, flow.unit);
        let name = &flow.nodes[node];
        let words = [format!("{name} {figure}"), name.clone(), figure];
        if let Some(words) = words.iter().find(|words| width_of(words, 12.0) + 6.0 < place.width) {
            canvas.text(place.x + place.width / 2.0, top + NODE / 2.0 + 4.5, Anchor::Middle, "halo small", words);
        }
    }
}

/// The names in their colours, in the order they stand from left to right.
fn legend(canvas: &mut Canvas, flow: &Flow, width: f64) {
    let (mut x, mut y) = (8.0, canvas.height + 16.0);
    for (node, name) in flow.nodes.iter().enumerate() {
        let words = wrap(name, width - 60.0, 12.0, 1).pop().unwrap_or_default();
        let needed = width_of(&words, 12.0) + 34.0;
        if x + needed > width && x > 8.0 {
            (x, y) = (8.0, y + 20.0);
        }
        canvas.mark(2, (x, y - 4.0), 5.0, &format!("c{}", node % COLOURS));
        canvas.text(x + 12.0, y, Anchor::Start, "soft", &words);
        x += needed;
    }
    canvas.height = y + 8.0;
}
