//! The project's own files: responses and participants, one row each.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use folkmoot_core::answer::{MAX_WEIGHT, is_weight};
use folkmoot_core::id::check_id;
use folkmoot_core::{Answer, Item, Reason, Timestamp, View, text};
use folkmoot_snapshot::Participant;

use crate::error::{FormatError, Refusal, refusal};
use crate::import::{Import, ResponseRow, Rows, Source, TidyFiles};
use crate::infer::Inference;
use crate::items;
use crate::table::{Record, Table};

const NEEDED: &[&str] = &["participant", "item", "answer"];
/// Every column of a responses file.
pub const RESPONSE_COLUMNS: &[&str] =
    &["participant", "item", "answer", "view", "rationale", "weight", "submitted_at", "duration_ms", "unacceptable"];

/// Opens tidy files. Without an items or a participants file the responses are read once beforehand.
///
/// # Errors
/// As [`crate::open`]; a participants file with any row that cannot be read.
pub fn open(files: TidyFiles) -> Result<Import, FormatError> {
    let mut notes = Vec::new();
    let mut items = files.items.as_deref().map(items::read).transpose()?;
    let mut participants = files.participants.as_deref().map(participants).transpose()?;
    if items.is_none() || participants.is_none() {
        let found = survey(&files.responses)?;
        if items.is_none() {
            items = Some(found.inference.items(&mut notes));
        }
        participants = participants.or_else(|| {
            Some(found.participants.into_iter().map(|id| Participant { id, ..Default::default() }).collect())
        });
    }
    let (items, participants) = (items.unwrap_or_default(), participants.unwrap_or_default());
    let known = files.participants.is_some().then(|| participants.iter().map(|p| p.id.clone()).collect());
    let rows = rows(&files.responses, items.clone(), known)?;
    Ok(Import { source: Source::Tidy(files), items, participants, notes, rows })
}

struct Survey {
    inference: Inference,
    participants: BTreeSet<String>,
}

fn table(file: &Path) -> Result<Table, FormatError> {
    let table = Table::open(file)?;
    table.check_columns(file, NEEDED, Some(RESPONSE_COLUMNS))?;
    Ok(table)
}

fn survey(file: &Path) -> Result<Survey, FormatError> {
    let mut found = Survey { inference: Inference::default(), participants: BTreeSet::new() };
    for record in table(file)?.rows.filter_map(Result::ok) {
        let (Some(participant), Some(item)) = (record.filled("participant"), record.filled("item")) else { continue };
        if check_id("", participant, false).is_err() || check_id("", item, true).is_err() {
            continue;
        }
        if !found.participants.contains(participant) {
            found.participants.insert(participant.to_owned());
        }
        found.inference.see(item, record.get("answer").unwrap_or(""), record.get("unacceptable"));
    }
    Ok(found)
}

fn rows(file: &Path, items: Vec<Item>, known: Option<HashSet<String>>) -> Result<Rows, FormatError> {
    let table = table(file)?;
    let places: HashMap<String, usize> =
        items.iter().enumerate().map(|(place, item)| (item.id.clone(), place)).collect();
    let file = file.display().to_string();
    Ok(Box::new(table.rows.map(move |record| {
        let record = record?;
        response(&record, &items, &places, known.as_ref()).map_err(|(field, reason, message)| Refusal {
            participant: record.filled("participant").map(str::to_owned),
            ..refusal(&file, record.line, field, reason, message)
        })
    })))
}

