//! k-means from a fixed start, and how many groups to take.

/// Fewer people than this are no group.
pub(crate) const LEAST_PEOPLE: usize = 5;
/// Most groups that are tried.
const MOST_GROUPS: usize = 5;
const MOST_STEPS: usize = 500;
/// Silhouettes this near are as good as each other; then fewer groups are easier to read.
const AS_GOOD: f64 = 0.01;
/// Most points that a silhouette is computed from.
const SAMPLE: usize = 2000;

/// Groups of points.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Clusters {
    /// Group of each point, 0 the largest.
    pub(crate) group: Vec<usize>,
    pub(crate) count: usize,
    /// Whether another step would move nobody.
    pub(crate) settled: bool,
    /// Mean silhouette of each number of groups tried, where every group had enough people.
    pub(crate) silhouettes: Vec<(usize, f64)>,
}

/// The grouping of 2 to 5 groups with the best silhouette; of those within [`AS_GOOD`] of the best the
/// one of fewest groups. None where some group would be too small whatever their number.
pub(crate) fn cluster(points: &[[f64; 2]], weights: &[f64]) -> Option<Clusters> {
    let tried = (2..=MOST_GROUPS).filter_map(|count| {
        let (group, settled) = k_means(points, weights, count)?;
        Some(((count, settled), group))
    });
    let (counts, groupings): (Vec<(usize, bool)>, Vec<Vec<usize>>) = tried.unzip();
    let fits = silhouettes(points, weights, &groupings);
    let best = fits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let chosen = fits.iter().position(|fit| *fit >= best - AS_GOOD)?;
    let (count, settled) = counts[chosen];
    let silhouettes = counts.iter().map(|(count, _)| *count).zip(fits).collect();
    Some(Clusters { group: by_size(&groupings[chosen], count), count, settled, silhouettes })
}

/// The group of each point, and whether no point would change it any more. None where a group would be
/// too small.
fn k_means(points: &[[f64; 2]], weights: &[f64], count: usize) -> Option<(Vec<usize>, bool)> {
    let mut centres = starts(points, weights, count)?;
    let mut group = vec![usize::MAX; points.len()];
    let mut settled = false;
    for _ in 0..MOST_STEPS {
        let mut sums = vec![[0.0; 3]; count];
        settled = true;
        for ((point, &weight), group) in points.iter().zip(weights).zip(&mut group) {
            let nearest = nearest(point, &centres);
            settled &= nearest == *group;
            *group = nearest;
            add(&mut sums[nearest], point, weight);
        }
        if settled {
            break;
        }
        centres = sums.into_iter().map(middle).collect::<Option<_>>()?;
    }
    let large = (0..count).all(|wanted| group.iter().filter(|&&g| g == wanted).count() >= LEAST_PEOPLE);
    large.then_some((group, settled))
}

/// The point farthest from the middle, then each time the point farthest from all so far.
fn starts(points: &[[f64; 2]], weights: &[f64], count: usize) -> Option<Vec<[f64; 2]>> {
    let mut sum = [0.0; 3];
    points.iter().zip(weights).for_each(|(point, &weight)| add(&mut sum, point, weight));
    let middle = middle(sum)?;
    let mut centres: Vec<[f64; 2]> = Vec::new();
    while centres.len() < count {
        let distance = |point: &[f64; 2]| {
            let from = if centres.is_empty() { std::slice::from_ref(&middle) } else { &centres };
            from.iter().map(|centre| squared(point, centre)).fold(f64::INFINITY, f64::min)
        };
        let mut farthest = (0.0, None);
        for point in points {
            let distance = distance(point);
            if distance > farthest.0 {
                farthest = (distance, Some(*point));
            }
        }
        centres.push(farthest.1?);
    }
    Some(centres)
}

/// Adds a point to the weighted sums of its coordinates and the weight.
fn add(sum: &mut [f64; 3], point: &[f64; 2], weight: f64) {
    *sum = [sum[0] + weight * point[0], sum[1] + weight * point[1], sum[2] + weight];
}

fn middle([x, y, weight]: [f64; 3]) -> Option<[f64; 2]> {
    (weight > 0.0).then(|| [x / weight, y / weight])
}

fn squared(a: &[f64; 2], b: &[f64; 2]) -> f64 {
    let (x, y) = (a[0] - b[0], a[1] - b[1]);
    x * x + y * y
}

fn nearest(point: &[f64; 2], centres: &[[f64; 2]]) -> usize {
    let mut best = (f64::INFINITY, 0);
    for (place, centre) in centres.iter().enumerate() {
        let distance = squared(point, centre);
        if distance < best.0 {
            best = (distance, place);
        }
    }
    best.1
}

