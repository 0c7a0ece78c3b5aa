//! Our side of raking: a million people on four margins.

mod ours;

use std::path::Path;

use folkmoot_weights::{Attribute, Method, People, Plan, Targets, Weighting};
use ours::{Numbers, measure, write};

const ROWS: usize = 1_000_000;
const LEVELS: [u8; 4] = [5, 4, 6, 10];

fn main() {
    ours::main(&[("raking", raking)]);
}

fn raking(folder: &Path) {
    let mut numbers = Numbers(5);
    // Low levels more often than the targets, which are even.
    let mut column = |levels: u8| -> Vec<u16> {
        let mut one = || numbers.below(u64::from(levels)) as u16;
        (0..ROWS).map(|_| one().min(one())).collect()
    };
    let codes = LEVELS.map(&mut column);
    let base: Vec<f64> = (0..ROWS).map(|_| 0.5 + numbers.share()).collect();
    let share = |levels: u8| 1.0 / f64::from(levels);
    write(folder, "base.f64", base.iter().map(|weight| weight.to_le_bytes()));
    write(folder, "levels.u8", codes.iter().flatten().map(|code| [*code as u8]));
    write(folder, "sizes.u8", LEVELS.iter().map(|levels| [*levels]));
    let shares = LEVELS.iter().flat_map(|&levels| (0..levels).map(move |_| share(levels)));
    write(folder, "shares.f64", shares.map(f64::to_le_bytes));

    let names = ["a", "b", "c", "d"];
    let levels = LEVELS.map(|levels| (0..levels).map(|level| level.to_string()).collect::<Vec<_>>());
    let attribute = |at: usize| Attribute { name: names[at], levels: &levels[at], codes: &codes[at] };
    let people = People { base: Some(&base), attributes: (0..4).map(attribute).collect() };
    let margin = |at: usize| levels[at].iter().map(|level| (level.clone(), share(LEVELS[at]))).collect();
    let margins = (0..4).map(|at| (names[at].to_owned(), margin(at))).collect();
    let targets = Targets { margins, ..Targets::default() };
    let weighting = Weighting::new(Method::Rake);
    let fit = || {
        let plan = Plan::new(&people, &targets, &weighting).expect("targets and people go together");
        plan.fit(None).expect("the targets can be met").weights
    };
    measure(fit, |weights| {
        let sum: f64 = weights.iter().sum();
        let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
        vec![("first", weights[0]), ("last", weights[ROWS - 1]), ("deff", ROWS as f64 * squares / (sum * sum))]
    });
}
