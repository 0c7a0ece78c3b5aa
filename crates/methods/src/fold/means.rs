//! Weighted means of a few figures in many replicates at once.

use std::collections::HashMap;

use crate::ballot::FRACTION_ONE;
use crate::contract::Batch;
use crate::replicated::Draws;

/// Most bits of an integer that a double holds exactly.
const EXACT_BITS: u32 = 53;

/// The figures of an answer in units of [`FRACTION_ONE`], each where it is defined.
pub(crate) type Figures<const N: usize> = [Option<i64>; N];

/// For each figure and lane: the weight of those who have the figure, and that weight times the figure.
/// Sums are integers. Doubles hold them while they are small enough to be exact, wide integers after.
pub(crate) struct Means<const N: usize> {
    lanes: usize,
    sums: Sums,
    /// No sum is larger.
    bound: u128,
    /// All of them are multiples of this power of two.
    unit: u32,
    /// Scratch: the weight of a group of rows in each lane.
    group: Vec<f64>,
    counts: Vec<u16>,
}

enum Sums {
    Small(Vec<f64>),
    Large(Vec<i128>),
}

impl<const N: usize> Means<N> {
    pub(crate) fn new(lanes: usize) -> Self {
        Self {
            lanes,
            sums: Sums::Small(vec![0.0; 2 * N * lanes]),
            bound: 0,
            unit: i64::BITS,
            group: vec![0.0; lanes],
            counts: vec![0; lanes],
        }
    }

    /// As new.
    pub(crate) fn clear(&mut self) {
        self.bound = 0;
        self.unit = i64::BITS;
        match &mut self.sums {
            Sums::Small(sums) => sums.fill(0.0),
            Sums::Large(_) => self.sums = Sums::Small(vec![0.0; 2 * N * self.lanes]),
        }
    }

    /// Makes room for sums that grow by at most `more` and are multiples of two to the power of `unit`.
    fn admit(&mut self, more: u128, unit: u32) {
        self.bound = self.bound.saturating_add(more);
        self.unit = self.unit.min(unit);
        let exact = self.bound >> self.unit <= 1 << EXACT_BITS;
        if let (false, Sums::Small(sums)) = (exact, &self.sums) {
            self.sums = Sums::Large(sums.iter().map(|&sum| sum as i128).collect());
        }
    }

    /// Adds the rows of a batch; `figures` gives those of a row.
    pub(crate) fn add(&mut self, batch: &Batch<'_>, draws: &Draws<'_>, mut figures: impl FnMut(usize) -> Figures<N>) {
        let weight: u128 = batch.weight.iter().map(|weight| u128::from(weight.unsigned_abs())).sum();
        let bits = batch.weight.iter().fold(0, |bits, weight| bits | weight);
        self.admit(weight * u128::from(draws.most) * FRACTION_ONE as u128, bits.trailing_zeros());
        let mut groups: Vec<(Figures<N>, i64)> = Vec::new();
        let mut places: HashMap<(Figures<N>, i64), u32> = HashMap::new();
        let mut rows: Vec<(u32, u32)> = Vec::new();
        for (row, (&participant, &weight)) in batch.participant.iter().zip(batch.weight).enumerate() {
            let key = (figures(row), weight);
            let next = groups.len() as u32;
            let place = *places.entry(key).or_insert(next);
            if place == next {
                groups.push(key);
            }
            rows.push((place, participant));
        }
        rows.sort_unstable();
        // As many rows as a count of sixteen bits holds the draws of.
        let most = usize::from(u16::MAX / u16::from(draws.most.max(1)));
        for chunk in rows.chunk_by(|a, b| a.0 == b.0).flat_map(|group| group.chunks(most)) {
            self.counts.fill(0);
            for (_, participant) in chunk {
                let counts = self.counts.iter_mut().zip(draws.of(*participant));
                counts.for_each(|(count, &drawn)| *count += u16::from(drawn));
            }
            let (figures, weight) = &groups[chunk[0].0 as usize];
            self.add_group(figures, *weight);
        }
    }

    /// Adds rows of like figures and weight, drawn as often as `counts` says.
    fn add_group(&mut self, figures: &Figures<N>, weight: i64) {
        match &mut self.sums {
            Sums::Small(sums) => {
                let weight = weight as f64;
                self.group.iter_mut().zip(&self.counts).for_each(|(group, &count)| *group = weight * f64::from(count));
                for (figure, sums) in figures.iter().zip(sums.chunks_exact_mut(2 * self.lanes)) {
                    let Some(figure) = *figure else { continue };
                    let (weights, products) = sums.split_at_mut(self.lanes);
                    weights.iter_mut().zip(&self.group).for_each(|(sum, group)| *sum += group);
                    let figure = figure as f64;
                    if figure != 0.0 {
                        products.iter_mut().zip(&self.group).for_each(|(sum, group)| *sum += group * figure);
                    }
                }
            }
            Sums::Large(sums) => {
                for (figure, sums) in figures.iter().zip(sums.chunks_exact_mut(2 * self.lanes)) {
                    let Some(figure) = *figure else { continue };
                    let (weights, products) = sums.split_at_mut(self.lanes);
                    for ((sum, product), &count) in weights.iter_mut().zip(products).zip(&self.counts) {
                        let weight = i128::from(weight) * i128::from(count);
                        *sum += weight;
                        *product += weight * i128::from(figure);
                    }
                }
            }
        }
    }

    /// Adds the sums of `other`.
    pub(crate) fn absorb(&mut self, other: &Self) {
        self.admit(other.bound, other.unit);
        if let (Sums::Large(_), Sums::Small(sums)) = (&other.sums, &self.sums) {
            self.sums = Sums::Large(sums.iter().map(|&sum| sum as i128).collect());
        }
        match (&mut self.sums, &other.sums) {
            (Sums::Small(sums), Sums::Small(more)) => sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more),
            (Sums::Large(sums), Sums::Large(more)) => sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more),
            (Sums::Large(sums), Sums::Small(more)) => {
                sums.iter_mut().zip(more).for_each(|(sum, &more)| *sum += more as i128);
            }
            (Sums::Small(_), Sums::Large(_)) => {}
        }
    }

    /// The mean of a figure in each lane; NaN where nobody has it.
    pub(crate) fn mean(&self, figure: usize, into: &mut [f64]) {
        let of = 2 * figure * self.lanes..2 * (figure + 1) * self.lanes;
        let one = FRACTION_ONE as f64;
        match &self.sums {
            Sums::Small(sums) => {
                let (weights, products) = sums[of].split_at(self.lanes);
                let sums = products.iter().zip(weights);
                into.iter_mut().zip(sums).for_each(|(mean, (product, weight))| *mean = product / weight / one);
            }
            Sums::Large(sums) => {
                let (weights, products) = sums[of].split_at(self.lanes);
                let sums = products.iter().zip(weights);
                into.iter_mut().zip(sums).for_each(|(mean, (&product, &weight))| {
                    *mean = if weight == 0 { f64::NAN } else { product as f64 / weight as f64 / one };
                });
            }
        }
    }
}
