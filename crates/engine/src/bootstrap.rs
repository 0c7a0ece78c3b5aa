//! Bootstrap intervals: whole participants are drawn again and again, by weights that are Poisson
//! with mean 1 and come from a hash, so that no draw depends on the order of rows.
//!
//! [`draws`] is the one place that says what a participant weighs in a replicate. Weights that were
//! made to meet targets are made again in each, from its draws.

use std::collections::HashMap;

use folkmoot_methods::Report;
use folkmoot_methods::report::{Cell, Column, Table};

/// Share of replicates between the ends of an interval.
pub(crate) const LEVEL: f64 = 0.95;

/// 2^64 times P(X <= k) of the Poisson distribution with mean 1, rounded down.
const CUMULATIVE: [u64; 20] = [
    0x5E2D_58D8_B3BC_DF1A,
    0xBC5A_B1B1_6779_BE35,
    0xEB71_5E1D_C158_2DC2,
    0xFB23_9797_34A2_52F1,
    0xFF10_25F5_9174_DC3D,
    0xFFD9_0F3B_A405_5E19,
    0xFFFA_8B71_FC72_C913,
    0xFFFF_540C_0914_B3C9,
    0xFFFF_ED1F_4AA8_F120,
    0xFFFF_FE21_6E64_1462,
    0xFFFF_FFD4_D85D_3183,
    0xFFFF_FFFC_6DA2_62B4,
    0xFFFF_FFFF_BA12_D178,
    0xFFFF_FFFF_FB07_C64C,
    0xFFFF_FFFF_FFAB_8EA5,
    0xFFFF_FFFF_FFFA_BE22,
    0xFFFF_FFFF_FFFF_B11A,
    0xFFFF_FFFF_FFFF_FBA1,
    0xFFFF_FFFF_FFFF_FFC5,
    0xFFFF_FFFF_FFFF_FFFD,
];

/// How often `participant` is drawn in `replicate`; the same for all answers of the participant.
pub(crate) fn draws(seed: u64, replicate: u32, participant: u32) -> i64 {
    let key = (u64::from(replicate) << 32) | u64::from(participant);
    let uniform = mix(mix(seed.wrapping_add(0x9E37_79B9_7F4A_7C15)) ^ key);
    // Nearly all draws are below four, and these are counted without a branch.
    let few: i64 = CUMULATIVE[..4].iter().map(|&below| i64::from(uniform >= below)).sum();
    let many = CUMULATIVE[4..].iter().take_while(|&&below| uniform >= below).count();
    if few < 4 { few } else { few + many as i64 }
}

/// Most that anybody is drawn in a replicate.
pub(crate) const MOST_DRAWS: u8 = CUMULATIVE.len() as u8;

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
pub(crate) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Adds `<id>_low` and `<id>_high` beside every estimate that has none, from the same rows of the
/// replicates: percentiles, over the replicates where the estimate is defined.
pub(crate) fn attach_intervals(report: &mut Report, replicates: &[Report]) {
    attach_with(report, |table, id| ends_of_reports(table, id, replicates));
}

/// Adds `<id>_low` and `<id>_high` beside every estimate that has none; `ends` gives those of the rows of
/// a table's column.
pub(crate) fn attach_with(report: &mut Report, ends: impl Fn(&Table, &str) -> Vec<Option<(f64, f64)>>) {
    for table in &mut report.tables {
        let estimates: Vec<String> = table.columns.iter().filter(|c| c.estimate).map(|c| c.id.clone()).collect();
        for id in estimates {
            if table.column(&format!("{id}_low")).is_none() {
                let ends = ends(table, &id);
                attach(table, &id, ends);
            }
        }
    }
}

fn ends_of_reports(table: &Table, id: &str, replicates: &[Report]) -> Vec<Option<(f64, f64)>> {
    let mut values: HashMap<Vec<String>, Vec<f64>> = HashMap::new();
    for replicate in replicates.iter().filter_map(|report| report.table(&table.id)) {
        for row in &replicate.rows {
            if let Some(value) = replicate.cell(row, id).and_then(Cell::as_f64) {
                values.entry(key(replicate, row)).or_default().push(value);
            }
        }
    }
    values.values_mut().for_each(|values| values.sort_by(f64::total_cmp));
    table.rows.iter().map(|row| values.get(&key(table, row)).map(|sorted| percentiles(sorted))).collect()
}

fn attach(table: &mut Table, id: &str, ends: Vec<Option<(f64, f64)>>) {
    let Some(place) = table.column(id) else { return };
    let column = table.columns[place].clone();
    for (row, ends) in table.rows.iter_mut().zip(ends) {
        row.insert(place + 1, ends.map(|ends| ends.0).into());
        row.insert(place + 2, ends.map(|ends| ends.1).into());
    }
    let end =
        |suffix, words| Column::new(&format!("{id}_{suffix}"), &format!("{}, {words}", column.label), column.unit);
    table.columns.insert(place + 1, end("low", "lower end"));
    table.columns.insert(place + 2, end("high", "upper end"));
}

