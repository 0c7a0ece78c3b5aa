//! `folkmoot round`: from a draft to a sealed snapshot.

mod create;
mod import;
mod simulate;
pub(crate) mod submission;
mod watch;

use folkmoot_client::{Folkmoot, wire};
use folkmoot_core::Item;
use folkmoot_methods::report::{Cell, Unit};
use folkmoot_proto::survey::{
    CloseRoundRequest, GetRoundRequest, ListItemsRequest, ListRoundsRequest, OpenRoundRequest, Round as RoundMessage,
    SealSnapshotMetadata, SealSnapshotRequest, Snapshot,
};

use crate::failure::{End, Failure, from_status};
use crate::names;
use crate::out::{Session, fields, table};
use crate::wire::{all_pages, connected, id, json, json_list, short, time};

pub(crate) use create::Create;
pub(crate) use import::Import;
pub(crate) use simulate::Simulate;

/// Rounds: one consultation each, from a draft to a sealed snapshot.
#[derive(clap::Subcommand)]
pub enum Round {
    /// Create a round with its items and, where they have some, the spec's positions on them.
    Create(Create),
    /// Start to take answers; items can no longer change.
    Open(OneRound),
    /// Stop taking answers.
    Close(OneRound),
    /// Say where a round stands.
    Status(OneRound),
    /// Follow a round's state and counts until interrupted.
    Watch(OneRound),
    /// List the rounds, newest first.
    List,
    /// Freeze a closed round into a snapshot, named by the hash of its content.
    Seal(OneRound),
    /// Submit the answers of a file to an open round.
    Import(Import),
    /// Make a round of simulated people: what cells and power to expect, files, or answers to a round.
    Simulate(Simulate),
}

/// Which round.
#[derive(clap::Args)]
pub struct OneRound {
    /// Id of the round.
    round: String,
}

pub(crate) fn run(verb: &Round, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    match verb {
        Round::Simulate(simulate) => return simulate::run(simulate, session),
        Round::Import(import) => return import::run(import, session),
        online => connected(session.global, async |folkmoot| run_online(online, folkmoot, session).await)?,
    }
    Ok(End::Done)
}

async fn run_online(verb: &Round, mut folkmoot: Folkmoot, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    match verb {
        Round::Create(create) => create::run(create, &mut folkmoot, session).await,
        Round::Open(which) => {
            let request = OpenRoundRequest { name: names::round(&which.round), ..Default::default() };
            let round = folkmoot.survey.open_round(request).await.map_err(from_status)?.into_inner();
            show(&round, session)
        }
        Round::Close(which) => {
            let request = CloseRoundRequest { name: names::round(&which.round), ..Default::default() };
            let round = folkmoot.survey.close_round(request).await.map_err(from_status)?.into_inner();
            show(&round, session)
        }
        Round::Status(which) => show(&get(&mut folkmoot, &which.round).await?, session),
        Round::Watch(which) => watch::run(&mut folkmoot, &names::round(&which.round), session).await,
        Round::List => {
            let rounds = all_pages!(folkmoot.survey, list_rounds, ListRoundsRequest::default(), rounds);
            list(&rounds, session)
        }
        Round::Seal(which) => {
            let request = SealSnapshotRequest { name: names::round(&which.round), request_id: String::new() };
            let started = folkmoot.survey.seal_snapshot(request).await.map_err(from_status)?.into_inner();
            let bar = session.bar("sealing");
            let progress = |meta: &SealSnapshotMetadata| bar.set(meta.fraction, meta.phase.clone());
            let snapshot: Snapshot = folkmoot.finish(started, progress).await?;
            drop(bar);
            show_snapshot(&snapshot, session)
        }
        Round::Import(_) | Round::Simulate(_) => Ok(()),
    }
}

/// The round called `round`.
pub(crate) async fn get(folkmoot: &mut Folkmoot, round: &str) -> Result<RoundMessage, Failure> {
    let request = GetRoundRequest { name: names::round(round) };
    Ok(folkmoot.survey.get_round(request).await.map_err(from_status)?.into_inner())
}

/// Its items, in their order.
pub(crate) async fn items(folkmoot: &mut Folkmoot, round: &str) -> Result<Vec<Item>, Failure> {
    let request = ListItemsRequest { parent: round.to_owned(), ..Default::default() };
    let items = all_pages!(folkmoot.survey, list_items, request, items);
    Ok(items.into_iter().map(wire::item_of).collect::<Result<_, _>>()?)
}

fn state(round: &RoundMessage) -> String {
    short(round.state().as_str_name(), "ROUND_STATE")
}

fn list(rounds: &[RoundMessage], session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let columns = [
        ("Round", Unit::None),
        ("Title", Unit::None),
        ("State", Unit::None),
        ("Items", Unit::Count),
        ("Participants", Unit::Count),
        ("Responses", Unit::Count),
        ("Simulated", Unit::None),
        ("Created", Unit::None),
    ];
    let row = |r: &RoundMessage| {
        vec![
            id(&r.name).into(),
            r.title.as_str().into(),
            state(r).into(),
            i64::from(r.item_count).into(),
            r.participant_count.into(),
            r.response_count.into(),
            r.simulated.into(),
            time(r.create_time.as_ref()),
        ]
    };
    session.show(&table("Rounds", &columns, rounds.iter().map(row).collect()), &json_list(rounds)?)
}

fn show(round: &RoundMessage, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let mut facts: Vec<(&str, Cell)> = vec![
        ("name", round.name.as_str().into()),
        ("title", round.title.as_str().into()),
        ("state", state(round).into()),
        ("spec revision", round.spec_revision.as_str().into()),
        ("items", i64::from(round.item_count).into()),
        ("participants", round.participant_count.into()),
        ("responses", round.response_count.into()),
        ("simulated", round.simulated.into()),
        ("later answers replace", round.supersede_allowed.into()),
        ("created", time(round.create_time.as_ref())),
        ("opened", time(round.open_time.as_ref())),
        ("closed", time(round.close_time.as_ref())),
        ("snapshot", Some(round.snapshot.clone()).filter(|name| !name.is_empty()).into()),
    ];
    facts.extend(round.disclosure.iter().map(|(name, words)| (name.as_str(), words.as_str().into())));
    session.show(&fields("Round", facts), &json(round)?)
}

fn show_snapshot(snapshot: &Snapshot, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let facts = vec![
        ("name", snapshot.name.as_str().into()),
        ("participants", snapshot.participant_count.into()),
        ("responses", snapshot.response_count.into()),
        ("simulated", snapshot.simulated.into()),
        ("sealed", time(snapshot.create_time.as_ref())),
    ];
    session.show(&fields("Snapshot", facts), &json(snapshot)?)
}
