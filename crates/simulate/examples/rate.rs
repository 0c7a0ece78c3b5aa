//! Makes a round of the real one's shape at a given size and counts what comes out, one participant at
//! a time. Run it under `time -v` to see the rate and the peak memory:
//! `cargo build --release -p folkmoot-simulate --example rate`, then `time -v rate 1000000`.

use folkmoot_core::Item;
use folkmoot_simulate::{Plan, questions_about};

fn main() {
    let participants = std::env::args().nth(1).map_or(20_000, |size| size.parse().expect("a number of participants"));
    let mut items = Vec::new();
    for number in 0..1_078 {
        let item: Item = serde_json::from_value(serde_json::json!({
            "id": format!("prompt-{number}"), "kind": "rank",
            "candidates": [{"id": "A"}, {"id": "B"}, {"id": "C"}, {"id": "D"}],
        }))
        .expect("an item");
        let questions = questions_about(&item);
        items.push(item);
        items.extend(questions);
    }
    let plan = Plan::new(items, participants, 1);
    plan.check().expect("a plan that can be carried out");
    let (mut answers, mut letters) = (0u64, 0u64);
    for participant in plan.participants(0..participants) {
        answers += participant.answers.len() as u64;
        letters += participant.answers.iter().filter_map(|a| a.rationale.as_ref()).map(|r| r.len() as u64).sum::<u64>();
    }
    println!("{participants} simulated participants, {answers} answers, {letters} bytes of rationale");
}