/// What makes a row the same row in every replicate: its words.
pub(crate) fn key(table: &Table, row: &[Cell]) -> Vec<String> {
    let words = table.columns.iter().zip(row).filter(|(column, _)| !column.estimate);
    words.filter_map(|(_, cell)| cell.as_str()).map(str::to_owned).collect()
}

/// The ends of the middle [`LEVEL`] of sorted values, by nearest rank.
fn percentiles(sorted: &[f64]) -> (f64, f64) {
    let last = sorted.len() - 1;
    let outside = outside(sorted.len()).min(last);
    (sorted[outside], sorted[last - outside])
}

/// How many of so many values are below the middle [`LEVEL`], and how many above it.
fn outside(values: usize) -> usize {
    (((1.0 - LEVEL) / 2.0) * values as f64) as usize
}

/// The values of one estimate in many replicates, of which the two tails are kept: the ends of the middle
/// need no more.
#[derive(Clone)]
pub(crate) struct Tails {
    low: Tail,
    /// The high values, negated.
    high: Tail,
    values: usize,
}

impl Tails {
    /// For at most `replicates` values.
    pub(crate) fn new(replicates: usize) -> Self {
        let tail = Tail { keep: outside(replicates) + 1, values: Vec::new(), limit: f64::INFINITY };
        Self { low: tail.clone(), high: tail, values: 0 }
    }

    /// Adds values; NaN is none.
    pub(crate) fn push(&mut self, values: &[f64]) {
        for &value in values.iter().filter(|value| !value.is_nan()) {
            self.values += 1;
            self.low.push(value);
            self.high.push(-value);
        }
    }

    /// Adds those of `other`.
    pub(crate) fn merge(&mut self, other: Self) {
        self.values += other.values;
        other.low.values.into_iter().for_each(|value| self.low.push(value));
        other.high.values.into_iter().for_each(|value| self.high.push(value));
    }

    /// As [`percentiles`] of all values; none without any.
    pub(crate) fn ends(&mut self) -> Option<(f64, f64)> {
        let outside = outside(self.values);
        (self.values > 0).then(|| (self.low.at(outside), -self.high.at(outside)))
    }
}

/// The lowest values.
#[derive(Clone)]
struct Tail {
    keep: usize,
    /// Those to keep among at most twice as many, in no order.
    values: Vec<f64>,
    /// As many as are to be kept are at most this.
    limit: f64,
}

impl Tail {
    fn push(&mut self, value: f64) {
        if value >= self.limit {
            return;
        }
        self.values.push(value);
        if self.values.len() == 2 * self.keep {
            let (_, last, _) = self.values.select_nth_unstable_by(self.keep - 1, f64::total_cmp);
            self.limit = *last;
            self.values.truncate(self.keep);
        }
    }

    /// The value with `below` values below it.
    fn at(&mut self, below: usize) -> f64 {
        *self.values.select_nth_unstable_by(below, f64::total_cmp).1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_poisson_with_mean_one() {
        let count = 200_000;
        let drawn: Vec<i64> = (0..count).map(|participant| draws(7, 3, participant)).collect();
        let mean = drawn.iter().sum::<i64>() as f64 / f64::from(count);
        let none = drawn.iter().filter(|&&n| n == 0).count() as f64 / f64::from(count);
        let variance = drawn.iter().map(|&n| (n as f64 - mean).powi(2)).sum::<f64>() / f64::from(count);
        // Five standard errors of each.
        assert!((mean - 1.0).abs() < 0.012, "mean {mean}");
        assert!((none - (-1.0_f64).exp()).abs() < 0.006, "none {none}");
        assert!((variance - 1.0).abs() < 0.02, "variance {variance}");
        assert_ne!(drawn[..64], (0..64).map(|p| draws(7, 4, p)).collect::<Vec<_>>());
    }

    #[test]
    fn percentiles_hold_the_middle() {
        let values: Vec<f64> = (0..200).map(f64::from).collect();
        assert_eq!(percentiles(&values), (5.0, 194.0));
        assert_eq!(percentiles(&[3.0]), (3.0, 3.0));
    }

    #[test]
    fn tails_give_the_percentiles_of_all_values() {
        for (replicates, some) in [(1, 1), (20, 20), (39, 30), (200, 190), (2_000, 2_000), (2_000, 3)] {
            let values: Vec<f64> = (0..some).map(|n| (mix(n) % 500) as f64 / 250.0 - 1.0).collect();
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let want = percentiles(&sorted);
            let mut whole = Tails::new(replicates);
            whole.push(&[values.as_slice(), &[f64::NAN]].concat());
            assert_eq!(whole.ends(), Some(want), "{some} of {replicates}");
            let mut parts = values.chunks(7).map(|part| {
                let mut tails = Tails::new(replicates);
                tails.push(part);
                tails
            });
            let first = parts.next().unwrap();
            let mut merged = parts.fold(first, |mut sum, part| {
                sum.merge(part);
                sum
            });
            assert_eq!(merged.ends(), Some(want), "{some} of {replicates}, in parts");
        }
        assert_eq!(Tails::new(5).ends(), None);
    }
}
