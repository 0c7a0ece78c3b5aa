//! Tables of people: achieved against target, and the weights.

use folkmoot_plugin_sdk::{Cell, Column, Table, Unit};

use super::{count, difference, people, share};
use crate::model::{Model, PartFacts, Spread};
use crate::setup::Level;
use crate::tally::Tally;

/// What shares of people are taken of.
struct Whole {
    people: f64,
    base: f64,
    weight: f64,
}

impl Whole {
    fn of(model: &Model) -> Self {
        let sum = |of: fn(&PartFacts) -> f64| model.regions.iter().map(|region| of(&region.part)).sum();
        Self { people: sum(|part| part.people as f64), base: sum(|part| part.base), weight: sum(|part| part.weight) }
    }

    /// Shares of people, of base weights and of final weights.
    fn shares(&self, part: &PartFacts) -> [Option<f64>; 3] {
        [share(part.people as f64, self.people), share(part.base, self.base), share(part.weight, self.weight)]
    }
}

fn plus(a: &PartFacts, b: &PartFacts) -> PartFacts {
    PartFacts {
        people: a.people + b.people,
        base: a.base + b.base,
        sampled: a.sampled + b.sampled,
        weight: a.weight + b.weight,
    }
}

/// The table `regions`. Where a region answers for others, `target_used`, `quota`, `shortfall`, `gap`
/// and `factor` are of all of them, and theirs are null.
pub(super) fn regions(tally: &Tally) -> Table {
    let (model, levels) = (&tally.model, &tally.setup.region.levels);
    let whole = Whole::of(model);
    let draws = tally.setup.parameters.mode.draws();
    let row = |place: usize| -> Vec<Cell> {
        let region = &model.regions[place];
        let mut row: Vec<Cell> = vec![levels[place].label.as_str().into(), levels[place].target.into()];
        let shares = whole.shares(&region.part);
        let sampled = if draws { count(region.part.sampled) } else { Cell::Null };
        if region.root != place {
            row.extend([Cell::Null, count(region.part.people)]);
            row.extend(shares.map(Cell::from));
            row.extend([Cell::Null, Cell::Null, sampled, Cell::Null, Cell::Null]);
            row.push(levels[region.root].label.as_str().into());
            return row;
        }
        let members = || (0..levels.len()).filter(|&member| model.regions[member].root == place);
        let target: f64 = members().map(|member| levels[member].target).sum();
        let group = members().fold(PartFacts::default(), |sum, member| plus(&sum, &model.regions[member].part));
        let weight = share(group.weight, whole.weight);
        row.extend([target.into(), count(region.part.people)]);
        row.extend(shares.map(Cell::from));
        row.extend([
            difference(weight, Some(target)).into(),
            count(region.quota),
            sampled,
            count(region.quota.saturating_sub(group.people)),
            factor(model, place).into(),
            Cell::Null,
        ]);
        row
    };
    Table {
        id: "regions".into(),
        title: format!("Achieved against target by {}", tally.setup.region.name),
        columns: vec![
            Column::new("region", "Region", Unit::None),
            Column::new("target", "Target", Unit::Share),
            Column::new("target_used", "Target after collapsing", Unit::Share),
            Column::new("n", "Participants", Unit::Count),
            Column::new("share_n", "Of participants", Unit::Share),
            Column::new("share_base", "Of base weights", Unit::Share),
            Column::new("share_weighted", "Of final weights", Unit::Share),
            Column::new("gap", "Final share less target", Unit::Share),
            Column::new("quota", "Quota", Unit::Count),
            Column::new("selected", "Drawn", Unit::Count),
            Column::new("shortfall", "Missing for the quota", Unit::Count),
            Column::new("factor", "Weight factor", Unit::Score),
            Column::new("collapsed_into", "Collapsed into", Unit::None),
        ],
        rows: (0..levels.len()).map(row).collect(),
    }
}

/// What the base weights of a region's people in the sample are multiplied with, on average; `root` is the
/// region that answers for them.
fn factor(model: &Model, root: usize) -> Option<f64> {
    let of_region = model.cells.iter().filter(|cell| model.regions[cell.region].root == root);
    let (weight, base) = of_region.fold((0.0, 0.0), |(weight, base), cell| (weight + cell.weight, base + cell.base));
    share(weight, base)
}

