//! The variants of `borda` that give points ballot by ballot.

use crate::ballot::{NOT_SHOWN, note_unanswered, order_text, places, tiers};
use crate::contract::{Accumulator, Config, ItemInfo, MethodError};
use crate::fold::{Summed, Tally, open};
use crate::preference::borda::orders_table;
use crate::report::{Cell, Chart, ChartKind, Column, Note, Report, Table, Unit};
use crate::stats::{effective, ratio};

/// How a ballot gives points. With all candidates shown and ranked without ties, each of m candidates
/// gets as many points as there are candidates below it (modified: one more).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Points {
    /// A point for each candidate below and half a point for each level with it, among those shown.
    Tournament,
    /// The mean of the points of all places the candidate may take: ties are broken, and candidates not
    /// shown put in, in every way alike.
    Average,
    /// Of k candidates ranked the first gets k and the last one point, ties the mean of their places;
    /// what was not ranked gets none.
    Modified,
}

/// Tier from which on a candidate is not ranked.
const NOT_RANKED: u8 = 0xFE;

impl Points {
    fn name(self) -> &'static str {
        match self {
            Self::Tournament => "tournament",
            Self::Average => "average",
            Self::Modified => "modified",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Tournament => {
                "a point for each candidate ranked below, half a point for each tie (all left out tie below those \
                 ranked); what was not shown to somebody gets no point from them"
            }
            Self::Average => {
                "the mean points of the places that ties share; left out are the places below those ranked, and not \
                 shown is anywhere, half a point against everything"
            }
            Self::Modified => {
                "of k candidates ranked the first gets k points and the last 1, ties the mean of their places, what \
                 was left out or not shown none"
            }
        }
    }

    /// Twice the points of candidate `a`.
    fn twice(self, tiers: &[u8], a: usize) -> i128 {
        let others = tiers.iter().enumerate().filter(|(b, _)| *b != a).map(|(_, &tier)| tier);
        let won = |b: u8| match tiers[a].cmp(&b) {
            std::cmp::Ordering::Less => 2,
            std::cmp::Ordering::Equal => 1,
            std::cmp::Ordering::Greater => 0,
        };
        match self {
            Self::Tournament if tiers[a] == NOT_SHOWN => 0,
            Self::Tournament => others.filter(|&b| b != NOT_SHOWN).map(won).sum(),
            Self::Average => others.map(|b| if tiers[a] == NOT_SHOWN || b == NOT_SHOWN { 1 } else { won(b) }).sum(),
            Self::Modified if tiers[a] >= NOT_RANKED => 0,
            Self::Modified => 2 + others.filter(|&b| b < NOT_RANKED).map(won).sum::<i128>(),
        }
    }

    /// Twice the most points that one ballot gives a candidate.
    fn twice_most(self, width: usize) -> i128 {
        let below = 2 * (width as i128 - 1);
        if self == Self::Modified { below + 2 } else { below }
    }
}

/// The empty accumulator of the variant.
pub(crate) fn open_points(points: Points, version: &str, config: &Config) -> Box<dyn Accumulator> {
    let mut starts = vec![0];
    for item in &config.items {
        starts.push(starts[starts.len() - 1] + HEAD + item.candidates.len());
    }
    let tag = format!("borda@{version}/{}", points.name());
    open(Fold { points, tag, items: config.items.clone(), starts })
}

/// Integers of an item before the doubled points of its candidates: rows, weight, squares.
const HEAD: usize = 3;

struct Fold {
    points: Points,
    tag: String,
    items: Vec<ItemInfo>,
    starts: Vec<usize>,
}

impl Summed for Fold {
    fn tag(&self) -> String {
        self.tag.clone()
    }

    fn size(&self) -> usize {
        self.starts[self.items.len()]
    }

    fn add(&self, sums: &mut [i128], item: usize, _: u16, answer: &[u8], tally: &Tally) {
        let mut order = Vec::new();
        if tiers(&self.items[item], answer, &mut order).is_none() {
            return;
        }
        let (head, points) = sums[self.starts[item]..self.starts[item + 1]].split_at_mut(HEAD);
        let weight = i128::from(tally.weight);
        head[0] += i128::from(tally.rows);
        head[1] += weight;
        head[2] += tally.squares as i128;
        for (a, sum) in points.iter_mut().enumerate() {
            *sum += weight * self.points.twice(&order, a);
        }
    }

