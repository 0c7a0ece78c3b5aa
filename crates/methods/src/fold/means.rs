//! Weighted means of a few figures in many replicates at once.

use std::collections::HashMap;
use std::ops::{AddAssign, Mul, Sub};

use crate::contract::Batch;
use crate::replicated::{Draws, LANES, MOST_DRAWS};
use crate::stats::ratio;

/// Largest integer up to which a double holds every one.
const EXACT: u128 = 1 << 53;
/// Rows whose draws a count of sixteen bits holds.
const PIECE: usize = (u16::MAX / MOST_DRAWS as u16) as usize;
/// Pieces whose counts are held at once, so that they stay in the processor's nearest memory.
const TILE: usize = 16;

/// The figures of an answer as integers of the same unit, each where it is defined.
pub(crate) type Figures<const N: usize> = [Option<i64>; N];

/// A number for each replicate of a block.
pub(crate) type Block<T> = [T; LANES];

/// The rows of an item, of which those of like figures and weight are one group.
pub(crate) struct Rows<const N: usize> {
    groups: Vec<(Figures<N>, i64)>,
    places: HashMap<(Figures<N>, i64), u32>,
    /// Group and participant of each.
    rows: Vec<(u32, u32)>,
}

impl<const N: usize> Rows<N> {
    pub(crate) fn new() -> Self {
        Self { groups: Vec::new(), places: HashMap::new(), rows: Vec::new() }
    }

    pub(crate) fn clear(&mut self) {
        self.groups.clear();
        self.places.clear();
        self.rows.clear();
    }

    /// Adds the rows of a batch; `figures` gives those of a row.
    pub(crate) fn add(&mut self, batch: &Batch<'_>, mut figures: impl FnMut(usize) -> Figures<N>) {
        for (row, (&participant, &weight)) in batch.participant.iter().zip(batch.weight).enumerate() {
            let group = (figures(row), weight);
            let next = self.groups.len() as u32;
            let place = *self.places.entry(group).or_insert(next);
            if place == next {
                self.groups.push(group);
            }
            self.rows.push((place, participant));
        }
    }

    /// Adds up the rows: each figure's mean in each lane to `means`, and what it is made of to `totals`.
    pub(crate) fn sum(&mut self, draws: &Draws, totals: &mut Totals<N>, means: &mut [Vec<Block<f64>>; N]) {
        self.rows.sort_unstable();
        let units = Units::of(self, totals.one);
        let needs = units.needs();
        if !matches!(needs, Needs::Wide) {
            totals.admit(&units);
        }
        match needs {
            Needs::Narrow => Terms::<i16, N>::of(self, &units).sum(draws, &units, totals, means),
            Needs::Double => Terms::<f64, N>::of(self, &units).sum(draws, &units, totals, means),
            Needs::Wide => {
                let units = Units { weight: 1, figures: [1; N], ..units };
                Terms::<i128, N>::of(self, &units).sum(draws, &units, totals, means);
            }
        }
    }
}

/// What an item's weights and figures are multiples of.
struct Units<const N: usize> {
    weight: i64,
    figures: [i64; N],
    /// What a figure of 1 is.
    one: i64,
    /// The weight of all rows, drawn as often as can be.
    most: u128,
}

enum Needs {
    Narrow,
    Double,
    Wide,
}

impl<const N: usize> Units<N> {
    fn of(rows: &Rows<N>, one: i64) -> Self {
        let mut units = Self { weight: 0, figures: [one; N], one, most: 0 };
        for (figures, weight) in &rows.groups {
            units.weight = divisor(units.weight, *weight);
            for (unit, figure) in units.figures.iter_mut().zip(figures) {
                *unit = divisor(*unit, figure.unwrap_or(0));
            }
        }
        units.weight = units.weight.max(1);
        let weight = rows.rows.iter().map(|(group, _)| rows.groups[*group as usize].1 as u128).sum::<u128>();
        units.most = weight * u128::from(MOST_DRAWS);
        units
    }

    /// No sum is larger, counted in the largest power of two of which all are multiples.
    fn bound(&self) -> u128 {
        (self.most * self.one as u128) >> self.weight.trailing_zeros()
    }

    /// The numbers that hold all sums exactly, and the two that a mean is the ratio of.
    fn needs(&self) -> Needs {
        let finest = self.figures.iter().map(|unit| self.one / unit).max().unwrap_or(1);
        match self.bound() <= EXACT {
            true if self.most / self.weight as u128 * finest as u128 <= i16::MAX as u128 => Needs::Narrow,
            true => Needs::Double,
            false => Needs::Wide,
        }
    }
}

