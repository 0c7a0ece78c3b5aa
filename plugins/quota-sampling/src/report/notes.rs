//! What a reader must know beside the figures.

use folkmoot_plugin_sdk::{Cell, Note, Table};

use super::{FEWEST, MOST_BY_REGION, design_effect, share};
use crate::setup::Level;
use crate::tally::Tally;
use crate::words::{list, participants, percent};

/// Design effects and largest weights above these are told.
const HIGH_EFFECT: f64 = 1.5;
const VERY_HIGH_EFFECT: f64 = 2.5;
const HIGH_RATIO: f64 = 5.0;
/// Regions below these are proposed for collapsing.
const SMALL_COUNT: u64 = 30;
const SMALL_SHARE: f64 = 0.05;

/// The notes, the most important first.
pub(super) fn notes(tally: &Tally, items: &Table, by_region: Option<&Table>) -> Vec<Note> {
    let mut notes = vec![
        Note::warning(
            "non_probability",
            "a first-come quota sample is not a probability sample; the interval is model-based: it takes those who \
             answered for a random part of their stratum",
        ),
        Note::info(
            "intervals",
            "shares: Wilson's interval with the effective n of the linearised standard error, at most the number of \
             answers; shares by region: Wilson's interval with Kish's effective n",
        ),
    ];
    about_people(tally, &mut notes);
    about_regions(tally, &mut notes);
    about_weights(tally, &mut notes);
    about_answers(tally, items, by_region, &mut notes);
    notes
}

fn about_people(tally: &Tally, notes: &mut Vec<Note>) {
    let (model, setup) = (&tally.model, &tally.setup);
    let counted: u64 = model.regions.iter().map(|region| region.part.people).sum();
    let seen = (counted + model.unknown[0] + model.unknown[1] + model.untargeted) as f64;
    let mut left_out = |count: u64, code: &str, why: String| {
        if count > 0 {
            let part = percent(count as f64 / seen);
            notes.push(Note::warning(code, format!("left out: {} ({part}) {why}", participants(count))));
        }
    };
    left_out(model.unknown[0], "unknown_region", format!("of unknown {}", setup.region.name));
    if let Some(second) = &setup.second {
        left_out(model.unknown[1], "unknown_second", format!("of unknown {}", second.name));
    }
    left_out(model.untargeted, "no_target", "of a level whose target is 0".to_owned());
    if model.differing > 0 {
        let words = format!(
            "the answers of {} weigh differently: people are counted with their largest weight, answers with their own",
            participants(model.differing)
        );
        notes.push(Note::warning("differing_weights", words));
    }
    if setup.parameters.mode.draws() {
        let words = format!(
            "{} of {counted} participants were drawn with the seed {}; the seed and the participants' places in the \
             snapshot give the same draw again",
            model.sampled, setup.seed
        );
        notes.push(Note::info("draw", words));
    }
}

fn about_regions(tally: &Tally, notes: &mut Vec<Note>) {
    let (model, setup) = (&tally.model, &tally.setup);
    let levels = &setup.region.levels;
    let label = |place: usize| format!("{:?}", levels[place].label);
    let collapsed: Vec<String> = (0..levels.len())
        .filter(|&place| model.regions[place].root != place)
        .map(|place| format!("{} into {}", label(place), label(model.regions[place].root)))
        .collect();
    if !collapsed.is_empty() {
        let words = format!("collapsed: {}; people and targets are taken together", list(&collapsed, "and"));
        notes.push(Note::warning("collapsed", words));
    }
    let raised: Vec<String> = (0..levels.len()).filter(|&place| model.regions[place].raised).map(label).collect();
    if !raised.is_empty() {
        let remedy = match setup.parameters.mode.weights() {
            true => "the weights make up for it",
            false => "they are heard more than their share: take the mode \"both\" to make up for it",
        };
        let words = format!("the quota of {} was raised to the minimum; {remedy}", list(&raised, "and"));
        notes.push(Note::warning("raised_quota", words));
    }
    let counted: u64 = model.regions.iter().map(|region| region.part.people).sum();
    let small: Vec<String> = (0..levels.len())
        .filter(|&place| levels[place].target > 0.0 && model.regions[place].root == place)
        .filter(|&place| {
            let n: u64 =
                model.regions.iter().filter(|region| region.root == place).map(|region| region.part.people).sum();
            n < SMALL_COUNT || (n as f64) < SMALL_SHARE * counted as f64
        })
        .map(label)
        .collect();
    if !small.is_empty() {
        let words = format!(
            "few participants in {}: fewer than {SMALL_COUNT}, or less than {} of all; think of collapsing",
            list(&small, "and"),
            percent(SMALL_SHARE)
        );
        notes.push(Note::info("small_regions", words));
    }
}

