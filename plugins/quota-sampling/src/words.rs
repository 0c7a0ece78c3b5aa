//! Numbers and lists as they stand in notes and errors.

/// A share as per cent with one digit: `12.3 %`; smaller ones as they are.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent != 0.0 && percent.abs() < 0.05 { format!("{percent:.1e} %") } else { format!("{percent:.1} %") }
}

/// `1 participant`, `2 participants`.
pub(crate) fn participants(count: u64) -> String {
    if count == 1 { "1 participant".to_owned() } else { format!("{count} participants") }
}

/// `a`, `a or b`, `a, b or c`.
pub(crate) fn list(words: &[String], between: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} {between} {last}", first.join(", ")),
    }
}