/// The greatest common divisor; that of 0 and any number is the number.
fn divisor(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// What an item's sums are made of.
trait Number: Copy + Default + PartialEq + AddAssign + Mul<Output = Self> + Into<Self::Total> {
    /// What they are made of over many items.
    type Total: Total;

    fn of(integer: i64) -> Self;
    fn count(count: u16) -> Self;
}

impl Number for i16 {
    type Total = f64;

    fn of(integer: i64) -> Self {
        integer as i16
    }

    fn count(count: u16) -> Self {
        count.cast_signed()
    }
}

impl Number for f64 {
    type Total = f64;

    fn of(integer: i64) -> Self {
        integer as f64
    }

    fn count(count: u16) -> Self {
        count.into()
    }
}

impl Number for i128 {
    type Total = i128;

    fn of(integer: i64) -> Self {
        integer.into()
    }

    fn count(count: u16) -> Self {
        count.into()
    }
}

/// What sums over many items are made of.
trait Total: Copy + Default + Sub<Output = Self> {
    /// `sum / (weight * one)`.
    fn mean(sum: Self, weight: Self, one: i64) -> f64;
    /// Adds sums in units of `unit` to totals, of which doubles hold what they can.
    fn add(sums: &Block<Self>, unit: i64, near: &mut Block<f64>, far: &mut Block<i128>);
}

impl Total for f64 {
    fn mean(sum: Self, weight: Self, one: i64) -> f64 {
        sum / (weight * one as f64)
    }

    fn add(sums: &Block<Self>, unit: i64, near: &mut Block<f64>, _: &mut Block<i128>) {
        near.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum * unit as f64);
    }
}

impl Total for i128 {
    fn mean(sum: Self, weight: Self, one: i64) -> f64 {
        ratio(sum, weight * i128::from(one)).unwrap_or(f64::NAN)
    }

    fn add(sums: &Block<Self>, unit: i64, _: &mut Block<f64>, far: &mut Block<i128>) {
        far.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum * i128::from(unit));
    }
}

/// What each drawing of a row adds to the sums.
struct Terms<'a, T, const N: usize> {
    /// Rows of the same group.
    pieces: Vec<&'a [(u32, u32)]>,
    /// For each figure what a row of each piece adds to weight and sum, where it is defined.
    terms: [Vec<Option<(T, T)>>; N],
    /// Whether a figure is defined where the one before it is.
    alike: [bool; N],
}

impl<'a, T: Number, const N: usize> Terms<'a, T, N> {
    fn of(rows: &'a Rows<N>, units: &Units<N>) -> Self {
        let pieces: Vec<_> = rows.rows.chunk_by(|a, b| a.0 == b.0).flat_map(|group| group.chunks(PIECE)).collect();
        let term = |figure: usize, piece: &&[(u32, u32)]| {
            let (figures, weight) = &rows.groups[piece[0].0 as usize];
            let weight = weight / units.weight;
            figures[figure].map(|value| (T::of(weight), T::of(weight) * T::of(value / units.figures[figure])))
        };
        let terms: [Vec<_>; N] = std::array::from_fn(|figure| pieces.iter().map(|piece| term(figure, piece)).collect());
        let is_some = |figure: usize| terms[figure].iter().map(Option::is_some);
        let alike = std::array::from_fn(|figure| figure > 0 && is_some(figure).eq(is_some(figure - 1)));
        Self { pieces, terms, alike }
    }

    fn sum(&self, draws: &Draws, units: &Units<N>, totals: &mut Totals<N>, means: &mut [Vec<Block<f64>>; N]) {
        (0..draws.blocks()).for_each(|block| {
            let (own, sums) = self.block(draws, block);
            let mut weights = [T::Total::default(); LANES];
            for figure in 0..N {
                let (near, far) = totals.of(figure, block);
                if !self.alike[figure] {
                    let before = std::mem::replace(&mut weights, own[figure].map(T::into));
                    let more = std::array::from_fn(|lane| weights[lane] - before[lane]);
                    T::Total::add(&more, units.weight, &mut near[0], &mut far[0]);
                }
                let (sums, unit) = (sums[figure].map(T::into), units.figures[figure]);
                let one = units.one / unit;
                means[figure][block] = std::array::from_fn(|lane| T::Total::mean(sums[lane], weights[lane], one));
                T::Total::add(&sums, units.weight * unit, &mut near[1], &mut far[1]);
            }
        });
    }

