//! Rows without a snapshot: how tests, laws and authors run a method over a handful of answers.

use crate::contract::{Accumulator, Batch, Config, ItemInfo, Method, MethodError, Outcome, Values};
use crate::report::Report;

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Place in [`Config::items`].
    pub item: u32,
    /// Who answered.
    pub participant: u32,
    /// A place in the categories of each of [`Config::dimensions`].
    pub strata: Vec<u16>,
    /// Weight in units of [`crate::WEIGHT_ONE`].
    pub weight: i64,
    /// The answer's bytes; a score is its eight, little endian.
    pub answer: Vec<u8>,
}

/// Bytes of an answer to the item.
pub fn answer_bytes(item: &ItemInfo) -> usize {
    match item.kind.as_str() {
        "vote" | "choose" => 1,
        "scale" => 8,
        _ => item.candidates.len(),
    }
}

/// Folds rows in the given order, at most `batch_rows` of one item at a time.
///
/// # Errors
/// What the accumulator answers.
pub fn fold(
    accumulator: &mut dyn Accumulator,
    config: &Config,
    rows: &[Row],
    batch_rows: usize,
) -> Result<(), MethodError> {
    for of_item in rows.chunk_by(|a, b| a.item == b.item) {
        for chunk in of_item.chunks(batch_rows.max(1)) {
            update(accumulator, config, chunk)?;
        }
    }
    Ok(())
}

fn update(accumulator: &mut dyn Accumulator, config: &Config, rows: &[Row]) -> Result<(), MethodError> {
    let item = &config.items[rows[0].item as usize];
    let bytes: Vec<u8> = rows.iter().flat_map(|row| row.answer.iter().copied()).collect();
    let scores: Vec<f64> = bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
    let rubrics: Vec<i8> = bytes.iter().map(|byte| byte.cast_signed()).collect();
    let participant: Vec<u32> = rows.iter().map(|row| row.participant).collect();
    let weight: Vec<i64> = rows.iter().map(|row| row.weight).collect();
    let dimensions = 0..config.dimensions.len();
    let strata: Vec<u16> = dimensions.flat_map(|dimension| rows.iter().map(move |row| row.strata[dimension])).collect();
    accumulator.update(&Batch {
        item: rows[0].item,
        width: item.candidates.len(),
        participant: &participant,
        weight: &weight,
        strata: &strata,
        values: match item.kind.as_str() {
            "vote" => Values::Votes(&bytes),
            "choose" => Values::Choices(&bytes),
            "approve" | "unacceptable" => Values::Approvals(&bytes),
            "scale" => Values::Scores(&scores),
            "rubric" => Values::Rubrics(&rubrics),
            _ => Values::Ranks(&bytes),
        },
    })
}

/// What a run over shards leaves behind.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The merged state at the end of each pass.
    pub states: Vec<Vec<u8>>,
    /// The report of the last pass.
    pub report: Result<Report, MethodError>,
}

/// Runs a method as a host does: each shard folded on its own, the states merged in the order given,
/// as many passes as the method asks for and declares.
///
/// # Errors
/// Everything but a `finish` without a report, which is part of the [`Run`].
pub fn run_shards(
    method: &dyn Method,
    config: &Config,
    shards: &[Vec<Row>],
    batch_rows: usize,
) -> Result<Run, MethodError> {
    method.check(config)?;
    let mut model: Option<Vec<u8>> = None;
    let mut states = Vec::new();
    for pass in 0..method.describe().max_passes.max(1) {
        let mut sum = method.open(config, pass, model.as_deref())?;
        for shard in shards {
            let mut accumulator = method.open(config, pass, model.as_deref())?;
            fold(accumulator.as_mut(), config, shard, batch_rows)?;
            sum.merge(&accumulator.save()?)?;
        }
        states.push(sum.save()?);
        match sum.finish() {
            Ok(Outcome::Done(report)) => return Ok(Run { states, report: Ok(report) }),
            Ok(Outcome::Again(next)) => model = Some(next),
            Err(error) => return Ok(Run { states, report: Err(error) }),
        }
    }
    Err(MethodError::Internal("the method asked for more passes than it declares".to_owned()))
}

/// The report of a method over rows.
///
/// # Errors
/// What the method answers.
pub fn run(method: &dyn Method, config: &Config, rows: &[Row]) -> Result<Report, MethodError> {
    run_shards(method, config, &[rows.to_vec()], usize::MAX)?.report
}
