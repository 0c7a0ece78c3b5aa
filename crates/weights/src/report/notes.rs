//! What happened, and what should make one hesitate.

use folkmoot_fold::report::Note;

use super::levels::Level;
use super::spread::Spread;
use crate::plan::{Fit, Plan};
use crate::weighting::{Distance, Method, Weighting};

/// Design effects above these are worth a warning, and somebody's word that they are accepted.
const HIGH: f64 = 1.5;
const VERY_HIGH: f64 = 2.5;
/// A largest weight above this many means is worth a warning.
const LARGE: f64 = 5.0;
/// Levels with fewer participants, or a smaller share of them, are better collapsed.
const FEW: usize = 30;
const SMALL: f64 = 0.05;

pub(super) fn all(plan: &Plan<'_>, fit: &Fit, levels: &[Level], weights: &Spread) -> Vec<Note> {
    let mut notes = vec![fitted(plan, fit)];
    notes.extend(kept(plan));
    notes.extend(trimmed(plan, fit));
    notes.extend(costs(weights));
    notes.extend(small(levels));
    notes
}

fn fitted(plan: &Plan<'_>, fit: &Fit) -> Note {
    let margins = plan.margins.iter().map(|margin| margin.name.as_str()).collect::<Vec<_>>().join(", ");
    let Weighting { tolerance, .. } = plan.weighting;
    if !fit.converged {
        let words = format!(
            "{} to the targets of {margins} and trimmed: shares are up to {:.1e} away from their targets; the weights \
             add up to {}",
            name(&plan.weighting),
            fit.gap,
            plan.total()
        );
        return Note::info("weighted", words);
    }
    let words = format!(
        "{} to the targets of {margins}: every share is within {:.1e} of its target after {} iterations \
         (tolerance {tolerance:e}); the weights add up to {}",
        name(&plan.weighting),
        fit.gap,
        fit.iterations,
        plan.total(),
    );
    Note::info("weighted", words)
}

fn name(weighting: &Weighting) -> String {
    let distance = match weighting.distance.unwrap_or(Distance::Raking) {
        Distance::Linear => "linear distance (GREG)",
        Distance::Raking => "raking distance",
        Distance::Logit => "logit distance",
        Distance::TruncatedLinear => "truncated linear distance",
    };
    let bounds = weighting.lower.zip(weighting.upper);
    let bounds = bounds.map(|(lower, upper)| format!(", {lower} to {upper} times the base weights"));
    match weighting.method {
        Method::Rake => "raked".to_owned(),
        Method::Poststratify => "poststratified".to_owned(),
        Method::Calibrate => format!("calibrated by the {distance}{}", bounds.unwrap_or_default()),
    }
}

fn kept(plan: &Plan<'_>) -> Option<Note> {
    let unknown = plan.margins.iter().flat_map(|margin| {
        let groups = margin.groups.iter().filter(|group| group.target.is_none());
        groups.map(|group| format!("{} of {}", group.people, margin.name))
    });
    let unknown: Vec<_> = unknown.collect();
    let words = "participants whose level is not known kept their share of the base weights";
    (!unknown.is_empty()).then(|| Note::info("unknown_levels", format!("{words}: {}", unknown.join(", "))))
}

fn trimmed(plan: &Plan<'_>, fit: &Fit) -> Vec<Note> {
    let (Some(trimmed), Some(limit)) = (fit.trimmed, plan.weighting.trim) else {
        return Vec::new();
    };
    let words = format!(
        "{} participants have the largest weight allowed, {limit} times the mean, after {} rounds of trimming and \
         raking again",
        trimmed.people, trimmed.rounds
    );
    let mut notes = vec![Note::info("trimmed", words)];
    if !fit.converged {
        let words = format!("trimming left shares up to {:.6} away from their targets; see the table levels", fit.gap);
        notes.push(Note::warning("trim_margin_error", words));
    }
    notes
}

fn costs(weights: &Spread) -> Vec<Note> {
    let (deff, largest) = (weights.design_effect(), weights.max_over_mean());
    let mut notes = Vec::new();
    if deff > HIGH {
        let words = format!(
            "Kish's design effect of the weights is {deff:.2} (above {HIGH}): {:.0} effective participants; the design \
             effect of an estimate depends on its answers and may be another",
            weights.n_eff()
        );
        notes.push(Note::warning("design_effect", words));
    }
    if deff > VERY_HIGH {
        let words = format!("a design effect of {deff:.2} (above {VERY_HIGH}) needs somebody to answer for it");
        notes.push(Note::warning("sign_off", words));
    }
    if largest > LARGE {
        let words = format!("the largest weight is {largest:.1} times the mean (above {LARGE}); consider a limit");
        notes.push(Note::warning("large_weights", words));
    }
    notes
}

fn small(levels: &[Level]) -> Option<Note> {
    let is_small = |level: &&Level| level.people < FEW || level.share_n < SMALL;
    let words = |level: &Level| {
        format!("{}={} ({} participants, {:.1} %)", level.margin, level.label, level.people, 100.0 * level.share_n)
    };
    let small: Vec<_> = levels.iter().filter(is_small).map(words).collect();
    let advice = format!(
        "levels with fewer than {FEW} participants or less than {:.0} % of them make weights unsteady; consider \
         collapsing each with a level that is like it (nothing was collapsed)",
        100.0 * SMALL
    );
    (!small.is_empty()).then(|| Note::info("collapse_levels", format!("{advice}: {}", small.join(", "))))
}
