//! `pairwise`: candidates head to head.

use crate::contract::{Config, Descriptor, Law, MethodError, Segments};
use crate::preference::majority::{condorcet_winner, note_cycles, smith_set, unbeaten};
use crate::preference::matrix::{KINDS, Matrix, Pairwise, no_parameters};
use crate::report::{Cell, Chart, ChartKind, Column, Note, Report, Table, Unit};
use crate::stats::{effective, people, ratio};

pub(crate) fn pairwise() -> Pairwise {
    let descriptor = Descriptor {
        id: "pairwise".into(),
        version: "1.1.0".into(),
        title: "Pairwise support, Condorcet winner and Smith set".into(),
        answers: "Of each two candidates, which do more people prefer, and does one beat all others?".into(),
        assumes: "Only the direction of each comparison counts, not its distance. Ties support neither side.".into(),
        avoid_when: "A single order is wanted and majorities may run in a cycle: take schulze.".into(),
        source: "Condorcet 1785; Smith 1973".into(),
        kinds: KINDS.map(str::to_owned).into(),
        parameters: no_parameters(),
        max_passes: 1,
        segments: Segments::Host,
        bootstrap: true,
        participants: false,
        laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
    };
    Pairwise { descriptor, report }
}

fn report(_: &Config, matrices: &[Matrix<'_>], mut report: Report) -> Result<Report, MethodError> {
    let mut pairs = Vec::new();
    let mut winners = Vec::new();
    for matrix in matrices {
        let ids = &matrix.item.candidates;
        let item: Cell = matrix.item.id.as_str().into();
        for (a, b) in matrix.pairs() {
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
        let smith = names(matrix, &smith_set(matrix));
        let unbeaten = names(matrix, &unbeaten(matrix));
        let winner = condorcet_winner(matrix);
        let outcome = match (winner, unbeaten.is_empty()) {
            (Some(_), _) => "winner",
            (None, false) => "tie",
            (None, true) => "cycle",
        };
        if winner.is_none() {
            let words = format!("{}: no candidate beats every other; {} lead", matrix.item.id, smith.join(", "));
            report.notes.push(Note::info("no_condorcet_winner", words));
        }
        winners.push(vec![
            item,
            winner.map(|c| ids[c].as_str()).into(),
            outcome.into(),
            Some(unbeaten.join("=")).filter(|ids| !ids.is_empty()).into(),
            smith.join("=").into(),
            matrix.rows.into(),
            effective(matrix.weight, matrix.squares).into(),
        ]);
    }
    note_cycles(&mut report, matrices);
    report.tables.push(pairs_table(pairs));
    report.tables.push(winners_table(winners));
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
    Ok(report)
}

fn names<'a>(matrix: &'a Matrix<'_>, candidates: &[usize]) -> Vec<&'a str> {
    candidates.iter().map(|&c| matrix.item.candidates[c].as_str()).collect()
}

fn pairs_table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
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
        rows,
    }
}

fn winners_table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        id: "winners".into(),
        title: "Condorcet winners".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("winner", "Beats every other", Unit::None),
            Column::new("outcome", "Outcome", Unit::None),
            Column::new("unbeaten", "Beaten by nobody", Unit::None),
            Column::new("smith_set", "Smith set", Unit::None),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
        ],
        rows,
    }
}
