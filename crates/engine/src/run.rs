//! One run, from its spec to its result.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use folkmoot_core::{Answer, Item, ItemKind, Sha256Hash};
use folkmoot_methods::contract::{Config, Descriptor, ItemInfo, Method, Outcome, Segments};
use folkmoot_methods::registry::Registry;
use folkmoot_methods::replicated::LEVEL;
use folkmoot_methods::report::Note;
use folkmoot_methods::{MethodError, Report, schema};
use folkmoot_snapshot::Snapshot;

use crate::bootstrap::attach_intervals;
use crate::designs::Sample;
use crate::dimensions::attributes;
use crate::error::EngineError;
use crate::folds::{Models, Shape};
use crate::quality::{self, Flags};
use crate::replicates::{Resampled, resample};
use crate::scan::{Pass, Source, scan};
use crate::segments;
use crate::spec::{MethodRef, Progress, RunResult, RunSpec};
use crate::suppression::suppress;
use crate::weighting::{self, Reweighted, Weights};

/// Fewer rows than this are folded on one thread.
const ROWS_A_THREAD: u64 = 100_000;

/// Most accumulators of an item: items, times segments with all, times replicates with the data.
const MAX_CELLS: usize = 2_000_000;
/// The same of a method that takes many replicates at once, of which little is kept.
const MAX_LANES: usize = 40_000_000;

/// The kind of a ranking read as what it calls unacceptable.
const UNACCEPTABLE: &str = "unacceptable";

/// A method, and which component it is if it is a plugin.
#[derive(Clone, Copy)]
pub struct Runnable<'a> {
    /// The method.
    pub method: &'a dyn Method,
    /// SHA-256 of the component.
    pub component: Option<Sha256Hash>,
}

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
    run_method(Runnable { method, component: None }, snapshot, spec, worth_while(snapshot), progress)
}

/// How many threads pay over `snapshot` on this machine.
pub fn worth_while(snapshot: &Snapshot) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let worth = snapshot.manifest.parts.responses.rows / ROWS_A_THREAD;
    cores.min(worth.max(1) as usize)
}

