//! `agreement`: how near the spec's position is to each participant's answer.

mod aggregate;
mod replicates;

use std::ops::Range;

use serde::Deserialize;
use serde_json::json;

use crate::ballot::{FRACTION_ONE, NOT_SHOWN, check_items, compare, fraction, note_unanswered, tiers};
use crate::contract::{Accumulator, Config, Descriptor, ItemInfo, Law, Method, MethodError, Segments};
use crate::fold::{Summed, Tally, open};
use crate::replicated::Replicated;
use crate::report::{Cell, Chart, ChartKind, Column, Note, Report, Scalar, Table, Unit};
use crate::stats::{effective, ratio};

pub(crate) const KINDS: [&str; 5] = ["rank", "pair", "vote", "approve", "choose"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Ties {
    Half,
    Excluded,
}

#[derive(Clone, Copy, Deserialize)]
struct Parameters {
    ties: Ties,
}

pub(crate) struct Agreement;

impl Method for Agreement {
    fn describe(&self) -> Descriptor {
        Descriptor {
            id: "agreement".into(),
            version: "1.2.0".into(),
            title: "Agreement of the position with the public".into(),
            answers: "How far is what the spec says from what each participant said, on average, and from the order \
                      of the public as a whole?"
                .into(),
            assumes: "Every participant's distance counts by weight; a position is compared only where it prefers \
                      one candidate to another."
                .into(),
            avoid_when: "You want to know whether a difference is more than noise: take disagreement.".into(),
            source:
                "Pairwise accord: share of the position's strict preferences; tau-b: Kendall 1945; rho with the mean \
                     of tied ranks: Spearman 1904; order of the public: Borda 1781, symmetric as in Young 1974"
                    .into(),
            kinds: KINDS.map(str::to_owned).into(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "ties": {"type": "string", "enum": ["half", "excluded"], "default": "half",
                             "description": "what a participant's tie counts where the position prefers one"},
                },
                "additionalProperties": false,
            }),
            max_passes: 1,
            segments: Segments::Host,
            bootstrap: true,
            participants: false,
            laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
        }
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        check_items(config, &KINDS)?;
        config.parameters::<Parameters>()?;
        positions(&config.items).map(|_| ())
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        let positions = positions(&config.items)?;
        Ok(open(Fold { items: config.items.clone(), positions, parameters: config.parameters()? }))
    }

    fn replicated(&self, config: &Config, lanes: usize) -> Result<Option<Box<dyn Replicated>>, MethodError> {
        let positions = positions(&config.items)?;
        let fold = Fold { items: config.items.clone(), positions, parameters: config.parameters()? };
        Ok(Some(Box::new(replicates::Replicates::new(fold, lanes))))
    }
}

/// The tiers of each item's position; `None` where there is none or it prefers nothing.
///
/// # Errors
/// [`MethodError::Undefined`] where no item has one.
pub(crate) fn positions(items: &[ItemInfo]) -> Result<Vec<Option<Vec<u8>>>, MethodError> {
    let position = |item: &ItemInfo| {
        let mut order = Vec::new();
        tiers(item, item.position.as_ref()?, &mut order)?;
        let shown = order.iter().filter(|tier| **tier != NOT_SHOWN);
        (shown.clone().min() != shown.max()).then_some(order)
    };
    let found: Vec<_> = items.iter().map(position).collect();
    if found.iter().all(Option::is_none) {
        return Err(MethodError::Undefined("no item has a position that prefers anything".to_owned()));
    }
    Ok(found)
}

/// Notes the items that have no position to compare with.
pub(crate) fn note_no_position(report: &mut Report, items: &[ItemInfo], positions: &[Option<Vec<u8>>]) {
    let without = items.iter().zip(positions).filter(|(_, position)| position.is_none());
    let ids: Vec<_> = without.map(|(item, _)| item.id.as_str()).collect();
    if !ids.is_empty() {
        let words = format!("skipped for want of a position that prefers anything: {}", ids.join(", "));
        report.notes.push(Note::info("items_without_position", words));
    }
}

