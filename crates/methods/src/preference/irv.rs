//! `irv`: instant-runoff voting.

use crate::ballot::order_text;
use crate::contract::{Config, Descriptor, Law, MethodError, Segments};
use crate::preference::borda::orders_table;
use crate::preference::matrix::{KINDS, no_parameters};
use crate::preference::papers::{Counting, Papers, Turned};
use crate::preference::rounds::{Count, Lots, Round, Status, Step, Wanted, add_tables, level, narrowed, unit};
use crate::report::{Cell, Column, Note, Report, Table, Unit};
use crate::stats::{effective, ratio};

pub(crate) fn irv() -> Counting {
    let descriptor = Descriptor {
        id: "irv".into(),
        version: "1.0.0".into(),
        title: "Instant-runoff voting".into(),
        answers: "Which candidate is left when the weakest is excluded again and again and its voters turn to whom \
                  they like next?"
            .into(),
        assumes: "Everybody has one vote, and it goes to whom they rank highest of those still in. Candidates tied \
                  there share it equally, to the last bit. Who ranks nobody still in is no longer counted; candidates \
                  that were not shown count as not ranked. Candidates without any vote leave together. Of others who \
                  are level, the one with fewer votes in the latest round where they differ is excluded, then the one \
                  of the lower lot from the run's seed; if all who are left are level, they share the place."
            .into(),
        avoid_when: "A candidate whom most would accept but few put first should be able to win: take schulze.".into(),
        source: "Ware 1871; known as the alternative vote".into(),
        kinds: KINDS.map(str::to_owned).into(),
        parameters: no_parameters(),
        max_passes: 1,
        segments: Segments::Host,
        bootstrap: false,
        participants: false,
        laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
    };
    Counting { descriptor, report }
}

/// Most candidates that a paper may tie: their least common multiple still leaves room for every weight.
const WIDEST_TIE: usize = 40;

/// A number that every tie of the papers divides.
fn parts(papers: &Papers<'_>) -> i128 {
    let widest = papers.piles.iter().map(|pile| pile.widest_tie()).max().unwrap_or(1);
    (1..=widest as i128).fold(1, |multiple, n| multiple / gcd(multiple, n) * n)
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A count in progress.
struct Runoff<'a> {
    papers: &'a Papers<'a>,
    /// The papers' piles.
    turned: Vec<Turned<'a>>,
    lots: Lots<'a>,
    parts: i128,
    count: Count,
    /// Places of those who have one; 0 for the others.
    places: Vec<i64>,
    notes: Vec<Note>,
}

impl Runoff<'_> {
    fn standing(&self) -> Vec<usize> {
        let status = &self.count.last().status;
        (0..status.len()).filter(|&c| status[c] == Status::Continuing).collect()
    }

    fn votes(&mut self, standing: &[usize]) -> Vec<i128> {
        let width = self.papers.width();
        let mut stands = vec![false; width];
        standing.iter().for_each(|&c| stands[c] = true);
        let mut votes = vec![0; width];
        for (pile, turned) in self.papers.piles.iter().zip(&mut self.turned) {
            let next = turned.next(&stands);
            let level = next.clone().count() as i128;
            next.for_each(|c| votes[c] += pile.weight * self.parts / level);
        }
        votes
    }

    /// Marks candidates in the last round, each with the best place that is left to all of them.
    fn leave(&mut self, candidates: &[usize], status: Status) {
        let place = (1 + self.standing().len() - candidates.len()) as i64;
        let last = self.count.rounds.len() - 1;
        for &c in candidates {
            self.count.rounds[last].status[c] = status;
            self.places[c] = place;
        }
    }

    /// Excludes somebody or ends the count; whether it goes on.
    fn step(&mut self) -> bool {
        let standing = self.standing();
        let rounds = &self.count.rounds;
        let lowest = level(rounds, &standing, Wanted::Fewest);
        let weakest = narrowed(rounds, &lowest, Wanted::Fewest);
        if standing.len() == 1 {
            self.leave(&standing, Status::Elected);
            return false;
        }
        if weakest.len() == standing.len() {
            self.leave(&standing, Status::Tied);
            return false;
        }
        if self.count.last().votes[lowest[0]] == 0 {
            self.leave(&lowest, Status::Excluded);
            return true;
        }
        let excluded = self.lots.draw(&weakest);
        self.notes.extend(self.lots.note(rounds.len(), &lowest, &weakest, excluded));
        self.exclude(excluded, &standing);
        true
    }

    fn exclude(&mut self, excluded: usize, standing: &[usize]) {
        if let [a, b] = *standing {
            self.leave(&[excluded], Status::Excluded);
            self.leave(&[a + b - excluded], Status::Elected);
            return;
        }
        self.places[excluded] = standing.len() as i64;
        let left: Vec<usize> = standing.iter().copied().filter(|&c| c != excluded).collect();
        let mut status = self.count.last().status.clone();
        status[excluded] = Status::Excluded;
        let votes = self.votes(&left);
        self.count.rounds.push(Round { step: Step::Exclusion(excluded), votes, status });
    }
}

