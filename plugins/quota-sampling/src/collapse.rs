//! Regions with too few people: the run ends, or another region takes their people and their targets.

use folkmoot_plugin_sdk::MethodError;

use crate::parameters::EmptyRegion;
use crate::setup::Setup;

/// For each region the one that answers for it: itself, unless it was collapsed. `counts` is how many
/// people each region has.
///
/// Regions are looked at in the order of their levels, again and again, until each that has a target
/// also has the minimum.
///
/// # Errors
/// [`MethodError::Undefined`] with every region that has too few, how many it lacks, and what helps.
pub(crate) fn collapse(setup: &Setup, counts: &[u64]) -> Result<Vec<usize>, MethodError> {
    let mut roots: Vec<usize> = (0..counts.len()).collect();
    let minimum = setup.parameters.minimum;
    if setup.parameters.empty_region == EmptyRegion::Fail {
        let lacks: Vec<String> = short(setup, counts, &roots).map(|(root, count)| lack(setup, root, count)).collect();
        return match lacks.is_empty() {
            true => Ok(roots),
            false => Err(MethodError::Undefined(format!(
                "{}; hear more people there, or let another region take the target: empty_region=collapse and \
                 collapse_into=from>into",
                lacks.join("; ")
            ))),
        };
    }
    loop {
        let Some((root, count)) = short(setup, counts, &roots).next() else { return Ok(roots) };
        let taker = setup.takers[root].map(|taker| roots[taker]).filter(|&taker| taker != root);
        let Some(taker) = taker else {
            let words = format!("{}, and collapse_into names no region that takes it", lack(setup, root, count));
            return Err(MethodError::Undefined(match minimum {
                1 => words,
                _ => format!("{words} (the minimum is {minimum})"),
            }));
        };
        roots.iter_mut().filter(|of| **of == root).for_each(|of| *of = taker);
    }
}

/// Regions that answer for a target with fewer people than the minimum, and how many those are.
fn short<'a>(setup: &'a Setup, counts: &'a [u64], roots: &'a [usize]) -> impl Iterator<Item = (usize, u64)> + 'a {
    let members = move |root: usize| (0..roots.len()).filter(move |&region| roots[region] == root);
    (0..roots.len()).filter_map(move |root| {
        let count = members(root).map(|region| counts[region]).sum();
        let wanted = members(root).any(|region| setup.region.levels[region].target > 0.0);
        (wanted && count < setup.parameters.minimum).then_some((root, count))
    })
}

fn lack(setup: &Setup, region: usize, count: u64) -> String {
    let name = &setup.region.name;
    let label = &setup.region.levels[region].label;
    let minimum = setup.parameters.minimum;
    match count {
        0 if minimum == 1 => format!("nobody of {name} {label:?} is there"),
        _ => format!("{name} {label:?} has {count} of at least {minimum} participants, {} short", minimum - count),
    }
}
