//! `stv`: the single transferable vote by the rules of Scottish councils.

use serde::Deserialize;
use serde_json::json;

use crate::ballot::order_text;
use crate::contract::{Config, Descriptor, Law, MethodError, Segments};
use crate::preference::matrix::KINDS;
use crate::preference::papers::{Counting, Papers};
use crate::preference::rounds::{Count, Lots, Round, Status, Step, Wanted, add_tables, level, narrowed, unit};
use crate::report::{Cell, Column, Note, Report, Table, Unit};
use crate::stats::{effective, people};

pub(crate) fn stv() -> Counting {
    let descriptor = Descriptor {
        id: "stv".into(),
        version: "1.0.0".into(),
        title: "Single transferable vote, Scottish rules".into(),
        answers: "Which candidates fill several seats so that groups of voters are represented in proportion?".into(),
        assumes: "The quota is one more than the whole part of the weight of the papers over seats + 1. A surplus \
                  moves on every paper of its candidate at the paper's value times the surplus over the candidate's \
                  votes, cut to five decimals; the largest surplus moves first, and nobody is excluded before all \
                  have moved. When as many candidates are left as seats, they are elected and nothing moves any more. \
                  Candidates who are level are told apart by the latest round in which they were not, then by a lot \
                  from the run's seed. Beyond the rules, a paper that ties candidates gives each an equal part, cut \
                  to five decimals, and weights count as so many papers: they should average 1."
            .into(),
        avoid_when: "One candidate is wanted (take irv or schulze), or weights do not average 1.".into(),
        source: "Scottish Local Government Elections Order 2007 (SSI 2007/42), schedule 1, rules 45 to 52: weighted \
                 inclusive Gregory method"
            .into(),
        kinds: KINDS.map(str::to_owned).into(),
        parameters: json!({
            "type": "object",
            "properties": {
                "seats": {"type": "integer", "minimum": 1, "maximum": 100, "default": 1,
                          "description": "how many candidates are elected"},
            },
            "additionalProperties": false,
        }),
        max_passes: 1,
        segments: Segments::Host,
        bootstrap: false,
        participants: false,
        laws: vec![Law::Anonymity, Law::Neutrality, Law::Duplication],
    };
    Counting { descriptor, report }
}

#[derive(Clone, Copy, Deserialize)]
struct Parameters {
    seats: usize,
}

/// Parts of a paper: five decimals.
const PARTS: i128 = 100_000;

/// A count in progress.
struct Election<'a> {
    papers: &'a Papers<'a>,
    lots: Lots<'a>,
    seats: usize,
    quota: i128,
    /// The parts of a paper of each pile that each candidate has.
    values: Vec<Vec<i128>>,
    /// The votes of those whose surplus has moved: the quota.
    kept: Vec<i128>,
    count: Count,
    notes: Vec<Note>,
}

impl<'a> Election<'a> {
    fn new(config: &Config, seats: usize, papers: &'a Papers<'a>) -> Self {
        let width = papers.width();
        let mut values = vec![vec![0; papers.piles.len()]; width];
        for (place, pile) in papers.piles.iter().enumerate() {
            let first = pile.next(|_| true);
            first.iter().for_each(|&c| values[c][place] = PARTS / first.len() as i128);
        }
        let whole = papers.weight / (unit(1) * (seats as i128 + 1));
        let count = Count { unit: unit(PARTS), total: papers.weight * PARTS, rounds: Vec::new() };
        let lots = Lots::new(config, papers);
        let quota = (whole + 1) * count.unit;
        let mut election = Self { papers, lots, seats, quota, values, kept: vec![0; width], count, notes: Vec::new() };
        election.end_round(Step::First, vec![Status::Continuing; width]);
        election
    }

    /// Adds up the votes and elects who has the quota; then those left, if no more are left than seats.
    fn end_round(&mut self, step: Step, mut status: Vec<Status>) {
        let weigh =
            |values: &[i128]| -> i128 { values.iter().zip(&self.papers.piles).map(|(v, p)| v * p.weight).sum() };
        let votes: Vec<i128> = self.values.iter().zip(&self.kept).map(|(values, kept)| weigh(values) + kept).collect();
        let continuing = status.iter_mut().zip(&votes).filter(|(status, _)| **status == Status::Continuing);
        continuing.filter(|(_, votes)| **votes >= self.quota).for_each(|(status, _)| *status = Status::Elected);
        let number = |status: &[Status], wanted| status.iter().filter(|status| **status == wanted).count();
        let vacancies = self.seats.saturating_sub(number(&status, Status::Elected));
        if number(&status, Status::Continuing) <= vacancies {
            status.iter_mut().filter(|status| **status == Status::Continuing).for_each(|s| *s = Status::Elected);
        }
        self.count.rounds.push(Round { step, votes, status });
    }

    fn of_status(&self, wanted: Status) -> Vec<usize> {
        let status = &self.count.last().status;
        (0..status.len()).filter(|&c| status[c] == wanted).collect()
    }

    fn is_over(&self) -> bool {
        self.of_status(Status::Elected).len() >= self.seats || self.of_status(Status::Continuing).is_empty()
    }

