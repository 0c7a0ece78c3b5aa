//! What happened on the way to the estimates, in words.

use super::choices::{Lowering, MOST_TIED};
use super::estimate::{Estimate, Fitted};
use super::fit::TOLERANCE;
use crate::report::Note;

/// With fewer participants a sandwich is known to be too narrow.
const FEW_CLUSTERS: u64 = 40;

/// What holds for every item.
pub(super) fn about(lowering: Lowering, level: f64) -> [Note; 3] {
    let converged = format!(
        "every fit converged: its last step moved no estimate by more than {TOLERANCE:e} of one more than its size"
    );
    let intervals = format!(
        "intervals at {level} are Student's, with the sandwich error clustered by participant (times participants \
         over one less); those of one candidate are about its distance from the mean of all, so that two candidates \
         are told apart by the table of pairs, not by whether their intervals overlap"
    );
    [Note::info("variant", variant(lowering)), Note::info("converged", converged), Note::info("intervals", intervals)]
}

/// What is worth saying of one fit.
pub(super) fn of_item(fitted: &Fitted<'_>, estimate: &Estimate) -> Vec<Note> {
    let item = fitted.label;
    let counts = &fitted.counts;
    let mut notes = Vec::new();
    let apart = (0..fitted.candidates.len()).filter(|&at| !estimate.compared(at));
    let apart: Vec<_> = apart.map(|at| fitted.candidates[at]).collect();
    if !apart.is_empty() {
        let words = format!("{item}: nobody compared {}, so that they have no worth", apart.join(", "));
        notes.push(Note::info("not_compared", words));
    }
    if estimate.fit.ties.is_empty() {
        let words = format!("{item}: nobody tied candidates, so that ties have prevalence 0 and no error");
        notes.push(Note::info("no_ties", words));
    }
    if counts.answers.empty > 0 {
        let words = format!("{item}: {} answers compare nothing and count for nothing", counts.answers.empty);
        notes.push(Note::info("no_choice", words));
    }
    if counts.large_ties > 0 {
        let words = format!(
            "{item}: {} answers tie more than {MOST_TIED} candidates; how such a tie came about is left out, what \
             stands below it is not",
            counts.large_ties
        );
        notes.push(Note::warning("large_ties", words));
    }
    if estimate.errors.clusters < FEW_CLUSTERS {
        let words = format!("{item}: {} participants are few for a sandwich error", estimate.errors.clusters);
        notes.push(Note::warning("few_participants", words));
    }
    notes
}

fn variant(lowering: Lowering) -> &'static str {
    match lowering {
        Lowering::Pairs => {
            "a ranking counts as the comparisons of every two candidates shown in it; a candidate left out stands \
             below those ranked, two left out are not compared; ties as in Davidson's model"
        }
        Lowering::Stages => {
            "a ranking counts as a row of choices, each from all candidates shown and not yet taken; what stands \
             among those left out is unknown; ties as in the model of Davidson and Luce, of 2 to 4 candidates"
        }
    }
}
