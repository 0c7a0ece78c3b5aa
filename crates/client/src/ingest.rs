use std::collections::VecDeque;

use folkmoot_core::Fault;
use folkmoot_proto::response::response_service_client::ResponseServiceClient;
use folkmoot_proto::response::{IngestResponsesRequest, Rejection, SubmitResponsesRequest};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;

use crate::Line;

/// Submissions on the way at once.
const WINDOW: usize = 4096;
const ATTEMPTS: u32 = 5;

/// What became of a stream of submissions.
#[derive(Debug, Default)]
pub struct Ingested {
    /// Submissions committed.
    pub accepted: u64,
    /// Those refused; the sequence is the submission's place in the stream, from 1.
    pub rejections: Vec<Rejection>,
}

/// Sends all `submissions` and returns when each is committed or refused. A broken connection is made
/// again and what was not acknowledged is sent again, which request ids make harmless: every
/// submission must have one. Memory holds what is on the way, never the whole stream.
///
/// # Errors
/// The connection's, after five attempts without progress, or the whole stream's refusal.
pub async fn ingest(
    client: &mut ResponseServiceClient<Line>,
    submissions: impl IntoIterator<Item = SubmitResponsesRequest, IntoIter: Send>,
    mut progress: impl FnMut(u64),
) -> Result<Ingested, Fault> {
    let mut source = submissions.into_iter();
    let mut unacknowledged: VecDeque<IngestResponsesRequest> = VecDeque::new();
    let mut total = Ingested::default();
    let mut sent: i64 = 0;
    let mut failures = 0;
    loop {
        let (sender, receiver) = mpsc::channel(WINDOW);
        for waiting in &unacknowledged {
            // The window is as wide as the channel, so what waits always fits.
            let _ = sender.send(waiting.clone()).await;
        }
        let answer = client.ingest_responses(ReceiverStream::new(receiver)).await;
        let mut answers = match answer {
            Ok(answers) => answers.into_inner(),
            Err(status) if may_retry(&status) && failures < ATTEMPTS => {
                failures += 1;
                tokio::time::sleep(std::time::Duration::from_millis(200 << failures)).await;
                continue;
            }
            Err(status) => return Err(folkmoot_rpc::fault(&status)),
        };
        let mut sender = Some(sender);
        let broke = loop {
            // Fills the window before it listens, so that the server always has a batch to commit.
            while let Some(line) = &sender
                && unacknowledged.len() < WINDOW
            {
                let Some(submission) = source.next() else {
                    sender = None;
                    break;
                };
                sent += 1;
                let message = IngestResponsesRequest { sequence: sent, submission: Some(submission) };
                unacknowledged.push_back(message.clone());
                if line.send(message).await.is_err() {
                    sender = None;
                }
            }
            match answers.message().await {
                Ok(Some(answer)) => {
                    failures = 0;
                    while unacknowledged.front().is_some_and(|first| first.sequence <= answer.up_to_sequence) {
                        unacknowledged.pop_front();
                    }
                    total.rejections.extend(answer.rejections);
                    progress(u64::try_from(answer.up_to_sequence).unwrap_or(0));
                }
                Ok(None) => break None,
                Err(status) => break Some(status),
            }
        };
        match broke {
            None if unacknowledged.is_empty() => {
                let refused = total.rejections.len() as u64;
                total.accepted = u64::try_from(sent).unwrap_or(0) - refused;
                return Ok(total);
            }
            Some(status) if !may_retry(&status) || failures >= ATTEMPTS => return Err(folkmoot_rpc::fault(&status)),
            _ if failures >= ATTEMPTS => {
                return Err(Fault::internal("the server ended the stream without acknowledging everything"));
            }
            _ => failures += 1,
        }
    }
}

fn may_retry(status: &tonic::Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::Unknown | Code::ResourceExhausted | Code::Cancelled)
}