    /// Each figure's weights, unless they are alike, and sums in the replicates of a block.
    fn block(&self, draws: &Draws, block: usize) -> ([Block<T>; N], [Block<T>; N]) {
        let mut weights = [[T::default(); LANES]; N];
        let mut sums = weights;
        for (tile, pieces) in self.pieces.chunks(TILE).enumerate() {
            let mut counts = [[0_u16; LANES]; TILE];
            for (counts, piece) in counts.iter_mut().zip(pieces) {
                piece.iter().for_each(|(_, participant)| count(counts, draws.line(*participant, block)));
            }
            for figure in 0..N {
                let terms = &self.terms[figure][tile * TILE..];
                let terms = || counts.iter().zip(terms).filter_map(|(counts, term)| Some((counts, (*term)?)));
                if !self.alike[figure] {
                    add(&mut weights[figure], terms().map(|(counts, term)| (counts, term.0)));
                }
                add(&mut sums[figure], terms().map(|(counts, term)| (counts, term.1)));
            }
        }
        (weights, sums)
    }
}

fn count(counts: &mut Block<u16>, line: &Block<u8>) {
    counts.iter_mut().zip(line).for_each(|(count, &drawn)| *count += u16::from(drawn));
}

/// Adds counts times terms.
fn add<'a, T: Number>(sums: &mut Block<T>, terms: impl Iterator<Item = (&'a Block<u16>, T)>) {
    let mut found = *sums;
    for (counts, term) in terms.filter(|(_, term)| *term != T::default()) {
        found.iter_mut().zip(counts).for_each(|(sum, &count)| *sum += T::count(count) * term);
    }
    *sums = found;
}

/// Weights and sums of each figure over many items. Sums are integers: doubles hold them while they are small
/// enough to be exact, and are poured into wide integers before they are not.
pub(crate) struct Totals<const N: usize> {
    one: i64,
    blocks: usize,
    /// For each figure and block, weights less those of the figure before, and sums.
    near: Vec<[Block<f64>; 2]>,
    far: Vec<[Block<i128>; 2]>,
    /// No sum of doubles is larger.
    bound: u128,
    /// All of them are multiples of this power of two.
    zeros: u32,
}

impl<const N: usize> Totals<N> {
    /// A figure of 1 is `one`.
    pub(crate) fn new(one: i64, blocks: usize) -> Self {
        let (near, far) = (vec![[[0.0; LANES]; 2]; N * blocks], vec![[[0; LANES]; 2]; N * blocks]);
        Self { one, blocks, near, far, bound: 0, zeros: i64::BITS }
    }

    fn of(&mut self, figure: usize, block: usize) -> (&mut [Block<f64>; 2], &mut [Block<i128>; 2]) {
        let place = figure * self.blocks + block;
        (&mut self.near[place], &mut self.far[place])
    }

    /// Makes room for the sums of an item.
    fn admit(&mut self, units: &Units<N>) {
        let (more, zeros) = (units.most * units.one as u128, units.weight.trailing_zeros());
        if (self.bound + more) >> self.zeros.min(zeros) > EXACT {
            self.pour();
        }
        self.bound += more;
        self.zeros = self.zeros.min(zeros);
    }

    fn pour(&mut self) {
        let near = self.near.as_flattened_mut().as_flattened_mut();
        for (far, near) in self.far.as_flattened_mut().as_flattened_mut().iter_mut().zip(near) {
            *far += *near as i128;
            *near = 0.0;
        }
        (self.bound, self.zeros) = (0, i64::BITS);
    }

    /// Adds those of `other`.
    pub(crate) fn merge(&mut self, mut other: Self) {
        self.pour();
        other.pour();
        let more = other.far.as_flattened().as_flattened();
        self.far.as_flattened_mut().as_flattened_mut().iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }

    /// The mean of a figure in each lane; NaN where nobody has it.
    pub(crate) fn means(&mut self, figure: usize) -> Vec<f64> {
        self.pour();
        let mean = |block: usize| -> Block<f64> {
            let upto = (0..=figure).map(|figure| &self.far[figure * self.blocks + block]);
            let sums = &self.far[figure * self.blocks + block][1];
            std::array::from_fn(|lane| {
                let weight = upto.clone().map(|[weights, _]| weights[lane]).sum();
                i128::mean(sums[lane], weight, self.one)
            })
        };
        (0..self.blocks).flat_map(mean).collect()
    }
}
