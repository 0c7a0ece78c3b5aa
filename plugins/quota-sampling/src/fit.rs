//! Weights that meet the targets: poststratification with one attribute, raking with two, both with a
//! limit inside the calibration.
//!
//! A participant of base weight d in region r and level s gets min(cap, d a_r c_s). The factors a and c
//! are such that the people of every region and of every level weigh what its target says: with one
//! attribute c is 1 and a_r is target over achieved; with two, regions and levels are met in turn until
//! both are (Deming and Stephan 1940). With a cap the weights are those closest to the base weights, by
//! sum w log(w / d) - w, of all that meet the targets and stay below it (Deville and Särndal 1992, the
//! truncated multiplicative distance): what is cut from some goes to the others of their region.

use crate::cells::{Cell, Rule, Rung};

/// The parts of one attribute, each with a target and at least one person.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    /// Share of each part; 0 for a place that is no part.
    pub(crate) targets: Vec<f64>,
    /// The part of each cell.
    pub(crate) of_cell: Vec<usize>,
}

/// Weights for every cell.
#[derive(Clone, Debug)]
pub(crate) struct Fitted {
    /// For each cell.
    pub(crate) rules: Vec<Rule>,
    /// Rounds of raking; 1 with one attribute.
    pub(crate) rounds: u32,
    /// The largest distance of a share from what it should be.
    pub(crate) gap: f64,
}

/// Why there are no weights: the part that raking left farthest below its goal.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct NotConverged {
    /// Rounds of raking.
    pub(crate) rounds: u32,
    /// Place of the attribute.
    pub(crate) attribute: usize,
    /// Place of the part.
    pub(crate) part: usize,
    /// Its share after the last round.
    pub(crate) share: f64,
    /// The share it should have.
    pub(crate) goal: f64,
}

/// What the people of a part are to weigh.
#[derive(Clone, Copy, Debug, Default)]
struct Goal {
    weight: f64,
    /// Whether that is less than the target, with all of them at the cap.
    full: bool,
}

/// Fits weights to one or two attributes. `cap` is the largest weight allowed, as large as the mean
/// weight at least, or infinite. The people weigh as much altogether as before.
///
/// A part whose people do not weigh enough even with all of them at the cap gets that, and the others
/// get what it lacks, in proportion to their targets.
pub(crate) fn fit(
    cells: &[Cell],
    attributes: &[Parts],
    cap: f64,
    tolerance: f64,
    most_rounds: u32,
) -> Result<Fitted, NotConverged> {
    let total = cells.iter().map(|cell| cell.all_people().sum).sum::<i128>() as f64;
    let goals: Vec<Vec<Goal>> = attributes.iter().map(|parts| attainable(cells, parts, total, cap)).collect();
    let mut factors: Vec<Vec<f64>> = attributes.iter().map(|parts| vec![1.0; parts.targets.len()]).collect();
    let mut left = NotConverged::default();
    let rounds = if attributes.len() == 1 { 1 } else { most_rounds };
    for round in 1..=rounds {
        for place in 0..attributes.len() {
            factors[place] = meet(cells, attributes, &factors, place, &goals[place], cap);
        }
        let rules = rules(cells, attributes, &factors, cap);
        let (gap, lacking) = gaps(cells, attributes, &rules, &goals, total);
        // Meeting one attribute is exact up to rounding, whatever the tolerance.
        if attributes.len() == 1 || gap <= tolerance {
            return Ok(Fitted { rules, rounds: round, gap });
        }
        left = NotConverged { rounds: round, ..lacking };
        if factors.iter().flatten().any(|factor| has_run_away(*factor)) {
            break;
        }
    }
    Err(left)
}

/// Targets that cannot be met together drive factors towards nothing and infinity, each round farther.
fn has_run_away(factor: f64) -> bool {
    factor.is_finite() && !(1e-200..=1e200).contains(&factor)
}

/// What the people of each part can weigh: its target, or as much as they may where that is less.
fn attainable(cells: &[Cell], parts: &Parts, total: f64, cap: f64) -> Vec<Goal> {
    let mut people = vec![0_u64; parts.targets.len()];
    cells.iter().zip(&parts.of_cell).for_each(|(cell, &part)| people[part] += cell.all_people().people);
    let mut goals = vec![Goal::default(); people.len()];
    let mut open: Vec<usize> = (0..people.len()).filter(|&part| parts.targets[part] > 0.0).collect();
    let mut left = total;
    loop {
        let share: f64 = open.iter().map(|&part| parts.targets[part]).sum();
        let want = |part: usize| left * parts.targets[part] / share;
        let most = |part: usize| people[part] as f64 * cap;
        let (full, rest): (Vec<usize>, Vec<usize>) = open.iter().partition(|&&part| most(part) < want(part));
        if full.is_empty() {
            open.iter().for_each(|&part| goals[part] = Goal { weight: want(part), full: false });
            return goals;
        }
        full.iter().for_each(|&part| goals[part] = Goal { weight: most(part), full: true });
        left -= full.iter().map(|&part| most(part)).sum::<f64>();
        open = rest;
    }
}

