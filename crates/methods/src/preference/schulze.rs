//! `schulze`: one order even where majorities run in a cycle.

use crate::ballot::places;
use crate::contract::{Config, Descriptor, Law, MethodError, Segments};
use crate::preference::borda::orders_table;
use crate::preference::majority::note_cycles;
use crate::preference::matrix::{KINDS, Matrix, Pairwise, no_parameters, places_table};
use crate::report::{Cell, Column, Report, Table, Unit};
use crate::stats::people;

pub(crate) fn schulze() -> Pairwise {
    let descriptor = Descriptor {
        id: "schulze".into(),
        version: "1.1.0".into(),
        title: "Schulze order by margins".into(),
        answers: "Which order do majorities support, chains of majorities included?".into(),
        assumes: "A majority is as strong as its margin; a chain is as strong as its weakest majority.".into(),
        avoid_when: "People must be able to follow the count by hand: take borda.".into(),
        source: "Schulze 2011, Social Choice and Welfare 36; strength by margins".into(),
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

/// Strength of the strongest path from each candidate to each other, 0 where there is none.
fn strengths(matrix: &Matrix<'_>) -> Vec<i128> {
    let width = matrix.width();
    let mut strength: Vec<i128> = (0..width * width).map(|at| matrix.margin(at / width, at % width).max(0)).collect();
    for via in 0..width {
        for a in (0..width).filter(|&a| a != via) {
            for b in (0..width).filter(|&b| b != via && b != a) {
                let through = strength[a * width + via].min(strength[via * width + b]);
                strength[a * width + b] = strength[a * width + b].max(through);
            }
        }
    }
    strength
}

fn report(_: &Config, matrices: &[Matrix<'_>], mut report: Report) -> Result<Report, MethodError> {
    let mut paths = Vec::new();
    let mut placed = Vec::new();
    let mut orders = Vec::new();
    for matrix in matrices {
        let ids = &matrix.item.candidates;
        let width = matrix.width();
        let strength = strengths(matrix);
        let above = |a: usize, b: usize| strength[a * width + b] > strength[b * width + a];
        // The relation is transitive, so that counting victors gives an order that respects it.
        let places = places(width, above);
        let item: Cell = matrix.item.id.as_str().into();
        for (a, b) in matrix.pairs() {
            paths.push(vec![
                item.clone(),
                ids[a].as_str().into(),
                ids[b].as_str().into(),
                people(strength[a * width + b]).into(),
                people(matrix.margin(a, b)).into(),
                above(a, b).into(),
            ]);
        }
        placed.extend(matrix.place_rows(&places));
        orders.push(matrix.order_row(&places));
    }
    note_cycles(&mut report, matrices);
    report.tables.push(orders_table("Schulze order", orders));
    report.tables.push(places_table("Places in the Schulze order", placed));
    report.tables.push(Table {
        id: "paths".into(),
        title: "Strength of the strongest path".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("candidate", "From", Unit::None),
            Column::new("over", "To", Unit::None),
            Column::new("strength", "Strength", Unit::Weight),
            Column::new("margin", "Direct margin", Unit::Weight),
            Column::new("above", "Stands above", Unit::None),
        ],
        rows: paths,
    });
    Ok(report)
}