    fn report(&self, sums: &[i128]) -> Result<Report, MethodError> {
        let mut report = Report::default();
        let of_item = |item: usize| sums[self.starts[item]..self.starts[item + 1]].split_at(HEAD);
        let empty = (0..self.items.len()).filter(|&item| of_item(item).0[0] == 0);
        note_unanswered(&mut report, self.items.len(), empty.map(|item| self.items[item].id.as_str()))?;
        let mut rows = Vec::new();
        let mut orders = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            let (head, points) = of_item(index);
            if head[0] == 0 {
                continue;
            }
            let places = places(points.len(), |a, b| points[a] > points[b]);
            let n: Cell = (head[0] as i64).into();
            let n_eff: Cell = effective(head[1], head[2]).into();
            for (a, candidate) in item.candidates.iter().enumerate() {
                rows.push(vec![
                    item.id.as_str().into(),
                    candidate.as_str().into(),
                    places[a].into(),
                    ratio(points[a], self.points.twice_most(points.len()) * head[1]).into(),
                    ratio(points[a], 2 * head[1]).into(),
                    n.clone(),
                    n_eff.clone(),
                ]);
            }
            orders.push(vec![item.id.as_str().into(), order_text(&item.candidates, &places).into(), n, n_eff]);
        }
        report.tables.push(candidates_table(rows));
        report.tables.push(orders_table("Order by Borda score", orders));
        report.charts.push(Chart {
            id: "candidates".into(),
            title: "Share of the most points".into(),
            kind: ChartKind::DotInterval,
            table: "candidates".into(),
            x: "share".into(),
            y: "candidate".into(),
            group: Some("item".into()),
            value: None,
        });
        let words = format!("{} Borda count: {}", self.points.name(), self.points.words());
        report.notes.push(Note::info("borda_variant", words));
        Ok(report)
    }
}

fn candidates_table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        id: "candidates".into(),
        title: "Borda scores".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("candidate", "Candidate", Unit::None),
            Column::new("place", "Place", Unit::Count),
            Column::estimate("share", "Share of the most points an answer can give", Unit::Share),
            Column::estimate("score", "Points an answer", Unit::Score),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
        ],
        rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_of_one_ballot() {
        const LEFT: u8 = NOT_RANKED;
        const GONE: u8 = NOT_SHOWN;
        let check = |tiers: &[u8], tournament: &[f64], average: &[f64], modified: &[f64]| {
            for (variant, want) in
                [(Points::Tournament, tournament), (Points::Average, average), (Points::Modified, modified)]
            {
                let got: Vec<f64> = (0..tiers.len()).map(|a| variant.twice(tiers, a) as f64 / 2.0).collect();
                assert_eq!(got, want, "{variant:?} {tiers:?}");
            }
        };
        check(&[0, 1, 2, 3], &[3.0, 2.0, 1.0, 0.0], &[3.0, 2.0, 1.0, 0.0], &[4.0, 3.0, 2.0, 1.0]);
        // A tie for second.
        check(&[0, 1, 1, 2], &[3.0, 1.5, 1.5, 0.0], &[3.0, 1.5, 1.5, 0.0], &[4.0, 2.5, 2.5, 1.0]);
        // Two left out: the remaining places of the average are worth 1 and 0.
        check(&[1, 0, LEFT, LEFT], &[2.0, 3.0, 0.5, 0.5], &[2.0, 3.0, 0.5, 0.5], &[1.0, 2.0, 0.0, 0.0]);
        // One not shown: no match was played with it, or it may stand anywhere.
        check(&[0, 1, 2, GONE], &[2.0, 1.0, 0.0, 0.0], &[2.5, 1.5, 0.5, 1.5], &[3.0, 2.0, 1.0, 0.0]);
        check(&[0, LEFT, GONE, GONE], &[1.0, 0.0, 0.0, 0.0], &[2.0, 1.0, 1.5, 1.5], &[1.0, 0.0, 0.0, 0.0]);
    }
}