/// The table `second`, of the second attribute.
pub(super) fn second(tally: &Tally) -> Option<Table> {
    let margin = tally.setup.second.as_ref()?;
    let whole = Whole::of(&tally.model);
    let row = |(level, part): (&Level, &PartFacts)| -> Vec<Cell> {
        let [n, base, weight] = whole.shares(part);
        let gap = difference(weight, Some(level.target));
        vec![
            level.label.as_str().into(),
            level.target.into(),
            count(part.people),
            n.into(),
            base.into(),
            weight.into(),
            gap.into(),
        ]
    };
    Some(Table {
        id: "second".into(),
        title: format!("Achieved against target by {}", margin.name),
        columns: vec![
            Column::new("level", &margin.name, Unit::None),
            Column::new("target", "Target", Unit::Share),
            Column::new("n", "Participants", Unit::Count),
            Column::new("share_n", "Of participants", Unit::Share),
            Column::new("share_base", "Of base weights", Unit::Share),
            Column::new("share_weighted", "Of final weights", Unit::Share),
            Column::new("gap", "Final share less target", Unit::Share),
        ],
        rows: margin.levels.iter().zip(&tally.model.levels).map(row).collect(),
    })
}

/// The table `composition`: the same shares, a bar a row.
pub(super) fn composition(tally: &Tally) -> Table {
    let whole = Whole::of(&tally.model);
    let mut rows = Vec::new();
    let mut add = |name: &str, level: &Level, part: &PartFacts| {
        let label = format!("{name}: {}", level.label);
        let [people, _, weight] = whole.shares(part);
        for (what, share) in [("target", Some(level.target)), ("participants", people), ("result", weight)] {
            rows.push(vec![label.as_str().into(), what.into(), share.into()]);
        }
    };
    let setup = &tally.setup;
    for (level, region) in setup.region.levels.iter().zip(&tally.model.regions) {
        add(&setup.region.name, level, &region.part);
    }
    if let Some(second) = &setup.second {
        second.levels.iter().zip(&tally.model.levels).for_each(|(level, part)| add(&second.name, level, part));
    }
    Table {
        id: "composition".into(),
        title: "Target and achieved".into(),
        columns: vec![
            Column::new("part", "Part", Unit::None),
            Column::new("what", "What", Unit::None),
            Column::new("share", "Share", Unit::Share),
        ],
        rows,
    }
}

/// The table `weights`, of the people in the sample.
pub(super) fn weights(tally: &Tally) -> Table {
    let model = &tally.model;
    let row = |name: &str, spread: &Spread, trimmed: Option<f64>| -> Vec<Cell> {
        let n = model.sampled as f64;
        let mut row: Vec<Cell> = vec![name.into(), count(model.sampled)];
        row.extend(spread.quantiles.map(|quantile| Cell::from(people(quantile))));
        row.extend([
            people(spread.mean).into(),
            share(spread.quantiles[4], spread.mean).into(),
            trimmed.into(),
            share(n, spread.n_eff).into(),
            spread.n_eff.into(),
        ]);
        row
    };
    Table {
        id: "weights".into(),
        title: "Weights of the participants in the sample".into(),
        columns: vec![
            Column::new("weights", "Weights", Unit::None),
            Column::new("n", "Participants", Unit::Count),
            Column::new("min", "Smallest", Unit::Weight),
            Column::new("q1", "Lower quartile", Unit::Weight),
            Column::new("median", "Median", Unit::Weight),
            Column::new("q3", "Upper quartile", Unit::Weight),
            Column::new("max", "Largest", Unit::Weight),
            Column::new("mean", "Mean", Unit::Weight),
            Column::new("max_over_mean", "Largest over mean", Unit::Score),
            Column::new("trimmed", "Share of participants trimmed", Unit::Share),
            Column::new("design_effect", "Kish's design effect", Unit::Score),
            Column::new("n_eff", "Effective participants", Unit::Count),
        ],
        rows: vec![
            row("base", &model.before, None),
            row("final", &model.after, share(model.trimmed as f64, model.sampled as f64)),
        ],
    }
}
