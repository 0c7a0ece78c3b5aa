//! How the demo talks: numbered steps in plain words, on stdout.

use std::io::IsTerminal as _;

/// The headline of a step, and why it is taken.
pub(super) fn step(number: usize, title: &str, why: &str) {
    println!("\n{} {}", strong(&format!("{number:>2}.")), strong(title));
    line(why);
}

/// A sentence under the current step.
pub(super) fn line(text: &str) {
    println!("    {text}");
}

/// A labelled fact under the current step.
pub(super) fn result(label: &str, text: &str) {
    println!("    {label:<12} {text}");
}

fn strong(text: &str) -> String {
    let plain = std::env::var_os("NO_COLOR").is_some() || !std::io::stdout().is_terminal();
    if plain { text.to_owned() } else { format!("\x1b[1m{text}\x1b[0m") }
}
