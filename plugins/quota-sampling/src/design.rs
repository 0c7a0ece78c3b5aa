//! From people to a plan: who counts, which quotas regions have, who is drawn, what everybody weighs.

use folkmoot_plugin_sdk::MethodError;

use crate::cells::{Cell, Rule, key};
use crate::collapse::collapse;
use crate::draw::{Candidate, draw};
use crate::fit::{Fitted, NotConverged, Parts, fit, weight_of};
use crate::model::{CellFacts, Model, PartFacts, RegionFacts, Spread};
use crate::people::{People, Person, UNKNOWN};
use crate::quotas::{largest_remainder, largest_sample, parts, with_minimum};
use crate::setup::{Margin, Setup};
use crate::words::{list, percent};

/// Most sums of the second pass: distinct strata times what answers are counted by. 16 MiB in memory,
/// and less in a saved state.
const MOST_SUMS: usize = 250_000;

/// Plans the second pass.
///
/// # Errors
/// [`MethodError::Undefined`] where nobody counts, a region or level has too few people, quotas cannot be
/// filled, or no weights meet the targets: with the names and how much is lacking.
pub(crate) fn plan(setup: &Setup, people: &People) -> Result<Model, MethodError> {
    let mut model = count(setup, people);
    if model.regions.iter().all(|region| region.part.people == 0) {
        return Err(nobody(setup, &model));
    }
    let heads: Vec<u64> = model.regions.iter().map(|region| region.part.people).collect();
    let roots = collapse(setup, &heads)?;
    model.regions.iter_mut().zip(roots).for_each(|(region, root)| region.root = root);
    let quotas = quotas(setup, &mut model)?;
    if setup.parameters.mode.draws() {
        draw_sample(setup, people, &quotas, &mut model);
    }
    weigh(setup, people, &mut model)?;
    let sums = model.cells.len() * setup.items.iter().map(|item| item.marks).sum::<usize>();
    if sums > MOST_SUMS {
        return Err(MethodError::Undefined(format!(
            "the items' answers in {} strata make {sums} sums, at most {MOST_SUMS} are kept: take fewer items at once{}",
            model.cells.len(),
            if setup.second.is_some() { ", or one attribute" } else { "" }
        )));
    }
    Ok(model)
}

/// The facts of a region and of a level of the second attribute, if there is one.
fn parts_of(model: &mut Model, region: usize, level: usize) -> impl Iterator<Item = &mut PartFacts> {
    [Some(&mut model.regions[region].part), model.levels.get_mut(level)].into_iter().flatten()
}

/// Whether somebody counts, and why not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Counts,
    UnknownRegion,
    UnknownSecond,
    /// The target of their region or level is 0.
    Untargeted,
}

fn standing(setup: &Setup, person: &Person) -> Standing {
    if person.levels[0] == UNKNOWN {
        return Standing::UnknownRegion;
    }
    if setup.second.is_some() && person.levels[1] == UNKNOWN {
        return Standing::UnknownSecond;
    }
    let has_target = |margin: &Margin, level: u8| margin.levels[usize::from(level)].target > 0.0;
    let wanted = has_target(&setup.region, person.levels[0])
        && setup.second.as_ref().is_none_or(|second| has_target(second, person.levels[1]));
    if wanted { Standing::Counts } else { Standing::Untargeted }
}

/// Those who count, by ascending number.
fn counted<'a>(setup: &'a Setup, people: &'a People) -> impl Iterator<Item = (u32, Person)> + 'a {
    people.iter().filter(|(_, person)| standing(setup, person) == Standing::Counts)
}

/// A model with the facts about people alone.
fn count(setup: &Setup, people: &People) -> Model {
    let mut model = Model {
        regions: vec![RegionFacts::default(); setup.region.levels.len()],
        levels: vec![PartFacts::default(); setup.second.as_ref().map_or(0, |second| second.levels.len())],
        ..Model::default()
    };
    for (_, person) in people.iter() {
        match standing(setup, &person) {
            Standing::UnknownRegion => model.unknown[0] += 1,
            Standing::UnknownSecond => model.unknown[1] += 1,
            Standing::Untargeted => model.untargeted += 1,
            Standing::Counts => {
                model.differing += u64::from(person.differs);
                for part in parts_of(&mut model, person.levels[0].into(), person.levels[1].into()) {
                    part.people += 1;
                    part.base += person.weight as f64;
                }
            }
        }
    }
    model
}

fn nobody(setup: &Setup, model: &Model) -> MethodError {
    let seen = model.unknown[0] + model.unknown[1] + model.untargeted;
    if seen == 0 {
        return MethodError::Undefined("there are no answers of weight to any item this method folds".to_owned());
    }
    let names = match &setup.second {
        Some(second) => format!("{} and {}", setup.region.name, second.name),
        None => setup.region.name.clone(),
    };
    MethodError::Undefined(format!("of {seen} participants nobody has a {names} that is known and has a target"))
}

