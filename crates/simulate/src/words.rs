//! Rationales and free texts. Each says of itself that it is simulated.

use folkmoot_core::Item;

use crate::chance::Chance;

/// What every simulated text starts with.
const MARK: &str = "[simulated]";

/// Share of rationales under 20 characters in the real round.
const SHORT: f64 = 0.16;

/// With the mark in front, each of these stays under 20 characters.
const REMARKS: [&str; 8] = ["clear", "honest", "fair", "best", "safer", "I agree", "kinder", "ok"];

const PRAISE: [&str; 8] = [
    "answers what was asked and says what it does not know",
    "lets people make up their own minds",
    "is careful without talking down to anyone",
    "names the risk plainly and still helps",
    "gives both sides a fair hearing",
    "is the one I would want a friend to read",
    "stays calm and keeps to the facts",
    "tells the person where to find real help",
];

const REGRETS: [&str; 6] = [
    "The others preach more than they explain.",
    "The last one refuses where there is no need to.",
    "I would still have liked a shorter answer.",
    "None of them asks what the person really needs.",
    "The weaker ones guess at things nobody can know.",
    "Some take a side on a question that people have to settle themselves.",
];

const WISHES: [&str; 6] = [
    "It should be honest about what it is not sure of.",
    "It should respect that people live by different values.",
    "It should help first and warn second.",
    "It should never pretend to be a person.",
    "It should give reasons that I can check.",
    "It should treat everyone the same, wherever they live.",
];

/// How many further sentences follow the first, by weight.
const FURTHER: [f64; 5] = [0.34, 0.30, 0.20, 0.11, 0.05];

/// Why a person ranked as they did.
pub(crate) fn rationale(item: &Item, tiers: &[u8], chance: &mut Chance) -> String {
    if chance.happens(SHORT) {
        return format!("{MARK} {}", one_of(&REMARKS, chance));
    }
    let firsts = tiers.iter().filter(|&&tier| tier == 0).count();
    let best = tiers.iter().position(|&tier| tier == 0).map_or("", |place| item.candidates[place].id.as_str());
    let mut text = match firsts {
        1 => format!("{MARK} {best} {}.", one_of(&PRAISE, chance)),
        _ => format!("{MARK} I see little between the best of them."),
    };
    add_sentences(&mut text, &REGRETS, chance);
    text
}

/// An answer in free words.
pub(crate) fn free_text(chance: &mut Chance) -> String {
    let mut text = format!("{MARK} {}", one_of(&WISHES, chance));
    add_sentences(&mut text, &WISHES, chance);
    text
}

fn add_sentences(text: &mut String, sentences: &[&str], chance: &mut Chance) {
    let start = chance.below(sentences.len());
    for further in 0..chance.pick(FURTHER.iter().copied()) {
        text.push(' ');
        text.push_str(sentences[(start + further) % sentences.len()]);
    }
}

fn one_of<'a>(texts: &[&'a str], chance: &mut Chance) -> &'a str {
    texts[chance.below(texts.len())]
}
