//! The methods that stream.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_stream::try_stream;
use folkmoot_core::{Code, Fault, Reason};
use folkmoot_proto::response::{IngestResponsesRequest, IngestResponsesResponse, Rejection};
use folkmoot_proto::survey::{ReadSnapshotResponse, WatchRoundResponse};
use folkmoot_rpc::{status, timestamp};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tonic::{Status, Streaming};

use crate::convert;
use crate::service::Service;
use crate::writer::Pending;

const CHUNK_BYTES: usize = 256 << 10;
const POLL: Duration = Duration::from_millis(500);
/// Polls without a change before a heartbeat: five seconds.
const QUIET_POLLS: u32 = 10;
/// Submissions of one stream that wait for their commit.
const IN_FLIGHT: usize = 2048;

/// Every file in turn, piece by piece; an empty file is one empty piece.
pub(super) fn files(paths: Vec<PathBuf>) -> impl Stream<Item = Result<ReadSnapshotResponse, Status>> + Send {
    try_stream! {
        for path in paths {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let mut file = tokio::fs::File::open(&path).await.map_err(|error| lost(&name, &error))?;
            let mut first = true;
            loop {
                let mut data = Vec::with_capacity(CHUNK_BYTES);
                (&mut file).take(CHUNK_BYTES as u64).read_to_end(&mut data).await.map_err(|error| lost(&name, &error))?;
                if data.is_empty() && !first {
                    break;
                }
                first = false;
                yield ReadSnapshotResponse { file: name.clone(), data };
            }
        }
    }
}

fn lost(file: &str, error: &std::io::Error) -> Status {
    status(Fault::new(Code::DataLoss, Reason::DataCorrupt, format!("{file}: {error}")))
}

/// What a watch cursor says was seen: the round's number of changes.
pub(super) fn cursor(text: &str) -> Result<Option<i64>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let bad = |_| Fault::field("cursor", Reason::BadField, "the cursor is not one of this method's");
    i64::from_str_radix(text, 16).map(Some).map_err(bad)
}

/// The round now and whenever it changes, at most once a poll.
pub(super) fn watch(
    service: Arc<Service>,
    tenant: String,
    name: String,
    mut seen: Option<i64>,
) -> impl Stream<Item = Result<WatchRoundResponse, Status>> + Send {
    try_stream! {
        let mut quiet = 0;
        loop {
            let round = service.round(&tenant, "name", &name).await.map_err(status)?;
            if seen.is_some_and(|seen| seen > round.changes) {
                let words = "the cursor is ahead of the round; watch from now on";
                Err(status(Fault::precondition(Reason::CursorExpired, words)))?;
            }
            let changed = seen != Some(round.changes);
            quiet += 1;
            if changed || quiet >= QUIET_POLLS {
                quiet = 0;
                seen = Some(round.changes);
                yield WatchRoundResponse {
                    cursor: format!("{:x}", round.changes),
                    as_of: Some(timestamp(service.context.now())),
                    round: changed.then(|| convert::round(&round)),
                };
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

/// A submission of a stream, on its way.
struct Sent {
    sequence: i64,
    request_id: String,
    pending: Result<Pending, Fault>,
}

/// Queues submissions as they come and acknowledges them in order, many at once, after their commit.
/// A client that does not read its acknowledgements is read no further.
pub(super) fn ingest(
    service: Arc<Service>,
    tenant: String,
    messages: Streaming<IngestResponsesRequest>,
) -> impl Stream<Item = Result<IngestResponsesResponse, Status>> + Send {
    let (sender, mut sent) = mpsc::channel(IN_FLIGHT);
    tokio::spawn(receive(service, tenant, messages, sender));
    try_stream! {
        let mut accepted_count = 0;
        let mut group: Vec<Result<Sent, Status>> = Vec::new();
        // What was queued together is committed together or nearly so: one acknowledgement for it.
        while sent.recv_many(&mut group, IN_FLIGHT / 4).await > 0 {
            let mut up_to_sequence = None;
            let mut rejections = Vec::new();
            let mut broken = None;
            for entry in group.drain(..) {
                let Sent { sequence, request_id, pending } = match entry {
                    Ok(sent) => sent,
                    Err(error) => {
                        broken = Some(error);
                        break;
                    }
                };
                let refused = match pending {
                    Ok(pending) => match pending.outcome().await {
                        Ok(outcome) => outcome.err().map(|refusal| convert::refused(refusal, &request_id)),
                        // The store failed: neither committed nor refused, so the stream ends here.
                        Err(fault) => {
                            broken = Some(status(fault));
                            break;
                        }
                    },
                    Err(fault) => Some(fault),
                };
                up_to_sequence = Some(sequence);
                match refused {
                    Some(fault) => rejections.push(Rejection { sequence, status: Some(folkmoot_rpc::wire_status(fault)) }),
                    None => accepted_count += 1,
                }
            }
            if let Some(up_to_sequence) = up_to_sequence {
                yield IngestResponsesResponse { up_to_sequence, rejections, accepted_count };
            }
            if let Some(error) = broken {
                Err(error)?;
            }
        }
    }
}

async fn receive(
    service: Arc<Service>,
    tenant: String,
    mut messages: Streaming<IngestResponsesRequest>,
    sender: mpsc::Sender<Result<Sent, Status>>,
) {
    let mut last = None;
    let mut round = String::new();
    loop {
        let message = match messages.message().await {
            Ok(Some(message)) => message,
            Ok(None) => return,
            Err(error) => {
                let _ = sender.send(Err(error)).await;
                return;
            }
        };
        let sequence = message.sequence;
        if last.is_some_and(|last| sequence <= last) {
            let fault = Fault::field("sequence", Reason::BadField, "the sequence must rise");
            let _ = sender.send(Err(status(fault))).await;
            return;
        }
        last = Some(sequence);
        let mut submission = message.submission.unwrap_or_default();
        if submission.round.is_empty() {
            submission.round.clone_from(&round);
        } else {
            round.clone_from(&submission.round);
        }
        let request_id = submission.request_id.clone();
        let pending = match service.queue(&tenant, submission).await {
            // Storage and shutdown end the stream; everything else refuses the one submission.
            Err(fault) if matches!(fault.code, Code::Unavailable | Code::Internal | Code::DataLoss) => {
                let _ = sender.send(Err(status(fault))).await;
                return;
            }
            pending => pending,
        };
        if sender.send(Ok(Sent { sequence, request_id, pending })).await.is_err() {
            return;
        }
    }
}
