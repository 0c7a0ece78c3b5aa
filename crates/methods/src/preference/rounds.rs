//! Rounds of a count: who has how many votes, whose votes move, and how ties are broken.

use folkmoot_fold::mix;

use crate::contract::{Config, WEIGHT_ONE};
use crate::preference::papers::Papers;
use crate::report::{Cell, Chart, ChartKind, Column, Note, Report, Table, Unit};

/// Where votes go that no candidate gets; no candidate's id has parentheses.
const NOT_TRANSFERRED: &str = "(not transferred)";

/// What became of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Continuing,
    Elected,
    Excluded,
    /// Level with all who continue, and nothing tells them apart.
    Tied,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Continuing => "continuing",
            Self::Elected => "elected",
            Self::Excluded => "excluded",
            Self::Tied => "tied",
        }
    }
}

/// Whose votes a round moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    First,
    Surplus(usize),
    Exclusion(usize),
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::First => "first_preferences",
            Self::Surplus(_) => "surplus",
            Self::Exclusion(_) => "exclusion",
        }
    }

    fn source(self) -> Option<usize> {
        match self {
            Self::First => None,
            Self::Surplus(source) | Self::Exclusion(source) => Some(source),
        }
    }
}

/// The end of a round.
pub(super) struct Round {
    pub(super) step: Step,
    /// Votes of each candidate, in units of the count.
    pub(super) votes: Vec<i128>,
    pub(super) status: Vec<Status>,
}

/// The rounds of one item.
pub(super) struct Count {
    /// How many units are one vote of weight 1.
    pub(super) unit: i128,
    /// The votes there are, in units.
    pub(super) total: i128,
    pub(super) rounds: Vec<Round>,
}

impl Count {
    /// Units as votes.
    pub(super) fn votes(&self, units: i128) -> f64 {
        units as f64 / self.unit as f64
    }

    pub(super) fn last(&self) -> &Round {
        &self.rounds[self.rounds.len() - 1]
    }

    /// Units that no candidate has at the end of a round.
    fn not_transferred(&self, round: usize) -> i128 {
        self.total - self.rounds[round].votes.iter().sum::<i128>()
    }
}

/// Units of a count that splits a vote in `parts`.
pub(super) fn unit(parts: i128) -> i128 {
    i128::from(WEIGHT_ONE) * parts
}

/// Whether those with the fewest or those with the most votes are looked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Fewest,
    Most,
}

/// The wanted ones of `candidates` by their votes at the end of the last round; those who are level are
/// told apart by the latest round before in which they were not. More than one if they always were level.
pub(super) fn narrowed(rounds: &[Round], candidates: &[usize], wanted: Wanted) -> Vec<usize> {
    let mut left = candidates.to_vec();
    for round in rounds.iter().rev() {
        let votes = left.iter().map(|&c| round.votes[c]);
        let Some(extreme) = (if wanted == Wanted::Fewest { votes.min() } else { votes.max() }) else { break };
        left.retain(|&c| round.votes[c] == extreme);
    }
    left
}

/// Those level with the wanted ones at the end of the last round alone.
pub(super) fn level(rounds: &[Round], candidates: &[usize], wanted: Wanted) -> Vec<usize> {
    narrowed(&rounds[rounds.len() - 1..], candidates, wanted)
}

/// Lots of an item's candidates, drawn from the run's seed and their ids: anybody can draw them again, and
/// nobody gains by a place in the list.
pub(super) struct Lots<'a> {
    seed: u64,
    papers: &'a Papers<'a>,
}

impl<'a> Lots<'a> {
    pub(super) fn new(config: &Config, papers: &'a Papers<'a>) -> Self {
        Self { seed: config.seed, papers }
    }

    /// The candidate of the lowest lot.
    pub(super) fn draw(&self, candidates: &[usize]) -> usize {
        let lot = |c: &usize| (self.lot(self.papers.id(*c)), self.papers.id(*c));
        candidates.iter().copied().min_by_key(lot).unwrap_or_default()
    }

