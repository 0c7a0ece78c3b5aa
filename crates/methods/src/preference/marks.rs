//! `approval` and `unacceptable`: how many mark each candidate.

use serde::Deserialize;
use serde_json::json;

use crate::ballot::{check_items, note_unanswered, order_text, places};
use crate::contract::{Accumulator, Config, Descriptor, ItemInfo, Law, Method, MethodError, Segments};
use crate::fold::{Summed, Tally, open};
use crate::preference::borda::orders_table;
use crate::report::{Cell, Chart, ChartKind, Column, Note, Report, Table, Unit};
use crate::stats::{effective, people, ratio, wilson};

#[derive(Clone, Copy, Deserialize)]
struct Parameters {
    level: f64,
}

/// What a mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Marks {
    /// That the candidate is approved.
    Approval,
    /// That it is unacceptable, at whatever place of a ranking.
    Unacceptable,
}

impl Marks {
    /// The kind of item whose answers are such marks.
    fn kind(self) -> &'static str {
        match self {
            Self::Approval => "approve",
            Self::Unacceptable => "unacceptable",
        }
    }
}

fn approval() -> Descriptor {
    Descriptor {
        id: "approval".into(),
        version: "1.0.0".into(),
        title: "Approval voting".into(),
        answers: "Which candidates do most people approve of, and in which order does that put them?".into(),
        assumes: "A mark says approved and no mark says not approved, equally much for everybody; how many somebody \
                  approves of is their own affair."
            .into(),
        avoid_when: "People differ in how much they like what they approve of, and ranked or graded the candidates: \
                     take schulze, borda or score."
            .into(),
        source: "Brams and Fishburn 1978; interval: Wilson 1927 with Kish's effective n (Kish 1965)".into(),
        kinds: vec![Marks::Approval.kind().into()],
        parameters: parameters(),
        max_passes: 1,
        segments: Segments::Host,
        bootstrap: false,
        participants: false,
        laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
    }
}

fn unacceptable() -> Descriptor {
    Descriptor {
        id: "unacceptable".into(),
        version: "1.0.0".into(),
        title: "Share that finds each candidate unacceptable".into(),
        answers: "How many of those who were asked say that a candidate should not be given at all?".into(),
        assumes: "Only those who were asked count; who was asked and flagged nothing finds everything acceptable. \
                  Somebody who was not shown a candidate cannot be told from one who did not flag it, so that the \
                  share of a candidate shown to few is too low."
            .into(),
        avoid_when: "You want an order: this is a line that candidates cross or not, and no method mixes it into a \
                     ranking. A candidate may be put first by many and be unacceptable to many others."
            .into(),
        source: "As asked in collective-alignment-1; interval: Wilson 1927 with Kish's effective n (Kish 1965)".into(),
        kinds: vec![Marks::Unacceptable.kind().into()],
        parameters: parameters(),
        max_passes: 1,
        segments: Segments::Host,
        bootstrap: false,
        participants: false,
        laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
    }
}

fn parameters() -> serde_json::Value {
    json!({
        "type": "object",
        "properties": {
            "level": {"type": "number", "minimum": 0.5, "maximum": 0.999, "default": 0.95,
                      "description": "confidence of the intervals"},
        },
        "additionalProperties": false,
    })
}

impl Method for Marks {
    fn describe(&self) -> Descriptor {
        match self {
            Self::Approval => approval(),
            Self::Unacceptable => unacceptable(),
        }
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        check_items(config, &[self.kind()])?;
        config.parameters::<Parameters>().map(|_| ())
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        let mut starts = vec![0];
        for item in &config.items {
            starts.push(starts[starts.len() - 1] + HEAD + SLOTS * item.candidates.len());
        }
        let Parameters { level } = config.parameters()?;
        Ok(open(Fold { marks: *self, items: config.items.clone(), starts, level }))
    }
}

/// Integers of an item: rows, weight and squared weights of those who answered.
const HEAD: usize = 3;
/// Then of each candidate: rows and weight of those who mark it.
const SLOTS: usize = 2;

struct Fold {
    marks: Marks,
    items: Vec<ItemInfo>,
    starts: Vec<usize>,
    level: f64,
}

impl Summed for Fold {
    fn tag(&self) -> String {
        match self.marks {
            Marks::Approval => "approval@1.0.0".into(),
            Marks::Unacceptable => "unacceptable@1.0.0".into(),
        }
    }

    fn size(&self) -> usize {
        self.starts[self.items.len()]
    }

    fn add(&self, sums: &mut [i128], item: usize, _: u16, answer: &[u8], tally: &Tally) {
        let (head, slots) = sums[self.starts[item]..self.starts[item + 1]].split_at_mut(HEAD);
        head[0] += i128::from(tally.rows);
        head[1] += i128::from(tally.weight);
        head[2] += tally.squares as i128;
        for (slot, _) in slots.chunks_exact_mut(SLOTS).zip(answer).filter(|(_, mark)| **mark != 0) {
            slot[0] += i128::from(tally.rows);
            slot[1] += i128::from(tally.weight);
        }
    }

