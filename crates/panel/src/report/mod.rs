//! What a selection says of itself.

mod notes;
mod tables;

use std::collections::BTreeMap;

use folkmoot_fold::Report;
use folkmoot_fold::report::{Cell, Chart, ChartKind, Scalar, Unit};

use crate::select::{Drawn, Selection};
pub(crate) use tables::type_id;

impl Selection<'_> {
    /// The lottery and what was drawn from it: tables `panel`, `quotas`, `histogram`, `types`, `people` and
    /// `lottery`.
    pub fn report(&self, seed: &str, drawn: &Drawn) -> Report {
        let charts = vec![
            bars("quotas", "Seats on the panel drawn", "quotas", ("seats", "quota")),
            bars("histogram", "People by their probability", "histogram", ("people", "probability")),
        ];
        let tables = vec![
            self.panel_table(drawn),
            self.quota_table(drawn),
            self.histogram_table(),
            self.type_table(),
            self.people_table(),
            self.lottery_table(),
        ];
        Report { scalars: self.scalars(drawn), tables, charts, notes: self.notes(seed) }
    }

    fn scalars(&self, drawn: &Drawn) -> Vec<Scalar> {
        let count = |id: &str, label: &str, n: usize| scalar(id, label, Unit::Count, (n as i64).into());
        let spread = self.spread();
        let share = |id: &str, label: &str, value: f64| scalar(id, label, Unit::Share, value.into());
        vec![
            count("seats", "Seats", self.instance.seats as usize),
            count("people", "People in the pool", self.pool.len()),
            count("types", "Types of people", self.instance.types.len()),
            count("panels", "Panels in the lottery", self.lottery.len()),
            count("never", "People whom no panel has", self.nevers()),
            share("smallest", "Smallest probability of the others", spread.smallest),
            share("largest", "Largest probability", spread.largest),
            share("geometric_mean", "Geometric mean of the others' probabilities", spread.geometric_mean),
            share("gini", "Gini coefficient of the others' probabilities", spread.gini),
            count("ticket", "Ticket drawn", drawn.ticket as usize),
            count("drawn", "Panel drawn", drawn.entry + 1),
        ]
    }

    /// People whom no panel has.
    fn nevers(&self) -> usize {
        self.never.iter().map(|&place| self.instance.types[place].people.len()).sum()
    }

    fn spread(&self) -> Spread {
        let can_be = (0..self.instance.types.len()).filter(|place| !self.never.contains(place));
        let mut by_type: Vec<(f64, f64)> =
            can_be.map(|place| (self.probability(place), self.instance.size(place))).collect();
        by_type.sort_by(|a, b| a.0.total_cmp(&b.0));
        Spread::new(&by_type)
    }
}

/// How unequal probabilities are.
struct Spread {
    smallest: f64,
    largest: f64,
    geometric_mean: f64,
    gini: f64,
}

impl Spread {
    /// Of probabilities and how many people have them, ascending.
    fn new(probabilities: &[(f64, f64)]) -> Self {
        let people: f64 = probabilities.iter().map(|(_, n)| n).sum();
        let seats: f64 = probabilities.iter().map(|(p, n)| p * n).sum();
        let logarithms: f64 = probabilities.iter().map(|(p, n)| n * libm::log(*p)).sum();
        let mut below = 0.0;
        let mut ranks = 0.0;
        for (p, n) in probabilities {
            // The mean rank of n people behind those below them.
            ranks += p * n * (below + (n + 1.0) / 2.0);
            below += n;
        }
        Self {
            smallest: probabilities.first().map_or(0.0, |(p, _)| *p),
            largest: probabilities.last().map_or(0.0, |(p, _)| *p),
            geometric_mean: libm::exp(logarithms / people),
            gini: (2.0 * ranks / (people * seats) - (people + 1.0) / people).max(0.0),
        }
    }
}

fn scalar(id: &str, label: &str, unit: Unit, value: Cell) -> Scalar {
    Scalar { id: id.to_owned(), label: label.to_owned(), unit, value }
}

fn bars(id: &str, title: &str, table: &str, (x, y): (&str, &str)) -> Chart {
    Chart {
        id: id.to_owned(),
        title: title.to_owned(),
        kind: ChartKind::Bar,
        table: table.to_owned(),
        x: x.to_owned(),
        y: y.to_owned(),
        group: None,
        value: None,
    }
}

/// How many people have each probability, by tenths of the largest.
fn histogram(probabilities: &[f64]) -> BTreeMap<usize, usize> {
    let largest = probabilities.iter().fold(0.0_f64, |largest, p| largest.max(*p));
    let mut bins: BTreeMap<usize, usize> = (0..10).map(|bin| (bin, 0)).collect();
    for p in probabilities {
        let bin = if largest > 0.0 { (p / largest * 10.0) as usize } else { 0 };
        *bins.entry(bin.min(9)).or_default() += 1;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_of_known_probabilities() {
        let check = |probabilities: &[(f64, f64)], want: [f64; 4]| {
            let Spread { smallest, largest, geometric_mean, gini } = Spread::new(probabilities);
            let close = [smallest, largest, geometric_mean, gini].iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-12);
            assert!(close, "{smallest} {largest} {geometric_mean} {gini} of {probabilities:?}");
        };
        check(&[(0.1, 7.0)], [0.1, 0.1, 0.1, 0.0]);
        // Of 0.1 and 0.3: the mean difference is 0.1 over all ordered pairs, twice the mean is 0.4.
        check(&[(0.1, 1.0), (0.3, 1.0)], [0.1, 0.3, 0.173_205_080_756_887_7, 0.25]);
        check(&[(0.1, 1.0), (0.1, 2.0), (0.3, 3.0)], [0.1, 0.3, 0.173_205_080_756_887_7, 0.25]);
    }

    #[test]
    fn the_largest_probability_is_in_the_last_bin() {
        let bins = histogram(&[0.5, 0.25, 0.0, 0.5]);
        assert_eq!((bins[&0], bins[&5], bins[&9], bins.len()), (1, 1, 2, 10));
    }
}
