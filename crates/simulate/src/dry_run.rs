//! What an organiser can know before asking anybody: how many people each segment will have, and how
//! small a difference the round can find.

use folkmoot_core::{Fault, Reason};

use crate::plan::Plan;
use crate::{people, tasks};

/// Expected size of one segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The attribute, such as `age`.
    pub attribute: String,
    /// The level, such as `25-34`.
    pub level: String,
    /// The item that everybody gets; `None` for any one of the others, which are dealt at random.
    pub item: Option<String>,
    /// People of this level expected in the whole round.
    pub expected_people: f64,
    /// People of this level expected to answer the item.
    pub expected_answers_per_item: f64,
}

/// Expected cell sizes for one attribute: for every level, a cell for each item that everybody gets
/// (the anchor and the required ones) and then one for any other item, if there are others.
///
/// # Errors
/// `BAD_FIELD` at `attribute` for one the simulator does not draw; what [`Plan::check`] says of the plan.
pub fn expected_cells(plan: &Plan, attribute: &str) -> Result<Vec<Cell>, Fault> {
    plan.check()?;
    let known = people::attribute(attribute)
        .ok_or_else(|| Fault::field("attribute", Reason::BadField, format!("no attribute is called {attribute:?}")))?;
    let deck = tasks::Deck::new(plan);
    let fixed = deck.everybody.iter().map(|&place| (Some(plan.items[place].id.clone()), 1.0));
    let dealt = (!deck.others.is_empty()).then(|| (None, deck.expected_share_of_others()));
    let items: Vec<(Option<String>, f64)> = fixed.chain(dealt).collect();
    let mut cells = Vec::new();
    for (place, (level, _)) in known.levels.iter().enumerate() {
        let expected_people = f64::from(plan.participants) * known.share(place);
        for (item, share) in &items {
            cells.push(Cell {
                attribute: attribute.to_owned(),
                level: (*level).to_owned(),
                item: item.clone(),
                expected_people,
                expected_answers_per_item: expected_people * share,
            });
        }
    }
    Ok(cells)
}

/// Probability of finding that a share differs from what the spec says.
///
/// The truth is `share` (such as 0.60); the test asks, on both sides at level `alpha`, whether it is
/// `share - margin` (0.50 for a margin of 0.10; a negative margin looks the other way). `n_answers` is
/// the number of independent answers: the effective sample size where they are weighted or clustered.
/// With `items` tested together the level is `alpha / items`, which is what the first rejection of the
/// Benjamini-Hochberg procedure needs (1995), so this is its worst case: only one item differs.
///
/// The formula is the normal approximation of the one-sample test of a proportion, with the variance
/// under the hypothesis in the test and under the truth in the outcome (Fleiss, Levin and Paik,
/// *Statistical Methods for Rates and Proportions*, 3rd ed. 2003, chapter 2), both tails counted.
/// `NaN` where a share is not between 0 and 1, `alpha` not either, or there are no answers or items.
pub fn power(n_answers: f64, share: f64, margin: f64, alpha: f64, items: usize) -> f64 {
    let claimed = share - margin;
    let is_proper = |p: f64| p > 0.0 && p < 1.0;
    if !(is_proper(share) && is_proper(claimed) && is_proper(alpha) && n_answers > 0.0 && items > 0) {
        return f64::NAN;
    }
    let critical = normal_quantile(1.0 - alpha / items as f64 / 2.0) * (claimed * (1.0 - claimed)).sqrt();
    let distance = margin * n_answers.sqrt();
    let spread = (share * (1.0 - share)).sqrt();
    normal_cdf((distance - critical) / spread) + normal_cdf((-distance - critical) / spread)
}

/// Fewest answers with which [`power`] (one item) reaches `wanted`; `u32::MAX` where no number does, or
/// where [`power`] is undefined.
pub fn answers_needed(share: f64, margin: f64, alpha: f64, wanted: f64) -> u32 {
    let suffices = |n: u32| power(f64::from(n), share, margin, alpha, 1) >= wanted;
    if !suffices(u32::MAX) {
        return u32::MAX;
    }
    let (mut too_few, mut enough) = (0, u32::MAX);
    while enough - too_few > 1 {
        let middle = too_few + (enough - too_few) / 2;
        if suffices(middle) {
            enough = middle;
        } else {
            too_few = middle;
        }
    }
    enough
}

/// The standard normal distribution function.
pub(crate) fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

/// The standard normal quantile, by halving: it is needed a few times, not often. The halving looks at
/// the smaller tail, where the distribution function keeps its precision.
fn normal_quantile(p: f64) -> f64 {
    if p < 0.5 {
        return -normal_quantile(1.0 - p);
    }
    let tail = 1.0 - p;
    let (mut low, mut high) = (0.0, 40.0);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if normal_cdf(-middle) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.1.
        for (p, z) in [(0.5, 0.0), (0.95, 1.6449), (0.975, 1.9600), (0.995, 2.5758), (0.025, -1.9600)] {
            assert!((normal_quantile(p) - z).abs() < 5e-5, "{p}: {}", normal_quantile(p));
        }
    }

    #[test]
    fn the_power_formula_says_how_often_a_simulated_test_rejects() {
        let check = |n: u32, share: f64, margin: f64, alpha: f64, items: usize| {
            let claimed = share - margin;
            let critical = normal_quantile(1.0 - alpha / items as f64 / 2.0);
            let deviation = (claimed * (1.0 - claimed) / f64::from(n)).sqrt();
            let mut chance = Chance::of_participant(7, n);
            let trials = 4_000;
            let rejections = (0..trials)
                .filter(|_| {
                    let hits = (0..n).filter(|_| chance.happens(share)).count();
                    (hits as f64 / f64::from(n) - claimed).abs() / deviation > critical
                })
                .count();
            let (seen, said) =
                (rejections as f64 / f64::from(trials), power(f64::from(n), share, margin, alpha, items));
            // 0.02 for the counts being whole numbers, and four standard errors of the simulation.
            let tolerance = 0.02 + 4.0 * (said * (1.0 - said) / f64::from(trials)).sqrt();
            assert!((seen - said).abs() < tolerance, "n {n}: seen {seen}, said {said}");
        };
        check(200, 0.60, 0.10, 0.05, 1);
        check(400, 0.60, 0.10, 0.05, 20);
        check(300, 0.30, -0.08, 0.05, 5);
        check(500, 0.50, 0.02, 0.10, 1);
        check(250, 0.50, 1e-12, 0.05, 1);
    }

    #[test]
    fn answers_needed_is_the_fewest_that_suffice() {
        let n = answers_needed(0.60, 0.10, 0.05, 0.80);
        assert!(power(f64::from(n), 0.60, 0.10, 0.05, 1) >= 0.80);
        assert!(power(f64::from(n - 1), 0.60, 0.10, 0.05, 1) < 0.80);
        // By hand: ((1.95996 * 0.5 + 0.84162 * sqrt(0.24)) / 0.1)^2 = 193.8.
        assert_eq!(n, 194);
        assert_eq!(answers_needed(0.60, 0.0, 0.05, 0.80), u32::MAX);
        assert_eq!(answers_needed(1.60, 0.10, 0.05, 0.80), u32::MAX);
    }
}
