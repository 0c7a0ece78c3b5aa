//! `rubric`: what weight people give each criterion, and how the position fares by them.

use serde::Deserialize;
use serde_json::json;

use crate::ballot::{check_items, note_unanswered};
use crate::contract::{Accumulator, Config, Descriptor, ItemInfo, Law, Method, MethodError, Segments};
use crate::fold::{Histogram, open_histograms};
use crate::grades::mean::Mean;
use crate::report::{Cell, Chart, ChartKind, Column, Note, Report, Table, Unit};

#[derive(Clone, Copy, Deserialize)]
struct Parameters {
    level: f64,
}

pub(crate) struct Rubric;

impl Method for Rubric {
    fn describe(&self) -> Descriptor {
        Descriptor {
            id: "rubric".into(),
            version: "1.0.0".into(),
            title: "Weights of criteria and crowd score".into(),
            answers: "How much does each criterion matter to people, for or against, and how well does the position \
                      meet what matters?"
                .into(),
            assumes: "Who gave a criterion no weight says nothing about it. A criterion counts by its mean weight \
                      times the fourth root of how many weighed it (their effective number, which is the number \
                      where weights are equal). The position meets the criteria that it gives a positive weight and \
                      no others; answers alone do not tell which candidate meets which criterion, so that without \
                      a position there are weights but no crowd score."
                .into(),
            avoid_when: "Criteria overlap, so that one wish counts twice, or a criterion was written and weighed by \
                         one person alone."
                .into(),
            source: "Crowd score: sum over the criteria met of mean times raters^(1/4), over its maximum; as in the \
                     rubrics of collective-alignment-1 (coval)"
                .into(),
            kinds: vec!["rubric".into()],
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
            bootstrap: true,
            participants: false,
            laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale],
        }
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        check_items(config, &["rubric"])?;
        config.parameters::<Parameters>().map(|_| ())
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        let Parameters { level } = config.parameters()?;
        let finish = move |items: &[ItemInfo], histograms: &[Histogram]| report(items, histograms, level);
        Ok(open_histograms("rubric@1.0.0", config, Box::new(finish)))
    }
}

/// An item's criteria as people weighed them; `None` where nobody did.
struct Criteria<'a> {
    item: &'a ItemInfo,
    means: Vec<Option<Mean>>,
}

impl Criteria<'_> {
    /// What a criterion counts: its mean times the fourth root of its raters.
    fn counts(&self, criterion: usize) -> Option<f64> {
        self.means[criterion].map(|mean| mean.mean * libm::sqrt(libm::sqrt(mean.n_eff)))
    }

    /// The most that a candidate can reach: it meets just the criteria that count for it.
    fn most(&self) -> f64 {
        sum((0..self.means.len()).filter_map(|criterion| self.counts(criterion)).filter(|counts| *counts > 0.0))
    }

    /// Whether the position meets a criterion; `None` without a position.
    fn met(&self, criterion: usize) -> Option<bool> {
        let weight = *self.item.position.as_ref()?.get(criterion)?;
        Some(weight.cast_signed() > 0)
    }

    /// The crowd score of the position; `None` without one, or where no criterion counts for anything.
    fn crowd_score(&self) -> Option<f64> {
        self.item.position.as_ref()?;
        let most = self.most();
        let met = (0..self.means.len()).filter(|&criterion| self.met(criterion) == Some(true));
        let reached = sum(met.filter_map(|criterion| self.counts(criterion)));
        (most > 0.0).then(|| reached / most)
    }
}

/// The sum in ascending order: the same whatever the order of the criteria.
fn sum(parts: impl Iterator<Item = f64>) -> f64 {
    let mut parts: Vec<f64> = parts.collect();
    parts.sort_by(f64::total_cmp);
    parts.into_iter().sum()
}

