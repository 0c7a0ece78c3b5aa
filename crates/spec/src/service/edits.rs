//! A proposal's edits against the clauses they change.

use std::fmt::Write as _;

use folkmoot_core::{Fault, Reason, Sha256Hash};
use folkmoot_proto::spec as wire;
use folkmoot_proto::spec::clause_edit;
use folkmoot_spec_text::{self as text, Document, SpanKind};

use super::SpecService;
use crate::check::Check;
use crate::model::{Clause, Edit};
use crate::store::Place;

/// Most edits of a proposal: each reads the whole document again.
const MAX_EDITS: usize = 100;

/// Longest difference in an error, in code points: errors travel in HTTP headers.
const MAX_DIFFERENCE_CHARS: usize = 1500;

/// The head that edits are read against.
pub(super) struct Head<'a> {
    pub(super) at: Place<'a>,
    pub(super) source: &'a str,
    pub(super) document: &'a Document,
}

impl SpecService {
    /// Reads the edits of a proposal against the head: every anchor exists, what is written is not
    /// empty, and the edits can be made.
    pub(super) async fn read_edits(
        &self,
        mut check: Check,
        head: &Head<'_>,
        given: &[wire::ClauseEdit],
    ) -> Result<Vec<Edit>, Fault> {
        match given.len() {
            0 => check.add("proposal.edits", Reason::FieldRequired, "at least one edit is needed"),
            1..=MAX_EDITS => {}
            more => {
                let message = format!("{more} edits, at most {MAX_EDITS} are allowed");
                check.add("proposal.edits", Reason::BadField, message);
                check.done()?;
                return Err(super::revisions::unread());
            }
        }
        let mut edits = Vec::with_capacity(given.len());
        for (index, edit) in given.iter().enumerate() {
            let field = |name: &str| format!("proposal.edits[{index}].{name}");
            let clause = head.document.clause(&edit.anchor);
            if edit.anchor.is_empty() {
                check.add(field("anchor"), Reason::FieldRequired, "the anchor of a clause is needed");
            } else if clause.is_none() {
                let message = format!("revision {:?} has no clause {:?}", head.at.revision, edit.anchor);
                check.add(field("anchor"), Reason::UnknownClause, message);
            }
            if !edit.base_text_hash.is_empty() && edit.base_text_hash.parse::<Sha256Hash>().is_err() {
                check.add(field("base_text_hash"), Reason::BadField, "is not 64 lower-case hexadecimal digits");
            }
            let change = change(&mut check, &field, edit);
            if let (Some(clause), Some(change)) = (clause, change) {
                let base_text_hash = match edit.base_text_hash.as_str() {
                    "" => clause.text_hash.clone(),
                    given => given.to_owned(),
                };
                edits.push(Edit { base_text_hash, change });
            }
        }
        check.done()?;

        self.check_bases(head, &edits).await?;
        if let Err(error) = apply(head.source.to_owned(), &edits).await? {
            let field = format!("proposal.edits[{}]", error.number - 1);
            return Err(Fault::field(field, Reason::BadField, error.reason.to_string()));
        }
        Ok(edits)
    }

    /// Passes edits whose clauses read as they did when the edits were written.
    ///
    /// # Errors
    /// `CLAUSE_CHANGED` with the difference.
    pub(super) async fn check_bases(&self, head: &Head<'_>, edits: &[Edit]) -> Result<(), Fault> {
        for edit in edits {
            let anchor = edit.change.anchor();
            let current = head.document.clause(anchor);
            if current.is_some_and(|clause| clause.text_hash == edit.base_text_hash) {
                continue;
            }
            let base = self.store().clause_of_hash(head.at, anchor, &edit.base_text_hash).await?;
            return Err(clause_changed(anchor, base.as_ref(), current));
        }
        Ok(())
    }
}

/// Makes the edits away from the threads that answer requests: in a large document they take a while.
pub(super) async fn apply(
    source: String,
    edits: &[Edit],
) -> Result<Result<(String, Document), text::EditError>, Fault> {
    let changes: Vec<text::Edit> = edits.iter().map(|edit| edit.change.clone()).collect();
    let making = tokio::task::spawn_blocking(move || {
        let source = match text::apply(&source, &changes) {
            Ok(source) => source,
            Err(error) => return Ok(Err(error)),
        };
        let document = text::parse(source.as_bytes()).map_err(Fault::internal)?;
        Ok(Ok((source, document)))
    });
    making.await.map_err(Fault::internal)?
}

