//! One report out of the reports of all participants and of each segment.

use folkmoot_methods::Report;
use folkmoot_methods::report::{Cell, Column, Note, Unit};

/// The label of everybody together.
pub(crate) const ALL: &str = "all";

/// Puts the segments' rows below those of all, told apart by a leading column `segment`. Scalars stay
/// those of all. A segment without a report is noted with its reason.
pub(crate) fn join(mut all: Report, segments: Vec<(String, Result<Report, String>)>) -> Report {
    for table in &mut all.tables {
        table.columns.insert(0, Column::new("segment", "Segment", Unit::None));
        table.rows.iter_mut().for_each(|row| row.insert(0, ALL.into()));
    }
    for (label, outcome) in segments {
        let report = match outcome {
            Ok(report) => report,
            Err(why) => {
                all.notes.push(Note::info("segment_undefined", format!("{label}: {why}")));
                continue;
            }
        };
        for note in report.notes {
            if !all.notes.iter().any(|known| known.code == note.code && known.text == note.text) {
                all.notes.push(Note { text: format!("{label}: {}", note.text), ..note });
            }
        }
        for table in report.tables {
            let Some(into) = all.tables.iter_mut().find(|known| known.id == table.id) else { continue };
            for mut row in table.rows {
                row.insert(0, Cell::from(label.as_str()));
                into.rows.push(row);
            }
        }
    }
    for chart in &mut all.charts {
        chart.group.get_or_insert_with(|| "segment".to_owned());
    }
    all
}
