//! One pass over the answers, on several threads.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use folkmoot_core::{Fault, View};
use folkmoot_methods::contract::{Config, Method};
use folkmoot_snapshot::{Snapshot, SnapshotError};

use crate::columns::Columns;
use crate::error::EngineError;
use crate::folds::{Folds, Models, Shape};
use crate::weighting::Reweighted;

/// What every pass reads alike.
pub(crate) struct Source<'a> {
    pub(crate) snapshot: &'a Snapshot,
    /// Place in the snapshot's items of each of the method's.
    pub(crate) places: &'a [u32],
    /// A category for each participant, for each attribute told apart.
    pub(crate) strata: &'a [&'a [u16]],
    /// A weight for each participant; 1 for all where there is none.
    pub(crate) weights: Option<&'a [f64]>,
    pub(crate) view: View,
    /// Whether rankings are read as what they call unacceptable, in place of their order.
    pub(crate) flags: bool,
    pub(crate) threads: usize,
}

/// One pass of a method.
#[derive(Clone, Copy)]
pub(crate) struct Pass<'a> {
    pub(crate) method: &'a dyn Method,
    pub(crate) config: &'a Config,
    pub(crate) shape: Shape,
    pub(crate) number: u32,
    pub(crate) models: &'a Models,
    /// The weights of the replicates, where draws times weights will not do.
    pub(crate) reweighted: Option<&'a Reweighted>,
}

/// Folds every answer once. Shards are runs of whole items, merged in their order; `rows_read` hears
/// how many rows were folded and may stop the pass.
///
/// # Errors
/// A damaged snapshot, a failing method, or [`EngineError::Cancelled`].
pub(crate) fn scan<'a>(
    source: &Source<'_>,
    pass: &Pass<'a>,
    rows_read: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Folds<'a>, EngineError> {
    let stop = AtomicBool::new(false);
    let shard_items = source.places.len().div_ceil(source.threads.max(1)).max(1);
    let (sender, receiver) = mpsc::channel::<u64>();
    let outcomes: Vec<Result<Folds<'_>, EngineError>> = std::thread::scope(|scope| {
        let start = |(shard, places): (usize, &'_ [u32])| {
            let first = (shard * shard_items) as u32;
            let places = places.to_vec();
            let (sender, stop) = (sender.clone(), &stop);
            scope.spawn(move || fold_shard(source, pass, first, &places, &sender, stop))
        };
        let workers: Vec<_> = source.places.chunks(shard_items).enumerate().map(start).collect();
        drop(sender);
        let mut total = 0;
        for rows in receiver {
            total += rows;
            if rows_read(total).is_break() {
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
    let mut outcomes = outcomes.into_iter();
    let first = outcomes.next().ok_or_else(|| EngineError::Undefined("there are no items to fold".to_owned()))?;
    outcomes.try_fold(first?, |mut sum, shard| {
        sum.merge(shard?)?;
        Ok(sum)
    })
}

fn fold_shard<'a>(
    source: &Source<'_>,
    pass: &Pass<'a>,
    first: u32,
    places: &[u32],
    sender: &mpsc::Sender<u64>,
    stop: &AtomicBool,
) -> Result<Folds<'a>, EngineError> {
    let mut folds = Folds::open(pass)?;
    let mut columns = Columns::default();
    let mut failure = None;
    let scanned = source.snapshot.scan(places, &mut |batch| {
        let Some(place) = places.iter().position(|&place| place == batch.item) else { return Ok(()) };
        let folded = if stop.load(Ordering::Relaxed) {
            Err(EngineError::Cancelled)
        } else {
            columns.read(source, batch).and_then(|()| folds.update(first + place as u32, &mut columns, stop))
        };
        // The receiver lives until every sender is gone.
        let _ = sender.send(batch.rows() as u64);
        folded.map_err(|error| {
            failure = Some(error);
            SnapshotError::from(Fault::internal("the fold failed"))
        })
    });
    match (failure, scanned) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(EngineError::Corrupt(error.to_string())),
        (None, Ok(())) => Ok(folds),
    }
}
