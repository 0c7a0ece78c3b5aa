//! The laws of the fold, tried on made-up rows: what every method must keep, and what this one promises.
//!
//! The rows come from a fixed generator, so that a broken law is broken again the next time.

mod people;
mod promised;
mod required;

use serde_json::Value;

use crate::contract::{Category, Config, Dimension, ItemInfo, Law, Method, Segments};
use crate::rows::Row;
use crate::schema;

/// What came of trying a law.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It held wherever it was tried.
    Held,
    /// It did not, and where.
    Broken(String),
    /// It was not tried, and why.
    NotTried(String),
}

/// A law and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What must hold, in words.
    pub law: &'static str,
    /// Whether it does.
    pub outcome: Outcome,
}

/// How often each law is tried, with other people every time.
pub const CASES: u64 = 24;

/// Tries every law on `method` with `parameters`, `cases` times each.
pub fn try_all(method: &dyn Method, parameters: &Value, cases: u64) -> Vec<Verdict> {
    let mut verdicts = required::alone(method, parameters);
    let promises = method.describe().laws;
    let required: [(&str, Check); 4] = [
        ("the size of batches changes no byte", required::batches),
        ("shards and the order of merging change no byte", required::shards),
        ("a merged state is the state that was saved", required::round_trip),
        ("hardly any data gives a reason or a sound report", required::little),
    ];
    let promised: [(Law, &str, Check); 4] = [
        (Law::Anonymity, "the numbers of participants change no figure", promised::anonymity),
        (Law::Neutrality, "candidates are treated alike", promised::neutrality),
        (Law::WeightScale, "the scale of weights changes no figure", promised::weight_scale),
        (Law::Duplication, "two like people are one of twice the weight", promised::duplication),
    ];
    let cases = Cases { method, parameters, count: cases };
    verdicts.extend(required.map(|(law, check)| Verdict { law, outcome: cases.try_law(check) }));
    for (law, words, check) in promised {
        let outcome = match promises.contains(&law) {
            true => cases.try_law(check),
            false => Outcome::NotTried("the method does not promise it".to_owned()),
        };
        verdicts.push(Verdict { law: words, outcome });
    }
    verdicts
}

/// Configurations of `method` that it accepts, each with made-up rows: what two bodies of one method are
/// compared on.
pub fn made_up(method: &dyn Method, parameters: &Value, seed: u64) -> Vec<(Config, Vec<Row>)> {
    let accepted = configs(method, parameters).into_iter().filter(|config| method.check(config).is_ok());
    accepted.map(|config| (config.clone(), people::rows(&config, &people::people(seed)))).collect()
}

/// One configuration and the seed of its people.
struct Case<'a> {
    method: &'a dyn Method,
    config: Config,
    seed: u64,
}

/// What is wrong, if anything.
type Check = fn(&Case<'_>) -> Result<(), String>;

struct Cases<'a> {
    method: &'a dyn Method,
    parameters: &'a Value,
    count: u64,
}

impl Cases<'_> {
    fn try_law(&self, check: Check) -> Outcome {
        let mut refusal = None;
        let mut tried = 0;
        for config in configs(self.method, self.parameters) {
            if let Err(error) = self.method.check(&config) {
                refusal = Some(error.to_string());
                continue;
            }
            for seed in 0..self.count {
                let case = Case { method: self.method, config: config.clone(), seed };
                if let Err(words) = check(&case) {
                    let strata = config.dimensions.len();
                    return Outcome::Broken(format!("case {seed} with {strata} dimensions: {words}"));
                }
                tried += 1;
            }
        }
        match tried {
            0 => Outcome::NotTried(refusal.unwrap_or_else(|| "there is no configuration to try".to_owned())),
            _ => Outcome::Held,
        }
    }
}

/// Items of every kind that the method folds, with positions.
fn items(kinds: &[String]) -> Vec<ItemInfo> {
    let item = |id: &str, kind: &str, candidates: &str, position: Option<&[u8]>| ItemInfo {
        id: id.to_owned(),
        kind: kind.to_owned(),
        candidates: candidates.split_whitespace().map(str::to_owned).collect(),
        position: position.map(<[u8]>::to_vec),
    };
    let mut all = vec![
        item("r4", "rank", "A B C D", Some(&[0, 1, 2, 2])),
        item("r9", "rank", "a b c d e f g h i", Some(&[0, 1, 2, 3, 4, 5, 6, 7, 8])),
        item("p", "pair", "x y", Some(&[1, 0])),
        item("v1", "vote", "", Some(b"A")),
        item("v2", "vote", "", Some(b"D")),
        item("v3", "vote", "", None),
        item("ap", "approve", "k l m", Some(&[1, 0, 0])),
        item("un", "unacceptable", "A B C D", None),
        item("ch", "choose", "s t", Some(&[1])),
        item("sc", "scale", "", None),
        item("grade1", "scale", "", None),
        item("grade2", "scale", "", None),
        item("ru", "rubric", "u v w", Some(&[5, 0xFC, 0x80])),
    ];
    all.retain(|item| kinds.contains(&item.kind));
    all
}

/// The configurations tried: without dimensions, and with one of two categories where the method reads
/// strata itself.
fn configs(method: &dyn Method, parameters: &Value) -> Vec<Config> {
    let descriptor = method.describe();
    let Ok(parameters) = schema::check(&descriptor.parameters, parameters) else { return Vec::new() };
    let plain = Config {
        parameters,
        items: items(&descriptor.kinds),
        dimensions: Vec::new(),
        participants: 1_000_000,
        seed: 1,
    };
    if descriptor.segments == Segments::Host {
        return vec![plain];
    }
    let category = |label: &str, share| Category { label: label.to_owned(), target: Some(share) };
    let dimension = Dimension { name: "s".to_owned(), categories: vec![category("s0", 0.25), category("s1", 0.75)] };
    vec![plain.clone(), Config { dimensions: vec![dimension], ..plain }]
}