/// The quota of each region that answers for one; what is drawn, or what a sample of this size would be.
fn quotas(setup: &Setup, model: &mut Model) -> Result<Vec<u64>, MethodError> {
    let mut shares = vec![0.0; model.regions.len()];
    let mut available = vec![0; model.regions.len()];
    for (region, level) in model.regions.iter().zip(&setup.region.levels) {
        shares[region.root] += level.target;
        available[region.root] += region.part.people;
    }
    let shares = parts(&shares);
    let everybody: u64 = available.iter().sum();
    let parameters = &setup.parameters;
    let quotas = match (parameters.mode.draws(), parameters.size) {
        (false, _) => largest_remainder(everybody, &shares),
        (true, 0) => {
            largest_sample(&shares, parameters.minimum, &available).map(|(_, quotas)| quotas).unwrap_or_default()
        }
        (true, size) => with_minimum(size, &shares, parameters.minimum).ok_or_else(|| {
            let regions = shares.iter().filter(|share| **share > 0).count() as u64;
            let least = regions * parameters.minimum;
            let words = "of each are more than the sample";
            MethodError::Undefined(format!(
                "{regions} regions and at least {} {words} of {size}: draw {least} or more",
                parameters.minimum
            ))
        })?,
    };
    if parameters.mode.draws() {
        filled(setup, &quotas, &available)?;
        let plain = largest_remainder(quotas.iter().sum(), &shares);
        for (region, (quota, plain)) in model.regions.iter_mut().zip(quotas.iter().zip(&plain)) {
            region.raised = *quota == parameters.minimum && plain < quota;
        }
    }
    model.regions.iter_mut().zip(&quotas).for_each(|(region, &quota)| region.quota = quota);
    Ok(quotas)
}

fn filled(setup: &Setup, quotas: &[u64], available: &[u64]) -> Result<(), MethodError> {
    let margin = &setup.region;
    let lack = |(place, (quota, there)): (usize, (&u64, &u64))| {
        let label = &margin.levels[place].label;
        (quota > there).then(|| {
            let short = quota - there;
            format!("{} {label:?} has {there} participants for a quota of {quota}, {short} short", margin.name)
        })
    };
    let lacks: Vec<String> = quotas.iter().zip(available).enumerate().filter_map(lack).collect();
    if lacks.is_empty() {
        return Ok(());
    }
    Err(MethodError::Undefined(format!("{}; hear more people there, or draw fewer (size)", lacks.join("; "))))
}

fn draw_sample(setup: &Setup, people: &People, quotas: &[u64], model: &mut Model) {
    let mut candidates = vec![Vec::new(); quotas.len()];
    for (number, person) in counted(setup, people) {
        let root = model.regions[usize::from(person.levels[0])].root;
        candidates[root].push(Candidate { number, level: person.levels[1] });
    }
    model.drawn = vec![0; setup.participants.div_ceil(8)];
    for (root, (people, &quota)) in candidates.into_iter().zip(quotas).enumerate() {
        for number in draw(setup.seed, root, people, quota) {
            model.drawn[number as usize / 8] |= 1 << (number % 8);
        }
    }
}

/// Fits the weights of the sample and counts what they do.
fn weigh(setup: &Setup, people: &People, model: &mut Model) -> Result<(), MethodError> {
    let level = |person: &Person| if setup.second.is_some() { person.levels[1] } else { 0 };
    let sample = counted(setup, people).filter(|(number, _)| model.is_drawn(*number));
    let cells = Cell::all(sample.map(|(_, person)| key(person.levels[0], level(&person), person.weight)).collect());
    let attributes = attributes(setup, model, &cells);
    present(setup, &attributes)?;
    let people: u64 = cells.iter().map(|cell| cell.all_people().people).sum();
    let total = cells.iter().map(|cell| cell.all_people().sum).sum::<i128>() as f64;
    let parameters = &setup.parameters;
    let cap = if parameters.trim > 0.0 { parameters.trim * total / people as f64 } else { f64::INFINITY };
    let fitted = match parameters.mode.weights() {
        false => Fitted { rules: vec![Rule::new(1.0, f64::INFINITY); cells.len()], rounds: 0, gap: 0.0 },
        true => fit(&cells, &attributes, cap, parameters.rake_tolerance, parameters.rake_iterations)
            .map_err(|left| not_converged(setup, &attributes, &left))?,
    };
    model.sampled = people;
    model.rounds = fitted.rounds.into();
    model.gap = fitted.gap;
    for (cell, rule) in cells.iter().zip(&fitted.rules) {
        let (all, kept) = (cell.all_people(), cell.up_to(rule.threshold));
        let cut = all.people - kept.people;
        let weight = weight_of(cell, rule);
        model.trimmed += cut;
        model.cells.push(CellFacts {
            region: cell.region,
            level: cell.level,
            rule: *rule,
            base: all.sum as f64,
            weight,
            squares: rule.squares(kept.squares, cut),
        });
        for part in parts_of(model, cell.region, cell.level) {
            part.sampled += all.people;
            part.weight += weight;
        }
    }
    let plain = Rule::new(1.0, f64::INFINITY);
    model.before = spread(cells.iter().map(|cell| (cell, &plain)));
    model.after = spread(cells.iter().zip(&fitted.rules));
    Ok(())
}

