//! Between the contract's types and the world's.

use folkmoot_fold::Report;
use folkmoot_fold::contract::{Batch, Config, Descriptor, Law, Outcome, Segments, Values};
use folkmoot_fold::report::{Cell, Chart, ChartKind, Column, Note, Scalar, Severity, Table, Unit};
use serde_json::Value;

use crate::bindings::folkmoot::method::types as wire;

/// Kinds of item that methods fold.
const KINDS: [&str; 7] = ["rank", "pair", "vote", "choose", "approve", "scale", "rubric"];
const MAX_ID: usize = 63;
const MAX_PASSES: u32 = 100;

/// A descriptor that says nothing.
pub(crate) fn no_descriptor() -> Descriptor {
    Descriptor {
        id: String::new(),
        version: String::new(),
        title: String::new(),
        answers: String::new(),
        assumes: String::new(),
        avoid_when: String::new(),
        source: String::new(),
        kinds: Vec::new(),
        parameters: Value::Null,
        max_passes: 1,
        segments: Segments::Host,
        bootstrap: false,
        participants: false,
        laws: Vec::new(),
    }
}

/// The descriptor, if it can be used.
///
/// # Errors
/// Everything wrong with it, in words.
pub(crate) fn descriptor(said: wire::Descriptor) -> Result<Descriptor, Vec<String>> {
    let mut problems = Vec::new();
    if !is_id(&said.id) {
        problems.push(format!("the id {:?} is not of lower-case letters, digits and -, a letter first", said.id));
    }
    if !is_version(&said.version) {
        problems.push(format!("the version {:?} is not of the form 1.0.0", said.version));
    }
    for (name, words) in [("title", &said.title), ("answers", &said.answers)] {
        if words.trim().is_empty() {
            problems.push(format!("{name} is empty"));
        }
    }
    if said.kinds.is_empty() {
        problems.push("it folds no kind of item".to_owned());
    }
    for kind in said.kinds.iter().filter(|kind| !KINDS.contains(&kind.as_str())) {
        problems.push(format!("there is no kind of item {kind:?}; there are {}", KINDS.join(", ")));
    }
    if !(1..=MAX_PASSES).contains(&said.max_passes) {
        problems.push(format!("max-passes is {}, not from 1 to {MAX_PASSES}", said.max_passes));
    }
    let parameters = serde_json::from_str(&said.parameters).unwrap_or_else(|error| {
        problems.push(format!("the parameters' schema is no JSON: {error}"));
        Value::Null
    });
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Descriptor {
        id: said.id,
        version: said.version,
        title: said.title,
        answers: said.answers,
        assumes: said.assumes,
        avoid_when: said.avoid_when,
        source: said.source,
        kinds: said.kinds,
        parameters,
        max_passes: said.max_passes,
        segments: match said.segments {
            wire::Segments::Host => Segments::Host,
            wire::Segments::Method => Segments::Method,
        },
        bootstrap: said.bootstrap,
        participants: said.participants,
        laws: said.laws.into_iter().map(law).collect(),
    })
}

fn is_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    id.len() <= MAX_ID && id.starts_with(|first: char| first.is_ascii_lowercase()) && id.bytes().all(plain)
}

