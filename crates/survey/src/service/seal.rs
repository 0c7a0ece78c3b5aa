//! From rows in the store to a sealed folder, in bounded memory.

use std::collections::HashMap;
use std::sync::Arc;

use folkmoot_core::{Code, Fault, Reason};
use folkmoot_proto::longrunning::Operation;
use folkmoot_proto::survey::{SealSnapshotMetadata, SealSnapshotRequest, Snapshot as WireSnapshot};
use folkmoot_rpc::{Task, idempotency};
use folkmoot_snapshot::{Meta, Participant, Row, Snapshot, Writer};
use serde_json::json;
use tokio::sync::mpsc;

use super::{ATTEMPTS, Service};
use crate::convert;
use crate::model::{Round, RoundState, SealedSnapshot, StoredAnswer};
use crate::store::{Change, Committed};

/// Rows read at once, and how many such pages wait between reader and writer.
const PAGE: usize = 4096;
const PAGES_WAITING: usize = 2;

type Sealing = Task<SealSnapshotMetadata>;

impl Service {
    pub(crate) async fn seal(self: Arc<Self>, tenant: &str, message: SealSnapshotRequest) -> Result<Operation, Fault> {
        idempotency::check_request_id(&message.request_id)?;
        let round = self.round(tenant, "name", &message.name).await?;
        if !matches!(round.state, RoundState::Closed | RoundState::Sealed) {
            let words = format!("the round is {}, it must be closed", round.state.name());
            return Err(Fault::precondition(Reason::RoundState, words));
        }
        let fingerprint = idempotency::fingerprint("SealSnapshot", &message);
        let first = SealSnapshotMetadata { phase: "reading".into(), fraction: 0.0, rows: 0 };
        let (service, owner, name) = (self.clone(), tenant.to_owned(), message.name);
        self.context.operations.start(
            tenant,
            "survey",
            &message.request_id,
            fingerprint,
            first,
            move |task| async move { service.sealed(&owner, &name, task).await },
        )
    }

    async fn sealed(&self, tenant: &str, name: &str, task: Sealing) -> Result<WireSnapshot, Fault> {
        for _ in 0..ATTEMPTS {
            let round = self.round(tenant, "name", name).await?;
            if let Some(sha256) = &round.snapshot {
                let found = self.store.snapshot(tenant, Some(&round.id), sha256).await?;
                let found = found.ok_or_else(|| Fault::internal("a sealed round without its snapshot"))?;
                return Ok(convert::snapshot(&found));
            }
            let written = self.write_snapshot(tenant, &round, &task).await;
            // What was withdrawn meanwhile must not be frozen.
            if self.round(tenant, "name", name).await?.changes != round.changes {
                self.abandon(tenant, written.ok()).await?;
                continue;
            }
            let mut sealed = written?;
            sealed.created = self.context.now();
            let answer = convert::snapshot(&sealed);
            let change = Change::Seal { round: round.key, changes: round.changes, snapshot: sealed.clone() };
            if self.store.commit(tenant, change, None).await? == Committed::Done {
                return Ok(answer);
            }
            self.abandon(tenant, Some(sealed)).await?;
        }
        Err(Fault::new(Code::Aborted, Reason::EtagMismatch, "the round kept changing while it was sealed; retry"))
    }

    /// Removes the files of a snapshot that never was sealed, with what somebody withdrew in them.
    async fn abandon(&self, tenant: &str, written: Option<SealedSnapshot>) -> Result<(), Fault> {
        let Some(written) = written else { return Ok(()) };
        if self.store.snapshot(tenant, None, &written.sha256).await?.is_some() {
            return Ok(());
        }
        let folder = self.folder(tenant).join(&written.sha256);
        tokio::fs::remove_dir_all(&folder)
            .await
            .map_err(|error| Fault::internal(format!("cannot remove an abandoned snapshot: {error}")))
    }