/// The figures of one answer: pairwise accord, top choice, tau-b, rho; each where it is defined.
fn figures(position: &[u8], given: &[u8], ties: Ties) -> [Option<f64>; 4] {
    let (mut accord, mut discord, mut tied, mut loose) = (0_u32, 0_u32, 0_u32, 0_u32);
    for a in 0..position.len() {
        for b in 0..a {
            let (Some(wanted), Some(got)) = (compare(position, a, b), compare(given, a, b)) else { continue };
            match (wanted * got, wanted, got) {
                (1, ..) => accord += 1,
                (-1, ..) => discord += 1,
                (_, 0, 0) => {}
                (_, 0, _) => loose += 1,
                _ => tied += 1,
            }
        }
    }
    let (accord, discord, tied) = (f64::from(accord), f64::from(discord), f64::from(tied));
    let strict = accord + discord + tied;
    let pairwise = match ties {
        Ties::Half => (strict > 0.0).then(|| (accord + tied / 2.0) / strict),
        Ties::Excluded => (accord + discord > 0.0).then(|| accord / (accord + discord)),
    };
    let given_strict = accord + discord + f64::from(loose);
    let tau = (strict > 0.0 && given_strict > 0.0).then(|| (accord - discord) / libm::sqrt(strict * given_strict));
    [pairwise, top_choice(position, given), tau, rho(position, given)]
}

/// Spearman's correlation of ranks among what both were shown; tied candidates have their mean rank.
fn rho(position: &[u8], given: &[u8]) -> Option<f64> {
    let both = || (0..position.len()).filter(|&c| position[c] != NOT_SHOWN && given[c] != NOT_SHOWN);
    // How many stand above less how many below: twice the distance of a mean rank from the middle.
    let rank = |tiers: &[u8], a: usize| both().map(|b| i64::from(compare(tiers, b, a).unwrap_or(0))).sum::<i64>();
    let (mut wanted, mut got, mut product) = (0, 0, 0);
    for c in both() {
        let (x, y) = (rank(position, c), rank(given, c));
        wanted += x * x;
        got += y * y;
        product += x * y;
    }
    (wanted > 0 && got > 0).then(|| product as f64 / libm::sqrt(wanted as f64 * got as f64))
}

/// Share of the participant's first places that the position puts first, of what both were shown.
fn top_choice(position: &[u8], given: &[u8]) -> Option<f64> {
    let both = |c: &usize| position[*c] != NOT_SHOWN && given[*c] != NOT_SHOWN;
    let best = (0..position.len()).filter(both).map(|c| position[c]).min()?;
    let first = (0..given.len()).filter(both).map(|c| given[c]).min()?;
    let firsts = (0..given.len()).filter(both).filter(|&c| given[c] == first);
    let (count, shared) = firsts.fold((0, 0), |(n, k), c| (n + 1, k + u32::from(position[c] == best)));
    Some(f64::from(shared) / f64::from(count))
}

/// Id, label and unit of each figure.
const FIGURES: [(&str, &str, Unit); 4] = [
    ("accord", "Pairwise accord", Unit::Share),
    ("top", "Top choice in accord", Unit::Share),
    ("tau", "Kendall's tau-b", Unit::Correlation),
    ("rho", "Spearman's rho", Unit::Correlation),
];
/// Integers a figure: rows, weight, squares, weight times the figure in units of [`FRACTION_ONE`].
const SLOTS: usize = 4;
const ITEM_SLOTS: usize = SLOTS * FIGURES.len();

struct Fold {
    items: Vec<ItemInfo>,
    positions: Vec<Option<Vec<u8>>>,
    parameters: Parameters,
}