fn report(items: &[ItemInfo], histograms: &[Histogram], level: f64) -> Result<Report, MethodError> {
    let mut report = Report::default();
    let mut all: Vec<Criteria<'_>> =
        items.iter().map(|item| Criteria { item, means: vec![None; item.candidates.len()] }).collect();
    for histogram in histograms {
        all[histogram.item].means[histogram.place] = Mean::of(histogram);
    }
    let empty = all.iter().filter(|criteria| criteria.means.iter().all(Option::is_none));
    note_unanswered(&mut report, items.len(), empty.map(|criteria| criteria.item.id.as_str()))?;
    all.retain(|criteria| criteria.means.iter().any(Option::is_some));

    let rows = all
        .iter()
        .flat_map(|criteria| (0..criteria.means.len()).map(move |criterion| criterion_row(criteria, criterion, level)));
    report.tables.push(criteria_table(rows.collect()));
    report.charts.push(Chart {
        id: "criteria".into(),
        title: "Weight of each criterion".into(),
        kind: ChartKind::DotInterval,
        table: "criteria".into(),
        x: "mean".into(),
        y: "criterion".into(),
        group: Some("item".into()),
        value: None,
    });
    let with_position: Vec<_> = all.iter().filter(|criteria| criteria.item.position.is_some()).collect();
    if !with_position.is_empty() {
        let rows = with_position.iter().map(|criteria| position_row(criteria));
        report.tables.push(positions_table(rows.collect()));
    }
    add_notes(&mut report, &all);
    Ok(report)
}

fn criterion_row(criteria: &Criteria<'_>, criterion: usize, level: f64) -> Vec<Cell> {
    let mean = criteria.means[criterion];
    let interval = mean.and_then(|mean| mean.interval(level));
    vec![
        criteria.item.id.as_str().into(),
        criteria.item.candidates[criterion].as_str().into(),
        mean.map(|mean| mean.mean).into(),
        interval.map(|ends| ends.0).into(),
        interval.map(|ends| ends.1).into(),
        mean.and_then(|mean| mean.error).into(),
        criteria.counts(criterion).into(),
        criteria.met(criterion).into(),
        mean.map_or(0, |mean| mean.rows).into(),
        mean.map_or(0.0, |mean| mean.n_eff).into(),
    ]
}

fn criteria_table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        id: "criteria".into(),
        title: "Weights of criteria".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("criterion", "Criterion", Unit::None),
            Column::estimate("mean", "Mean weight", Unit::Score),
            Column::new("mean_low", "Mean weight, lower end", Unit::Score),
            Column::new("mean_high", "Mean weight, upper end", Unit::Score),
            Column::new("error", "Standard error of the mean", Unit::Score),
            Column::estimate("counts", "Mean times raters^(1/4)", Unit::Score),
            Column::new("met", "The position meets it", Unit::None),
            Column::new("n", "Weighed it", Unit::Count),
            Column::new("n_eff", "Weighed it, effective number", Unit::Count),
        ],
        rows,
    }
}

fn position_row(criteria: &Criteria<'_>) -> Vec<Cell> {
    let met = (0..criteria.means.len()).filter(|&criterion| criteria.met(criterion) == Some(true));
    vec![
        criteria.item.id.as_str().into(),
        criteria.crowd_score().into(),
        (met.count() as i64).into(),
        (criteria.means.len() as i64).into(),
        criteria.most().into(),
    ]
}

fn positions_table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        id: "positions".into(),
        title: "Crowd score of the position".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::estimate("crowd_score", "Crowd score, 1 the most that can be reached", Unit::Score),
            Column::new("met", "Criteria met", Unit::Count),
            Column::new("criteria", "Criteria", Unit::Count),
            Column::estimate("most", "The most that can be reached", Unit::Score),
        ],
        rows,
    }
}

fn add_notes(report: &mut Report, all: &[Criteria<'_>]) {
    let named = |wanted: &dyn Fn(&Criteria<'_>) -> bool| -> String {
        let ids: Vec<_> = all.iter().filter(|criteria| wanted(criteria)).map(|c| c.item.id.as_str()).collect();
        ids.join(", ")
    };
    let without = named(&|criteria| criteria.item.position.is_none());
    if !without.is_empty() {
        let words = format!("no position says which criteria are met, so there is no crowd score: {without}");
        report.notes.push(Note::info("items_without_position", words));
    }
    let worthless = named(&|criteria| criteria.item.position.is_some() && criteria.crowd_score().is_none());
    if !worthless.is_empty() {
        let words = format!("no criterion counts for anything, so there is no crowd score: {worthless}");
        report.notes.push(Note::info("nothing_to_reach", words));
    }
    let unweighed = named(&|criteria| criteria.means.iter().any(Option::is_none));
    if !unweighed.is_empty() {
        let words = format!("some criteria were weighed by nobody and count nothing: {unweighed}");
        report.notes.push(Note::info("criteria_without_weights", words));
    }
    let single = named(&|criteria| criteria.means.iter().flatten().any(|mean| mean.error.is_none()));
    if !single.is_empty() {
        let words = format!("some criteria were weighed by one person and have no interval: {single}");
        report.notes.push(Note::info("criteria_of_one_rater", words));
    }
}
