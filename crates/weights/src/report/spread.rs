//! How weights are spread.

use folkmoot_fold::report::{Cell, Column, Table, Unit};

/// Edges of the histogram, in multiples of the mean weight.
const EDGES: [f64; 11] = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0];

/// Of all participants, at least one of whom has a weight.
pub(super) struct Spread {
    /// Ascending, so that sums do not depend on the order of the people.
    sorted: Vec<f64>,
    pub(super) mean: f64,
    squares: f64,
}

impl Spread {
    pub(super) fn of(weights: &[f64]) -> Self {
        let mut sorted = weights.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let mean = sorted.iter().sum::<f64>() / sorted.len() as f64;
        let squares = sorted.iter().map(|weight| (weight / mean) * (weight / mean)).sum();
        Self { sorted, mean, squares }
    }

    /// 1 and the squared coefficient of variation: how many times as many participants would be as precise
    /// with equal weights (Kish 1965).
    pub(super) fn design_effect(&self) -> f64 {
        self.squares / self.count()
    }

    /// Kish's effective number of participants.
    pub(super) fn n_eff(&self) -> f64 {
        self.count() / self.design_effect()
    }

    pub(super) fn max_over_mean(&self) -> f64 {
        self.quantile(1.0) / self.mean
    }

    fn count(&self) -> f64 {
        self.sorted.len() as f64
    }

    /// The least weight that a part `p` of the participants do not exceed.
    fn quantile(&self, p: f64) -> f64 {
        let place = (p * self.count()).ceil() as usize;
        self.sorted[place.clamp(1, self.sorted.len()) - 1]
    }

    /// Participants from each edge up to the next.
    fn bins(&self) -> Vec<usize> {
        let below = |edge: f64| self.sorted.partition_point(|weight| weight / self.mean < edge);
        let ends = EDGES[1..].iter().map(|&edge| below(edge)).chain([self.sorted.len()]);
        EDGES.iter().zip(ends).map(|(&edge, end)| end - below(edge)).collect()
    }
}

/// The table `weights`.
pub(super) fn table(base: &Spread, weights: &Spread) -> Table {
    let row = |name: &str, spread: &Spread| -> Vec<Cell> {
        let mut row: Vec<Cell> = vec![name.into(), (spread.sorted.len() as i64).into()];
        row.extend([0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0].map(|p| Cell::from(spread.quantile(p))));
        row.extend([spread.mean, spread.max_over_mean(), spread.design_effect(), spread.n_eff()].map(Cell::from));
        row
    };
    Table {
        id: "weights".into(),
        title: "Weights before and after".into(),
        columns: vec![
            Column::new("weights", "Weights", Unit::None),
            Column::new("n", "Participants", Unit::Count),
            Column::new("min", "Smallest", Unit::Weight),
            Column::new("p5", "5 % are at most", Unit::Weight),
            Column::new("q1", "Lower quartile", Unit::Weight),
            Column::new("median", "Median", Unit::Weight),
            Column::new("q3", "Upper quartile", Unit::Weight),
            Column::new("p95", "95 % are at most", Unit::Weight),
            Column::new("max", "Largest", Unit::Weight),
            Column::new("mean", "Mean", Unit::Weight),
            Column::new("max_over_mean", "Largest over mean", Unit::Score),
            Column::new("deff_kish", "Kish's design effect", Unit::Score),
            Column::new("n_eff", "Effective participants", Unit::Count),
        ],
        rows: vec![row("base", base), row("final", weights)],
    }
}

/// The table `histogram`.
pub(super) fn histogram(base: &Spread, weights: &Spread) -> Table {
    let rows = [("before", base), ("after", weights)].into_iter().flat_map(|(name, spread)| {
        spread.bins().into_iter().enumerate().map(move |(bin, people)| -> Vec<Cell> {
            let (low, high) = (EDGES[bin], EDGES.get(bin + 1).copied());
            let label = high.map_or(format!("{low} and more"), |high| format!("{low} to {high}"));
            let share = people as f64 / spread.count();
            vec![name.into(), label.into(), low.into(), high.into(), (people as i64).into(), share.into()]
        })
    });
    Table {
        id: "histogram".into(),
        title: "Participants by weight over mean".into(),
        columns: vec![
            Column::new("weights", "Weights", Unit::None),
            Column::new("bin", "Weight over mean", Unit::None),
            Column::new("from", "From", Unit::Score),
            Column::new("to", "Below", Unit::Score),
            Column::new("n", "Participants", Unit::Count),
            Column::new("share", "Share of participants", Unit::Share),
        ],
        rows: rows.collect(),
    }
}
