//! The report: what was answered, and what the weights did to it.

mod items;
mod notes;
mod people;

use folkmoot_plugin_sdk::{Chart, ChartKind, MethodError, Report, Scalar, Unit, WEIGHT_ONE};

use crate::tally::Tally;

/// Answers below this number are not told by region.
const FEWEST: u64 = 10;
/// Most rows of the table by region.
const MOST_BY_REGION: usize = 10_000;

/// # Errors
/// [`MethodError::Undefined`] where nobody in the sample answered anything.
pub(crate) fn report(tally: &Tally) -> Result<Report, MethodError> {
    let model = &tally.model;
    let mut report = Report::default();
    let (items, by_region) = items::tables(tally)?;
    let scalar = |id: &str, label: &str, unit, value| Scalar { id: id.into(), label: label.into(), unit, value };
    let counted: u64 = model.regions.iter().map(|region| region.part.people).sum();
    let left_out = model.unknown[0] + model.unknown[1] + model.untargeted;
    report.scalars = vec![
        scalar("participants", "Participants who count", Unit::Count, count(counted)),
        scalar("left_out", "Participants left out", Unit::Count, count(left_out)),
        scalar("sample", "Participants in the sample", Unit::Count, count(model.sampled)),
        scalar("design_effect", "Kish's design effect of the weights", Unit::Score, design_effect(tally).into()),
        scalar("n_eff", "Effective participants after weighting", Unit::Count, model.after.n_eff.into()),
    ];
    if tally.setup.second.is_some() {
        report.scalars.extend([
            scalar("rake_rounds", "Rounds of raking", Unit::Count, count(model.rounds)),
            scalar("rake_gap", "Largest gap that raking left", Unit::Share, model.gap.into()),
        ]);
    }
    report.notes = notes::notes(tally, &items, by_region.as_ref());
    report.tables.push(items);
    report.tables.extend(by_region);
    report.tables.push(people::regions(tally));
    report.tables.extend(people::second(tally));
    report.tables.push(people::composition(tally));
    report.tables.push(people::weights(tally));
    report.charts = charts();
    Ok(report)
}

fn charts() -> Vec<Chart> {
    let chart = |id: &str, title: &str, kind, table: &str, x: &str, y: &str, group: &str| Chart {
        id: id.into(),
        title: title.into(),
        kind,
        table: table.into(),
        x: x.into(),
        y: y.into(),
        group: Some(group.into()),
        value: None,
    };
    vec![
        chart("items", "Share of each option", ChartKind::DotInterval, "items", "share", "option", "item"),
        chart(
            "differences",
            "What selection and weights changed",
            ChartKind::DivergingBar,
            "items",
            "difference",
            "option",
            "item",
        ),
        chart("composition", "Target and achieved", ChartKind::Bar, "composition", "share", "what", "part"),
    ]
}

/// How many times as many participants would be as precise with equal weights (Kish 1965).
fn design_effect(tally: &Tally) -> f64 {
    let model = &tally.model;
    if model.after.n_eff > 0.0 { model.sampled as f64 / model.after.n_eff } else { 1.0 }
}

/// A number of people as a cell.
fn count(n: u64) -> folkmoot_plugin_sdk::Cell {
    i64::try_from(n).unwrap_or(i64::MAX).into()
}

/// Units of weight as people.
fn people(weight: f64) -> f64 {
    weight / WEIGHT_ONE as f64
}

/// `part / whole`, where there is a whole.
fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// A difference of shares; what is only rounding is none.
fn difference(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    let gap = a? - b?;
    Some(if gap.abs() < 1e-12 { 0.0 } else { gap })
}
