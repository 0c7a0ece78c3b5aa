//! The folder of a collective-alignment release: prompts with four candidate responses, and people's
//! rankings of them for themselves and for the world.
//!
//! `comparisons.jsonl` gives a `rank` item for each prompt, its answers, and `choose` items
//! `<prompt>/importance`, `/representativeness` and `/subjectivity` about it; why something is
//! unacceptable is the `text` item `<prompt>/unacceptable-why`. What a person flagged stands with both
//! of the person's rankings. `annotators.jsonl` gives the participants; their own account of ideal
//! behaviour is words, so it is the `text` item [`IDEAL`] and no attribute. Where there are no
//! comparisons, `merged_comparisons_annotators.jsonl` gives the same without the prompts' texts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use folkmoot_core::id::check_id;
use folkmoot_core::item::MAX_PROMPT_CHARS;
use folkmoot_core::{Answer, Candidate, Item, ItemKind, Reason, View, text};
use folkmoot_snapshot::Participant;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use crate::error::{FormatError, Refusal, refusal};
use crate::import::{Import, ResponseRow, Rows, Source};
use crate::table::JsonLines;

/// Item and demographics key of a participant's own account of ideal behaviour.
pub const IDEAL: &str = "ideal-model-behavior";
/// The questions about each prompt.
pub const QUESTIONS: [&str; 3] = ["importance", "representativeness", "subjectivity"];
/// The question why something is unacceptable.
pub const UNACCEPTABLE: &str = "unacceptable-why";

const COMPARISONS: &str = "comparisons.jsonl";
const ANNOTATORS: &str = "annotators.jsonl";
const MERGED: &str = "merged_comparisons_annotators.jsonl";

type Levels = BTreeMap<&'static str, Vec<Candidate>>;

/// Opens a release folder.
///
/// # Errors
/// As [`crate::open`].
pub fn open(dir: PathBuf) -> Result<Import, FormatError> {
    let merged = !dir.join(COMPARISONS).is_file();
    let file = dir.join(if merged { MERGED } else { COMPARISONS });
    let mut found = Found::default();
    for line in JsonLines::open(&file)? {
        let Ok((line, value)) = line else { continue };
        found.see(&file, line, &value, merged)?;
    }
    let mut notes = Vec::new();
    if merged {
        notes.push(format!("there is no {COMPARISONS}: prompts have no text, candidates are those that rankings name"));
    }
    let annotators = dir.join(ANNOTATORS);
    let mut words: VecDeque<Result<ResponseRow, Refusal>> = VecDeque::new();
    if annotators.is_file() {
        for line in JsonLines::open(&annotators)? {
            let (line, value) = line.map_err(FormatError::Bad)?;
            let Some(id) = value["annotator_id"].as_str() else {
                return Err(FormatError::bad(&annotators, line, "annotator_id", "a value is needed"));
            };
            found.see_person(&annotators, line, id, &value["demographics"], &mut words);
        }
    } else if merged {
        for line in JsonLines::open(&file)? {
            let Ok((line, value)) = line else { continue };
            let Some(id) = value["annotator_id"].as_str() else { continue };
            if !found.described.contains(id) {
                found.see_person(&file, line, id, &value["demographics"], &mut words);
            }
        }
    } else {
        notes.push(format!("there is no {ANNOTATORS}: participants have no attributes"));
    }
    let levels = found.levels();
    let mut items = found.items(&levels);
    if !words.is_empty() {
        items.push(Item { kind: ItemKind::Text, ..question(IDEAL, None) });
    }
    let violations: Vec<_> = items
        .iter()
        .flat_map(|item| item.violations().into_iter().map(|violation| violation.within(&item.id)))
        .collect();
    if !violations.is_empty() {
        return Err(FormatError::Items { file: file.display().to_string(), violations });
    }
    let participants = found.people.into_values().collect();
    let rows = rows(&file, items.clone(), merged)?.chain(words);
    let source = Source::CollectiveAlignment(dir);
    Ok(Import { source, items, participants, notes, rows: Box::new(rows) })
}