fn is_version(version: &str) -> bool {
    let is_number = |part: &str| {
        !part.is_empty()
            && part.len() <= 9
            && part.bytes().all(|b| b.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    version.split('.').count() == 3 && version.split('.').all(is_number)
}

fn law(law: wire::Law) -> Law {
    match law {
        wire::Law::Anonymity => Law::Anonymity,
        wire::Law::Neutrality => Law::Neutrality,
        wire::Law::WeightScale => Law::WeightScale,
        wire::Law::Duplication => Law::Duplication,
    }
}

/// Hands the configuration to `work` as the world has it.
pub(crate) fn with_config<T>(config: &Config, work: impl FnOnce(wire::Config<'_>) -> T) -> T {
    let parameters = config.parameters.to_string();
    let candidates: Vec<Vec<&str>> =
        config.items.iter().map(|item| item.candidates.iter().map(String::as_str).collect()).collect();
    let items = config.items.iter().zip(&candidates).map(|(item, candidates)| wire::Item {
        id: &item.id,
        kind: &item.kind,
        candidates,
        position: item.position.as_deref(),
    });
    let items: Vec<wire::Item<'_>> = items.collect();
    let categories: Vec<Vec<wire::Category<'_>>> = config
        .dimensions
        .iter()
        .map(|dimension| {
            dimension
                .categories
                .iter()
                .map(|category| wire::Category { label: &category.label, target: category.target })
                .collect()
        })
        .collect();
    let dimensions = config.dimensions.iter().zip(&categories);
    let dimensions: Vec<wire::Dimension<'_>> =
        dimensions.map(|(dimension, categories)| wire::Dimension { name: &dimension.name, categories }).collect();
    work(wire::Config {
        parameters: &parameters,
        items: &items,
        dimensions: &dimensions,
        participants: config.participants,
        seed: config.seed,
    })
}

/// The batch; its participants only where the method reads them.
pub(crate) fn batch<'a>(batch: &Batch<'a>, with_participants: bool) -> wire::Batch<'a> {
    wire::Batch {
        item: batch.item,
        // Items have far fewer candidates, and batches fewer rows, than u32 has values.
        width: batch.width as u32,
        rows: batch.rows() as u32,
        participant: if with_participants { batch.participant } else { &[] },
        weight: batch.weight,
        strata: batch.strata,
        values: match batch.values {
            Values::Ranks(tiers) => wire::Values::Ranks(tiers),
            Values::Votes(votes) => wire::Values::Votes(votes),
            Values::Choices(places) => wire::Values::Choices(places),
            Values::Approvals(flags) => wire::Values::Approvals(flags),
            Values::Scores(scores) => wire::Values::Scores(scores),
            Values::Rubrics(weights) => wire::Values::Rubrics(weights),
        },
    }
}

pub(crate) fn outcome(outcome: wire::Outcome) -> Outcome {
    match outcome {
        wire::Outcome::Again(model) => Outcome::Again(model),
        wire::Outcome::Done(report) => Outcome::Done(self::report(report)),
    }
}

fn report(report: wire::Report) -> Report {
    Report {
        scalars: report.scalars.into_iter().map(scalar).collect(),
        tables: report.tables.into_iter().map(table).collect(),
        charts: report.charts.into_iter().map(chart).collect(),
        notes: report.notes.into_iter().map(note).collect(),
    }
}

fn scalar(scalar: wire::Scalar) -> Scalar {
    Scalar { id: scalar.id, label: scalar.label, unit: unit(scalar.unit), value: cell(scalar.value) }
}

fn table(table: wire::Table) -> Table {
    let row = |row: Vec<wire::Cell>| row.into_iter().map(cell).collect();
    Table {
        id: table.id,
        title: table.title,
        columns: table.columns.into_iter().map(column).collect(),
        rows: table.rows.into_iter().map(row).collect(),
    }
}

fn column(column: wire::Column) -> Column {
    Column { id: column.id, label: column.label, unit: unit(column.unit), estimate: column.estimate }
}

fn cell(cell: wire::Cell) -> Cell {
    match cell {
        wire::Cell::Null => Cell::Null,
        wire::Cell::Flag(flag) => Cell::Bool(flag),
        wire::Cell::Integer(integer) => Cell::Int(integer),
        wire::Cell::Number(number) => Cell::Float(number),
        wire::Cell::Text(text) => Cell::Text(text),
    }
}

fn unit(unit: wire::Unit) -> Unit {
    match unit {
        wire::Unit::None => Unit::None,
        wire::Unit::Count => Unit::Count,
        wire::Unit::Weight => Unit::Weight,
        wire::Unit::Share => Unit::Share,
        wire::Unit::Correlation => Unit::Correlation,
        wire::Unit::Rank => Unit::Rank,
        wire::Unit::Score => Unit::Score,
        wire::Unit::PValue => Unit::PValue,
    }
}

fn chart(chart: wire::Chart) -> Chart {
    Chart {
        id: chart.id,
        title: chart.title,
        kind: match chart.kind {
            wire::ChartKind::Bar => ChartKind::Bar,
            wire::ChartKind::DotInterval => ChartKind::DotInterval,
            wire::ChartKind::DivergingBar => ChartKind::DivergingBar,
            wire::ChartKind::HeatMap => ChartKind::HeatMap,
            wire::ChartKind::Scatter => ChartKind::Scatter,
        },
        table: chart.table,
        x: chart.x,
        y: chart.y,
        group: chart.group,
        value: chart.value,
    }
}

fn note(note: wire::Note) -> Note {
    let severity = match note.severity {
        wire::Severity::Info => Severity::Info,
        wire::Severity::Warning => Severity::Warning,
    };
    Note { severity, code: note.code, text: note.text }
}
