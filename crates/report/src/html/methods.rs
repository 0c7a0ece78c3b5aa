//! What the methods behind the results are for, in their authors' words.

use super::parts::section;
use crate::{
    model::{MethodView, Page},
    text::{escape, short},
};

/// Most methods on a page.
const MAX_METHODS: usize = 60;

/// Longest answer to a question about a method, in characters.
const MAX_WORDS: usize = 2000;

/// What each method answers and assumes, when to take another, and where it is from.
pub(super) fn methods(page: &Page) -> String {
    if page.methods.is_empty() {
        return String::new();
    }
    let all: String = page.methods.iter().take(MAX_METHODS).map(method).collect();
    let more = match page.methods.len().saturating_sub(MAX_METHODS) {
        0 => String::new(),
        more => format!("<p class=\"small soft\">{more} more methods are in the release’s manifest.</p>\n"),
    };
    section("methods", "What the methods can say and what they cannot", &(all + &more))
}

fn method(method: &MethodView) -> String {
    let MethodView { id, version, title, answers, assumes, avoid_when, source } = method;
    let title = if title.trim().is_empty() { id } else { title };
    let questions = [
        ("What it answers", answers),
        ("What it assumes", assumes),
        ("When to take another", avoid_when),
        ("Where it is from", source),
    ];
    let told = questions.iter().filter(|(_, words)| !words.trim().is_empty());
    let list: String = told
        .map(|(question, words)| {
            format!("<dt>{question}</dt><dd dir=\"auto\">{}</dd>\n", escape(&short(words, MAX_WORDS)))
        })
        .collect();
    format!(
        "<details class=\"box\"><summary><bdi>{}</bdi> <code>{} {}</code></summary>\n<dl>\n{list}</dl>\n</details>\n",
        escape(&short(title, MAX_WORDS)),
        escape(id),
        escape(version)
    )
}