/// Opens a file of prompts with candidate responses; there are no rows.
///
/// # Errors
/// As [`crate::open`].
pub fn open_prompts(file: PathBuf) -> Result<Import, FormatError> {
    let mut items = Vec::new();
    for line in JsonLines::open(&file)? {
        let (line, value) = line.map_err(FormatError::Bad)?;
        let bad = |field: &str| FormatError::bad(&file, line, field, "a value is needed");
        let id = value["prompt_id"].as_str().ok_or_else(|| bad("prompt_id"))?;
        let prompt = value["prompt_text"].as_str().ok_or_else(|| bad("prompt_text"))?;
        let responses = value["responses"].as_object().ok_or_else(|| bad("responses"))?;
        let candidate = |(id, text): (&String, &Value)| Candidate {
            id: id.clone(),
            text: text.as_str().unwrap_or_default().nfc().collect(),
        };
        items.push(Item {
            kind: ItemKind::Rank,
            prompt: prompt.nfc().collect(),
            candidates: responses.iter().map(candidate).collect(),
            ..question(id, None)
        });
    }
    let located = |(place, item): (usize, &Item)| {
        item.violations().into_iter().map(move |violation| violation.within(&format!("[{place}]"))).collect::<Vec<_>>()
    };
    let violations: Vec<_> = items.iter().enumerate().flat_map(located).collect();
    if !violations.is_empty() {
        return Err(FormatError::Items { file: file.display().to_string(), violations });
    }
    let notes = vec!["the file has prompts and no answers".to_owned()];
    let rows = Box::new(std::iter::empty());
    Ok(Import { source: Source::Prompts(file), items, participants: Vec::new(), notes, rows })
}

/// Whether the first line of `file` is a prompt with candidate responses.
pub(crate) fn is_prompts(file: &Path) -> bool {
    let first = JsonLines::open(file).ok().and_then(|mut lines| lines.next());
    matches!(first, Some(Ok((_, value))) if value["prompt_text"].is_string() && value["responses"].is_object())
}

fn question(id: &str, about: Option<&str>) -> Item {
    Item {
        id: id.to_owned(),
        kind: ItemKind::Choose,
        prompt: String::new(),
        candidates: Vec::new(),
        clauses: Vec::new(),
        position: None,
        about: about.map(str::to_owned),
        scale: None,
        required: false,
    }
}

/// What a first reading finds.
#[derive(Default)]
struct Found {
    prompts: Vec<(String, String, Vec<Candidate>)>,
    places: BTreeMap<String, usize>,
    asked: BTreeMap<&'static str, BTreeSet<String>>,
    explained: bool,
    people: BTreeMap<String, Participant>,
    described: BTreeSet<String>,
}

impl Found {
    fn see(&mut self, file: &Path, line: u64, value: &Value, merged: bool) -> Result<(), FormatError> {
        let Some(id) = value["prompt_id"].as_str() else { return Ok(()) };
        if merged {
            let place = *self.places.entry(id.to_owned()).or_insert_with(|| {
                self.prompts.push((id.to_owned(), String::new(), Vec::new()));
                self.prompts.len() - 1
            });
            self.see_assessment(value);
            let named = ["world", "personal"].map(|view| value["ranking_blocks"][view][0]["ranking"].as_str());
            let letters = named.into_iter().flatten().flat_map(|ranking| ranking.split(['>', '=']));
            let candidates = &mut self.prompts[place].2;
            for letter in letters.map(str::trim).filter(|letter| check_id("", letter, false).is_ok()) {
                if candidates.len() < 26 && candidates.iter().all(|candidate| candidate.id != letter) {
                    candidates.push(Candidate { id: letter.to_owned(), text: String::new() });
                }
            }
            candidates.sort_by(|a, b| a.id.cmp(&b.id));
            return Ok(());
        }
        if self.places.insert(id.to_owned(), self.prompts.len()).is_some() {
            return Err(FormatError::bad(file, line, "prompt_id", format!("{id:?} stands twice")));
        }
        let candidate = |response: &Value| Candidate {
            id: response["response_index"].as_str().unwrap_or_default().to_owned(),
            text: conversation(&response["messages"]),
        };
        let candidates = list(&value["responses"]).iter().map(candidate).collect();
        self.prompts.push((id.to_owned(), conversation(&value["prompt"]["messages"]), candidates));
        list(&value["metadata"]["assessments"]).iter().for_each(|assessment| self.see_assessment(assessment));
        Ok(())
    }

    fn see_assessment(&mut self, assessment: &Value) {
        if let Some(id) = assessment["annotator_id"].as_str() {
            let new = || Participant { id: id.to_owned(), ..Default::default() };
            self.people.entry(id.to_owned()).or_insert_with(new);
        }
        for name in QUESTIONS {
            if let Some(level) = level(&assessment[name]) {
                self.asked.entry(name).or_default().insert(level);
            }
        }
        let why = assessment["ranking_blocks"]["unacceptable"][0]["rationale"].as_str();
        self.explained |= why.is_some_and(|why| !why.trim().is_empty());
    }

