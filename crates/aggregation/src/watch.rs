//! An analysis, told as it goes until it ended.

use std::sync::Arc;
use std::time::Duration;

use async_stream::try_stream;
use folkmoot_core::Fault;
use folkmoot_proto::aggregation::WatchAnalysisResponse;
use folkmoot_rpc::{Context, status, timestamp};
use tokio_stream::Stream;
use tonic::Status;

use crate::convert;
use crate::model::{Analysis, Progress, State};
use crate::runner::Runner;
use crate::store::Store;

/// A message at least this often, so that a broken connection is noticed.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How soon an analysis is looked at again that no work of this process tells of.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The analysis at once, then whenever its progress changes, then as it ended.
pub(crate) fn stream(
    store: Store,
    context: Context,
    runner: Arc<Runner>,
    tenant: String,
    first: Analysis,
) -> impl Stream<Item = Result<WatchAnalysisResponse, Status>> {
    try_stream! {
        let id = first.id.clone();
        let message = |last: Progress, analysis: &Analysis| {
            let progress = match analysis.state {
                State::Succeeded(_) => Progress { phase: "finishing", fraction: 1.0, ..last },
                State::Running | State::Failed(_) | State::Cancelled(_) => last,
            };
            WatchAnalysisResponse {
                as_of: Some(timestamp(context.now())),
                progress: Some(convert::progress(&id, progress)),
                analysis: Some(convert::analysis(analysis)),
            }
        };
        let mut analysis = first;
        let mut last = Progress::default();
        yield message(last, &analysis);
        while analysis.state == State::Running {
            match runner.watch(&tenant, &id) {
                None => tokio::time::sleep(LOOK_AGAIN).await,
                Some(mut told) => loop {
                    last = *told.borrow_and_update();
                    yield message(last, &analysis);
                    // Without news within the time the same message goes out as a heartbeat.
                    if let Ok(Err(_ended)) = tokio::time::timeout(HEARTBEAT, told.changed()).await {
                        break;
                    }
                },
            }
            let found = store.analysis(&tenant, &id).await.map_err(|error| status(error.into()))?;
            analysis = found.ok_or_else(|| status(Fault::not_found(convert::analysis_name(&id))))?;
            if analysis.state != State::Running {
                yield message(last, &analysis);
            }
        }
    }
}
