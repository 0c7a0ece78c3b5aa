//! Tables of answers.

use folkmoot_plugin_sdk::{Cell, Column, MethodError, Table, Unit};

use super::{FEWEST, MOST_BY_REGION, count, difference, share};
use crate::estimate::Counts;
use crate::options::{Choice, Item};
use crate::tally::Tally;

/// The tables `items` and `by_region`; the second is left out where it would be too long.
///
/// # Errors
/// [`MethodError::Undefined`] where nobody in the sample answered anything.
pub(super) fn tables(tally: &Tally) -> Result<(Table, Option<Table>), MethodError> {
    let (facts, setup) = (&tally.model.cells, &tally.setup);
    let group: Vec<usize> = tally.model.regions.iter().map(|region| region.root).collect();
    let level = setup.parameters.level;
    let regions: Vec<usize> =
        (0..setup.region.levels.len()).filter(|&region| setup.region.levels[region].target > 0.0).collect();
    let options: usize = setup.items.iter().map(|item| item.choices.len()).sum();
    let tells_regions = options * regions.len() <= MOST_BY_REGION;
    let (mut items, mut by_region) = (items_table(), by_region_table());
    let mut answered = false;
    for item in &setup.items {
        for choice in &item.choices {
            let counts = Counts::of(tally, item, choice);
            let all = counts.overall(facts, &group, tally.model.sampled, level);
            answered |= all.n > 0;
            let (takers, asked) = everybody(tally, item, choice);
            let unweighted = share(takers as f64, asked as f64);
            items.rows.push(vec![
                item.id.as_str().into(),
                choice.name.as_str().into(),
                count(all.n),
                all.n_eff.into(),
                all.share.into(),
                all.interval.map(|ends| ends.0).into(),
                all.interval.map(|ends| ends.1).into(),
                all.se.into(),
                unweighted.into(),
                count(asked),
                difference(all.share, unweighted).into(),
            ]);
            for &region in regions.iter().filter(|_| tells_regions) {
                let part = counts.in_region(facts, region, level);
                let told = part.n >= FEWEST;
                let cell = |x: Option<f64>| if told { x.into() } else { Cell::Null };
                by_region.rows.push(vec![
                    item.id.as_str().into(),
                    choice.name.as_str().into(),
                    setup.region.levels[region].label.as_str().into(),
                    count(part.n),
                    cell(Some(part.n_eff)),
                    cell(part.share),
                    cell(part.interval.map(|ends| ends.0)),
                    cell(part.interval.map(|ends| ends.1)),
                ]);
            }
        }
    }
    match answered {
        true => Ok((items, tells_regions.then_some(by_region))),
        false => Err(MethodError::Undefined("nobody in the sample answered any item this method folds".to_owned())),
    }
}

/// Answers of everybody who counts that took the option, and all that could have.
fn everybody(tally: &Tally, item: &Item, choice: &Choice) -> (u64, u64) {
    let sum = |marks: &[usize]| marks.iter().map(|&mark| tally.everybody(item, mark)).sum();
    (sum(&choice.takes), sum(&choice.asked))
}

fn items_table() -> Table {
    Table {
        id: "items".into(),
        title: "Share of each option, weighted to the targets".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("option", "Option", Unit::None),
            Column::new("n", "Answers in the sample", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
            Column::estimate("share", "Share", Unit::Share),
            Column::new("share_low", "Lower end", Unit::Share),
            Column::new("share_high", "Upper end", Unit::Share),
            Column::new("se", "Linearised standard error", Unit::Share),
            Column::new("share_unweighted", "Share of all answers as they came", Unit::Share),
            Column::new("n_unweighted", "All answers", Unit::Count),
            Column::new("difference", "Share less the share as it came", Unit::Share),
        ],
        rows: Vec::new(),
    }
}

fn by_region_table() -> Table {
    Table {
        id: "by_region".into(),
        title: "Share of each option by region".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("option", "Option", Unit::None),
            Column::new("region", "Region", Unit::None),
            Column::new("n", "Answers in the sample", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
            Column::estimate("share", "Share", Unit::Share),
            Column::new("share_low", "Lower end", Unit::Share),
            Column::new("share_high", "Upper end", Unit::Share),
        ],
        rows: Vec::new(),
    }
}
