//! The model: a candidate's worth, the prevalence of ties, and what a choice from a set then looks like.
//!
//! Out of the set A, the candidates S are chosen together with a probability proportional to
//! d_|S| times the geometric mean of their worths, d_1 = 1 (Davidson 1970 for two candidates; Turner,
//! van Etten, Firth and Kosmidis 2020 for more). The log-likelihood is concave in the logarithms of the
//! worths and of the d.

use super::choices::{MOST_CANDIDATES, MOST_TIED, Set, members};

/// A choice as a vector of statistics: for each candidate chosen one over how many were chosen, then a 1
/// for the size of the tie among [`Model::ties`]. The model is exponential in them.
#[derive(Clone, Debug)]
pub(super) struct Model {
    width: usize,
    /// Sizes of ties that the model knows.
    ties: Vec<usize>,
    /// The k-th root of each worth, by k less one.
    roots: [Vec<f64>; MOST_TIED],
    /// d_k, by k less one; 0 for ties that the model does not know.
    prevalence: [f64; MOST_TIED],
}

impl Model {
    /// The model of `width` log-worths and then the log d of each of `ties`.
    pub(super) fn new(width: usize, ties: &[usize], parameters: &[f64]) -> Self {
        let (worths, logs) = parameters.split_at(width);
        let mut prevalence = [0.0; MOST_TIED];
        prevalence[0] = 1.0;
        ties.iter().zip(logs).for_each(|(&size, &log)| prevalence[size - 1] = libm::exp(log));
        let largest = ties.last().copied().unwrap_or(1);
        let roots = |k: usize| match k < largest {
            true => worths.iter().map(|worth| libm::exp(worth / (k + 1) as f64)).collect(),
            false => Vec::new(),
        };
        Self { width, ties: ties.to_vec(), roots: std::array::from_fn(roots), prevalence }
    }

    /// Number of parameters.
    pub(super) fn size(&self) -> usize {
        self.width + self.ties.len()
    }

    /// Sizes of choices that can happen in a set of `count`, each with its place among the parameters.
    fn sizes(&self, count: usize) -> impl Iterator<Item = (usize, Option<usize>)> {
        let ties = self.ties.iter().zip(self.width..).map(|(&size, place)| (size, Some(place)));
        std::iter::once((1, None)).chain(ties).filter(move |(size, _)| *size <= count)
    }

    /// Adds `scale` times the statistics of choosing `chosen` to `to`.
    pub(super) fn add_chosen(&self, chosen: Set, scale: f64, to: &mut [f64]) {
        let size = chosen.count_ones() as usize;
        members(chosen).for_each(|candidate| to[candidate] += scale / size as f64);
        if let Some(tie) = self.ties.iter().position(|&tie| tie == size) {
            to[self.width + tie] += scale;
        }
    }

    /// Adds `scale` times the mean statistics of a choice from `set` to `to`.
    pub(super) fn add_mean(&self, set: Set, scale: f64, to: &mut [f64]) {
        if self.ties.is_empty() {
            let total: f64 = members(set).map(|candidate| self.roots[0][candidate]).sum();
            let part = scale / total;
            members(set).for_each(|candidate| to[candidate] += part * self.roots[0][candidate]);
            return;
        }
        let from = Members::of(set);
        let part = scale / self.total(&from);
        for (size, tie) in self.sizes(from.count) {
            let unit = part * self.prevalence[size - 1];
            let roots = &self.roots[size - 1];
            for &candidate in from.list() {
                let others = elementary(roots, from.list(), [candidate; 2], size - 1);
                to[candidate] += unit / size as f64 * roots[candidate] * others;
            }
            if let Some(tie) = tie {
                to[tie] += unit * elementary(roots, from.list(), [usize::MAX; 2], size);
            }
        }
    }

    /// Adds `scale` times the covariance of the statistics of a choice from `set` to the rows of `to`,
    /// and `scale` times their mean to `mean`.
    pub(super) fn add_moments(&self, set: Set, scale: f64, mean: &mut [f64], to: &mut [f64]) {
        let from = Members::of(set);
        let here = self.here(&from);
        let mut expected = vec![0.0; self.size()];
        self.add_mean(set, 1.0, &mut expected);
        for &a in &here {
            mean[a] += scale * expected[a];
            for &b in &here {
                to[a * self.size() + b] -= scale * expected[a] * expected[b];
            }
        }
        self.add_second(&from, scale, to);
    }

