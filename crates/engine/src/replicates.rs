//! Bootstrap replicates of the methods that take many weightings at once: a block of replicates is one
//! scan of the answers, of whose estimates only what intervals need is kept. Threads share the items.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use folkmoot_core::Fault;
use folkmoot_methods::contract::{Config, Method};
use folkmoot_methods::replicated::{Draws, LANES, Place, Replicated, Tails};
use folkmoot_methods::{MethodError, Report};
use folkmoot_snapshot::SnapshotError;

use crate::bootstrap::{attach_with, draw_all};
use crate::columns::Columns;
use crate::error::EngineError;
use crate::folds::Shape;
use crate::scan::Source;
use crate::spec::Progress;

/// Most replicates of a block, which bounds what is summed over items for each.
const MOST_LANES: usize = 4096;
/// Most draws of a block, at a byte each; a block has [`LANES`] replicates all the same.
const MOST_BLOCK_DRAWS: usize = 64 << 20;

/// What the replicates of one segment leave.
pub(crate) struct Resampled {
    tails: HashMap<Place, Tails>,
    /// In how many there is a report.
    pub(crate) defined: usize,
}

impl Resampled {
    /// Adds the intervals of the estimates of `report`.
    pub(crate) fn attach(mut self, report: &mut Report) {
        let found = self.tails.iter_mut();
        let ends: HashMap<_, _> =
            found.filter_map(|(at, tails)| Some(((at.table, at.column, at.row), tails.ends()?))).collect();
        attach_with(report, |table, column| {
            let rows = 0..table.rows.len();
            rows.map(|row| ends.get(&(table.id.as_str(), column, row)).copied()).collect()
        });
    }

    fn keep(&mut self, shape: Shape, place: Place, values: &[f64]) {
        self.tails.entry(place).or_insert_with(|| Tails::new(shape.replicates as usize)).push(values);
    }
}

/// A fold for all, then one for each segment.
type Folds = Vec<Box<dyn Replicated>>;

/// Draws the replicates of `shape` for all and each segment; `method` is one that takes many at once.
///
/// # Errors
/// A damaged snapshot, a failing method, or [`EngineError::Cancelled`].
pub(crate) fn resample(
    method: &dyn Method,
    config: &Config,
    shape: Shape,
    source: &Source<'_>,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Vec<Resampled>, EngineError> {
    let lanes = (MOST_BLOCK_DRAWS / config.participants.max(1) as usize).clamp(LANES, MOST_LANES) / LANES * LANES;
    // Replicates count from 1: 0 are the answers themselves.
    let blocks = (1..shape.replicates + 1).step_by(lanes);
    let total = (source.snapshot.manifest.parts.responses.rows * blocks.len() as u64).max(1);
    let mut rows = 0;
    let mut tell = |more: u64| {
        rows += more;
        let fraction = (rows as f64 / total as f64).min(1.0);
        progress(&Progress { phase: "replicates".to_owned(), fraction, rows })
    };
    let each = source.places.len().div_ceil(source.threads.max(1)).max(1);
    let shards = source.places.chunks(each).enumerate();
    let shards =
        shards.map(|(shard, places)| Shard { source, first: (shard * each) as u32, places, shape, found: none(shape) });
    let mut shards: Vec<_> = shards.collect();
    let mut found = none(shape);
    for first in blocks {
        let replicates = first..first.saturating_add(lanes as u32).min(shape.replicates + 1);
        let draws = draw_all(shape.seed, &replicates, config.participants, source.threads);
        let open = || -> Result<Box<dyn Replicated>, EngineError> {
            let opened = method.replicated(config, draws.lanes())?;
            opened.ok_or_else(|| EngineError::Internal("the method takes no replicates".to_owned()))
        };
        let open = || -> Result<Folds, EngineError> { found.iter().map(|_| open()).collect() };
        let folded = fold(&mut shards, &open, &draws, &mut tell)?;
        let Some(all) = folded.into_iter().map(Ok).reduce(merge).transpose()? else { continue };
        for (fold, found) in all.into_iter().zip(&mut found) {
            let defined = fold.finish(&mut |place, values| found.keep(shape, place, values));
            found.defined += defined;
        }
    }
    // What the shards found is about different items.
    let of_items = shards.into_iter().flat_map(|shard| shard.found.into_iter().enumerate());
    of_items.for_each(|(segment, of_items)| found[segment].tails.extend(of_items.tails));
    Ok(found)
}

