//! The margins and base weights of a fit as shares of one whole.

use crate::failure::Mismatch;
use crate::margins::Margin;

/// What is to be met from where.
#[derive(Clone, Debug)]
pub(crate) struct System<'a> {
    pub(crate) margins: &'a [Margin],
    /// Share of the base weights of each cell.
    pub(crate) base: &'a [f64],
    /// Share that each group of each margin is to have.
    pub(crate) targets: Vec<Vec<f64>>,
}

/// The share of a group.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reached {
    pub(crate) margin: usize,
    pub(crate) group: usize,
    pub(crate) share: f64,
    pub(crate) target: f64,
}

impl Reached {
    /// Infinite where the share is no number: that has met nothing.
    pub(crate) fn gap(&self) -> f64 {
        let gap = (self.share - self.target).abs();
        if gap.is_nan() { f64::INFINITY } else { gap }
    }
}

impl<'a> System<'a> {
    /// Those whose level is not known keep their share of the base weights.
    ///
    /// # Errors
    /// Every group with a target whose people have no base weight.
    pub(crate) fn new(margins: &'a [Margin], base: &'a [f64]) -> Result<Self, Vec<Mismatch>> {
        let mut found = Vec::new();
        let mut targets = Vec::new();
        for margin in margins {
            let shares = margin.shares(base, None);
            let kept: f64 = margin
                .groups
                .iter()
                .zip(&shares)
                .filter(|(group, _)| group.target.is_none())
                .map(|(_, share)| share)
                .sum();
            let target = |(group, share): (&crate::margins::Group, &f64)| match group.target {
                Some(target) => target * (1.0 - kept),
                None => *share,
            };
            let of_margin: Vec<f64> = margin.groups.iter().zip(&shares).map(target).collect();
            for (group, share) in margin.groups.iter().zip(&shares) {
                if let Some(target) = group.target
                    && *share == 0.0
                {
                    found.push(Mismatch::Weightless {
                        margin: margin.name.clone(),
                        level: group.label.clone(),
                        target,
                    });
                }
            }
            targets.push(of_margin);
        }
        if found.is_empty() { Ok(Self { margins, base, targets }) } else { Err(found) }
    }

    /// What every group has under these ratios.
    pub(crate) fn reached(&self, ratios: &[f64]) -> Vec<Reached> {
        let mut reached = Vec::new();
        for (place, margin) in self.margins.iter().enumerate() {
            let shares = margin.shares(self.base, Some(ratios)).into_iter().zip(&self.targets[place]);
            reached.extend(shares.enumerate().map(|(group, (share, &target))| Reached {
                margin: place,
                group,
                share,
                target,
            }));
        }
        reached
    }

    /// The levels of a cell.
    pub(crate) fn label(&self, cell: usize) -> String {
        let levels = self.margins.iter().map(|margin| {
            let group = &margin.groups[margin.of_cell[cell] as usize];
            format!("{}={}", margin.name, group.label)
        });
        levels.collect::<Vec<_>>().join(", ")
    }
}
