//! `group-consensus`: what every group agrees with, and what tells each group from the rest.

use serde::Deserialize;
use serde_json::json;

use crate::ballot::{check_items, note_unanswered};
use crate::contract::{Accumulator, Config, Descriptor, ItemInfo, Law, Method, MethodError, NO_STRATUM, Segments};
use crate::fold::{Summed, Tally, open};
use crate::opinion::groups::{group, label};
use crate::opinion::item_votes::{ItemVotes, SIDES};
use crate::opinion::votes::Votes;
use crate::report::{Cell, Chart, ChartKind, Column, Note, Report, Table, Unit};
use crate::stats::{effective, people, ratio};

const TAG: &str = "group-consensus@1.1.0";

#[derive(Clone, Copy, Deserialize)]
struct Parameters {
    min_votes: usize,
}

pub(crate) struct GroupConsensus;

impl Method for GroupConsensus {
    fn describe(&self) -> Descriptor {
        Descriptor {
            id: "group-consensus".into(),
            version: "1.1.0".into(),
            title: "Consensus across groups".into(),
            answers: "Which statements does every group agree with, and which are typical of one group?".into(),
            assumes: "Every group counts the same, however large. The groups are the segments chosen, or opinion \
                      groups where none were."
                .into(),
            avoid_when: "Shares of the whole public are wanted: take shares.".into(),
            source: "Polis (Small et al. 2021): group-informed consensus, the product over groups of (A+1)/(S+2); \
                     representativeness, the ratio of (A+1)/(S+2) in the group and in the rest, with tests of one \
                     share against a half and of two shares, one added to every count; all of it for agreement and \
                     for disagreement"
                .into(),
            kinds: vec!["vote".into()],
            parameters: json!({
                "type": "object",
                "properties": {
                    "min_votes": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 7,
                                  "description": "statements a participant must have voted on to be in an opinion group"},
                },
                "additionalProperties": false,
            }),
            max_passes: 1,
            segments: Segments::Method,
            bootstrap: false,
            participants: true,
            laws: vec![Law::Anonymity],
        }
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        check_items(config, &["vote"])?;
        config.parameters::<Parameters>()?;
        if config.dimensions.first().is_some_and(|dimension| dimension.categories.is_empty()) {
            return Err(MethodError::Undefined("no participant is in any segment".to_owned()));
        }
        Ok(())
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        let items = config.items.clone();
        if let Some(dimension) = config.dimensions.first() {
            let groups = dimension.categories.iter().map(|category| category.label.clone()).collect();
            return Ok(open(Fold { items, groups }));
        }
        let Parameters { min_votes } = config.parameters()?;
        let votes = vec![ItemVotes::default(); items.len()];
        let finish = move |votes: &[ItemVotes]| from_votes(&items, votes, min_votes);
        Ok(Box::new(Votes { tag: TAG, items: votes, finish: Box::new(finish) }))
    }
}

/// The report with groups made from the votes themselves.
fn from_votes(items: &[ItemInfo], votes: &[ItemVotes], min_votes: usize) -> Result<Report, MethodError> {
    let grouping = group(votes, min_votes)?;
    let mut places: Vec<(u32, u16)> = Vec::new();
    for (voter, &group) in grouping.voters.list.iter().zip(&grouping.clusters.group) {
        // Groups are five at most.
        places.push((voter.participant, group as u16));
    }
    places.sort_unstable();
    let groups = (0..grouping.clusters.count).map(label).collect();
    let fold = Fold { items: items.to_vec(), groups };
    let mut sums = vec![0; fold.size()];
    for (item, votes) in votes.iter().enumerate() {
        for vote in votes.votes() {
            let place = places.binary_search_by_key(&vote.participant, |place| place.0);
            let stratum = place.map_or(NO_STRATUM, |at| places[at].1);
            // The cast is exact: it was a weight of a batch.
            let tally = Tally { rows: 1, weight: vote.weight as i64, squares: u128::from(vote.weight).pow(2) };
            fold.add(&mut sums, item, stratum, &[SIDES[usize::from(vote.side)]], &tally);
        }
    }
    let mut report = fold.report(&sums)?;
    report.notes.push(Note::warning(
        "exploratory",
        "the groups are made from the same votes, so that what tells them apart is partly how they were made",
    ));
    Ok(report)
}

/// Integers of a group on an item: rows, then weights of agree, disagree and pass, then squared weights.
const SLOTS: usize = 5;