/// Runs `spec` over `snapshot` with the method given, whatever `spec.method` names, on `threads`
/// threads; their number changes no bit of the result.
///
/// # Errors
/// What [`EngineError`] lists.
pub fn run_method(
    runnable: Runnable<'_>,
    snapshot: &Snapshot,
    spec: &RunSpec,
    threads: usize,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<RunResult, EngineError> {
    let Runnable { method, component } = runnable;
    let descriptor = method.describe();
    let params = schema::check(&descriptor.parameters, &spec.params).map_err(EngineError::BadParameters)?;
    let positions = canonical_positions(snapshot, spec)?;
    let chosen = chosen_items(snapshot, spec, &descriptor)?;
    let weighting = weighting::chosen(spec, &descriptor, component.is_some())?;
    let sample = if descriptor.bootstrap { Sample::of(snapshot, spec)? } else { None };
    let people = Weights::of(snapshot, spec, weighting.as_ref(), sample.as_ref());
    let calibrated = weighting.as_ref().and_then(|_| method.calibrated(spec.targets.len() + spec.cells.len()));
    let margins = if calibrated.is_some() { people.margins()? } else { Vec::new() };
    let method = calibrated.as_deref().unwrap_or(method);
    let attributes = attributes(snapshot, spec, &descriptor, weighting.is_some())?;
    let by_host = descriptor.segments == Segments::Host;
    let labels: Vec<String> = match attributes.first() {
        Some(first) if by_host => first.dimension.categories.iter().map(|category| category.label.clone()).collect(),
        _ => Vec::new(),
    };
    let replicates = match &sample {
        Some(sample) => u32::try_from(sample.count()).unwrap_or(u32::MAX),
        None => spec.replicates,
    };
    let shape = Shape {
        segments: labels.len(),
        replicates: if descriptor.bootstrap { replicates } else { 0 },
        seed: spec.seed,
    };
    let config = Config {
        parameters: params.clone(),
        items: chosen
            .iter()
            .map(|&place| item_info(&snapshot.items[place as usize], &positions, &descriptor))
            .collect(),
        dimensions: match by_host {
            true => Vec::new(),
            false => {
                let told_apart = attributes.iter().map(|attribute| &attribute.dimension);
                told_apart.chain(margins.iter().map(|margin| &margin.dimension)).cloned().collect()
            }
        },
        participants: u32::try_from(snapshot.participants.ids.len())
            .map_err(|_| EngineError::Corrupt("there are too many participants".to_owned()))?,
        seed: spec.seed,
    };
    method.check(&config)?;
    // Weights that were made to meet targets are made again in each replicate, one by one; the factors of a
    // design are no draws.
    let is_plain = weighting.is_none() && sample.is_none();
    let at_once = shape.replicates > 0 && is_plain && method.replicated(&config, 1)?.is_some();
    let cells = chosen.len().saturating_mul(shape.count());
    let most = if at_once { MAX_LANES } else { MAX_CELLS };
    if cells > most {
        let message = format!(
            "{} items in {} segments with {} replicates are {cells} estimates, at most {most} are made at once",
            chosen.len(),
            1 + shape.segments,
            1 + shape.replicates
        );
        return Err(EngineError::TooMuch(message));
    }

    let flags = spec.quality.as_ref().map(|rules| quality::flag(snapshot, rules)).transpose()?;
    let told_apart = attributes.iter().map(|attribute| attribute.codes);
    let strata: Vec<&[u16]> = told_apart.chain(margins.iter().map(|margin| margin.codes.as_slice())).collect();
    let mut notes = Vec::new();
    let mut figures = |left_out: Option<&Flags>, notes: &mut Vec<Note>| {
        let (weights, achieved) = people.without(left_out)?;
        let source = Source {
            snapshot,
            places: &chosen,
            strata: &strata,
            weights: weights.as_deref(),
            view: spec.view,
            flags: reads_flags(&descriptor),
            threads,
        };
        let sure = if at_once {
            let whole = Shape { replicates: 0, ..shape };
            let reports = fold(method, &descriptor, &config, whole, &source, None, progress)?;
            attach_at_once(reports, resample(method, &config, shape, &source, progress)?)
        } else {
            let reweighted = people.replicates(left_out, weights.as_deref(), shape, threads, progress)?;
            let reports = fold(method, &descriptor, &config, shape, &source, reweighted.as_ref(), progress)?;
            attach_one_by_one(reports, shape, sample.as_ref())
        };
        let mut report = assemble(sure, &labels, shape, sample.as_ref(), notes)?;
        report.append(achieved);
        Ok(report)
    };
    let left_out = flags.as_ref().filter(|flags| flags.leave_out());
    let mut report = figures(left_out, &mut notes)?;
    if let Some(flags) = &flags {
        if left_out.is_none() {
            quality::beside(&mut report, figures(Some(flags), &mut Vec::new()))?;
        }
        report.append(flags.report());
    }
    suppress(&mut report, spec.suppress_below);
    let defects = report.defects();
    if !defects.is_empty() {
        return Err(EngineError::Internal(format!("unsound report: {}", defects.join("; "))));
    }
    add_notes(snapshot, spec, &descriptor, &mut notes);
    Ok(RunResult {
        method: MethodRef { id: descriptor.id, version: descriptor.version, component },
        snapshot: snapshot.hash(),
        params,
        seed: spec.seed,
        by: spec.by.clone(),
        also_by: spec.also_by.clone(),
        targets: spec.targets.clone(),
        cells: spec.cells.clone(),
        weighting,
        quality: spec.quality.clone(),
        design: spec.design.clone(),
        view: spec.view,
        positions,
        items: spec.items.clone(),
        replicates: spec.replicates,
        suppress_below: spec.suppress_below,
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

/// Whether the method takes rankings as what they call unacceptable.
fn reads_flags(descriptor: &Descriptor) -> bool {
    descriptor.kinds.iter().any(|kind| kind == UNACCEPTABLE)
}

/// Places of the items asked for, of kinds that the method folds, in the snapshot's order.
fn chosen_items(snapshot: &Snapshot, spec: &RunSpec, descriptor: &Descriptor) -> Result<Vec<u32>, EngineError> {
    for id in &spec.items {
        find_item(snapshot, id)?;
    }
    let wanted = |item: &Item| {
        descriptor.kinds.iter().any(|kind| kind == offered(item, descriptor))
            && (spec.items.is_empty() || spec.items.contains(&item.id))
    };
    Ok((0_u32..).zip(&snapshot.items).filter(|(_, item)| wanted(item)).map(|(place, _)| place).collect())
}

/// The kind an item is offered as.
fn offered(item: &Item, descriptor: &Descriptor) -> &'static str {
    match item.kind {
        ItemKind::Rank if reads_flags(descriptor) => UNACCEPTABLE,
        kind => kind.name(),
    }
}

fn item_info(item: &Item, positions: &BTreeMap<String, String>, descriptor: &Descriptor) -> ItemInfo {
    let encode = |text: &String| Answer::parse(item, text, None).ok().map(|answer| answer.encode());
    ItemInfo {
        id: item.id.clone(),
        kind: offered(item, descriptor).to_owned(),
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
    reweighted: Option<&Reweighted>,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Vec<Result<Report, String>>, EngineError> {
    let mut reports: Vec<_> =
        (0..shape.count()).map(|_| Err("the method asked for too many passes".to_owned())).collect();
    let mut models: Models = vec![Some(None); shape.count()];
    for replicate in reweighted.iter().flat_map(|made| &made.undefined) {
        for cell in (0..shape.count()).step_by(shape.each()) {
            models[cell + *replicate as usize] = None;
            reports[cell + *replicate as usize] = Err("the draws of the replicate cannot be weighted".to_owned());
        }
    }
    let total = source.snapshot.manifest.parts.responses.rows.max(1);
    for number in 0..descriptor.max_passes.max(1) {
        if models.iter().all(Option::is_none) {
            break;
        }
        let mut tell = |rows: u64| {
            let fraction = (rows as f64 / total as f64).min(1.0);
            progress(&Progress { phase: format!("pass {}", number + 1), fraction, rows })
        };
        let pass = Pass { method, config, shape, number, models: &models, reweighted };
        let cells = scan(source, &pass, &mut tell)?.into_cells();
        for (place, cell) in cells.into_iter().enumerate() {
            let Some(cell) = cell else { continue };
            if tell(total).is_break() {
                return Err(EngineError::Cancelled);
            }
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

/// A report with the intervals of its estimates, and how many replicates had one; or why there is none.
type Sure = Result<(Report, usize), String>;

fn attach_at_once(reports: Vec<Result<Report, String>>, resampled: Vec<Resampled>) -> Vec<Sure> {
    let attach = |(report, resampled): (Result<Report, String>, Resampled)| {
        report.map(|mut report| {
            let defined = resampled.defined;
            resampled.attach(&mut report);
            (report, defined)
        })
    };
    reports.into_iter().zip(resampled).map(attach).collect()
}

/// `reports` holds, for all and each segment, that of the rows and one a replicate.
fn attach_one_by_one(reports: Vec<Result<Report, String>>, shape: Shape, sample: Option<&Sample>) -> Vec<Sure> {
    let mut reports = reports.into_iter();
    let mut sure = Vec::new();
    while let Some(report) = reports.next() {
        let replicates: Vec<_> = reports.by_ref().take(shape.replicates as usize).filter_map(Result::ok).collect();
        sure.push(report.map(|mut report| {
            match sample.filter(|sample| !sample.is_bootstrap()) {
                Some(sample) => sample.attach_errors(&mut report, &replicates),
                None if shape.replicates > 0 => attach_intervals(&mut report, &replicates),
                None => {}
            }
            (report, replicates.len())
        }));
    }
    sure
}

fn assemble(
    sure: Vec<Sure>,
    labels: &[String],
    shape: Shape,
    sample: Option<&Sample>,
    notes: &mut Vec<Note>,
) -> Result<Report, EngineError> {
    let mut sure = sure.into_iter();
    let mut next = || sure.next().unwrap_or_else(|| Err("no report".to_owned()));
    let (all, defined) = next().map_err(EngineError::Undefined)?;
    if let Some(sample) = sample {
        notes.extend(sample.notes(defined));
    } else if shape.replicates > 0 {
        let words = format!(
            "{}% percentile intervals from {} of {} bootstrap replicates, whole participants drawn with Poisson weights",
            LEVEL * 100.0,
            defined,
            shape.replicates
        );
        notes.push(Note::info("bootstrap", words));
    }
    if (1..200).contains(&shape.replicates) && sample.is_none_or(Sample::is_bootstrap) {
        notes.push(Note::warning("few_replicates", "intervals from fewer than 200 replicates are rough"));
    }
    if shape.segments == 0 {
        return Ok(all);
    }
    let segments: Vec<_> = labels.iter().map(|label| (label.clone(), next().map(|(report, _)| report))).collect();
    Ok(segments::join(all, segments))
}

fn add_notes(snapshot: &Snapshot, spec: &RunSpec, descriptor: &Descriptor, notes: &mut Vec<Note>) {
    if snapshot.manifest.simulated {
        notes.push(Note::warning("simulated", "these answers were made by a simulator, not by people"));
    }
    if (spec.replicates > 0 || spec.design.is_some()) && !descriptor.bootstrap {
        let words = format!("{} gives its own intervals or none; no replicates were drawn", descriptor.id);
        notes.push(Note::info("no_bootstrap", words));
    }
}
