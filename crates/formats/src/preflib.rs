//! PrefLib's rankings: `.soc`, `.soi`, `.toc` and `.toi`.
//!
//! After lines `# KEY: value` every line is `count: 1,2,{3,4}`: so many voters with this order, best
//! first, braces a tie. An alternative that a line leaves out is not ranked.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use folkmoot_core::{Answer, Candidate, Item, ItemKind, Reason, View};
use folkmoot_snapshot::Participant;

use crate::error::{FormatError, refusal};
use crate::import::{Import, ResponseRow, Source};

/// Most voters one file may stand for.
const MAX_VOTERS: u64 = 10_000_000;

/// Opens a PrefLib file as one `rank` item named after the file.
///
/// # Errors
/// As [`crate::open`].
pub fn open(file: PathBuf) -> Result<Import, FormatError> {
    let text = BufReader::new(File::open(&file).map_err(|e| FormatError::io(&file, e))?);
    let mut candidates = Vec::new();
    let mut orders: Vec<(u64, u64, String)> = Vec::new();
    let mut title = None;
    let mut voters = 0u64;
    for (line, text) in (1..).zip(text.lines()) {
        let text = text.map_err(|e| FormatError::bad(&file, line, "", e))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if let Some(header) = text.strip_prefix('#') {
            let Some((key, value)) = header.split_once(':') else { continue };
            let (key, value) = (key.trim(), value.trim());
            if key == "TITLE" {
                title = Some(value.to_owned());
            }
            if let Some(number) = key.strip_prefix("ALTERNATIVE NAME ") {
                candidates.push(Candidate { id: number.trim().to_owned(), text: value.to_owned() });
            }
            continue;
        }
        if text.is_empty() {
            continue;
        }
        let bad = |message: &str| FormatError::bad(&file, line, "", message);
        let (count, order) = text.split_once(':').ok_or_else(|| bad("expected count: order"))?;
        let count: u64 = count.trim().parse().map_err(|_| bad("the count is not a whole number"))?;
        voters = voters.saturating_add(count);
        if voters > MAX_VOTERS {
            return Err(bad("the counts exceed ten million voters"));
        }
        orders.push((line, count, ranking(order)));
    }
    let item = Item {
        id: item_id(&file),
        kind: ItemKind::Rank,
        prompt: title.unwrap_or_default(),
        candidates,
        clauses: Vec::new(),
        position: None,
        about: None,
        scale: None,
        required: false,
    };
    let violations = item.violations();
    if !violations.is_empty() {
        return Err(FormatError::Items { file: file.display().to_string(), violations });
    }
    let width = voters.max(1).to_string().len();
    let voter = move |number: u64| format!("voter-{number:0width$}");
    let participants = (1..=voters).map(|number| Participant { id: voter(number), ..Default::default() }).collect();
    let name = file.display().to_string();
    let asked = item.clone();
    let mut next = 0;
    let rows = orders.into_iter().flat_map(move |(line, count, order)| {
        let answer = Answer::parse(&asked, &order, None);
        let first = next + 1;
        next += count;
        let (item, name) = (asked.id.clone(), name.clone());
        (first..first + count).map(move |number| match answer.clone() {
            Ok(answer) => Ok(ResponseRow {
                line,
                participant: voter(number),
                item: item.clone(),
                view: View::Personal,
                answer,
                rationale: None,
                weight: None,
                duration_ms: None,
                submitted_at: None,
            }),
            Err(violation) => {
                let refused = refusal(&name, line, "order", Reason::BadRanking, violation.message);
                Err(crate::Refusal { participant: Some(voter(number)), ..refused })
            }
        })
    });
    Ok(Import {
        items: vec![item],
        participants,
        notes: Vec::new(),
        rows: Box::new(rows),
        source: Source::PrefLib(file),
    })
}

/// `1,2,{3,4}` in the grammar of answers: `1>2>3=4`.
fn ranking(order: &str) -> String {
    let mut tied = false;
    let grammar = |c: char| match c {
        '{' => {
            tied = true;
            None
        }
        '}' => {
            tied = false;
            None
        }
        ',' => Some(if tied { '=' } else { '>' }),
        c => Some(c),
    };
    order.chars().filter_map(grammar).collect()
}

fn item_id(file: &Path) -> String {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let id: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() || "._~-".contains(c) { c } else { '-' }).collect();
    if id.is_empty() { "ranking".to_owned() } else { id.chars().take(100).collect() }
}
