//! `folkmoot decision`: what became of proposals, always with a reason.

use folkmoot_methods::report::{Cell, Unit};
use folkmoot_proto::spec::{
    DecideProposalRequest, Decision as DecisionMessage, GetProposalRequest, ListDecisionsRequest,
    Outcome as OutcomeMessage,
};

use crate::commands::spec::OfSpec;
use crate::failure::{End, Failure, from_status};
use crate::names;
use crate::out::{Session, fields, table};
use crate::wire::{all_pages, connected, id, json, json_list, short, time};

/// Decisions on proposals, always with a reason.
#[derive(clap::Subcommand)]
pub enum Decision {
    /// Decide a proposal.
    #[command(
        after_help = "Example: folkmoot decision make P1 --outcome adopted --reason \"the finding holds in every age band\" \\
    --by \"A. Reviewer\" --by \"B. Reviewer\" --dissent \"C. Reviewer: too early\""
    )]
    Make {
        /// Id of the proposal.
        proposal: String,
        #[command(flatten)]
        of: OfSpec,
        /// What becomes of it.
        #[arg(long, value_enum)]
        outcome: Outcome,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Who decides; may be given again.
        #[arg(long, value_name = "WHO", required = true)]
        by: Vec<String>,
        /// Who disagrees, and why; may be given again.
        #[arg(long, value_name = "WORDS")]
        dissent: Vec<String>,
    },
    /// List a spec's decisions, newest first.
    List(OfSpec),
}

/// What becomes of a proposal.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum Outcome {
    /// The next revision will contain it.
    Adopted,
    /// Put off; it may be decided again.
    Deferred,
    /// Not taken up, because a principle stands against it.
    SetAsideOnPrinciple,
    /// Not taken up, because it cannot be done now.
    SetAsideForFeasibility,
}

impl From<Outcome> for OutcomeMessage {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Adopted => Self::Adopted,
            Outcome::Deferred => Self::Deferred,
            Outcome::SetAsideOnPrinciple => Self::SetAsideOnPrinciple,
            Outcome::SetAsideForFeasibility => Self::SetAsideForFeasibility,
        }
    }
}

pub(crate) fn run(verb: &Decision, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    connected(session.global, async |mut folkmoot| match verb {
        Decision::Make { proposal, of, outcome, reason, by, dissent } => {
            let name = names::of_spec(&mut folkmoot, of.given(), "proposals", proposal).await?;
            // The proposal as it is now: a change that comes between refuses the decision.
            let get = GetProposalRequest { name: name.clone() };
            let etag = folkmoot.spec.get_proposal(get).await.map_err(from_status)?.into_inner().etag;
            let request = DecideProposalRequest {
                name,
                outcome: OutcomeMessage::from(*outcome).into(),
                reason: reason.clone(),
                deciders: by.clone(),
                dissents: dissent.clone(),
                etag,
                request_id: String::new(),
            };
            let decision = folkmoot.spec.decide_proposal(request).await.map_err(from_status)?.into_inner();
            show(&decision, session)
        }
        Decision::List(of) => {
            let parent = names::spec(&mut folkmoot, of.given()).await?;
            let request = ListDecisionsRequest { parent, ..Default::default() };
            list(&all_pages!(folkmoot.spec, list_decisions, request, decisions), session)
        }
    })?;
    Ok(End::Done)
}

fn outcome(decision: &DecisionMessage) -> String {
    short(decision.outcome().as_str_name(), "OUTCOME").replace('_', " ")
}

fn list(decisions: &[DecisionMessage], session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let columns = [
        ("Proposal", Unit::None),
        ("Outcome", Unit::None),
        ("Reason", Unit::None),
        ("Deciders", Unit::None),
        ("Decided", Unit::None),
        ("Decision", Unit::None),
    ];
    let row = |d: &DecisionMessage| -> Vec<Cell> {
        vec![
            id(&d.proposal).into(),
            outcome(d).into(),
            d.reason.as_str().into(),
            d.deciders.join(", ").into(),
            time(d.create_time.as_ref()),
            id(&d.name).into(),
        ]
    };
    session.show(&table("Decisions", &columns, decisions.iter().map(row).collect()), &json_list(decisions)?)
}

fn show(decision: &DecisionMessage, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let mut facts: Vec<(&str, Cell)> = vec![
        ("name", decision.name.as_str().into()),
        ("proposal", decision.proposal.as_str().into()),
        ("outcome", outcome(decision).into()),
        ("reason", decision.reason.as_str().into()),
        ("deciders", decision.deciders.join(", ").into()),
        ("decided", time(decision.create_time.as_ref())),
    ];
    facts.extend(decision.dissents.iter().map(|words| ("dissent", words.as_str().into())));
    session.show(&fields("Decision", facts), &json(decision)?)
}
