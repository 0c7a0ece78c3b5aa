//! Answers that look careless, by rules that are fixed before anybody sees a result. A flag says that a
//! rule applies to a participant, not that the participant was careless; nothing is left out in silence.

use std::collections::HashMap;

use folkmoot_core::{Item, ItemKind};
use folkmoot_methods::contract::Problem;
use folkmoot_methods::report::{Cell, Column, Note, Table, Unit};
use folkmoot_methods::{Report, mix};
use folkmoot_snapshot::{AnswerBatch, NO_DURATION, Snapshot};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bootstrap::key;
use crate::error::EngineError;

/// What the id of a table without those flagged ends in.
pub(crate) const WITHOUT_FLAGGED: &str = "_without_flagged";

/// The rules; one that is null flags nobody. Bursts of answers are not among them: a snapshot does not
/// know when an answer came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quality {
    /// Most answers came too fast.
    pub speeding: Option<Speeding>,
    /// All answers of a kind are the same: this many of as many candidates.
    pub straight_lining: Option<AtLeast>,
    /// Another participant gave the very same answers: this many.
    pub duplicates: Option<AtLeast>,
    /// Rankings put first what they call unacceptable: this many.
    pub contradictions: Option<AtLeast>,
    /// Count the answers of those flagged as nothing; where false, the figures are given with and without
    /// them.
    pub leave_out: bool,
}

/// More than half of the answers took less time than this.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Speeding {
    /// Milliseconds.
    pub below_ms: u32,
    /// Fewest answers with a known duration that are judged.
    pub answers: u32,
}

/// A number of answers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtLeast {
    /// Fewest answers that are flagged.
    pub answers: u32,
}

impl Default for Quality {
    fn default() -> Self {
        Self {
            speeding: Some(Speeding { below_ms: 2_000, answers: 5 }),
            straight_lining: Some(AtLeast { answers: 8 }),
            duplicates: Some(AtLeast { answers: 10 }),
            contradictions: Some(AtLeast { answers: 1 }),
            leave_out: false,
        }
    }
}

impl Quality {
    /// Rules from JSON; those that are absent are the usual ones.
    ///
    /// # Errors
    /// Every problem, each with the JSON pointer of its value.
    pub fn read(given: &Value) -> Result<Self, Vec<Problem>> {
        let rules =
            Self::deserialize(given).map_err(|e| vec![Problem { path: String::new(), message: e.to_string() }])?;
        let found = rules.problems();
        if found.is_empty() { Ok(rules) } else { Err(found) }
    }

