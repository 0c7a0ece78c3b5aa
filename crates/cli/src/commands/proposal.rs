//! `folkmoot proposal`: suggested changes to named clauses, with evidence.

use std::path::PathBuf;

use folkmoot_methods::report::{Cell, Unit};
use folkmoot_proto::spec::{
    ClauseEdit, CreateProposalRequest, GetProposalRequest, ListProposalsRequest, Proposal as ProposalMessage,
    ProposalKind, clause_edit,
};
use serde::Deserialize;

use crate::commands::spec::OfSpec;
use crate::failure::{End, Failure, from_status};
use crate::out::{Session, fields, table};
use crate::wire::{all_pages, connected, id, json, json_list, short, time};
use crate::{input, names};

/// Proposals: suggested changes to named clauses, with evidence.
#[derive(clap::Subcommand)]
pub enum Proposal {
    /// Propose a change.
    Create(Box<Create>),
    /// List a spec's proposals, newest first.
    List(OfSpec),
    /// Show one proposal with its edits.
    Show {
        /// Id of the proposal.
        proposal: String,
        #[command(flatten)]
        of: OfSpec,
    },
}

/// A new proposal.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  folkmoot proposal create --title \"Offer help first\" --clause money_trouble --body-file new.md \\
    --finding F1 --rationale \"people want options\" --author \"Policy desk\"
  folkmoot proposal create --title \"Several clauses\" --kind change-of-principle --edits edits.json

The file of --edits is a JSON array; each edit names a clause and one change:
  [{\"clause\": \"a\", \"body\": \"...\"}, {\"clause\": \"b\", \"title\": \"...\"},
   {\"clause\": \"c\", \"authority\": \"root\"}, {\"clause\": \"d\", \"insert_after\": \"## New {#e}\\n...\"},
   {\"clause\": \"f\", \"remove\": true}]")]
#[command(group(clap::ArgGroup::new("change").required(true)
    .args(["edits", "body_file", "new_title", "authority", "insert_file", "remove"])))]
pub struct Create {
    /// Id of the new proposal; made by the server where absent.
    id: Option<String>,
    /// A few words.
    #[arg(long)]
    title: String,
    /// Whether the text should say better what it means, or mean something else.
    #[arg(long, value_enum, default_value_t = Kind::Clarification)]
    kind: Kind,
    #[command(flatten)]
    of: OfSpec,
    /// Several edits, from a JSON file.
    #[arg(long, value_name = "FILE")]
    edits: Option<PathBuf>,
    /// Anchor of the clause to change.
    #[arg(long, value_name = "ANCHOR", required_unless_present = "edits", conflicts_with = "edits")]
    clause: Option<String>,
    /// The clause's new text: Markdown below its heading.
    #[arg(long, value_name = "FILE")]
    body_file: Option<PathBuf>,
    /// The clause's new heading.
    #[arg(long, value_name = "TITLE")]
    new_title: Option<String>,
    /// The clause's new level of authority; an empty one removes it.
    #[arg(long, value_name = "LEVEL")]
    authority: Option<String>,
    /// A new clause to stand after this one: Markdown with its heading and anchor.
    #[arg(long, value_name = "FILE")]
    insert_file: Option<PathBuf>,
    /// Remove the clause.
    #[arg(long)]
    remove: bool,
    /// Why, in words.
    #[arg(long, default_value = "", hide_default_value = true)]
    rationale: String,
    /// Id of a finding that speaks for it; may be given again.
    #[arg(long, value_name = "ID")]
    finding: Vec<String>,
    /// Who proposes it.
    #[arg(long, value_name = "WHO", default_value = "", hide_default_value = true)]
    author: String,
}

/// What a proposal is.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Kind {
    /// The text should say better what it means.
    Clarification,
    /// The text should mean something else.
    ChangeOfPrinciple,
}

impl From<Kind> for ProposalKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Clarification => Self::Clarification,
            Kind::ChangeOfPrinciple => Self::ChangeOfPrinciple,
        }
    }
}

