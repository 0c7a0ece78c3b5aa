//! What the service does, one file a subject, and how every write is done.

mod adopt;
mod edits;
mod findings;
mod peers;
mod positions;
mod proposals;
mod revisions;
mod specs;
mod trace;
mod watch;

use std::sync::Arc;

use folkmoot_core::{Code, Fault, Reason, Sha256Hash};
use folkmoot_proto::spec::spec_service_server::SpecServiceServer;
use folkmoot_rpc::page::{self, Page};
use folkmoot_rpc::{Context, idempotency};
use prost::Message;
use tokio::sync::{Mutex, watch as signal};

use crate::model::{Revision, Spec};
use crate::store::{Commit, Committed, Effect, Place, Reply, Store};
use crate::{MAX_REQUEST_BYTES, Options, names};

pub(crate) use watch::Watching;

/// How often a plan is made anew where other processes are faster.
const MAX_PLANS: usize = 16;

/// Soft limit of a page: clients take answers of 4 MiB.
const PAGE_BYTES: usize = 2 << 20;

/// `folkmoot.spec.v1.SpecService`. Cheap to clone.
#[derive(Clone)]
pub struct SpecService {
    options: Arc<Options>,
    /// One plan at a time in this process; other processes are kept apart by the spec's version.
    planning: Arc<Mutex<()>>,
    /// Tells watchers that something was committed.
    committed: Arc<signal::Sender<()>>,
}

/// All that a request does, and its answer.
struct Plan<Answer> {
    spec: String,
    version: Option<i64>,
    effects: Vec<Effect>,
    changed: Vec<String>,
    answer: Answer,
}

/// A write, as retries are told apart.
struct Write<'a> {
    tenant: &'a str,
    request_id: &'a str,
    fingerprint: Sha256Hash,
}

impl<'a> Write<'a> {
    fn new<M: Message>(tenant: &'a str, method: &str, request_id: &'a str, message: &M) -> Self {
        Self { tenant, request_id, fingerprint: idempotency::fingerprint(method, message) }
    }
}

impl SpecService {
    pub(crate) fn new(options: Options) -> Self {
        let (committed, _) = signal::channel(());
        Self { options: Arc::new(options), planning: Arc::default(), committed: Arc::new(committed) }
    }

    /// Adds the service's gRPC server.
    pub fn register(&self, routes: &mut tonic::service::RoutesBuilder) {
        routes.add_service(SpecServiceServer::new(self.clone()).max_decoding_message_size(MAX_REQUEST_BYTES));
    }

    fn store(&self) -> &Store {
        &self.options.store
    }

    fn context(&self) -> &Context {
        &self.options.context
    }

    /// The id a caller chose, or a new one.
    fn id_or_new(&self, chosen: &str) -> String {
        if chosen.is_empty() { self.context().new_id() } else { chosen.to_owned() }
    }

    /// The answer that the same request got before.
    async fn before<Answer: Message + Default>(&self, write: &Write<'_>) -> Result<Option<Answer>, Fault> {
        if write.request_id.is_empty() {
            return Ok(None);
        }
        let Some(reply) = self.store().reply(write.tenant, write.request_id).await? else { return Ok(None) };
        if reply.fingerprint != write.fingerprint {
            return Err(idempotency::conflict(write.request_id));
        }
        Ok(Some(Answer::decode(reply.bytes.as_slice()).map_err(Fault::internal)?))
    }

