//! How often the method `disagreement` finds something where there is nothing, and how often it finds
//! what there is. `cargo xtask calibrate` runs it and writes `docs/calibration.md`; it fails where rounds
//! without any disagreement have a finding too often.

mod judge;
mod null;
mod page;
mod power;
mod round;

use std::process::ExitCode;

/// Largest share of rounds without disagreement that may have a finding.
const TOLERATED: f64 = 0.10;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let rounds = arguments.next().map_or(1_000, |count| count.parse().expect("a number of rounds"));
    let nulls: Vec<_> = null::scenarios().iter().map(|scenario| null::run(scenario, rounds)).collect();
    let powers = power::run(rounds.div_ceil(5));
    let page = page::page(rounds, &nulls, &powers);
    println!("{page}");
    if let Some(file) = arguments.next() {
        std::fs::write(&file, page).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    let worst = nulls.iter().map(|null| null.found.share()).fold(0.0, f64::max);
    if worst > TOLERATED {
        eprintln!("calibrate: a finding in {:.1} % of rounds without any", 100.0 * worst);
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
