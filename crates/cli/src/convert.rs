//! Items and answers between files and the wire.

use std::collections::BTreeMap;

use folkmoot_core::answer::NO_SCORE;
use folkmoot_core::item::ScaleRange;
use folkmoot_core::{Answer, Candidate, Fault, Item, ItemKind, View, Vote};
use folkmoot_proto::response::answer::Value;
use folkmoot_proto::{response, survey};

/// An item as a round takes it; its position goes to the spec.
pub(crate) fn item_to_wire(item: &Item) -> survey::Item {
    let candidate = |c: &Candidate| survey::Candidate { id: c.id.clone(), text: c.text.clone() };
    survey::Item {
        name: String::new(),
        kind: kind_to_wire(item.kind).into(),
        prompt: item.prompt.clone(),
        candidates: item.candidates.iter().map(candidate).collect(),
        clauses: item.clauses.clone(),
        about: item.about.clone().unwrap_or_default(),
        scale: item.scale.map(|range| survey::ScaleRange { min: range.min, max: range.max }),
        required: item.required,
    }
}

/// A round's item.
pub(crate) fn item_from_wire(item: survey::Item) -> Result<Item, Fault> {
    let Some((_, id)) = item.name.split_once("/items/") else {
        return Err(Fault::internal(format!("{:?} is no item's name", item.name)));
    };
    Ok(Item {
        id: id.to_owned(),
        kind: kind_from_wire(item.kind())?,
        prompt: item.prompt,
        candidates: item.candidates.into_iter().map(|c| Candidate { id: c.id, text: c.text }).collect(),
        clauses: item.clauses,
        position: None,
        about: Some(item.about).filter(|about| !about.is_empty()),
        scale: item.scale.map(|range| ScaleRange { min: range.min, max: range.max }),
        required: item.required,
    })
}

fn kind_to_wire(kind: ItemKind) -> survey::ItemKind {
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

fn kind_from_wire(kind: survey::ItemKind) -> Result<ItemKind, Fault> {
    ItemKind::ALL
        .into_iter()
        .find(|known| kind_to_wire(*known) == kind)
        .ok_or_else(|| Fault::internal(format!("the item's kind is {}", kind.as_str_name())))
}

/// An answer to `item` as it is submitted.
pub(crate) fn answer_to_wire(item: &Item, view: View, answer: &Answer) -> response::Answer {
    let view = match view {
        View::Personal => response::View::Personal,
        View::World => response::View::World,
    };
    let value = match answer {
        Answer::Rank { unacceptable, .. } => Value::Ranking(response::Ranking {
            order: answer.text(item),
            unacceptable: unacceptable.as_ref().map(|flags| flagged(item, flags)),
        }),
        Answer::Vote(vote) => Value::Vote(vote_to_wire(*vote).into()),
        Answer::Pair(_) => Value::Pair(answer.text(item)),
        Answer::Approve(flags) => Value::Approve(flagged(item, flags)),
        Answer::Choose(_) => Value::Choose(answer.text(item)),
        Answer::Scale(number) => Value::Scale(*number),
        Answer::Rubric(weights) => Value::Rubric(response::Rubric { weights: weights_of(item, weights) }),
        Answer::Text(words) => Value::Text(words.clone()),
    };
    response::Answer { item: item.id.clone(), view: view.into(), value: Some(value), ..Default::default() }
}

fn vote_to_wire(vote: Vote) -> response::Vote {
    match vote {
        Vote::Agree => response::Vote::Agree,
        Vote::Disagree => response::Vote::Disagree,
        Vote::Pass => response::Vote::Pass,
    }
}

fn flagged(item: &Item, flags: &[bool]) -> response::CandidateSet {
    let chosen = item.candidates.iter().zip(flags).filter(|(_, flag)| **flag);
    response::CandidateSet { candidates: chosen.map(|(candidate, _)| candidate.id.clone()).collect() }
}

fn weights_of(item: &Item, weights: &[i8]) -> BTreeMap<String, i32> {
    let given = item.candidates.iter().zip(weights).filter(|(_, weight)| **weight != NO_SCORE);
    given.map(|(candidate, weight)| (candidate.id.clone(), i32::from(*weight))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: ItemKind) -> Item {
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
            let mut sent = item(kind);
            sent.scale = (kind == ItemKind::Scale).then_some(ScaleRange { min: 1.0, max: 5.0 });
            let wire = survey::Item { name: "rounds/r/items/q/x".into(), ..item_to_wire(&sent) };
            assert_eq!(item_from_wire(wire).unwrap(), sent);
        }
    }

    #[test]
    fn answers_keep_their_meaning_on_the_wire() {
        let check = |kind: ItemKind, text: &str, unacceptable: Option<&str>, want: Value| {
            let item = item(kind);
            let answer = Answer::parse(&item, text, unacceptable).unwrap();
            assert_eq!(answer_to_wire(&item, View::World, &answer).value, Some(want), "{text}");
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