type Wrong = (&'static str, Reason, String);

fn response(
    record: &Record,
    items: &[Item],
    places: &HashMap<String, usize>,
    known: Option<&HashSet<String>>,
) -> Result<ResponseRow, Wrong> {
    if let Some((column, _)) = record.cells.iter().find(|(column, _)| !RESPONSE_COLUMNS.contains(&&**column)) {
        return Err(("", Reason::BadRow, format!("there is no column {column:?}")));
    }
    let needed = |name| record.filled(name).ok_or((name, Reason::FieldRequired, "a value is needed".to_owned()));
    let participant = needed("participant")?;
    check_id("", participant, false)
        .map_err(|fault| ("participant", fault.reason, fault.violations[0].message.clone()))?;
    if known.is_some_and(|known| !known.contains(participant)) {
        let message = format!("{participant:?} is not in the participants file");
        return Err(("participant", Reason::ResourceNotFound, message));
    }
    let id = needed("item")?;
    let Some(item) = places.get(id).map(|&place| &items[place]) else {
        return Err(("item", Reason::UnknownItem, format!("there is no item {id:?}")));
    };
    let view_name = record.get("view").unwrap_or("");
    let view = View::from_name(view_name)
        .ok_or_else(|| ("view", Reason::BadField, format!("{view_name:?} is not personal or world")))?;
    let answer = record.get("answer").ok_or(("answer", Reason::FieldRequired, "a value is needed".to_owned()))?;
    let answer = Answer::parse(item, answer, record.get("unacceptable"))
        .map_err(|violation| ("answer", violation.reason, violation.message))?;
    let rationale = record.filled("rationale").map(|words| text::normalise("", words, text::MAX_TEXT_CHARS));
    let rationale = rationale.transpose().map_err(|violation| ("rationale", violation.reason, violation.message))?;
    let weight = record.filled("weight").map(weight).transpose()?;
    let duration_ms = match record.filled("duration_ms") {
        Some(cell) => Some(cell.parse::<u32>().map_err(|_| {
            let message = format!("{cell:?} is not a number from 0 to {}", u32::MAX);
            ("duration_ms", Reason::BadNumber, message)
        })?),
        None => None,
    };
    // As on the wire, 0 is not measured.
    let duration_ms = duration_ms.filter(|&millis| millis != 0);
    let submitted_at = match record.filled("submitted_at") {
        Some(cell) => {
            let bad =
                || ("submitted_at", Reason::BadField, format!("{cell:?} is not a time such as 2026-11-23T08:00:00Z"));
            Some(Timestamp::parse(cell).ok_or_else(bad)?)
        }
        None => None,
    };
    Ok(ResponseRow {
        line: record.line,
        participant: participant.to_owned(),
        item: id.to_owned(),
        view,
        answer,
        rationale,
        weight,
        duration_ms,
        submitted_at,
    })
}

fn weight(cell: &str) -> Result<f64, Wrong> {
    let bad = || ("weight", Reason::BadNumber, format!("{cell:?} is not a number from 0 to {MAX_WEIGHT}"));
    cell.parse().ok().filter(|&weight| is_weight(weight)).ok_or_else(bad)
}

/// Reads a participants file: `participant`, optionally `weight`, and a column for each attribute.
///
/// # Errors
/// All rows that cannot be read; a participant that stands twice.
pub fn participants(file: &Path) -> Result<Vec<Participant>, FormatError> {
    let table = Table::open(file)?;
    table.check_columns(file, &["participant"], None)?;
    let name = file.display().to_string();
    let mut tally = crate::Tally::default();
    let mut lines: HashMap<String, u64> = HashMap::new();
    let mut people = Vec::new();
    for record in table.rows {
        let person = record.and_then(|record| {
            let refuse =
                |field: &str, reason, message: String| Err(refusal(&name, record.line, field, reason, message));
            let person = match person(&record) {
                Ok(person) => person,
                Err((field, reason, message)) => return refuse(field, reason, message),
            };
            if let Some(line) = lines.insert(person.id.clone(), record.line) {
                let message = format!("{:?} stands on line {line} already", person.id);
                return refuse("participant", Reason::ResourceExists, message);
            }
            Ok(person)
        });
        tally.count(person.as_ref().err());
        people.extend(person);
    }
    if tally.refused > 0 { Err(FormatError::Refused(Box::new(tally))) } else { Ok(people) }
}

fn person(record: &Record) -> Result<Participant, Wrong> {
    let id = record.filled("participant").unwrap_or("");
    check_id("", id, false).map_err(|fault| ("participant", fault.reason, fault.violations[0].message.clone()))?;
    let mut person = Participant { id: id.to_owned(), ..Default::default() };
    for (column, cell) in record.cells.iter().filter(|(_, cell)| !cell.is_empty()) {
        match &**column {
            "participant" => {}
            "weight" => person.weight = Some(weight(cell)?),
            name => {
                person.attributes.insert(name.to_owned(), cell.clone());
            }
        }
    }
    Ok(person)
}