    fn report(&self, sums: &[i128]) -> Result<Report, MethodError> {
        let mut report = Report::default();
        let of_item = |item: usize| sums[self.starts[item]..self.starts[item + 1]].split_at(HEAD);
        let (answered, empty): (Vec<usize>, Vec<usize>) =
            (0..self.items.len()).partition(|&item| of_item(item).0[0] > 0);
        note_unanswered(&mut report, self.items.len(), empty.iter().map(|&item| self.items[item].id.as_str()))?;
        let tables = answered.iter().map(|&item| {
            let (head, slots) = of_item(item);
            self.rows(&self.items[item], head, slots)
        });
        let (rows, orders): (Vec<_>, Vec<_>) = tables.unzip();
        report.tables.push(self.table(rows.concat()));
        if self.marks == Marks::Approval {
            report.tables.push(orders_table("Order by approval", orders));
        }
        report.charts.push(Chart {
            id: "candidates".into(),
            title: self.words().0.into(),
            kind: ChartKind::DotInterval,
            table: "candidates".into(),
            x: "share".into(),
            y: "candidate".into(),
            group: Some("item".into()),
            value: None,
        });
        if self.marks == Marks::Unacceptable {
            let words = "a candidate that was not shown to somebody counts as not flagged by them";
            report.notes.push(Note::info("not_shown_is_not_flagged", words));
        }
        Ok(report)
    }
}

impl Fold {
    /// Title of the table, labels of its count and of its weight.
    fn words(&self) -> (&'static str, &'static str, &'static str) {
        match self.marks {
            Marks::Approval => ("Share that approves", "Approve", "Approve, weighted"),
            Marks::Unacceptable => ("Share that finds it unacceptable", "Flagged it", "Flagged it, weighted"),
        }
    }

    /// The rows of the candidates of an item, and the row of its order.
    fn rows(&self, item: &ItemInfo, head: &[i128], slots: &[i128]) -> (Vec<Vec<Cell>>, Vec<Cell>) {
        let slots: Vec<&[i128]> = slots.chunks_exact(SLOTS).collect();
        let places = places(slots.len(), |a, b| slots[a][1] > slots[b][1]);
        let n_eff = effective(head[1], head[2]);
        let row = |(at, slot): (usize, &&[i128])| {
            let share = ratio(slot[1], head[1]);
            let interval = share.and_then(|p| wilson(p, n_eff, self.level));
            let mut row: Vec<Cell> = vec![item.id.as_str().into(), item.candidates[at].as_str().into()];
            row.extend((self.marks == Marks::Approval).then(|| Cell::from(places[at])));
            row.extend([
                (slot[0] as i64).into(),
                people(slot[1]).into(),
                share.into(),
                interval.map(|ends| ends.0).into(),
                interval.map(|ends| ends.1).into(),
                (head[0] as i64).into(),
                n_eff.into(),
            ]);
            row
        };
        let order = order_text(&item.candidates, &places);
        let order = vec![item.id.as_str().into(), order.into(), (head[0] as i64).into(), n_eff.into()];
        (slots.iter().enumerate().map(row).collect(), order)
    }

    fn table(&self, rows: Vec<Vec<Cell>>) -> Table {
        let (title, count, weight) = self.words();
        let mut columns =
            vec![Column::new("item", "Item", Unit::None), Column::new("candidate", "Candidate", Unit::None)];
        columns.extend((self.marks == Marks::Approval).then(|| Column::new("place", "Place", Unit::Count)));
        columns.extend([
            Column::new("count", count, Unit::Count),
            Column::new("weight", weight, Unit::Weight),
            Column::estimate("share", title, Unit::Share),
            Column::new("share_low", "Lower end", Unit::Share),
            Column::new("share_high", "Upper end", Unit::Share),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
        ]);
        Table { id: "candidates".into(), title: title.into(), columns, rows }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::report::{Cell, Report};
    use crate::testing::{item, report};

    /// Marks of 25 people for A to G: the first row is who marks A.
    const MARKS: [&str; 7] = [
        "0011000101000001001111101",
        "1010010011101001100101010",
        "0010001100100101111110001",
        "1001110011110011111100001",
        "1010100110101110111001000",
        "1100000111111111011111110",
        "1100011100100111111110101",
    ];

    fn marks(method: &str, kind: &str) -> Report {
        let of_person = |person: usize| MARKS.map(|marks| marks.as_bytes()[person] - b'0');
        let answers: Vec<u8> = (0..25).flat_map(of_person).collect();
        report(method, json!({}), &[item("i", kind, "A B C D E F G", None)], &[(0, &answers)])
    }

    #[test]
    fn approvals_are_those_of_two_packages() {
        // pref_voting 1.18.2, approval again and again without its winners, and VoteKit 3.5.0,
        // Approval(profile, n_seats=7).get_ranking().
        let report = marks("approval", "approve");
        let orders = report.table("orders").unwrap();
        assert_eq!(orders.rows[0][1], Cell::from("F>G>D>E>B=C>A"));
        let table = report.table("candidates").unwrap();
        let share = |row: &Vec<Cell>| table.cell(row, "share").unwrap().as_f64().unwrap();
        assert_eq!(table.rows.iter().map(share).collect::<Vec<_>>(), [0.44, 0.48, 0.48, 0.6, 0.52, 0.72, 0.64]);
    }

    #[test]
    fn what_is_unacceptable_has_no_order() {
        let report = marks("unacceptable", "unacceptable");
        assert_eq!(report.tables.len(), 1);
        assert_eq!(report.tables[0].column("place"), None);
        assert_eq!(report.notes[0].code, "not_shown_is_not_flagged");
    }
}
