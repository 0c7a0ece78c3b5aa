//! Long work behind `google.longrunning.Operations`.
//!
//! Operations live in the process' memory: what they make is stored by the service that runs them,
//! and starting one again with the same request id after a restart does the work again or finds it
//! done. Finished ones are kept for the last [`KEPT`].

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use folkmoot_core::canonical::Hasher;
use folkmoot_core::id::Entropy;
use folkmoot_core::{Code, Fault, Reason, Sha256Hash};
use folkmoot_proto::longrunning::operations_server::{self, OperationsServer};
use folkmoot_proto::longrunning::{
    CancelOperationRequest, DeleteOperationRequest, GetOperationRequest, ListOperationsRequest, ListOperationsResponse,
    Operation, WaitOperationRequest, operation,
};
use prost::{Message, Name};
use prost_types::Any;
use tokio::sync::watch;
use tonic::{Request, Response, Status};

use crate::{idempotency, page, status, tenant};

const KEPT: usize = 10_000;
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The long-running operations of this process. Cheap to clone. The default is for tests: two of them
/// give the same names to what has no request id.
#[derive(Clone, Default)]
pub struct Operations {
    table: Arc<Mutex<Table>>,
    /// Tells this process from others in the names of what has no request id.
    process: [u8; 16],
}

#[derive(Default)]
struct Table {
    entries: HashMap<String, Entry>,
    order: VecDeque<String>,
    started: u64,
}

struct Entry {
    tenant: String,
    fingerprint: Sha256Hash,
    state: watch::Sender<Operation>,
    cancelled: Arc<AtomicBool>,
}

/// What running work tells of itself, and is told.
#[derive(Clone)]
pub struct Task<Meta> {
    name: String,
    state: watch::Sender<Operation>,
    cancelled: Arc<AtomicBool>,
    meta: std::marker::PhantomData<fn(Meta)>,
}

impl<Meta: Message + Name> Task<Meta> {
    /// The operation's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Publishes progress.
    pub fn progress(&self, meta: Meta) {
        self.state.send_modify(|operation| operation.metadata = Some(any(&meta)));
    }

    /// What work answers that was asked to stop.
    pub fn cancelled(&self) -> Fault {
        Fault::new(Code::Cancelled, Reason::OperationCancelled, format!("{} was cancelled", self.name))
    }

    /// Whether somebody asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

impl Operations {
    /// No operations yet. Names of what has no request id come from `entropy`, so that no name of
    /// before a restart means another operation after it.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut process = [0; 16];
        entropy.fill(&mut process);
        Self { table: Arc::default(), process }
    }

    /// Starts `work` in the background, or returns the operation that the same `request_id` started.
    /// `service` is the name of the service that runs it, such as `survey`: names start with it, so that
    /// clients know where to ask.
    ///
    /// # Errors
    /// `IDEMPOTENCY_CONFLICT` where the request id came before with another fingerprint.
    pub fn start<Meta, Answer, Work>(
        &self,
        tenant: &str,
        service: &str,
        request_id: &str,
        fingerprint: Sha256Hash,
        first: Meta,
        work: impl FnOnce(Task<Meta>) -> Work,
    ) -> Result<Operation, Fault>
    where
        Meta: Message + Name,
        Answer: Message + Name + Send + 'static,
        Work: Future<Output = Result<Answer, Fault>> + Send + 'static,
    {
        let mut table = self.lock();
        table.started += 1;
        let hasher = Hasher::new("folkmoot/operation/v1").field(tenant.as_bytes());
        let hash = match request_id {
            "" => hasher.field(&self.process).field(&table.started.to_be_bytes()).finish(),
            id => hasher.field(id.as_bytes()).finish(),
        };
        let name = format!("operations/{service}-{}", &hash.to_string()[..32]);
        if let Some(entry) = table.entries.get(&name) {
            if entry.fingerprint != fingerprint {
                return Err(idempotency::conflict(request_id));
            }
            return Ok(entry.state.borrow().clone());
        }

        let operation = Operation { name: name.clone(), metadata: Some(any(&first)), done: false, result: None };
        let (state, _) = watch::channel(operation.clone());
        let cancelled = Arc::new(AtomicBool::new(false));
        let task = Task {
            name: name.clone(),
            state: state.clone(),
            cancelled: cancelled.clone(),
            meta: std::marker::PhantomData,
        };
        table.insert(name, Entry { tenant: tenant.to_owned(), fingerprint, state: state.clone(), cancelled });
        drop(table);

        let work = work(task);
        tokio::spawn(async move {
            let result = match tokio::spawn(work).await {
                Ok(result) => result,
                Err(panic) => Err(Fault::internal(format!("the operation broke off: {panic}"))),
            };
            state.send_modify(|operation| {
                operation.done = true;
                operation.result = Some(match result {
                    Ok(answer) => operation::Result::Response(any(&answer)),
                    Err(fault) => operation::Result::Error(wire_status(fault)),
                });
            });
        });
        Ok(operation)
    }

