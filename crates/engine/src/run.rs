//! One run, from its spec to its result.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use folkmoot_core::{Answer, Item};
use folkmoot_methods::contract::{Category, Config, Descriptor, ItemInfo, Method, Outcome, Segments};
use folkmoot_methods::registry::Registry;
use folkmoot_methods::report::Note;
use folkmoot_methods::{MethodError, Report, schema};
use folkmoot_snapshot::Snapshot;

use crate::bootstrap::{LEVEL, attach_intervals};
use crate::error::EngineError;
use crate::folds::{Models, Shape};
use crate::scan::{Pass, Source, scan};
use crate::segments;
use crate::spec::{MethodRef, Progress, RunResult, RunSpec};

/// Fewer rows than this are folded on one thread.
const ROWS_A_THREAD: u64 = 100_000;

/// Most values of an attribute that make segments.
const MAX_SEGMENTS: usize = 200;
/// Most accumulators of an item: items, times segments with all, times replicates with the data.
const MAX_CELLS: usize = 2_000_000;

/// Runs `spec` over `snapshot` with the built-in methods, on as many threads as pay. `progress` is
/// called now and then and may stop the run.
///
/// # Errors
/// What [`EngineError`] lists.
pub fn run(
    snapshot: &Snapshot,
    spec: &RunSpec,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<RunResult, EngineError> {
    let registry = Registry::builtin();
    let method = registry.get(&spec.method).ok_or_else(|| EngineError::UnknownMethod(spec.method.clone()))?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let worth = snapshot.manifest.parts.responses.rows / ROWS_A_THREAD;
    run_method(method, snapshot, spec, cores.min(worth.max(1) as usize), progress)
}

pub(crate) fn run_method(
    method: &dyn Method,
    snapshot: &Snapshot,
    spec: &RunSpec,
    threads: usize,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<RunResult, EngineError> {
    let descriptor = method.describe();
    let params = schema::check(&descriptor.parameters, &spec.params).map_err(EngineError::BadParameters)?;
    let positions = canonical_positions(snapshot, spec)?;
    let chosen = chosen_items(snapshot, spec, &descriptor)?;
    let segmented = segments_of(snapshot, spec)?;
    let by_host = descriptor.segments == Segments::Host;
    let shape = Shape {
        segments: if by_host { segmented.labels.len() } else { 0 },
        replicates: if descriptor.bootstrap { spec.replicates } else { 0 },
        seed: spec.seed,
    };
    let cells = chosen.len().saturating_mul(shape.count());
    if cells > MAX_CELLS {
        let message = format!(
            "{} items in {} segments with {} replicates are {cells} estimates, at most {MAX_CELLS} are made at once",
            chosen.len(),
            1 + shape.segments,
            1 + shape.replicates
        );
        return Err(EngineError::TooMuch(message));
    }
    let config = Config {
        parameters: params.clone(),
        items: chosen.iter().map(|&place| item_info(&snapshot.items[place as usize], &positions)).collect(),
        dimension: if by_host { None } else { spec.by.clone() },
        categories: if by_host { Vec::new() } else { segmented.labels.iter().map(|l| category(l)).collect() },
        participants: u32::try_from(snapshot.participants.ids.len())
            .map_err(|_| EngineError::Corrupt("there are too many participants".to_owned()))?,
        seed: spec.seed,
    };
    method.check(&config)?;

    let source = Source { snapshot, places: &chosen, strata: segmented.codes, view: spec.view, threads };
    let reports = fold(method, &descriptor, &config, shape, &source, progress)?;
    let mut notes = Vec::new();
    let report = assemble(reports, &segmented.labels, shape, &mut notes)?;
    let defects = report.defects();
    if !defects.is_empty() {
        return Err(EngineError::Internal(format!("unsound report: {}", defects.join("; "))));
    }
    add_notes(snapshot, spec, &descriptor, &mut notes);
    Ok(RunResult {
        method: MethodRef { id: descriptor.id, version: descriptor.version },
        snapshot: snapshot.hash(),
        params,
        seed: spec.seed,
        by: spec.by.clone(),
        view: spec.view,
        positions,
        items: spec.items.clone(),
        replicates: spec.replicates,
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        report,
        notes,
    })
}

fn canonical_positions(snapshot: &Snapshot, spec: &RunSpec) -> Result<BTreeMap<String, String>, EngineError> {
    let own = || {
        let texts = snapshot.items.iter().filter_map(|item| Some((item.id.clone(), item.position.clone()?)));
        texts.collect::<BTreeMap<_, _>>()
    };
    let given = if spec.positions.is_empty() { own() } else { spec.positions.clone() };
    let canonical = |(id, text): (String, String)| {
        let item = find_item(snapshot, &id)?;
        let answer = Answer::parse(item, &text, None)
            .map_err(|violation| EngineError::BadPosition { item: id.clone(), message: violation.message })?;
        Ok((id, answer.text(item)))
    };
    given.into_iter().map(canonical).collect()
}

fn find_item<'a>(snapshot: &'a Snapshot, id: &str) -> Result<&'a Item, EngineError> {
    snapshot.items.iter().find(|item| item.id == id).ok_or_else(|| EngineError::UnknownItem(id.to_owned()))
}

/// Places of the items asked for, of kinds that the method folds, in the snapshot's order.
fn chosen_items(snapshot: &Snapshot, spec: &RunSpec, descriptor: &Descriptor) -> Result<Vec<u32>, EngineError> {
    for id in &spec.items {
        find_item(snapshot, id)?;
    }
    let wanted = |item: &Item| {
        descriptor.kinds.iter().any(|kind| kind == item.kind.name())
            && (spec.items.is_empty() || spec.items.contains(&item.id))
    };
    Ok((0_u32..).zip(&snapshot.items).filter(|(_, item)| wanted(item)).map(|(place, _)| place).collect())
}

