//! A pool with four attributes, for references and the benchmark.

use folkmoot_panel::{Bounds, Person, Quota, Quotas, Rule};

/// A level with its shares of the pool and of the population, in hundredths.
type Level = (&'static str, u64, u32);

/// Attributes: levels with the pool's and the population's shares in hundredths.
const ATTRIBUTES: [(&str, &[Level]); 4] = [
    ("gender", &[("f", 42, 51), ("m", 58, 49)]),
    ("age", &[("16", 12, 20), ("30", 21, 26), ("45", 29, 26), ("60", 38, 28)]),
    ("education", &[("none", 10, 24), ("some", 30, 36), ("degree", 60, 40)]),
    ("region", &[("n", 20, 17), ("e", 10, 17), ("s", 25, 17), ("w", 15, 17), ("c", 18, 16), ("i", 12, 16)]),
];

/// People whose levels come from a fixed generator (Marsaglia's xorshift).
pub(crate) fn pool(people: usize) -> Vec<Person> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut below_100 = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) % 100
    };
    let mut level = |levels: &[Level]| {
        let mut left = below_100();
        let found = levels.iter().find(|(_, share, _)| {
            let is_here = left < *share;
            left = left.saturating_sub(*share);
            is_here
        });
        found.map_or("", |(level, _, _)| level).to_owned()
    };
    let mut person = |place| {
        let attributes = ATTRIBUTES.iter().map(|(name, levels)| ((*name).to_owned(), level(levels))).collect();
        Person { id: format!("p{place:04}"), attributes }
    };
    (0..people).map(&mut person).collect()
}

/// Each level within a seat of its share of the population.
pub(crate) fn quotas(seats: u32) -> Quotas {
    let bounds = |share: u32| Bounds { min: seats * share / 100, max: (seats * share).div_ceil(100) + 1 };
    let quota = |(name, levels): &(&str, &[Level])| {
        let levels = levels.iter().map(|(level, _, share)| ((*level).to_owned(), bounds(*share)));
        Quota { attribute: (*name).to_owned(), rule: Rule::Bounds(levels.collect()) }
    };
    Quotas { seats, quotas: ATTRIBUTES.iter().map(quota).collect(), household: None }
}