    async fn write_snapshot(&self, tenant: &str, round: &Round, task: &Sealing) -> Result<SealedSnapshot, Fault> {
        let stored = self.store.items(round.key, None, usize::MAX).await?;
        let item_ids: HashMap<i64, String> = stored.iter().map(|s| (s.key, s.item.id.clone())).collect();
        let items = stored.into_iter().map(|stored| stored.item).collect();
        let (participants, ids) = self.read_participants(round.key).await?;
        let meta = meta(round);
        let folder = self.folder(tenant);
        let (pages, mut received) = mpsc::channel::<Vec<StoredAnswer>>(PAGES_WAITING);

        let writing = tokio::task::spawn_blocking(move || -> Result<Option<Snapshot>, Fault> {
            let mut writer = Writer::create(&folder, items, participants, meta).map_err(fault)?;
            let mut ended = false;
            while let Some(page) = received.blocking_recv() {
                ended = page.is_empty();
                push(&mut writer, &page, &item_ids, &ids)?;
            }
            // Without the empty page at the end, reading broke off.
            if ended { writer.seal().map(Some).map_err(fault) } else { Ok(None) }
        });
        let read = self.read_answers(round, &pages, task).await;
        drop(pages);
        let snapshot = writing.await.map_err(Fault::internal)??;
        read?;
        let snapshot = snapshot.ok_or_else(|| Fault::internal("sealing broke off"))?;
        Ok(SealedSnapshot {
            key: 0,
            round: round.id.clone(),
            sha256: snapshot.hash().to_string(),
            participant_count: round.participant_count,
            response_count: round.response_count,
            manifest: folkmoot_core::canonical::json(&snapshot.manifest),
            simulated: round.simulated,
            created: round.created,
        })
    }

    /// Everybody, and pseudonyms by key.
    async fn read_participants(&self, round: i64) -> Result<(Vec<Participant>, HashMap<i64, String>), Fault> {
        let mut participants = Vec::new();
        let mut ids = HashMap::new();
        let mut after = 0;
        loop {
            let page = self.store.participants(round, after, PAGE).await?;
            let Some(last) = page.last() else { return Ok((participants, ids)) };
            after = last.key;
            for stored in page {
                ids.insert(stored.key, stored.id.clone());
                let attributes = stored.attributes;
                participants.push(Participant { id: stored.id, attributes, weight: stored.weight });
            }
        }
    }

    /// Sends every answer, page by page, and an empty page at the end.
    async fn read_answers(
        &self,
        round: &Round,
        pages: &mpsc::Sender<Vec<StoredAnswer>>,
        task: &Sealing,
    ) -> Result<(), Fault> {
        let mut after = None;
        let mut rows = 0;
        loop {
            if task.is_cancelled() {
                return Err(task.cancelled());
            }
            let page = self.store.answers(round.key, after, PAGE).await?;
            after = page.last().map(|last| (last.participant, last.answer.item, last.answer.view)).or(after);
            rows += page.len() as i64;
            let ended = page.is_empty();
            if pages.send(page).await.is_err() {
                // The writer ended first and says why.
                return Ok(());
            }
            let fraction = if ended { 0.9 } else { 0.9 * rows as f64 / round.response_count.max(1) as f64 };
            let phase = if ended { "writing" } else { "reading" };
            task.progress(SealSnapshotMetadata { phase: phase.into(), fraction: fraction.min(0.9), rows });
            if ended {
                return Ok(());
            }
        }
    }
}

fn push(
    writer: &mut Writer,
    page: &[StoredAnswer],
    items: &HashMap<i64, String>,
    participants: &HashMap<i64, String>,
) -> Result<(), Fault> {
    for stored in page {
        let answer = &stored.answer;
        let (Some(item), Some(participant)) = (items.get(&answer.item), participants.get(&stored.participant)) else {
            return Err(Fault::new(Code::DataLoss, Reason::DataCorrupt, "an answer without its item or participant"));
        };
        let row = Row {
            item,
            participant,
            view: answer.view,
            answer: &answer.answer,
            rationale: answer.rationale.as_deref(),
            weight: answer.weight,
            duration_ms: answer.duration_ms,
        };
        writer.push(row).map_err(fault)?;
    }
    Ok(())
}

/// What the snapshot says of the round: the same wherever the round runs, so no times and no ids that
/// a server made but the round's.
fn meta(round: &Round) -> Meta {
    let about = json!({
        "round": round.id,
        "title": round.title,
        "spec_revision": round.spec_revision,
        "spec_text_hash": round.spec_text_hash,
        "simulated": round.simulated,
        "disclosure": round.disclosure,
        "supersede_allowed": round.supersede_allowed,
    });
    Meta { round: about, simulated: round.simulated }
}

fn fault(error: folkmoot_snapshot::SnapshotError) -> Fault {
    Fault::from(error)
}
