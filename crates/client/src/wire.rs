//! Folkmoot's own types in their wire form, for whoever sends and asks.

use folkmoot_core::answer::{NO_SCORE, View, Vote};
use folkmoot_core::item::ScaleRange;
use folkmoot_core::{Answer, Candidate, Fault, Item, ItemKind};
use folkmoot_proto::response::{self, CandidateSet, Ranking, Rubric, answer::Value};
use folkmoot_proto::survey;
use prost_types::value::Kind;

/// An item, without a name: whoever creates it gives the id beside it. Its position goes to the spec.
pub fn item(item: &Item) -> survey::Item {
    let candidate = |c: &Candidate| survey::Candidate { id: c.id.clone(), text: c.text.clone() };
    survey::Item {
        name: String::new(),
        kind: kind(item.kind).into(),
        prompt: item.prompt.clone(),
        candidates: item.candidates.iter().map(candidate).collect(),
        clauses: item.clauses.clone(),
        about: item.about.clone().unwrap_or_default(),
        scale: item.scale.map(|range| survey::ScaleRange { min: range.min, max: range.max }),
        required: item.required,
    }
}

/// A round's item as it was created; it has no position.
///
/// # Errors
/// An item of a kind that this build does not know.
pub fn item_of(wire: survey::Item) -> Result<Item, Fault> {
    let Some((_, id)) = wire.name.split_once("/items/") else {
        return Err(Fault::internal(format!("{:?} is no item's name", wire.name)));
    };
    let known = ItemKind::ALL.into_iter().find(|known| kind(*known) == wire.kind());
    Ok(Item {
        id: id.to_owned(),
        kind: known.ok_or_else(|| Fault::internal(format!("the item's kind is {}", wire.kind().as_str_name())))?,
        prompt: wire.prompt,
        candidates: wire.candidates.into_iter().map(|c| Candidate { id: c.id, text: c.text }).collect(),
        clauses: wire.clauses,
        position: None,
        about: Some(wire.about).filter(|about| !about.is_empty()),
        scale: wire.scale.map(|range| ScaleRange { min: range.min, max: range.max }),
        required: wire.required,
    })
}

fn kind(kind: ItemKind) -> survey::ItemKind {
    match kind {
        ItemKind::Rank => survey::ItemKind::Rank,
        ItemKind::Vote => survey::ItemKind::Vote,
        ItemKind::Pair => survey::ItemKind::Pair,
        ItemKind::Approve => survey::ItemKind::Approve,
        ItemKind::Choose => survey::ItemKind::Choose,
        ItemKind::Scale => survey::ItemKind::Scale,
        ItemKind::Rubric => survey::ItemKind::Rubric,
        ItemKind::Text => survey::ItemKind::Text,
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn sample(kind: ItemKind) -> Item {
        let ids: &[&str] = match kind {
            ItemKind::Pair => &["A", "B"],
            ItemKind::Rank | ItemKind::Approve | ItemKind::Choose | ItemKind::Rubric => &["A", "B", "C"],
            ItemKind::Vote | ItemKind::Scale | ItemKind::Text => &[],
        };
        let candidates = ids.iter().map(|id| serde_json::json!({"id": id})).collect::<Vec<_>>();
        serde_json::from_value(serde_json::json!({"id": "q/x", "about": "q", "kind": kind, "candidates": candidates}))
            .unwrap()
    }

    #[test]
    fn items_come_back_from_the_wire_as_they_went() {
        for kind in ItemKind::ALL {
            let mut sent = sample(kind);
            sent.scale = (kind == ItemKind::Scale).then_some(ScaleRange { min: 1.0, max: 5.0 });
            let wire = survey::Item { name: "rounds/r/items/q/x".into(), ..super::item(&sent) };
            assert_eq!(item_of(wire).unwrap(), sent);
        }
    }

    #[test]
    fn answers_keep_their_meaning_on_the_wire() {
        let check = |kind: ItemKind, text: &str, unacceptable: Option<&str>, want: Value| {
            let item = sample(kind);
            let answer = Answer::parse(&item, text, unacceptable).unwrap();
            assert_eq!(super::answer(&item, View::World, &answer, None, None, None).value, Some(want), "{text}");
        };
        let set = |ids: &[&str]| response::CandidateSet { candidates: ids.iter().map(|id| (*id).to_owned()).collect() };
        let ranking = |order: &str, unacceptable| response::Ranking { order: order.into(), unacceptable };
        check(ItemKind::Rank, "B>A -C", None, Value::Ranking(ranking("B>A -C", None)));
        check(ItemKind::Rank, "B>A=C", Some(""), Value::Ranking(ranking("B>A=C", Some(set(&[])))));
        check(ItemKind::Rank, "B>A=C", Some("C"), Value::Ranking(ranking("B>A=C", Some(set(&["C"])))));
        check(ItemKind::Vote, "disagree", None, Value::Vote(response::Vote::Disagree.into()));
        check(ItemKind::Pair, "A=B", None, Value::Pair("A=B".into()));
        check(ItemKind::Approve, "C;A", None, Value::Approve(set(&["A", "C"])));
        check(ItemKind::Choose, "B", None, Value::Choose("B".into()));
        check(ItemKind::Scale, "2.5", None, Value::Scale(2.5));
        let weights = BTreeMap::from([("A".to_owned(), 3), ("C".to_owned(), -10)]);
        check(ItemKind::Rubric, "A:3;C:-10", None, Value::Rubric(response::Rubric { weights }));
        check(ItemKind::Text, "words", None, Value::Text("words".into()));
    }
}
