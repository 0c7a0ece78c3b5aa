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
        let sizes = self.sizes_from(&from);
        let part = scale / total(&sizes);
        sizes.iter().for_each(|size| size.add_mean(&from, part, to));
    }

    /// Adds `scale` times the covariance of the statistics of a choice from `set` to the lower triangle of
    /// `to`, and `scale` times their mean to `mean`.
    pub(super) fn add_moments(&self, set: Set, scale: f64, mean: &mut [f64], to: &mut [f64]) {
        let from = Members::of(set);
        if self.ties.is_empty() {
            return self.add_moments_alone(&from, scale, mean, to);
        }
        let sizes = self.sizes_from(&from);
        let part = 1.0 / total(&sizes);
        let row = self.size();
        let mut expected = vec![0.0; row];
        for size in &sizes {
            size.add_mean(&from, part, &mut expected);
            size.add_second(&from, scale * part, to, row);
        }
        let ties = sizes.iter().filter_map(|size| size.tie);
        let here: Vec<usize> = from.list().iter().copied().chain(ties).collect();
        for (at, &a) in here.iter().enumerate() {
            let part = scale * expected[a];
            mean[a] += part;
            here[..=at].iter().for_each(|&b| to[a * row + b] -= part * expected[b]);
        }
    }

    /// [`Model::add_moments`] where candidates are only chosen alone.
    fn add_moments_alone(&self, from: &Members, scale: f64, mean: &mut [f64], to: &mut [f64]) {
        let mut chances = [0.0; MOST_CANDIDATES];
        let chances = &mut chances[..from.count];
        from.list().iter().zip(&mut *chances).for_each(|(&member, chance)| *chance = self.roots[0][member]);
        let total: f64 = chances.iter().sum();
        chances.iter_mut().for_each(|chance| *chance /= total);
        for (at, (&a, chance)) in from.list().iter().zip(&*chances).enumerate() {
            let part = scale * chance;
            mean[a] += part;
            let row = &mut to[a * self.width..][..=a];
            row[a] += part;
            from.list()[..=at].iter().zip(&*chances).for_each(|(&b, chance)| row[b] -= part * chance);
        }
    }

    fn sizes_from(&self, from: &Members) -> Vec<Size<'_>> {
        let ties = self.ties.iter().zip(self.width..).map(|(&size, place)| (size, Some(place)));
        let sizes = std::iter::once((1, None)).chain(ties).filter(|(size, _)| *size <= from.count);
        sizes.map(|(size, tie)| Size::new(size, tie, self.prevalence[size - 1], &self.roots[size - 1], from)).collect()
    }
}

/// The choices of one size from a set.
struct Size<'a> {
    size: usize,
    /// The tie's place among the parameters.
    tie: Option<usize>,
    prevalence: f64,
    roots: &'a [f64],
    /// For each member the elementary symmetric polynomials of the other members' roots, to the degree
    /// one below the size.
    others: Vec<[f64; MOST_TIED]>,
    /// The sum over all these choices of what their probabilities are proportional to.
    total: f64,
}

impl<'a> Size<'a> {
    fn new(size: usize, tie: Option<usize>, prevalence: f64, roots: &'a [f64], from: &Members) -> Self {
        let others: Vec<_> =
            from.list().iter().map(|&member| elementary(roots, from.list(), member, size - 1)).collect();
        // Each choice is counted once for each of its members.
        let ends: f64 = from.list().iter().zip(&others).map(|(&member, others)| roots[member] * others[size - 1]).sum();
        Self { size, tie, prevalence, roots, others, total: prevalence * ends / size as f64 }
    }

    fn add_mean(&self, from: &Members, scale: f64, to: &mut [f64]) {
        let unit = scale * self.prevalence / self.size as f64;
        for (&member, others) in from.list().iter().zip(&self.others) {
            to[member] += unit * self.roots[member] * others[self.size - 1];
        }
        if let Some(tie) = self.tie {
            to[tie] += scale * self.total;
        }
    }