    /// One of `candidates`, by votes, earlier rounds and lot.
    fn pick(&mut self, candidates: &[usize], wanted: Wanted) -> usize {
        let rounds = &self.count.rounds;
        let level = level(rounds, candidates, wanted);
        let narrowed = narrowed(rounds, candidates, wanted);
        let picked = self.lots.draw(&narrowed);
        self.notes.extend(self.lots.note(rounds.len(), &level, &narrowed, picked));
        picked
    }

    fn step(&mut self) {
        let votes = &self.count.last().votes;
        let has_surplus = |c: &usize| votes[*c] > self.quota;
        let over: Vec<usize> = self.of_status(Status::Elected).into_iter().filter(has_surplus).collect();
        if over.is_empty() {
            let excluded = self.pick(&self.of_status(Status::Continuing), Wanted::Fewest);
            let mut status = self.count.last().status.clone();
            status[excluded] = Status::Excluded;
            self.transfer(excluded, |value| value);
            self.end_round(Step::Exclusion(excluded), status);
            return;
        }
        let elected = self.pick(&over, Wanted::Most);
        let votes = self.count.last().votes[elected];
        let surplus = votes - self.quota;
        self.transfer(elected, |value| surplus * value / votes);
        self.kept[elected] = self.quota;
        self.end_round(Step::Surplus(elected), self.count.last().status.clone());
    }

    /// Moves the papers of `source`, each part at the value that `moved` makes of it.
    fn transfer(&mut self, source: usize, moved: impl Fn(i128) -> i128) {
        let status = &self.count.last().status;
        let values = std::mem::take(&mut self.values[source]);
        let held = self.papers.piles.iter().enumerate().zip(values).filter(|(_, value)| *value > 0);
        for ((place, pile), value) in held {
            let next = pile.next(|c| c != source && status[c] == Status::Continuing);
            next.iter().for_each(|&c| self.values[c][place] += moved(value) / next.len() as i128);
        }
    }
}

fn report(config: &Config, all: &[Papers<'_>], mut report: Report) -> Result<Report, MethodError> {
    let Parameters { seats } = config.parameters()?;
    let mut winners = Vec::new();
    let mut candidates = Vec::new();
    let mut counts = Vec::new();
    for papers in all {
        let mut election = Election::new(config, seats, papers);
        while !election.is_over() {
            election.step();
        }
        let Election { quota, count, notes, .. } = election;
        report.notes.extend(notes);
        if seats >= papers.width() {
            let words = format!("{}: there are no more candidates than seats", papers.item.id);
            report.notes.push(Note::warning("no_contest", words));
        }
        winners.push(winner_row(papers, &count, seats, quota));
        candidates.extend((0..papers.width()).map(|c| candidate_row(papers, &count, c)));
        counts.push((papers, count));
    }
    report.tables.push(winners_table(winners));
    report.tables.push(candidates_table(candidates));
    add_tables(&mut report, &counts);
    Ok(report)
}

/// The first round at whose end the candidate has the status of the last.
fn settled(count: &Count, candidate: usize) -> usize {
    let last = count.last().status[candidate];
    count.rounds.iter().position(|round| round.status[candidate] == last).unwrap_or_default()
}

/// The elected in the order in which they were; those of one round by their votes in it.
fn elected_text(papers: &Papers<'_>, count: &Count) -> String {
    let elected: Vec<usize> = (0..papers.width()).filter(|&c| count.last().status[c] == Status::Elected).collect();
    let key = |c: usize| {
        let round = settled(count, c);
        (round, std::cmp::Reverse(count.rounds[round].votes[c]))
    };
    let place = |&c: &usize| elected.iter().filter(|&&other| key(other) < key(c)).count() as i64;
    let places: Vec<i64> = elected.iter().map(place).collect();
    let ids: Vec<String> = elected.iter().map(|&c| papers.id(c).to_owned()).collect();
    order_text(&ids, &places)
}

fn winner_row(papers: &Papers<'_>, count: &Count, seats: usize, quota: i128) -> Vec<Cell> {
    vec![
        papers.item.id.as_str().into(),
        elected_text(papers, count).into(),
        (seats as i64).into(),
        count.votes(quota).into(),
        people(papers.weight).into(),
        papers.rows.into(),
        effective(papers.weight, papers.squares).into(),
    ]
}

fn candidate_row(papers: &Papers<'_>, count: &Count, candidate: usize) -> Vec<Cell> {
    let status = count.last().status[candidate];
    let round = settled(count, candidate);
    vec![
        papers.item.id.as_str().into(),
        papers.id(candidate).into(),
        status.name().into(),
        (status != Status::Continuing).then_some(round as i64 + 1).into(),
        count.votes(count.rounds[0].votes[candidate]).into(),
        count.votes(count.last().votes[candidate]).into(),
    ]
}

fn winners_table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        id: "winners".into(),
        title: "Elected, in the order in which they were".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("elected", "Elected", Unit::None),
            Column::new("seats", "Seats", Unit::Count),
            Column::new("quota", "Quota", Unit::Weight),
            Column::new("valid", "Papers, weighted", Unit::Weight),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
        ],
        rows,
    }
}

fn candidates_table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        id: "candidates".into(),
        title: "What became of each candidate".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("candidate", "Candidate", Unit::None),
            Column::new("status", "Status", Unit::None),
            Column::new("round", "In round", Unit::Count),
            Column::new("first", "First preferences", Unit::Weight),
            Column::new("last", "Votes at the end", Unit::Weight),
        ],
        rows,
    }
}