/// Counts one item.
fn run<'a>(config: &Config, papers: &'a Papers<'a>) -> Runoff<'a> {
    let width = papers.width();
    let parts = parts(papers);
    let count = Count { unit: unit(parts), total: papers.weight * parts, rounds: Vec::new() };
    let lots = Lots::new(config, papers);
    let turned = papers.piles.iter().map(|pile| pile.turned()).collect();
    let mut runoff = Runoff { papers, turned, lots, parts, count, places: vec![0; width], notes: Vec::new() };
    let votes = runoff.votes(&(0..width).collect::<Vec<_>>());
    runoff.count.rounds.push(Round { step: Step::First, votes, status: vec![Status::Continuing; width] });
    while !runoff.standing().is_empty() && runoff.step() {}
    runoff
}

fn report(config: &Config, all: &[Papers<'_>], mut report: Report) -> Result<Report, MethodError> {
    let splits = |papers: &&Papers<'_>| papers.piles.iter().all(|pile| pile.widest_tie() <= WIDEST_TIE);
    let (counted, wide): (Vec<_>, Vec<_>) = all.iter().partition(splits);
    if counted.is_empty() {
        return Err(MethodError::Undefined(format!("in every item papers tie more than {WIDEST_TIE} candidates")));
    }
    if !wide.is_empty() {
        let ids: Vec<&str> = wide.iter().map(|papers| papers.item.id.as_str()).collect();
        let words = format!("no count for {}: papers tie more than {WIDEST_TIE} candidates", ids.join(", "));
        report.notes.push(Note::warning("ties_too_wide", words));
    }
    let mut orders = Vec::new();
    let mut winners = Vec::new();
    let mut counts = Vec::new();
    for papers in counted {
        let Runoff { count, places, notes, .. } = run(config, papers);
        report.notes.extend(notes);
        let order = order_text(&papers.item.candidates, &places);
        let n_eff = effective(papers.weight, papers.squares);
        orders.push(vec![papers.item.id.as_str().into(), order.into(), papers.rows.into(), n_eff.into()]);
        winners.push(winner_row(papers, &count, &places));
        counts.push((papers, count));
    }
    report.tables.push(orders_table("Order, the last to be excluded first", orders));
    report.tables.push(Table {
        id: "winners".into(),
        title: "Winners".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("winner", "Winner", Unit::None),
            Column::new("first_share", "Share of first preferences", Unit::Share),
            Column::new("last_share", "Share in the last round", Unit::Share),
            Column::new("majority_round", "First round with more than half", Unit::Count),
        ],
        rows: winners,
    });
    add_tables(&mut report, &counts);
    Ok(report)
}

fn winner_row(papers: &Papers<'_>, count: &Count, places: &[i64]) -> Vec<Cell> {
    let first: Vec<usize> = (0..places.len()).filter(|&c| places[c] == 1).collect();
    let ids: Vec<&str> = first.iter().map(|&c| papers.id(c)).collect();
    let share = |round: &Round| ratio(round.votes[first[0]], round.votes.iter().sum());
    let has_majority = |round: &Round| 2 * round.votes[first[0]] > round.votes.iter().sum();
    let majority = count.rounds.iter().position(has_majority).map(|place| place as i64 + 1);
    vec![
        papers.item.id.as_str().into(),
        ids.join("=").into(),
        share(&count.rounds[0]).into(),
        share(count.last()).into(),
        majority.into(),
    ]
}
