//! Achieved against target, by level.

use folkmoot_fold::report::{Cell, Column, Table, Unit};

use crate::people::People;
use crate::plan::{Fit, Plan};

/// A level of a margin, or a combination of levels.
pub(super) struct Level {
    pub(super) margin: String,
    pub(super) label: String,
    pub(super) people: usize,
    pub(super) share_n: f64,
    share_base: Option<f64>,
    share_weighted: Option<f64>,
    /// None for those whose level is not known.
    target: Option<f64>,
}

pub(super) fn all(people: &People<'_>, plan: &Plan<'_>, fit: &Fit) -> Vec<Level> {
    let count = fit.weights.len() as f64;
    let shares = |weights| plan.sums(weights).ok().map(|sums| sums.shares);
    let (base, weighted) = (shares(people.base), shares(Some(&fit.weights)));
    let mut levels = Vec::new();
    for margin in &plan.margins {
        let sums = |shares: &Option<Vec<f64>>| shares.as_ref().map(|shares| margin.shares(shares, None));
        let (base, weighted) = (sums(&base), sums(&weighted));
        let of = |shares: &Option<Vec<f64>>, group: usize| shares.as_ref().map(|shares| shares[group]);
        let kept: f64 = match &base {
            None => 0.0,
            Some(base) => {
                margin.groups.iter().zip(base).filter(|(group, _)| group.target.is_none()).map(|(_, b)| b).sum()
            }
        };
        levels.extend(margin.groups.iter().enumerate().map(|(place, group)| Level {
            margin: margin.name.clone(),
            label: group.label.clone(),
            people: group.people,
            share_n: group.people as f64 / count,
            share_base: of(&base, place),
            share_weighted: of(&weighted, place),
            target: group.target.map(|target| target * (1.0 - kept)),
        }));
    }
    levels
}

/// The table `levels`.
pub(super) fn table(levels: &[Level]) -> Table {
    let row = |level: &Level| -> Vec<Cell> {
        let gap = level.share_weighted.zip(level.target).map(|(share, target)| share - target);
        vec![
            level.margin.as_str().into(),
            level.label.as_str().into(),
            (level.people as i64).into(),
            level.share_n.into(),
            level.share_base.into(),
            level.share_weighted.into(),
            level.target.into(),
            gap.into(),
        ]
    };
    Table {
        id: "levels".into(),
        title: "Achieved against target".into(),
        columns: vec![
            Column::new("margin", "Margin", Unit::None),
            Column::new("level", "Level", Unit::None),
            Column::new("n", "Participants", Unit::Count),
            Column::new("share_n", "Of participants", Unit::Share),
            Column::new("share_base", "Of base weights", Unit::Share),
            Column::new("share_weighted", "Of final weights", Unit::Share),
            Column::new("target", "Target", Unit::Share),
            Column::new("gap", "Final share less target", Unit::Correlation),
        ],
        rows: levels.iter().map(row).collect(),
    }
}

/// The table `composition`: the same shares, a dot a row.
pub(super) fn composition(levels: &[Level]) -> Table {
    let rows = levels.iter().flat_map(|level| {
        let label = format!("{}: {}", level.margin, level.label);
        let shares =
            [("target", level.target), ("unweighted", Some(level.share_n)), ("weighted", level.share_weighted)];
        shares.map(|(what, share)| vec![label.as_str().into(), what.into(), share.into()])
    });
    Table {
        id: "composition".into(),
        title: "Shares before and after weighting".into(),
        columns: vec![
            Column::new("level", "Level", Unit::None),
            Column::new("what", "What", Unit::None),
            Column::new("share", "Share", Unit::Share),
        ],
        rows: rows.collect(),
    }
}
