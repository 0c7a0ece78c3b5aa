//! What happened on the way to the estimates, in words.

use super::choices::{Lowering, MOST_TIED};
use super::fit::TOLERANCE;
use super::tables::Both;
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

/// What is worth saying of single items, a note for each kind of thing.
pub(super) fn of_items(estimates: &[Both<'_>]) -> Vec<Note> {
    let listed = |said: &dyn Fn(&Both<'_>) -> Option<String>| -> Option<String> {
        let found: Vec<_> = estimates.iter().filter_map(said).collect();
        (!found.is_empty()).then(|| found.join(", "))
    };
    let label = |(fitted, _): &Both<'_>| fitted.label.to_owned();
    let counted = |(fitted, _): &Both<'_>, count: u64| (count > 0).then(|| format!("{} ({count})", fitted.label));
    let not_compared = listed(&not_compared).map(|items| {
        Note::info("not_compared", format!("nobody compared these candidates, so that they have no worth: {items}"))
    });
    let no_ties = listed(&|both| both.1.fit.ties.is_empty().then(|| label(both))).map(|items| {
        Note::info("no_ties", format!("nobody tied candidates, so that ties have prevalence 0 and no error: {items}"))
    });
    let no_choice = listed(&|both| counted(both, both.0.counts.answers.empty))
        .map(|items| Note::info("no_choice", format!("answers that compare nothing, and count for nothing: {items}")));
    let large_ties = listed(&|both| counted(both, both.0.counts.large_ties)).map(|items| {
        let words = format!(
            "answers that tie more than {MOST_TIED} candidates, where how the tie came about is left out and what \
             stands below it is not: {items}"
        );
        Note::warning("large_ties", words)
    });
    let few = listed(&|both| (both.1.errors.clusters < FEW_CLUSTERS).then(|| label(both))).map(|items| {
        let words = format!("fewer than {FEW_CLUSTERS} participants, so that errors may be too small: {items}");
        Note::warning("few_participants", words)
    });
    [not_compared, no_ties, no_choice, large_ties, few].into_iter().flatten().collect()
}

/// The candidates of the item without a comparison, if any.
fn not_compared((fitted, estimate): &Both<'_>) -> Option<String> {
    let apart = (0..fitted.candidates.len()).filter(|&at| !estimate.compared(at));
    let apart: Vec<_> = apart.map(|at| fitted.candidates[at]).collect();
    (!apart.is_empty()).then(|| format!("{} ({})", fitted.label, apart.join(", ")))
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