    /// Adds the mean products of the statistics to the lower triangle of `to`, rows of `row` numbers.
    fn add_second(&self, from: &Members, scale: f64, to: &mut [f64], row: usize) {
        let share = 1.0 / self.size as f64;
        let unit = scale * self.prevalence * share;
        for (at, (&a, others)) in from.list().iter().zip(&self.others).enumerate() {
            let alone = unit * self.roots[a] * others[self.size - 1];
            to[a * row + a] += share * alone;
            let Some(tie) = self.tie else { continue };
            to[tie * row + a] += alone;
            for &b in &from.list()[..at] {
                let both = unit * share * self.roots[a] * self.roots[b] * without(others, self.roots[b], self.size - 2);
                to[a * row + b] += both;
            }
        }
        if let Some(tie) = self.tie {
            to[tie * row + tie] += scale * self.total;
        }
    }
}

fn total(sizes: &[Size<'_>]) -> f64 {
    sizes.iter().map(|size| size.total).sum()
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

/// The elementary symmetric polynomials in the `values` of `members` but one, to `degree`.
fn elementary(values: &[f64], members: &[usize], but: usize, degree: usize) -> [f64; MOST_TIED] {
    let mut sums = [0.0; MOST_TIED];
    sums[0] = 1.0;
    if degree == 0 {
        return sums;
    }
    for &member in members.iter().filter(|member| **member != but) {
        for k in (1..=degree).rev() {
            sums[k] += values[member] * sums[k - 1];
        }
    }
    sums
}

/// The polynomial of `degree` without one more of the values.
fn without(sums: &[f64; MOST_TIED], value: f64, degree: usize) -> f64 {
    sums[1..=degree].iter().fold(1.0, |lower, sum| (sum - value * lower).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_all_choices_listed() {
        check(&[2, 3], &[0.4, -0.3, 0.1, -0.2, -0.5, -1.5]);
        check(&[2], &[0.4, -0.3, 0.1, -0.2, 0.7]);
        check(&[4], &[0.4, -0.3, 0.1, -0.2, 0.7]);
        check(&[], &[0.4, -0.3, 0.1, -0.2]);
    }

    fn check(ties: &[usize], parameters: &[f64]) {
        let model = Model::new(4, ties, parameters);
        let size = parameters.len();
        for set in 1..16_u128 {
            let can_happen =
                |s: &Set| s & !set == 0 && (s.count_ones() == 1 || ties.contains(&(s.count_ones() as usize)));
            let subsets: Vec<Set> = (1..16).filter(can_happen).collect();
            let statistics = |chosen: Set| {
                let mut x = vec![0.0; size];
                model.add_chosen(chosen, 1.0, &mut x);
                x
            };
            let weight = |chosen: Set| {
                let log: f64 = statistics(chosen).iter().zip(parameters).map(|(x, p)| x * p).sum();
                libm::exp(log)
            };
            let total: f64 = subsets.iter().map(|&s| weight(s)).sum();
            let (mut mean, mut covariance) = (vec![0.0; size], vec![0.0; size * size]);
            model.add_moments(set, 1.0, &mut mean, &mut covariance);
            let mut plain = vec![0.0; size];
            model.add_mean(set, 1.0, &mut plain);
            for a in 0..size {
                let expected = |a: usize| subsets.iter().map(|&s| weight(s) / total * statistics(s)[a]).sum::<f64>();
                assert!((mean[a] - expected(a)).abs() < 1e-14 && (plain[a] - expected(a)).abs() < 1e-14);
                for b in 0..=a {
                    let product = |&s: &Set| weight(s) / total * statistics(s)[a] * statistics(s)[b];
                    let want = subsets.iter().map(product).sum::<f64>() - expected(a) * expected(b);
                    assert!((covariance[a * size + b] - want).abs() < 1e-14, "{ties:?} {set:b} {a} {b}");
                }
            }
        }
    }
}
