//! The report: families corrected, classes, tables, charts, notes.

use crate::ballot::note_unanswered;
use crate::contract::MethodError;
use crate::preference::agreement::note_no_position;
use crate::preference::disagreement::cells::Cells;
use crate::preference::disagreement::class::classify;
use crate::preference::disagreement::evidence::Evidence;
use crate::preference::disagreement::{notes, tables};
use crate::report::{Chart, ChartKind, Report};

/// # Errors
/// [`MethodError::Undefined`] where nobody answered any item that has a position.
pub(super) fn report(cells: &Cells) -> Result<Report, MethodError> {
    let design = &cells.design;
    let compared: Vec<_> = (0..design.items.len()).filter(|&item| design.positions[item].is_some()).collect();
    let found: Vec<_> = compared.iter().filter_map(|&item| Evidence::gather(cells, item)).collect();
    let mut report = Report::default();
    let unanswered = compared.iter().filter(|&&item| found.iter().all(|evidence| evidence.item != item));
    note_unanswered(&mut report, compared.len(), unanswered.map(|&item| design.items[item].id.as_str()))?;
    note_no_position(&mut report, &design.items, &design.positions);

    let (verdicts, families) = classify(cells, found);
    report.tables.push(tables::items(design, &verdicts));
    report.tables.push(tables::segments(design, &verdicts));
    report.tables.push(tables::heterogeneity(design, &verdicts));
    report.charts.push(chart("items", "Net preference against the position", "item", "class"));
    report.charts.push(chart("segments", "Net preference against the position by segment", "segment", "item"));
    notes::add(design, &verdicts, &families, &mut report);
    Ok(report)
}

fn chart(table: &str, title: &str, y: &str, group: &str) -> Chart {
    Chart {
        id: table.to_owned(),
        title: title.to_owned(),
        kind: ChartKind::DotInterval,
        table: table.to_owned(),
        x: "delta".into(),
        y: y.to_owned(),
        group: Some(group.to_owned()),
        value: None,
    }
}
