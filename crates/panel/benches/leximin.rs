//! How long exact leximin takes on a pool with four attributes, for 200 and for 2,000 people. The peer,
//! maximin of sortition-algorithms, takes the same pool from the same generator: seed and order as here.

#[path = "../tests/pools/mod.rs"]
mod pools;

use std::time::Instant;

use folkmoot_panel::{Method, select};
use pools::{pool, quotas};

#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn main() {
    for (people, seats) in [(200, 40), (2000, 100)] {
        let people = pool(people);
        for method in [Method::Leximin, Method::Maximin, Method::Nash] {
            let start = Instant::now();
            match select(&people, &quotas(seats), method) {
                Ok(selection) => {
                    let smallest = selection.probabilities().into_iter().fold(1.0, f64::min);
                    let (types, panels) = (selection.types().count(), selection.lottery().len());
                    println!(
                        "{:>8} {:>5} people, {types} types, {seats} seats: {:?}, {panels} panels, smallest {smallest:.9}",
                        method.name(),
                        people.len(),
                        start.elapsed()
                    );
                }
                Err(error) => println!("{:>8} {:>5} people: {error}", method.name(), people.len()),
            }
        }
    }
}
