//! `minimax`: who loses least where they lose most.

use serde::Deserialize;
use serde_json::json;

use crate::ballot::places;
use crate::contract::{Config, Descriptor, Law, MethodError, Segments};
use crate::preference::borda::orders_table;
use crate::preference::majority::{beats, note_cycles, smith_set};
use crate::preference::matrix::{KINDS, Matrix, Pairwise};
use crate::report::{Cell, Column, Note, Report, Table, Unit};
use crate::stats::people;

pub(crate) fn minimax() -> Pairwise {
    let descriptor = Descriptor {
        id: "minimax".into(),
        version: "1.0.0".into(),
        title: "Minimax (Simpson and Kramer)".into(),
        answers: "Which candidate has the mildest worst defeat head to head?".into(),
        assumes: "Only the worst match of each candidate counts. By `margins` a defeat is the opponent's support \
                  less one's own; by `winning_votes` it is the opponent's support where the opponent wins; by \
                  `opposition` it is the opponent's support whoever wins, and then a candidate who beats every \
                  other may still not come first."
            .into(),
        avoid_when: "Majorities run in a cycle among a few strong candidates: one outside that cycle can come first, \
                     and a note says so; take schulze or ranked-pairs."
            .into(),
        source: "Simpson 1969; Kramer 1977".into(),
        kinds: KINDS.map(str::to_owned).into(),
        parameters: json!({
            "type": "object",
            "properties": {
                "defeat": {"type": "string", "enum": ["margins", "winning_votes", "opposition"], "default": "margins",
                           "description": "how strong a defeat is"},
            },
            "additionalProperties": false,
        }),
        max_passes: 1,
        segments: Segments::Host,
        bootstrap: false,
        participants: false,
        laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
    };
    Pairwise { descriptor, report }
}

#[derive(Deserialize)]
struct Parameters {
    defeat: Defeat,
}

/// How strong a defeat is.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Defeat {
    Margins,
    WinningVotes,
    Opposition,
}

impl Defeat {
    /// How hard `b` hits `a`.
    fn of(self, matrix: &Matrix<'_>, a: usize, b: usize) -> i128 {
        match self {
            Self::Margins => matrix.margin(b, a),
            Self::WinningVotes if beats(matrix, b, a) => matrix.support(b, a),
            Self::WinningVotes => 0,
            Self::Opposition => matrix.support(b, a),
        }
    }

    /// The worst that any other does to `a`; nothing where there is no other.
    fn worst(self, matrix: &Matrix<'_>, a: usize) -> i128 {
        let others = (0..matrix.width()).filter(|&b| b != a);
        others.map(|b| self.of(matrix, a, b)).max().unwrap_or(0)
    }
}

fn report(config: &Config, matrices: &[Matrix<'_>], mut report: Report) -> Result<Report, MethodError> {
    let Parameters { defeat } = config.parameters()?;
    let mut rows = Vec::new();
    let mut orders = Vec::new();
    for matrix in matrices {
        let ids = &matrix.item.candidates;
        let width = matrix.width();
        let worst: Vec<i128> = (0..width).map(|a| defeat.worst(matrix, a)).collect();
        let places = places(width, |a, b| worst[a] < worst[b]);
        let item: Cell = matrix.item.id.as_str().into();
        for a in 0..width {
            let hardest = (0..width).filter(|&b| b != a && defeat.of(matrix, a, b) == worst[a]);
            let against: Vec<&str> = hardest.map(|b| ids[b].as_str()).collect();
            rows.push(vec![
                item.clone(),
                ids[a].as_str().into(),
                places[a].into(),
                people(worst[a]).into(),
                against.join("=").into(),
            ]);
        }
        report.notes.extend(outside_note(matrix, &places));
        orders.push(matrix.order_row(&places));
    }
    note_cycles(&mut report, matrices);
    report.tables.push(orders_table("Order by the mildest worst defeat", orders));
    report.tables.push(Table {
        id: "candidates".into(),
        title: "Worst defeats".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("candidate", "Candidate", Unit::None),
            Column::new("place", "Place", Unit::Count),
            Column::new("worst_defeat", "Worst defeat; below 0 where none", Unit::Weight),
            Column::new("against", "Against", Unit::None),
        ],
        rows,
    });
    Ok(report)
}

/// Says so where somebody comes first whom a whole Smith set beats.
fn outside_note(matrix: &Matrix<'_>, places: &[i64]) -> Option<Note> {
    let smith = smith_set(matrix);
    let is_outside = |c: &usize| places[*c] == 1 && !smith.contains(c);
    let outside: Vec<&str> = (0..places.len()).filter(is_outside).map(|c| matrix.item.candidates[c].as_str()).collect();
    let words = format!(
        "{}: {} comes first though every member of the Smith set wins against it head to head",
        matrix.item.id,
        outside.join(", "),
    );
    (!outside.is_empty()).then(|| Note::warning("outside_smith_set", words))
}
