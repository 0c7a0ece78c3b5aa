//! The folder of a Polis export: statements, votes and the stored opinion group of each voter.
//!
//! `comments.csv` gives the items, `participants-votes.csv` the participants (attribute `group`) and
//! the matrix of votes, `votes.csv` the log of vote events. 1 agrees, -1 disagrees, 0 passes, empty
//! was not seen. Statements that the moderators took out (`moderated` is -1) are left out with their
//! votes, as Polis's own analysis does.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use folkmoot_core::{Answer, Item, ItemKind, Reason, Timestamp, View, Vote, text};
use folkmoot_snapshot::Participant;

use crate::error::{FormatError, Refusal, refusal};
use crate::import::{Import, PolisVotes, ResponseRow, Rows, Source};
use crate::table::{Record, Table};

/// Columns of the matrix that are no statement.
const FACTS: &[&str] = &["participant", "group-id", "n-comments", "n-votes", "n-agree", "n-disagree"];

/// Opens the export folder `dir`.
///
/// # Errors
/// As [`crate::open`].
pub fn open(dir: PathBuf, votes: PolisVotes) -> Result<Import, FormatError> {
    let mut notes = Vec::new();
    let Comments { mut statements, moderated_out } = comments(&dir.join("comments.csv"))?;
    match moderated_out.len() {
        0 => {}
        1 => notes.push("1 statement that the moderators took out is left out with its votes".to_owned()),
        n => notes.push(format!("{n} statements that the moderators took out are left out with their votes")),
    }
    let matrix = dir.join("participants-votes.csv");
    let mut participants = Vec::new();
    if votes == PolisVotes::Matrix || matrix.is_file() {
        let mut unnamed = 0;
        for column in statement_columns(&matrix)? {
            if moderated_out.contains(&column.1) {
                continue;
            }
            unnamed += u64::from(!statements.contains_key(&column));
            statements.entry(column).or_default();
        }
        if unnamed > 0 {
            notes.push(format!("{unnamed} statements of participants-votes.csv have no text in comments.csv"));
        }
        participants = voters(&matrix)?;
    }
    let items: Vec<Item> = statements.into_iter().map(|(id, prompt)| statement(id, prompt)).collect();
    let rows = match votes {
        PolisVotes::Matrix => matrix_rows(&matrix, moderated_out)?,
        PolisVotes::Events => {
            let log = last_votes(&dir.join("votes.csv"), &items, &moderated_out)?;
            let known: HashSet<_> = participants.iter().map(|p| p.id.clone()).collect();
            let mut missing: Vec<String> =
                log.iter().flatten().map(|row| row.participant.clone()).filter(|id| !known.contains(id)).collect();
            missing.sort();
            missing.dedup();
            participants.extend(missing.into_iter().map(|id| Participant { id, ..Default::default() }));
            notes.push("the last vote of each voter on each statement counts".into());
            Box::new(log.into_iter()) as Rows
        }
    };
    Ok(Import { source: Source::Polis { dir, votes }, items, participants, notes, rows })
}

/// Ids sort as numbers.
type StatementId = (u64, String);

fn statement_id(id: &str) -> StatementId {
    (id.parse().unwrap_or(u64::MAX), id.to_owned())
}

fn statement((_, id): StatementId, prompt: String) -> Item {
    Item {
        id,
        kind: ItemKind::Vote,
        prompt,
        candidates: Vec::new(),
        clauses: Vec::new(),
        position: None,
        about: None,
        scale: None,
        required: false,
    }
}

struct Comments {
    statements: BTreeMap<StatementId, String>,
    /// Ids of those that the moderators took out.
    moderated_out: HashSet<String>,
}

fn comments(file: &Path) -> Result<Comments, FormatError> {
    let table = Table::open(file)?;
    table.check_columns(file, &["comment-id", "comment-body"], None)?;
    let mut found = Comments { statements: BTreeMap::new(), moderated_out: HashSet::new() };
    for record in table.rows {
        let record = record.map_err(FormatError::Bad)?;
        let id = record.get("comment-id").unwrap_or("");
        let body = record.get("comment-body").unwrap_or("");
        let body = text::normalise("", body, folkmoot_core::item::MAX_PROMPT_CHARS)
            .map_err(|violation| FormatError::bad(file, record.line, "comment-body", violation.message))?;
        let is_out = record.get("moderated") == Some("-1");
        let is_new = !found.moderated_out.contains(id) && !found.statements.contains_key(&statement_id(id));
        if is_out {
            found.moderated_out.insert(id.to_owned());
        } else {
            found.statements.insert(statement_id(id), body);
        }
        if !is_new {
            return Err(FormatError::bad(file, record.line, "comment-id", format!("{id:?} stands twice")));
        }
    }
    Ok(found)
}