    fn see_person(
        &mut self,
        file: &Path,
        line: u64,
        id: &str,
        demographics: &Value,
        words: &mut VecDeque<Result<ResponseRow, Refusal>>,
    ) {
        self.described.insert(id.to_owned());
        let person = self.people.entry(id.to_owned()).or_default();
        person.id = id.to_owned();
        let Value::Object(demographics) = demographics else { return };
        for (name, value) in demographics {
            let Some(value) = value.as_str().filter(|value| !value.is_empty()) else { continue };
            if name != IDEAL {
                person.attributes.insert(name.clone(), value.to_owned());
                continue;
            }
            let at = At { file: &file.display().to_string(), line, participant: id };
            let item = Item { kind: ItemKind::Text, ..question(IDEAL, None) };
            words.push_back(at.row(&item, value, None, View::Personal, None, "demographics.ideal-model-behavior"));
        }
    }

    fn levels(&self) -> Levels {
        let candidates = |texts: &BTreeSet<String>| {
            let mut texts: Vec<&String> = texts.iter().collect();
            texts.sort_by_key(|text| (strength(text), (*text).clone()));
            let mut ids = BTreeSet::new();
            let named = |text: &String| {
                let slug = slug(text);
                let id = (1..).map(|n| if n == 1 { slug.clone() } else { format!("{slug}-{n}") });
                let id = id.into_iter().find(|id| ids.insert(id.clone())).unwrap_or_default();
                Candidate { id, text: text.clone() }
            };
            texts.into_iter().map(named).collect()
        };
        self.asked.iter().map(|(name, texts)| (*name, candidates(texts))).collect()
    }

    fn items(&self, levels: &Levels) -> Vec<Item> {
        let mut items = Vec::new();
        for (id, prompt, candidates) in &self.prompts {
            let (prompt, candidates) = (prompt.clone(), candidates.clone());
            items.push(Item { kind: ItemKind::Rank, prompt, candidates, ..question(id, None) });
            for (name, candidates) in levels {
                items.push(Item { candidates: candidates.clone(), ..question(&format!("{id}/{name}"), Some(id)) });
            }
            if self.explained {
                items.push(Item { kind: ItemKind::Text, ..question(&format!("{id}/{UNACCEPTABLE}"), Some(id)) });
            }
        }
        items
    }
}

/// A sole message by its content alone, several each with its role in front.
fn conversation(messages: &Value) -> String {
    let content = |message: &Value| message["content"].as_str().unwrap_or_default().to_owned();
    let joined = match list(messages) {
        [one] => content(one),
        many => {
            let spoken = |m: &Value| format!("{}: {}", m["role"].as_str().unwrap_or("user"), content(m));
            many.iter().map(spoken).collect::<Vec<_>>().join("\n\n")
        }
    };
    text::normalise("", &joined, MAX_PROMPT_CHARS).unwrap_or(joined)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A rating in plain letters: emphasis in mathematical bold is undone.
fn level(value: &Value) -> Option<String> {
    let plain: String = value.as_str()?.nfkc().collect::<String>().trim().nfc().collect();
    (!plain.is_empty()).then_some(plain)
}

/// Where a rating stands on a scale from not to extremely.
fn strength(text: &str) -> usize {
    let words: Vec<String> = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect();
    let scale = ["not", "slightly", "somewhat", "moderately", "very", "extremely"];
    scale.iter().position(|step| words.iter().any(|word| word == step)).unwrap_or(scale.len())
}

fn slug(text: &str) -> String {
    let words: Vec<String> =
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect();
    let slug: String = words.join("-").chars().take(60).collect();
    if slug.is_empty() { "level".to_owned() } else { slug.trim_end_matches('-').to_owned() }
}

fn rows(file: &Path, items: Vec<Item>, merged: bool) -> Result<Rows, FormatError> {
    let items: BTreeMap<String, Item> = items.into_iter().map(|item| (item.id.clone(), item)).collect();
    let name = file.display().to_string();
    let expand = move |entry: Result<(u64, Value), Refusal>| -> Vec<Result<ResponseRow, Refusal>> {
        let (line, value) = match entry {
            Ok(entry) => entry,
            Err(refused) => return vec![Err(refused)],
        };
        let Some(prompt) = value["prompt_id"].as_str() else {
            return vec![Err(refusal(&name, line, "prompt_id", Reason::FieldRequired, "a value is needed"))];
        };
        let one = std::slice::from_ref(&value);
        let assessments = if merged { one } else { list(&value["metadata"]["assessments"]) };
        let mut rows = Vec::new();
        for (place, assessment) in assessments.iter().enumerate() {
            let path = if merged { String::new() } else { format!("metadata.assessments[{place}].") };
            match assessment["annotator_id"].as_str() {
                Some(participant) => {
                    let at = At { file: &name, line, participant };
                    at.assessment(&items, prompt, assessment, &path, &mut rows);
                }
                None => {
                    let field = format!("{path}annotator_id");
                    rows.push(Err(refusal(&name, line, &field, Reason::FieldRequired, "a value is needed")));
                }
            }
        }
        rows
    };
    Ok(Box::new(JsonLines::open(file)?.flat_map(expand)))
}

/// Whose assessment stands where.
struct At<'a> {
    file: &'a str,
    line: u64,
    participant: &'a str,
}

