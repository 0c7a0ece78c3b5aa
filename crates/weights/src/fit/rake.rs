//! Iterative proportional fitting (Deming and Stephan 1940).

use super::Solved;
use super::system::{Reached, System};

/// Meets the margins in turn until a whole round finds all of them met. With one margin that is after the
/// first round.
pub(crate) fn rake(system: &System<'_>, tolerance: f64, most: u32) -> Solved {
    let mut ratios = vec![1.0; system.base.len()];
    for round in 1..=most {
        let mut gap = 0.0;
        for (margin, targets) in system.margins.iter().zip(&system.targets) {
            let shares = margin.shares(system.base, Some(&ratios));
            let pairs = || shares.iter().copied().zip(targets.iter().copied());
            gap = pairs()
                .map(|(share, target)| Reached { share, target, ..Reached::default() }.gap())
                .fold(gap, f64::max);
            // A group keeps a share of 0 only where its target is 0 too: those not known, without base weight.
            let factors: Vec<f64> =
                pairs().map(|(share, target)| if share > 0.0 { target / share } else { 1.0 }).collect();
            ratios.iter_mut().zip(&margin.of_cell).for_each(|(ratio, &group)| *ratio *= factors[group as usize]);
        }
        let is_met = gap <= tolerance || system.margins.len() == 1;
        if is_met || round == most {
            let gap = system.reached(&ratios).iter().map(Reached::gap).fold(0.0, f64::max);
            return Solved { ratios, iterations: round, gap };
        }
    }
    Solved { ratios, iterations: most, gap: f64::INFINITY }
}
