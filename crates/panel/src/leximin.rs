//! The smallest probability as large as can be, then the next (Flanigan, Gölz, Gupta, Hennig and
//! Procaccia, Nature 2021): each stage raises the smallest probability that is not fixed yet, and fixes
//! those whose dual is above 0, which can be no larger in any optimum of the stage.

use crate::error::PanelError;
use crate::marginals::Marginals;
use crate::solver::FEASIBLE;

/// Duals below this are taken for 0; those of a stage add up to 1.
const POSITIVE: f64 = 1e-6;

/// Expected seats by type, of the leximin probabilities within `marginals`, and the stages it took.
///
/// # Errors
/// A solver that gives up.
pub(crate) fn seats(marginals: &Marginals<'_>) -> Result<(Vec<f64>, u32), PanelError> {
    let mut fixed: Vec<Option<f64>> = vec![None; marginals.instance.types.len()];
    marginals.never.iter().for_each(|&place| fixed[place] = Some(0.0));
    let mut stages = 0;
    while fixed.contains(&None) {
        let (smallest, duals) = stage(marginals, &fixed)?;
        let largest = duals.iter().fold(f64::NEG_INFINITY, |largest, &(_, dual)| largest.max(dual));
        let binding: Vec<_> = duals.into_iter().filter(|&(_, dual)| dual > POSITIVE || dual == largest).collect();
        if binding.is_empty() {
            return Err(PanelError::Solver("a stage of leximin fixed no probability".to_owned()));
        }
        binding.into_iter().for_each(|(place, _)| fixed[place] = Some(smallest));
        stages += 1;
    }
    let seats = |(place, fixed): (usize, Option<f64>)| marginals.instance.size(place) * fixed.unwrap_or_default();
    Ok((fixed.into_iter().enumerate().map(seats).collect(), stages))
}

/// The largest smallest probability of the types that are not fixed.
///
/// # Errors
/// A solver that gives up.
pub(crate) fn smallest(marginals: &Marginals<'_>) -> Result<f64, PanelError> {
    let mut fixed: Vec<Option<f64>> = vec![None; marginals.instance.types.len()];
    marginals.never.iter().for_each(|&place| fixed[place] = Some(0.0));
    Ok(stage(marginals, &fixed)?.0)
}

/// The largest smallest probability of those not fixed, and their duals.
fn stage(marginals: &Marginals<'_>, fixed: &[Option<f64>]) -> Result<(f64, Vec<(usize, f64)>), PanelError> {
    let instance = marginals.instance;
    let mut program =
        marginals.program(|place| fixed[place].map_or(0.0, |p| instance.size(place) * (p - FEASIBLE).max(0.0)));
    let smallest = program.column(1.0, 0.0..=1.0);
    let open: Vec<usize> = (0..fixed.len()).filter(|&place| fixed[place].is_none()).collect();
    for &place in &open {
        program.row(0.0..=f64::INFINITY, &[(place, 1.0), (smallest, -instance.size(place))]);
    }
    let Some(solution) = program.maximise()? else {
        return Err(PanelError::Solver("a stage of leximin has no optimum".to_owned()));
    };
    let duals = &solution.duals[marginals.rows()..];
    // The solver counts what is gained where the bound rises, and raising a lower bound gains nothing.
    let dual = |(&place, dual): (&usize, &f64)| (place, -dual * instance.size(place));
    Ok((solution.columns[smallest], open.iter().zip(duals).map(dual).collect()))
}
