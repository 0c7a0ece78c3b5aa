//! Shares and how precise they are.

use folkmoot_plugin_sdk::stats::wilson;

use crate::cells::Rule;
use crate::model::CellFacts;
use crate::options::{Choice, Item};
use crate::tally::{Sums, Tally};

/// Most sweeps of the two-way regression; each brings it nearer, and ten are plenty for most data.
const MOST_SWEEPS: u32 = 1000;

/// A weighted share.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Share {
    /// Answers.
    pub(crate) n: u64,
    pub(crate) share: Option<f64>,
    pub(crate) n_eff: f64,
    pub(crate) interval: Option<(f64, f64)>,
    /// Linearised; nothing where it was not asked for or there is one participant only.
    pub(crate) se: Option<f64>,
}

/// What the rows of a cell that count for an option weigh in the end.
#[derive(Clone, Copy, Debug, Default)]
struct Weighed {
    rows: u64,
    base: f64,
    weight: f64,
    squares: f64,
}

impl Weighed {
    fn new(sums: &Sums, rule: &Rule) -> Self {
        Self {
            rows: sums.rows,
            base: sums.base as f64,
            weight: rule.sum(sums.kept, sums.cut),
            squares: rule.squares(sums.kept_squares, sums.cut),
        }
    }
}

/// Those who took an option and those who could have, in each cell.
pub(crate) struct Counts {
    cells: Vec<(Weighed, Weighed)>,
}

impl Counts {
    pub(crate) fn of(tally: &Tally, item: &Item, choice: &Choice) -> Self {
        let sum = |marks: &[usize], cell: usize| {
            let all = marks.iter().map(|&mark| *tally.sums(item, mark, cell));
            // Sums that fit one by one overflow together only beyond 2^63 rows.
            all.fold(Sums::default(), |all, mark| all.plus(&mark).unwrap_or(all))
        };
        let cell = |(cell, facts): (usize, &CellFacts)| {
            let weighed = |marks| Weighed::new(&sum(marks, cell), &facts.rule);
            (weighed(&choice.takes), weighed(&choice.asked))
        };
        Self { cells: tally.model.cells.iter().enumerate().map(cell).collect() }
    }

    /// The share among the people of one region, with Wilson's interval for Kish's effective n.
    pub(crate) fn in_region(&self, facts: &[CellFacts], region: usize, level: f64) -> Share {
        let of_region = self.cells.iter().zip(facts).filter(|(_, facts)| facts.region == region);
        plain(of_region.map(|(counts, _)| *counts), level)
    }

    /// The share of everybody, with its linearised standard error and Wilson's interval for the
    /// effective n that follows from it.
    ///
    /// Let w be a participant's final weight, d the base weight, u = (y - p) a / W with a = 1 for those
    /// asked (else 0), y = 1 for those who took the option, p the share and W the weight of those asked.
    /// The residual e of u after regression on regions (and levels), weighted by d over all n people in
    /// the sample, gives the variance n / (n - 1) (sum (w e)² - (sum w e)² / n) (Deville and Särndal
    /// 1992; participants drawn independently with replacement). `group` is what answers for each
    /// region.
    ///
    /// The effective n is p (1 - p) over that variance, at most the number of answers (Korn and Graubard
    /// 1998); Kish's where the share is 0 or 1.
    pub(crate) fn overall(&self, facts: &[CellFacts], group: &[usize], people: u64, level: f64) -> Share {
        let kish = plain(self.cells.iter().copied(), level);
        let Some(p) = kish.share.filter(|_| people > 1) else { return kish };
        let asked: f64 = self.cells.iter().map(|(_, asked)| asked.weight).sum();
        let variance = self.variance(facts, group, people, p, asked);
        let binomial = p * (1.0 - p);
        let n = kish.n as f64;
        let n_eff = match (binomial > 0.0, variance > 0.0) {
            (false, _) => kish.n_eff,
            (true, false) => n,
            (true, true) => (binomial / variance).min(n),
        };
        Share { n_eff, interval: wilson(p, n_eff, level), se: Some(variance.sqrt()), ..kish }
    }