/// Mean silhouette (Rousseeuw 1987) of each grouping, from at most [`SAMPLE`] points, evenly spaced in
/// their order, among each other: its time grows with the square of the points.
fn silhouettes(points: &[[f64; 2]], weights: &[f64], groupings: &[Vec<usize>]) -> Vec<f64> {
    let sample: Vec<usize> = (0..points.len()).step_by(points.len().div_ceil(SAMPLE).max(1)).collect();
    let mut fits: Vec<Fit> = groupings.iter().map(|group| Fit::new(&sample, weights, group)).collect();
    let mut distances = vec![0.0; sample.len()];
    for (place, &at) in sample.iter().enumerate() {
        for (distance, &other) in distances.iter_mut().zip(&sample) {
            *distance = weights[other] * libm::sqrt(squared(&points[at], &points[other]));
        }
        fits.iter_mut().for_each(|fit| fit.add(place, weights[at], &distances));
    }
    let total: f64 = sample.iter().map(|&at| weights[at]).sum();
    fits.iter().map(|fit| if total > 0.0 { fit.sum / total } else { 0.0 }).collect()
}

/// How well a grouping fits a sample.
struct Fit {
    /// Group of each point.
    group: Vec<usize>,
    /// Weight of each group.
    totals: [f64; MOST_GROUPS],
    /// Silhouettes so far, times weights.
    sum: f64,
}

impl Fit {
    fn new(sample: &[usize], weights: &[f64], group: &[usize]) -> Self {
        let mut totals = [0.0; MOST_GROUPS];
        sample.iter().for_each(|&at| totals[group[at]] += weights[at]);
        Self { group: sample.iter().map(|&at| group[at]).collect(), totals, sum: 0.0 }
    }

    /// Adds the silhouette of the point at `place`, whose weighted distances from all are given.
    fn add(&mut self, place: usize, weight: f64, distances: &[f64]) {
        let mut sums = [0.0; MOST_GROUPS];
        self.group.iter().zip(distances).for_each(|(&group, distance)| sums[group] += distance);
        let own = self.group[place];
        let others = (0..MOST_GROUPS).filter(|&group| group != own && self.totals[group] > 0.0);
        let nearest = others.map(|group| sums[group] / self.totals[group]).fold(f64::INFINITY, f64::min);
        let own_others = self.totals[own] - weight;
        // A point alone in its group has silhouette 0.
        if own_others > 0.0 && nearest.is_finite() {
            let within = sums[own] / own_others;
            let larger = within.max(nearest);
            self.sum += weight * if larger > 0.0 { (nearest - within) / larger } else { 0.0 };
        }
    }
}

/// Numbers groups by size, the largest first; of equals the one that comes first.
fn by_size(group: &[usize], count: usize) -> Vec<usize> {
    let size = |wanted: usize| group.iter().filter(|&&g| g == wanted).count();
    let first = |wanted: usize| group.iter().position(|&g| g == wanted);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|&g| (std::cmp::Reverse(size(g)), first(g)));
    let mut place = vec![0; count];
    order.iter().enumerate().for_each(|(to, &from)| place[from] = to);
    group.iter().map(|&g| place[g]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `size` points in a small ring around a centre.
    fn ring(x: f64, y: f64, size: usize) -> Vec<[f64; 2]> {
        let angle = |i: usize| i as f64 / size as f64 * std::f64::consts::TAU;
        (0..size).map(|i| [x + 0.1 * angle(i).cos(), y + 0.1 * angle(i).sin()]).collect()
    }

    #[test]
    fn separate_rings_are_found_and_small_ones_never() {
        let check = |rings: &[(f64, f64, usize)], want: Option<&[usize]>| {
            let points: Vec<_> = rings.iter().flat_map(|&(x, y, size)| ring(x, y, size)).collect();
            let found = cluster(&points, &vec![1.0; points.len()]);
            let sizes = found.map(|c| (0..c.count).map(|g| c.group.iter().filter(|&&x| x == g).count()).collect());
            assert_eq!(sizes, want.map(<[usize]>::to_vec), "{rings:?}");
        };
        check(&[(0.0, 0.0, 20), (5.0, 0.0, 10)], Some(&[20, 10]));
        check(&[(0.0, 0.0, 20), (5.0, 0.0, 10), (0.0, 5.0, 30)], Some(&[30, 20, 10]));
        check(&[(0.0, 0.0, 4), (5.0, 0.0, 4)], None);
        check(&[(0.0, 0.0, 1)], None);
        check(&[], None);
    }
}