/// The attributes to be met: regions by the one that answers for them, then the second.
fn attributes(setup: &Setup, model: &Model, cells: &[Cell]) -> Vec<Parts> {
    let mut targets = vec![0.0; model.regions.len()];
    for (region, level) in model.regions.iter().zip(&setup.region.levels) {
        targets[region.root] += level.target;
    }
    let of_cell = cells.iter().map(|cell| model.regions[cell.region].root).collect();
    let mut attributes = vec![Parts { targets, of_cell }];
    attributes.extend(setup.second.as_ref().map(|second| Parts {
        targets: second.levels.iter().map(|level| level.target).collect(),
        of_cell: cells.iter().map(|cell| cell.level).collect(),
    }));
    attributes
}

/// Every level of the second attribute that has a target must have somebody to meet it.
fn present(setup: &Setup, attributes: &[Parts]) -> Result<(), MethodError> {
    let (Some(second), Some(parts)) = (&setup.second, attributes.get(1)) else { return Ok(()) };
    let missing = |level: &usize| parts.targets[*level] > 0.0 && !parts.of_cell.contains(level);
    let missing: Vec<String> = (0..parts.targets.len())
        .filter(missing)
        .map(|level| format!("{:?} ({})", second.levels[level].label, percent(parts.targets[level])))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let sample = if setup.parameters.mode.draws() { "in the sample" } else { "there" };
    Err(MethodError::Undefined(format!(
        "nobody of {} {} is {sample}, so no weights meet that target; join the level with another in the data and in \
         the targets",
        second.name,
        list(&missing, "or")
    )))
}

fn not_converged(setup: &Setup, attributes: &[Parts], left: &NotConverged) -> MethodError {
    let margins = [Some(&setup.region), setup.second.as_ref()];
    let margin = margins[left.attribute].unwrap_or(&setup.region);
    let parameters = &setup.parameters;
    let label = &margin.levels[left.part].label;
    let mut words = format!(
        "raking did not converge in {} rounds: {} {label:?} is left at {} where it should be {}, {} short ({} is allowed)",
        left.rounds,
        margin.name,
        percent(left.share),
        percent(left.goal),
        percent(left.goal - left.share),
        percent(parameters.rake_tolerance),
    );
    let other = 1 - left.attribute;
    if let (Some(others), Some(parts), Some(margin)) =
        (attributes.get(other), attributes.get(left.attribute), margins[other])
    {
        let met =
            |of_other: usize| parts.of_cell.iter().zip(&others.of_cell).any(|cell| cell == (&left.part, &of_other));
        let missing = (0..others.targets.len()).filter(|&of_other| others.targets[of_other] > 0.0 && !met(of_other));
        let missing: Vec<String> = missing.map(|of_other| format!("{:?}", margin.levels[of_other].label)).collect();
        if !missing.is_empty() {
            words += &format!("; nobody there is of {} {}", margin.name, list(&missing, "or"));
        }
    }
    if parameters.trim > 0.0 {
        words += &format!("; no weight may be more than {} times the mean (trim)", parameters.trim);
    }
    MethodError::Undefined(words)
}

/// Quantiles by nearest rank, the mean and Kish's effective n of everybody's final weight.
fn spread<'a>(cells: impl Iterator<Item = (&'a Cell, &'a Rule)>) -> Spread {
    let mut weights: Vec<(f64, u64)> = Vec::new();
    let (mut people, mut sum, mut squares) = (0, 0.0, 0.0);
    for (cell, rule) in cells {
        weights.extend(cell.weights().map(|(base, count)| (rule.weight(base), count)));
        let (all, kept) = (cell.all_people(), cell.up_to(rule.threshold));
        people += all.people;
        sum += weight_of(cell, rule);
        squares += rule.squares(kept.squares, all.people - kept.people);
    }
    weights.sort_by(|a, b| a.0.total_cmp(&b.0));
    let quantile = |quarter: u64| {
        let rank = (quarter * people).div_ceil(4).max(1);
        let mut below = 0;
        let at = weights.iter().find(|(_, count)| {
            below += count;
            below >= rank
        });
        at.map_or(0.0, |(weight, _)| *weight)
    };
    Spread {
        quantiles: std::array::from_fn(|quarter| quantile(quarter as u64)),
        mean: if people == 0 { 0.0 } else { sum / people as f64 },
        n_eff: if squares == 0.0 { 0.0 } else { sum * sum / squares },
    }
}
