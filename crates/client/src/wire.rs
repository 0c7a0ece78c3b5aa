//! Folkmoot's own types in their wire form, for whoever sends them.

use folkmoot_core::answer::{NO_SCORE, View, Vote};
use folkmoot_core::{Answer, Candidate, Item, ItemKind};
use folkmoot_proto::response::{self, CandidateSet, Ranking, Rubric, answer::Value};
use folkmoot_proto::survey;
use prost_types::value::Kind;

/// An item, without a name: whoever creates it gives the id beside it.
pub fn item(item: &Item) -> survey::Item {
    let kind = match item.kind {
        ItemKind::Rank => survey::ItemKind::Rank,
        ItemKind::Vote => survey::ItemKind::Vote,
        ItemKind::Pair => survey::ItemKind::Pair,
        ItemKind::Approve => survey::ItemKind::Approve,
        ItemKind::Choose => survey::ItemKind::Choose,
        ItemKind::Scale => survey::ItemKind::Scale,
        ItemKind::Rubric => survey::ItemKind::Rubric,
        ItemKind::Text => survey::ItemKind::Text,
    };
    let candidate = |c: &Candidate| survey::Candidate { id: c.id.clone(), text: c.text.clone() };
    survey::Item {
        name: String::new(),
        kind: kind.into(),
        prompt: item.prompt.clone(),
        candidates: item.candidates.iter().map(candidate).collect(),
        clauses: item.clauses.clone(),
        about: item.about.clone().unwrap_or_default(),
        scale: item.scale.map(|range| survey::ScaleRange { min: range.min, max: range.max }),
        required: item.required,
    }
}

/// An answer to `item` that fits it.
pub fn answer(
    item: &Item,
    view: View,
    answer: &Answer,
    rationale: Option<&str>,
    duration_ms: Option<u32>,
    weight: Option<f64>,
) -> response::Answer {
    let view = match view {
        View::Personal => response::View::Personal,
        View::World => response::View::World,
    };
    response::Answer {
        item: item.id.clone(),
        view: view.into(),
        value: Some(value(item, answer)),
        rationale: rationale.unwrap_or_default().to_owned(),
        duration_ms: duration_ms.unwrap_or(0),
        weight,
    }
}

fn value(item: &Item, answer: &Answer) -> Value {
    match answer {
        Answer::Rank { unacceptable, .. } => Value::Ranking(Ranking {
            order: answer.text(item),
            unacceptable: unacceptable.as_ref().map(|flags| flagged(item, flags)),
        }),
        Answer::Vote(vote) => Value::Vote(match vote {
            Vote::Agree => response::Vote::Agree.into(),
            Vote::Disagree => response::Vote::Disagree.into(),
            Vote::Pass => response::Vote::Pass.into(),
        }),
        Answer::Pair(_) => Value::Pair(answer.text(item)),
        Answer::Approve(flags) => Value::Approve(flagged(item, flags)),
        Answer::Choose(_) => Value::Choose(answer.text(item)),
        Answer::Scale(number) => Value::Scale(*number),
        Answer::Rubric(scores) => {
            let given = item.candidates.iter().zip(scores).filter(|(_, score)| **score != NO_SCORE);
            Value::Rubric(Rubric { weights: given.map(|(c, score)| (c.id.clone(), i32::from(*score))).collect() })
        }
        Answer::Text(words) => Value::Text(words.clone()),
    }
}

fn flagged(item: &Item, flags: &[bool]) -> CandidateSet {
    let ids = item.candidates.iter().zip(flags).filter(|(_, flag)| **flag).map(|(c, _)| c.id.clone());
    CandidateSet { candidates: ids.collect() }
}

/// A JSON object as a `Struct`, and anything else as an empty one.
pub fn struct_of(json: &serde_json::Value) -> prost_types::Struct {
    let fields = json.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value_of(value)));
    prost_types::Struct { fields: fields.collect() }
}

fn value_of(json: &serde_json::Value) -> prost_types::Value {
    let kind = match json {
        serde_json::Value::Null => Kind::NullValue(0),
        serde_json::Value::Bool(flag) => Kind::BoolValue(*flag),
        serde_json::Value::Number(number) => Kind::NumberValue(number.as_f64().unwrap_or_default()),
        serde_json::Value::String(text) => Kind::StringValue(text.clone()),
        serde_json::Value::Array(list) => {
            Kind::ListValue(prost_types::ListValue { values: list.iter().map(value_of).collect() })
        }
        serde_json::Value::Object(_) => Kind::StructValue(struct_of(json)),
    };
    prost_types::Value { kind: Some(kind) }
}
