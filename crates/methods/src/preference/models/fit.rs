//! The estimate of greatest likelihood.
//!
//! Hunter's MM steps (2004) multiply each worth by how often a candidate was chosen over how often the
//! model expects it. They are sure but slow: a step below the tolerance says little about the distance
//! left. Here the same two sums give Newton's step, which does say it, damped so that it never overshoots.

use super::choices::{Counts, Data, MOST_TIED, Set, members};
use super::davidson::Model;
use super::graph::groups;
use super::linear::{inverse, times};
use crate::stats::ratio;

/// The last step moves no parameter by more than this, against one more than its size.
pub(super) const TOLERANCE: f64 = 1e-10;
/// Most steps; a few dozen are many.
const MOST_STEPS: usize = 200;

/// A model fitted to choices.
pub(super) struct Fit {
    pub(super) model: Model,
    /// Log-worths of mean 0 over the candidates compared, then the log prevalence of each tie.
    pub(super) parameters: Vec<f64>,
    /// Sizes of the ties seen.
    pub(super) ties: Vec<usize>,
    pub(super) compared: Set,
    /// Inverse of the information of the choices, their weights over those of all answers.
    pub(super) bread: Vec<f64>,
    pub(super) steps: usize,
    /// Largest move of the last step.
    pub(super) change: f64,
}

/// The fit, or the reason why there is none.
pub(super) fn fit(data: &Data<'_>, counts: &Counts, candidates: &[&str]) -> Result<Fit, String> {
    let compared = counts.compared();
    if compared == 0 {
        return Err("no answer of weight compares two candidates".to_owned());
    }
    let groups = groups(&counts.reached, compared);
    if groups.len() > 1 {
        return Err(apart(&groups, candidates));
    }
    if counts.sizes[0] == 0 {
        return Err("every answer ties the candidates it compares".to_owned());
    }
    let ties: Vec<usize> = (2..=MOST_TIED).filter(|size| counts.sizes[size - 1] > 0).collect();
    let observed = observed(counts, &ties);
    let mut parameters = vec![0.0; observed.len()];
    for step in 1..=MOST_STEPS {
        let model = Model::new(data.width, &ties, &parameters);
        let (expected, bread) = expected(data, counts, &model, compared).ok_or(ENDLESS)?;
        let surplus: Vec<f64> = observed.iter().zip(&expected).map(|(o, e)| o - e).collect();
        let newton = times(&bread, &surplus);
        let factor = damping(&newton, data.width);
        let mut change = 0.0_f64;
        for (parameter, move_by) in parameters.iter_mut().zip(&newton) {
            *parameter += factor * move_by;
            change = change.max((factor * move_by).abs() / (1.0 + parameter.abs()));
        }
        if change <= TOLERANCE {
            let model = Model::new(data.width, &ties, &parameters);
            let (_, bread) = self::expected(data, counts, &model, compared).ok_or(ENDLESS)?;
            return Ok(Fit { model, parameters, ties, compared, bread, steps: step, change });
        }
    }
    Err(format!("the fit still moves by more than {TOLERANCE:e} after {MOST_STEPS} steps"))
}

const ENDLESS: &str =
    "the likelihood has no highest point: with these ties and victories some estimates grow without end";

/// Says which groups are apart.
fn apart(groups: &[Set], candidates: &[&str]) -> String {
    let names = |group: &Set| members(*group).map(|member| candidates[member]).collect::<Vec<_>>().join(", ");
    let groups: Vec<_> = groups.iter().map(|group| format!("{{{}}}", names(group))).collect();
    format!("no finite worths: between the groups {} comparisons are missing or all go one way", groups.join(", "))
}

/// Mean statistics of an answer.
fn observed(counts: &Counts, ties: &[usize]) -> Vec<f64> {
    let share = |sum: i128| ratio(sum, counts.answers.weight).unwrap_or(0.0);
    let candidate = |at: usize| (1..=MOST_TIED).map(|k| share(counts.chosen[k - 1][at]) / k as f64).sum();
    let worths = (0..counts.reached.len()).map(candidate);
    worths.chain(ties.iter().map(|&size| share(counts.sizes[size - 1]))).collect()
}

/// Mean statistics of an answer under the model, and the inverse of their information. Log-worths are
/// known up to a constant: their mean is held at 0, and those of candidates without a comparison at 0.
fn expected(data: &Data<'_>, counts: &Counts, model: &Model, compared: Set) -> Option<(Vec<f64>, Vec<f64>)> {
    let size = model.size();
    let mut mean = vec![0.0; size];
    // Its lower triangle is enough.
    let mut information = vec![0.0; size * size];
    data.each_set(counts, |set, weight| {
        let share = ratio(weight, counts.answers.weight).unwrap_or(0.0);
        model.add_moments(set, share, &mut mean, &mut information);
    });
    let hold = 1.0 / f64::from(compared.count_ones());
    for a in members(compared) {
        members(compared).take_while(|&b| b <= a).for_each(|b| information[a * size + b] += hold);
    }
    (0..data.width).filter(|at| compared >> at & 1 == 0).for_each(|at| information[at * size + at] = 1.0);
    Some((mean, inverse(&information, size)?))
}

/// The part of Newton's step that surely raises the likelihood: the third derivative along a direction is
/// at most the second times the range of the direction over possible choices (Sun and Tran-Dinh 2019).
fn damping(newton: &[f64], width: usize) -> f64 {
    let range = |steps: &[f64], start: f64| {
        let (low, high) = steps.iter().fold((start, start), |(low, high), &x| (low.min(x), high.max(x)));
        high - low
    };
    let reach = range(&newton[..width], newton[0]) + range(&newton[width..], 0.0);
    if reach > 0.0 { libm::log1p(reach) / reach } else { 1.0 }
}
