//! What the methods do, one file a subject, and what they share.

mod items;
mod responses;
mod rounds;
mod seal;
mod snapshots;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use folkmoot_core::{Code, Fault, Reason};
use folkmoot_rpc::page::Page;
use folkmoot_rpc::{Context, idempotency, names};
use prost::Message;

use crate::Options;
use crate::convert;
use crate::model::{Round, RoundState};
use crate::specs::Specs;
use crate::store::{Change, Committed, Reply, Store};
use crate::submission::OpenedRound;
use crate::writer::Writer;

/// How often a write is planned again because something else was faster.
const ATTEMPTS: usize = 16;
/// Opened rounds kept in memory.
const KEPT: usize = 256;
/// A page is cut off behind this many bytes, so that it fits a message.
const PAGE_BYTES: usize = 2 << 20;

pub(crate) struct Service {
    pub(crate) store: Store,
    pub(crate) context: Context,
    specs: Specs,
    snapshots: PathBuf,
    writer: Writer,
    /// By tenant and id.
    opened: Mutex<HashMap<(String, String), Arc<OpenedRound>>>,
}

impl Service {
    pub(crate) fn new(options: Options) -> Self {
        let Options { store, context, spec, snapshots } = options;
        if let Err(error) = remove_unfinished(&snapshots) {
            tracing::warn!(%error, "what a crash left of snapshots could not be removed");
        }
        let writer = Writer::start(store.clone(), context.clone());
        Self { specs: Specs::new(spec), store, context, snapshots, writer, opened: Mutex::default() }
    }

    /// Where the tenant's snapshots lie.
    pub(crate) fn folder(&self, tenant: &str) -> PathBuf {
        self.snapshots.join(tenant)
    }

    /// The round of that resource name.
    pub(crate) async fn round(&self, tenant: &str, field: &str, name: &str) -> Result<Round, Fault> {
        let [id] = names::parse(field, "rounds/*", name)?;
        self.store.round(tenant, id).await?.ok_or_else(|| Fault::not_found(name))
    }

    /// The round with its items, once it was opened.
    ///
    /// # Errors
    /// `ROUND_NOT_OPEN` for a draft.
    async fn opened(&self, tenant: &str, name: &str) -> Result<Arc<OpenedRound>, Fault> {
        let [id] = names::parse("round", "rounds/*", name)?;
        let key = (tenant.to_owned(), id.to_owned());
        if let Some(opened) = self.opened.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(opened.clone());
        }
        let round = self.round(tenant, "round", name).await?;
        if round.state == RoundState::Draft {
            return Err(convert::not_open(round.state));
        }
        let items = self.store.items(round.key, None, usize::MAX).await?;
        let opened = Arc::new(OpenedRound::new(round, items));
        let mut kept = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, opened.clone());
        Ok(opened)
    }

    /// Answers a retry of `request_id` from what is stored; else plans a change and the answer to it,
    /// and plans again where what it was planned on changed meanwhile.
    async fn write<Request, Answer, Plan>(
        &self,
        tenant: &str,
        method: &str,
        request_id: &str,
        message: &Request,
        plan: impl Fn() -> Plan,
    ) -> Result<Answer, Fault>
    where
        Request: Message,
        Answer: Message + Default,
        Plan: Future<Output = Result<(Change, Answer), Fault>>,
    {
        idempotency::check_request_id(request_id)?;
        let fingerprint = idempotency::fingerprint(method, message);
        for _ in 0..ATTEMPTS {
            if !request_id.is_empty()
                && let Some(reply) = self.store.reply(tenant, request_id).await?
            {
                let same = reply.fingerprint == fingerprint;
                return if same { convert::decode(&reply.bytes) } else { Err(idempotency::conflict(request_id)) };
            }
            let (change, answer) = plan().await?;
            let bytes = answer.encode_to_vec();
            let reply = Reply { request_id: request_id.to_owned(), fingerprint, bytes };
            let reply = Some(reply).filter(|_| !request_id.is_empty());
            match self.store.commit(tenant, change, reply).await? {
                Committed::Done => return Ok(answer),
                Committed::Stale => {}
                Committed::Exists => {
                    // A retry that raced with the first attempt finds its reply.
                    if request_id.is_empty() || self.store.reply(tenant, request_id).await?.is_none() {
                        let words = "a round of that id exists";
                        return Err(Fault::new(Code::AlreadyExists, Reason::ResourceExists, words));
                    }
                }
            }
        }
        Err(Fault::new(Code::Aborted, Reason::EtagMismatch, "others kept changing the same thing; retry"))
    }
}

/// Removes what seals that a crash ended left in the tenants' folders.
fn remove_unfinished(snapshots: &Path) -> Result<(), Fault> {
    let unreadable = |error: std::io::Error| Fault::internal(format!("{}: {error}", snapshots.display()));
    let tenants = match std::fs::read_dir(snapshots) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        tenants => tenants.map_err(unreadable)?,
    };
    for tenant in tenants {
        folkmoot_snapshot::remove_unfinished(&tenant.map_err(unreadable)?.path())?;
    }
    Ok(())
}

/// The key that a page goes on behind.
fn after(page: &Page) -> Result<Option<i64>, Fault> {
    let bad = || Fault::field("page_token", Reason::BadPageToken, "the token is not one of this list's");
    page.after.as_ref().map(|text| text.parse().map_err(|_| bad())).transpose()
}

/// The entries of a page and the key to go on behind: `found` holds one more than the page, if there
/// is more.
fn cut<T, Wire: Message>(
    found: Vec<T>,
    limit: usize,
    key: impl Fn(&T) -> i64,
    wire: impl Fn(&T) -> Wire,
) -> (Vec<Wire>, Option<i64>) {
    let mut bytes = 0;
    let mut shown = Vec::new();
    let mut last = None;
    for entry in &found {
        if shown.len() == limit || bytes >= PAGE_BYTES {
            return (shown, last);
        }
        let message = wire(entry);
        bytes += message.encoded_len();
        shown.push(message);
        last = Some(key(entry));
    }
    (shown, None)
}
