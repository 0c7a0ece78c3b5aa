//! People of one region and one level of the second attribute, by what they weigh: all that weighting
//! needs of a million people is how often each weight comes.

/// People of a cell who weigh at most as much as its heaviest: how many, and the exact sums of their
/// weights and of the squares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rung {
    pub(crate) weight: i64,
    pub(crate) people: u64,
    pub(crate) sum: i128,
    pub(crate) squares: i128,
}

/// Bits of a weight in a [`key`]; the largest weight, 2^40, takes 41.
const WEIGHT_BITS: u32 = 48;

/// Somebody's region, level and base weight as a number that sorts by them.
pub(crate) fn key(region: u8, level: u8, weight: i64) -> u64 {
    u64::from(region) << 56 | u64::from(level) << WEIGHT_BITS | weight.unsigned_abs()
}

/// The people of a region and a level, at least one.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    pub(crate) region: usize,
    pub(crate) level: usize,
    /// By ascending weight, one for each distinct weight.
    rungs: Vec<Rung>,
}

impl Cell {
    /// The cells of people given by [`key`], by region and then by level.
    pub(crate) fn all(mut people: Vec<u64>) -> Vec<Self> {
        people.sort_unstable();
        let mut cells = Vec::new();
        for of_cell in people.chunk_by(|a, b| a >> WEIGHT_BITS == b >> WEIGHT_BITS) {
            // Counted first: where everybody weighs differently, a list that grows takes thrice its room.
            let mut rungs = Vec::with_capacity(of_cell.chunk_by(|a, b| a == b).count());
            let mut below = Rung::default();
            for alike in of_cell.chunk_by(|a, b| a == b) {
                // The cast is exact: a weight has fewer bits.
                let weight = (alike[0] & ((1 << WEIGHT_BITS) - 1)) as i64;
                let people = alike.len();
                let squared = i128::from(weight) * i128::from(weight);
                below = Rung {
                    weight,
                    people: below.people + people as u64,
                    sum: below.sum + i128::from(weight) * people as i128,
                    squares: below.squares + squared * people as i128,
                };
                rungs.push(below);
            }
            let place = of_cell[0] >> WEIGHT_BITS;
            cells.push(Self { region: (place >> 8) as usize, level: (place & 0xFF) as usize, rungs });
        }
        cells
    }

    /// Everybody.
    pub(crate) fn all_people(&self) -> Rung {
        self.rungs.last().copied().unwrap_or_default()
    }

    /// Those who weigh `most` at most.
    pub(crate) fn up_to(&self, most: i64) -> Rung {
        let count = match self.rungs.last() {
            Some(last) if last.weight > most => self.rungs.partition_point(|rung| rung.weight <= most),
            _ => self.rungs.len(),
        };
        count.checked_sub(1).map_or(Rung::default(), |last| self.rungs[last])
    }

    /// Each distinct weight and how many have it, by ascending weight.
    pub(crate) fn weights(&self) -> impl Iterator<Item = (i64, u64)> + '_ {
        let below = std::iter::once(0).chain(self.rungs.iter().map(|rung| rung.people));
        self.rungs.iter().zip(below).map(|(rung, below)| (rung.weight, rung.people - below))
    }
}

/// How base weights of a cell become final ones: times `factor`, but never more than `cap`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rule {
    /// Infinite where even the lightest gets the cap.
    pub(crate) factor: f64,
    /// In units of [`folkmoot_plugin_sdk::WEIGHT_ONE`]; infinite without a limit.
    pub(crate) cap: f64,
    /// The largest base weight that is not cut to the cap.
    pub(crate) threshold: i64,
}

impl Rule {
    pub(crate) fn new(factor: f64, cap: f64) -> Self {
        // A cast of a double saturates, so no limit is the largest threshold.
        let threshold = if cap.is_infinite() { i64::MAX } else { (cap / factor).floor() as i64 };
        Self { factor, cap, threshold }
    }

    /// The final weight of one base weight.
    pub(crate) fn weight(&self, base: i64) -> f64 {
        if base > self.threshold { self.cap } else { base as f64 * self.factor }
    }

    /// Sum of the final weights of people: `kept` those up to the threshold, `cut` how many are above.
    pub(crate) fn sum(&self, kept: i128, cut: u64) -> f64 {
        self.times(self.factor, kept) + self.at_cap(self.cap, cut)
    }

    /// Sum of their squares.
    pub(crate) fn squares(&self, kept: i128, cut: u64) -> f64 {
        self.times(self.factor * self.factor, kept) + self.at_cap(self.cap * self.cap, cut)
    }

    // An infinite factor or cap goes with nobody, and infinity times 0 is no number.
    fn times(&self, factor: f64, kept: i128) -> f64 {
        if kept == 0 { 0.0 } else { kept as f64 * factor }
    }

    fn at_cap(&self, cap: f64, cut: u64) -> f64 {
        if cut == 0 { 0.0 } else { cut as f64 * cap }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_hold_everybody_once() {
        let people = [(1, 0, 5), (0, 1, 2), (1, 0, 3), (1, 0, 3), (0, 0, 7)];
        let cells = Cell::all(people.map(|(region, level, weight)| key(region, level, weight)).into());
        let places: Vec<_> = cells.iter().map(|cell| (cell.region, cell.level)).collect();
        assert_eq!(places, [(0, 0), (0, 1), (1, 0)]);
        let last = &cells[2];
        assert_eq!(last.all_people(), Rung { weight: 5, people: 3, sum: 11, squares: 43 });
        assert_eq!(last.up_to(4), Rung { weight: 3, people: 2, sum: 6, squares: 18 });
        assert_eq!(last.up_to(2), Rung::default());
        assert_eq!(last.up_to(i64::MAX), last.all_people());
        assert_eq!(last.weights().collect::<Vec<_>>(), [(3, 2), (5, 1)]);
    }

    #[test]
    fn a_rule_cuts_what_would_pass_the_cap() {
        let rule = Rule::new(2.0, 10.0);
        assert_eq!((rule.weight(4), rule.weight(5), rule.weight(6)), (8.0, 10.0, 10.0));
        assert_eq!((rule.sum(4 + 5, 1), rule.squares(16 + 25, 1)), (28.0, 264.0));
        let free = Rule::new(2.0, f64::INFINITY);
        assert_eq!((free.weight(1 << 40), free.sum(3, 0)), ((1_u64 << 41) as f64, 6.0));
        let all_cut = Rule::new(f64::INFINITY, 10.0);
        assert_eq!((all_cut.weight(1), all_cut.sum(0, 2)), (10.0, 20.0));
    }
}