    fn variance(&self, facts: &[CellFacts], group: &[usize], people: u64, p: f64, asked: f64) -> f64 {
        let (took, left) = ((1.0 - p) / asked, -p / asked);
        let u = |(takes, asked): &(Weighed, Weighed)| takes.base * took + (asked.base - takes.base) * left;
        let sums: Vec<f64> = self.cells.iter().map(u).collect();
        let predicted = regress(facts, group, &sums, 1.0 / asked);
        let (mut sum, mut squares) = (0.0, 0.0);
        for (((takes, asked), facts), b) in self.cells.iter().zip(facts).zip(predicted) {
            let parts = [
                (takes.weight, takes.squares, took - b),
                (asked.weight - takes.weight, asked.squares - takes.squares, left - b),
                (facts.weight - asked.weight, facts.squares - asked.squares, -b),
            ];
            for (weight, square, residual) in parts {
                sum += weight * residual;
                squares += square * residual * residual;
            }
        }
        let n = people as f64;
        (n / (n - 1.0) * (squares - sum * sum / n)).max(0.0)
    }
}

fn plain(counts: impl Iterator<Item = (Weighed, Weighed)>, level: f64) -> Share {
    let (mut n, mut took, mut asked, mut squares) = (0, 0.0, 0.0, 0.0);
    for (takes, all) in counts {
        n += all.rows;
        took += takes.weight;
        asked += all.weight;
        squares += all.squares;
    }
    if n == 0 || asked <= 0.0 || squares <= 0.0 {
        return Share::default();
    }
    // Rounding takes no share above 1.
    let share = (took / asked).min(1.0);
    // Nor an effective n above the number of answers.
    let n_eff = (asked * asked / squares).min(n as f64);
    Share { n, share: Some(share), n_eff, interval: wilson(share, n_eff, level), se: None }
}

/// The fitted value of each cell when cell sums of u are regressed on groups of regions and, where cells
/// differ in it, on levels, weighted by base weights: by taking out the means of either in turn until
/// nothing of `scale` is left to take out.
fn regress(facts: &[CellFacts], group: &[usize], sums: &[f64], scale: f64) -> Vec<f64> {
    let levels = 1 + facts.iter().map(|cell| cell.level).max().unwrap_or(0);
    let mut of_group = vec![0.0; group.len()];
    let mut of_level = vec![0.0; levels];
    for _ in 0..MOST_SWEEPS {
        let change = sweep(facts, sums, &mut of_group, |cell| group[cell.region], |cell| of_level[cell.level]);
        if levels == 1 {
            break;
        }
        let change =
            change.max(sweep(facts, sums, &mut of_level, |cell| cell.level, |cell| of_group[group[cell.region]]));
        if change <= 1e-14 * scale {
            break;
        }
    }
    facts.iter().map(|cell| of_group[group[cell.region]] + of_level[cell.level]).collect()
}

/// Sets each mean to that of what the other attribute leaves; answers the largest change.
fn sweep(
    facts: &[CellFacts],
    sums: &[f64],
    means: &mut [f64],
    part: impl Fn(&CellFacts) -> usize,
    other: impl Fn(&CellFacts) -> f64,
) -> f64 {
    let mut left = vec![(0.0, 0.0); means.len()];
    for (cell, sum) in facts.iter().zip(sums) {
        let (top, bottom) = &mut left[part(cell)];
        *top += sum - cell.base * other(cell);
        *bottom += cell.base;
    }
    let mut change = 0.0_f64;
    for (mean, (top, bottom)) in means.iter_mut().zip(left) {
        let now = if bottom > 0.0 { top / bottom } else { 0.0 };
        change = change.max((now - *mean).abs());
        *mean = now;
    }
    change
}
