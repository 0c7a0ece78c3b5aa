//! Specifications of the crate: published figures, refusals, laws and diagnostics.

mod diagnostics;
mod laws;
mod parameters;
mod published;
mod refusals;

use std::collections::BTreeMap;

use crate::{Attribute, Cells, Failure, Fit, People, Plan, Targets, UNKNOWN, Weighting};

/// Participants with a level by name for each attribute; the level "?" is not known.
#[derive(Clone, Debug, Default)]
struct Sample {
    names: Vec<String>,
    levels: Vec<Vec<String>>,
    codes: Vec<Vec<u16>>,
    base: Option<Vec<f64>>,
}

impl Sample {
    /// Rows of levels, such as "north young".
    fn of(names: &str, rows: &[&str]) -> Self {
        let names: Vec<String> = names.split(' ').map(str::to_owned).collect();
        let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.split(' ').collect()).collect();
        let column = |place: usize| -> Vec<&str> { rows.iter().map(|row| row[place]).collect() };
        let levels = |place: usize| {
            let mut levels: Vec<String> = column(place).into_iter().filter(|l| *l != "?").map(str::to_owned).collect();
            levels.sort();
            levels.dedup();
            levels
        };
        let levels: Vec<Vec<String>> = (0..names.len()).map(levels).collect();
        let code = |place: usize, level: &str| {
            levels[place].iter().position(|other| other == level).map_or(UNKNOWN, |code| code as u16)
        };
        let codes =
            (0..names.len()).map(|place| column(place).into_iter().map(|level| code(place, level)).collect()).collect();
        Self { names, codes, levels, base: None }
    }

    /// Cells of people: levels, how many, and the base weight of each.
    fn counted(names: &str, cells: &[(&str, usize, f64)]) -> Self {
        let rows: Vec<&str> = cells.iter().flat_map(|(row, n, _)| std::iter::repeat_n(*row, *n)).collect();
        let base = cells.iter().flat_map(|(_, n, base)| std::iter::repeat_n(*base, *n)).collect();
        Self { base: Some(base), ..Self::of(names, &rows) }
    }

    fn people(&self) -> People<'_> {
        let columns = self.names.iter().zip(&self.levels).zip(&self.codes);
        let attributes = columns.map(|((name, levels), codes)| Attribute { name, levels, codes }).collect();
        People { base: self.base.as_deref(), attributes }
    }

    fn fit(&self, targets: &Targets, weighting: &Weighting) -> Result<Fit, Failure> {
        Plan::new(&self.people(), targets, weighting)?.fit(None)
    }
}

/// Targets such as "region north=0.4 south=0.6".
fn margins(lines: &[&str]) -> Targets {
    let margin = |line: &&str| {
        let (attribute, shares) = line.split_once(' ').unwrap();
        let share = |text: &str| {
            let (level, share) = text.split_once('=').unwrap();
            (level.to_owned(), share.parse().unwrap())
        };
        (attribute.to_owned(), shares.split(' ').map(share).collect::<BTreeMap<String, f64>>())
    };
    Targets { margins: lines.iter().map(margin).collect(), ..Targets::default() }
}

/// Cells such as "north young" of the attributes "region age".
fn cells(attributes: &str, shares: &[(&str, f64)]) -> Cells {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    Cells {
        attributes: words(attributes),
        shares: shares.iter().map(|(levels, share)| (words(levels), *share)).collect(),
    }
}

fn close(got: f64, want: f64, within: f64) {
    assert!((got - want).abs() <= within * want.abs().max(1.0), "{got} is not {want}");
}