/// The factors of one attribute with which its parts weigh their goals, the other factors as they are.
fn meet(
    cells: &[Cell],
    attributes: &[Parts],
    factors: &[Vec<f64>],
    place: usize,
    goals: &[Goal],
    cap: f64,
) -> Vec<f64> {
    let others = |cell: usize| -> f64 {
        let of_others = (0..attributes.len()).filter(|&other| other != place);
        of_others.map(|other| factors[other][attributes[other].of_cell[cell]]).product()
    };
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); goals.len()];
    attributes[place].of_cell.iter().enumerate().for_each(|(cell, &part)| members[part].push(cell));
    let factor = |(members, goal): (&Vec<usize>, &Goal)| {
        let members: Vec<(&Cell, f64)> = members.iter().map(|&cell| (&cells[cell], others(cell))).collect();
        if goal.full { f64::INFINITY } else { solve(&members, goal.weight, cap) }
    };
    members.iter().zip(goals).map(factor).collect()
}

/// The a with which `members`, each with its factor c, weigh `goal`: sum of min(cap, d a c).
///
/// From nobody cut, a is what those not cut must be multiplied with; it only grows as more are cut, so
/// it is found after as many steps as there are distinct weights at most. Infinite where all are cut.
fn solve(members: &[(&Cell, f64)], goal: f64, cap: f64) -> f64 {
    let mut a = 0.0;
    let mut cut_before = None;
    loop {
        let (mut cut, mut kept) = (0, 0.0);
        for (cell, c) in members {
            // Others may have decided already that all of the cell are cut.
            let below = if c.is_finite() { cell.up_to(Rule::new(a * c, cap).threshold) } else { Rung::default() };
            cut += cell.all_people().people - below.people;
            kept += if below.people == 0 { 0.0 } else { below.sum as f64 * c };
        }
        // Rounding may make it fewer by those who stand right at the cap.
        if cut_before.is_some_and(|before| cut <= before) {
            return a;
        }
        let rest = if cut == 0 { goal } else { goal - cut as f64 * cap };
        if kept <= 0.0 || rest <= 0.0 {
            return f64::INFINITY;
        }
        a = rest / kept;
        cut_before = Some(cut);
    }
}

fn rules(cells: &[Cell], attributes: &[Parts], factors: &[Vec<f64>], cap: f64) -> Vec<Rule> {
    let of_cell = |cell: usize| attributes.iter().zip(factors).map(|(parts, of)| of[parts.of_cell[cell]]).product();
    (0..cells.len()).map(|cell| Rule::new(of_cell(cell), cap)).collect()
}

/// What the people of a cell weigh under its rule.
pub(crate) fn weight_of(cell: &Cell, rule: &Rule) -> f64 {
    let below = cell.up_to(rule.threshold);
    rule.sum(below.sum, cell.all_people().people - below.people)
}

/// The largest distance of a share from its goal, and the part that lacks most.
fn gaps(cells: &[Cell], attributes: &[Parts], rules: &[Rule], goals: &[Vec<Goal>], total: f64) -> (f64, NotConverged) {
    let (mut widest, mut most) = (0.0, 0.0);
    let mut lacking = NotConverged::default();
    for (attribute, (parts, goals)) in attributes.iter().zip(goals).enumerate() {
        let mut weights = vec![0.0; goals.len()];
        for (place, (cell, rule)) in cells.iter().zip(rules).enumerate() {
            weights[parts.of_cell[place]] += weight_of(cell, rule);
        }
        for (part, (weight, goal)) in weights.iter().zip(goals).enumerate() {
            let (share, goal) = (weight / total, goal.weight / total);
            let gap = (share - goal).abs();
            // What is no number has met nothing.
            widest = if gap.is_nan() { f64::INFINITY } else { f64::max(widest, gap) };
            if goal - share > most {
                most = goal - share;
                lacking = NotConverged { rounds: 0, attribute, part, share, goal };
            }
        }
    }
    (widest, lacking)
}
