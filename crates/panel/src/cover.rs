//! A first panel for everybody who can be on one.

use std::collections::BTreeSet;

use crate::error::PanelError;
use crate::instance::{Instance, Panel};
use crate::pricing::Pricing;
use crate::relax;

/// Panels that have everybody who can be on one, and who cannot.
pub(crate) struct Cover {
    pub(crate) panels: BTreeSet<Panel>,
    /// Types that no panel has.
    pub(crate) never: Vec<usize>,
}

/// # Errors
/// [`PanelError::Infeasible`] with the smallest relaxation where no panel meets the quotas.
pub(crate) fn cover(instance: &Instance, pricing: &mut Pricing) -> Result<Cover, PanelError> {
    let types = instance.types.len();
    let mut panels = BTreeSet::new();
    let mut never = Vec::new();
    let mut seen = vec![false; types];
    for place in 0..types {
        if seen[place] {
            continue;
        }
        // Above all this type, beside it whoever was not seen yet.
        let rest = 1.0 / (f64::from(instance.seats) + 1.0);
        let mut worth: Vec<f64> = seen.iter().map(|&seen| if seen { 0.0 } else { rest }).collect();
        worth[place] = 1.0;
        let Some(panel) = pricing.best(&worth)? else {
            return Err(PanelError::Infeasible(relax::smallest(instance)?));
        };
        panel.iter().zip(&mut seen).for_each(|(&seats, seen)| *seen |= seats > 0);
        if panel[place] == 0 {
            never.push(place);
        }
        panels.insert(panel);
    }
    Ok(Cover { panels, never })
}
