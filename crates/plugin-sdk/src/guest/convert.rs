//! Between the contract's types and the wire's.

use super::bindings::folkmoot::method::types as wire;
use crate::{
    Batch, Category, Cell, Chart, ChartKind, Column, Config, Descriptor, Dimension, ItemInfo, Law, MethodError, Note,
    Outcome, Problem, Report, Scalar, Segments, Severity, Table, Unit, Values,
};

pub(super) fn descriptor(said: Descriptor) -> wire::Descriptor {
    wire::Descriptor {
        id: said.id,
        version: said.version,
        title: said.title,
        answers: said.answers,
        assumes: said.assumes,
        avoid_when: said.avoid_when,
        source: said.source,
        kinds: said.kinds,
        parameters: said.parameters.to_string(),
        max_passes: said.max_passes,
        segments: match said.segments {
            Segments::Host => wire::Segments::Host,
            Segments::Method => wire::Segments::Method,
        },
        bootstrap: said.bootstrap,
        participants: said.participants,
        laws: said.laws.into_iter().map(law).collect(),
    }
}

fn law(law: Law) -> wire::Law {
    match law {
        Law::Anonymity => wire::Law::Anonymity,
        Law::Neutrality => wire::Law::Neutrality,
        Law::WeightScale => wire::Law::WeightScale,
        Law::Duplication => wire::Law::Duplication,
    }
}

pub(super) fn config(given: wire::Config) -> Result<Config, wire::Error> {
    let parameters = serde_json::from_str(&given.parameters)
        .map_err(|error| wire::Error::Internal(format!("the host's parameters are no JSON: {error}")))?;
    Ok(Config {
        parameters,
        items: given.items.into_iter().map(item).collect(),
        dimensions: given.dimensions.into_iter().map(dimension).collect(),
        participants: given.participants,
        seed: given.seed,
    })
}

fn item(item: wire::Item) -> ItemInfo {
    ItemInfo { id: item.id, kind: item.kind, candidates: item.candidates, position: item.position }
}

fn dimension(dimension: wire::Dimension) -> Dimension {
    let category = |category: wire::Category| Category { label: category.label, target: category.target };
    Dimension { name: dimension.name, categories: dimension.categories.into_iter().map(category).collect() }
}

pub(super) fn batch(batch: &wire::Batch) -> Batch<'_> {
    Batch {
        item: batch.item,
        width: batch.width as usize,
        participant: &batch.participant,
        weight: &batch.weight,
        strata: &batch.strata,
        values: match &batch.values {
            wire::Values::Ranks(tiers) => Values::Ranks(tiers),
            wire::Values::Votes(votes) => Values::Votes(votes),
            wire::Values::Choices(places) => Values::Choices(places),
            wire::Values::Approvals(flags) => Values::Approvals(flags),
            wire::Values::Scores(scores) => Values::Scores(scores),
            wire::Values::Rubrics(weights) => Values::Rubrics(weights),
        },
    }
}

pub(super) fn outcome(outcome: Outcome) -> wire::Outcome {
    match outcome {
        Outcome::Again(model) => wire::Outcome::Again(model),
        Outcome::Done(report) => wire::Outcome::Done(self::report(report)),
    }
}

fn report(report: Report) -> wire::Report {
    wire::Report {
        scalars: report.scalars.into_iter().map(scalar).collect(),
        tables: report.tables.into_iter().map(table).collect(),
        charts: report.charts.into_iter().filter_map(chart).collect(),
        notes: report.notes.into_iter().map(note).collect(),
    }
}

fn scalar(scalar: Scalar) -> wire::Scalar {
    wire::Scalar { id: scalar.id, label: scalar.label, unit: unit(scalar.unit), value: cell(scalar.value) }
}

fn table(table: Table) -> wire::Table {
    let row = |row: Vec<Cell>| row.into_iter().map(cell).collect();
    wire::Table {
        id: table.id,
        title: table.title,
        columns: table.columns.into_iter().map(column).collect(),
        rows: table.rows.into_iter().map(row).collect(),
    }
}

fn column(column: Column) -> wire::Column {
    wire::Column { id: column.id, label: column.label, unit: unit(column.unit), estimate: column.estimate }
}

fn cell(cell: Cell) -> wire::Cell {
    match cell {
        // Only a host suppresses; to a world without the word it is a figure that is not known.
        Cell::Null | Cell::Suppressed(_) => wire::Cell::Null,
        Cell::Bool(flag) => wire::Cell::Flag(flag),
        Cell::Int(integer) => wire::Cell::Integer(integer),
        Cell::Float(number) => wire::Cell::Number(number),
        Cell::Text(text) => wire::Cell::Text(text),
    }
}

fn unit(unit: Unit) -> wire::Unit {
    match unit {
        Unit::None => wire::Unit::None,
        Unit::Count => wire::Unit::Count,
        Unit::Weight => wire::Unit::Weight,
        Unit::Share => wire::Unit::Share,
        Unit::Correlation => wire::Unit::Correlation,
        Unit::Rank => wire::Unit::Rank,
        Unit::Score => wire::Unit::Score,
        Unit::PValue => wire::Unit::PValue,
    }
}

/// A chart, if the world of plugins has its kind.
fn chart(chart: Chart) -> Option<wire::Chart> {
    Some(wire::Chart {
        id: chart.id,
        title: chart.title,
        kind: match chart.kind {
            ChartKind::Bar => wire::ChartKind::Bar,
            ChartKind::DotInterval => wire::ChartKind::DotInterval,
            ChartKind::DivergingBar => wire::ChartKind::DivergingBar,
            ChartKind::HeatMap => wire::ChartKind::HeatMap,
            ChartKind::Scatter => wire::ChartKind::Scatter,
            ChartKind::Flow => return None,
        },
        table: chart.table,
        x: chart.x,
        y: chart.y,
        group: chart.group,
        value: chart.value,
    })
}

fn note(note: Note) -> wire::Note {
    wire::Note { severity: severity(note.severity), code: note.code, text: note.text }
}

pub(super) fn severity(severity: Severity) -> wire::Severity {
    match severity {
        Severity::Info => wire::Severity::Info,
        Severity::Warning => wire::Severity::Warning,
    }
}

pub(super) fn error(error: MethodError) -> wire::Error {
    let problem = |problem: Problem| wire::Problem { path: problem.path, message: problem.message };
    match error {
        MethodError::BadParameters(problems) => wire::Error::BadParameters(problems.into_iter().map(problem).collect()),
        MethodError::Undefined(why) => wire::Error::Undefined(why),
        MethodError::BadState(why) => wire::Error::BadState(why),
        MethodError::Internal(why) | MethodError::OverBudget(why) | MethodError::Trapped(why) => {
            wire::Error::Internal(why)
        }
    }
}
