//! The agreement tables' estimates in many replicates at once.

use std::any::Any;

use super::{FIGURES, Fold, ONE, figures, fixed};
use crate::ballot::tiers;
use crate::contract::{Batch, MethodError, Values};
use crate::fold::{Block, Figures, Rows, Totals};
use crate::replicated::{Draws, Estimates, LANES, Place, Replicated};
use crate::stats::ratio;

const N: usize = FIGURES.len();

/// Most items whose means, in units of [`ONE`], a double adds up exactly.
pub(super) const MOST_ITEMS: usize = ((1_i64 << 53) / ONE) as usize;

pub(super) struct Replicates {
    fold: Fold,
    lanes: usize,
    /// Those of the item that is open.
    rows: Rows<N>,
    pooled: Totals<N>,
    /// Sum over items of each figure's means in units of [`ONE`], and how many items have one.
    sums: [Vec<Block<f64>>; N],
    counts: [Vec<Block<f64>>; N],
    /// Scratch: the means of one item.
    means: [Vec<Block<f64>>; N],
}

impl Replicates {
    pub(super) fn new(fold: Fold, lanes: usize) -> Self {
        let blocks = lanes.div_ceil(LANES);
        let none = || std::array::from_fn(|_| vec![[0.0; LANES]; blocks]);
        let pooled = Totals::new(ONE, blocks);
        Self { fold, lanes, rows: Rows::new(), pooled, sums: none(), counts: none(), means: none() }
    }
}

impl Replicated for Replicates {
    fn update(&mut self, batch: &Batch<'_>) -> Result<(), MethodError> {
        let place = batch.item as usize;
        let (bytes, width) = match batch.values {
            Values::Ranks(bytes) | Values::Approvals(bytes) => (bytes, batch.width),
            Values::Votes(bytes) | Values::Choices(bytes) => (bytes, 1),
            Values::Scores(_) | Values::Rubrics(_) => {
                return Err(MethodError::Internal("the method did not ask for scores".to_owned()));
            }
        };
        if bytes.len() != batch.rows() * width || batch.participant.len() != batch.rows() {
            return Err(MethodError::Internal("columns of a batch differ in length".to_owned()));
        }
        let Fold { items, positions, parameters, .. } = &self.fold;
        let Some(position) = &positions[place] else { return Ok(()) };
        let mut given = Vec::new();
        self.rows.add(batch, |row| -> Figures<N> {
            let answer = &bytes[row * width..][..width];
            match tiers(&items[place], answer, &mut given) {
                Some(()) => figures(position, &given, parameters.ties).map(|figure| figure.map(fixed)),
                None => [None; N],
            }
        });
        Ok(())
    }

    fn close(&mut self, item: u32, draws: &Draws, estimates: Estimates<'_>) {
        let (before, from) = self.fold.positions.split_at(item as usize);
        if from[0].is_none() {
            return;
        }
        let row = before.iter().filter(|position| position.is_some()).count();
        self.rows.sum(draws, &mut self.pooled, &mut self.means);
        self.rows.clear();
        for (figure, (column, ..)) in FIGURES.into_iter().enumerate() {
            let means = self.means[figure].as_flattened();
            estimates(Place { table: "items", column, row }, &means[..self.lanes]);
            let sums = self.sums[figure].as_flattened_mut().iter_mut();
            let counts = self.counts[figure].as_flattened_mut();
            for ((sum, count), &mean) in sums.zip(counts).zip(means) {
                *sum += if mean.is_nan() { 0.0 } else { rounded(mean * ONE as f64) };
                *count += if mean.is_nan() { 0.0 } else { 1.0 };
            }
        }
    }

