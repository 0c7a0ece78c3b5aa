//! `folkmoot spec`: what is said of a text works on files too, without a server.

mod positions;
mod source;
mod text;
mod trace;

use std::path::PathBuf;

use folkmoot_client::Folkmoot;
use folkmoot_methods::report::Unit;
use folkmoot_proto::spec::{
    AdoptRevisionRequest, CreateSpecRequest, GetSpecRequest, ImportRevisionRequest, ListRevisionsRequest,
    ListSpecsRequest, Revision, Spec as SpecMessage,
};

use crate::failure::{End, Failure, from_status};
use crate::out::{Session, fields, table};
use crate::wire::{all_pages, connected, id, json, json_list, time};
use crate::{input, names};

pub(crate) use positions::{Origin, Positions, of_items};
pub(crate) use text::redline_words;

/// A spec, its revisions and what they say.
#[derive(clap::Subcommand)]
pub enum Spec {
    /// Create a spec without revisions.
    #[command(after_help = "Example: folkmoot spec create charter --title \"City charter\"")]
    Create {
        /// Id of the new spec.
        id: String,
        /// What people call it; the id where absent.
        #[arg(long)]
        title: Option<String>,
    },
    /// Import a Markdown document as the next revision.
    #[command(after_help = "Example: folkmoot spec import charter.md --revision 2026-11 --note \"first version\"")]
    Import {
        /// The document: Markdown whose headings are clauses, such as `## Title {#anchor authority=root}`.
        file: PathBuf,
        #[command(flatten)]
        of: OfSpec,
        /// Id of the new revision; made by the server where absent.
        #[arg(long, value_name = "ID")]
        revision: Option<String>,
        /// A few words on what changed.
        #[arg(long, default_value = "", hide_default_value = true)]
        note: String,
    },
    /// List the specs.
    List,
    /// List a spec's revisions, newest first.
    Log(OfSpec),
    /// List the clauses of a document or revision.
    #[command(
        after_help = "Examples:\n  folkmoot spec show charter.md\n  folkmoot spec show head --source > charter.md"
    )]
    Show {
        /// A file, or a revision: `head`, an id, `spec/revision`.
        #[arg(default_value = "head")]
        what: String,
        #[command(flatten)]
        of: OfSpec,
        /// Print the Markdown instead.
        #[arg(long)]
        source: bool,
    },
    /// Compare two documents or revisions, clause by clause.
    #[command(
        after_help = "Examples:\n  folkmoot spec diff old.md new.md --format json\n  folkmoot spec diff 2026-11 head"
    )]
    Diff {
        /// The earlier one: a file or a revision.
        from: String,
        /// The later one: a file or a revision.
        #[arg(default_value = "head")]
        to: String,
        #[command(flatten)]
        of: OfSpec,
    },
    /// Say why a clause reads as it does: its changes, decisions, findings and answers.
    #[command(after_help = "Example: folkmoot spec trace money_trouble")]
    Trace {
        /// Anchor of the clause.
        clause: String,
        #[command(flatten)]
        of: OfSpec,
        /// The revision to start from.
        #[arg(long, value_name = "ID", default_value = "head")]
        revision: String,
    },
    /// Make the next revision from adopted proposals.
    #[command(after_help = "Example: folkmoot spec adopt --revision 2026-12 --note \"what the round asked for\"")]
    Adopt {
        /// Ids of the proposals, in order; all that are adopted and not yet applied where absent.
        proposals: Vec<String>,
        #[command(flatten)]
        of: OfSpec,
        /// Id of the new revision; made by the server where absent.
        #[arg(long, value_name = "ID")]
        revision: Option<String>,
        /// A few words on what changed.
        #[arg(long, default_value = "", hide_default_value = true)]
        note: String,
    },
    /// What a revision itself says on the items of a round.
    #[command(subcommand)]
    Positions(Positions),
}

/// Which spec.
#[derive(clap::Args)]
pub struct OfSpec {
    /// Id of the spec; the only one there is where absent.
    #[arg(long, value_name = "ID")]
    pub(crate) spec: Option<String>,
}

impl OfSpec {
    pub(crate) fn given(&self) -> Option<&str> {
        self.spec.as_deref()
    }
}

pub(crate) fn run(verb: &Spec, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    match verb {
        Spec::Show { what, of, source } => text::show(what, of, *source, session)?,
        Spec::Diff { from, to, of } => text::diff(from, to, of, session)?,
        Spec::Positions(verb) => positions::run(verb, session)?,
        online => connected(session.global, async |folkmoot| run_online(online, folkmoot, session).await)?,
    }
    Ok(End::Done)
}