impl Fold {
    /// Where an item's points are: behind the figures of all.
    fn points(&self, item: usize) -> Range<usize> {
        let before: usize = self.items[..item].iter().map(aggregate::size).sum();
        let start = self.items.len() * ITEM_SLOTS + before;
        start..start + self.items.get(item).map_or(0, aggregate::size)
    }
}

impl Summed for Fold {
    fn tag(&self) -> String {
        "agreement@1.2.0".into()
    }

    fn size(&self) -> usize {
        self.points(self.items.len()).start
    }

    fn add(&self, sums: &mut [i128], item: usize, _: u16, answer: &[u8], tally: &Tally) {
        let Some(position) = &self.positions[item] else { return };
        let mut given = Vec::new();
        if tiers(&self.items[item], answer, &mut given).is_none() {
            return;
        }
        aggregate::add(&mut sums[self.points(item)], &given, tally.weight);
        let slots = sums[item * ITEM_SLOTS..][..ITEM_SLOTS].chunks_exact_mut(SLOTS);
        for (figure, slot) in figures(position, &given, self.parameters.ties).into_iter().zip(slots) {
            let Some(figure) = figure else { continue };
            slot[0] += i128::from(tally.rows);
            slot[1] += i128::from(tally.weight);
            slot[2] += tally.squares as i128;
            slot[3] += i128::from(tally.weight) * fraction(figure);
        }
    }

