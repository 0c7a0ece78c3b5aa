//! `kemeny`: the order that contradicts people least.

use crate::contract::{Config, Descriptor, Law, MethodError, Segments};
use crate::preference::borda::orders_table;
use crate::preference::majority::note_cycles;
use crate::preference::matrix::{KINDS, Matrix, Pairwise, no_parameters, places_table};
use crate::report::{Cell, Column, Note, Report, Table, Unit};
use crate::stats::{people, ratio};

/// Most candidates of an item: the sets of candidates are walked one by one.
const MOST: usize = 12;

pub(crate) fn kemeny() -> Pairwise {
    let descriptor = Descriptor {
        id: "kemeny".into(),
        version: "1.0.0".into(),
        title: "Kemeny order, exact".into(),
        answers: "Which order contradicts the fewest of the comparisons that people made?".into(),
        assumes: "Every contradicted comparison costs the same, however far apart the two stand. A tie in an answer \
                  costs nothing. Where several orders are best, candidates that change places between them share a \
                  place, and so does whoever stands between them."
            .into(),
        avoid_when: "An item has more than 12 candidates, for which no order is given: take schulze or ranked-pairs."
            .into(),
        source:
            "Kemeny 1959; Young and Levenglick 1978; all best orders by dynamic programming over sets of candidates"
                .into(),
        kinds: KINDS.map(str::to_owned).into(),
        parameters: no_parameters(),
        max_passes: 1,
        segments: Segments::Host,
        bootstrap: false,
        participants: false,
        laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
    };
    Pairwise { descriptor, report }
}

/// The best orders of one item, not one by one but counted.
struct Best {
    width: usize,
    /// How many orders are best.
    orders: u64,
    /// In how many of them `a` stands above `b`.
    above: Vec<u64>,
    /// In how many of them a candidate stands first.
    first: Vec<u64>,
}

/// The most support that orders ending with the candidates of a set can add below it, and how many do.
#[derive(Clone, Copy)]
struct Rest {
    gain: i128,
    orders: u64,
}

/// The sum of margins that `c` gains as the first of the candidates of `set`.
fn gain_of_first(matrix: &Matrix<'_>, set: usize, c: usize) -> i128 {
    members(matrix.width(), set).filter(|&d| d != c).map(|d| matrix.margin(c, d)).sum()
}

fn members(width: usize, set: usize) -> impl Iterator<Item = usize> {
    (0..width).filter(move |c| set >> c & 1 == 1)
}

/// For each set of candidates, what the best orders of it gain.
fn rests(matrix: &Matrix<'_>) -> Vec<Rest> {
    let width = matrix.width();
    let mut rests = vec![Rest { gain: 0, orders: 1 }];
    for set in 1..1_usize << width {
        let mut best = Rest { gain: i128::MIN, orders: 0 };
        for c in members(width, set) {
            let rest = rests[set & !(1 << c)];
            let gain = gain_of_first(matrix, set, c) + rest.gain;
            if gain > best.gain {
                best = Rest { gain, orders: rest.orders };
            } else if gain == best.gain {
                best.orders += rest.orders;
            }
        }
        rests.push(best);
    }
    rests
}

/// Counts the best orders, walking from the whole set down along the choices that lose nothing.
fn best(matrix: &Matrix<'_>) -> Best {
    let width = matrix.width();
    let rests = rests(matrix);
    let all = rests.len() - 1;
    let mut best = Best { width, orders: rests[all].orders, above: vec![0; width * width], first: vec![0; width] };
    // Ways to fill the places above a set.
    let mut ways = vec![0_u64; rests.len()];
    ways[all] = 1;
    for set in (1..=all).rev() {
        if ways[set] == 0 {
            continue;
        }
        for c in members(width, set) {
            let below = set & !(1 << c);
            if gain_of_first(matrix, set, c) + rests[below].gain != rests[set].gain {
                continue;
            }
            ways[below] += ways[set];
            let orders = ways[set] * rests[below].orders;
            members(width, below).for_each(|d| best.above[c * width + d] += orders);
            if set == all {
                best.first[c] = orders;
            }
        }
    }
    best
}

impl Best {
    /// Whether every best order puts `a` above `b`.
    fn settled(&self, a: usize, b: usize) -> bool {
        self.above[a * self.width + b] == self.orders
    }

