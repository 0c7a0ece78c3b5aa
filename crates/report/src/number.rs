//! Numbers in words: one way to write each [`Unit`], wherever it is read.

use folkmoot_methods::report::{Cell, Unit};

use crate::text;

/// What stands where nothing is known.
pub const UNKNOWN: &str = "–";

/// What stands where a figure rests on too few answers to be told.
pub const SUPPRESSED: &str = "suppressed";

/// From here on, numbers with a fraction are written with their power of ten.
const LARGEST_WRITTEN_OUT: f64 = 1e15;

/// Larger shares, which no method means, would be infinitely many per cent.
const LARGEST_SHARE: f64 = 1e300;

/// A cell as people read it. Text comes back [`visible`](text::visible), not yet escaped for HTML.
pub fn cell(cell: &Cell, unit: Unit) -> String {
    match cell {
        Cell::Null => UNKNOWN.to_owned(),
        Cell::Suppressed(_) => SUPPRESSED.to_owned(),
        Cell::Bool(true) => "yes".to_owned(),
        Cell::Bool(false) => "no".to_owned(),
        Cell::Text(words) => text::visible(words),
        Cell::Int(n) if unit != Unit::Share => grouped(*n),
        Cell::Int(n) => number(*n as f64, unit),
        Cell::Float(x) => number(*x, unit),
    }
}

/// A number in its unit: `62 %`, `+0.42`, `1,204`, `p < 0.001` without the `p`.
pub fn number(x: f64, unit: Unit) -> String {
    if !x.is_finite() {
        return UNKNOWN.to_owned();
    }
    match unit {
        Unit::Share => format!("{} %", percent(x)),
        Unit::Correlation => signed(x),
        Unit::PValue if x < 0.001 => "< 0.001".to_owned(),
        Unit::PValue => fixed(x, 3),
        Unit::Rank => fixed(x, 2),
        Unit::Count | Unit::Weight if x.fract() == 0.0 => fixed(x, 0),
        Unit::Count | Unit::Weight if x.abs() < 10.0 => fixed(x, 2),
        Unit::Count | Unit::Weight => fixed(x, 1),
        Unit::Score | Unit::None => significant(x),
    }
}

/// An interval in its unit: `58 to 66 %`, `+0.10 to +0.31`.
pub fn interval(low: f64, high: f64, unit: Unit) -> String {
    match unit {
        Unit::Share => format!("{} to {} %", percent(low), percent(high)),
        _ => format!("{} to {}", number(low, unit), number(high, unit)),
    }
}

/// A whole number with commas between its thousands.
pub fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if n < 0 { format!("−{out}") } else { out }
}

/// Whole per cent; a share that is not nothing or all never reads as if it were.
fn percent(share: f64) -> String {
    let percent = (share.clamp(-LARGEST_SHARE, LARGEST_SHARE) * 100.0).round();
    if share > 0.0 && percent == 0.0 {
        return "<1".to_owned();
    }
    if share < 0.0 && percent == 0.0 {
        return ">−1".to_owned();
    }
    if share < 1.0 && percent == 100.0 {
        return ">99".to_owned();
    }
    fixed(percent, 0)
}

fn signed(x: f64) -> String {
    let words = fixed(x, 2);
    if x > 0.0 && words != "0.00" { format!("+{words}") } else { words }
}

/// Three significant digits at most, trailing zeros dropped.
fn significant(x: f64) -> String {
    if x != 0.0 && x.abs() < 0.001 {
        return power(x);
    }
    let decimals = match x.abs() {
        a if a >= 100.0 => 0,
        a if a >= 10.0 => 1,
        a if a >= 1.0 => 2,
        _ => 3,
    };
    let words = fixed(x, decimals);
    if !words.contains('.') {
        return words;
    }
    words.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A number too large or too small for its digits to be counted, such as `1.2e−7`.
fn power(x: f64) -> String {
    format!("{x:.1e}").replace(".0e", "e").replace('-', "−")
}

/// `decimals` places, thousands set apart, a true minus sign, no negative nothing.
fn fixed(x: f64, decimals: usize) -> String {
    if x.abs() >= LARGEST_WRITTEN_OUT {
        return power(x);
    }
    let plain = format!("{:.decimals$}", x.abs());
    let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), None), |(w, f)| (w, Some(f)));
    let whole = whole.parse::<i64>().map_or_else(|_| whole.to_owned(), grouped);
    let words = fraction.map_or_else(|| whole.clone(), |fraction| format!("{whole}.{fraction}"));
    let is_nothing = !words.chars().any(|c| c.is_ascii_digit() && c != '0');
    if x < 0.0 && !is_nothing { format!("−{words}") } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_reads_as_its_own() {
        let check = |value: Cell, unit: Unit, want: &str| assert_eq!(cell(&value, unit), want, "{value:?} {unit:?}");
        check(Cell::Null, Unit::Share, "–");
        check(Cell::SUPPRESSED, Unit::Share, "suppressed");
        check(Cell::Bool(true), Unit::None, "yes");
        check(Cell::Text("a\u{202e}b".into()), Unit::None, "a⟨U+202E⟩b");
        check(Cell::Float(0.62), Unit::Share, "62 %");
        check(Cell::Int(1), Unit::Share, "100 %");
        check(Cell::Float(0.0), Unit::Share, "0 %");
        check(Cell::Float(0.001), Unit::Share, "<1 %");
        check(Cell::Float(-0.001), Unit::Share, ">−1 %");
        check(Cell::Float(0.999), Unit::Share, ">99 %");
        check(Cell::Float(-0.25), Unit::Share, "−25 %");
        check(Cell::Float(0.421), Unit::Correlation, "+0.42");
        check(Cell::Float(-0.421), Unit::Correlation, "−0.42");
        check(Cell::Float(-0.001), Unit::Correlation, "0.00");
        check(Cell::Int(1_234_567), Unit::Count, "1,234,567");
        check(Cell::Int(-1200), Unit::Count, "−1,200");
        check(Cell::Float(1204.0), Unit::Count, "1,204");
        check(Cell::Float(361.44), Unit::Weight, "361.4");
        check(Cell::Float(0.864), Unit::Weight, "0.86");
        check(Cell::Float(2.145), Unit::Rank, "2.15");
        check(Cell::Float(12.345), Unit::Score, "12.3");
        check(Cell::Float(0.5), Unit::Score, "0.5");
        check(Cell::Float(-0.000_12), Unit::Score, "−1.2e−4");
        check(Cell::Float(2e-9), Unit::None, "2e−9");
        check(Cell::Float(1.26e30), Unit::Weight, "1.3e30");
        check(Cell::Float(f64::MIN), Unit::Share, "−1e302 %");
        check(Cell::Int(i64::MIN), Unit::Count, "−9,223,372,036,854,775,808");
        check(Cell::Float(0.000_2), Unit::PValue, "< 0.001");
        check(Cell::Float(0.04), Unit::PValue, "0.040");
        check(Cell::Float(f64::NAN), Unit::Score, "–");
    }

    #[test]
    fn intervals_name_their_unit_once() {
        let check = |low, high, unit, want: &str| assert_eq!(interval(low, high, unit), want);
        check(0.58, 0.66, Unit::Share, "58 to 66 %");
        check(-0.1, 0.31, Unit::Correlation, "−0.10 to +0.31");
        check(1.2, 1.45, Unit::Rank, "1.20 to 1.45");
    }
}
