//! Standard errors that hold when the choices of one participant hang together and when the model is
//! wrong: the sandwich, with participants as clusters (Huber 1967; Liang and Zeger 1986).

use super::choices::{Counts, Data};
use super::fit::Fit;
use super::linear::{dot, sandwich};
use crate::stats::student_quantile;

/// The covariance of the estimates.
pub(super) struct Errors {
    matrix: Vec<f64>,
    size: usize,
    /// Participants.
    pub(super) clusters: u64,
    /// Student's t of an interval, with one degree of freedom fewer than participants.
    t: Option<f64>,
}

impl Errors {
    /// Standard error of the sum of the estimates times `factors`, which may leave out the last ones;
    /// none with fewer than two participants.
    pub(super) fn of(&self, factors: &[f64]) -> Option<f64> {
        let of_row = |row: &[f64]| dot(row, factors);
        let variance: f64 = self.matrix.chunks_exact(self.size).zip(factors).map(|(row, f)| f * of_row(row)).sum();
        (self.clusters > 1).then(|| libm::sqrt(variance.max(0.0)))
    }

    /// The ends of the interval around `value` with that standard error.
    pub(super) fn ends(&self, value: f64, error: f64) -> Option<(f64, f64)> {
        let half = self.t? * error;
        Some((value - half, value + half))
    }
}

/// The errors of a fit, with intervals at `level`. A participant has one answer to an item, so that answers are clusters unless
/// several items are fitted together.
pub(super) fn errors(data: &Data<'_>, counts: &Counts, fit: &Fit, level: f64) -> Errors {
    let size = fit.parameters.len();
    let (meat, clusters) = match data.by_participant {
        true => of_participants(data, counts, fit),
        false => (of_answers(data, counts, fit), counts.answers.rows),
    };
    let matrix = sandwich(&fit.bread, &meat, size);
    let correction = if clusters > 1 { clusters as f64 / (clusters as f64 - 1.0) } else { 0.0 };
    let matrix = matrix.into_iter().map(|x| correction * x).collect();
    let t = (clusters > 1).then(|| student_quantile(0.5 + level / 2.0, clusters as f64 - 1.0));
    Errors { matrix, size, clusters, t }
}

/// Adds what an answer's choices have over what the model expects of them, times `scale`; says whether it
/// holds any.
fn add_score(data: &Data<'_>, fit: &Fit, tiers: &[u8], places: &[usize], scale: f64, to: &mut [f64]) -> bool {
    let mut any = false;
    data.lowering.lower(tiers, places, |choice| {
        any = true;
        fit.model.add_chosen(choice.chosen, scale, to);
        fit.model.add_mean(choice.from, -scale, to);
    });
    any
}

fn of_answers(data: &Data<'_>, counts: &Counts, fit: &Fit) -> Vec<f64> {
    let size = fit.parameters.len();
    let total = counts.answers.weight as f64;
    let mut meat = vec![0.0; size * size];
    let mut score = vec![0.0; size];
    data.each_answer(|tiers, places, tally| {
        score.fill(0.0);
        add_score(data, fit, tiers, places, 1.0, &mut score);
        add_square(&score, tally.squares as f64 / total / total, &mut meat);
    });
    meat
}

/// Scores are summed in the order of items within a participant and in the order of scores over
/// participants, so that the sum does not depend on their numbers.
fn of_participants(data: &Data<'_>, counts: &Counts, fit: &Fit) -> (Vec<f64>, u64) {
    let size = fit.parameters.len();
    let total = counts.answers.weight as f64;
    let of_item = |answers| data.answers_of(answers);
    let mut rows: Vec<_> = (0..data.answers.len()).flat_map(of_item).collect();
    rows.sort_by_key(|(participant, ..)| *participant);
    let mut scores: Vec<Vec<f64>> = Vec::new();
    for of_one in rows.chunk_by(|a, b| a.0 == b.0) {
        let mut score = vec![0.0; size];
        let mut any = false;
        for &(_, tiers, places, tally) in of_one {
            any |= add_score(data, fit, tiers, places, tally.weight as f64 / total, &mut score);
        }
        if any {
            scores.push(score);
        }
    }
    let in_order = |a: &f64, b: &f64| a.total_cmp(b);
    scores.sort_by(|a, b| {
        let places = a.iter().zip(b).map(|(a, b)| in_order(a, b));
        places.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
    });
    let mut meat = vec![0.0; size * size];
    scores.iter().for_each(|score| add_square(score, 1.0, &mut meat));
    (meat, scores.len() as u64)
}

/// Adds `scale` times the vector times itself to the rows of `to`.
fn add_square(vector: &[f64], scale: f64, to: &mut [f64]) {
    for (&a, row) in vector.iter().zip(to.chunks_exact_mut(vector.len())) {
        let part = scale * a;
        row.iter_mut().zip(vector).for_each(|(sum, b)| *sum += part * b);
    }
}
