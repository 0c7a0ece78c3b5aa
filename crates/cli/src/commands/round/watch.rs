//! `folkmoot round watch`.

use folkmoot_client::Folkmoot;
use folkmoot_methods::report::Cell;
use folkmoot_proto::survey::WatchRoundRequest;

use crate::Format;
use crate::commands::round::state;
use crate::failure::{Failure, from_status};
use crate::out::Session;
use crate::wire::{json, time};

/// A line for every change; one JSON object a line for programs.
pub(crate) async fn run(folkmoot: &mut Folkmoot, round: &str, session: &mut Session<'_, '_>) -> Result<(), Failure> {
    let request = WatchRoundRequest { name: round.to_owned(), cursor: String::new() };
    let mut changes = folkmoot.survey.watch_round(request).await.map_err(from_status)?.into_inner();
    if session.format() == Format::Csv {
        session.print("as_of,state,participants,responses\n")?;
    }
    while let Some(change) = changes.message().await.map_err(from_status)? {
        let Some(round) = &change.round else { continue };
        let as_of = match time(change.as_of.as_ref()) {
            Cell::Text(as_of) => as_of,
            _ => String::new(),
        };
        let (state, people, answers) = (state(round), round.participant_count, round.response_count);
        let line = match session.format() {
            Format::Table => format!("{as_of}  {state:<7} {people} participants, {answers} responses\n"),
            Format::Csv => format!("{as_of},{state},{people},{answers}\n"),
            Format::Json => format!("{}\n", json(&change)?),
        };
        session.print(&line)?;
        session.flush()?;
    }
    Ok(())
}