    /// Places: those that change places share one, with all between them.
    fn places(&self) -> Vec<i64> {
        let mut group: Vec<usize> = (0..self.width).collect();
        for a in 0..self.width {
            for b in (0..a).filter(|&b| !self.settled(a, b) && !self.settled(b, a)) {
                let (from, to) = (group[a], group[b]);
                group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
            }
        }
        let is_above = |b: usize, a: usize| group[a] != group[b] && self.settled(b, a);
        (0..self.width).map(|a| 1 + (0..self.width).filter(|&b| is_above(b, a)).count() as i64).collect()
    }
}

fn report(_: &Config, matrices: &[Matrix<'_>], mut report: Report) -> Result<Report, MethodError> {
    let (narrow, wide): (Vec<_>, Vec<_>) = matrices.iter().partition(|matrix| matrix.width() <= MOST);
    if narrow.is_empty() {
        return Err(MethodError::Undefined(format!("every item has more than {MOST} candidates")));
    }
    if !wide.is_empty() {
        let ids: Vec<&str> = wide.iter().map(|matrix| matrix.item.id.as_str()).collect();
        let words = format!("no order for {}: more than {MOST} candidates", ids.join(", "));
        report.notes.push(Note::warning("too_many_candidates", words));
    }
    let mut orders = Vec::new();
    let mut placed = Vec::new();
    let mut items = Vec::new();
    let mut pairs = Vec::new();
    for matrix in narrow {
        let ids = &matrix.item.candidates;
        let item: Cell = matrix.item.id.as_str().into();
        let best = best(matrix);
        let places = best.places();
        let share = |orders: u64| ratio(i128::from(orders), i128::from(best.orders));
        placed.extend(matrix.place_rows(&places));
        for (a, b) in matrix.pairs() {
            let of_orders = share(best.above[a * best.width + b]);
            pairs.push(vec![item.clone(), ids[a].as_str().into(), ids[b].as_str().into(), of_orders.into()]);
        }
        items.push(item_row(matrix, &best));
        if best.orders > 1 {
            let words = format!("{}: {} orders contradict people equally little", matrix.item.id, best.orders);
            report.notes.push(Note::info("several_best_orders", words));
        }
        orders.push(matrix.order_row(&places));
    }
    note_cycles(&mut report, matrices);
    report.tables.push(orders_table("Kemeny order", orders));
    report.tables.push(places_table("Places in the Kemeny order", placed));
    report.tables.push(items_table(items));
    report.tables.push(pairs_table(pairs));
    Ok(report)
}

fn item_row(matrix: &Matrix<'_>, best: &Best) -> Vec<Cell> {
    let ids = &matrix.item.candidates;
    let first: Vec<&str> = (0..ids.len()).filter(|&c| best.first[c] > 0).map(|c| ids[c].as_str()).collect();
    let (kept, against) = agreement(matrix, best);
    vec![
        matrix.item.id.as_str().into(),
        // The cast is exact: there are at most 12! orders.
        (best.orders as i64).into(),
        first.join("=").into(),
        people(against).into(),
        ratio(kept, kept + against).into(),
    ]
}

/// Weight of comparisons that every best order keeps, and that it contradicts.
fn agreement(matrix: &Matrix<'_>, best: &Best) -> (i128, i128) {
    let weighted = |a: usize, b: usize| i128::from(best.above[a * best.width + b]);
    let kept: i128 = matrix.pairs().map(|(a, b)| weighted(a, b) * matrix.support(a, b)).sum();
    let against: i128 = matrix.pairs().map(|(a, b)| weighted(a, b) * matrix.support(b, a)).sum();
    // All best orders keep as much as each other, so that their mean is what each keeps.
    (kept / i128::from(best.orders), against / i128::from(best.orders))
}

fn items_table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        id: "items".into(),
        title: "How good the best order is".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("best_orders", "Orders that are best", Unit::Count),
            Column::new("first", "First in a best order", Unit::None),
            Column::new("contradicted", "Comparisons contradicted", Unit::Weight),
            Column::new("kept", "Share of comparisons kept", Unit::Share),
        ],
        rows,
    }
}

fn pairs_table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        id: "pairs".into(),
        title: "How many of the best orders put one above the other".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("candidate", "Candidate", Unit::None),
            Column::new("over", "Over", Unit::None),
            Column::new("share", "Share of the best orders", Unit::Share),
        ],
        rows,
    }
}