    fn merge(&mut self, other: Box<dyn Replicated>) -> Result<(), MethodError> {
        let other: Box<dyn Any> = other;
        let other = other.downcast::<Self>().map_err(|_| MethodError::Internal("not of this method".to_owned()))?;
        self.pooled.merge(other.pooled);
        for (sums, more) in [(&mut self.sums, other.sums), (&mut self.counts, other.counts)] {
            let sums = sums.iter_mut().flat_map(|blocks| blocks.as_flattened_mut());
            sums.zip(more.iter().flat_map(|blocks| blocks.as_flattened())).for_each(|(sum, more)| *sum += more);
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, estimates: Estimates<'_>) -> usize {
        let mut defined = vec![false; self.lanes];
        for row in 0..N {
            let pooled = self.pooled.means(row);
            estimates(Place { table: "overall", column: "answers_mean", row }, &pooled[..self.lanes]);
            defined.iter_mut().zip(&pooled).for_each(|(defined, value)| *defined |= !value.is_nan());
            let sums = self.sums[row].as_flattened().iter().zip(self.counts[row].as_flattened());
            let mean = |(&sum, &count): (&f64, &f64)| ratio(sum as i128, count as i128 * i128::from(ONE));
            let means: Vec<f64> = sums.map(|sums| mean(sums).unwrap_or(f64::NAN)).collect();
            estimates(Place { table: "overall", column: "items_mean", row }, &means[..self.lanes]);
        }
        defined.into_iter().filter(|defined| *defined).count()
    }
}

/// The nearest integer, the even one of two, as `round_ties_even` but of numbers below 2^51 and
/// many at a time on every processor: doubles of this size have no room for fractions.
fn rounded(x: f64) -> f64 {
    const LARGE: f64 = 3.0 * (1_u64 << 51) as f64;
    (x + LARGE) - LARGE
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;

    use crate::contract::{ItemInfo, Method, Outcome, WEIGHT_ONE};
    use crate::preference::agreement::Agreement;
    use crate::replicated::fill;
    use crate::testing::{config, item};

    use super::*;

    const PEOPLE: u32 = 30;

    fn items() -> Vec<ItemInfo> {
        vec![
            item("strict", "rank", "a b c d", Some(&[1, 0, 2, 3])),
            item("tied", "rank", "a b c d e", Some(&[0, 0, 1, 2, 1])),
            item("without", "rank", "a b", None),
            item("partly", "rank", "a b c d", Some(&[1, 0, 0xFF, 2])),
            item("vote", "vote", "", Some(b"A")),
            item("choice", "choose", "a b c", Some(&[2])),
        ]
    }

    /// Rows of one item: participants, weights and answers.
    type Answers = (Vec<u32>, Vec<i64>, Vec<u8>);

    fn answers(item: &ItemInfo, weight: BoxedStrategy<i64>) -> impl Strategy<Value = Answers> + use<> {
        let (kind, width) = (item.kind.clone(), item.candidates.len());
        let answer = move || match kind.as_str() {
            "vote" => prop::sample::select(b"ADP".to_vec()).prop_map(|vote| vec![vote]).boxed(),
            "choose" => (0..width as u8).prop_map(|place| vec![place]).boxed(),
            // Ties, and candidates that were not shown.
            _ => prop::collection::vec(prop_oneof![6 => 0..4_u8, 1 => Just(0xFF)], width).boxed(),
        };
        let rows = prop::collection::btree_map(0..PEOPLE, (weight, answer()), 0..40);
        rows.prop_map(|rows: BTreeMap<u32, (i64, Vec<u8>)>| {
            let (weights, answers): (Vec<_>, Vec<_>) = rows.values().cloned().unzip();
            (rows.into_keys().collect(), weights, answers.concat())
        })
    }

    fn all_answers() -> impl Strategy<Value = Vec<Answers>> {
        let weight = prop::sample::select(vec![
            Just(WEIGHT_ONE).boxed(),
            Just(3 * WEIGHT_ONE / 7).boxed(),
            (0..4_i64).prop_map(|n| n * WEIGHT_ONE / 2).boxed(),
            (0..WEIGHT_ONE << 20).boxed(),
        ]);
        // Each item has weights of its own sort.
        let of_item = |item: ItemInfo| weight.clone().prop_flat_map(move |weight| answers(&item, weight));
        items().into_iter().map(of_item).collect::<Vec<_>>()
    }

    fn batch<'a>(place: usize, item: &ItemInfo, (participant, _, bytes): &'a Answers, weight: &'a [i64]) -> Batch<'a> {
        let values = match item.kind.as_str() {
            "vote" => Values::Votes(bytes),
            "choose" => Values::Choices(bytes),
            _ => Values::Ranks(bytes),
        };
        Batch { item: place as u32, width: item.candidates.len(), participant, weight, strata: &[], values }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn every_lane_is_the_report_under_its_weights_to_the_last_bit(
            answers in all_answers(),
            ties in prop::sample::select(vec!["half", "excluded"]),
            lanes in 1..150_u32,
            seed in any::<u64>(),
        ) {
            let (items, config) = (items(), config(&Agreement, &json!({"ties": ties}), &items(), 0));
            let mut draws = Draws::none(PEOPLE, lanes as usize);
            draws.parts(1).for_each(|(first, lines)| fill(seed, 1..1 + lanes, first, lines));
            let mut found: BTreeMap<Place, Vec<f64>> = BTreeMap::new();
            let mut keep = |place: Place, values: &[f64]| assert_new(found.insert(place, values.to_vec()));
            // Every other item is folded elsewhere.
            let mut folds = [0, 1].map(|_| Agreement.replicated(&config, lanes as usize).unwrap().unwrap());
            for (place, (item, answers)) in items.iter().zip(&answers).enumerate() {
                let fold = &mut folds[place % 2];
                // In two batches.
                let (whole, half) = (batch(place, item, answers, &answers.1), answers.0.len() / 2);
                let (mut strata, mut more) = (Vec::new(), Vec::new());
                fold.update(&whole.slice(0, half, &mut strata)).unwrap();
                fold.update(&whole.slice(half, answers.0.len(), &mut more)).unwrap();
                fold.close(place as u32, &draws, &mut keep);
            }
            let [mut fold, other] = folds;
            fold.merge(other).unwrap();
            let defined = fold.finish(&mut keep);

            let mut reports = 0;
            for lane in 0..lanes as usize {
                let mut plain = Agreement.open(&config, 0, None).unwrap();
                for (place, (item, answers)) in items.iter().zip(&answers).enumerate() {
                    let drawn = |participant: u32| i64::from(draws.line(participant, lane / LANES)[lane % LANES]);
                    let rows = answers.0.iter().zip(&answers.1);
                    let weight: Vec<i64> = rows.map(|(participant, weight)| weight * drawn(*participant)).collect();
                    plain.update(&batch(place, item, answers, &weight)).unwrap();
                }
                let Ok(Outcome::Done(report)) = plain.finish() else { continue };
                reports += usize::from(report.scalars.iter().any(|scalar| scalar.value.as_f64().is_some()));
                for (place, values) in &found {
                    let table = report.table(place.table).unwrap();
                    let want = table.cell(&table.rows[place.row], place.column).and_then(|cell| cell.as_f64());
                    let got = Some(values[lane]).filter(|value| !value.is_nan());
                    prop_assert_eq!(got.map(f64::to_bits), want.map(f64::to_bits), "{:?} in {}", place, lane);
                }
            }
            prop_assert_eq!(defined, reports);
        }
    }

    fn assert_new<T>(before: Option<T>) {
        assert!(before.is_none(), "an estimate is given twice");
    }
}
