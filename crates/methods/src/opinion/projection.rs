//! Votes in two dimensions: principal components of the imputed votes, sparse voters moved outwards.

use crate::opinion::components::{Leading, Pair, leading};
use crate::opinion::voters::{CELLS, Voters};

/// Where each voter stands, in the order of the voters.
pub(crate) struct Projection {
    pub(crate) points: Vec<[f64; 2]>,
    /// Share of the variance of the imputed votes along each component.
    pub(crate) explained: [f64; 2],
    /// Passes over the votes.
    pub(crate) passes: usize,
    pub(crate) converged: bool,
}

/// Projects voters on the two main components of the statements. A missing vote is the statement's
/// weighted mean, so that it moves nobody; a voter of few statements is scaled by
/// sqrt(statements / answered), as imputation draws such voters to the middle (as Polis does:
/// Small et al. 2021).
pub(crate) fn project(voters: &Voters) -> Projection {
    let centred = Centred::new(voters);
    let total = centred.variance();
    let scaled = |pair: &[Pair]| centred.times(pair).iter().map(|product| product.map(|x| x / total)).collect();
    let found = match total > 0.0 {
        true => leading(voters.items, scaled),
        false => Leading { vectors: vec![[0.0; 2]; voters.items], values: [0.0; 2], passes: 0, converged: true },
    };
    let table = centred.table(&found.vectors);
    let place = |voter| {
        let cells = voters.cells(voter);
        let scale = libm::sqrt(voters.items as f64 / cells.len() as f64);
        sum(&table, cells).map(|along| scale * along)
    };
    Projection {
        points: voters.list.iter().map(place).collect(),
        explained: found.values.map(|value| value.clamp(0.0, 1.0)),
        passes: found.passes,
        converged: found.converged,
    }
}

/// The votes as numbers, agree 1, disagree -1, pass 0, less the mean of their item. Nearly all votes
/// are missing, so that every sum runs over those that are there.
struct Centred<'a> {
    voters: &'a Voters,
    /// Weight of the votes in each cell.
    weights: Vec<f64>,
    means: Vec<f64>,
}

impl<'a> Centred<'a> {
    fn new(voters: &'a Voters) -> Self {
        let mut weights = vec![0.0; CELLS * voters.items];
        for voter in &voters.list {
            voters.cells(voter).iter().for_each(|&cell| weights[cell as usize] += voter.weight);
        }
        let (of_items, _) = weights.as_chunks::<CELLS>();
        let mean = |[agree, disagree, pass]: &[f64; CELLS]| {
            let all = agree + disagree + pass;
            if all > 0.0 { (agree - disagree) / all } else { 0.0 }
        };
        let means = of_items.iter().map(mean).collect();
        Self { voters, weights, means }
    }

    /// Weighted sum of squares over all items.
    fn variance(&self) -> f64 {
        let (of_items, _) = self.weights.as_chunks::<CELLS>();
        let square = |x: f64| x * x;
        let of_item = |([agree, disagree, pass], mean): (&[f64; CELLS], &f64)| {
            agree * square(1.0 - mean) + disagree * square(-1.0 - mean) + pass * square(-mean)
        };
        of_items.iter().zip(&self.means).map(of_item).sum()
    }

    /// What a vote in each cell adds to the place of a voter along two vectors.
    fn table(&self, pair: &[Pair]) -> Vec<Pair> {
        let cells =
            |(&[x, y], &mean): (&Pair, &f64)| [1.0, -1.0, 0.0].map(|vote: f64| [(vote - mean) * x, (vote - mean) * y]);
        pair.iter().zip(&self.means).flat_map(cells).collect()
    }

    /// Two vectors times the weighted sums of products of items.
    fn times(&self, pair: &[Pair]) -> Vec<Pair> {
        let table = self.table(pair);
        let mut sums = vec![[0.0; 2]; table.len()];
        for voter in &self.voters.list {
            let cells = self.voters.cells(voter);
            let [x, y] = sum(&table, cells).map(|along| voter.weight * along);
            for &cell in cells {
                let sum = &mut sums[cell as usize];
                *sum = [sum[0] + x, sum[1] + y];
            }
        }
        let (of_items, _) = sums.as_chunks::<CELLS>();
        let product = |([agree, disagree, pass], mean): (&[Pair; CELLS], &f64)| {
            let along =
                |axis: usize| (agree[axis] - disagree[axis]) - mean * (agree[axis] + disagree[axis] + pass[axis]);
            [along(0), along(1)]
        };
        of_items.iter().zip(&self.means).map(product).collect()
    }
}

/// The sum of a table's entries: four sums side by side, always in this order.
fn sum(table: &[Pair], cells: &[u32]) -> Pair {
    let (fours, rest) = cells.as_chunks::<4>();
    let mut lanes = [[0.0; 2]; 4];
    for four in fours {
        for (lane, &cell) in lanes.iter_mut().zip(four) {
            let [x, y] = table[cell as usize];
            *lane = [lane[0] + x, lane[1] + y];
        }
    }
    for (lane, &cell) in lanes.iter_mut().zip(rest) {
        let [x, y] = table[cell as usize];
        *lane = [lane[0] + x, lane[1] + y];
    }
    let [a, b, c, d] = lanes;
    [(a[0] + b[0]) + (c[0] + d[0]), (a[1] + b[1]) + (c[1] + d[1])]
}
