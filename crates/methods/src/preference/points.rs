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
    /// The mean of the points of the places that ties share, candidates left out sharing the last ones; half
    /// a point against each other candidate where one of the two was not shown.
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
                "the mean points of the places that ties share, candidates left out sharing the last ones; half a \
                 point against each other candidate where one of the two was not shown"
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

    /// Every order of `count` candidates, as the place of each.
    fn orders(count: usize) -> Vec<Vec<usize>> {
        let codes = 0..count.pow(count as u32);
        let places = codes.map(|code| (0..count as u32).map(|c| code / count.pow(c) % count).collect::<Vec<_>>());
        places.filter(|places| (0..count).all(|place| places.contains(&place))).collect()
    }

    #[test]
    fn averages_are_means_over_all_ways_to_break_ties() {
        const SOME: [u8; 4] = [0, 1, 2, NOT_RANKED];
        for code in 0..4_usize.pow(4) {
            let tiers = [0, 2, 4, 6].map(|shift| SOME[code >> shift & 3]);
            let keeps =
                |order: &&Vec<usize>| (0..4).all(|a| (0..4).all(|b| tiers[a] >= tiers[b] || order[a] < order[b]));
            let all = orders(4);
            let strict: Vec<_> = all.iter().filter(keeps).collect();
            for a in 0..4 {
                let points: usize = strict.iter().map(|order| 3 - order[a]).sum();
                assert_eq!(Points::Average.twice(&tiers, a) * strict.len() as i128, 2 * points as i128, "{tiers:?}");
                assert_eq!(Points::Tournament.twice(&tiers, a), Points::Average.twice(&tiers, a), "{tiers:?}");
            }
        }
    }

    #[test]
    fn scores_are_those_of_two_packages() {
        // 5 A>B>C>D, 4 B>A=C>D, 3 C>D, 2 D, 3 A=B, 1 D>C>B>A.
        // Tournament and average: pref_voting 1.18.2, domination_borda_scores and weak_domination_borda_scores
        // with extended strict preferences, half their sum less the candidate itself.
        // Modified: VoteKit 3.5.0, borda_scores(ballots that rank k, borda_max=k, tie_convention="average"),
        // summed over k.
        const LEFT: u8 = NOT_RANKED;
        let ballots: [(usize, [u8; 4]); 6] = [
            (5, [0, 1, 2, 3]),
            (4, [1, 0, 1, 2]),
            (3, [LEFT, LEFT, 0, 1]),
            (2, [LEFT, LEFT, LEFT, 0]),
            (3, [0, 0, LEFT, LEFT]),
            (1, [3, 2, 1, 0]),
        ];
        let answers: Vec<u8> = ballots.iter().flat_map(|(count, tiers)| tiers.repeat(*count)).collect();
        let check = |variant: &str, want: [f64; 4], order: &str| {
            let items = [crate::testing::item("i", "rank", "A B C D", None)];
            let parameters = serde_json::json!({"variant": variant});
            let report = crate::testing::report("borda", parameters, &items, &[(0, &answers)]);
            let table = report.table("candidates").unwrap();
            let points = |row: &Vec<Cell>| table.cell(row, "score").unwrap().as_f64().unwrap() * 18.0;
            let got: Vec<f64> = table.rows.iter().map(points).collect();
            assert!(got.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-9), "{variant}: {got:?}");
            assert_eq!(report.table("orders").unwrap().rows[0][1], Cell::from(order), "{variant}");
        };
        check("tournament", [32.0, 34.0, 25.5, 16.5], "B>A>C>D");
        check("average", [32.0, 34.0, 25.5, 16.5], "B>A>C>D");
        check("modified", [35.5, 37.5, 29.0, 18.0], "B>A>C>D");
    }

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
        // One not shown: no match was played with it, or each with it is a draw.
        check(&[0, 1, 2, GONE], &[2.0, 1.0, 0.0, 0.0], &[2.5, 1.5, 0.5, 1.5], &[3.0, 2.0, 1.0, 0.0]);
        check(&[0, LEFT, GONE, GONE], &[1.0, 0.0, 0.0, 0.0], &[2.0, 1.0, 1.5, 1.5], &[1.0, 0.0, 0.0, 0.0]);
    }
}