    /// FNV-1a over seed, item and candidate, finished by SplitMix64.
    fn lot(&self, candidate: &str) -> u64 {
        let item = self.papers.item.id.as_bytes();
        let bytes = self.seed.to_le_bytes().into_iter().chain(item.iter().copied()).chain([0]);
        let hash = bytes
            .chain(candidate.bytes())
            .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3));
        mix(hash)
    }

    /// Says how `chosen` was told from those it was level with; nothing if there was no other.
    pub(super) fn note(&self, round: usize, level: &[usize], narrowed: &[usize], chosen: usize) -> Option<Note> {
        if level.len() < 2 {
            return None;
        }
        let ids: Vec<&str> = level.iter().map(|&c| self.papers.id(c)).collect();
        let (item, chosen) = (&self.papers.item.id, self.papers.id(chosen));
        let words = format!("{item}, round {round}: {} are level; {chosen} is taken", ids.join(", "));
        Some(match narrowed.len() {
            1 => Note::info("tie_by_earlier_round", format!("{words} by the latest round in which they were not")),
            _ => Note::warning("tie_by_lot", format!("{words} by a lot drawn from the seed {}", self.seed)),
        })
    }
}

/// Adds the tables `rounds` and `flow` and the flow chart.
pub(super) fn add_tables(report: &mut Report, counts: &[(&Papers<'_>, Count)]) {
    let rounds = counts.iter().flat_map(|(papers, count)| round_rows(papers, count)).collect();
    let flow = counts.iter().flat_map(|(papers, count)| flow_rows(papers, count)).collect();
    report.tables.push(Table {
        id: "rounds".into(),
        title: "Votes round by round".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("round", "Round", Unit::Count),
            Column::new("step", "What is counted", Unit::None),
            Column::new("of", "Whose votes move", Unit::None),
            Column::new("candidate", "Candidate", Unit::None),
            Column::new("transfer", "Gained or given", Unit::Weight),
            Column::new("votes", "Votes", Unit::Weight),
            Column::new("status", "Status", Unit::None),
        ],
        rows: rounds,
    });
    report.tables.push(Table {
        id: "flow".into(),
        title: "Votes that stay and votes that move".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("round", "After round", Unit::Count),
            Column::new("from", "From", Unit::None),
            Column::new("to", "To", Unit::None),
            Column::new("weight", "Votes", Unit::Weight),
        ],
        rows: flow,
    });
    report.charts.push(Chart {
        id: "flow".into(),
        title: "Where votes go".into(),
        kind: ChartKind::Flow,
        table: "flow".into(),
        x: "round".into(),
        y: "from".into(),
        group: Some("to".into()),
        value: Some("weight".into()),
    });
}

/// A row for each candidate who is in the round or leaves in it, and one for votes that no candidate has.
fn round_rows(papers: &Papers<'_>, count: &Count) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    let mut lost_before = 0;
    for (place, round) in count.rounds.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| &count.rounds[before]);
        let mut row = |candidate: &str, transfer: i128, votes: i128, status: Option<Status>| {
            rows.push(vec![
                papers.item.id.as_str().into(),
                (place as i64 + 1).into(),
                round.step.name().into(),
                round.step.source().map(|source| papers.id(source)).into(),
                candidate.into(),
                count.votes(transfer).into(),
                count.votes(votes).into(),
                status.map(Status::name).into(),
            ]);
        };
        let is_gone = |c: usize| before.is_some_and(|before| before.status[c] == Status::Excluded);
        for c in (0..papers.width()).filter(|&c| !is_gone(c)) {
            let votes_before = before.map_or(0, |before| before.votes[c]);
            row(papers.id(c), round.votes[c] - votes_before, round.votes[c], Some(round.status[c]));
        }
        let lost = count.not_transferred(place);
        row(NOT_TRANSFERRED, lost - lost_before, lost, None);
        lost_before = lost;
    }
    rows
}

/// A row for each band between one round and the next.
fn flow_rows(papers: &Papers<'_>, count: &Count) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    for (place, pair) in count.rounds.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        let mut band = |from: &str, to: &str, weight: i128| {
            if weight > 0 {
                rows.push(vec![
                    papers.item.id.as_str().into(),
                    (place as i64 + 1).into(),
                    from.into(),
                    to.into(),
                    count.votes(weight).into(),
                ]);
            }
        };
        let source = after.step.source().map_or(NOT_TRANSFERRED, |source| papers.id(source));
        for c in 0..papers.width() {
            band(papers.id(c), papers.id(c), before.votes[c].min(after.votes[c]));
            band(source, papers.id(c), after.votes[c] - before.votes[c]);
        }
        let lost = count.not_transferred(place);
        band(NOT_TRANSFERRED, NOT_TRANSFERRED, lost);
        band(source, NOT_TRANSFERRED, count.not_transferred(place + 1) - lost);
    }
    rows
}