impl At<'_> {
    fn assessment(
        &self,
        items: &BTreeMap<String, Item>,
        prompt: &str,
        assessment: &Value,
        path: &str,
        rows: &mut Vec<Result<ResponseRow, Refusal>>,
    ) {
        let blocks = &assessment["ranking_blocks"];
        let unacceptable = list(&blocks["unacceptable"]).first();
        // Each flag is the candidate's letter and then some of its text.
        let flags = unacceptable.map(|block| {
            let letter = |flag: &Value| flag.as_str().and_then(|flag| flag.trim().chars().next()).map(String::from);
            list(&block["rating"]).iter().filter_map(letter).collect::<Vec<_>>().join(";")
        });
        for view in [View::World, View::Personal] {
            for (place, block) in list(&blocks[view.name()]).iter().enumerate() {
                let field = format!("{path}ranking_blocks.{}[{place}].ranking", view.name());
                let ranking: String =
                    block["ranking"].as_str().unwrap_or("").chars().filter(|c| !c.is_whitespace()).collect();
                let why = block["rationale"].as_str();
                if place > 0 {
                    rows.push(Err(self.refuse(&field, Reason::DuplicateAnswer, "a second ranking for one view")));
                } else if let Some(item) = items.get(prompt) {
                    rows.push(self.row(item, &ranking, flags.as_deref(), view, why, &field));
                }
            }
        }
        for name in QUESTIONS {
            let (Some(text), Some(item)) = (level(&assessment[name]), items.get(&format!("{prompt}/{name}"))) else {
                continue;
            };
            let chosen = item.candidates.iter().find(|candidate| candidate.text == text);
            let chosen = chosen.map_or("", |candidate| candidate.id.as_str());
            rows.push(self.row(item, chosen, None, View::Personal, None, &format!("{path}{name}")));
        }
        let why = unacceptable.and_then(|block| block["rationale"].as_str()).filter(|why| !why.trim().is_empty());
        if let (Some(why), Some(item)) = (why, items.get(&format!("{prompt}/{UNACCEPTABLE}"))) {
            let field = format!("{path}ranking_blocks.unacceptable[0].rationale");
            rows.push(self.row(item, why, None, View::Personal, None, &field));
        }
    }

    fn row(
        &self,
        item: &Item,
        answer: &str,
        flags: Option<&str>,
        view: View,
        why: Option<&str>,
        field: &str,
    ) -> Result<ResponseRow, Refusal> {
        let refuse = |violation: folkmoot_core::Violation| self.refuse(field, violation.reason, &violation.message);
        let answer = Answer::parse(item, answer, flags).map_err(refuse)?;
        let why = why.filter(|why| !why.is_empty());
        let rationale = why.map(|why| text::normalise("", why, text::MAX_TEXT_CHARS)).transpose().map_err(refuse)?;
        Ok(ResponseRow {
            line: self.line,
            participant: self.participant.to_owned(),
            item: item.id.clone(),
            view,
            answer,
            rationale,
            weight: None,
            duration_ms: None,
            submitted_at: None,
        })
    }

    fn refuse(&self, field: &str, reason: Reason, message: &str) -> Refusal {
        let refused = refusal(self.file, self.line, field, reason, message);
        Refusal { participant: Some(self.participant.to_owned()), ..refused }
    }
}
