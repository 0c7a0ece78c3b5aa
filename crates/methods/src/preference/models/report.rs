//! The report of fitted models.

use super::choices::Lowering;
use super::estimate::Fitted;
use super::fit::TOLERANCE;
use super::notes::{about, of_items};
use super::tables::{Both, candidates_table, fits_table, order_row, pairs_table, ties_table};
use crate::ballot::note_unanswered;
use crate::contract::MethodError;
use crate::preference::borda::orders_table;
use crate::report::{Cell, Chart, ChartKind, Note, Report, Scalar, Unit};

/// The report of all fits.
///
/// # Errors
/// [`MethodError::Undefined`] where nothing was fitted, with the reasons.
pub(super) fn report(fitted: &[Fitted<'_>], lowering: Lowering, level: f64) -> Result<Report, MethodError> {
    let mut report = Report::default();
    let unanswered = |fitted: &&Fitted<'_>| fitted.counts.answers.rows + fitted.counts.answers.empty == 0;
    note_unanswered(&mut report, fitted.len(), fitted.iter().filter(unanswered).map(|fitted| fitted.label))?;
    let answered: Vec<_> = fitted.iter().filter(|fitted| !unanswered(fitted)).collect();
    let reasons = answered.iter().filter_map(|fitted| Some((fitted.label, fitted.estimate.as_ref().err()?)));
    let reasons: Vec<_> = reasons.map(|(label, why)| format!("{label}: {why}")).collect();
    if reasons.len() == answered.len() {
        return Err(MethodError::Undefined(reasons.join("; ")));
    }
    let estimates: Vec<_> =
        answered.iter().filter_map(|fitted| Some((*fitted, fitted.estimate.as_ref().ok()?))).collect();
    report.tables.push(candidates_table(&estimates));
    report.tables.push(orders_table("Order by worth", estimates.iter().map(order_row).collect()));
    report.tables.push(pairs_table(&estimates));
    report.tables.push(ties_table(&estimates));
    report.tables.push(fits_table(&estimates));
    add_scalars(&mut report, &estimates);
    add_charts(&mut report);
    if !reasons.is_empty() {
        report.notes.push(Note::warning("no_estimate", reasons.join("; ")));
    }
    report.notes.extend(about(lowering, level));
    report.notes.extend(of_items(&estimates));
    Ok(report)
}

fn add_scalars(report: &mut Report, estimates: &[Both<'_>]) {
    let scalar = |id: &str, label: &str, unit, value: Cell| Scalar { id: id.into(), label: label.into(), unit, value };
    let steps = estimates.iter().map(|(_, estimate)| estimate.fit.steps).max().unwrap_or(0);
    let change = estimates.iter().map(|(_, estimate)| estimate.fit.change).fold(0.0, f64::max);
    report.scalars.push(scalar("tolerance", "Tolerance of the fit", Unit::Score, TOLERANCE.into()));
    report.scalars.push(scalar("steps", "Most steps of a fit", Unit::Count, (steps as i64).into()));
    report.scalars.push(scalar("change", "Largest move of a last step", Unit::Score, change.into()));
}

fn add_charts(report: &mut Report) {
    report.charts.push(Chart {
        id: "candidates".into(),
        title: "Log-worths".into(),
        kind: ChartKind::DotInterval,
        table: "candidates".into(),
        x: "log_worth".into(),
        y: "candidate".into(),
        group: Some("item".into()),
        value: None,
    });
    report.charts.push(Chart {
        id: "pairs".into(),
        title: "Chance of row to stand above column".into(),
        kind: ChartKind::HeatMap,
        table: "pairs".into(),
        x: "over".into(),
        y: "candidate".into(),
        group: Some("item".into()),
        value: Some("probability".into()),
    });
}
