//! `score`: the number that people give on average.

use serde::Deserialize;
use serde_json::json;

use crate::ballot::{check_items, note_unanswered, order_text, places};
use crate::contract::{Accumulator, Config, Descriptor, ItemInfo, Law, Method, MethodError, Segments};
use crate::fold::{Histogram, open_histograms};
use crate::grades::mean::{Mean, median};
use crate::grades::values::add_values;
use crate::report::{Cell, Chart, ChartKind, Column, Note, Report, Table, Unit};

#[derive(Clone, Copy, Deserialize)]
struct Parameters {
    level: f64,
}

pub(crate) struct Score;

impl Method for Score {
    fn describe(&self) -> Descriptor {
        Descriptor {
            id: "score".into(),
            version: "1.0.0".into(),
            title: "Mean and median of the numbers given".into(),
            answers: "Which number do people give on average, and what stands in the middle?".into(),
            assumes: "A step of the scale is worth the same everywhere, and to everybody. The order of items means \
                      something only where all of them were answered on one scale."
                .into(),
            avoid_when: "The scale is of words (poor, fair, good), or a few people may push the mean with extreme \
                         numbers: take majority-judgment."
                .into(),
            source: "Score voting: Smith 2000; linearised standard error of a weighted mean: Särndal, Swensson and \
                     Wretman 1992, section 5.7"
                .into(),
            kinds: vec!["scale".into()],
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
            laws: vec![Law::Anonymity, Law::Neutrality, Law::WeightScale, Law::Duplication],
        }
    }

    fn check(&self, config: &Config) -> Result<(), MethodError> {
        check_items(config, &["scale"])?;
        config.parameters::<Parameters>().map(|_| ())
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        let Parameters { level } = config.parameters()?;
        let finish = move |items: &[ItemInfo], histograms: &[Histogram]| report(items, histograms, level);
        Ok(open_histograms("score@1.0.0", config, Box::new(finish)))
    }
}

fn report(items: &[ItemInfo], histograms: &[Histogram], level: f64) -> Result<Report, MethodError> {
    let mut report = Report::default();
    let answered = |item: usize| histograms.iter().any(|histogram| histogram.item == item);
    let empty = (0..items.len()).filter(|&item| !answered(item)).map(|item| items[item].id.as_str());
    note_unanswered(&mut report, items.len(), empty)?;

    let means: Vec<Option<Mean>> = histograms.iter().map(Mean::of).collect();
    let key = |at: usize| means[at].map_or(f64::NEG_INFINITY, |mean| mean.mean);
    let places = places(histograms.len(), |a, b| key(a) > key(b));
    let rows = histograms.iter().zip(&means).zip(&places).map(|((histogram, mean), &place)| {
        let interval = mean.and_then(|mean| mean.interval(level));
        vec![
            items[histogram.item].id.as_str().into(),
            place.into(),
            mean.map(|mean| mean.mean).into(),
            interval.map(|ends| ends.0).into(),
            interval.map(|ends| ends.1).into(),
            mean.and_then(|mean| mean.error).into(),
            median(&histogram.values).into(),
            (histogram.total().rows as i64).into(),
            mean.map(|mean| mean.n_eff).into(),
        ]
    });
    report.tables.push(items_table(rows.collect()));
    report.charts.push(Chart {
        id: "items".into(),
        title: "Mean of the numbers given".into(),
        kind: ChartKind::DotInterval,
        table: "items".into(),
        x: "mean".into(),
        y: "item".into(),
        group: None,
        value: None,
    });
    add_values(&mut report, items, histograms);
    let ids: Vec<String> = histograms.iter().map(|histogram| items[histogram.item].id.clone()).collect();
    add_notes(&mut report, &ids, &means, &places);
    Ok(report)
}

fn items_table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        id: "items".into(),
        title: "Scores by item".into(),
        columns: vec![
            Column::new("item", "Item", Unit::None),
            Column::new("place", "Place", Unit::Count),
            Column::estimate("mean", "Mean", Unit::Score),
            Column::new("mean_low", "Mean, lower end", Unit::Score),
            Column::new("mean_high", "Mean, upper end", Unit::Score),
            Column::new("error", "Standard error of the mean", Unit::Score),
            Column::estimate("median", "Median", Unit::Score),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
        ],
        rows,
    }
}

fn add_notes(report: &mut Report, ids: &[String], means: &[Option<Mean>], places: &[i64]) {
    let named = |wanted: fn(&Option<Mean>) -> bool| -> Vec<&str> {
        ids.iter().zip(means).filter(|(_, mean)| wanted(mean)).map(|(id, _)| id.as_str()).collect()
    };
    let beyond = named(Option::is_none);
    if !beyond.is_empty() {
        let words = format!("the numbers given to {} are too large for a mean", beyond.join(", "));
        report.notes.push(Note::warning("too_large", words));
    }
    let single = named(|mean| mean.is_some_and(|mean| mean.error.is_none()));
    if !single.is_empty() {
        let words = format!("one answer gives no standard error: {}", single.join(", "));
        report.notes.push(Note::info("single_answers", words));
    }
    if ids.len() > 1 {
        let order = order_text(ids, places);
        let words = format!("by mean {order}; an order only if all items were answered on one scale");
        report.notes.push(Note::info("order", words));
    }
}
