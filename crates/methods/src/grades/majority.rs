//! `majority-judgment`: the grade that a majority would give, and the order it makes.

use serde_json::json;

use crate::ballot::{check_items, note_unanswered, order_text, places};
use crate::contract::{Accumulator, Config, Descriptor, ItemInfo, Law, Method, MethodError, Segments};
use crate::fold::{Histogram, open_histograms};
use crate::grades::outward::Outward;
use crate::grades::values::add_values;
use crate::report::{Cell, Chart, ChartKind, Column, Note, Report, Table, Unit};
use crate::stats::{effective, ratio};

pub(crate) struct MajorityJudgment;

impl Method for MajorityJudgment {
    fn describe(&self) -> Descriptor {
        Descriptor {
            id: "majority-judgment".into(),
            version: "1.0.0".into(),
            title: "Majority judgment".into(),
            answers: "Which grade would a majority give each item or a better one, and in which order do the items \
                      stand by grade?"
                .into(),
            assumes: "Each item is a thing judged, all on one scale of whole-numbered grades, a higher number the \
                      better grade, and a grade means the same to everybody. Only the order of grades counts, not \
                      their distance. Items may have been judged by different people: shares are compared."
                .into(),
            avoid_when: "The numbers are measurements, or people used different scales for different items: take \
                         score."
                .into(),
            source: "Balinski and Laraki 2007, PNAS 104; 2011, Majority Judgment".into(),
            kinds: vec!["scale".into()],
            parameters: json!({"type": "object", "properties": {}, "additionalProperties": false}),
            max_passes: 1,
            segments: Segments::Host,
            bootstrap: true,
            participants: false,
            laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
        }
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        check_items(config, &["scale"])
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        Ok(open_histograms("majority-judgment@1.0.0", config, Box::new(report)))
    }
}

/// The integers that a double tells apart.
const LARGEST_GRADE: f64 = 9_007_199_254_740_992.0;

fn is_graded(histogram: &Histogram) -> bool {
    histogram.values.iter().all(|(x, _)| x.fract() == 0.0 && x.abs() <= LARGEST_GRADE)
}

fn report(items: &[ItemInfo], histograms: &[Histogram]) -> Result<Report, MethodError> {
    let mut report = Report::default();
    let answered = |item: usize| histograms.iter().any(|histogram| histogram.item == item);
    let empty = (0..items.len()).filter(|&item| !answered(item)).map(|item| items[item].id.as_str());
    note_unanswered(&mut report, items.len(), empty)?;
    let (graded, other): (Vec<&Histogram>, Vec<&Histogram>) = histograms.iter().partition(|h| is_graded(h));
    let other: Vec<_> = other.iter().map(|histogram| items[histogram.item].id.as_str()).collect();
    if graded.is_empty() {
        let words = format!("grades are whole numbers, but others were given to {}", other.join(", "));
        return Err(MethodError::Undefined(words));
    }
    if !other.is_empty() {
        let words = format!("left out, as some numbers given are not whole and so no grades: {}", other.join(", "));
        report.notes.push(Note::warning("not_graded", words));
    }

    let walks: Vec<Outward> = graded.iter().map(|histogram| Outward::of(&histogram.values)).collect();
    let places = places(graded.len(), |a, b| walks[a].compare(&walks[b]).is_gt());
    let rows = graded.iter().zip(&walks).zip(&places);
    let rows = rows.map(|((histogram, walk), place)| row(&items[histogram.item], histogram, walk.grade(), *place));
    report.tables.push(items_table(rows.collect()));
    let ids: Vec<String> = graded.iter().map(|histogram| items[histogram.item].id.clone()).collect();
    report.tables.push(Table {
        id: "orders".into(),
        title: "Order by majority judgment".into(),
        columns: vec![Column::new("order", "Order of the items, best first", Unit::None)],
        rows: vec![vec![order_text(&ids, &places).into()]],
    });
    report.charts.push(Chart {
        id: "items".into(),
        title: "Majority grades".into(),
        kind: ChartKind::DotInterval,
        table: "items".into(),
        x: "grade".into(),
        y: "item".into(),
        group: None,
        value: None,
    });
    let graded: Vec<Histogram> = graded.into_iter().cloned().collect();
    add_values(&mut report, items, &graded);
    note_ties(&mut report, &ids, &walks, &places);
    Ok(report)
}

/// The majority gauge: who would give a better grade, the grade, who would give a worse one.
fn row(item: &ItemInfo, histogram: &Histogram, grade: f64, place: i64) -> Vec<Cell> {
    let total = histogram.total();
    let weight = |wanted: &dyn Fn(f64) -> bool| -> i128 {
        histogram.values.iter().filter(|(x, _)| wanted(*x)).map(|(_, count)| count.weight).sum()
    };
    let (better, worse) = (weight(&|x| x > grade), weight(&|x| x < grade));
    vec![
        item.id.as_str().into(),
        place.into(),
        grade.into(),
        ratio(better, total.weight).into(),
        ratio(worse, total.weight).into(),
        (better > worse).into(),
        (total.rows as i64).into(),
        effective(total.weight, total.squares).into(),
    ]
}

fn items_table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        id: "items".into(),
        title: "Majority grades by item".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("place", "Place", Unit::Count),
            Column::estimate("grade", "Majority grade, the lower median", Unit::Score),
            Column::estimate("better", "Gave a better grade", Unit::Share),
            Column::estimate("worse", "Gave a worse grade", Unit::Share),
            Column::new("plus", "More gave a better one than a worse one", Unit::None),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
        ],
        rows,
    }
}

fn note_ties(report: &mut Report, ids: &[String], walks: &[Outward], places: &[i64]) {
    let shared = |wanted: &dyn Fn(usize, usize) -> bool| -> Vec<&str> {
        let with_another = |&a: &usize| (0..ids.len()).any(|b| a != b && wanted(a, b));
        (0..ids.len()).filter(with_another).map(|at| ids[at].as_str()).collect()
    };
    let broken = shared(&|a, b| walks[a].grade() == walks[b].grade() && places[a] != places[b]);
    if !broken.is_empty() {
        let words = format!(
            "items of one grade are told apart by the grades met from the middle outwards, the lower side first (the \
             majority gauge, and the majority value beyond it): {}",
            broken.join(", ")
        );
        report.notes.push(Note::info("ties_broken", words));
    }
    let tied = shared(&|a, b| places[a] == places[b]);
    if !tied.is_empty() {
        let words = format!("graded alike throughout, and so tied: {}", tied.join(", "));
        report.notes.push(Note::info("ties_left", words));
    }
}
