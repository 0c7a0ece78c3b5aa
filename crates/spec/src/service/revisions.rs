//! Revisions, their clauses and their differences.

use std::collections::HashMap;

use folkmoot_core::{Fault, Reason, Sha256Hash};
use folkmoot_proto::spec as wire;
use folkmoot_rpc::{etag, names as rpc_names};
use folkmoot_spec_text::{self as text, Document};

use super::{HEAD, List, Plan, SpecService, Write, exists};
use crate::check::{Check, MAX_TITLE_CHARS};
use crate::model::{Change, Clause, Revision, Spec, Warning};
use crate::store::{Effect, Place};
use crate::{convert, names};

/// A document on its way to become a revision.
pub(super) struct Draft<'a> {
    pub(super) id: &'a str,
    pub(super) source: &'a str,
    pub(super) document: &'a Document,
    pub(super) proposals: Vec<String>,
    pub(super) note: &'a str,
}

impl SpecService {
    pub(crate) async fn import_revision(
        &self,
        tenant: &str,
        message: wire::ImportRevisionRequest,
    ) -> Result<wire::Revision, Fault> {
        let mut check = Check::of_request(&message.request_id);
        let spec = check.name("parent", "specs/*", &message.parent).map(|[spec]| spec);
        check_new_revision_id(&mut check, &message.revision_id);
        let note = check.text("note", &message.note, MAX_TITLE_CHARS);
        let document = check.take(read(message.source.clone()).await);
        check.done()?;

        let (Some(spec), Some((source, document))) = (spec, &document) else { return Err(unread()) };
        let (id, note, given_etag) = (&self.id_or_new(&message.revision_id), &note, &message.etag);
        let plan = || async move {
            let spec = self.spec(tenant, spec).await?;
            etag::check(given_etag, &spec.etag(), "the spec")?;
            let draft = Draft { id, source, document, proposals: Vec::new(), note };
            self.next_revision(tenant, spec, draft).await
        };
        self.write(Write::new(tenant, "ImportRevision", &message.request_id, &message), plan).await
    }

    /// The plan that makes `draft` the head of `spec`.
    pub(super) async fn next_revision(
        &self,
        tenant: &str,
        spec: Spec,
        draft: Draft<'_>,
    ) -> Result<Plan<wire::Revision>, Fault> {
        if self.store().revision(tenant, &spec.id, draft.id).await?.is_some() {
            return Err(exists(names::revision(&spec.id, draft.id)));
        }
        let before = match &spec.head {
            Some(head) => self.document(Place { tenant, spec: &spec.id, revision: head }).await?.1,
            None => Document::default(),
        };
        let text_hash = Sha256Hash::of(draft.source.as_bytes()).to_string();
        let mut warnings: Vec<Warning> = draft.document.warnings.iter().cloned().map(convert::warning).collect();
        warnings.extend(self.same_text(tenant, &spec, &text_hash).await?);
        let revision = Revision {
            id: draft.id.to_owned(),
            text_hash,
            parent: spec.head.clone(),
            clause_count: draft.document.clauses.len(),
            warnings,
            proposals: draft.proposals,
            note: draft.note.to_owned(),
            created: self.context().now(),
        };
        let answer = convert::revision(&spec.id, &revision, draft.source.to_owned());
        let changes = text::diff(&before, draft.document).clauses.into_iter().map(|change| Change {
            anchor: change.anchor,
            kinds: change.kinds.into_iter().map(|kind| convert::change_kind(kind).to_owned()).collect(),
        });
        let add = Effect::AddRevision {
            source: draft.source.to_owned(),
            clauses: draft.document.clauses.iter().map(convert::clause_of).collect(),
            changes: changes.collect(),
            revision,
        };
        let version = Some(spec.version);
        let changed = vec![answer.name.clone(), names::spec(&spec.id)];
        let spec = Spec { head: Some(draft.id.to_owned()), ..spec };
        Ok(Plan { spec: spec.id.clone(), version, effects: vec![add, Effect::SetSpec(spec)], changed, answer })
    }

    /// A warning where the head says the same, byte for byte.
    async fn same_text(&self, tenant: &str, spec: &Spec, text_hash: &str) -> Result<Option<Warning>, Fault> {
        let Some(head) = &spec.head else { return Ok(None) };
        let head = self.revision(tenant, &spec.id, head).await?;
        let message = format!("the text is that of revision {:?}, byte for byte", head.id);
        Ok((head.text_hash == text_hash).then(|| Warning { line: 1, code: "same_text".to_owned(), message }))
    }

    /// A revision's source and what it says.
    pub(super) async fn document(&self, at: Place<'_>) -> Result<(String, Document), Fault> {
        let source = self.source(at).await?;
        read(source.into_bytes()).await.map_err(Fault::internal)
    }

    pub(crate) async fn get_revision(
        &self,
        tenant: &str,
        message: wire::GetRevisionRequest,
    ) -> Result<wire::Revision, Fault> {
        let [spec, id] = rpc_names::parse("name", "specs/*/revisions/*", &message.name)?;
        let revision = self.revision(tenant, spec, id).await?;
        let source = self.source(Place { tenant, spec, revision: &revision.id }).await?;
        Ok(convert::revision(spec, &revision, source))
    }