    /// Everything wrong with the rules.
    pub fn problems(&self) -> Vec<Problem> {
        let least = |rule: &str, least: Option<u32>, from: u32| {
            let problem = |answers| Problem {
                path: format!("/{rule}/answers"),
                message: format!("{answers} answers are too few to judge, {from} at least"),
            };
            least.filter(|&answers| answers < from).map(problem)
        };
        let of = |rule: Option<AtLeast>| rule.map(|rule| rule.answers);
        [
            least("speeding", self.speeding.map(|rule| rule.answers), 1),
            least("straight_lining", of(self.straight_lining), 2),
            least("duplicates", of(self.duplicates), 1),
            least("contradictions", of(self.contradictions), 1),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// Rules in the order of a participant's flags, with the bit of each.
const RULES: [(&str, u8); 4] = [("speeding", 1), ("straight_lining", 2), ("duplicates", 4), ("contradictions", 8)];

/// What the rules say of each participant.
pub(crate) struct Flags {
    rules: Quality,
    of: Vec<u8>,
    answered: Vec<bool>,
}

impl Flags {
    pub(crate) fn any(&self, participant: usize) -> bool {
        self.of[participant] != 0
    }

    /// Whether the rules leave out whom they flag.
    pub(crate) fn leave_out(&self) -> bool {
        self.rules.leave_out
    }

    /// How many are flagged by each rule, and by any.
    pub(crate) fn report(&self) -> Report {
        let people = self.answered.iter().filter(|&&answered| answered).count();
        let row = |name: &str, words: String, bits: u8| {
            let flagged = self.of.iter().filter(|&&of| of & bits != 0).count();
            let share = (people > 0).then(|| flagged as f64 / people as f64);
            vec![Cell::from(name), words.into(), (flagged as i64).into(), share.into()]
        };
        let mut rows: Vec<_> =
            RULES.iter().filter_map(|&(name, bit)| Some(row(name, self.rules.words(name)?, bit))).collect();
        rows.push(row("any", "any of the rules above".to_owned(), u8::MAX));
        let treated = match self.rules.leave_out {
            true => "the answers of flagged participants count as nothing in every table but this one",
            false => "flagged participants are counted; the tables named without flagged leave them out",
        };
        Report {
            tables: vec![Table {
                id: "quality".into(),
                title: "Participants whose answers look careless".into(),
                columns: vec![
                    Column::new("flag", "Flag", Unit::None),
                    Column::new("rule", "Rule", Unit::None),
                    Column::new("n", "Participants", Unit::Count),
                    Column::new("share", "Share of those who answered", Unit::Share),
                ],
                rows,
            }],
            notes: vec![Note::info("quality", treated)],
            ..Report::default()
        }
    }
}

impl Quality {
    /// The rule in words, where it is in force.
    fn words(&self, name: &str) -> Option<String> {
        let answers = |rule: Option<AtLeast>| rule.map(|rule| rule.answers);
        match name {
            "speeding" => self.speeding.map(|rule| {
                format!("more than half of at least {} timed answers took less than {} ms", rule.answers, rule.below_ms)
            }),
            "straight_lining" => answers(self.straight_lining)
                .map(|n| format!("at least {n} answers of a kind and number of candidates, all the same")),
            "duplicates" => {
                answers(self.duplicates).map(|n| format!("at least {n} answers, all the same as somebody else's"))
            }
            _ => answers(self.contradictions)
                .map(|n| format!("at least {n} rankings with a candidate first that they call unacceptable")),
        }
    }
}

/// Reads all answers of both views once. Room: some bytes a participant, and 16 for each kind of item that
/// somebody answered in a view.
///
/// # Errors
/// [`EngineError::BadRules`] for rules that cannot be, and a damaged snapshot.
pub(crate) fn flag(snapshot: &Snapshot, rules: &Quality) -> Result<Flags, EngineError> {
    let problems = rules.problems();
    if !problems.is_empty() {
        return Err(EngineError::BadRules { field: "quality", problems });
    }
    let mut seen = Seen::new(snapshot);
    snapshot
        .scan(&[], &mut |batch| {
            seen.read(&snapshot.items[batch.item as usize], batch, rules);
            Ok(())
        })
        .map_err(|error| EngineError::Corrupt(error.to_string()))?;
    Ok(Flags {
        of: seen.flags(rules),
        answered: seen.people.iter().map(|person| person.answers > 0).collect(),
        rules: rules.clone(),
    })
}

/// What is kept of each participant while the answers go by.
#[derive(Clone, Copy, Default)]
struct Person {
    answers: u32,
    timed: u32,
    fast: u32,
    contradictions: u32,
    /// Of all answers in their order.
    hash: [u64; 2],
}

/// A participant's answers of one kind, number of candidates and view.
#[derive(Clone, Copy, Default)]
struct Line {
    answers: u32,
    first: u64,
    differ: bool,
}

struct Seen {
    people: Vec<Person>,
    groups: Vec<(ItemKind, usize)>,
    /// By group, twice for the two views: a line for each participant, from the first answer on.
    lines: Vec<Vec<Line>>,
}

impl Seen {
    fn new(snapshot: &Snapshot) -> Self {
        let people = snapshot.participants.ids.len();
        let mut groups: Vec<_> = snapshot.items.iter().filter_map(group).collect();
        groups.sort_unstable();
        groups.dedup();
        let lines = vec![Vec::new(); 2 * groups.len()];
        Self { people: vec![Person::default(); people], groups, lines }
    }

    fn read(&mut self, item: &Item, batch: &AnswerBatch<'_>, rules: &Quality) {
        let below = rules.speeding.map_or(0, |rule| rule.below_ms);
        let line = group(item).and_then(|group| self.groups.binary_search(&group).ok());
        for (row, &participant) in batch.participant.iter().enumerate() {
            let person = &mut self.people[participant as usize];
            let answer = batch.answer(row);
            let hash = hash(answer);
            person.answers += 1;
            let place = u64::from(batch.item) << 8 | u64::from(batch.view[row]);
            person.hash = [0, 1].map(|lane| mix(person.hash[lane] ^ mix(hash ^ mix(place.wrapping_add(lane as u64)))));
            let duration = batch.duration_ms.map_or(NO_DURATION, |durations| durations[row]);
            if duration != NO_DURATION {
                person.timed += 1;
                person.fast += u32::from(duration < below);
            }
            person.contradictions += u32::from(contradicts(item, answer));
            if let Some(line) = line {
                let lines = &mut self.lines[2 * line + usize::from(batch.view[row])];
                if lines.is_empty() {
                    lines.resize(self.people.len(), Line::default());
                }
                lines[participant as usize].add(hash);
            }
        }
    }

    fn flags(&self, rules: &Quality) -> Vec<u8> {
        let mut same: HashMap<[u64; 2], u32> = HashMap::new();
        for person in self.people.iter().filter(|person| person.answers > 0) {
            *same.entry(person.hash).or_default() += 1;
        }
        let flags = |(place, person): (usize, &Person)| {
            let speeds =
                rules.speeding.is_some_and(|rule| person.timed >= rule.answers && 2 * person.fast > person.timed);
            let straight = rules.straight_lining.is_some_and(|rule| {
                let mut lines = self.lines.iter().filter_map(|lines| lines.get(place));
                lines.any(|line| !line.differ && line.answers >= rule.answers)
            });
            let twin = rules
                .duplicates
                .is_some_and(|rule| person.answers >= rule.answers && same.get(&person.hash).is_some_and(|&n| n > 1));
            let contradicts = rules.contradictions.is_some_and(|rule| person.contradictions >= rule.answers);
            let held = [speeds, straight, twin, contradicts];
            RULES.iter().zip(held).filter(|(_, held)| *held).map(|((_, bit), _)| bit).sum()
        };
        self.people.iter().enumerate().map(flags).collect()
    }
}

impl Line {
    fn add(&mut self, answer: u64) {
        if self.answers == 0 {
            self.first = answer;
        }
        self.differ |= self.first != answer;
        self.answers += 1;
    }
}

/// Which answers can be the same as those to another item: of the same kind and width; never words.
fn group(item: &Item) -> Option<(ItemKind, usize)> {
    (item.kind != ItemKind::Text).then_some((item.kind, item.candidates.len()))
}

fn hash(answer: &[u8]) -> u64 {
    answer.iter().fold(answer.len() as u64, |hash, &byte| mix(hash ^ u64::from(byte)))
}

/// Whether a ranking has a candidate in its first tier that it flags as unacceptable.
fn contradicts(item: &Item, answer: &[u8]) -> bool {
    let width = item.candidates.len();
    item.kind == ItemKind::Rank
        && answer.len() == 2 * width
        && (0..width).any(|candidate| answer[candidate] == 0 && answer[width + candidate] == 1)
}

/// Puts the figures without the flagged beside those with everybody: each table and scalar once more, how far
/// an estimate moves at most, and the notes that are others without them.
///
/// # Errors
/// Those of `without`; that there is nothing without the flagged is a note.
pub(crate) fn beside(all: &mut Report, without: Result<Report, EngineError>) -> Result<(), EngineError> {
    let mut without = match without {
        Ok(report) => report,
        Err(EngineError::Undefined(why) | EngineError::Weighting(why) | EngineError::Mismatch(why)) => {
            all.notes.push(Note::warning("quality_undefined", format!("without flagged participants: {why}")));
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    for table in &without.tables {
        let Some(twin) = all.table(&table.id) else { continue };
        if let Some((label, moved)) = largest_change(twin, table) {
            let words =
                format!("{}: without flagged participants no {label} moves by more than {moved:.4}", table.title);
            all.notes.push(Note::info("quality_change", words));
        }
    }
    for table in &mut without.tables {
        table.id.push_str(WITHOUT_FLAGGED);
        table.title.push_str(", without flagged");
    }
    all.tables.append(&mut without.tables);
    for scalar in &mut without.scalars {
        scalar.id.push_str("_without_flagged");
        scalar.label.push_str(", without flagged");
    }
    all.scalars.append(&mut without.scalars);
    without.notes.retain(|note| !all.notes.contains(note));
    for note in &mut without.notes {
        note.text = format!("without flagged participants: {}", note.text);
    }
    all.notes.append(&mut without.notes);
    Ok(())
}

/// The estimate of `with` that moves most, by the label of its column, and how far. Rows are the same
/// where their words are.
fn largest_change(with: &Table, without: &Table) -> Option<(String, f64)> {
    let rows: HashMap<_, _> = without.rows.iter().map(|row| (key(without, row), row)).collect();
    let mut largest = None;
    for column in with.columns.iter().filter(|column| column.estimate) {
        let pairs = with.rows.iter().filter_map(|row| Some((row, rows.get(&key(with, row))?)));
        let moved = pairs.filter_map(|(a, b)| {
            Some((with.cell(a, &column.id)?.as_f64()? - without.cell(b, &column.id)?.as_f64()?).abs())
        });
        let Some(moved) = moved.reduce(f64::max) else { continue };
        if largest.as_ref().is_none_or(|(_, known)| moved > *known) {
            largest = Some((column.label.clone(), moved));
        }
    }
    largest
}