fn about_weights(tally: &Tally, notes: &mut Vec<Note>) {
    let (model, parameters) = (&tally.model, &tally.setup.parameters);
    if model.trimmed > 0 {
        let part = percent(model.trimmed as f64 / model.sampled as f64);
        let mut words = format!(
            "{} ({part}) would weigh more than {} times the mean and do not; others of their strata weigh more instead",
            participants(model.trimmed),
            parameters.trim
        );
        let missed = missed(tally);
        if !missed.is_empty() {
            words += &format!("; below target even so: {}", list(&missed, "and"));
        }
        notes.push(Note::warning("trimmed", words));
    }
    let effect = design_effect(tally);
    if effect > HIGH_EFFECT {
        let mut words = format!(
            "the weights cost precision: a design effect of {effect:.2}, so {} count as {:.0} of equal weight",
            participants(model.sampled),
            model.after.n_eff
        );
        if effect > VERY_HIGH_EFFECT {
            words += &format!("; above {VERY_HIGH_EFFECT} a methodologist should sign it off");
        }
        notes.push(Note::warning("design_effect", words));
    }
    let ratio = share(model.after.quantiles[4], model.after.mean).unwrap_or(1.0);
    if ratio > HIGH_RATIO {
        let words = format!("the largest weight is {ratio:.1} times the mean: think of trim");
        notes.push(Note::warning("large_weight", words));
    }
}

/// Levels whose final share is below their target.
fn missed(tally: &Tally) -> Vec<String> {
    let (model, setup) = (&tally.model, &tally.setup);
    let total: f64 = model.regions.iter().map(|region| region.part.weight).sum();
    let mut targets = vec![0.0; model.regions.len()];
    let mut weights = targets.clone();
    for (region, level) in model.regions.iter().zip(&setup.region.levels) {
        targets[region.root] += level.target;
        weights[region.root] += region.part.weight;
    }
    let mut all: Vec<(&Level, f64, f64)> = setup
        .region
        .levels
        .iter()
        .zip(targets)
        .zip(weights)
        .map(|((level, target), weight)| (level, target, weight))
        .collect();
    if let Some(second) = &setup.second {
        all.extend(second.levels.iter().zip(&model.levels).map(|(level, part)| (level, level.target, part.weight)));
    }
    // What raking may leave open is no miss.
    let allowed = setup.parameters.rake_tolerance.max(1e-9);
    let off = all.into_iter().filter(|(_, target, weight)| target - weight / total > allowed);
    off.map(|(level, target, weight)| {
        format!("{:?} at {} for {}", level.label, percent(weight / total), percent(target))
    })
    .collect()
}

fn about_answers(tally: &Tally, items: &Table, by_region: Option<&Table>, notes: &mut Vec<Note>) {
    let unanswered = |id: &&str| {
        let mut rows = items.rows.iter().filter(|row| items.cell(row, "item").and_then(Cell::as_str) == Some(*id));
        rows.all(|row| items.cell(row, "n") == Some(&Cell::Int(0)))
    };
    let ids: Vec<&str> = tally.setup.items.iter().map(|item| item.id.as_str()).filter(unanswered).collect();
    if !ids.is_empty() {
        notes.push(Note::info("items_without_answers", format!("nobody in the sample answered {}", ids.join(", "))));
    }
    let suppressed = by_region.map_or(0, |table| {
        let few = |row: &&Vec<Cell>| table.cell(row, "n").and_then(Cell::as_f64).is_some_and(|n| n < FEWEST as f64);
        table.rows.iter().filter(few).count()
    });
    if suppressed > 0 {
        let words = format!("{suppressed} shares by region are suppressed: fewer than {FEWEST} answers");
        notes.push(Note::info("suppressed", words));
    }
    if by_region.is_none() {
        let words = format!("shares by region would be more than {MOST_BY_REGION} rows: take fewer items at once");
        notes.push(Note::info("no_shares_by_region", words));
    }
    if tally.setup.items.iter().any(|item| item.ranks()) {
        notes.push(Note::info(
            "first_places",
            "the share of a ranked candidate is the share that puts it first; a tie for first counts for each",
        ));
    }
}
