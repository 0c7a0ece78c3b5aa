//! `copeland`: how many others each candidate beats.

use crate::ballot::places;
use crate::contract::{Config, Descriptor, Law, MethodError, Segments};
use crate::preference::borda::orders_table;
use crate::preference::majority::note_cycles;
use crate::preference::matrix::{KINDS, Matrix, Pairwise, no_parameters};
use crate::report::{Cell, Column, Report, Table, Unit};
use crate::stats::effective;

pub(crate) fn copeland() -> Pairwise {
    let descriptor = Descriptor {
        id: "copeland".into(),
        version: "1.1.0".into(),
        title: "Copeland order".into(),
        answers: "How many of the other candidates does each candidate beat head to head?".into(),
        assumes: "A narrow victory counts as much as a wide one; an even match counts half.".into(),
        avoid_when: "There are few candidates, so that scores often tie: take schulze or borda.".into(),
        source: "Copeland 1951".into(),
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

fn report(_: &Config, matrices: &[Matrix<'_>], mut report: Report) -> Result<Report, MethodError> {
    let mut rows = Vec::new();
    let mut orders = Vec::new();
    for matrix in matrices {
        let width = matrix.width();
        let count = |a: usize, sign: i128| {
            (0..width).filter(|&b| b != a && matrix.margin(a, b).signum() == sign).count() as i64
        };
        let twice = |a: usize| 2 * count(a, 1) + count(a, 0);
        let places = places(width, |i, j| twice(i) > twice(j));
        let n_eff = effective(matrix.weight, matrix.squares);
        let item: Cell = matrix.item.id.as_str().into();
        for (a, candidate) in matrix.item.candidates.iter().enumerate() {
            rows.push(vec![
                item.clone(),
                candidate.as_str().into(),
                places[a].into(),
                (twice(a) as f64 / 2.0).into(),
                count(a, 1).into(),
                count(a, -1).into(),
                count(a, 0).into(),
                matrix.rows.into(),
                n_eff.into(),
            ]);
        }
        orders.push(matrix.order_row(&places));
    }
    note_cycles(&mut report, matrices);
    report.tables.push(Table {
        id: "candidates".into(),
        title: "Copeland scores".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("candidate", "Candidate", Unit::None),
            Column::new("place", "Place", Unit::Count),
            Column::new("score", "Victories, even matches half", Unit::Score),
            Column::new("won", "Won", Unit::Count),
            Column::new("lost", "Lost", Unit::Count),
            Column::new("even", "Even", Unit::Count),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
        ],
        rows,
    });
    report.tables.push(orders_table("Order by Copeland score", orders));
    Ok(report)
}
