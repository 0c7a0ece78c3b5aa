//! `borda`: the broadly acceptable order. The symmetric form is a report over the pairwise matrix; the
//! other variants give points ballot by ballot.

use serde::Deserialize;
use serde_json::json;

use crate::ballot::{above, order_text, places};
use crate::contract::{Accumulator, Config, Descriptor, Law, Method, MethodError, Segments};
use crate::preference::matrix::{KINDS, Matrix, PairMethod, Pairwise};
use crate::preference::points::{Points, open_points};
use crate::report::{Chart, ChartKind, Column, Report, Table, Unit};
use crate::stats::{effective, ratio};

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Variant {
    #[default]
    Symmetric,
    Tournament,
    Average,
    Modified,
}

/// Without a variant as before there were any, so that results of then are the same to the bit.
#[derive(Clone, Copy, Deserialize)]
struct Parameters {
    #[serde(default)]
    variant: Variant,
}

pub(crate) struct Borda;

impl Method for Borda {
    fn describe(&self) -> Descriptor {
        symmetric().descriptor
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        PairMethod(symmetric).check(config)?;
        config.parameters::<Parameters>().map(|_| ())
    }

    fn open(&self, config: &Config, pass: u32, model: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        let points = match config.parameters::<Parameters>()?.variant {
            Variant::Symmetric => return PairMethod(symmetric).open(config, pass, model),
            Variant::Tournament => Points::Tournament,
            Variant::Average => Points::Average,
            Variant::Modified => Points::Modified,
        };
        Ok(open_points(points, &self.describe().version, config))
    }
}

fn symmetric() -> Pairwise {
    let descriptor = Descriptor {
        id: "borda".into(),
        version: "1.0.0".into(),
        title: "Borda count".into(),
        answers: "Which candidates stand high in most people's orders, and in which order altogether?".into(),
        assumes: "Every step between two places counts the same. A tie counts half; candidates left out tie below \
                  those ranked. The variants differ in what a candidate that was not shown to somebody gets from \
                  them: symmetric leaves the comparison out, tournament gives nothing, average gives half a point \
                  against each other candidate. Modified gives the first of k ranked candidates k points and what \
                  was left out none, so that longer rankings weigh more. Where everybody ranked everything all four \
                  give one order."
            .into(),
        avoid_when: "Candidates are near-copies of each other (clones move the score), or one candidate must beat \
                     every other head to head: take schulze."
            .into(),
        source: "Borda 1781; symmetric: Young 1974, Saari 1995; tournament: Gärdenfors 1973; average: Cullinan, \
                 Hsiao and Polett 2014, Terzopoulou and Endriss 2021; modified: Emerson 2013"
            .into(),
        kinds: KINDS.map(str::to_owned).into(),
        parameters: json!({
            "type": "object",
            "properties": {
                "variant": {"type": "string", "enum": ["symmetric", "tournament", "average", "modified"],
                            "description": "what candidates left out or not shown get; symmetric if not given"},
            },
            "additionalProperties": false,
        }),
        max_passes: 1,
        segments: Segments::Host,
        bootstrap: true,
        participants: false,
        laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
    };
    Pairwise { descriptor, report }
}

/// Pairwise points of a candidate and how many it could have had, both doubled so that half a point is whole.
fn points(matrix: &Matrix<'_>, a: usize) -> (i128, i128) {
    let others = (0..matrix.width()).filter(|&b| b != a);
    others.fold((0, 0), |(won, most), b| {
        let compared = matrix.compared(a, b);
        (won + compared + matrix.margin(a, b), most + 2 * compared)
    })
}

fn report(_: &Config, matrices: &[Matrix<'_>], mut report: Report) -> Result<Report, MethodError> {
    let mut rows = Vec::new();
    let mut orders = Vec::new();
    for matrix in matrices {
        let points: Vec<_> = (0..matrix.width()).map(|a| points(matrix, a)).collect();
        // Fractions are compared exactly; a candidate that nobody compared stands last.
        let places = places(matrix.width(), |i, j| match (points[i], points[j]) {
            ((_, 0), _) => false,
            (_, (_, 0)) => true,
            ((won_i, most_i), (won_j, most_j)) => above(won_i, most_i, won_j, most_j),
        });
        let n_eff = effective(matrix.weight, matrix.squares);
        for (a, candidate) in matrix.item.candidates.iter().enumerate() {
            let (won, most) = points[a];
            let score = ratio(2 * won - most, 2 * matrix.shown(a));
            // A mean place: one, and one more for each candidate above, half for each level.
            let rank = ratio(most - won, 2 * matrix.shown(a)).map(|above| 1.0 + above);
            rows.push(vec![
                matrix.item.id.as_str().into(),
                candidate.as_str().into(),
                places[a].into(),
                ratio(won, most).into(),
                score.into(),
                rank.into(),
                matrix.rows.into(),
                n_eff.into(),
            ]);
        }
        orders.push(vec![
            matrix.item.id.as_str().into(),
            order_text(&matrix.item.candidates, &places).into(),
            matrix.rows.into(),
            n_eff.into(),
        ]);
    }
    report.tables.push(Table {
        id: "candidates".into(),
        title: "Borda scores".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("candidate", "Candidate", Unit::None),
            Column::new("place", "Place", Unit::Count),
            Column::estimate("share", "Share of comparisons won, ties half", Unit::Share),
            Column::estimate("score", "Borda score an answer", Unit::Score),
            Column::estimate("mean_rank", "Mean place, ties averaged", Unit::Rank),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
        ],
        rows,
    });
    report.tables.push(orders_table("Order by Borda score", orders));
    report.charts.push(Chart {
        id: "candidates".into(),
        title: "Share of comparisons won".into(),
        kind: ChartKind::DotInterval,
        table: "candidates".into(),
        x: "share".into(),
        y: "candidate".into(),
        group: Some("item".into()),
        value: None,
    });
    Ok(report)
}

/// The table `orders` of a method that orders candidates; columns as every such method has them.
pub(super) fn orders_table(title: &str, rows: Vec<Vec<crate::report::Cell>>) -> Table {
    Table {
        id: "orders".into(),
        title: title.to_owned(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("order", "Order, best first", Unit::None),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
        ],
        rows,
    }
}
