//! Probabilities against those of sortition-algorithms 0.12.15 (PyPI) on the pools of `pools`.

mod pools;

use folkmoot_panel::{Method, select};
use pools::{pool, quotas};

fn sorted(people: usize, seats: u32, method: Method) -> Vec<f64> {
    let people = pool(people);
    let mut probabilities = select(&people, &quotas(seats), method).unwrap().probabilities();
    probabilities.sort_by(f64::total_cmp);
    probabilities
}

#[test]
fn leximin_of_40_people_and_10_seats() {
    // find_distribution_leximin(features, people, 10, []) with gurobipy, each person's probability, ascending.
    // Its EPS is set to 1e-7: with its own 5e-4 its probabilities are off by that much.
    let want = [
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.105_263_2,
        0.111_111_1,
        0.111_111_1,
        0.111_111_1,
        0.111_111_1,
        0.111_111_1,
        0.111_111_1,
        0.111_111_1,
        0.111_111_1,
        0.111_111_4,
        0.263_157_9,
        0.263_157_9,
        0.263_157_9,
        0.263_157_9,
        0.263_157_9,
        0.500_000_0,
        0.500_000_0,
        0.789_473_7,
        0.894_736_8,
        1.000_000_0,
        1.000_000_0,
        1.000_000_0,
    ];
    let found = sorted(40, 10, Method::Leximin);
    assert_eq!(found.len(), want.len());
    let farthest = found.iter().zip(want).map(|(found, want)| (found - want).abs()).fold(0.0, f64::max);
    assert!(farthest < 1e-6, "{farthest}: {found:?}");
}

#[test]
fn the_smallest_probability_of_200_people_and_40_seats() {
    // find_distribution_maximin(features, people, 40, []).
    for method in [Method::Maximin, Method::Leximin] {
        let smallest = sorted(200, 40, method)[0];
        assert!((smallest - 0.114_678_899).abs() < 1e-7, "{method:?}: {smallest}");
    }
}
