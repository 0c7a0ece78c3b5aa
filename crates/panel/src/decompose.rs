//! A lottery over panels that gives everybody their probability: column generation.
//!
//! The master program, in its dual, looks for worths of people under which no known panel reaches the
//! wanted probabilities; the pricing program looks for a panel that does. Where there is none the
//! worths are a bound that every panel keeps and the wanted probabilities break.

use std::collections::BTreeSet;

use crate::error::PanelError;
use crate::instance::{Instance, Panel};
use crate::marginals::Cut;
use crate::pricing::{Pricing, price};
use crate::solver::{Program, Standing};

/// How far a probability may be from the wanted one.
pub(crate) const TOLERANCE: f64 = 1e-8;

/// Most panels that one lottery is sought with.
const MOST_PANELS: usize = 100_000;

/// What became of wanted probabilities.
pub(crate) enum Outcome {
    /// Panels and their chances, which add up to 1.
    Lottery(Vec<(Panel, f64)>),
    /// No lottery has them.
    Beyond(Cut),
}

/// Looks for a lottery in which each type has at least `wanted` expected seats; adds to `panels` those it
/// found on the way.
///
/// # Errors
/// A solver that gives up, and a search that ends nowhere.
pub(crate) fn decompose(
    instance: &Instance,
    wanted: &[f64],
    panels: &mut BTreeSet<Panel>,
    pricing: &mut Pricing,
) -> Result<Outcome, PanelError> {
    let types = instance.types.len();
    let mut master = master(instance, wanted)?;
    let mut order: Vec<Panel> = panels.iter().cloned().collect();
    for panel in &order {
        add(&mut master, panel)?;
    }
    for _ in 0..MOST_PANELS {
        let Some(solution) = master.maximise()? else {
            return Err(PanelError::Solver("the lottery has no optimum".to_owned()));
        };
        if solution.value <= TOLERANCE {
            let chances = &solution.duals[1..];
            let sum: f64 = chances.iter().map(|chance| chance.max(0.0)).sum();
            let lottery = order.into_iter().zip(chances).filter(|(_, chance)| **chance > 0.0);
            return Ok(Outcome::Lottery(lottery.map(|(panel, chance)| (panel, chance / sum)).collect()));
        }
        let worth = &solution.columns[..types];
        let most = solution.columns[types];
        let Some(panel) = pricing.best(worth)? else {
            return Err(PanelError::Solver("the quotas have no panel any more".to_owned()));
        };
        let price = price(worth, &panel);
        if price <= most + TOLERANCE / 10.0 || panels.contains(&panel) {
            let factors = worth.iter().copied().enumerate().filter(|&(_, worth)| worth > 0.0).collect();
            return Ok(Outcome::Beyond(Cut { factors, most: price.max(most) }));
        }
        add(&mut master, &panel)?;
        panels.insert(panel.clone());
        order.push(panel);
    }
    Err(PanelError::Solver(format!("{MOST_PANELS} more panels made no lottery")))
}

/// Columns: the worth of a seat by type, then the most that a panel is worth.
fn master(instance: &Instance, wanted: &[f64]) -> Result<Standing, PanelError> {
    let mut program = Program::default();
    for &seats in wanted {
        program.column(seats, 0.0..=f64::INFINITY);
    }
    program.column(-1.0, 0.0..=f64::INFINITY);
    let sizes: Vec<(usize, f64)> = (0..wanted.len()).map(|place| (place, instance.size(place))).collect();
    program.row(f64::NEG_INFINITY..=1.0, &sizes);
    program.standing()
}

fn add(master: &mut Standing, panel: &Panel) -> Result<(), PanelError> {
    let seats = panel.iter().enumerate().filter(|&(_, &seats)| seats > 0);
    let mut terms: Vec<(usize, f64)> = seats.map(|(place, &seats)| (place, f64::from(seats))).collect();
    terms.push((panel.len(), -1.0));
    master.row(f64::NEG_INFINITY..=0.0, &terms)
}