fn matrix_table(file: &Path) -> Result<Table, FormatError> {
    let table = Table::open(file)?;
    table.check_columns(file, &["participant"], None)?;
    Ok(table)
}

fn statement_columns(file: &Path) -> Result<Vec<StatementId>, FormatError> {
    let columns = matrix_table(file)?.columns.unwrap_or_default();
    Ok(columns.iter().filter(|name| !FACTS.contains(&name.as_str())).map(|name| statement_id(name)).collect())
}

fn voters(file: &Path) -> Result<Vec<Participant>, FormatError> {
    let mut people = Vec::new();
    for record in matrix_table(file)?.rows.filter_map(Result::ok) {
        let Some(id) = record.filled("participant") else { continue };
        let group = record.filled("group-id").map(|group| ("group".to_owned(), group.to_owned()));
        people.push(Participant { id: id.to_owned(), attributes: group.into_iter().collect(), weight: None });
    }
    Ok(people)
}

fn matrix_rows(file: &Path, left_out: HashSet<String>) -> Result<Rows, FormatError> {
    let name = file.display().to_string();
    let expand = move |record: Result<Record, Refusal>| -> Vec<Result<ResponseRow, Refusal>> {
        let record = match record {
            Ok(record) => record,
            Err(refused) => return vec![Err(refused)],
        };
        let participant = record.get("participant").unwrap_or("");
        let is_statement = |column: &str| !FACTS.contains(&column) && !left_out.contains(column);
        let votes = record.cells.iter().filter(|(column, cell)| is_statement(column) && !cell.is_empty());
        let row = |(column, cell): &(std::sync::Arc<str>, String)| match vote(cell) {
            Some(vote) => Ok(response(record.line, participant, column, vote)),
            None => Err(not_a_vote(&name, record.line, column, cell, participant)),
        };
        votes.map(row).collect()
    };
    Ok(Box::new(matrix_table(file)?.rows.flat_map(expand)))
}

/// The vote log, folded: memory grows with the votes that stand in the end.
fn last_votes(
    file: &Path,
    items: &[Item],
    left_out: &HashSet<String>,
) -> Result<Vec<Result<ResponseRow, Refusal>>, FormatError> {
    let table = Table::open(file)?;
    table.check_columns(file, &["timestamp", "comment-id", "voter-id", "vote"], None)?;
    let name = file.display().to_string();
    let known: HashSet<&str> = items.iter().map(|item| item.id.as_str()).collect();
    let mut rows: Vec<Result<ResponseRow, Refusal>> = Vec::new();
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    for record in table.rows {
        let record = match record {
            Ok(record) => record,
            Err(refused) => {
                rows.push(Err(refused));
                continue;
            }
        };
        let [voter, comment, cell] = ["voter-id", "comment-id", "vote"].map(|name| record.get(name).unwrap_or(""));
        if left_out.contains(comment) {
            continue;
        }
        let Some(vote) = vote(cell) else {
            rows.push(Err(not_a_vote(&name, record.line, "vote", cell, voter)));
            continue;
        };
        if !known.contains(comment) {
            let message = format!("there is no statement {comment:?}");
            let refused = refusal(&name, record.line, "comment-id", Reason::UnknownItem, message);
            rows.push(Err(Refusal { participant: Some(voter.to_owned()), ..refused }));
            continue;
        }
        let submitted_at = record.get("timestamp").and_then(|millis| millis.parse().ok()).map(Timestamp::from_millis);
        let row = ResponseRow { submitted_at, ..response(record.line, voter, comment, vote) };
        let next = rows.len();
        let place = *places.entry((voter.to_owned(), comment.to_owned())).or_insert(next);
        match rows.get_mut(place) {
            // Of two events of one moment the later line counts.
            Some(Ok(earlier)) if earlier.submitted_at <= row.submitted_at => *earlier = row,
            Some(_) => {}
            None => rows.push(Ok(row)),
        }
    }
    Ok(rows)
}

fn vote(cell: &str) -> Option<Vote> {
    match cell {
        "1" => Some(Vote::Agree),
        "-1" => Some(Vote::Disagree),
        "0" => Some(Vote::Pass),
        _ => None,
    }
}

fn not_a_vote(file: &str, line: u64, field: &str, cell: &str, participant: &str) -> Refusal {
    let refused = refusal(file, line, field, Reason::AnswerKind, format!("{cell:?} is not 1, -1 or 0"));
    Refusal { participant: Some(participant.to_owned()), ..refused }
}

fn response(line: u64, participant: &str, item: &str, vote: Vote) -> ResponseRow {
    ResponseRow {
        line,
        participant: participant.to_owned(),
        item: item.to_owned(),
        view: View::Personal,
        answer: Answer::Vote(vote),
        rationale: None,
        weight: None,
        duration_ms: None,
        submitted_at: None,
    }
}