fn change(check: &mut Check, field: &impl Fn(&str) -> String, edit: &wire::ClauseEdit) -> Option<text::Edit> {
    let anchor = edit.anchor.clone();
    let Some(given) = edit.edit.clone() else {
        check.add(
            field("edit"),
            Reason::FieldRequired,
            "one of body, title, authority, insert_after and remove is needed",
        );
        return None;
    };
    let mut said = |name: &str, text: String| {
        let text = check.needed_text(&field(name), &text, text::MAX_DOCUMENT_BYTES, Reason::FieldRequired);
        (!text.trim().is_empty()).then_some(text)
    };
    match given {
        clause_edit::Edit::Body(body) => said("body", body).map(|body| text::Edit::ReplaceBody { anchor, body }),
        clause_edit::Edit::Title(title) => said("title", title).map(|title| text::Edit::SetTitle { anchor, title }),
        clause_edit::Edit::Authority(authority) => {
            Some(text::Edit::SetAuthority { anchor, authority: (!authority.is_empty()).then_some(authority) })
        }
        clause_edit::Edit::InsertAfter(markdown) => {
            said("insert_after", markdown).map(|markdown| text::Edit::InsertAfter { anchor, markdown })
        }
        clause_edit::Edit::Remove(true) => Some(text::Edit::Remove { anchor }),
        clause_edit::Edit::Remove(false) => {
            check.add(field("remove"), Reason::BadField, "is true or absent");
            None
        }
    }
}

/// The refusal of an edit whose clause reads otherwise than when it was written, with the difference
/// as `[-taken out-]` and `{+put in+}`.
fn clause_changed(anchor: &str, base: Option<&Clause>, current: Option<&text::Clause>) -> Fault {
    let then = base.map(|clause| whole(&clause.title, clause.authority.as_deref(), &clause.body));
    let now = current.map(|clause| whole(&clause.title, clause.authority.as_deref(), &clause.body));
    let (message, difference) = match (then, now) {
        (_, None) => (format!("the clause {anchor:?} is no longer there"), String::new()),
        (None, Some(_)) => (format!("the clause {anchor:?} never read as the edit says"), String::new()),
        (Some(then), Some(now)) => {
            let difference = difference(&then, &now);
            (format!("the clause {anchor:?} changed since the proposal was written: {difference}"), difference)
        }
    };
    let fault = Fault::precondition(Reason::ClauseChanged, message).with("anchor", anchor);
    let hash = current.map(|clause| clause.text_hash.as_str()).unwrap_or_default();
    fault.with("current_text_hash", hash).with("diff", difference)
}

fn whole(title: &str, authority: Option<&str>, body: &str) -> String {
    let authority = authority.map(|authority| format!(" (authority {authority})")).unwrap_or_default();
    format!("{title}{authority}\n{}", body.trim())
}

/// The changed words with a little of what stands around them.
fn difference(then: &str, now: &str) -> String {
    const CONTEXT_CHARS: usize = 60;
    let mut shown = String::new();
    for span in text::redline(then, now) {
        // Writing to a string cannot fail.
        let _ = match span.kind {
            SpanKind::Removed => write!(shown, "[-{}-]", span.text),
            SpanKind::Added => write!(shown, "{{+{}+}}", span.text),
            SpanKind::Same => write!(shown, "{}", middle_cut(&span.text, CONTEXT_CHARS)),
        };
    }
    match shown.char_indices().nth(MAX_DIFFERENCE_CHARS) {
        Some((end, _)) => format!("{} …", &shown[..end]),
        None => shown,
    }
}

/// The text with its middle left out where it is long.
fn middle_cut(text: &str, edge: usize) -> String {
    let count = text.chars().count();
    if count <= 2 * edge {
        return text.to_owned();
    }
    let front: String = text.chars().take(edge).collect();
    let back: String = text.chars().skip(count - edge).collect();
    format!("{front} … {back}")
}
