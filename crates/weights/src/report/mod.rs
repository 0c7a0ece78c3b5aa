//! What the weights achieve and what they cost.

mod levels;
mod notes;
mod spread;

use folkmoot_fold::Report;
use folkmoot_fold::report::{Cell, Chart, ChartKind, Scalar, Unit};

use crate::people::People;
use crate::plan::{Fit, Plan};
use spread::Spread;

/// Diagnostics of the weights that `plan` gave `people`: achieved against target by level, the weights
/// before and after, and what should make one hesitate.
pub fn report(people: &People<'_>, plan: &Plan<'_>, fit: &Fit) -> Report {
    let base = Spread::of(&match people.base {
        Some(base) => base.to_vec(),
        None => vec![1.0; fit.weights.len()],
    });
    let weights = Spread::of(&fit.weights);
    let levels = levels::all(people, plan, fit);
    let float = |id: &str, label: &str, unit, value: f64| scalar(id, label, unit, value.into());
    Report {
        scalars: vec![
            scalar("n", "Participants", Unit::Count, (fit.weights.len() as i64).into()),
            float("sum", "Sum of the weights", Unit::Weight, weights.mean * fit.weights.len() as f64),
            float("n_eff", "Effective participants (Kish)", Unit::Count, weights.n_eff()),
            float("deff_kish", "Design effect of the weights (Kish)", Unit::Score, weights.design_effect()),
            float("max_over_mean", "Largest weight over mean", Unit::Score, weights.max_over_mean()),
            float("gap", "Largest distance from a target", Unit::Share, fit.gap),
            scalar("iterations", "Iterations", Unit::Count, i64::from(fit.iterations).into()),
        ],
        tables: vec![
            levels::table(&levels),
            levels::composition(&levels),
            spread::table(&base, &weights),
            spread::histogram(&base, &weights),
        ],
        charts: vec![
            chart(
                "composition",
                "Shares before and after weighting",
                ChartKind::DotInterval,
                ["share", "what", "level"],
            ),
            chart("histogram", "Weights before and after", ChartKind::Bar, ["share", "bin", "weights"]),
        ],
        notes: notes::all(plan, fit, &levels, &weights),
    }
}

fn scalar(id: &str, label: &str, unit: Unit, value: Cell) -> Scalar {
    Scalar { id: id.into(), label: label.into(), unit, value }
}

fn chart(table: &str, title: &str, kind: ChartKind, [x, y, group]: [&str; 3]) -> Chart {
    Chart {
        id: table.into(),
        title: title.into(),
        kind,
        table: table.into(),
        x: x.into(),
        y: y.into(),
        group: Some(group.into()),
        value: None,
    }
}
