//! `krippendorff`: how far people agree on the same things, beyond chance.

use serde::Deserialize;
use serde_json::json;

use crate::ballot::check_items;
use crate::contract::{Accumulator, Config, Descriptor, ItemInfo, Law, Method, MethodError, Segments, WEIGHT_ONE};
use crate::fold::{Histogram, open_histograms};
use crate::reliability::alpha::{Coincidences, Metric};
use crate::reliability::groups::{Group, groups};
use crate::report::{Cell, Chart, ChartKind, Column, Note, Report, Table, Unit};

const KINDS: [&str; 5] = ["scale", "rubric", "vote", "choose", "approve"];

#[derive(Clone, Copy, Deserialize)]
struct Parameters {
    metric: Wanted,
}

/// The metric asked for.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    /// Interval for numbers, nominal for all else.
    Auto,
    #[serde(untagged)]
    Of(Metric),
}

pub(crate) struct Krippendorff;

impl Method for Krippendorff {
    fn describe(&self) -> Descriptor {
        Descriptor {
            id: "krippendorff".into(),
            version: "1.0.0".into(),
            title: "Krippendorff's alpha".into(),
            answers: "How far do people agree on the same items, 1 being full agreement and 0 no more than chance?"
                .into(),
            assumes: "Items of a kind (criteria of rubrics, candidates of approvals, choices among the same options) \
                      are units of one sort, taken from one population, and people judge them independently. Who did \
                      not answer is missing and nothing else. A pair of people counts by the product of their \
                      weights."
                .into(),
            avoid_when: "There is one item only, when agreement cannot be told from how common a value is; or people \
                         may rightly differ, as on matters of taste: a low alpha is then a finding and no defect. For \
                         rankings, whose places depend on each other, take agreement."
                .into(),
            source: "Krippendorff 2011, Computing Krippendorff's alpha-reliability; 2019, Content Analysis, chapter \
                     12. With weights, a unit's pairs add up to its weight as they do to its number of answers \
                     without, and the n - 1 of the expected disagreement is n - sum w^2 / n"
                .into(),
            kinds: KINDS.map(str::to_owned).into(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "metric": {"type": "string", "enum": ["auto", "nominal", "ordinal", "interval", "ratio"],
                               "default": "auto",
                               "description": "what a difference is; auto: interval for numbers, nominal for all else"},
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
        check_items(config, &KINDS)?;
        config.parameters::<Parameters>().map(|_| ())
    }

    fn open(&self, config: &Config, _: u32, _: Option<&[u8]>) -> Result<Box<dyn Accumulator>, MethodError> {
        let Parameters { metric } = config.parameters()?;
        let finish = move |items: &[ItemInfo], histograms: &[Histogram]| report(items, histograms, metric);
        Ok(open_histograms("krippendorff@1.0.0", config, Box::new(finish)))
    }
}

/// The matrix of coincidences is shown for as many values at most.
const MOST_SHOWN: usize = 25;

fn report(items: &[ItemInfo], histograms: &[Histogram], wanted: Wanted) -> Result<Report, MethodError> {
    let mut report = Report::default();
    let mut alphas = Vec::new();
    let mut coincidences = Vec::new();
    let mut reasons = Vec::new();
    for group in groups(items, histograms) {
        let metric = match wanted {
            Wanted::Auto => group.metric,
            Wanted::Of(metric) => metric,
        };
        let found = Coincidences::of(group.units.iter().map(|(_, histogram)| histogram));
        note_single_ratings(&mut report, &group);
        let (observed, expected) = match disagreements(&group, &found, metric) {
            Ok(found) => found,
            Err(reason) => {
                reasons.push(format!("{}: {reason}", group.name));
                continue;
            }
        };
        if found.units() == 1 {
            let words = format!("{}: with one unit alpha says nothing; it is about 0 whatever people say", group.name);
            report.notes.push(Note::warning("one_unit", words));
        }
        alphas.push(vec![
            group.name.as_str().into(),
            metric.name().into(),
            (1.0 - observed / expected).into(),
            (observed / expected).into(),
            (found.units() as i64).into(),
            (found.values.len() as i64).into(),
            (found.rows as i64).into(),
            found.n_eff.into(),
        ]);
        if found.values.len() > MOST_SHOWN {
            let words = format!("{}: over {MOST_SHOWN} values, so their coincidences are not shown", group.name);
            report.notes.push(Note::info("coincidences_cut", words));
            continue;
        }
        coincidences.extend(coincidence_rows(&group, &found));
    }
    if alphas.is_empty() && reasons.is_empty() {
        return Err(MethodError::Undefined("there are no answers of weight to any item this method folds".to_owned()));
    }
    if alphas.is_empty() {
        return Err(MethodError::Undefined(reasons.join("; ")));
    }
    if !reasons.is_empty() {
        report.notes.push(Note::warning("without_alpha", reasons.join("; ")));
    }
    report.tables.push(alphas_table(alphas));
    report.tables.push(coincidences_table(coincidences));
    report.charts.push(Chart {
        id: "coincidences".into(),
        title: "Which values meet in pairs".into(),
        kind: ChartKind::HeatMap,
        table: "coincidences".into(),
        x: "with".into(),
        y: "value".into(),
        group: Some("group".into()),
        value: Some("coincidences".into()),
    });
    Ok(report)
}

/// Observed and expected disagreement, or why there are none.
fn disagreements(group: &Group, found: &Coincidences<'_>, metric: Metric) -> Result<(f64, f64), &'static str> {
    if found.units() == 0 {
        return Err("no two people judged the same");
    }
    if found.values.len() == 1 {
        return Err("everybody said the same everywhere, so that agreement cannot be told from chance");
    }
    if group.is_unordered && metric != Metric::Nominal {
        return Err("options have no order, so that only the nominal metric fits");
    }
    if metric == Metric::Ratio && found.values[0] < 0.0 {
        return Err("ratios need values of 0 and above");
    }
    found.disagreements(metric).ok_or("the numbers are too large for their differences")
}

fn note_single_ratings(report: &mut Report, group: &Group) {
    let single = group.units.iter().filter(|(_, histogram)| histogram.total().rows < 2);
    let names: Vec<_> = single.map(|(name, _)| name.as_str()).collect();
    if !names.is_empty() {
        let words = format!("judged by one person, and so left out: {}", names.join(", "));
        report.notes.push(Note::info("single_ratings", words));
    }
}

fn alphas_table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        id: "alphas".into(),
        title: "Krippendorff's alpha".into(),
        columns: vec![
            Column::new("group", "Judged", Unit::None),
            Column::new("metric", "Metric", Unit::None),
            Column::estimate("alpha", "Alpha", Unit::Correlation),
            Column::new("disagreement", "Disagreement observed, 1 as expected by chance", Unit::Score),
            Column::new("units", "Units judged by two or more", Unit::Count),
            Column::new("values", "Different values", Unit::Count),
            Column::new("n", "Answers", Unit::Count),
            Column::new("n_eff", "Effective answers", Unit::Count),
        ],
        rows,
    }
}

fn coincidence_rows(group: &Group, found: &Coincidences<'_>) -> Vec<Vec<Cell>> {
    let width = found.values.len();
    let row = |(at, weight): (usize, f64)| {
        vec![
            group.name.as_str().into(),
            group.value(found.values[at / width]),
            group.value(found.values[at % width]),
            (weight / WEIGHT_ONE as f64).into(),
        ]
    };
    found.matrix().into_iter().enumerate().map(row).collect()
}

fn coincidences_table(rows: Vec<Vec<Cell>>) -> Table {
    Table {
        id: "coincidences".into(),
        title: "Coincidences of values within units".into(),
        columns: vec![
            Column::new("group", "Judged", Unit::None),
            Column::new("value", "Value", Unit::None),
            Column::new("with", "With", Unit::None),
            Column::new("coincidences", "Coincidences", Unit::Weight),
        ],
        rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{item, report, votes_item};

    fn figures(report: &Report, column: &str) -> Vec<Option<f64>> {
        let table = report.table("alphas").unwrap();
        table.rows.iter().map(|row| table.cell(row, column).unwrap().as_f64()).collect()
    }

    fn codes(report: &Report) -> Vec<&str> {
        report.notes.iter().map(|note| note.code.as_str()).collect()
    }

    #[test]
    fn votes_by_hand() {
        // Two raters, ten units, both say yes on six and no on two, and differ on two: n = 20, 14 and 6.
        // alpha = 1 - 19 * 4 / (14 * 6 + 6 * 14).
        let items: Vec<ItemInfo> = (0..10).map(|at| votes_item(&format!("v{at}"))).collect();
        let said: [&[u8]; 10] = [b"AA", b"AA", b"AA", b"AA", b"AA", b"AA", b"DD", b"DD", b"AD", b"DA"];
        let answers: Vec<(u32, &[u8])> = (0..).zip(said).collect();
        let found = report("krippendorff", json!({}), &items, &answers);
        let alpha = figures(&found, "alpha")[0].unwrap();
        assert!((alpha - (1.0 - 19.0 * 4.0 / 168.0)).abs() < 1e-12, "{alpha}");
        assert_eq!(found.table("coincidences").unwrap().rows[0][1], Cell::from("disagree"));
        // On two values every metric but the ratio says the same.
        let interval = report("krippendorff", json!({"metric": "interval"}), &items, &answers);
        assert!((figures(&interval, "alpha")[0].unwrap() - alpha).abs() < 1e-12);
    }

    #[test]
    fn choices_from_the_same_options_are_of_one_sort() {
        let items =
            [item("1", "choose", "x y", None), item("2", "choose", "y x", None), item("3", "choose", "x z", None)];
        let answers: [(u32, &[u8]); 3] = [(0, &[0, 0, 0]), (1, &[0, 0, 0]), (2, &[0, 1])];
        let found = report("krippendorff", json!({}), &items, &answers);
        assert_eq!(figures(&found, "units"), [Some(2.0), Some(1.0)]);
        assert_eq!(figures(&found, "alpha")[0], Some(1.0));
        assert_eq!(codes(&found), ["one_unit"]);
        assert!(figures(&found, "alpha")[1].unwrap().abs() < 1e-12);
    }

    #[test]
    fn what_has_no_alpha_says_why() {
        let items = [item("s", "scale", "", None), item("c", "choose", "x y", None), votes_item("v"), votes_item("w")];
        let scores: Vec<u8> = [1.0_f64, 2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        let answers: [(u32, &[u8]); 4] = [(0, &scores), (1, &[0, 1]), (2, b"AA"), (3, b"A")];
        let found = report("krippendorff", json!({"metric": "ordinal"}), &items, &answers);
        assert_eq!(figures(&found, "alpha").len(), 1);
        assert_eq!(codes(&found), ["one_unit", "single_ratings", "without_alpha"]);
        let words = &found.notes[2].text;
        assert!(words.contains("options have no order") && words.contains("everybody said the same"), "{words}");
    }
}
