//! The three questions that the real round asks about every item.

use folkmoot_core::{Candidate, Item, ItemKind};

/// A question, with its options: id, words and share of the answers.
pub(crate) struct Question {
    pub(crate) name: &'static str,
    prompt: &'static str,
    pub(crate) options: &'static [(&'static str, &'static str, f64)],
}

/// Importance is "very important" in half of the real answers. The release's other shares are not in
/// what this project knows of it and are assumptions, as are the words of subjectivity.
pub(crate) const QUESTIONS: [Question; 3] = [
    Question {
        name: "importance",
        prompt: "How important is it that an AI chatbot gets this right?",
        options: &[
            ("not-important", "Not important (no meaningful harm if wrong)", 0.12),
            ("somewhat-important", "Somewhat important (matters in some cases)", 0.38),
            ("very-important", "Very important (serious impact if wrong)", 0.50),
        ],
    },
    Question {
        name: "representativeness",
        prompt: "How likely is it that you would ask an AI chatbot a question like this?",
        options: &[
            ("not-at-all", "It is not at all likely that I would ask a question like this to an AI chatbot.", 0.28),
            ("slightly", "It is slightly likely that I would ask a question like this to an AI chatbot.", 0.22),
            ("moderately", "It is moderately likely that I would ask a question like this to an AI chatbot.", 0.22),
            ("very", "It is very likely that I would ask a question like this to an AI chatbot.", 0.17),
            ("extremely", "It is extremely likely that I would ask a question like this to an AI chatbot.", 0.11),
        ],
    },
    Question {
        name: "subjectivity",
        prompt: "Is there one right way to answer this?",
        options: &[
            ("one-right-answer", "There is one right way to answer.", 0.22),
            ("depends-on-context", "It depends on the context.", 0.33),
            ("depends-on-values", "It depends on one's values.", 0.37),
            ("unsure", "I am unsure.", 0.08),
        ],
    },
];

/// The questions `<item>/importance`, `<item>/representativeness` and `<item>/subjectivity`, each a
/// `choose` item about `item`. The simulator answers them with the real round's shares.
pub fn questions_about(item: &Item) -> Vec<Item> {
    let ask = |question: &Question| Item {
        id: format!("{}/{}", item.id, question.name),
        kind: ItemKind::Choose,
        prompt: question.prompt.to_owned(),
        candidates: question
            .options
            .iter()
            .map(|(id, text, _)| Candidate { id: (*id).to_owned(), text: (*text).to_owned() })
            .collect(),
        clauses: Vec::new(),
        position: None,
        about: Some(item.id.clone()),
        scale: None,
        required: false,
    };
    QUESTIONS.iter().map(ask).collect()
}

/// The question whose name and options `item` has.
pub(crate) fn recognise(item: &Item) -> Option<&'static Question> {
    let (_, name) = item.id.rsplit_once('/')?;
    let question = QUESTIONS.iter().find(|question| question.name == name)?;
    let same = item.kind == ItemKind::Choose
        && item.candidates.iter().map(|c| c.id.as_str()).eq(question.options.iter().map(|(id, ..)| *id));
    same.then_some(question)
}