struct Fold {
    items: Vec<ItemInfo>,
    groups: Vec<String>,
}

/// What a share is of.
#[derive(Clone, Copy)]
enum Side {
    Agree,
    Disagree,
}

/// Votes of one group, or of several together, on one item.
#[derive(Clone, Copy, Default)]
struct Count {
    rows: i128,
    agree: i128,
    disagree: i128,
    pass: i128,
    squares: i128,
}

impl Count {
    fn all(&self) -> i128 {
        self.agree + self.disagree + self.pass
    }

    fn of(&self, side: Side) -> i128 {
        match side {
            Side::Agree => self.agree,
            Side::Disagree => self.disagree,
        }
    }

    /// (A + 1) / (S + 2): the share on a side, drawn to one half where few voted.
    fn smoothed(&self, side: Side) -> f64 {
        (people(self.of(side)) + 1.0) / (people(self.all()) + 2.0)
    }

    fn share(&self, side: Side) -> Option<f64> {
        ratio(self.of(side), self.all())
    }

    /// Effective answers on a side and in all, one added to each as Polis does; none without any.
    fn trials(&self, side: Side) -> Option<(f64, f64)> {
        let all = self.effective();
        Some((self.share(side)? * all + 1.0, all + 1.0))
    }

    fn effective(&self) -> f64 {
        effective(self.all(), self.squares)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            agree: self.agree + other.agree,
            disagree: self.disagree + other.disagree,
            pass: self.pass + other.pass,
            squares: self.squares + other.squares,
        }
    }
}

/// z of a share against one half: Polis's `prop-test`.
fn half_z(count: &Count, side: Side) -> Option<f64> {
    let (on, all) = count.trials(side)?;
    Some(2.0 * libm::sqrt(all) * (on / all - 0.5))
}

/// z of the difference of two shares, pooled: Polis's `two-prop-test`. Where all are on the side in both
/// there is no difference: 0.
fn two_shares_z(a: &Count, b: &Count, side: Side) -> Option<f64> {
    let ((on_a, all_a), (on_b, all_b)) = (a.trials(side)?, b.trials(side)?);
    let pooled = (on_a + on_b) / (all_a + all_b);
    let variance = pooled * (1.0 - pooled) * (1.0 / all_a + 1.0 / all_b);
    Some(if variance > 0.0 { (on_a / all_a - on_b / all_b) / libm::sqrt(variance) } else { 0.0 })
}

impl Fold {
    fn count(&self, sums: &[i128], item: usize, group: usize) -> Count {
        let slot = &sums[(item * self.groups.len() + group) * SLOTS..][..SLOTS];
        Count { rows: slot[0], agree: slot[1], disagree: slot[2], pass: slot[3], squares: slot[4] }
    }
}

impl Summed for Fold {
    fn tag(&self) -> String {
        TAG.into()
    }

    fn size(&self) -> usize {
        self.items.len() * self.groups.len() * SLOTS
    }

    fn add(&self, sums: &mut [i128], item: usize, stratum: u16, answer: &[u8], tally: &Tally) {
        let group = usize::from(stratum);
        if group >= self.groups.len() {
            return;
        }
        let slot = &mut sums[(item * self.groups.len() + group) * SLOTS..][..SLOTS];
        slot[0] += i128::from(tally.rows);
        let side = match answer {
            b"A" => 1,
            b"D" => 2,
            _ => 3,
        };
        slot[side] += i128::from(tally.weight);
        slot[4] += tally.squares as i128;
    }

