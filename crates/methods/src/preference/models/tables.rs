//! The tables of fitted models.

use super::choices::members;
use super::estimate::{Estimate, Fitted};
use crate::ballot::order_text;
use crate::report::{Cell, Column, Table, Unit};
use crate::stats::people;

/// An item with its estimate.
pub(super) type Both<'a> = (&'a Fitted<'a>, &'a Estimate);

fn ends(interval: Option<(f64, f64)>) -> [Cell; 2] {
    [interval.map(|ends| ends.0).into(), interval.map(|ends| ends.1).into()]
}

/// Worths and log-worths.
pub(super) fn candidates_table(estimates: &[Both<'_>]) -> Table {
    let mut rows = Vec::new();
    for (fitted, estimate) in estimates {
        let places = estimate.places();
        for (at, candidate) in fitted.candidates.iter().enumerate() {
            let compared = estimate.compared(at);
            let log_worth = compared.then(|| estimate.log_worth(at));
            let mut row: Vec<Cell> = vec![fitted.label.into(), (*candidate).into(), places[at].into()];
            row.push(compared.then(|| estimate.worths[at]).into());
            row.extend(ends(compared.then(|| estimate.worth_ends(at)).flatten()));
            row.push(log_worth.as_ref().map(|interval| interval.value).into());
            row.extend(ends(log_worth.as_ref().and_then(|interval| interval.ends)));
            row.push(log_worth.as_ref().and_then(|interval| interval.error).into());
            row.push((fitted.counts.answers.rows as i64).into());
            row.push(fitted.n_eff().into());
            rows.push(row);
        }
    }
    Table {
        id: "candidates".into(),
        title: "Worths".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("candidate", "Candidate", Unit::None),
            Column::new("place", "Place", Unit::Count),
            Column::estimate("worth", "Worth, sum 1", Unit::Share),
            Column::new("worth_low", "Lower end", Unit::Share),
            Column::new("worth_high", "Upper end", Unit::Share),
            Column::estimate("log_worth", "Log-worth, mean 0", Unit::Score),
            Column::new("log_worth_low", "Lower end", Unit::Score),
            Column::new("log_worth_high", "Upper end", Unit::Score),
            Column::new("log_worth_se", "Standard error", Unit::Score),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
        ],
        rows,
    }
}

/// A row of the orders.
pub(super) fn order_row((fitted, estimate): &Both<'_>) -> Vec<Cell> {
    let ids: Vec<String> = fitted.candidates.iter().map(|id| (*id).to_owned()).collect();
    let order = order_text(&ids, &estimate.places());
    vec![fitted.label.into(), order.into(), (fitted.counts.answers.rows as i64).into(), fitted.n_eff().into()]
}

/// Chances and differences of every two candidates, both ways.
pub(super) fn pairs_table(estimates: &[Both<'_>]) -> Table {
    let mut rows = Vec::new();
    for (fitted, estimate) in estimates {
        let compared = || members(estimate.fit.compared);
        for (a, b) in compared().flat_map(|a| compared().map(move |b| (a, b))).filter(|(a, b)| a != b) {
            let (above, level_with) = estimate.chances(a, b);
            let difference = estimate.difference(a, b);
            let mut row: Vec<Cell> =
                vec![fitted.label.into(), fitted.candidates[a].into(), fitted.candidates[b].into()];
            row.extend([above.into(), level_with.into(), difference.value.into()]);
            row.extend(ends(difference.ends));
            rows.push(row);
        }
    }
    Table {
        id: "pairs".into(),
        title: "What the model expects of two candidates".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("candidate", "Candidate", Unit::None),
            Column::new("over", "Over", Unit::None),
            Column::estimate("probability", "Chance to stand above", Unit::Share),
            Column::estimate("tie", "Chance to stand level", Unit::Share),
            Column::estimate("difference", "Difference of log-worths", Unit::Score),
            Column::new("difference_low", "Lower end", Unit::Score),
            Column::new("difference_high", "Upper end", Unit::Score),
        ],
        rows,
    }
}

/// Prevalence of the ties seen.
pub(super) fn ties_table(estimates: &[Both<'_>]) -> Table {
    let mut rows = Vec::new();
    for (fitted, estimate) in estimates {
        for (tie, &size) in estimate.fit.ties.iter().enumerate() {
            let log = estimate.log_prevalence(tie);
            let mut row: Vec<Cell> = vec![fitted.label.into(), (size as i64).into()];
            row.push(libm::exp(log.value).into());
            row.extend(ends(log.ends.map(|(low, high)| (libm::exp(low), libm::exp(high)))));
            row.push(log.error.into());
            row.push(people(fitted.counts.sizes[size - 1]).into());
            rows.push(row);
        }
    }
    Table {
        id: "ties".into(),
        title: "How common ties are".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("size", "Candidates tied", Unit::Count),
            Column::estimate("prevalence", "Tie parameter", Unit::Score),
            Column::new("prevalence_low", "Lower end", Unit::Score),
            Column::new("prevalence_high", "Upper end", Unit::Score),
            Column::new("log_prevalence_se", "Standard error of its logarithm", Unit::Score),
            Column::new("weight", "Ties seen, weighted", Unit::Weight),
        ],
        rows,
    }
}

/// How each fit went.
pub(super) fn fits_table(estimates: &[Both<'_>]) -> Table {
    let row = |(fitted, estimate): &Both<'_>| -> Vec<Cell> {
        let choices: i128 = fitted.counts.sizes.iter().sum();
        vec![
            fitted.label.into(),
            (fitted.counts.answers.rows as i64).into(),
            fitted.n_eff().into(),
            (estimate.errors.clusters as i64).into(),
            people(choices).into(),
            (estimate.fit.steps as i64).into(),
            estimate.fit.change.into(),
        ]
    };
    Table {
        id: "fits".into(),
        title: "Fits".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
            Column::new("clusters", "Participants", Unit::Count),
            Column::new("choices", "Choices, weighted", Unit::Weight),
            Column::new("steps", "Steps of the fit", Unit::Count),
            Column::new("change", "Largest move of the last step", Unit::Score),
        ],
        rows: estimates.iter().map(row).collect(),
    }
}