    pub(crate) async fn list_revisions(
        &self,
        tenant: &str,
        message: wire::ListRevisionsRequest,
    ) -> Result<wire::ListRevisionsResponse, Fault> {
        let [spec] = rpc_names::parse("parent", "specs/*", &message.parent)?;
        let list = List::read(tenant, format!("{}/revisions", message.parent), message.page_size, &message.page_token)?;
        self.spec(tenant, spec).await?;
        let found = self.store().revisions(tenant, spec, &list.page).await?;
        let (revisions, next_page_token) =
            list.cut(found, |revision| &revision.id, |revision| convert::revision(spec, revision, String::new()));
        Ok(wire::ListRevisionsResponse { revisions, next_page_token })
    }

    pub(crate) async fn diff_revisions(
        &self,
        tenant: &str,
        message: wire::DiffRevisionsRequest,
    ) -> Result<wire::DiffRevisionsResponse, Fault> {
        let mut check = Check::default();
        let from = check.name::<2>("from", "specs/*/revisions/*", &message.from);
        let to = check.name::<2>("to", "specs/*/revisions/*", &message.to);
        if let (Some([one, _]), Some([other, _])) = (from, to)
            && one != other
        {
            check.add("to", Reason::BadField, format!("is a revision of {other:?}, not of {one:?}"));
        }
        check.done()?;
        let (Some([spec, from]), Some([_, to])) = (from, to) else { return Err(unread()) };
        let from = self.revision(tenant, spec, from).await?.id;
        let to = self.revision(tenant, spec, to).await?.id;
        let (_, before) = self.document(Place { tenant, spec, revision: &from }).await?;
        let (_, after) = self.document(Place { tenant, spec, revision: &to }).await?;

        let diff = text::diff(&before, &after);
        let (old, new) = (by_anchor(&before), by_anchor(&after));
        let side =
            |revision: &str, clause: Option<&Clause>| clause.map(|clause| convert::clause(spec, revision, clause));
        let change = |change: &text::ClauseChange| wire::ClauseChange {
            anchor: change.anchor.clone(),
            kinds: change.kinds.iter().map(|&kind| convert::change_kind(kind).to_owned()).collect(),
            before: side(&from, old.get(change.anchor.as_str())),
            after: side(&to, new.get(change.anchor.as_str())),
        };
        let (there, removed): (Vec<_>, Vec<_>) = diff.clauses.iter().partition(|change| change.after.is_some());
        let summary = wire::DiffSummary {
            added: convert::count(diff.summary.added),
            removed: convert::count(diff.summary.removed),
            changed: convert::count(diff.summary.changed),
            authority_changed: convert::count(diff.summary.authority_changed),
            moved: convert::count(diff.summary.moved),
            retitled: convert::count(diff.summary.retitled),
        };
        let changes = there.into_iter().chain(removed).map(change).collect();
        Ok(wire::DiffRevisionsResponse { summary: Some(summary), changes })
    }

    pub(crate) async fn get_clause(
        &self,
        tenant: &str,
        message: wire::GetClauseRequest,
    ) -> Result<wire::Clause, Fault> {
        let [spec, revision, anchor] = rpc_names::parse("name", "specs/*/revisions/*/clauses/*", &message.name)?;
        let revision = self.revision(tenant, spec, revision).await?;
        let clause = self.store().clause(Place { tenant, spec, revision: &revision.id }, anchor).await?;
        let clause = clause.ok_or_else(|| Fault::not_found(&message.name))?;
        Ok(convert::clause(spec, &revision.id, &clause))
    }

    pub(crate) async fn list_clauses(
        &self,
        tenant: &str,
        message: wire::ListClausesRequest,
    ) -> Result<wire::ListClausesResponse, Fault> {
        let [spec, revision] = rpc_names::parse("parent", "specs/*/revisions/*", &message.parent)?;
        let list = List::read(tenant, format!("{}/clauses", message.parent), message.page_size, &message.page_token)?;
        let revision = self.revision(tenant, spec, revision).await?.id;
        let found = self.store().clauses(Place { tenant, spec, revision: &revision }, &list.page).await?;
        let (clauses, next_page_token) =
            list.cut(found, |clause| &clause.anchor, |clause| convert::clause(spec, &revision, clause));
        Ok(wire::ListClausesResponse { clauses, next_page_token })
    }
}

/// Checks the id of a revision to be made.
pub(super) fn check_new_revision_id(check: &mut Check, id: &str) {
    check.optional_id("revision_id", id);
    if id == HEAD {
        check.add("revision_id", Reason::BadName, "the id `head` stands for the newest revision");
    }
}

/// Reads a document away from the threads that answer requests: a large one takes a while.
async fn read(bytes: Vec<u8>) -> Result<(String, Document), Fault> {
    if bytes.is_empty() {
        return Err(Fault::field("source", Reason::FieldRequired, "a document is needed"));
    }
    let reading = tokio::task::spawn_blocking(move || {
        let document =
            text::parse(&bytes).map_err(|error| Fault::field("source", Reason::BadDocument, error.to_string()))?;
        Ok((String::from_utf8(bytes).map_err(Fault::internal)?, document))
    });
    reading.await.map_err(Fault::internal)?
}

fn by_anchor(document: &Document) -> HashMap<&str, Clause> {
    document.clauses.iter().map(|clause| (clause.anchor.as_str(), convert::clause_of(clause))).collect()
}

/// A defect: what a check let pass must be there.
pub(super) fn unread() -> Fault {
    Fault::internal("a checked field is missing")
}