/// An edit as its file has it.
#[derive(Deserialize)]
struct EditInFile {
    clause: String,
    #[serde(flatten)]
    change: Change,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Change {
    Body(String),
    Title(String),
    Authority(String),
    InsertAfter(String),
    Remove(bool),
}

impl From<EditInFile> for ClauseEdit {
    fn from(edit: EditInFile) -> Self {
        let change = match edit.change {
            Change::Body(text) => clause_edit::Edit::Body(text),
            Change::Title(text) => clause_edit::Edit::Title(text),
            Change::Authority(text) => clause_edit::Edit::Authority(text),
            Change::InsertAfter(text) => clause_edit::Edit::InsertAfter(text),
            Change::Remove(flag) => clause_edit::Edit::Remove(flag),
        };
        Self { anchor: edit.clause, base_text_hash: String::new(), edit: Some(change) }
    }
}

impl Create {
    fn edits(&self) -> Result<Vec<ClauseEdit>, Failure> {
        if let Some(file) = &self.edits {
            let edits: Vec<EditInFile> = input::json_file(file)?;
            return Ok(edits.into_iter().map(ClauseEdit::from).collect());
        }
        let change = if let Some(file) = &self.body_file {
            Change::Body(input::text(file)?)
        } else if let Some(file) = &self.insert_file {
            Change::InsertAfter(input::text(file)?)
        } else if let Some(title) = &self.new_title {
            Change::Title(title.clone())
        } else if let Some(authority) = &self.authority {
            Change::Authority(authority.clone())
        } else {
            Change::Remove(self.remove)
        };
        Ok(vec![EditInFile { clause: self.clause.clone().unwrap_or_default(), change }.into()])
    }
}

pub(crate) fn run(verb: &Proposal, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    connected(session.global, async |mut folkmoot| match verb {
        Proposal::Create(create) => {
            let edits = create.edits()?;
            let parent = names::spec(&mut folkmoot, create.of.given()).await?;
            let finding = |text: &String| match text.starts_with("specs/") {
                true => text.clone(),
                false => format!("{parent}/findings/{text}"),
            };
            let proposal = ProposalMessage {
                title: create.title.clone(),
                kind: ProposalKind::from(create.kind).into(),
                edits,
                rationale: create.rationale.clone(),
                findings: create.finding.iter().map(finding).collect(),
                author: create.author.clone(),
                ..Default::default()
            };
            let request = CreateProposalRequest {
                parent,
                proposal_id: create.id.clone().unwrap_or_default(),
                proposal: Some(proposal),
                request_id: String::new(),
            };
            let proposal = folkmoot.spec.create_proposal(request).await.map_err(from_status)?.into_inner();
            show(&proposal, session)
        }
        Proposal::List(of) => {
            let parent = names::spec(&mut folkmoot, of.given()).await?;
            let request = ListProposalsRequest { parent, ..Default::default() };
            list(&all_pages!(folkmoot.spec, list_proposals, request, proposals), session)
        }
        Proposal::Show { proposal, of } => {
            let name = names::of_spec(&mut folkmoot, of.given(), "proposals", proposal).await?;
            let request = GetProposalRequest { name };
            let proposal = folkmoot.spec.get_proposal(request).await.map_err(from_status)?.into_inner();
            show(&proposal, session)
        }
    })?;
    Ok(End::Done)
}

fn kind(proposal: &ProposalMessage) -> String {
    short(proposal.kind().as_str_name(), "PROPOSAL_KIND").replace('_', " ")
}

fn state(proposal: &ProposalMessage) -> String {
    short(proposal.state().as_str_name(), "PROPOSAL_STATE").replace('_', " ")
}

fn list(proposals: &[ProposalMessage], session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let columns = [
        ("Proposal", Unit::None),
        ("Title", Unit::None),
        ("Kind", Unit::None),
        ("State", Unit::None),
        ("Clauses", Unit::None),
        ("Created", Unit::None),
    ];
    let row = |p: &ProposalMessage| -> Vec<Cell> {
        let clauses: Vec<&str> = p.edits.iter().map(|edit| edit.anchor.as_str()).collect();
        vec![
            id(&p.name).into(),
            p.title.as_str().into(),
            kind(p).into(),
            state(p).into(),
            clauses.join(", ").into(),
            time(p.create_time.as_ref()),
        ]
    };
    session.show(&table("Proposals", &columns, proposals.iter().map(row).collect()), &json_list(proposals)?)
}

fn show(proposal: &ProposalMessage, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let mut facts: Vec<(&str, Cell)> = vec![
        ("name", proposal.name.as_str().into()),
        ("title", proposal.title.as_str().into()),
        ("kind", kind(proposal).into()),
        ("state", state(proposal).into()),
        ("author", proposal.author.as_str().into()),
        ("rationale", proposal.rationale.as_str().into()),
        ("findings", proposal.findings.iter().map(|name| id(name)).collect::<Vec<_>>().join(", ").into()),
        ("decision", id(&proposal.decision).into()),
        ("applied in", id(&proposal.applied_in).into()),
        ("created", time(proposal.create_time.as_ref())),
    ];
    facts.extend(proposal.edits.iter().map(|edit| ("edit", edit_words(edit).into())));
    session.show(&fields("Proposal", facts), &json(proposal)?)
}

fn edit_words(edit: &ClauseEdit) -> String {
    let anchor = &edit.anchor;
    match &edit.edit {
        Some(clause_edit::Edit::Body(text)) => format!("{anchor}: text {}", text.trim()),
        Some(clause_edit::Edit::Title(text)) => format!("{anchor}: heading {text}"),
        Some(clause_edit::Edit::Authority(level)) if level.is_empty() => format!("{anchor}: no authority"),
        Some(clause_edit::Edit::Authority(level)) => format!("{anchor}: authority {level}"),
        Some(clause_edit::Edit::InsertAfter(text)) => format!("after {anchor}: {}", text.trim()),
        Some(clause_edit::Edit::Remove(_)) => format!("{anchor}: removed"),
        None => anchor.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_edit_can_be_written_in_a_file() {
        let check = |json: &str, want: &str| {
            let edit: EditInFile = serde_json::from_str(json).unwrap();
            assert_eq!(edit_words(&edit.into()), want);
        };
        check(r#"{"clause": "a", "body": "New.\n"}"#, "a: text New.");
        check(r#"{"clause": "a", "title": "T"}"#, "a: heading T");
        check(r#"{"clause": "a", "authority": ""}"#, "a: no authority");
        check(r###"{"clause": "a", "insert_after": "## B {#b}"}"###, "after a: ## B {#b}");
        check(r#"{"clause": "a", "remove": true}"#, "a: removed");
        assert!(serde_json::from_str::<EditInFile>(r#"{"clause": "a", "bodi": "x"}"#).is_err());
    }
}
