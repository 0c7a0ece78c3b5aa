//! The one task that stores submissions: it takes everything that waits, stores it in one synced
//! transaction and answers only then. The more submissions come at once, the fewer syncs each costs.

use folkmoot_core::{Code, Fault, Reason};
use folkmoot_rpc::Context;
use tokio::sync::{mpsc, oneshot};

use crate::convert;
use crate::model::{Batch, Refusal, Submission};
use crate::store::Store;

/// Most submissions of one transaction.
const MAX_BATCH: usize = 512;
/// Most submissions that wait.
const QUEUE: usize = 4096;

/// What came of a submission: its receipt's bytes, or why it was not stored.
pub(crate) type Outcome = Result<Result<Vec<u8>, Refusal>, Fault>;

struct Waiting {
    submission: Submission,
    answer: oneshot::Sender<Outcome>,
}

/// A submission on its way into the store.
pub(crate) struct Pending(oneshot::Receiver<Outcome>);

/// The way to the writing task, which ends when the last of these is dropped.
#[derive(Clone)]
pub(crate) struct Writer(mpsc::Sender<Waiting>);

impl Writer {
    /// Starts the task.
    pub(crate) fn start(store: Store, context: Context) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(run(receiver, store, context));
        Self(sender)
    }

    /// Queues a submission at once.
    ///
    /// # Errors
    /// `OVERLOADED` where the queue is full.
    pub(crate) fn submit(&self, submission: Submission) -> Result<Pending, Fault> {
        let (answer, pending) = oneshot::channel();
        self.0.try_send(Waiting { submission, answer }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                Fault::new(Code::ResourceExhausted, Reason::Overloaded, "too many submissions wait; retry soon")
            }
            mpsc::error::TrySendError::Closed(_) => gone(),
        })?;
        Ok(Pending(pending))
    }

    /// Queues a submission as soon as there is room.
    pub(crate) async fn queue(&self, submission: Submission) -> Result<Pending, Fault> {
        let (answer, pending) = oneshot::channel();
        self.0.send(Waiting { submission, answer }).await.map_err(|_| gone())?;
        Ok(Pending(pending))
    }
}

impl Pending {
    /// Waits until the submission is synced, or refused.
    pub(crate) async fn outcome(self) -> Outcome {
        self.0.await.unwrap_or_else(|_| Err(gone()))
    }
}

async fn run(mut receiver: mpsc::Receiver<Waiting>, store: Store, context: Context) {
    let mut waiting = Vec::with_capacity(MAX_BATCH);
    while receiver.recv_many(&mut waiting, MAX_BATCH).await > 0 {
        let (submissions, answers): (Vec<_>, Vec<_>) = waiting.drain(..).map(|w| (w.submission, w.answer)).unzip();
        let batch = Batch { submissions, at: context.now(), encode: convert::receipt_bytes };
        // Whoever stopped waiting finds the receipt with the same request id.
        match store.accept(batch).await {
            Ok(outcomes) => answers.into_iter().zip(outcomes).for_each(|(answer, outcome)| {
                let _ = answer.send(Ok(outcome));
            }),
            Err(error) => {
                let fault = Fault::from(error);
                answers.into_iter().for_each(|answer| {
                    let _ = answer.send(Err(fault.clone()));
                });
            }
        }
    }
}

fn gone() -> Fault {
    Fault::new(Code::Unavailable, Reason::StorageUnavailable, "the service is stopping")
}
