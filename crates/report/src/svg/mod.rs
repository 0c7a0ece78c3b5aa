//! Pictures of tables, drawn from what a report declares and nothing else.

use folkmoot_methods::report::{Chart, Table};

/// The chart as an `<svg>` element, or none where the table has nothing to draw.
pub fn chart(chart: &Chart, table: &Table) -> Option<String> {
    let rows = table.rows.iter().filter(|row| table.cell(row, &chart.x).is_some()).count();
    (rows > 0).then(|| {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><title>{}</title></svg>", crate::text::escape(&chart.title))
    })
}