async fn run_online(verb: &Spec, mut folkmoot: Folkmoot, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    match verb {
        Spec::Create { id, title } => {
            let spec = SpecMessage { title: title.as_ref().unwrap_or(id).clone(), ..Default::default() };
            let request = CreateSpecRequest { spec_id: id.clone(), spec: Some(spec), request_id: String::new() };
            let spec = folkmoot.spec.create_spec(request).await.map_err(from_status)?.into_inner();
            show_specs(&[spec], session)
        }
        Spec::List => {
            let specs = all_pages!(folkmoot.spec, list_specs, ListSpecsRequest::default(), specs);
            show_specs(&specs, session)
        }
        Spec::Import { file, of, revision, note } => {
            let request = ImportRevisionRequest {
                parent: names::spec(&mut folkmoot, of.given()).await?,
                revision_id: revision.clone().unwrap_or_default(),
                source: input::bytes(file)?,
                note: note.clone(),
                ..Default::default()
            };
            let revision = folkmoot.spec.import_revision(request).await.map_err(from_status)?.into_inner();
            for warning in &revision.warnings {
                session.say(format!("{}:{}: {} ({})", file.display(), warning.line, warning.message, warning.code));
            }
            show_revision(&revision, session)
        }
        Spec::Log(of) => {
            let parent = names::spec(&mut folkmoot, of.given()).await?;
            let request = ListRevisionsRequest { parent, ..Default::default() };
            let revisions = all_pages!(folkmoot.spec, list_revisions, request, revisions);
            show_revisions(&revisions, session)
        }
        Spec::Adopt { proposals, of, revision, note } => {
            let parent = names::spec(&mut folkmoot, of.given()).await?;
            let full = |id: &String| match id.starts_with("specs/") {
                true => id.clone(),
                false => format!("{parent}/proposals/{id}"),
            };
            // The head as it is now: a revision that comes between refuses the adoption.
            let get = GetSpecRequest { name: parent.clone() };
            let spec = folkmoot.spec.get_spec(get).await.map_err(from_status)?.into_inner();
            let request = AdoptRevisionRequest {
                proposals: proposals.iter().map(full).collect(),
                parent,
                revision_id: revision.clone().unwrap_or_default(),
                etag: spec.etag,
                note: note.clone(),
                request_id: String::new(),
            };
            let revision = folkmoot.spec.adopt_revision(request).await.map_err(from_status)?.into_inner();
            show_revision(&revision, session)
        }
        Spec::Trace { clause, of, revision } => trace::run(&mut folkmoot, clause, of, revision, session).await,
        Spec::Show { .. } | Spec::Diff { .. } | Spec::Positions(_) => Ok(()),
    }
}

fn show_specs(specs: &[SpecMessage], session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let columns = [("Spec", Unit::None), ("Title", Unit::None), ("Head", Unit::None), ("Created", Unit::None)];
    let row = |s: &SpecMessage| {
        vec![id(&s.name).into(), s.title.as_str().into(), id(&s.head_revision).into(), time(s.create_time.as_ref())]
    };
    session.show(&table("Specs", &columns, specs.iter().map(row).collect()), &json_list(specs)?)
}

fn show_revisions(revisions: &[Revision], session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let columns = [
        ("Revision", Unit::None),
        ("Clauses", Unit::Count),
        ("Proposals", Unit::Count),
        ("Created", Unit::None),
        ("Note", Unit::None),
    ];
    let row = |r: &Revision| {
        vec![
            id(&r.name).into(),
            i64::from(r.clause_count).into(),
            (r.proposals.len() as i64).into(),
            time(r.create_time.as_ref()),
            r.note.as_str().into(),
        ]
    };
    session.show(&table("Revisions", &columns, revisions.iter().map(row).collect()), &json_list(revisions)?)
}

fn show_revision(revision: &Revision, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let facts = vec![
        ("name", revision.name.as_str().into()),
        ("clauses", i64::from(revision.clause_count).into()),
        ("parent", id(&revision.parent_revision).into()),
        ("proposals", revision.proposals.iter().map(|p| id(p)).collect::<Vec<_>>().join(", ").into()),
        ("text hash", revision.text_hash.as_str().into()),
        ("created", time(revision.create_time.as_ref())),
        ("note", revision.note.as_str().into()),
    ];
    session.show(&fields("Revision", facts), &json(revision)?)
}