    fn report(&self, sums: &[i128]) -> Result<Report, MethodError> {
        let mut report = Report::default();
        let counts: Vec<Vec<Count>> = (0..self.items.len())
            .map(|item| (0..self.groups.len()).map(|group| self.count(sums, item, group)).collect())
            .collect();
        let empty = self.items.iter().zip(&counts).filter(|(_, counts)| counts.iter().all(|count| count.rows == 0));
        note_unanswered(&mut report, self.items.len(), empty.map(|(item, _)| item.id.as_str()))?;

        let mut consensus: Vec<Vec<Cell>> = Vec::new();
        let mut groups: Vec<Vec<Cell>> = Vec::new();
        for (item, counts) in self.items.iter().zip(&counts) {
            let all = counts.iter().fold(Count::default(), |sum, count| sum.plus(*count));
            if all.rows == 0 {
                continue;
            }
            let smoothed = |side| counts.iter().map(move |count| count.smoothed(side));
            consensus.push(vec![
                item.id.as_str().into(),
                smoothed(Side::Agree).product::<f64>().into(),
                smoothed(Side::Disagree).product::<f64>().into(),
                smoothed(Side::Agree).fold(1.0, f64::min).into(),
                all.share(Side::Agree).into(),
                (all.rows as i64).into(),
                all.effective().into(),
            ]);
            for (place, (label, count)) in self.groups.iter().zip(counts).enumerate() {
                let others = counts.iter().enumerate().filter(|(other, _)| *other != place);
                let rest = others.fold(Count::default(), |sum, (_, count)| sum.plus(*count));
                let ratio = |side| count.smoothed(side) / rest.smoothed(side);
                let [agree_z, disagree_z] = [Side::Agree, Side::Disagree].map(|side| two_shares_z(count, &rest, side));
                let typical = agree_z.map(|_| if agree_z > disagree_z { "agree" } else { "disagree" });
                groups.push(vec![
                    item.id.as_str().into(),
                    label.as_str().into(),
                    count.share(Side::Agree).into(),
                    count.share(Side::Disagree).into(),
                    count.smoothed(Side::Agree).into(),
                    half_z(count, Side::Agree).into(),
                    half_z(count, Side::Disagree).into(),
                    ratio(Side::Agree).into(),
                    ratio(Side::Disagree).into(),
                    agree_z.into(),
                    disagree_z.into(),
                    typical.into(),
                    (count.rows as i64).into(),
                    count.effective().into(),
                ]);
            }
        }
        report.tables.push(Table {
            id: "consensus".into(),
            title: "Consensus across groups".into(),
            columns: vec![
                Column::new("item", "Item", Unit::None),
                Column::estimate("consensus", "Product of the groups' agreement", Unit::Score),
                Column::estimate("against", "Product of the groups' disagreement", Unit::Score),
                Column::estimate("least", "Agreement of the least agreeing group", Unit::Share),
                Column::estimate("agree", "Agree, of all votes", Unit::Share),
                Column::new("n", "Votes", Unit::Count),
                Column::new("n_eff", "Effective votes", Unit::Count),
            ],
            rows: consensus,
        });
        report.tables.push(Table {
            id: "groups".into(),
            title: "Agreement in each group".into(),
            columns: vec![
                Column::new("item", "Item", Unit::None),
                Column::new("group", "Group", Unit::None),
                Column::estimate("agree", "Agree", Unit::Share),
                Column::estimate("disagree", "Disagree", Unit::Share),
                Column::estimate("smoothed", "Agree, (A+1)/(S+2)", Unit::Share),
                Column::new("agree_z", "Agreement against a half, z", Unit::Score),
                Column::new("disagree_z", "Disagreement against a half, z", Unit::Score),
                Column::estimate("ratio", "Agreement against the rest's", Unit::Score),
                Column::estimate("disagree_ratio", "Disagreement against the rest's", Unit::Score),
                Column::new("z", "Agreement against the rest's, z", Unit::Score),
                Column::new("disagree_ratio_z", "Disagreement against the rest's, z", Unit::Score),
                Column::new("typical", "More typical of the group", Unit::None),
                Column::new("n", "Votes", Unit::Count),
                Column::new("n_eff", "Effective votes", Unit::Count),
            ],
            rows: groups,
        });
        let chart = |table: &str, kind, x: &str, y: &str, group: Option<&str>, value: Option<&str>| Chart {
            id: table.into(),
            title: if table == "groups" { "Agreement in each group" } else { "Consensus across groups" }.into(),
            kind,
            table: table.into(),
            x: x.into(),
            y: y.into(),
            group: group.map(str::to_owned),
            value: value.map(str::to_owned),
        };
        report.charts.push(chart("consensus", ChartKind::Bar, "consensus", "item", None, None));
        report.charts.push(chart("groups", ChartKind::HeatMap, "group", "item", None, Some("agree")));
        report.notes.push(Note::info(
            "representativeness_variant",
            "ratios and z are those of Polis, over effective votes and with one added to every count; Polis takes a \
             statement for typical of a group where both z of a side are above 1.2816",
        ));
        report.notes.push(Note::info(
            "consensus_scale",
            format!(
                "the product runs from 0 to 1 and falls with the number of groups ({}); compare statements of one run only",
                self.groups.len()
            ),
        ));
        Ok(report)
    }
}
