//! `ranked-pairs`: majorities kept from the widest down, unless they close a cycle.

use crate::ballot::places;
use crate::contract::{Config, Descriptor, Law, MethodError, Segments};
use crate::preference::borda::orders_table;
use crate::preference::majority::{beats, note_cycles};
use crate::preference::matrix::{KINDS, Matrix, Pairwise, no_parameters, places_table};
use crate::report::{Cell, Column, Note, Report, Table, Unit};
use crate::stats::people;

pub(crate) fn ranked_pairs() -> Pairwise {
    let descriptor = Descriptor {
        id: "ranked-pairs".into(),
        version: "1.0.0".into(),
        title: "Ranked pairs (Tideman) by margins".into(),
        answers: "Which order keeps the widest majorities, where not all of them can be kept?".into(),
        assumes: "A majority is as strong as its margin. Majorities are locked from the widest to the narrowest, \
                  each unless it closes a cycle with those locked before. Equal margins go by the winner's place in \
                  the item's list, then by the loser's; a note says where that decided something. Even matches lock \
                  nothing."
            .into(),
        avoid_when: "Few people answered, so that many margins are equal and the order of the list decides: take \
                     schulze."
            .into(),
        source: "Tideman 1987, Social Choice and Welfare 4".into(),
        kinds: KINDS.map(str::to_owned).into(),
        parameters: no_parameters(),
        max_passes: 1,
        segments: Segments::Host,
        bootstrap: false,
        participants: false,
        laws: vec![Law::Anonymity, Law::WeightScale, Law::Duplication],
    };
    Pairwise { descriptor, report }
}

/// What became of a majority.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Locked,
    /// It would close a cycle with wider majorities.
    Skipped,
    /// It would close a cycle, but only with others of the same margin that came before it.
    SkippedByTie,
}

impl Fate {
    fn name(self) -> &'static str {
        match self {
            Self::Locked => "locked",
            Self::Skipped => "skipped",
            Self::SkippedByTie => "skipped_by_tie",
        }
    }
}

/// A majority of `winner` over `loser`.
struct Majority {
    winner: usize,
    loser: usize,
    margin: i128,
    fate: Fate,
}

/// The relation of those locked above others, chains included.
struct Locked {
    width: usize,
    above: Vec<bool>,
}

impl Locked {
    fn is_above(&self, a: usize, b: usize) -> bool {
        self.above[a * self.width + b]
    }

    /// Puts `a`, and whoever is above it, above `b` and whoever is below it.
    fn lock(&mut self, a: usize, b: usize) {
        let width = self.width;
        let over: Vec<usize> = (0..width).filter(|&c| c == a || self.is_above(c, a)).collect();
        let under: Vec<usize> = (0..width).filter(|&c| c == b || self.is_above(b, c)).collect();
        for c in over {
            under.iter().for_each(|&d| self.above[c * width + d] = true);
        }
    }
}

/// The majorities in the order in which they are looked at, and the relation that they leave.
fn lock_all(matrix: &Matrix<'_>) -> (Vec<Majority>, Locked) {
    let width = matrix.width();
    let pairs = matrix.pairs().filter(|&(a, b)| beats(matrix, a, b));
    let of_pair =
        |(winner, loser)| Majority { winner, loser, margin: matrix.margin(winner, loser), fate: Fate::Locked };
    let mut majorities: Vec<Majority> = pairs.map(of_pair).collect();
    // The sort is stable and pairs come by winner, then by loser.
    majorities.sort_by_key(|majority| std::cmp::Reverse(majority.margin));
    let mut locked = Locked { width, above: vec![false; width * width] };
    for equal in majorities.chunk_by_mut(|a, b| a.margin == b.margin) {
        let possible: Vec<bool> = equal.iter().map(|m| !locked.is_above(m.loser, m.winner)).collect();
        for (majority, possible) in equal.iter_mut().zip(possible) {
            majority.fate = match (possible, locked.is_above(majority.loser, majority.winner)) {
                (false, _) => Fate::Skipped,
                (true, true) => Fate::SkippedByTie,
                (true, false) => Fate::Locked,
            };
            if majority.fate == Fate::Locked {
                locked.lock(majority.winner, majority.loser);
            }
        }
    }
    (majorities, locked)
}

fn report(_: &Config, matrices: &[Matrix<'_>], mut report: Report) -> Result<Report, MethodError> {
    let mut steps = Vec::new();
    let mut placed = Vec::new();
    let mut orders = Vec::new();
    for matrix in matrices {
        let ids = &matrix.item.candidates;
        let item: Cell = matrix.item.id.as_str().into();
        let (majorities, locked) = lock_all(matrix);
        for (step, majority) in (1_i64..).zip(&majorities) {
            steps.push(vec![
                item.clone(),
                step.into(),
                ids[majority.winner].as_str().into(),
                ids[majority.loser].as_str().into(),
                people(majority.margin).into(),
                majority.fate.name().into(),
            ]);
        }
        report.notes.extend(majorities.iter().find(|m| m.fate == Fate::SkippedByTie).map(|m| tie_note(matrix, m)));
        // The relation is transitive, so that counting those above gives an order that respects it.
        let places = places(matrix.width(), |a, b| locked.is_above(a, b));
        placed.extend(matrix.place_rows(&places));
        orders.push(matrix.order_row(&places));
    }
    note_cycles(&mut report, matrices);
    report.tables.push(orders_table("Order by ranked pairs", orders));
    report.tables.push(places_table("Places by ranked pairs", placed));
    report.tables.push(Table {
        id: "locked".into(),
        title: "Majorities from the widest to the narrowest".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("step", "Step", Unit::Count),
            Column::new("candidate", "Winner", Unit::None),
            Column::new("over", "Over", Unit::None),
            Column::new("margin", "Margin", Unit::Weight),
            Column::new("fate", "Locked or skipped", Unit::None),
        ],
        rows: steps,
    });
    Ok(report)
}

fn tie_note(matrix: &Matrix<'_>, majority: &Majority) -> Note {
    let ids = &matrix.item.candidates;
    let (winner, loser) = (&ids[majority.winner], &ids[majority.loser]);
    let words = format!(
        "{}: the majority of {winner} over {loser} is not locked because majorities of the same margin come before \
         it in the item's list; another list could give another order",
        matrix.item.id,
    );
    Note::warning("tie_broken", words)
}