    fn report(&self, sums: &[i128]) -> Result<Report, MethodError> {
        let mut report = Report::default();
        let compared: Vec<_> = (0..self.items.len()).filter(|&item| self.positions[item].is_some()).collect();
        let slots = |item: usize, figure: usize| &sums[item * ITEM_SLOTS + figure * SLOTS..][..SLOTS];
        let mean = |slot: &[i128]| ratio(slot[3], slot[1]).map(|x| x / FRACTION_ONE as f64);
        let empty = compared.iter().filter(|&&item| (0..FIGURES.len()).all(|f| slots(item, f)[0] == 0));
        note_unanswered(&mut report, compared.len(), empty.map(|&item| self.items[item].id.as_str()))?;
        note_no_position(&mut report, &self.items, &self.positions);

        let answers = |item: usize| {
            let first = slots(item, 1);
            [Cell::from(first[0] as i64), effective(first[1], first[2]).into()]
        };
        let rows = compared.iter().map(|&item| {
            let mut row: Vec<Cell> = vec![self.items[item].id.as_str().into()];
            row.extend((0..FIGURES.len()).map(|figure| Cell::from(mean(slots(item, figure)))));
            row.extend(answers(item));
            row
        });
        let rows: Vec<_> = rows.collect();
        let aggregate = compared.iter().filter_map(|&item| {
            let position = self.positions[item].as_ref()?;
            let points = &sums[self.points(item)];
            let mut row = aggregate::row(&self.items[item], position, points, self.parameters);
            row.extend(answers(item));
            Some(row)
        });
        let aggregate: Vec<_> = aggregate.collect();

        let overall = FIGURES.iter().enumerate().map(|(figure, (id, label, unit))| {
            let all: Vec<_> = compared.iter().map(|&item| slots(item, figure)).collect();
            let pooled: Vec<i128> = (0..SLOTS).map(|at| all.iter().map(|slot| slot[at]).sum()).collect();
            let means: Vec<f64> = all.iter().filter_map(|slot| mean(slot)).collect();
            let item_mean = (!means.is_empty()).then(|| means.iter().sum::<f64>() / means.len() as f64);
            let value = Cell::from(mean(&pooled));
            report.scalars.push(Scalar { id: (*id).into(), label: (*label).into(), unit: *unit, value: value.clone() });
            vec![(*id).into(), value, item_mean.into(), (means.len() as i64).into(), (pooled[0] as i64).into()]
        });
        let overall: Vec<_> = overall.collect();

        let mut columns = vec![Column::new("item", "Item", Unit::None)];
        columns.extend(FIGURES.iter().map(|(id, label, unit)| Column::estimate(id, label, *unit)));
        columns.push(Column::new("n", "Answers", Unit::Count));
        columns.push(Column::new("n_eff", "Effective answers", Unit::Count));
        report.tables.push(Table { id: "items".into(), title: "Agreement by item".into(), columns, rows });
        report.tables.push(Table {
            id: "overall".into(),
            title: "Agreement over all items".into(),
            columns: vec![
                Column::new("figure", "Figure", Unit::None),
                Column::estimate("answers_mean", "Mean over answers, weighted", Unit::Score),
                Column::estimate("items_mean", "Mean over items", Unit::Score),
                Column::new("items", "Items", Unit::Count),
                Column::new("n", "Answers", Unit::Count),
            ],
            rows: overall,
        });
        aggregate::add_table(&mut report, aggregate);
        report.charts.push(Chart {
            id: "items".into(),
            title: "Pairwise accord by item".into(),
            kind: ChartKind::DotInterval,
            table: "items".into(),
            x: "accord".into(),
            y: "item".into(),
            group: None,
            value: None,
        });
        let ties = match self.parameters.ties {
            Ties::Half => "a participant's tie counts half",
            Ties::Excluded => "a participant's ties are left out",
        };
        let words = format!("pairwise accord is the share of the position's strict preferences shared; {ties}");
        report.notes.push(Note::info("accord_variant", words));
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_one_answer() {
        let check = |position: &[u8], given: &[u8], ties: Ties, want: [Option<f64>; 4]| {
            let got = figures(position, given, ties);
            let near = |(a, b): (&Option<f64>, &Option<f64>)| match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() < 1e-12,
                (a, b) => a == b,
            };
            assert!(got.iter().zip(&want).all(near), "{position:?} {given:?}: {got:?}, not {want:?}");
        };
        check(&[0, 1, 2], &[0, 1, 2], Ties::Half, [Some(1.0), Some(1.0), Some(1.0), Some(1.0)]);
        check(&[0, 1, 2], &[2, 1, 0], Ties::Half, [Some(0.0), Some(0.0), Some(-1.0), Some(-1.0)]);
        // A tie of the first two: tau-b = 2 / sqrt(3 * 2), rho = sqrt(3) / 2.
        check(
            &[0, 1, 2],
            &[0, 0, 1],
            Ties::Half,
            [Some(2.5 / 3.0), Some(0.5), Some(2.0 / 6.0_f64.sqrt()), Some(0.75_f64.sqrt())],
        );
        check(
            &[0, 1, 2],
            &[0, 0, 1],
            Ties::Excluded,
            [Some(1.0), Some(0.5), Some(2.0 / 6.0_f64.sqrt()), Some(0.75_f64.sqrt())],
        );
        // All level: accord half, no correlation defined.
        check(&[0, 1], &[0, 0], Ties::Half, [Some(0.5), Some(0.5), None, None]);
        check(&[0, 1], &[0, 0], Ties::Excluded, [None, Some(0.5), None, None]);
        // The third was not shown.
        check(&[0, 1, 2], &[1, 0, NOT_SHOWN], Ties::Half, [Some(0.0), Some(0.0), Some(-1.0), Some(-1.0)]);
        // scipy 1.17.1: scipy.stats.kendalltau and scipy.stats.spearmanr of the same two lists.
        check(&[0, 0, 1, 2], &[0, 1, 1, 2], Ties::Half, [Some(4.5 / 5.0), Some(1.0), Some(0.8), Some(5.0 / 6.0)]);
        check(&[0, 1, 2, 3], &[2, 0, 3, 1], Ties::Half, [Some(0.5), Some(0.0), Some(0.0), Some(0.0)]);
        let ties_in_both = [Some(6.5 / 9.0), Some(0.0), Some(0.503_952_630_678_969_6), Some(0.630_893_268_144_044_9)];
        check(&[0, 1, 1, 3, 4], &[1, 0, 2, 2, 2], Ties::Half, ties_in_both);
    }
}
