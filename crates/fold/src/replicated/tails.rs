//! The two tails of an estimate's values in many replicates: the ends of the middle need no more.

/// Share of replicates between the ends of an interval.
pub const LEVEL: f64 = 0.95;

/// How many of so many values are below the middle [`LEVEL`], and how many above it.
pub fn outside(values: usize) -> usize {
    (((1.0 - LEVEL) / 2.0) * values as f64) as usize
}

/// The values of one estimate in many replicates, of which the tails are kept.
#[derive(Clone, Debug)]
pub struct Tails {
    low: Tail,
    /// The high values, negated.
    high: Tail,
    values: usize,
}

impl Tails {
    /// For at most `replicates` values.
    pub fn new(replicates: usize) -> Self {
        let tail = Tail { keep: outside(replicates) + 1, values: Vec::new(), limit: f64::INFINITY };
        Self { low: tail.clone(), high: tail, values: 0 }
    }

    /// Adds values; NaN is none.
    pub fn push(&mut self, values: &[f64]) {
        self.values += values.iter().filter(|value| !value.is_nan()).count();
        let low = self.low.limit(values, |value| value);
        let high = self.high.limit(values, |value| -value);
        let mut outer = Vec::with_capacity(values.len() / 4);
        pick(values, &mut outer, |value| (value <= low) | (value >= -high));
        self.low.push(&outer, low);
        outer.iter_mut().for_each(|value| *value = -*value);
        self.high.push(&outer, high);
    }

    /// As the percentiles of all values by nearest rank; none without any.
    pub fn ends(&mut self) -> Option<(f64, f64)> {
        let outside = outside(self.values);
        (self.values > 0).then(|| (self.low.at(outside), -self.high.at(outside)))
    }
}

/// Values that are set aside at once.
const CHUNK: usize = 128;

/// The lowest values.
#[derive(Clone, Debug)]
struct Tail {
    keep: usize,
    /// Those to keep, in no order.
    values: Vec<f64>,
    /// As many as are to be kept are at most this.
    limit: f64,
}

impl Tail {
    /// What is above this need not be added: of the values, dealt into a few more hands than are to be kept,
    /// as many hands as are to be kept have one that is at most as large.
    fn limit(&self, values: &[f64], sign: impl Fn(f64) -> f64) -> f64 {
        let hands = self.keep + self.keep / 4;
        let mut least = vec![f64::INFINITY; hands];
        for values in values.chunks(hands) {
            for (least, &value) in least.iter_mut().zip(values) {
                *least = if sign(value) < *least { sign(value) } else { *least };
            }
        }
        least.select_nth_unstable_by(self.keep - 1, f64::total_cmp).1.min(self.limit)
    }

    /// Adds those at most `limit` of some values.
    fn push(&mut self, values: &[f64], limit: f64) {
        pick(values, &mut self.values, |value| value <= limit);
        if self.values.len() > self.keep {
            self.limit = self.at(self.keep - 1);
            self.values.truncate(self.keep);
        }
    }

    /// The value with `below` values below it.
    fn at(&mut self, below: usize) -> f64 {
        *self.values.select_nth_unstable_by(below, f64::total_cmp).1
    }
}

/// Adds the values that pass, without a branch for each: which pass is anybody's guess.
fn pick(values: &[f64], into: &mut Vec<f64>, passes: impl Fn(f64) -> bool) {
    let mut picked = [0.0; CHUNK];
    for chunk in values.chunks(CHUNK) {
        let mut count = 0;
        for &value in chunk {
            picked[count % CHUNK] = value;
            count += usize::from(passes(value));
        }
        into.extend_from_slice(&picked[..count]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_give_the_percentiles_of_all_values() {
        let check = |name: &str, replicates: usize, values: &[f64]| {
            let mut sorted = values.to_vec();
            sorted.sort_by(f64::total_cmp);
            let (last, outside) = (values.len() - 1, outside(values.len()).min(values.len() - 1));
            let want = Some((sorted[outside], sorted[last - outside]));
            for part in [values.len(), 7, 64, 1_000] {
                let mut tails = Tails::new(replicates);
                values.chunks(part).for_each(|part| tails.push(&[part, &[f64::NAN]].concat()));
                assert_eq!(tails.ends(), want, "{name}: {} of {replicates} by {part}", values.len());
            }
        };
        for (replicates, some) in [(1, 1), (20, 20), (39, 30), (200, 190), (2_000, 2_000), (2_000, 3), (9_000, 9_000)] {
            let scattered = |n: u64| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / (1 << 24) as f64;
            let values: Vec<f64> = (0..some).map(scattered).collect();
            check("scattered", replicates, &values);
            check("few", replicates, &values.iter().map(|value| (value * 5.0).floor() - 2.0).collect::<Vec<_>>());
            check("alike", replicates, &vec![0.25; values.len()]);
            check("far", replicates, &values.iter().map(|value| (40.0 * (value - 0.5)).exp()).collect::<Vec<_>>());
            check("rising", replicates, &(0..some).map(|n| n as f64).collect::<Vec<_>>());
            check("in turn", replicates, &(0..some).map(|n| [0.0, 1.0, -1.0][(n % 3) as usize]).collect::<Vec<_>>());
        }
        assert_eq!(Tails::new(5).ends(), None);
    }
}