    /// Commits what `plan` makes of the spec as it is, and plans again where it changed meanwhile.
    async fn write<Answer, Planning>(&self, write: Write<'_>, plan: impl Fn() -> Planning) -> Result<Answer, Fault>
    where
        Answer: Message + Default,
        Planning: Future<Output = Result<Plan<Answer>, Fault>>,
    {
        let _turn = self.planning.lock().await;
        for _ in 0..MAX_PLANS {
            if let Some(answer) = self.before(&write).await? {
                return Ok(answer);
            }
            let Plan { spec, version, effects, changed, answer } = plan().await?;
            let reply = (!write.request_id.is_empty()).then(|| Reply {
                request_id: write.request_id.to_owned(),
                fingerprint: write.fingerprint,
                bytes: answer.encode_to_vec(),
            });
            let commit = Commit { spec, version, effects, changed, reply, at: self.context().now() };
            if self.store().commit(write.tenant, commit).await? == Committed::Done {
                self.committed.send_replace(());
                return Ok(answer);
            }
        }
        Err(Fault::new(Code::Aborted, Reason::EtagMismatch, "others keep changing the spec; retry"))
    }

    /// The spec, or NOT_FOUND.
    async fn spec(&self, tenant: &str, id: &str) -> Result<Spec, Fault> {
        self.store().spec(tenant, id).await?.ok_or_else(|| Fault::not_found(names::spec(id)))
    }

    /// The revision, or NOT_FOUND. `head` is the newest.
    async fn revision(&self, tenant: &str, spec: &str, id: &str) -> Result<Revision, Fault> {
        let absent = || Fault::not_found(names::revision(spec, id));
        let id = match id {
            HEAD => self.spec(tenant, spec).await?.head.ok_or_else(absent)?,
            id => id.to_owned(),
        };
        self.store().revision(tenant, spec, &id).await?.ok_or_else(absent)
    }

    /// A revision's source; every revision has one.
    async fn source(&self, at: Place<'_>) -> Result<String, Fault> {
        let source = self.store().source(at.tenant, at.spec, at.revision).await?;
        source.ok_or_else(|| Fault::not_found(names::revision(at.spec, at.revision)))
    }
}

/// The id that stands for the newest revision.
const HEAD: &str = "head";

/// A list request's page, and the token that goes on behind it.
struct List<'a> {
    tenant: &'a str,
    list: String,
    page: Page,
}

impl<'a> List<'a> {
    fn read(tenant: &'a str, list: String, size: i32, token: &str) -> Result<Self, Fault> {
        let page = page::page(size, token, tenant, &list)?;
        Ok(Self { tenant, list, page })
    }

    /// The entries shown, on the wire, and the next token: `entries` has one more where there is more.
    /// A page ends early before it grows over [`PAGE_BYTES`], but has one entry at least.
    fn cut<T, W: Message>(
        &self,
        entries: Vec<T>,
        cursor: impl Fn(&T) -> &str,
        wire: impl Fn(&T) -> W,
    ) -> (Vec<W>, String) {
        let mut bytes = 0;
        let mut shown: Vec<W> = Vec::new();
        let mut next = String::new();
        for entry in &entries {
            let message = wire(entry);
            bytes += message.encoded_len();
            if shown.len() == self.page.limit || (bytes > PAGE_BYTES && !shown.is_empty()) {
                return (shown, next);
            }
            next = page::token(self.tenant, &self.list, cursor(entry));
            shown.push(message);
        }
        (shown, String::new())
    }
}

/// The answer to an id that is taken.
fn exists(name: impl std::fmt::Display) -> Fault {
    Fault::new(Code::AlreadyExists, Reason::ResourceExists, format!("{name} exists already"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_end_at_their_limit_or_size_and_lose_nothing() {
        let check = |sizes: &[usize], limit: usize, want: &[usize]| {
            let list = List { tenant: "t", list: "l".into(), page: Page { limit, after: None } };
            let all: Vec<(String, String)> =
                sizes.iter().enumerate().map(|(n, &size)| (n.to_string(), "x".repeat(size))).collect();
            let mut rest = all.as_slice();
            let mut pages = Vec::new();
            loop {
                let given = rest[..rest.len().min(limit + 1)].to_vec();
                let (shown, next) = list.cut(given, |entry| &entry.0, |entry| entry.1.clone());
                pages.push(shown.len());
                if next.is_empty() {
                    break;
                }
                assert_eq!(next, page::token("t", "l", &rest[shown.len() - 1].0));
                rest = &rest[shown.len()..];
            }
            assert_eq!(pages, want, "{sizes:?}");
        };
        check(&[], 2, &[0]);
        check(&[1, 1, 1], 2, &[2, 1]);
        check(&[1, 1], 2, &[2]);
        check(&[1 << 20, 1 << 20, 1], 10, &[1, 2]);
        check(&[3 << 20, 3 << 20, 1], 10, &[1, 1, 1]);
    }
}
