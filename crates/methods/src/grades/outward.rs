//! The tie-break of the majority judgment: distributions of grades compared from the middle outwards.
//!
//! Taking middle grades away one by one (Balinski and Laraki 2007), the lower of two first, walks from
//! the median outwards, down and up in turn. For weights the walk is continuous: at distance t from the
//! middle it stands at the quantiles 1/2 - t and 1/2 + t, and the first t at which two distributions
//! differ decides, the lower quantile before the upper one. For people of equal weight, as many for both,
//! the two walks decide alike.

use std::cmp::Ordering;

use crate::ballot::above;
use crate::fold::Count;

/// The grades at both sides of the middle, from a distance on.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    /// Distance, in units of which all the weight is two.
    at: i128,
    low: f64,
    high: f64,
}

/// The walk outwards over one distribution.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outward {
    weight: i128,
    /// From the middle on, ascending.
    steps: Vec<Step>,
}

impl Outward {
    /// The walk over grades, ascending and each of some weight; at least one.
    pub(super) fn of(values: &[(f64, Count)]) -> Self {
        let weight: i128 = values.iter().map(|(_, count)| count.weight).sum();
        // Where each grade ends, as a signed distance from the middle.
        let ends: Vec<i128> = values
            .iter()
            .scan(-weight, |end, (_, count)| {
                *end += 2 * count.weight;
                Some(*end)
            })
            .collect();
        let mut distances: Vec<i128> = ends.iter().map(|end| end.abs()).filter(|&at| at < weight).collect();
        distances.push(0);
        distances.sort_unstable();
        distances.dedup();
        let step = |at: i128| Step {
            at,
            low: values[ends.partition_point(|&end| end < -at)].0,
            high: values[ends.partition_point(|&end| end <= at)].0,
        };
        Self { weight, steps: distances.into_iter().map(step).collect() }
    }

    /// The lower median: the best grade that at least half would give or better.
    pub(super) fn grade(&self) -> f64 {
        self.steps[0].low
    }

    /// Greater where `self` stands higher.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let (mut i, mut j) = (0, 0);
        loop {
            let (a, b) = (self.steps[i], other.steps[j]);
            let here = a.low.total_cmp(&b.low).then(a.high.total_cmp(&b.high));
            if here.is_ne() {
                return here;
            }
            let next = |walk: &Self, at: usize| walk.steps.get(at + 1).map(|step| step.at);
            let (mine, theirs) = match (next(self, i), next(other, j)) {
                (None, None) => return Ordering::Equal,
                (Some(_), None) => (true, false),
                (None, Some(_)) => (false, true),
                (Some(x), Some(y)) => {
                    (!above(x, self.weight, y, other.weight), !above(y, other.weight, x, self.weight))
                }
            };
            i += usize::from(mine);
            j += usize::from(theirs);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many gave each grade, the worst first.
    fn walk(counts: &[i128]) -> Outward {
        let count = |&rows: &i128| Count { rows, weight: rows, squares: rows };
        let values: Vec<_> = (0..).map(f64::from).zip(counts.iter().map(count)).collect();
        Outward::of(&values.into_iter().filter(|(_, count)| count.weight > 0).collect::<Vec<_>>())
    }

    /// The definition: the middle grade of those left, the lower of two, again and again.
    fn taken_away(counts: &[i128]) -> Vec<usize> {
        let each = counts.iter().enumerate();
        let mut grades: Vec<usize> = each.flat_map(|(grade, &n)| std::iter::repeat_n(grade, n as usize)).collect();
        let mut taken = Vec::new();
        while !grades.is_empty() {
            taken.push(grades.remove((grades.len() - 1) / 2));
        }
        taken
    }

    #[test]
    fn walks_compare_as_grades_taken_away() {
        // Every distribution of 7 and of 8 people over four grades, against every other.
        for people in [7, 8] {
            let mut all = Vec::new();
            for (a, b, c) in
                (0..=people).flat_map(|a| (0..=people).flat_map(move |b| (0..=people).map(move |c| (a, b, c))))
            {
                if a + b + c <= people {
                    all.push([a, b, c, people - a - b - c]);
                }
            }
            let walks: Vec<_> = all.iter().map(|counts| (walk(counts), taken_away(counts))).collect();
            for (one, other) in walks.iter().flat_map(|one| walks.iter().map(move |other| (one, other))) {
                assert_eq!(one.0.compare(&other.0), one.1.cmp(&other.1), "{:?} against {:?}", one.1, other.1);
            }
        }
    }

    #[test]
    fn shares_are_compared_not_numbers() {
        let check = |a: &[i128], b: &[i128], want: Ordering| assert_eq!(walk(a).compare(&walk(b)), want, "{a:?} {b:?}");
        check(&[1, 2, 1], &[3, 6, 3], Ordering::Equal);
        check(&[1, 2, 1], &[30, 61, 30], Ordering::Less);
        check(&[5], &[2, 3], Ordering::Less);
        check(&[1 << 90, 1 << 91], &[1, 2], Ordering::Equal);
        assert_eq!(walk(&[2, 2]).grade(), 0.0);
        assert_eq!(walk(&[2, 3]).grade(), 1.0);
    }
}