    /// The parameters that matter to a choice from the set.
    fn here(&self, from: &Members) -> Vec<usize> {
        let ties = self.sizes(from.count).filter_map(|(_, tie)| tie);
        from.list().iter().copied().chain(ties).collect()
    }

    fn add_second(&self, from: &Members, scale: f64, to: &mut [f64]) {
        let row = self.size();
        let part = scale / self.total(from);
        for (size, tie) in self.sizes(from.count) {
            let unit = part * self.prevalence[size - 1];
            let roots = &self.roots[size - 1];
            let share = 1.0 / size as f64;
            for (at, &a) in from.list().iter().enumerate() {
                let alone = unit * share * roots[a] * elementary(roots, from.list(), [a; 2], size - 1);
                to[a * row + a] += share * alone;
                if let Some(tie) = tie {
                    to[a * row + tie] += alone;
                    to[tie * row + a] += alone;
                }
                for &b in from.list()[..at].iter().filter(|_| size > 1) {
                    let others = elementary(roots, from.list(), [a, b], size - 2);
                    let both = unit * share * share * roots[a] * roots[b] * others;
                    to[a * row + b] += both;
                    to[b * row + a] += both;
                }
            }
            if let Some(tie) = tie {
                to[tie * row + tie] += unit * elementary(roots, from.list(), [usize::MAX; 2], size);
            }
        }
    }

    /// The sum over all choices from the set of what their probabilities are proportional to.
    fn total(&self, from: &Members) -> f64 {
        let of_size = |size: usize| elementary(&self.roots[size - 1], from.list(), [usize::MAX; 2], size);
        self.sizes(from.count).map(|(size, _)| self.prevalence[size - 1] * of_size(size)).sum()
    }
}

/// A set as a list.
struct Members {
    list: [usize; MOST_CANDIDATES],
    count: usize,
}

impl Members {
    fn of(set: Set) -> Self {
        let mut list = [0; MOST_CANDIDATES];
        let count = members(set).zip(&mut list).map(|(member, slot)| *slot = member).count();
        Self { list, count }
    }

    fn list(&self) -> &[usize] {
        &self.list[..self.count]
    }
}

/// The elementary symmetric polynomial of degree `degree` (at most [`MOST_TIED`]) in the `values` of
/// `members` but `without`.
fn elementary(values: &[f64], members: &[usize], without: [usize; 2], degree: usize) -> f64 {
    if degree == 0 {
        return 1.0;
    }
    let mut sums = [0.0; MOST_TIED + 1];
    sums[0] = 1.0;
    for &member in members.iter().filter(|member| !without.contains(member)) {
        for k in (1..=degree).rev() {
            sums[k] += values[member] * sums[k - 1];
        }
    }
    sums[degree]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_all_choices_listed() {
        let parameters = [0.4, -0.3, 0.1, -0.2, -0.5, -1.5];
        let model = Model::new(4, &[2, 3], &parameters);
        for set in 1..16_u128 {
            let subsets: Vec<Set> = (1..16).filter(|s| s & !set == 0 && s.count_ones() <= 3).collect();
            let statistics = |chosen: Set| {
                let mut x = vec![0.0; 6];
                model.add_chosen(chosen, 1.0, &mut x);
                x
            };
            let weight = |chosen: Set| {
                let log: f64 = statistics(chosen).iter().zip(parameters).map(|(x, p)| x * p).sum();
                libm::exp(log)
            };
            let total: f64 = subsets.iter().map(|&s| weight(s)).sum();
            let (mut mean, mut covariance) = (vec![0.0; 6], vec![0.0; 36]);
            model.add_moments(set, 1.0, &mut mean, &mut covariance);
            let mut plain = vec![0.0; 6];
            model.add_mean(set, 1.0, &mut plain);
            for a in 0..6 {
                let expected = |a: usize| subsets.iter().map(|&s| weight(s) / total * statistics(s)[a]).sum::<f64>();
                assert!((mean[a] - expected(a)).abs() < 1e-14 && (plain[a] - expected(a)).abs() < 1e-14);
                for b in 0..6 {
                    let product = |&s: &Set| weight(s) / total * statistics(s)[a] * statistics(s)[b];
                    let want = subsets.iter().map(product).sum::<f64>() - expected(a) * expected(b);
                    assert!((covariance[a * 6 + b] - want).abs() < 1e-14, "{set:b} {a} {b}");
                }
            }
        }
    }
}
