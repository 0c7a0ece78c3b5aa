//! Which quotas would have to give way.

use crate::error::{Bound, Change, PanelError, Problem, Relaxation};
use crate::instance::Instance;
use crate::solver::Program;

/// The smallest relaxation: the fewest seats by which bounds give way together, and of those ways one
/// that spreads them, so that the bound that gives way most gives way least.
///
/// # Errors
/// A pool that has no panel of that size whatever the quotas; a solver that gives up.
pub(crate) fn smallest(instance: &Instance) -> Result<Relaxation, PanelError> {
    let total = slack(instance, None)?.iter().sum();
    let slack = slack(instance, Some(total))?;
    let mut changes = Vec::new();
    for (cell, slack) in instance.cells.iter().zip(slack.chunks(2)) {
        let bounds = cell.bounds;
        for (bound, from, to) in [
            (Bound::Min, bounds.min, bounds.min.saturating_sub(slack[0])),
            (Bound::Max, bounds.max, bounds.max + slack[1]),
        ] {
            if from != to {
                let attribute = instance.attributes[cell.attribute].clone();
                changes.push(Change { attribute, level: cell.level.clone(), bound, from, to });
            }
        }
    }
    Ok(Relaxation { seats: total, changes })
}

/// Seats by which each cell's `min` and `max` give way: the fewest, or `total` with the largest as small
/// as can be.
fn slack(instance: &Instance, total: Option<u32>) -> Result<Vec<u32>, PanelError> {
    let mut program = Program::default();
    for place in 0..instance.types.len() {
        program.whole_column(0.0, 0.0..=instance.size(place));
    }
    instance.frame(&mut program);
    let gain = if total.is_some() { 0.0 } else { -1.0 };
    let largest = total.map(|_| program.whole_column(-1.0, 0.0..=f64::from(instance.seats)));
    let mut all = Vec::new();
    for cell in &instance.cells {
        let (min, max) = (f64::from(cell.bounds.min), f64::from(cell.bounds.max));
        let below = program.whole_column(gain, 0.0..=min);
        let above = program.whole_column(gain, 0.0..=f64::from(instance.seats));
        let members = || cell.types.iter().map(|&place| (place, 1.0));
        let low: Vec<_> = members().chain([(below, 1.0)]).collect();
        let high: Vec<_> = members().chain([(above, -1.0)]).collect();
        program.row(min..=f64::INFINITY, &low);
        program.row(f64::NEG_INFINITY..=max, &high);
        for column in [below, above] {
            all.push((column, 1.0));
            if let Some(largest) = largest {
                program.row(f64::NEG_INFINITY..=0.0, &[(column, 1.0), (largest, -1.0)]);
            }
        }
    }
    if let Some(total) = total {
        program.row(f64::NEG_INFINITY..=f64::from(total), &all);
    }
    match program.maximise()? {
        Some(solution) => Ok(all.iter().map(|&(column, _)| solution.columns[column].round() as u32).collect()),
        None => {
            let households = format!("the pool has too few households for {} seats", instance.seats);
            Err(PanelError::Input(vec![Problem { field: "seats".to_owned(), message: households }]))
        }
    }
}