fn none(shape: Shape) -> Vec<Resampled> {
    (0..=shape.segments).map(|_| Resampled { tails: HashMap::new(), defined: 0 }).collect()
}

fn merge(sum: Result<Folds, EngineError>, more: Result<Folds, EngineError>) -> Result<Folds, EngineError> {
    let mut sum = sum?;
    sum.iter_mut().zip(more?).try_for_each(|(sum, more)| sum.merge(more))?;
    Ok(sum)
}

/// Folds every answer into the replicates of a block, each shard on a thread; `tell` hears of rows.
fn fold(
    shards: &mut [Shard<'_>],
    open: &(dyn Fn() -> Result<Folds, EngineError> + Sync),
    draws: &Draws,
    tell: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Vec<Folds>, EngineError> {
    let stop = AtomicBool::new(false);
    let (sender, receiver) = mpsc::channel::<u64>();
    let folded = std::thread::scope(|scope| {
        let mut workers = Vec::new();
        for shard in shards {
            let (sender, stop) = (sender.clone(), &stop);
            workers.push(scope.spawn(move || shard.fold(open()?, draws, &sender, stop)));
        }
        drop(sender);
        for rows in receiver {
            if tell(rows).is_break() {
                stop.store(true, Ordering::Relaxed);
            }
        }
        let join = |worker: std::thread::ScopedJoinHandle<'_, _>| {
            worker.join().unwrap_or_else(|_| Err(EngineError::Internal("the method panicked".to_owned())))
        };
        workers.into_iter().map(join).collect()
    });
    if stop.load(Ordering::Relaxed) { Err(EngineError::Cancelled) } else { folded }
}

/// Whole items in a row.
struct Shard<'a> {
    source: &'a Source<'a>,
    /// Place of the first in the method's items.
    first: u32,
    /// Their places in the snapshot's items, ascending.
    places: &'a [u32],
    shape: Shape,
    /// For all, then for each segment.
    found: Vec<Resampled>,
}

impl Shard<'_> {
    fn fold(
        &mut self,
        mut folds: Folds,
        draws: &Draws,
        sender: &mpsc::Sender<u64>,
        stop: &AtomicBool,
    ) -> Result<Folds, EngineError> {
        let (mut columns, mut segment) = (Columns::default(), Columns::default());
        let (mut failure, mut open) = (None, None);
        let Self { source, first, places, shape, found } = self;
        let mut close = |item: Option<u32>, folds: &mut Folds| {
            let Some(item) = item else { return };
            for (fold, found) in folds.iter_mut().zip(found.iter_mut()) {
                fold.close(item, draws, &mut |place, values| found.keep(*shape, place, values));
            }
        };
        let scanned = source.snapshot.scan(places, &mut |batch| {
            let Ok(place) = places.binary_search(&batch.item) else { return Ok(()) };
            let item = *first + place as u32;
            if open != Some(item) {
                close(open.replace(item), &mut folds);
            }
            let mut fold = || -> Result<(), EngineError> {
                if stop.load(Ordering::Relaxed) {
                    return Err(EngineError::Cancelled);
                }
                columns.read(source, batch)?;
                update(&mut folds[0], item, &columns)?;
                for (place, fold) in (0_u16..).zip(&mut folds[1..]) {
                    columns.only(place, &mut segment);
                    update(fold, item, &segment)?;
                }
                Ok(())
            };
            let folded = fold();
            // The receiver lives until every sender is gone.
            let _ = sender.send(batch.rows() as u64);
            folded.map_err(|error| {
                failure = Some(error);
                SnapshotError::from(Fault::internal("the fold failed"))
            })
        });
        close(open, &mut folds);
        match (failure, scanned) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(EngineError::Corrupt(error.to_string())),
            (None, Ok(())) => Ok(folds),
        }
    }
}

fn update(fold: &mut Box<dyn Replicated>, item: u32, columns: &Columns) -> Result<(), MethodError> {
    if columns.rows() == 0 { Ok(()) } else { fold.update(&columns.batch(item, &columns.weight)) }
}
