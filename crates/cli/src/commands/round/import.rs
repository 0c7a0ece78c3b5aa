//! `folkmoot round import`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use folkmoot_client::{Folkmoot, Ingested};
use folkmoot_core::{Fault, Item};
use folkmoot_formats::{Census, Source};
use folkmoot_proto::response::Rejection;

use crate::commands::round::{items, submission};
use crate::failure::{End, Failure, violation_words};
use crate::out::{Session, fields};
use crate::wire::connected;
use crate::{input, names};

/// Whose answers go where.
#[derive(clap::Args)]
#[command(after_help = "Example: folkmoot round import --round r1 --responses responses.csv --participants people.csv

A participant is submitted whole or not at all, with at most 1000 answers. Every refused row is told with file, line and field,
and the exit code is then 1. Importing the same file again changes nothing.")]
pub struct Import {
    /// Id of the round, which must be open.
    #[arg(long, value_name = "ID")]
    round: String,
    /// Responses: tidy CSV, JSON lines or Parquet, a PrefLib file, or the folder of a Polis export, of
    /// a collective-alignment release or of tidy files.
    #[arg(long, value_name = "PATH")]
    responses: PathBuf,
    /// Participants with their attributes, beside tidy responses.
    #[arg(long, value_name = "FILE")]
    participants: Option<PathBuf>,
    /// Items to read tidy responses by; the round's own where absent.
    #[arg(long, value_name = "FILE")]
    items: Option<PathBuf>,
}

pub(crate) fn run(import: &Import, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    connected(session.global, async |mut folkmoot| submit(import, &mut folkmoot, session).await)
}

async fn submit(import: &Import, folkmoot: &mut Folkmoot, session: &mut Session<'_, '_>) -> Result<End, Failure> {
    let round = names::round(&import.round);
    let scratch = input::scratch()?;
    let source = source(import, &items(folkmoot, &round).await?, &scratch)?;

    let first = folkmoot_formats::open(source.clone())?;
    for note in &first.notes {
        session.say(format!("note: {note}"));
    }
    let census = Census::take(first.rows, |refusal| session.say(refusal.to_string()));
    census.check()?;
    for participant in &census.refused {
        session.say(format!("participant {participant} is left out whole"));
    }

    // Whose submission each one in the stream is, and who has none.
    let sent: Mutex<Vec<String>> = Mutex::default();
    let too_many: Mutex<Vec<(String, usize)>> = Mutex::default();
    let note_too_many = |who, answers| too_many.lock().unwrap_or_else(PoisonError::into_inner).push((who, answers));
    let second = folkmoot_formats::open(source.clone())?;
    let submissions = submission::submissions(second, &census, &round, note_too_many).inspect(|submission| {
        sent.lock().unwrap_or_else(PoisonError::into_inner).push(submission.participant.clone());
    });
    let ingested = submission::send(folkmoot, submissions, census.participants(), session).await?;
    let sent = sent.into_inner().unwrap_or_else(PoisonError::into_inner);
    let too_many = too_many.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (who, answers) in &too_many {
        let most = submission::MAX_ANSWERS;
        session.say(format!("participant {who} is left out whole: {answers} answers, at most {most} are allowed"));
    }
    say_rejections(&ingested.rejections, &sent, &source, session)?;
    summary(&census, too_many.len(), &ingested, session)?;
    let is_whole = census.refused_rows == 0 && too_many.is_empty() && ingested.rejections.is_empty();
    Ok(if is_whole { End::Done } else { End::DataFails })
}

/// What is read; tidy responses by the round's items where no others are given.
fn source(import: &Import, items: &[Item], scratch: &tempfile::TempDir) -> Result<Source, Failure> {
    let mut source = Source::detect(&import.responses)?;
    if let Source::Tidy(files) = &mut source {
        files.participants = import.participants.clone().or(files.participants.take());
        let of_round = scratch.path().join("items.json");
        fs::write(&of_round, serde_json::to_vec(items).map_err(Fault::internal)?)
            .map_err(|error| Failure::file(&of_round, error))?;
        files.items = Some(import.items.clone().unwrap_or(of_round));
    }
    Ok(source)
}

/// Tells every rejection with the line of its row, for which the file is read once more.
fn say_rejections(
    rejections: &[Rejection],
    sent: &[String],
    source: &Source,
    session: &mut Session<'_, '_>,
) -> Result<(), Failure> {
    if rejections.is_empty() {
        return Ok(());
    }
    let whose =
        |rejection: &Rejection| usize::try_from(rejection.sequence - 1).ok().and_then(|place| sent.get(place)).cloned();
    let mut lines: BTreeMap<String, Vec<u64>> =
        rejections.iter().filter_map(whose).map(|participant| (participant, Vec::new())).collect();
    for row in folkmoot_formats::open(source.clone())?.rows.flatten() {
        if let Some(lines) = lines.get_mut(&row.participant) {
            lines.push(row.line);
        }
    }
    let file = file_of(source);
    for rejection in rejections {
        let Some(participant) = whose(rejection) else { continue };
        for violation in submission::why(rejection) {
            let row = answer_place(&violation.field).unwrap_or_default();
            let line = lines.get(&participant).and_then(|lines| lines.get(row)).copied().unwrap_or_default();
            session.say(format!("{file}:{line}: participant {participant}: {}", violation_words(&violation)));
        }
    }
    Ok(())
}

/// The place in `answers[3].ranking`.
fn answer_place(field: &str) -> Option<usize> {
    field.split_once("answers[")?.1.split_once(']')?.0.parse().ok()
}

fn file_of(source: &Source) -> String {
    let path = match source {
        Source::Tidy(files) => &files.responses,
        Source::Polis { dir, .. } => dir,
        Source::CollectiveAlignment(path) | Source::Prompts(path) | Source::PrefLib(path) => path,
    };
    path.display().to_string()
}

fn summary(
    census: &Census,
    too_many: usize,
    ingested: &Ingested,
    session: &mut Session<'_, '_>,
) -> Result<(), Failure> {
    let refused = ingested.rejections.len() as u64;
    let left_out = census.refused.len() + too_many;
    let json = serde_json::json!({
        "rows_read": census.rows,
        "rows_refused": census.refused_rows,
        "participants_left_out": left_out,
        "submissions_accepted": ingested.accepted,
        "submissions_refused": refused,
    });
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX).into();
    let facts = vec![
        ("rows read", count(census.rows)),
        ("rows refused", count(census.refused_rows)),
        ("participants left out", count(left_out as u64)),
        ("submissions accepted", count(ingested.accepted)),
        ("submissions refused", count(refused)),
    ];
    session.show(&fields("Import", facts), &json)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_an_answer_is_in_its_field() {
        assert_eq!(answer_place("answers[12].ranking.order"), Some(12));
        assert_eq!(answer_place("submission.answers[0]"), Some(0));
        assert_eq!(answer_place("participant"), None);
    }
}