    /// The gRPC service over these operations.
    pub fn server(&self) -> OperationsServer<Operations> {
        OperationsServer::new(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find<T>(&self, tenant: &str, name: &str, read: impl FnOnce(&Entry) -> T) -> Result<T, Fault> {
        let table = self.lock();
        let entry = table.entries.get(name).filter(|entry| entry.tenant == tenant);
        entry.map(read).ok_or_else(|| Fault::not_found(format_args!("the operation {name:?}")))
    }
}

impl Table {
    fn insert(&mut self, name: String, entry: Entry) {
        self.entries.insert(name.clone(), entry);
        self.order.push_back(name);
        while self.order.len() > KEPT {
            let finished = |name: &String| self.entries.get(name).is_none_or(|entry| entry.state.borrow().done);
            let Some(place) = self.order.iter().position(finished) else { return };
            if let Some(name) = self.order.remove(place) {
                self.entries.remove(&name);
            }
        }
    }
}

fn any<M: Message + Name>(message: &M) -> Any {
    Any { type_url: format!("type.googleapis.com/{}", M::full_name()), value: message.encode_to_vec() }
}

/// The fault as a `google.rpc.Status` message, for answers that carry an error within.
pub fn wire_status(fault: Fault) -> tonic_types::Status {
    let sent = status(fault);
    // The details of a status are a `google.rpc.Status` message already.
    tonic_types::Status::decode(sent.details()).unwrap_or_else(|_| tonic_types::Status {
        code: sent.code() as i32,
        message: sent.message().to_owned(),
        details: Vec::new(),
    })
}

#[tonic::async_trait]
impl operations_server::Operations for Operations {
    async fn list_operations(
        &self,
        request: Request<ListOperationsRequest>,
    ) -> Result<Response<ListOperationsResponse>, Status> {
        let tenant = tenant(&request).map_err(status)?;
        let request = request.into_inner();
        let page = page::page(request.page_size, &request.page_token, &tenant, "operations").map_err(status)?;
        let table = self.lock();
        let ours = |name: &&String| table.entries.get(*name).is_some_and(|entry| entry.tenant == tenant);
        let mut names: Vec<&String> = table.order.iter().filter(ours).collect();
        names.sort();
        let rest = names.into_iter().filter(|name| page.after.as_ref().is_none_or(|after| *name > after));
        let shown: Vec<&String> = rest.take(page.limit + 1).collect();
        let next_page_token = match shown.get(page.limit) {
            Some(_) => page::token(&tenant, "operations", shown[page.limit - 1]),
            None => String::new(),
        };
        let operations =
            shown.iter().take(page.limit).map(|name| table.entries[*name].state.borrow().clone()).collect();
        Ok(Response::new(ListOperationsResponse { operations, next_page_token, ..Default::default() }))
    }

    async fn get_operation(&self, request: Request<GetOperationRequest>) -> Result<Response<Operation>, Status> {
        let tenant = tenant(&request).map_err(status)?;
        let found = self.find(&tenant, &request.get_ref().name, |entry| entry.state.borrow().clone());
        found.map(Response::new).map_err(status)
    }

    async fn delete_operation(&self, request: Request<DeleteOperationRequest>) -> Result<Response<()>, Status> {
        let tenant = tenant(&request).map_err(status)?;
        let name = &request.get_ref().name;
        if !self.find(&tenant, name, |entry| entry.state.borrow().done).map_err(status)? {
            let fault = Fault::precondition(Reason::BadField, "the operation is still running; cancel it first");
            return Err(status(fault));
        }
        let mut table = self.lock();
        table.entries.remove(name);
        table.order.retain(|other| other != name);
        Ok(Response::new(()))
    }

    async fn cancel_operation(&self, request: Request<CancelOperationRequest>) -> Result<Response<()>, Status> {
        let tenant = tenant(&request).map_err(status)?;
        let cancel = |entry: &Entry| entry.cancelled.store(true, Ordering::Relaxed);
        self.find(&tenant, &request.get_ref().name, cancel).map_err(status)?;
        Ok(Response::new(()))
    }

    async fn wait_operation(&self, request: Request<WaitOperationRequest>) -> Result<Response<Operation>, Status> {
        let tenant = tenant(&request).map_err(status)?;
        let request = request.into_inner();
        let mut state = self.find(&tenant, &request.name, |entry| entry.state.subscribe()).map_err(status)?;
        let wanted = request.timeout.and_then(|timeout| Duration::try_from(timeout).ok()).unwrap_or(LONGEST_WAIT);
        let finished = state.wait_for(|operation| operation.done);
        let _ = tokio::time::timeout(wanted.min(LONGEST_WAIT), finished).await;
        let operation = state.borrow().clone();
        Ok(Response::new(operation))
    }
}

#[cfg(test)]
mod tests {
    use folkmoot_proto::aggregation::{Analysis, RunAnalysisMetadata};
    use folkmoot_proto::longrunning::operations_server::Operations as _;

    use super::*;

    fn start(operations: &Operations, tenant: &str, id: &str, body: &[u8], fail: bool) -> Result<Operation, Fault> {
        let work = move |task: Task<RunAnalysisMetadata>| async move {
            while !task.is_cancelled() && fail {
                tokio::task::yield_now().await;
            }
            if fail { Err(task.cancelled()) } else { Ok(Analysis { name: "analyses/a".into(), ..Analysis::default() }) }
        };
        operations.start(tenant, "aggregation", id, Sha256Hash::of(body), RunAnalysisMetadata::default(), work)
    }

    async fn finished(operations: &Operations, tenant: &str, name: &str) -> Result<Operation, Status> {
        let wait = WaitOperationRequest { name: name.to_owned(), timeout: None };
        operations.wait_operation(crate::request(tenant, wait)).await.map(Response::into_inner)
    }

    #[tokio::test]
    async fn the_same_request_finds_its_operation_and_another_body_conflicts() {
        let operations = Operations::default();
        let first = start(&operations, "t", "r1", b"body", false).unwrap();
        assert_eq!(start(&operations, "t", "r1", b"body", false).unwrap().name, first.name);
        assert_eq!(start(&operations, "t", "r1", b"other", false).unwrap_err().reason, Reason::IdempotencyConflict);
        assert_ne!(start(&operations, "u", "r1", b"other", false).unwrap().name, first.name);

        let done = finished(&operations, "t", &first.name).await.unwrap();
        let Some(operation::Result::Response(answer)) = done.result else { panic!("no answer: {done:?}") };
        assert_eq!(answer.type_url, "type.googleapis.com/folkmoot.aggregation.v1.Analysis");
        assert_eq!(finished(&operations, "u", &first.name).await.unwrap_err().code(), tonic::Code::NotFound);
    }

    #[tokio::test]
    async fn what_has_no_request_id_is_named_anew_in_every_process() {
        struct Filled(u8);
        impl Entropy for Filled {
            fn fill(&self, bytes: &mut [u8]) {
                bytes.fill(self.0);
            }
        }
        let (before, after) = (Operations::new(&Filled(1)), Operations::new(&Filled(2)));
        let name = |operations: &Operations, id: &str| start(operations, "t", id, b"", false).unwrap().name;
        assert_eq!(name(&before, "r1"), name(&after, "r1"));
        let first = name(&before, "");
        assert_ne!(first, name(&before, ""));
        assert_ne!(first, name(&Operations::new(&Filled(2)), ""));
    }

    #[tokio::test]
    async fn cancelled_work_ends_with_its_reason() {
        let operations = Operations::default();
        let running = start(&operations, "t", "r1", b"body", true).unwrap();
        let cancel = CancelOperationRequest { name: running.name.clone() };
        operations.cancel_operation(crate::request("t", cancel)).await.unwrap();
        let done = finished(&operations, "t", &running.name).await.unwrap();
        let Some(operation::Result::Error(error)) = done.result else { panic!("no error: {done:?}") };
        assert_eq!(error.code, tonic::Code::Cancelled as i32);
    }
}
