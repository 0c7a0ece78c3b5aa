//! Bootstrap replicates of the methods that take many weightings at once: a block of replicates is one
//! scan of the answers on one thread, and of its estimates only what intervals need is kept.

use std::collections::HashMap;
use std::ops::{ControlFlow, Range};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc;

use folkmoot_core::Fault;
use folkmoot_methods::contract::{Config, Method};
use folkmoot_methods::replicated::{Draws, Place, Replicated};
use folkmoot_methods::{MethodError, Report};
use folkmoot_snapshot::SnapshotError;

use crate::bootstrap::{MOST_DRAWS, Tails, attach_with, draws};
use crate::columns::Columns;
use crate::error::EngineError;
use crate::folds::Shape;
use crate::scan::Source;
use crate::spec::Progress;

/// Most replicates of a block, so that the sums of an item stay in the processor's nearest memory.
const MOST_LANES: u32 = 512;
/// Most draws of a block, at a byte each, and how many replicates it has at least all the same.
const MOST_BLOCK_DRAWS: u32 = 32 << 20;
const LEAST_LANES: u32 = 16;

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

    fn merge(&mut self, other: Self) {
        self.defined += other.defined;
        for (place, tails) in other.tails {
            match self.tails.get_mut(&place) {
                Some(sum) => sum.merge(tails),
                None => {
                    self.tails.insert(place, tails);
                }
            }
        }
    }
}

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
    // A block a thread at least, if there are replicates enough.
    let a_thread = shape.replicates.div_ceil(source.threads.max(1) as u32);
    let lanes = (MOST_BLOCK_DRAWS / config.participants.max(1)).min(MOST_LANES).min(a_thread).max(LEAST_LANES);
    let blocks = shape.replicates.div_ceil(lanes);
    let total = (source.snapshot.manifest.parts.responses.rows * u64::from(blocks)).max(1);
    let (next, stop) = (AtomicU32::new(0), AtomicBool::new(false));
    let (sender, receiver) = mpsc::channel::<u64>();
    let work = |sender: mpsc::Sender<u64>| {
        let mut worker = Worker { method, config, shape, source, sender, stop: &stop, found: empty(shape) };
        loop {
            let block = next.fetch_add(1, Ordering::Relaxed);
            if block >= blocks {
                return Ok(worker.found);
            }
            // Replicates count from 1: 0 are the answers themselves.
            let end = (block + 1).saturating_mul(lanes).min(shape.replicates);
            worker.block(1 + block * lanes..1 + end)?;
        }
    };
    let found: Vec<Result<Vec<Resampled>, EngineError>> = std::thread::scope(|scope| {
        let workers = (0..source.threads.clamp(1, blocks.max(1) as usize)).map(|_| sender.clone());
        let workers: Vec<_> = workers.map(|sender| scope.spawn(|| work(sender))).collect();
        drop(sender);
        let mut rows = 0;
        for more in receiver {
            rows += more;
            let fraction = (rows as f64 / total as f64).min(1.0);
            if progress(&Progress { phase: "replicates".to_owned(), fraction, rows }).is_break() {
                stop.store(true, Ordering::Relaxed);
            }
        }
        let join = |worker: std::thread::ScopedJoinHandle<'_, _>| {
            worker.join().unwrap_or_else(|_| Err(EngineError::Internal("the method panicked".to_owned())))
        };
        workers.into_iter().map(join).collect()
    });
    if stop.load(Ordering::Relaxed) {
        return Err(EngineError::Cancelled);
    }
    found.into_iter().try_fold(empty(shape), |mut sum, found| {
        sum.iter_mut().zip(found?).for_each(|(sum, found)| sum.merge(found));
        Ok(sum)
    })
}

fn empty(shape: Shape) -> Vec<Resampled> {
    (0..=shape.segments).map(|_| Resampled { tails: HashMap::new(), defined: 0 }).collect()
}

struct Worker<'a> {
    method: &'a dyn Method,
    config: &'a Config,
    shape: Shape,
    source: &'a Source<'a>,
    sender: mpsc::Sender<u64>,
    stop: &'a AtomicBool,
    /// For all, then for each segment.
    found: Vec<Resampled>,
}

impl Worker<'_> {
    /// Folds every answer into the replicates of a block.
    fn block(&mut self, replicates: Range<u32>) -> Result<(), EngineError> {
        let lanes = replicates.len();
        let participants = 0..self.config.participants;
        let drawn = |participant| {
            let seed = self.shape.seed;
            // The cast is exact: nobody is drawn more than MOST_DRAWS times.
            replicates.clone().map(move |replicate| draws(seed, replicate, participant) as u8)
        };
        let counts: Vec<u8> = participants.flat_map(drawn).collect();
        let draws = Draws { counts: &counts, lanes, most: MOST_DRAWS };
        let open = || -> Result<Box<dyn Replicated>, EngineError> {
            let opened = self.method.replicated(self.config, lanes)?;
            opened.ok_or_else(|| EngineError::Internal("the method takes no replicates".to_owned()))
        };
        let mut folds = (0..=self.shape.segments).map(|_| open()).collect::<Result<Vec<_>, _>>()?;
        self.scan(&mut folds, &draws)?;
        for (fold, found) in folds.into_iter().zip(&mut self.found) {
            let tails = &mut found.tails;
            found.defined += fold.finish(&mut |place, values| keep(tails, self.shape, place, values));
        }
        Ok(())
    }

    fn scan(&mut self, folds: &mut [Box<dyn Replicated>], draws: &Draws<'_>) -> Result<(), EngineError> {
        let (mut columns, mut segment) = (Columns::default(), Columns::default());
        let (mut failure, mut open) = (None, None);
        let Self { shape, source, sender, stop, found, .. } = self;
        let mut close = |item: Option<u32>, folds: &mut [Box<dyn Replicated>]| {
            let Some(item) = item else { return };
            for (fold, found) in folds.iter_mut().zip(found.iter_mut()) {
                fold.close(item, &mut |place, values| keep(&mut found.tails, *shape, place, values));
            }
        };
        let scanned = source.snapshot.scan(source.places, &mut |batch| {
            // The places are those of the snapshot's items, in its order.
            let Ok(place) = source.places.binary_search(&batch.item) else { return Ok(()) };
            let item = place as u32;
            if open != Some(item) {
                close(open.replace(item), folds);
            }
            let mut fold = || -> Result<(), EngineError> {
                if stop.load(Ordering::Relaxed) {
                    return Err(EngineError::Cancelled);
                }
                columns.read(source, batch)?;
                update(&mut folds[0], item, &columns, draws)?;
                for (place, fold) in (0_u16..).zip(&mut folds[1..]) {
                    columns.only(place, &mut segment);
                    update(fold, item, &segment, draws)?;
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
        close(open, folds);
        match (failure, scanned) {
            (Some(error), _) => Err(error),
            (None, Err(error)) => Err(EngineError::Corrupt(error.to_string())),
            (None, Ok(())) => Ok(()),
        }
    }
}

fn update(fold: &mut Box<dyn Replicated>, item: u32, columns: &Columns, draws: &Draws<'_>) -> Result<(), MethodError> {
    if columns.rows() == 0 { Ok(()) } else { fold.update(&columns.batch(item, &columns.weight), draws) }
}

fn keep(tails: &mut HashMap<Place, Tails>, shape: Shape, place: Place, values: &[f64]) {
    tails.entry(place).or_insert_with(|| Tails::new(shape.replicates as usize)).push(values);
}
