//! `shares`: how many take each option.

use serde::Deserialize;
use serde_json::json;

use crate::ballot::{NOT_SHOWN, check_items, note_unanswered};
use crate::contract::{Accumulator, Config, Descriptor, ItemInfo, Law, Method, MethodError, Segments};
use crate::fold::{Summed, Tally, open};
use crate::report::{Chart, ChartKind, Column, Note, Report, Table, Unit};
use crate::stats::{effective, people, ratio, wilson};

pub(super) const KINDS: [&str; 5] = ["vote", "choose", "approve", "pair", "rank"];

#[derive(Clone, Copy, Deserialize)]
struct Parameters {
    level: f64,
}

pub(crate) struct Shares;

impl Method for Shares {
    fn describe(&self) -> Descriptor {
        Descriptor {
            id: "shares".into(),
            version: "1.0.0".into(),
            title: "Share of each option".into(),
            answers: "How many of those who answered agree, choose, approve, or put a candidate first?".into(),
            assumes: "Everybody who was asked is as likely to answer as anybody of the same weight; options that \
                      were not shown to somebody do not count for them."
                .into(),
            avoid_when: "People ordered several candidates and second choices matter: take borda or schulze.".into(),
            source: "Interval: Wilson 1927 with Kish's effective n (Kish 1965)".into(),
            kinds: KINDS.map(str::to_owned).into(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "level": {"type": "number", "minimum": 0.5, "maximum": 0.999, "default": 0.95,
                              "description": "confidence of the intervals"},
                },
                "additionalProperties": false,
            }),
            max_passes: 1,
            segments: Segments::Host,
            bootstrap: false,
            participants: false,
            laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
        }
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        check_items(config, &KINDS)?;
        config.parameters::<Parameters>().map(|_| ())
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        let mut starts = vec![0];
        for item in &config.items {
            starts.push(starts[starts.len() - 1] + options(item).len() * SLOTS);
        }
        Ok(open(Fold { items: config.items.clone(), starts, parameters: config.parameters()? }))
    }
}

/// Integers an option: rows, weight and squared weights of those asked, rows and weight of those who took it.
const SLOTS: usize = 5;

struct Fold {
    items: Vec<ItemInfo>,
    starts: Vec<usize>,
    parameters: Parameters,
}

/// What an answer to the item may take.
pub(super) fn options(item: &ItemInfo) -> Vec<&str> {
    if item.kind == "vote" {
        return vec!["agree", "disagree", "pass", "agree_of_voted"];
    }
    item.candidates.iter().map(String::as_str).collect()
}

/// Whether the answer takes the option; `None` where the option does not count for it.
pub(super) fn takes(item: &ItemInfo, answer: &[u8], option: usize) -> Option<bool> {
    match item.kind.as_str() {
        "vote" if option == 3 => (answer[0] != b'P').then_some(answer[0] == b'A'),
        "vote" => Some(answer[0] == b"ADP"[option]),
        "choose" => Some(usize::from(answer[0]) == option),
        "approve" => Some(answer[option] == 1),
        _ => (answer[option] != NOT_SHOWN).then_some(answer[option] == 0),
    }
}

impl Summed for Fold {
    fn tag(&self) -> String {
        "shares@1.0.0".into()
    }

    fn size(&self) -> usize {
        self.starts[self.items.len()]
    }

    fn add(&self, sums: &mut [i128], item: usize, _: u16, answer: &[u8], tally: &Tally) {
        let slots = sums[self.starts[item]..self.starts[item + 1]].chunks_exact_mut(SLOTS);
        for (option, slot) in slots.enumerate() {
            let Some(taken) = takes(&self.items[item], answer, option) else { continue };
            slot[0] += i128::from(tally.rows);
            slot[1] += i128::from(tally.weight);
            slot[2] += tally.squares as i128;
            if taken {
                slot[3] += i128::from(tally.rows);
                slot[4] += i128::from(tally.weight);
            }
        }
    }

    fn report(&self, sums: &[i128]) -> Result<Report, MethodError> {
        let mut report = Report::default();
        let slots = |item: usize| sums[self.starts[item]..self.starts[item + 1]].chunks_exact(SLOTS);
        let empty = (0..self.items.len()).filter(|&item| slots(item).all(|slot| slot[0] == 0));
        note_unanswered(&mut report, self.items.len(), empty.map(|item| self.items[item].id.as_str()))?;
        let mut rows = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            for (option, slot) in options(item).into_iter().zip(slots(index)) {
                let share = ratio(slot[4], slot[1]);
                let n_eff = effective(slot[1], slot[2]);
                let interval = share.and_then(|p| wilson(p, n_eff, self.parameters.level));
                rows.push(vec![
                    item.id.as_str().into(),
                    option.into(),
                    (slot[0] as i64).into(),
                    n_eff.into(),
                    (slot[3] as i64).into(),
                    people(slot[4]).into(),
                    share.into(),
                    interval.map(|i| i.0).into(),
                    interval.map(|i| i.1).into(),
                ]);
            }
        }
        report.tables.push(Table {
            id: "shares".into(),
            title: "Share of each option".into(),
            columns: vec![
                Column::new("item", "Item", Unit::None),
                Column::new("option", "Option", Unit::None),
                Column::new("n", "Answers", Unit::Count),
                Column::new("n_eff", "Effective answers", Unit::Count),
                Column::new("count", "Took it", Unit::Count),
                Column::new("weight", "Took it, weighted", Unit::Weight),
                Column::estimate("share", "Share", Unit::Share),
                Column::new("share_low", "Lower end", Unit::Share),
                Column::new("share_high", "Upper end", Unit::Share),
            ],
            rows,
        });
        report.charts.push(Chart {
            id: "shares".into(),
            title: "Share of each option".into(),
            kind: ChartKind::DotInterval,
            table: "shares".into(),
            x: "share".into(),
            y: "option".into(),
            group: Some("item".into()),
            value: None,
        });
        if self.items.iter().any(|item| matches!(item.kind.as_str(), "rank" | "pair")) {
            report.notes.push(Note::info(
                "first_places",
                "the share of a ranked candidate is the share that puts it first; a tie for first counts for each",
            ));
        }
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{report, votes_item};

    #[test]
    fn shares_of_votes_are_counts_over_counts() {
        // 6 agree, 3 disagree, 1 pass: 0.6 of all, 2/3 of those who voted; Wilson as in stats.rs.
        let votes = b"AAAAAADDDP";
        let report = report("shares", serde_json::json!({}), &[votes_item("v")], &[(0, votes)]);
        let table = report.table("shares").unwrap();
        let share = |row: usize| table.cell(&table.rows[row], "share").unwrap().as_f64().unwrap();
        assert_eq!([share(0), share(1), share(2), share(3)], [0.6, 0.3, 0.1, 6.0 / 9.0]);
        assert_eq!(table.cell(&table.rows[3], "n").unwrap().as_f64(), Some(9.0));
    }
}