struct Segmented<'a> {
    labels: Vec<String>,
    codes: &'a [u16],
}

fn segments_of<'a>(snapshot: &'a Snapshot, spec: &RunSpec) -> Result<Segmented<'a>, EngineError> {
    let Some(name) = &spec.by else { return Ok(Segmented { labels: Vec::new(), codes: &[] }) };
    let attribute = snapshot.participants.attribute(name).ok_or_else(|| EngineError::UnknownAttribute {
        name: name.clone(),
        known: snapshot.participants.attributes.iter().map(|attribute| attribute.name.clone()).collect(),
    })?;
    if attribute.levels.iter().any(|level| level == segments::ALL) {
        let message = format!("has the value {:?}, which is the label of everybody together", segments::ALL);
        return Err(EngineError::BadAttribute { name: name.clone(), message });
    }
    if attribute.levels.len() > MAX_SEGMENTS {
        let message = format!("has {} values, at most {MAX_SEGMENTS} make segments", attribute.levels.len());
        return Err(EngineError::BadAttribute { name: name.clone(), message });
    }
    // A snapshot gives no levels to an attribute with more values than it can count.
    if attribute.levels.is_empty() {
        let message = format!("has too many values, at most {MAX_SEGMENTS} make segments");
        return Err(EngineError::BadAttribute { name: name.clone(), message });
    }
    // The snapshot's NO_LEVEL is the methods' NO_STRATUM.
    Ok(Segmented { labels: attribute.levels.clone(), codes: &attribute.codes })
}

fn category(label: &str) -> Category {
    Category { label: label.to_owned(), target: None }
}

fn item_info(item: &Item, positions: &BTreeMap<String, String>) -> ItemInfo {
    let encode = |text: &String| Answer::parse(item, text, None).ok().map(|answer| answer.encode());
    ItemInfo {
        id: item.id.clone(),
        kind: item.kind.name().to_owned(),
        candidates: item.candidates.iter().map(|candidate| candidate.id.clone()).collect(),
        position: positions.get(&item.id).and_then(encode),
    }
}

/// A report, or why there is none, for each accumulator of `shape`.
fn fold(
    method: &dyn Method,
    descriptor: &Descriptor,
    config: &Config,
    shape: Shape,
    source: &Source<'_>,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Vec<Result<Report, String>>, EngineError> {
    let mut reports: Vec<_> =
        (0..shape.count()).map(|_| Err("the method asked for too many passes".to_owned())).collect();
    let mut models: Models = vec![Some(None); shape.count()];
    let total = source.snapshot.manifest.parts.responses.rows.max(1);
    for number in 0..descriptor.max_passes.max(1) {
        if models.iter().all(Option::is_none) {
            break;
        }
        let mut tell = |rows: u64| {
            let fraction = (rows as f64 / total as f64).min(1.0);
            progress(&Progress { phase: format!("pass {}", number + 1), fraction, rows })
        };
        let pass = Pass { method, config, shape, number, models: &models };
        let cells = scan(source, &pass, &mut tell)?.into_cells();
        for (place, cell) in cells.into_iter().enumerate() {
            let Some(cell) = cell else { continue };
            models[place] = None;
            match cell.finish() {
                Ok(Outcome::Done(report)) => reports[place] = Ok(report),
                Ok(Outcome::Again(model)) => models[place] = Some(Some(model)),
                Err(MethodError::Undefined(why)) => reports[place] = Err(why),
                Err(error) => return Err(error.into()),
            }
        }
    }
    if models.iter().any(Option::is_some) {
        return Err(EngineError::Internal("the method asked for more passes than it declares".to_owned()));
    }
    Ok(reports)
}

fn assemble(
    reports: Vec<Result<Report, String>>,
    labels: &[String],
    shape: Shape,
    notes: &mut Vec<Note>,
) -> Result<Report, EngineError> {
    let mut reports = reports.into_iter();
    let mut with_intervals = || {
        let report = reports.next().unwrap_or_else(|| Err("no report".to_owned()));
        let replicates: Vec<_> = reports.by_ref().take(shape.replicates as usize).filter_map(Result::ok).collect();
        report.map(|mut report| {
            if shape.replicates > 0 {
                attach_intervals(&mut report, &replicates);
            }
            (report, replicates.len())
        })
    };
    let (all, defined) = with_intervals().map_err(EngineError::Undefined)?;
    if shape.replicates > 0 {
        let words = format!(
            "{}% percentile intervals from {} of {} bootstrap replicates, whole participants drawn with Poisson weights",
            LEVEL * 100.0,
            defined,
            shape.replicates
        );
        notes.push(Note::info("bootstrap", words));
        if shape.replicates < 200 {
            notes.push(Note::warning("few_replicates", "intervals from fewer than 200 replicates are rough"));
        }
    }
    if shape.segments == 0 {
        return Ok(all);
    }
    let segments: Vec<_> =
        labels.iter().map(|label| (label.clone(), with_intervals().map(|(report, _)| report))).collect();
    Ok(segments::join(all, segments))
}

fn add_notes(snapshot: &Snapshot, spec: &RunSpec, descriptor: &Descriptor, notes: &mut Vec<Note>) {
    if snapshot.manifest.simulated {
        notes.push(Note::warning("simulated", "these answers were made by a simulator, not by people"));
    }
    if spec.replicates > 0 && !descriptor.bootstrap {
        let words = format!("{} gives its own intervals or none; no replicates were drawn", descriptor.id);
        notes.push(Note::info("no_bootstrap", words));
    }
}
