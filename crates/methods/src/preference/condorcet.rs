//! `pairwise` and `copeland`: candidates head to head.

use crate::ballot::{order_text, places};
use crate::contract::{Descriptor, Law, Segments};
use crate::preference::borda::orders_table;
use crate::preference::matrix::{KINDS, Matrix, Pairwise, no_parameters};
use crate::report::{Cell, Chart, ChartKind, Column, Note, Report, Table, Unit};
use crate::stats::{effective, people, ratio};

pub(crate) fn pairwise() -> Pairwise {
    let descriptor = Descriptor {
        id: "pairwise".into(),
        version: "1.0.0".into(),
        title: "Pairwise support, Condorcet winner and Smith set".into(),
        answers: "Of each two candidates, which do more people prefer, and does one beat all others?".into(),
        assumes: "Only the direction of each comparison counts, not its distance. Ties support neither side.".into(),
        avoid_when: "A single order is wanted and majorities may run in a circle: take schulze.".into(),
        source: "Condorcet 1785; Smith 1973".into(),
        kinds: KINDS.map(str::to_owned).into(),
        parameters: no_parameters(),
        max_passes: 1,
        segments: Segments::Host,
        bootstrap: true,
        participants: false,
        laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
    };
    Pairwise { descriptor, report: pairwise_report }
}

pub(crate) fn copeland() -> Pairwise {
    let descriptor = Descriptor {
        id: "copeland".into(),
        version: "1.0.0".into(),
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
    Pairwise { descriptor, report: copeland_report }
}

fn condorcet_winner(matrix: &Matrix<'_>) -> Option<usize> {
    let width = matrix.width();
    (0..width).find(|&a| (0..width).all(|b| a == b || matrix.margin(a, b) > 0))
}

/// The smallest set whose members each beat everybody outside: those who reach all others over
/// matches that were not lost.
fn smith_set(matrix: &Matrix<'_>) -> Vec<usize> {
    let width = matrix.width();
    let mut reach: Vec<bool> = (0..width * width).map(|at| matrix.margin(at / width, at % width) >= 0).collect();
    for via in 0..width {
        for a in 0..width {
            for b in 0..width {
                reach[a * width + b] |= reach[a * width + via] && reach[via * width + b];
            }
        }
    }
    (0..width).filter(|&a| (0..width).all(|b| reach[a * width + b])).collect()
}

fn pairwise_report(matrices: &[Matrix<'_>], mut report: Report) -> Report {
    let mut pairs = Vec::new();
    let mut winners = Vec::new();
    for matrix in matrices {
        let ids = &matrix.item.candidates;
        let item: Cell = matrix.item.id.as_str().into();
        for (a, b) in (0..ids.len()).flat_map(|a| (0..ids.len()).map(move |b| (a, b))).filter(|(a, b)| a != b) {
            pairs.push(vec![
                item.clone(),
                ids[a].as_str().into(),
                ids[b].as_str().into(),
                people(matrix.support(a, b)).into(),
                people(matrix.compared(a, b)).into(),
                ratio(matrix.support(a, b), matrix.compared(a, b)).into(),
                ratio(matrix.margin(a, b), matrix.compared(a, b)).into(),
            ]);
        }
        let smith: Vec<_> = smith_set(matrix).into_iter().map(|c| ids[c].as_str()).collect();
        let winner = condorcet_winner(matrix);
        if winner.is_none() {
            let words = format!("{}: no candidate beats every other; {} lead", matrix.item.id, smith.join(", "));
            report.notes.push(Note::info("no_condorcet_winner", words));
        }
        winners.push(vec![
            item,
            winner.map(|c| ids[c].as_str()).into(),
            smith.join("=").into(),
            matrix.rows.into(),
            effective(matrix.weight, matrix.squares).into(),
        ]);
    }
    report.tables.push(Table {
        id: "pairs".into(),
        title: "Support of each candidate over each other".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("candidate", "Candidate", Unit::None),
            Column::new("over", "Over", Unit::None),
            Column::new("support", "Support", Unit::Weight),
            Column::new("compared", "Were shown both", Unit::Weight),
            Column::estimate("share", "Share in support", Unit::Share),
            Column::estimate("margin", "Support less opposition", Unit::Correlation),
        ],
        rows: pairs,
    });
    report.tables.push(Table {
        id: "winners".into(),
        title: "Condorcet winners".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("winner", "Beats every other", Unit::None),
            Column::new("smith_set", "Smith set", Unit::None),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
        ],
        rows: winners,
    });
    report.charts.push(Chart {
        id: "pairs".into(),
        title: "Support of row over column".into(),
        kind: ChartKind::HeatMap,
        table: "pairs".into(),
        x: "over".into(),
        y: "candidate".into(),
        group: Some("item".into()),
        value: Some("share".into()),
    });
    report
}

fn copeland_report(matrices: &[Matrix<'_>], mut report: Report) -> Report {
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
        let order = order_text(&matrix.item.candidates, &places);
        orders.push(vec![item, order.into(), matrix.rows.into(), n_eff.into()]);
    }
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
    report
}
