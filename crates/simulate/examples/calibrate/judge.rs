//! What a round's answers lead to: by the method, and by what is commonly done instead.

use folkmoot_fold::stats::{benjamini_hochberg, holm, student_tail};
use folkmoot_methods::contract::{Batch, Config, Outcome, Values};
use folkmoot_methods::report::Cell;
use folkmoot_methods::{Registry, schema};
use serde_json::json;

use crate::round::{Answers, Round};

/// Margin and level of the rule.
const MARGIN: f64 = 0.1;
const Q: f64 = 0.05;

/// The class of each item by the method as it is.
pub(crate) fn classes(round: &Round) -> Vec<String> {
    let registry = Registry::builtin();
    let method = registry.get("disagreement").expect("it is built in");
    let by_community = round.config.dimensions.iter().any(|dimension| dimension.name == "community");
    let parameters = json!({"cluster": if by_community { "community" } else { "" }});
    let parameters = schema::check(&method.describe().parameters, &parameters).expect("they are valid");
    let config = Config { parameters, ..round.config.clone() };
    let mut fold = method.open(&config, 0, None).expect("the configuration is valid");
    for (item, answers) in round.items.iter().enumerate() {
        let columns = config.dimensions.iter().flat_map(|dimension| match dimension.name.as_str() {
            "segment" => answers.segment.iter(),
            _ => answers.community.iter(),
        });
        let strata: Vec<u16> = columns.copied().collect();
        fold.update(&Batch {
            item: item as u32,
            width: config.items[item].candidates.len(),
            participant: &[],
            weight: &answers.weight,
            strata: &strata,
            values: Values::Ranks(&answers.tiers),
        })
        .expect("the columns are whole");
    }
    let Outcome::Done(report) = fold.finish().expect("there are answers") else { panic!("one pass is enough") };
    let table = report.table("items").expect("it is there");
    let class = |row: &Vec<Cell>| table.cell(row, "class").and_then(Cell::as_str).unwrap_or_default().to_owned();
    table.rows.iter().map(class).collect()
}

/// Whether a class says that the public differs.
pub(crate) fn is_finding(class: &str) -> bool {
    ["consensus_against", "majority_against", "polarised"].contains(&class)
}

/// Whether anything is found with errors as if answers were independent and of one weight, corrected
/// over pairs and items as the method does; and whether without any correction.
pub(crate) fn naive(round: &Round) -> (bool, bool) {
    let of_item = |answers: &Answers| {
        let width = answers.tiers.len() / answers.weight.len().max(1);
        let pairs = (0..width).flat_map(|b| (0..b).map(move |a| (a, b)));
        pairs.map(|(a, b)| naive_p(answers, width, a, b)).collect::<Vec<_>>()
    };
    let p: Vec<Vec<f64>> = round.items.iter().map(of_item).collect();
    let uncorrected = p.iter().flatten().any(|p| *p <= Q);
    let smallest: Vec<f64> = p.iter().map(|p| holm(p).into_iter().fold(1.0, f64::min)).collect();
    (benjamini_hochberg(&smallest).iter().any(|p| *p <= Q), uncorrected)
}

/// p that `b` is above `a` by more than the margin.
fn naive_p(answers: &Answers, width: usize, a: usize, b: usize) -> f64 {
    let (mut weight, mut first, mut second) = (0.0, 0.0, 0.0);
    for (tiers, of) in answers.tiers.chunks(width).zip(&answers.weight) {
        let x = f64::from(tiers[a].cmp(&tiers[b]) as i8);
        weight += *of as f64;
        first += *of as f64 * x;
        second += *of as f64 * x * x;
    }
    let (count, mean) = (answers.weight.len() as f64, first / weight);
    let error = ((second / weight - mean * mean) / (count - 1.0)).sqrt();
    student_tail((mean - MARGIN) / error, count - 1.0)
}
